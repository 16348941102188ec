"""Request bodies: `in: body` and `in: formData` become one body with one media type."""

from __future__ import annotations

from typing import Any

from ayx_spec.convert.media_types import (
    FORM,
    JSON,
    MULTIPART,
    OCTET_STREAM,
    base_type,
    is_json,
    media_types_of_bytes,
    others,
    preferred,
)
from ayx_spec.convert.notes import Notes
from ayx_spec.convert.parameters import QUERY_STYLES, SCHEMA_KEYS, Placed
from ayx_spec.convert.schemas import SchemaConverter

__all__ = ["body_from_parameters", "with_one_media_type"]


def body_from_parameters(
    parameters: list[Placed], consumes: list[str], schemas: SchemaConverter, notes: Notes, steps: tuple[str, ...]
) -> dict[str, Any] | None:
    """Return the Request Body Object that the `body` or `formData` parameters of an operation describe.

    Two bodies, or a body and a form, exclude each other in Swagger 2.0 (Parameter Object): they become the members of
    one, because that is what the documents mean that have them.
    """
    bodies = [placed for placed in parameters if placed[0]["in"] == "body"]
    parts = [placed for placed in parameters if placed[0]["in"] == "formData"]
    if parts:
        for _, place in bodies:
            notes.warning(place, "repaired: a body beside a form is a part of it")
        return _form(bodies + parts, consumes, schemas, notes, steps)
    if len(bodies) > 1:
        notes.warning(steps, "repaired: several bodies are the members of one")
        return _body(_joined(bodies), consumes, schemas, notes, steps)
    return _body(bodies[0], consumes, schemas, notes, steps) if bodies else None


def _joined(bodies: list[Placed]) -> Placed:
    """Return one body parameter whose members are several ones."""
    members = {parameter["name"]: _body_schema(parameter) for parameter, _ in bodies}
    required = [parameter["name"] for parameter, _ in bodies if parameter.get("required")]
    schema = {"type": "object", "properties": members} | ({"required": required} if required else {})
    return {"name": "body", "in": "body", "required": bool(required), "schema": schema}, bodies[0][1]


def _body_schema(parameter: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of a body; some documents describe it like any other parameter."""
    schema: dict[str, Any] = parameter.get("schema") or {key: parameter[key] for key in SCHEMA_KEYS if key in parameter}
    return schema


def _body(
    placed: Placed, consumes: list[str], schemas: SchemaConverter, notes: Notes, steps: tuple[str, ...]
) -> dict[str, Any]:
    """A body parameter: its schema under one media type; its name survives as `x-body-name`."""
    parameter, place = placed
    schema = schemas.convert(_body_schema(parameter), *place, "schema")
    body: dict[str, Any] = {"x-body-name": parameter["name"]}
    if parameter.get("description"):
        body["description"] = parameter["description"]
    content = {media_type: {"schema": schema} for media_type in consumes or [JSON]}
    body |= {"required": parameter.get("required", False), "content": content}
    return with_one_media_type(body, notes, steps)


def _form(
    parts: list[Placed], consumes: list[str], schemas: SchemaConverter, notes: Notes, steps: tuple[str, ...]
) -> dict[str, Any]:
    """All parts of a form are one object; a file or a multipart type among `consumes` makes it multipart."""
    properties: dict[str, Any] = {}
    for parameter, place in parts:
        schema = schemas.convert(_body_schema(parameter), *place)
        description = parameter.get("description")
        if description and "$ref" in schema:
            schema = {"allOf": [schema]}
        properties[parameter["name"]] = {"description": description, **schema} if description else schema
    required = [parameter["name"] for parameter, _ in parts if parameter.get("required")]
    types = [base_type(media_type) for media_type in consumes]
    has_file = any(_holds_file(schema) for schema in properties.values())
    # `application/form-data` is no media type; the Server means multipart (it answers 415 to the literal value).
    beside_body = any(parameter["in"] == "body" for parameter, _ in parts)
    like_form_data = FORM not in types and any("form-data" in name for name in types)
    multipart = has_file or beside_body or MULTIPART in types or like_form_data
    kept = MULTIPART if multipart else FORM
    if types and kept not in types:
        notes.warning(steps, f"repaired the media type of the form: {kept} instead of {', '.join(types)}")
    form: dict[str, Any] = {"type": "object", "properties": properties}
    if required:
        form["required"] = required
    encoding = {} if multipart else {parameter["name"]: _encoding(parameter) for parameter, _ in parts}
    encoding = {name: value for name, value in encoding.items() if value}
    media_type = {"schema": form} | ({"encoding": encoding} if encoding else {})
    return {"required": bool(required), "content": {kept: media_type}}


def _encoding(parameter: dict[str, Any]) -> dict[str, Any]:
    """Return how a list is one text in a form (Encoding Object); nothing for what is no list or a field an element."""
    style = QUERY_STYLES.get(parameter.get("collectionFormat", "csv"))
    if parameter.get("type") != "array" or style is None or style[1]:
        return {}
    return {"style": style[0], "explode": style[1]}


def _holds_file(schema: dict[str, Any]) -> bool:
    return schema.get("format") == "binary" or schema.get("items", {}).get("format") == "binary"


def with_one_media_type(body: dict[str, Any], notes: Notes, steps: tuple[str, ...]) -> dict[str, Any]:
    """Keep one media type of a body: with several, the generated function would send the last one that fits."""
    content = body.get("content") or {}
    if not content:
        notes.warning(steps, "dropped a request body without a media type")
        return {}
    kept = _body_type(content)
    source = next((name for name in content if base_type(name) == kept), next(iter(content)))
    dropped = others(content, kept)
    if dropped:
        notes.info(steps, f"kept {kept} for the request body, dropped {', '.join(dropped)}")
    schema = content[source].get("schema", {})
    if kept == OCTET_STREAM:
        schema = {"type": "string", "format": "binary"}
    media_type = {
        key: value for key, value in content[source].items() if key != "encoding" or kept in (MULTIPART, FORM)
    }
    return {**body, "content": {kept: {**media_type, "schema": schema}}, **media_types_of_bytes(content, kept)}


def _body_type(content: dict[str, Any]) -> str:
    """Return the media type to send: JSON, else a form, else bytes."""
    names = [base_type(name) for name in content]
    if any(is_json(name) for name in names):
        return preferred(names)
    for wanted in (MULTIPART, FORM):
        if wanted in names:
            return wanted
    described = any({"$ref", "properties", "allOf"} & set(value.get("schema", {})) for value in content.values())
    return JSON if described else OCTET_STREAM

"""Responses: one media type per answer, downloads typed as bytes, headers with schemas."""

from __future__ import annotations

import re
from typing import Any

from ayx_spec.convert.media_types import JSON, OCTET_STREAM, base_type, is_json, media_types_of_bytes, others, preferred
from ayx_spec.convert.notes import Notes
from ayx_spec.convert.parameters import parameter_schema
from ayx_spec.convert.schemas import SchemaConverter

__all__ = ["convert_header", "convert_response", "status_codes", "with_one_media_type"]

_STATUS = re.compile(r"[1-5](?:\d\d|XX)|default")
_NO_CONTENT = ("204", "205", "304")
_BINARY: dict[str, Any] = {"type": "string", "format": "binary"}


def status_codes(found: dict[str, Any], notes: Notes, steps: tuple[str, ...]) -> dict[str, str]:
    """Return for each answer the status it is listed under (Responses Object): a code, a range of codes or `default`.

    What is no status is the one that it is written like (`2xx`, `200 OK`), else `default`, else kept as an extension.
    """
    codes = {code: code for code in found if _STATUS.fullmatch(code)}
    for code in found:
        if code in codes or code.startswith("x-"):
            continue
        like = re.match(r"\s*([1-5](?:\d\d|xx))\b", code, re.IGNORECASE)
        candidates = ([like[1].upper()] if like else []) + ["default"]
        unused = [candidate for candidate in candidates if candidate not in codes.values()]
        codes[code] = unused[0] if unused else f"x-{re.sub('[^A-Za-z0-9._-]+', '-', code)}"
        notes.warning((*steps, code), f"listed as {codes[code]}: {code!r} is no status")
    return codes


def convert_response(
    response: dict[str, Any], produces: list[str], schemas: SchemaConverter, notes: Notes, steps: tuple[str, ...]
) -> dict[str, Any]:
    """Return the OpenAPI 3 response of a Swagger 2.0 response."""
    result: dict[str, Any] = {"description": response.get("description", "")}
    result |= {key: value for key, value in response.items() if key.startswith("x-")}
    headers = {
        name: convert_header(header, schemas, (*steps, "headers", name))
        for name, header in (response.get("headers") or {}).items()
    }
    if headers:
        result["headers"] = headers
    if "schema" in response:
        schema = schemas.convert(response["schema"], *steps, "schema")
        examples = response.get("examples")
        examples = examples if isinstance(examples, dict) else {}
        result["content"] = {
            media_type: {"schema": schema} | ({"example": examples[media_type]} if media_type in examples else {})
            for media_type in produces or [JSON]
        }
    elif response.get("examples"):
        notes.warning(steps, "dropped the examples of an answer that has no schema")
    return with_one_media_type(result, notes, steps)


def convert_header(header: dict[str, Any], schemas: SchemaConverter, steps: tuple[str, ...]) -> dict[str, Any]:
    """A header's type moves into `schema` (Header Object)."""
    if "schema" in header:
        schema = schemas.convert(header["schema"], *steps, "schema")
    else:
        schema = parameter_schema(header, schemas, *steps)
    result: dict[str, Any] = {"schema": schema or {"type": "string"}}
    if header.get("description"):
        result["description"] = header["description"]
    return result


def with_one_media_type(response: dict[str, Any], notes: Notes, steps: tuple[str, ...]) -> dict[str, Any]:
    """Keep one media type of an answer, and no content where the status has none (RFC 9110 section 15)."""
    content = response.get("content")
    result = {key: value for key, value in response.items() if key != "content"}
    if not content:
        return result
    if steps[-1] in _NO_CONTENT:
        notes.warning(steps, f"dropped the content of a {steps[-1]}, which never has any")
        return result
    kept, schema = _choose(content, notes, steps)
    dropped = others(content, kept)
    if dropped:
        notes.info(steps, f"kept {kept} for the answer, dropped {', '.join(dropped)}")
    source = next((value for name, value in content.items() if base_type(name) == kept), next(iter(content.values())))
    return {**result, "content": {kept: {**source, "schema": schema}}, **media_types_of_bytes(content, kept)}


def _choose(content: dict[str, Any], notes: Notes, steps: tuple[str, ...]) -> tuple[str, dict[str, Any]]:
    """Return the media type to read an answer as, and its schema."""
    names = [base_type(name) for name in content]
    kept = preferred(list(content))
    schema = next((value for name, value in content.items() if base_type(name) == kept), next(iter(content.values())))
    schema = schema.get("schema", {})
    if schema.get("format") in ("binary", "byte") and (schema["format"] == "binary" or not is_json(kept)):
        return OCTET_STREAM, {**schema, "format": "binary"}
    if is_json(kept) or kept.startswith("text/"):
        text = schema.get("type", "string") == "string" and not {"$ref", "allOf", "enum"} & set(schema)
        return (kept, schema) if is_json(kept) or text else (JSON, schema)
    if schema.get("type", "string") == "string" and not {"$ref", "allOf", "properties"} & set(schema):
        return OCTET_STREAM, dict(_BINARY)
    notes.warning(steps, f"read as {JSON}, which the Server offers for all its objects, instead of {', '.join(names)}")
    return JSON, schema

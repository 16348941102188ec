"""The document as the generator shall see it: flat, and with every name decided by us.

The generator gives up an operation or a model where two names of the API become one in Python, where a path variable
is no identifier, where `allOf` joins what it cannot join. It therefore gets a document in which every name is the
Python name already, and the names of the API are put back into what it has read (`restoring`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ayx_spec.convert import ClientName, client_names, operations_of
from ayx_spec.convert.paths import TEMPLATE
from ayx_spec.generation.flat_schemas import FlatSchemas
from ayx_spec.generation.headline import headline
from ayx_spec.generation.members import arguments
from ayx_spec.generation.wire_forms import Delimiters, Media, delimiters_of, media_of

__all__ = ["View", "generator_view"]

_FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")
_PLAIN = ("string", "integer", "number", "boolean")
_BYTES = {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}


@dataclass(frozen=True)
class View:
    """A document for the generator.

    Attributes:
        document: OpenAPI 3.0.3, with Python names in place of the API's.
        parameters: For each operation, the names of the API by argument.
        members: For each class, the names of the API by attribute.
        media: For each operation, the media types that the generator does not know.
        delimiters: For each operation, how its lists are sent as one text.
    """

    document: dict[str, Any]
    parameters: dict[ClientName, dict[str, str]]
    members: dict[str, dict[str, str]]
    media: dict[ClientName, Media]
    delimiters: dict[ClientName, Delimiters]


def generator_view(document: dict[str, Any]) -> View:
    """Return a converted document as the generator shall see it; the given one is left alone."""
    schemas = FlatSchemas(document["components"]["schemas"])
    names = client_names(document)
    classes = Counter(
        (names[method.upper(), path].function, step)
        for method, path, operation in operations_of(document["paths"])
        for step in _own_classes(operation)
    )
    paths: dict[str, dict[str, Any]] = {}
    parameters: dict[ClientName, dict[str, str]] = {}
    media: dict[ClientName, Media] = {}
    delimiters: dict[ClientName, Delimiters] = {}
    for method, path, operation in operations_of(document["paths"]):
        name = names[method.upper(), path]
        owner = _Owner(schemas, name, classes)
        view, written = _operation(operation, path, owner, parameters)
        media[name] = media_of(operation)
        delimiters[name] = delimiters_of(operation, list(parameters[name]))
        while method in paths.get(written, {}):  # `/a/{Id}` and `/a/{id}` are two paths
            written, view = _renamed_variable(written, view)
        paths.setdefault(written, {})[method] = view
    info = {key: document["info"][key] for key in ("title", "version")}
    components = {"schemas": schemas.components}
    return View(
        {"openapi": document["openapi"], "info": info, "paths": paths, "components": components},
        parameters,
        schemas.members,
        media,
        delimiters,
    )


class _Owner:
    """An operation as the owner of classes: named after its function, and its tag where other tags have such a one."""

    def __init__(self, schemas: FlatSchemas, name: ClientName, classes: Counter[tuple[str, str]]) -> None:
        self.schemas = schemas
        self.name = name
        self._classes = classes

    def use(self, schema: dict[str, Any], step: str) -> dict[str, Any]:
        """Return what stands in the place of a schema of the operation."""
        ambiguous = self._classes[self.name.function, step] > 1
        return self.schemas.use(schema, self.name.function, f"{self.name.tag}_{step}" if ambiguous else step)


def _own_classes(operation: dict[str, Any]) -> Iterator[str]:
    """Yield the places of an operation whose schemas become classes of its own."""
    for step, schema in _schemas(operation):
        if any("enum" in one or "properties" in one for one in (schema, schema.get("items", {}))):
            yield step


def _schemas(operation: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for parameter in operation.get("parameters", []):
        yield parameter["name"], parameter["schema"]
    holders = {"body": operation.get("requestBody", {})}
    holders |= {
        f"response_{code}": answer for code, answer in operation["responses"].items() if isinstance(answer, dict)
    }
    for step, holder in holders.items():
        for value in holder.get("content", {}).values():
            yield step, value.get("schema", {})


def _operation(
    operation: dict[str, Any], path: str, owner: _Owner, parameters: dict[ClientName, dict[str, str]]
) -> tuple[dict[str, Any], str]:
    """Return an operation and its path, with Python names; those of its parameters are written down."""
    name = owner.name
    view: dict[str, Any] = {"operationId": name.function, "tags": [name.tag], "summary": headline(operation)}
    view |= {key: operation[key] for key in ("description", "security", "deprecated") if key in operation}
    given, path = _with_every_variable(path, operation.get("parameters", []))
    called = arguments(given)
    parameters[name] = dict(zip(called, (parameter["name"] for parameter in given), strict=True))
    view["parameters"] = [
        {
            **{key: parameter[key] for key in ("in", "required", "description") if key in parameter},
            "name": argument,
            "schema": _parameter_schema(parameter, owner),
        }
        for argument, parameter in zip(called, given, strict=True)
    ]
    body = _body(operation.get("requestBody"), owner)
    if body:
        view["requestBody"] = body
    view["responses"] = {
        code: _response(response, code, owner)
        for code, response in operation["responses"].items()
        if not code.startswith("x-")
    }
    in_path = {
        parameter["name"]: argument
        for argument, parameter in zip(called, given, strict=True)
        if parameter["in"] == "path"
    }
    return view, TEMPLATE.sub(lambda match: f"{{{in_path[match[1]]}}}", path)


def _parameter_schema(parameter: dict[str, Any], owner: _Owner) -> dict[str, Any]:
    """Return the flat schema of a parameter; in a path every one is given, so that a default has no use."""
    schema = owner.use(parameter["schema"], parameter["name"])
    return {key: value for key, value in schema.items() if key != "default" or parameter["in"] != "path"}


def _with_every_variable(path: str, parameters: list[dict[str, Any]]) -> tuple[list[dict[str, Any]], str]:
    """Return the parameters and the path with a parameter for every variable, also for one that comes twice."""
    by_name = {parameter["name"]: parameter for parameter in parameters if parameter["in"] == "path"}
    more: list[dict[str, Any]] = []
    seen: set[str] = set()

    def distinct(match: Any) -> str:
        name = match[1]
        if name in seen:
            name = next(f"{name}_{number}" for number in range(2, len(path)) if f"{name}_{number}" not in by_name)
            by_name[name] = {**by_name[match[1]], "name": name}
            more.append(by_name[name])
        seen.add(name)
        return f"{{{name}}}"

    path = TEMPLATE.sub(distinct, path)
    return parameters + more, path


def _renamed_variable(path: str, view: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """Return a path and its operation with another name of a variable, so that the path is not another one's."""
    name = TEMPLATE.findall(path)[0]
    new = f"{name}_x"
    parameters = [
        {**parameter, "name": new} if (parameter["name"], parameter["in"]) == (name, "path") else parameter
        for parameter in view["parameters"]
    ]
    return path.replace(f"{{{name}}}", f"{{{new}}}"), {**view, "parameters": parameters}


def _body(body: dict[str, Any] | None, owner: _Owner) -> dict[str, Any] | None:
    """Return a request body with a flat schema; what is no object cannot be a form."""
    if not body or not body.get("content"):
        return None
    ((media_type, value),) = body["content"].items()
    schema = _sendable(owner.use(value.get("schema", {}), "body"))
    content = {media_type: {"schema": schema}}
    if media_type in _FORMS and not owner.schemas.is_object(schema):
        content = _BYTES
    return {key: body[key] for key in ("description", "required") if key in body} | {"content": content}


def _sendable(schema: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of a body without a union of plain values: the generator writes no code for one."""
    union = schema.get("anyOf") or schema.get("oneOf")
    if union and all(member.get("type") in _PLAIN and "format" not in member for member in union):
        return {}
    if schema.get("type") in _PLAIN:
        return {key: value for key, value in schema.items() if key not in ("nullable", "default")}
    return schema


def _response(response: dict[str, Any], code: str, owner: _Owner) -> dict[str, Any]:
    """Return an answer with a flat schema."""
    content = {
        media_type: {"schema": owner.use(value["schema"], f"response_{code}")}
        for media_type, value in response.get("content", {}).items()
        if "schema" in value
    }
    return {"description": response.get("description", "")} | ({"content": content} if content else {})

"""The shape a document must have, checked once, so that every later rule may rely on it."""

from __future__ import annotations

from typing import Any

from ayx_spec.convert.references import pointer
from ayx_spec.errors import DocumentError

__all__ = ["METHODS", "operations_of", "validate"]

#: The methods an operation may have, in the order in which the generator reads them.
METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")

_KINDS: dict[type, str] = {dict: "an object", list: "a list", str: "a string", bool: "a boolean"}

#: Keywords of a schema (and of what describes a value like one) that rules look into, and what each must be.
_KEYWORDS: dict[str, tuple[type, ...]] = {
    "type": (str, list),
    "format": (str,),
    "title": (str,),
    "description": (str,),
    "discriminator": (str, dict),
    "collectionFormat": (str,),
    "enum": (list,),
    "properties": (dict,),
    "allOf": (list,),
    "anyOf": (list,),
    "oneOf": (list,),
}

#: An object and the steps that lead to it.
Placed = tuple[dict[str, Any], tuple[str, ...]]

_TYPES = ("string", "number", "integer", "boolean", "array", "object", "file", "null")


def operations_of(paths: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    """Return method (lower case), path and operation of everything below `paths`, in document order."""
    return [
        (method, path, item[method])
        for path, item in paths.items()
        if path.startswith("/")
        for method in METHODS
        if method in item
    ]


def validate(data: Any, name: str) -> None:
    """Check that parsed JSON has the shape of a Swagger 2.0 or OpenAPI 3.0/3.1 document.

    Raises:
        DocumentError: With the JSON pointer of the first place that is not as it must be.
    """
    check = _Checker(name)
    check.is_a(data, (dict,))
    check.version(data)
    check.document(data)
    for path, item in check.required(data, (dict,), "paths").items():
        if not path.startswith("x-"):
            check.path_item(path, item)


class _Checker:
    """Checks values; each method takes the value and the steps that lead to it."""

    def __init__(self, name: str) -> None:
        self.name = name

    def wrong(self, steps: tuple[str, ...], what: str) -> DocumentError:
        return DocumentError(self.name, pointer(steps), what)

    def is_a(self, value: Any, kinds: tuple[type, ...], *steps: str) -> None:
        if not isinstance(value, kinds):
            wanted = " or ".join(_KINDS[kind] for kind in kinds)
            raise self.wrong(steps, f"must be {wanted}, is {_kind_of(value)}")

    def required(self, holder: dict[str, Any], kinds: tuple[type, ...], *steps: str) -> Any:
        """Return a member that must be there."""
        if steps[-1] not in holder:
            raise self.wrong(steps, "is missing")
        self.is_a(holder[steps[-1]], kinds, *steps)
        return holder[steps[-1]]

    def optional(self, holder: dict[str, Any], kinds: tuple[type, ...], *steps: str) -> Any:
        """Return a member, or an empty one if it is absent or null."""
        value = holder.get(steps[-1])
        if value is None:
            return kinds[0]()
        self.is_a(value, kinds, *steps)
        return value

    def strings(self, holder: dict[str, Any], *steps: str) -> None:
        """Check a list of strings."""
        for index, value in enumerate(self.optional(holder, (list,), *steps)):
            self.is_a(value, (str,), *steps, str(index))

    def objects(self, holder: dict[str, Any], *steps: str) -> list[Placed]:
        """Return the elements of a list of objects, each with its steps."""
        pairs = enumerate(self.optional(holder, (list,), *steps))
        return self.each([(str(index), value) for index, value in pairs], *steps)

    def members(self, holder: dict[str, Any], *steps: str) -> list[Placed]:
        """Return the members of an object of objects, each with its steps."""
        return self.each(list(self.optional(holder, (dict,), *steps).items()), *steps)

    def each(self, pairs: list[tuple[str, Any]], *steps: str) -> list[Placed]:
        for key, value in pairs:
            self.is_a(value, (dict,), *steps, key)
        return [(value, (*steps, key)) for key, value in pairs]

    def version(self, data: dict[str, Any]) -> None:
        if "swagger" in data:
            if str(data["swagger"]) != "2.0":
                raise self.wrong(("swagger",), f"is {data['swagger']!r}; only 2.0 is known")
        elif "openapi" in data:
            if not str(data["openapi"]).startswith(("3.0", "3.1")):
                raise self.wrong(("openapi",), f"is {data['openapi']!r}; only 3.0 and 3.1 are known")
        else:
            keys = ", ".join(list(data)[:5]) or "none"
            raise self.wrong((), f"no API description: neither `swagger` nor `openapi` (keys: {keys})")

    def document(self, data: dict[str, Any]) -> None:
        """Check everything but the paths."""
        info = self.required(data, (dict,), "info")
        if not isinstance(info.get("version"), str | int | float):
            raise self.wrong(("info", "version"), "must be a string" if "version" in info else "is missing")
        for key in ("basePath", "host"):
            self.optional(data, (str,), key)
        for server, steps in self.objects(data, "servers"):
            self.optional(server, (str,), *steps, "url")
        for tag, steps in self.objects(data, "tags"):
            self.required(tag, (str,), *steps, "name")
        self.objects(data, "security")
        for key in ("consumes", "produces"):
            self.strings(data, key)
        if "swagger" in data:
            self.shared(data, "definitions", "securityDefinitions")
        else:
            self.shared(self.optional(data, (dict,), "components"), "components", "schemas", "securitySchemes")

    def shared(self, holder: dict[str, Any], *steps: str) -> None:
        """Check the named parts of a document; the last two steps name the schemas and the security schemes."""
        *root, schemas, schemes = steps
        for schema, place in self.members(holder, *root, schemas):
            self.schema(schema, *place)
        for parameter, place in self.members(holder, *root, "parameters"):
            self.parameter(parameter, *place)
        for response, place in self.members(holder, *root, "responses"):
            self.response(response, *place)
        for body, place in self.members(holder, *root, "requestBodies"):
            self.content(body, *place)
        for scheme, place in self.members(holder, *root, schemes):
            self.scheme(scheme, *place)

    def scheme(self, scheme: dict[str, Any], *steps: str) -> None:
        for key in ("type", "flow", "tokenUrl", "authorizationUrl", "description"):
            self.optional(scheme, (str,), *steps, key)
        self.optional(scheme, (dict,), *steps, "scopes")
        for flow, place in self.members(scheme, *steps, "flows"):
            for key in ("tokenUrl", "authorizationUrl", "refreshUrl"):
                self.optional(flow, (str,), *place, key)

    def path_item(self, path: str, item: Any) -> None:
        steps = ("paths", path)
        self.is_a(item, (dict,), *steps)
        if not path.startswith("/"):
            raise self.wrong(steps, "a path must begin with /")
        if "$ref" in item:
            raise self.wrong((*steps, "$ref"), "path items in other files are not read")
        for parameter, place in self.objects(item, *steps, "parameters"):
            self.parameter(parameter, *place)
        for method in METHODS:
            if method in item:
                self.operation(item[method], *steps, method)

    def operation(self, operation: Any, *steps: str) -> None:
        self.is_a(operation, (dict,), *steps)
        for key in ("operationId", "summary", "description"):
            self.optional(operation, (str,), *steps, key)
        for key in ("tags", "consumes", "produces"):
            self.strings(operation, *steps, key)
        self.objects(operation, *steps, "security")
        for parameter, place in self.objects(operation, *steps, "parameters"):
            self.parameter(parameter, *place)
        for code, response in self.required(operation, (dict,), *steps, "responses").items():
            if not code.startswith("x-"):
                self.is_a(response, (dict,), *steps, "responses", code)
                self.response(response, *steps, "responses", code)
        self.content(self.optional(operation, (dict,), *steps, "requestBody"), *steps, "requestBody")

    def parameter(self, parameter: dict[str, Any], *steps: str) -> None:
        if "$ref" in parameter:
            self.is_a(parameter["$ref"], (str,), *steps, "$ref")
            return
        self.required(parameter, (str,), *steps, "name")
        self.required(parameter, (str,), *steps, "in")
        self.optional(parameter, (bool,), *steps, "required")
        self.value(parameter, *steps)

    def response(self, response: dict[str, Any], *steps: str) -> None:
        if "$ref" in response:
            self.is_a(response["$ref"], (str,), *steps, "$ref")
        self.optional(response, (str,), *steps, "description")
        self.optional(response, (dict,), *steps, "examples")
        for header, place in self.members(response, *steps, "headers"):
            self.value(header, *place)
        self.schema(self.optional(response, (dict,), *steps, "schema"), *steps, "schema")
        self.content(response, *steps)

    def value(self, described: dict[str, Any], *steps: str) -> None:
        """Check a parameter or header, which says in place or in `schema` what its value is."""
        self.schema({key: member for key, member in described.items() if key in (*_KEYWORDS, "items")}, *steps)
        self.schema(self.optional(described, (dict,), *steps, "schema"), *steps, "schema")
        self.content(described, *steps)

    def content(self, holder: dict[str, Any], *steps: str) -> None:
        if "$ref" in holder:
            self.is_a(holder["$ref"], (str,), *steps, "$ref")
        for value, place in self.members(holder, *steps, "content"):
            self.schema(self.optional(value, (dict,), *place, "schema"), *place, "schema")

    def types(self, schema: dict[str, Any], *steps: str) -> None:
        for kind in _as_list(schema.get("type")):
            if kind not in _TYPES:
                raise self.wrong(steps, f"is {kind!r}; known are {', '.join(_TYPES)}")

    def schema(self, schema: Any, *steps: str) -> None:
        """Check a schema and everything below it."""
        self.is_a(schema, (dict,), *steps)
        if "$ref" in schema:
            self.is_a(schema["$ref"], (str,), *steps, "$ref")
        for key, kinds in _KEYWORDS.items():
            self.optional(schema, kinds, *steps, key)
        self.strings(schema, *steps, "required")
        self.types(schema, *steps, "type")
        for inner, place in self.members(schema, *steps, "properties"):
            self.schema(inner, *place)
        for key in ("allOf", "anyOf", "oneOf"):
            for inner, place in self.objects(schema, *steps, key):
                self.schema(inner, *place)
        for key in ("items", "not"):
            if schema.get(key) is not None:
                self.schema(schema[key], *steps, key)
        if not isinstance(schema.get("additionalProperties", True), bool):
            self.schema(schema["additionalProperties"], *steps, "additionalProperties")


def _as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _kind_of(value: Any) -> str:
    return "null" if value is None else _KINDS.get(type(value), "a number")

"""The document as the generator shall see it: names decided by us, not by what it would make of titles and ids."""

from __future__ import annotations

import copy
from collections import Counter
from collections.abc import Iterator
from typing import Any

from ayx_spec.convert import client_names, operations_of
from ayx_spec.generation.headline import headline

__all__ = ["generator_view"]


def generator_view(document: dict[str, Any]) -> dict[str, Any]:
    """Return a copy of a converted document that gives every operation, class and module the name we want.

    operationId and tag become the Python names, the summary becomes what docstrings begin with. Titles are dropped: the
    generator would name classes after them, and two of the same title would collide.
    """
    view = copy.deepcopy(document)
    names = client_names(document)
    for own_name, schema in _schemas(view):
        schema.pop("title", None)
        if schema.get("additionalProperties") is False:
            # A newer Server may send more all the same, and what it sends must go back to it.
            del schema["additionalProperties"]
        if "enum" in schema and None in schema["enum"]:
            # `nullable` besides would make it three enumerations; the title keeps the class from being called Type1.
            schema.pop("nullable", None)
            schema["title"] = own_name
        if "enum" in schema and _needs_escaping(schema.get("default")):
            del schema["default"]  # the generator looks for it among the escaped values, and refuses the schema
    classes = Counter(
        (names[method.upper(), path].function, name)
        for method, path, operation in operations_of(view["paths"])
        for name, _ in _inline_classes(operation)
    )
    for method, path, operation in operations_of(view["paths"]):
        name = names[method.upper(), path]
        operation["operationId"] = name.function
        operation["tags"] = [name.tag]
        operation["summary"] = headline(operation)
        for inline, schema in _inline_classes(operation):
            if classes[name.function, inline] > 1:
                # Another tag has a function of this name; the generator would name both classes alike.
                schema["title"] = f"{name.tag}_{inline}"
    return view


def _needs_escaping(value: Any) -> bool:
    return isinstance(value, str) and (not value.isprintable() or '"' in value or "\\" in value)


def _schemas(view: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield every schema of a document, with the name that the generator starts from."""
    for name, schema in view["components"]["schemas"].items():
        yield from _nested(name, schema)
    for _, _, operation in operations_of(view["paths"]):
        for name, schema in _inline_schemas(operation):
            yield from _nested(name, schema)


def _nested(name: str, schema: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    yield name, schema
    for key, member in schema.get("properties", {}).items():
        yield from _nested(key, member)
    for key in ("items", "not", "additionalProperties"):
        if isinstance(schema.get(key), dict):
            yield from _nested(f"{name}_item" if key == "items" else name, schema[key])
    for key in ("allOf", "anyOf", "oneOf"):
        for member in schema.get(key, []):
            yield from _nested(name, member)


def _inline_schemas(operation: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the schemas of an operation and the name that the generator gives each."""
    for parameter in operation.get("parameters", []):
        yield parameter["name"], parameter["schema"]
    for value in operation.get("requestBody", {}).get("content", {}).values():
        if "schema" in value:
            yield "body", value["schema"]
    for code, response in operation["responses"].items():
        for value in response.get("content", {}).values():
            if "schema" in value:
                yield f"response_{code}", value["schema"]


def _inline_classes(operation: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield those schemas of an operation that become classes of their own."""
    for name, schema in _inline_schemas(operation):
        for nested, suffix in ((schema, ""), (schema.get("items", {}), "_item")):
            if "enum" in nested or "properties" in nested:
                yield f"{name}{suffix}", nested

"""A value of the right shape for any schema of a document, for the operations that the simulator does not act out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

__all__ = ["resolved", "sample"]

_BY_FORMAT: Mapping[tuple[str, str], Any] = {
    ("string", "date-time"): "2025-03-10T14:18:35Z",
    ("string", "date"): "2025-03-10",
    ("string", "uuid"): "5f0f4b64-6a9f-4f0e-9d58-0d9ec7a9f1a1",
}
_BY_TYPE: Mapping[str, Any] = {"string": "", "integer": 0, "number": 0, "boolean": False, "object": {}}


def resolved(schema: Mapping[str, Any], definitions: Mapping[str, Any]) -> Mapping[str, Any]:
    """Follow a ``$ref`` into the definitions; the name may hold brackets, as Swashbuckle writes generic types."""
    reference = schema.get("$ref")
    if not isinstance(reference, str):
        return schema
    found: Mapping[str, Any] = definitions[reference.removeprefix("#/definitions/")]
    return found


def sample(schema: Mapping[str, Any], definitions: Mapping[str, Any], _inside: frozenset[str] = frozenset()) -> Any:
    """Return one value that the schema allows.

    A type that holds itself ends after the first round, with an empty list or without the property.
    """
    reference = str(schema.get("$ref", ""))
    inside = _inside | {reference} if reference else _inside
    schema = resolved(schema, definitions)
    if schema.get("enum"):
        return schema["enum"][0]
    kind = str(schema.get("type", "object" if "properties" in schema else ""))
    if kind == "array":
        items = schema.get("items", {})
        return [] if items.get("$ref") in inside else [sample(items, definitions, inside)]
    if kind == "object" and schema.get("properties"):
        return {
            name: sample(of, definitions, inside)
            for name, of in schema["properties"].items()
            if of.get("$ref") not in inside
        }
    return _BY_FORMAT.get((kind, str(schema.get("format", ""))), _BY_TYPE.get(kind))

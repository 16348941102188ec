"""Members that are required but described nowhere: tools that read `allOf` insist on a description."""

from __future__ import annotations

from typing import Any

from ayx_spec.convert.notes import Notes
from ayx_spec.convert.references import local_name

__all__ = ["name_required_members"]


def name_required_members(schemas: dict[str, Any], name: str, notes: Notes, steps: tuple[str, ...]) -> None:
    """Add the members that a composed schema requires and no part of it describes, as members of any kind.

    Args:
        schemas: The converted schemas of the document, by name; the named one is replaced.
        name: The one to look at.
        notes: Where the addition is noted.
        steps: Its place in the input.
    """
    schema = schemas[name]
    if "allOf" not in schema or not schema.get("required"):
        return
    known = _members(schema, schemas, set())
    missing = [member for member in schema["required"] if member not in known]
    if missing:
        schemas[name] = {**schema, "properties": {**schema.get("properties", {}), **{key: {} for key in missing}}}
        notes.warning(steps, f"added members that are required but not described: {', '.join(missing)}")


def _members(schema: dict[str, Any], schemas: dict[str, Any], seen: set[str]) -> set[str]:
    """Return the names of all members that a schema describes."""
    found = set(schema.get("properties", {}))
    reference = local_name(schema.get("$ref"), "components", "schemas")
    if reference in schemas and reference not in seen:
        seen.add(str(reference))
        found |= _members(schemas[str(reference)], schemas, seen)
    for key in ("allOf", "anyOf", "oneOf"):
        for part in schema.get(key, []):
            found |= _members(part, schemas, seen)
    return found

"""Enumerations: made consistent with the type, and with the Python names they get."""

from __future__ import annotations

import json
from typing import Any

from ayx_spec.convert.defaults import as_type
from ayx_spec.convert.identifiers import constant_name
from ayx_spec.convert.notes import Notes

__all__ = ["convert_enumeration"]

_NAMED = 50  # names that a note lists


def convert_enumeration(schema: dict[str, Any], notes: Notes, steps: tuple[str, ...]) -> None:
    """Give an enumeration values of one type, `null` where the schema is nullable, and distinct member names."""
    if "enum" not in schema:
        return
    if schema.get("type") == "array" and not any(isinstance(value, list) for value in schema["enum"]):
        _of_the_elements(schema, notes, steps)
        return
    values = [value for value in schema["enum"] if value is not None]
    if len(values) < len(schema["enum"]):
        schema["nullable"] = True
    values = _of_one_type(schema, values)
    distinct = list({json.dumps(value, sort_keys=True): value for value in reversed(values)}.values())[::-1]
    if not values:
        del schema["enum"]
        notes.warning(steps, "dropped a list of values of which none is of the type")
        return
    if len(distinct) < len(values):
        notes.info(steps, "dropped values that the enumeration lists twice")
    _member_names(schema, distinct, notes, steps)
    # Without null among the values, generators do not believe `nullable` (OpenAPI 3.0.3 clarification, 2019).
    schema["enum"] = [*distinct, None] if schema.get("nullable") else distinct


def _of_the_elements(schema: dict[str, Any], notes: Notes, steps: tuple[str, ...]) -> None:
    """Move values that a list itself cannot have to its elements."""
    values = schema.pop("enum")
    items = schema.get("items", {})
    if "$ref" in items or "enum" in items or "allOf" in items:
        notes.warning(steps, "dropped a list of values beside the type of the elements")
        return
    schema["items"] = dict(items)
    schema["items"]["enum"] = values
    notes.warning(steps, "repaired a list of values: it is of the elements, not of the list")
    convert_enumeration(schema["items"], notes, (*steps, "items"))


def _of_one_type(schema: dict[str, Any], values: list[Any]) -> list[Any]:
    """Return the values in the declared type, as far as they can be written in it; nothing if none can."""
    kind = schema.get("type")
    if kind is None:
        if any(isinstance(value, dict | list | bool | float) for value in values):
            return values
        kind = "integer" if values and all(isinstance(value, int) for value in values) else "string"
        schema["type"] = kind
    read = [as_type(value, kind) for value in values]
    return [value for value in read if value is not None]


def _member_names(schema: dict[str, Any], values: list[Any], notes: Notes, steps: tuple[str, ...]) -> None:
    """Take the member names a .NET tool wrote, and tell apart values that would become one Python name."""
    given = schema.pop("x-enumNames", None) or schema.pop("x-enum-varnames", None) or _ms_enum_names(schema)
    named = isinstance(given, list) and len(given) == len(values) and all(isinstance(name, str) for name in given)
    if schema.get("type") not in ("string", "integer") or (not named and schema["type"] != "string"):
        return
    derived = [_derived_name(str(value), index) for index, value in enumerate(values)]
    names: list[str] = list(given or ()) if named else derived
    distinct = _distinct(names)
    if named or distinct != [constant_name(name) for name in names]:
        schema["x-enum-varnames"] = distinct
        more = f" and {len(distinct) - _NAMED} more" if len(distinct) > _NAMED else ""
        notes.info(steps, f"named the values of the enumeration: {', '.join(distinct[:_NAMED])}{more}")


def _ms_enum_names(schema: dict[str, Any]) -> list[Any] | None:
    """Return the names of `x-ms-enum` (AutoRest), if there are any."""
    extension = schema.get("x-ms-enum")
    values = extension.get("values") if isinstance(extension, dict) else None
    return [value.get("name") for value in values if isinstance(value, dict)] if isinstance(values, list) else None


def _derived_name(value: str, index: int) -> str:
    """Return the name that the generator derives from a value."""
    return value.upper() if value and value[0].isalpha() else f"VALUE_{index}"


def _distinct(names: list[str]) -> list[str]:
    taken: set[str] = set()
    distinct = []
    for index, name in enumerate(names):
        stem = constant_name(name) if constant_name(name).isidentifier() else f"VALUE_{index}"
        candidate, number = stem, 2
        while candidate in taken:
            candidate = f"{stem}_{number}"
            number += 1
        taken.add(candidate)
        distinct.append(candidate)
    return distinct

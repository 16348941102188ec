"""Enumerations and defaults: made consistent with the type, and with the Python names they get."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any
from uuid import UUID

from ayx_spec.convert.identifiers import constant_name
from ayx_spec.convert.notes import Notes

__all__ = ["convert_default", "convert_enumeration"]

#: What reads the text of a format, and raises `ValueError` for one that is not of it.
_READERS: dict[str, Callable[[str], object]] = {
    "date-time": datetime.fromisoformat,
    "date": date.fromisoformat,
    "uuid": UUID,
}


def convert_enumeration(schema: dict[str, Any], notes: Notes, steps: tuple[str, ...]) -> None:
    """Give an enumeration values of one type, `null` where the schema is nullable, and distinct member names."""
    if "enum" not in schema:
        return
    values = [value for value in schema["enum"] if value is not None]
    if len(values) < len(schema["enum"]):
        schema["nullable"] = True
    values = _of_one_type(schema, values)
    if not values or schema.get("type") in ("boolean", "number", "object", "array"):
        del schema["enum"]
        notes.warning(steps, "dropped a list of values that a client cannot use as an enumeration")
        return
    distinct = list(dict.fromkeys(values))
    if len(distinct) < len(values):
        notes.info(steps, "dropped values that the enumeration lists twice")
    _member_names(schema, distinct, notes, steps)
    # Without null among the values, generators do not believe `nullable` (OpenAPI 3.0.3 clarification, 2019).
    schema["enum"] = [*distinct, None] if schema.get("nullable") else distinct


def convert_default(schema: dict[str, Any], notes: Notes, steps: tuple[str, ...]) -> None:
    """Drop a default that is no value of its own schema (Schema Object: "the default value MUST conform")."""
    if "default" not in schema:
        return
    value = schema["default"]
    if value is None or not _conforms(value, schema):
        del schema["default"]
        if value is not None or not schema.get("nullable"):
            notes.warning(steps, f"dropped the default {value!r}, which is no value of this type")


def _of_one_type(schema: dict[str, Any], values: list[Any]) -> list[Any]:
    """Return the values as strings or as integers, by the declared type; nothing if that is impossible."""
    if schema.get("type") == "integer":
        try:
            return [int(value) for value in values]
        except (TypeError, ValueError):
            return []
    if all(isinstance(value, int) and not isinstance(value, bool) for value in values) and "type" not in schema:
        schema["type"] = "integer"
        return values
    if any(isinstance(value, dict | list) for value in values):
        return []
    schema.setdefault("type", "string")
    return [value if isinstance(value, str) else str(value) for value in values]


def _member_names(schema: dict[str, Any], values: list[Any], notes: Notes, steps: tuple[str, ...]) -> None:
    """Take the member names a .NET tool wrote, and tell apart values that would become one Python name."""
    given = schema.pop("x-enumNames", None) or schema.pop("x-enum-varnames", None) or _ms_enum_names(schema)
    named = isinstance(given, list) and len(given) == len(values) and all(isinstance(name, str) for name in given)
    if not named and schema["type"] != "string":
        return
    derived = [_derived_name(str(value), index) for index, value in enumerate(values)]
    names: list[str] = list(given or ()) if named else derived
    distinct = _distinct(names)
    if named or distinct != [constant_name(name) for name in names]:
        schema["x-enum-varnames"] = distinct
        notes.info(steps, f"named the values of the enumeration: {', '.join(distinct)}")


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


def _conforms(value: Any, schema: dict[str, Any]) -> bool:
    if "enum" in schema:
        return value in schema["enum"]
    kinds: dict[str, tuple[type, ...]] = {
        "string": (str,),
        "integer": (int,),
        "number": (int, float),
        "boolean": (bool,),
    }
    kind = schema.get("type")
    if kind is None:
        return True
    if kind not in kinds or not isinstance(value, kinds[kind]) or (isinstance(value, bool) and kind != "boolean"):
        return False
    return not isinstance(value, str) or _conforms_to_format(value, schema.get("format"))


def _conforms_to_format(value: str, text_format: str | None) -> bool:
    if text_format == "binary":
        return False
    try:
        _READERS.get(text_format or "", str)(value)
    except ValueError:
        return False
    return True

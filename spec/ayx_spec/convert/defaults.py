"""Defaults: values of their own schema, or none (Schema Object: "the default value MUST conform")."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import date, datetime
from typing import Any
from uuid import UUID

from ayx_spec.convert.notes import Notes

__all__ = ["as_type", "convert_default"]

#: What reads the text of a format, and raises `ValueError` for one that is not of it.
_READERS: dict[str, Callable[[str], object]] = {
    "date-time": datetime.fromisoformat,
    "date": date.fromisoformat,
    "uuid": UUID,
}
_KINDS: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "array": (list,),
    "object": (dict,),
}
_LONGEST_MATCHED = 500  # characters
_SHORT = 20  # characters, for which every pattern is matched at once
_BITS = {"int32": 31, "int64": 63}


def convert_default(schema: dict[str, Any], notes: Notes, steps: tuple[str, ...]) -> None:
    """Read a default as a value of its schema, and drop one that cannot be read so."""
    if "default" not in schema:
        return
    given = schema["default"]
    value = as_type(given, schema.get("type"))
    if value is None or not _conforms(value, schema):
        del schema["default"]
        if given is not None or not schema.get("nullable"):
            notes.warning(steps, f"dropped the default {_shown(given)}, which is no value of this type")
        return
    if value is not given:
        notes.warning(steps, f"read the default {_shown(given)} as {_shown(value)}")
    schema["default"] = value


def as_type(value: Any, kind: Any) -> Any:
    """Return a value in the type that is meant, `None` if it has no meaning there: of "10" an integer is 10."""
    wanted = _KINDS.get(kind, (object,)) if isinstance(kind, str) else (object,)
    if isinstance(value, wanted) and (kind in (None, "boolean") or not isinstance(value, bool)):
        return value
    if isinstance(value, dict | list):
        return None
    if kind == "string":
        return str(value).lower() if isinstance(value, bool) else str(value)
    if kind == "boolean":
        return {"true": True, "false": False}.get(str(value).strip().lower())
    if kind in ("integer", "number") and not isinstance(value, bool):
        return _number(value, kind)
    return None


def _number(value: Any, kind: str) -> int | float | None:
    try:
        number = float(value)
        whole = number == int(number)
    except (ValueError, OverflowError):
        return None
    if isinstance(value, str) and whole and value.strip().lstrip("+-").isdigit():
        return int(value)
    return int(number) if whole else number if kind == "number" else None


def _conforms(value: Any, schema: dict[str, Any]) -> bool:
    if "enum" in schema:
        return value in schema["enum"]
    if {"allOf", "anyOf", "oneOf"} & schema.keys() or isinstance(value, dict):
        return False  # what these accept cannot be told without their parts
    if isinstance(value, list):
        return _list_conforms(value, schema)
    if isinstance(value, str):
        return _text_conforms(value, schema)
    return isinstance(value, bool) or _number_conforms(value, schema)


def _list_conforms(value: list[Any], schema: dict[str, Any]) -> bool:
    items = schema.get("items", {})
    if "$ref" in items or not schema.get("minItems", 0) <= len(value) <= schema.get("maxItems", len(value)):
        return False
    if schema.get("uniqueItems") and len({json.dumps(element) for element in value}) < len(value):
        return False
    return all(as_type(element, items.get("type")) == element and _conforms(element, items) for element in value)


def _text_conforms(value: str, schema: dict[str, Any]) -> bool:
    text_format = schema.get("format")
    if text_format in ("binary", "byte"):
        return False
    if not schema.get("minLength", 0) <= len(value) <= schema.get("maxLength", len(value)):
        return False
    if "pattern" in schema and not _matches(value, schema["pattern"]):
        return False
    try:
        _READERS.get(text_format or "", str)(value)
    except ValueError:
        return False
    return text_format != "date-time" or _is_rfc3339(value)


def _matches(value: str, pattern: str) -> bool:
    """Whether a text has a pattern, as far as that can be told in time: a repeated group may take for ever."""
    if len(value) > _LONGEST_MATCHED or (len(value) > _SHORT and re.search(r"\)[*+{]", pattern)):
        return False
    return re.search(pattern, value) is not None


def _is_rfc3339(value: str) -> bool:
    """Whether a text that Python reads as a date and time is also one of RFC 3339, as the format demands."""
    return re.fullmatch(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)", value) is not None


def _number_conforms(value: float, schema: dict[str, Any]) -> bool:
    low, high = schema.get("minimum", value), schema.get("maximum", value)
    if value < low or (value == low and "minimum" in schema and schema.get("exclusiveMinimum")):
        return False
    if value > high or (value == high and "maximum" in schema and schema.get("exclusiveMaximum")):
        return False
    bits = _BITS.get(schema.get("format", ""))
    if bits and not -(2**bits) <= value < 2**bits:
        return False
    return "multipleOf" not in schema or value % schema["multipleOf"] == 0


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) < 60 else f"{text[:57]}..."  # noqa: PLR2004 - short enough for one line

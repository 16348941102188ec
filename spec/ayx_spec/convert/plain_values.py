"""Plain values of the wrong type: read as what they were meant to be, where there is no doubt."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from ayx_spec.convert.grammar import Plain

__all__ = ["kind_of", "read_plain"]

_KINDS: dict[type, str] = {dict: "an object", list: "a list", str: "a string", bool: "a boolean"}
_FLAGS: dict[Any, bool] = {"true": True, "false": False, "1": True, "0": False, "yes": True, "no": False}


def kind_of(value: Any) -> str:
    """Return what kind of JSON value this is, with its article."""
    return "null" if value is None else _KINDS.get(type(value), "a number")


def read_plain(rule: Plain, value: Any) -> Any:
    """Return a value as the rule wants it, `None` if it cannot be read so."""
    return _READERS[rule](value)


def _text(value: Any) -> str | None:
    """A number or boolean as JSON writes it, lines that a tool wrote as a list."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)
    if isinstance(value, list) and value and all(isinstance(line, str) for line in value):
        return "\n".join(value)
    return None


def _flag(value: Any) -> bool | None:
    return value if isinstance(value, bool) else _FLAGS.get(str(value).strip().lower())


def _number(value: Any) -> int | float | None:
    if isinstance(value, str):
        try:
            value = float(value)
        except ValueError:
            return None
        value = int(value) if value.is_integer() else value
    usable = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    return value if usable else None


def _count(value: Any) -> int | None:
    number = _number(value)
    return int(number) if number is not None and number == int(number) and number >= 0 else None


def _texts(value: Any) -> list[str] | None:
    """A single text as a list of it; of an object (`tags: [{"name": …}]`) its name."""
    if isinstance(value, str):
        return [value]
    if not isinstance(value, list):
        return None
    named = (member.get("name") if isinstance(member, dict) else member for member in value)
    return [text for text in map(_text, named) if text is not None]


def _labels(value: Any) -> dict[str, str] | None:
    if isinstance(value, list):
        value = {str(member): "" for member in value if isinstance(member, str)}
    if not isinstance(value, dict):
        return None
    return {key: _text(member) or "" for key, member in value.items() if key != "$ref"}  # no reference: a name


_READERS: dict[Plain, Callable[[Any], Any]] = {
    Plain.TEXT: _text,
    Plain.FLAG: _flag,
    Plain.NUMBER: _number,
    Plain.COUNT: _count,
    Plain.TEXTS: _texts,
    Plain.LABELS: _labels,
    Plain.VALUES: lambda value: value if isinstance(value, list) else None,
    Plain.DATA: lambda value: value,
}

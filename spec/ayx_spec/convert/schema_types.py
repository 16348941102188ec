"""Types of values: what a schema's `type` says, also where it says it in the words of a programming language."""

from __future__ import annotations

from typing import Any

__all__ = ["known_types"]

_TYPES = ("string", "number", "integer", "boolean", "array", "object", "file", "null")

#: Names that tools write for a type, in lower case: type and format (Swagger 2.0, Data Types).
_SYNONYMS: dict[str, tuple[str, str | None]] = {
    **dict.fromkeys(("str", "text", "char", "character", "varchar", "enum"), ("string", None)),
    **dict.fromkeys(("int", "int32", "short", "byte"), ("integer", "int32")),
    **dict.fromkeys(("int64", "long", "bigint", "timestamp"), ("integer", "int64")),
    "biginteger": ("integer", None),
    "float": ("number", "float"),
    **dict.fromkeys(("double", "decimal", "bigdecimal"), ("number", "double")),
    "bool": ("boolean", None),
    "date": ("string", "date"),
    **dict.fromkeys(("datetime", "date-time"), ("string", "date-time")),
    **dict.fromkeys(("uuid", "guid"), ("string", "uuid")),
    **dict.fromkeys(("uri", "url", "email", "password"), ("string", None)),
    "binary": ("string", "binary"),
    **dict.fromkeys(("list", "set", "collection"), ("array", None)),
    **dict.fromkeys(("map", "hash", "dict", "dictionary", "json"), ("object", None)),
}


def known_types(value: Any) -> tuple[list[str], str | None] | None:
    """Return the types that `type` names and the format it implies; `None` if it names none.

    `any` names every type: the list is empty.
    """
    if isinstance(value, list):
        found = [known_types(member) for member in value]
        named = [name for one in found if one is not None for name in one[0]]
        return (list(dict.fromkeys(named)), None) if named else None
    if not isinstance(value, str):
        return None
    name = value.strip().lower()
    if name in _TYPES:
        return [name], None
    if name in ("any", "mixed", "anytype", "", "undefined"):
        return [], None
    if name in _SYNONYMS:
        kind, text_format = _SYNONYMS[name]
        return [kind], text_format
    return None

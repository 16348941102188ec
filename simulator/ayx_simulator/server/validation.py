"""Model validation of a request body, with the messages that ASP.NET writes into ``modelState``."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from .samples import resolved

__all__ = ["model_state", "query_state"]

_TYPES: Mapping[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "array": (list,),
    "object": (dict,),
}
_DATE_TIME = re.compile(r"\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?)?")


def model_state(
    value: Any, schema: Mapping[str, Any], definitions: Mapping[str, Any], name: str
) -> dict[str, list[str]]:
    """Compare a body with its contract.

    Args:
        value: The decoded body; ``None`` for none.
        schema: The contract.
        definitions: The document's schemas.
        name: The operation's name for the parameter, with which the keys of ``modelState`` begin.

    Returns:
        Field -> messages; empty if the body fits.
    """
    problems: dict[str, list[str]] = {}
    for field, message in _problems(value, schema, definitions, name):
        problems.setdefault(field, []).append(message)
    return problems


def query_state(values: Mapping[str, str], parameters: Iterator[Mapping[str, Any]]) -> dict[str, list[str]]:
    """Compare query values with their parameters; unknown ones are ignored, as on the Server."""
    given = {name.lower(): value for name, value in values.items()}
    problems: dict[str, list[str]] = {}
    for parameter in parameters:
        name = str(parameter["name"])
        value = given.get(name.lower(), "")
        if not value:
            if parameter.get("required"):
                problems[name] = [f"The {name} field is required."]
        elif not _fits_query(value, parameter):
            problems[name] = [f"The value '{value}' is not valid for {name}."]
    return problems


def _fits_query(value: str, parameter: Mapping[str, Any]) -> bool:
    allowed = [str(each).lower() for each in parameter.get("enum", ())]
    kind = parameter.get("type")
    if allowed:
        return value.lower() in allowed
    if kind == "boolean":
        return value.lower() in ("true", "false")
    if kind == "integer":
        return re.fullmatch(r"-?\d+", value) is not None
    if parameter.get("format") == "date-time":
        return _DATE_TIME.fullmatch(value) is not None
    return True


def _problems(
    value: Any, schema: Mapping[str, Any], definitions: Mapping[str, Any], where: str
) -> Iterator[tuple[str, str]]:
    schema = resolved(schema, definitions)
    kind = str(schema.get("type", ""))
    if value is None:
        yield where, f"The {where.rpartition('.')[2]} field is required."
        return
    # A bool is an int to Python, not to JSON.
    if kind in _TYPES and (not isinstance(value, _TYPES[kind]) or (isinstance(value, bool) and kind != "boolean")):
        yield where, f"Error converting value to type '{kind}'."
        return
    if schema.get("enum") and value not in schema["enum"]:
        yield where, f'Error converting value "{value}" to one of {", ".join(map(str, schema["enum"]))}.'
    elif isinstance(value, str):
        yield from _string_problems(value, schema, where)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _problems(item, schema.get("items", {}), definitions, f"{where}[{index}]")
    elif isinstance(value, dict):
        yield from _object_problems(value, schema, definitions, where)


def _string_problems(value: str, schema: Mapping[str, Any], where: str) -> Iterator[tuple[str, str]]:
    name = where.rpartition(".")[2]
    shortest, longest = schema.get("minLength", 0), schema.get("maxLength")
    if len(value) < shortest:
        yield where, f"The field {name} must be a string with a minimum length of {shortest}."
    if longest is not None and len(value) > longest:
        yield where, f"The field {name} must be a string with a maximum length of {longest}."
    if schema.get("format") == "date-time" and not _DATE_TIME.fullmatch(value):
        yield where, f"Could not convert string to DateTime: {value}."


def _object_problems(
    value: dict[str, Any], schema: Mapping[str, Any], definitions: Mapping[str, Any], where: str
) -> Iterator[tuple[str, str]]:
    properties = schema.get("properties", {})
    required = set(schema.get("required", ()))
    for name, of in properties.items():
        if value.get(name) is not None:
            yield from _problems(value[name], of, definitions, f"{where}.{name}")
        elif name in required:
            yield f"{where}.{name}", f"The {name} field is required."

"""What fits a schema of an answer, and what fits an argument of a call: the smallest value that has everything."""

from __future__ import annotations

import datetime as dt
import inspect
import io
import types
import typing
import uuid
import warnings
from collections.abc import Callable
from enum import Enum
from typing import Any

_SCHEMAS = "#/components/schemas/"
_DEEPEST = 12

#: By format, else by type. Times are written as `isoformat()` does, so that they come back as they went.
_VALUES: dict[str | None, Any] = {
    "date-time": "2024-05-06T07:08:09+00:00",
    "date": "2024-05-06",
    "uuid": "0e984725-c51c-4bf4-9960-e1c80e27aba0",
    "string": "text",
    "integer": 7,
    "number": 1.5,
    "boolean": True,
}
_ARGUMENTS: dict[Any, Callable[[], Any]] = {
    bool: lambda: True,
    int: lambda: 7,
    float: lambda: 1.5,
    str: lambda: "text",
    dt.datetime: lambda: dt.datetime(2024, 5, 6, 7, 8, 9, tzinfo=dt.UTC),
    dt.date: lambda: dt.date(2024, 5, 6),
    uuid.UUID: lambda: uuid.UUID(_VALUES["uuid"]),
    Any: dict,
}


class EndlessError(Exception):
    """A schema needs itself: nothing finite fits it."""


def sample(schema: dict[str, Any], document: dict[str, Any], depth: int = 0) -> Any:
    """Return JSON that fits a schema (OpenAPI 3.0.3, Schema Object).

    Raises:
        EndlessError: Nothing finite does.
    """
    if depth > _DEEPEST:
        raise EndlessError
    if schema.get("enum"):
        return schema["enum"][0]
    if other := _instead(schema, document):
        return sample(other, document, depth + 1)
    if schema.get("allOf"):
        return _whole([sample(part, document, depth + 1) for part in schema["allOf"]])
    if schema.get("type") == "array":
        return _list(schema, document, depth)
    if schema.get("type") == "object" or "properties" in schema:
        return _object(schema, document, depth)
    return _VALUES.get(schema.get("format"), _VALUES.get(schema.get("type"), "text"))


def _instead(schema: dict[str, Any], document: dict[str, Any]) -> dict[str, Any] | None:
    """Return the schema that another only leads to."""
    if "$ref" in schema:
        return document["components"]["schemas"][schema["$ref"].removeprefix(_SCHEMAS)]
    return next((schema[kind][0] for kind in ("oneOf", "anyOf") if schema.get(kind)), None)


def _whole(parts: list[Any]) -> Any:
    """Return what fits all parts: their members together, if they are objects."""
    if all(isinstance(part, dict) for part in parts):
        return {name: value for part in parts for name, value in part.items()}
    return parts[0]


def _list(schema: dict[str, Any], document: dict[str, Any], depth: int) -> list[Any]:
    try:
        return [sample(schema.get("items", {}), document, depth + 1)]
    except EndlessError:
        return []


def _object(schema: dict[str, Any], document: dict[str, Any], depth: int) -> dict[str, Any]:
    members = {}
    for name, member in schema.get("properties", {}).items():
        try:
            members[name] = sample(member, document, depth + 1)
        except EndlessError:
            if name in schema.get("required", ()):
                raise
    return members


def arguments(function: Callable[..., Any]) -> dict[str, Any]:
    """Return what a generated function cannot be called without, but for its client."""
    return {
        name: _argument(parameter.annotation)
        for name, parameter in inspect.signature(function, eval_str=True).parameters.items()
        if name != "client" and parameter.default is parameter.empty
    }


def _argument(kind: Any) -> Any:
    """Return a value of a type as generated code writes types."""
    origin = typing.get_origin(kind)
    if origin in (types.UnionType, typing.Union):
        return _argument(typing.get_args(kind)[0])
    if origin is list:
        return [_argument(*typing.get_args(kind))]
    return _ARGUMENTS[kind]() if kind in _ARGUMENTS else _of_class(kind)


def _of_class(kind: type) -> Any:
    """Return a value of a class of the client."""
    if issubclass(kind, Enum):
        return next(iter(kind))
    if kind.__name__ == "File":
        return kind(io.BytesIO(b"content"), "file.bin")
    with warnings.catch_warnings(action="ignore"):  # it says that what is required is missing
        return kind.from_dict({})


def answer_type(function: Callable[..., Any]) -> Any:
    """Return the type of what a `sync_detailed` function parses: `X` of `Response[X]`."""
    return typing.get_args(inspect.signature(function, eval_str=True).return_annotation)[0]


def as_json(value: Any) -> Any:
    """Return what was parsed as the JSON, or the bytes, that it came from."""
    if hasattr(value, "to_dict"):
        return value.to_dict()
    if isinstance(value, list):
        return [as_json(item) for item in value]
    if hasattr(value, "payload"):
        return value.payload.read()
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, dt.date):
        return value.isoformat()
    return str(value) if isinstance(value, uuid.UUID) else value

"""What makes bytes an API description: without it, nothing can be converted, and nothing is guessed."""

from __future__ import annotations

from typing import Any

from ayx_spec.convert.grammar import METHODS
from ayx_spec.convert.plain_values import kind_of
from ayx_spec.convert.references import pointer
from ayx_spec.errors import DocumentError

__all__ = ["MAX_DEPTH", "METHODS", "operations_of", "validate"]

#: How deep objects and lists may be nested: twice what any real document was seen to have.
MAX_DEPTH = 200

#: How much of the way to such a place is named: enough to find it.
_STEPS_SHOWN = 8

_SWAGGER = ("2.0", "2")
_OPENAPI = ("3.0", "3.1")


def operations_of(paths: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    """Return method (lower case), path and operation of everything below `paths`, in document order."""
    return [
        (method, path, item[method])
        for path, item in paths.items()
        if path.startswith("/")
        for method in METHODS
        if method in item
    ]


def validate(data: Any, name: str) -> None:
    """Check that parsed JSON is a Swagger 2.0 or OpenAPI 3.0/3.1 document.

    Raises:
        DocumentError: With the JSON pointer of what keeps it from being one.
    """
    if not isinstance(data, dict):
        raise DocumentError(name, "#", f"must be an object, is {kind_of(data)}")
    _check_version(data, name)
    if "paths" not in data:
        raise DocumentError(name, "#/paths", "is missing")
    if not isinstance(data["paths"], dict):
        raise DocumentError(name, "#/paths", f"must be an object, is {kind_of(data['paths'])}")
    _check_depth(data, name)


def _check_version(data: dict[str, Any], name: str) -> None:
    if "swagger" in data:
        if str(data["swagger"]).strip() not in _SWAGGER:
            raise DocumentError(name, "#/swagger", f"is {data['swagger']!r:.60}; only 2.0 is known")
    elif "openapi" in data:
        if not str(data["openapi"]).startswith(_OPENAPI):
            raise DocumentError(name, "#/openapi", f"is {data['openapi']!r:.60}; only 3.0 and 3.1 are known")
    else:
        keys = ", ".join(list(data)[:5]) or "none"
        raise DocumentError(name, "#", f"no API description: neither `swagger` nor `openapi` (keys: {keys:.200})")


def _check_depth(data: dict[str, Any], name: str) -> None:
    """Refuse what is nested deeper than the conversion, and every tool after it, can follow."""
    level: list[tuple[Any, Any]] = [(data, ())]  # value and its way: (way of the holder, step)
    for _ in range(MAX_DEPTH):
        level = [
            (member, (way, key))
            for value, way in level
            for key, member in (value.items() if isinstance(value, dict) else enumerate(value))
            if isinstance(member, dict | list)
        ]
        if not level:
            return
    steps: list[str] = []
    way = level[0][1]
    while way:
        way, step = way
        steps.append(str(step))
    raise DocumentError(name, pointer(steps[::-1][:_STEPS_SHOWN]), f"nested too deeply: more than {MAX_DEPTH} levels")

"""Schemas that consist of themselves: what has no end has no meaning, and no tool survives it.

A schema may well refer to itself as a member (a tree); it cannot *be* itself: by a reference, or as a part of its
`allOf`, `anyOf` or `oneOf` (JSON Reference; OpenAPI 3.0.3, Composition and Inheritance).
"""

from __future__ import annotations

from typing import Any

from ayx_spec.convert.notes import Notes
from ayx_spec.convert.references import local_name

__all__ = ["without_circles"]

_COMPOSED = ("allOf", "anyOf", "oneOf")


def without_circles(schemas: dict[str, Any], section: tuple[str, ...], notes: Notes) -> dict[str, Any]:
    """Return schemas of which none is a part of itself: the reference that closes a circle is taken away."""
    result = dict(schemas)
    state: dict[str, bool] = {}  # False: on the way, True: done
    for root in schemas:
        stack = [root]
        while stack:
            name = stack[-1]
            if name in state:
                state[stack.pop()] = True
                continue
            state[name] = False
            result[name] = _opened(result[name], section, state, notes, (*section, name))
            stack += [other for other in _parts(result[name], section) if other in result and other not in state]
    return result


def _parts(schema: dict[str, Any], section: tuple[str, ...]) -> list[str]:
    """Return the names of the schemas that one consists of."""
    own = local_name(schema.get("$ref"), *section)
    nested = (part for key in _COMPOSED for member in schema.get(key, []) for part in _parts(member, section))
    return ([own] if own is not None else []) + list(nested)


def _opened(
    schema: dict[str, Any], section: tuple[str, ...], state: dict[str, bool], notes: Notes, steps: tuple[str, ...]
) -> dict[str, Any]:
    """Return a schema without the references to schemas that it is a part of itself."""
    result = dict(schema)
    name = local_name(schema.get("$ref"), *section)
    if name is not None and state.get(name) is False:
        notes.warning(steps, f"dropped the reference to {name!r}: the schema would be a part of itself")
        del result["$ref"]
    for key in _COMPOSED:
        if key in schema:
            members = [
                (member, _opened(member, section, state, notes, (*steps, key, str(index))))
                for index, member in enumerate(schema[key])
            ]
            result[key] = [opened for member, opened in members if opened or not member]
            if not result[key]:
                del result[key]
    return result

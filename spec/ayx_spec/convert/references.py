"""JSON references (RFC 6901 pointers in URI fragments) and the places where a schema may hold one."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Iterator
from typing import Any
from urllib.parse import quote, unquote

__all__ = [
    "VERBATIM",
    "fragment_steps",
    "local_name",
    "pointer",
    "references",
    "rewrite_references",
    "schema_reference",
]

#: Keywords whose value is data of the API, not schema: a `$ref` inside them is a plain member name.
VERBATIM = frozenset({"default", "enum", "example", "examples"})

#: Keywords whose value maps names of the API to objects; a name there may be spelt like a keyword (`default`).
NAME_MAPS = frozenset({"definitions", "headers", "parameters", "paths", "properties", "responses", "schemas"})


def pointer(steps: Iterable[str]) -> str:
    """Return the URI fragment of a place: `#/paths/~1v3~1users/get` (RFC 6901 section 6)."""
    return "#" + "".join("/" + step.replace("~", "~0").replace("/", "~1") for step in steps)


def fragment_steps(reference: str) -> list[str] | None:
    """Return the decoded steps of a local reference, `None` if it points out of the document."""
    if not reference.startswith("#/"):
        return None
    return [unquote(step).replace("~1", "/").replace("~0", "~") for step in reference[2:].split("/")]


def local_name(reference: object, *section: str) -> str | None:
    """Return the name that a reference has in a section such as `definitions`, `None` if it points elsewhere.

    Swashbuckle writes generic names raw (`#/definitions/Page[Job]`), other tools percent-encode them; both are read.
    """
    steps = fragment_steps(reference) if isinstance(reference, str) else None
    if steps is None or len(steps) != len(section) + 1 or steps[:-1] != list(section):
        return None
    return steps[-1]


def _is_data(key: str, among_names: bool) -> bool:
    return not among_names and (key in VERBATIM or key.startswith("x-"))


def _holds_names(key: str, among_names: bool) -> bool:
    return not among_names and key in NAME_MAPS


def _is_local(text: Any) -> bool:
    return isinstance(text, str) and text.startswith("#/")


def _own_references(value: dict[str, Any]) -> Iterator[str]:
    """Yield the references of an object itself: `$ref`, and the values of a discriminator's mapping."""
    if isinstance(value.get("$ref"), str):
        yield value["$ref"]
    mapping = value.get("mapping")
    if isinstance(mapping, dict):
        yield from filter(_is_local, mapping.values())


def references(
    value: Any, steps: tuple[str, ...] = (), *, _among_names: bool = False
) -> Iterator[tuple[tuple[str, ...], str]]:
    """Yield the place and text of every reference in schema positions of a document."""
    if isinstance(value, list):
        for index, member in enumerate(value):
            yield from references(member, (*steps, str(index)))
    if not isinstance(value, dict):
        return
    if not _among_names:
        yield from ((steps, reference) for reference in _own_references(value))
    for key, member in value.items():
        if not _is_data(key, _among_names):
            yield from references(member, (*steps, key), _among_names=_holds_names(key, _among_names))


def rewrite_references(value: Any, rename: Callable[[str], str], *, _among_names: bool = False) -> Any:
    """Return a copy with every reference replaced by what `rename` makes of it; data keywords stay as they are."""
    if isinstance(value, list):
        return [rewrite_references(member, rename) for member in value]
    if not isinstance(value, dict):
        return value
    changed: dict[str, Any] = {}
    for key, member in value.items():
        if _is_data(key, _among_names):
            changed[key] = copy.deepcopy(member)
        elif key == "$ref" and isinstance(member, str) and not _among_names:
            changed[key] = rename(member)
        elif key == "mapping" and not _among_names and isinstance(member, dict):
            changed[key] = {name: rename(text) if _is_local(text) else text for name, text in member.items()}
        else:
            changed[key] = rewrite_references(member, rename, _among_names=_holds_names(key, _among_names))
    return changed


def schema_reference(name: str) -> str:
    """Return the OpenAPI 3 reference to a named schema."""
    return "#/components/schemas/" + quote(name.replace("~", "~0").replace("/", "~1"), safe="~[]`,+ ")

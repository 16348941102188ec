"""Whether an observation says only what the vocabulary has words for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from ayx_diagnostics.vocabulary.operations import OPERATIONS
from ayx_diagnostics.vocabulary.terms import ByName, Key, ListOf, Record, Type

if TYPE_CHECKING:
    from ayx_diagnostics.model import Observation

__all__ = ["departures"]

_SCALARS: Mapping[str, tuple[type, ...]] = {
    "text": (str,),
    "whole": (int,),
    "number": (int, float),
    "flag": (bool,),
    "as_sent": (str, int, float, bool),
}


def departures(seen: Observation) -> list[str]:
    """Return what an observation says that the vocabulary has no word for, a sentence each.

    Args:
        seen: As a probe made it, or as it was read from a report.
    """
    name = f"{seen.stage}.{seen.operation}"
    operation = OPERATIONS.get((seen.stage, seen.operation))
    if operation is None:
        return [f"{name} is no operation of the vocabulary"]
    found = [] if seen.outcome in operation.outcomes else [f"{name} has no outcome {seen.outcome!r}"]
    return found + list(_of_members(seen.evidence, operation.keys, name))


def _of_members(value: Mapping[str, object], keys: tuple[Key, ...], place: str) -> Iterator[str]:
    known = {key.name: key for key in keys}
    for name, item in value.items():
        if name not in known:
            yield f"{place} has no key {name!r}"
        elif item is not None:
            yield from _of_value(item, known[name].type, known[name].words, f"{place}.{name}")


def _of_value(value: object, kind: Type, words: tuple[str, ...], place: str) -> Iterator[str]:
    if isinstance(kind, ListOf) and isinstance(value, list | tuple):
        for item in value:
            yield from _of_value(item, kind.item, words, f"{place}[]")
    elif isinstance(kind, ByName) and isinstance(value, Mapping):
        for name, item in value.items():
            yield from _of_value(item, kind.value, words, f"{place}[{name!r}]")
    elif isinstance(kind, Record) and isinstance(value, Mapping):
        yield from _of_members(value, kind.members, place)
    elif isinstance(kind, str) and _is_scalar(value, kind):
        if words and value not in words:
            yield f"{place} may not be {value!r}"
    else:
        yield f"{place} is {type(value).__name__}, not {kind if isinstance(kind, str) else type(kind).__name__}"


def _is_scalar(value: object, kind: str) -> bool:
    expected = _SCALARS[kind]
    return isinstance(value, expected) and (bool in expected or not isinstance(value, bool))

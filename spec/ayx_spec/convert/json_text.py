"""JSON text (RFC 8259) as Python values: what tools write beside the rules is repaired, with its place."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from typing import Any

from ayx_spec.convert.references import pointer
from ayx_spec.errors import DocumentError

__all__ = ["Repaired", "read_json"]

#: Places that were repaired, and how.
Repaired = list[tuple[tuple[str, ...], str]]

_SURROGATE = re.compile("[\ud800-\udfff]")
_ESCAPED_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\],]', re.DOTALL)
_STEPS_SHOWN = 8


def read_json(text: str, name: str) -> tuple[Any, Repaired]:
    """Return the value that a text holds, and what was repaired in it.

    Raises:
        json.JSONDecodeError: The text is no JSON.
        DocumentError: It is JSON that no tool could read: nested too deeply, or with numbers out of every range.
    """
    if len(text) > _LARGE and text.count("{") + text.count("[") > len(text) / _DENSEST:
        raise DocumentError(name, "#", "no API description: hardly anything but brackets")
    repeated: list[tuple[dict[str, Any], str]] = []

    def build(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        members = dict(pairs)
        if len(members) < len(pairs):
            repeated.extend((members, key) for key in _join_repeated(members, pairs))
        return members

    try:
        data = json.loads(
            text, object_pairs_hook=build, parse_float=_finite, parse_int=_short, parse_constant=_no_number
        )
    except RecursionError as error:
        raise DocumentError(name, _deepest(text), "nested too deeply to be an API description") from error
    except _NotFiniteError as error:
        raise DocumentError(
            name, _place_of(text, str(error)), f"{error} is no JSON value (RFC 8259 section 6)"
        ) from error
    repaired = [(steps, f"the key {key!r} occurs twice in one object") for steps, key in _located(data, repeated)]
    if _ESCAPED_SURROGATE.search(text):
        data = _without_surrogates(data)
    return data, repaired


def _join_repeated(members: dict[str, Any], pairs: list[tuple[str, Any]]) -> list[str]:
    """The last of several members of one name counts (as everywhere); objects that share nothing are joined."""
    first: dict[str, Any] = {}
    keys = []
    for key, value in pairs:
        if key in first:
            keys.append(key)
            other = first[key]
            if isinstance(value, dict) and isinstance(other, dict) and not value.keys() & other.keys():
                value = {**other, **value}  # noqa: PLW2901 - the joined one is what the next may join
            members[key] = value
        first[key] = value
    return list(dict.fromkeys(keys))


#: From how many characters on a text must not be mostly brackets: each becomes an object of many times its size.
_LARGE = 5_000_000
_DENSEST = 8  # characters a bracket; minified descriptions have more than 15


class _NotFiniteError(Exception):
    """A number that JSON does not have; the text is how it is written."""


def _finite(digits: str) -> float:
    value = float(digits)
    if not math.isfinite(value):
        raise _NotFiniteError(digits)
    return value


def _short(digits: str) -> int:
    if len(digits) > _LONGEST:
        raise _NotFiniteError(f"{digits[:20]}…")
    return int(digits)


_LONGEST = 400  # digits; a double has 309


def _no_number(constant: str) -> None:
    raise _NotFiniteError(constant)


def _located(data: Any, repeated: list[tuple[dict[str, Any], str]]) -> Iterator[tuple[tuple[str, ...], str]]:
    """Yield the places of objects that are known by their identity."""
    if not repeated:
        return
    wanted: dict[int, list[str]] = {}
    for holder, key in repeated:
        wanted.setdefault(id(holder), []).append(key)
    level: list[tuple[Any, tuple[str, ...]]] = [(data, ())]
    while level:
        deeper = []
        for value, steps in level:
            yield from ((steps, key) for key in wanted.get(id(value), ()))
            members = value.items() if isinstance(value, dict) else enumerate(value)
            deeper += [(member, (*steps, str(key))) for key, member in members if isinstance(member, dict | list)]
        level = deeper


def _without_surrogates(value: Any) -> Any:
    """Replace halves of characters, which no encoding can write (RFC 8259 section 8.2)."""
    if isinstance(value, str):
        return _SURROGATE.sub("\ufffd", value)
    if isinstance(value, list):
        return [_without_surrogates(member) for member in value]
    if isinstance(value, dict):
        return {_SURROGATE.sub("\ufffd", key): _without_surrogates(member) for key, member in value.items()}
    return value


def _deepest(text: str) -> str:
    """Return the pointer of the place where a text begins to be nested as deeply as nothing else before."""
    steps: list[str] = []
    string = ""
    longest: list[str] = []
    for match in _TOKEN.finditer(text):
        piece = match[0]
        if piece[0] == '"':
            string = piece[1:-1]
        elif piece in "{[":
            steps.append(string)
            string = ""
            if len(steps) > len(longest):
                longest = steps[: _STEPS_SHOWN + 1]
            if len(steps) > _TOO_DEEP:
                break
        elif piece in "}]" and steps:
            steps.pop()
    return pointer(step or "0" for step in longest[1 : _STEPS_SHOWN + 1])


_TOO_DEEP = 500


def _place_of(text: str, written: str) -> str:
    """Return line and column of a number."""
    found = re.search(rf"[\s:,\[]({re.escape(written.removesuffix('…'))})", text)
    at = found.start(1) if found else 0
    return f"line {text.count(chr(10), 0, at) + 1} column {at - text.rfind(chr(10), 0, at)}"

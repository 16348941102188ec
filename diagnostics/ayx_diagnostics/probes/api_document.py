"""What the Server promises of its API, and whether it keeps it: its document, and one answer held against ours."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from ayx_diagnostics.model import Observation
from ayx_diagnostics.probes.field_names import new_members
from ayx_diagnostics.probes.http import converse

if TYPE_CHECKING:
    from ayx_connection.api_document import Member, Shape, Surface

    from ayx_diagnostics.network.base import Clock
    from ayx_diagnostics.probes.http import HttpConnection

__all__ = ["problems", "read_document"]

_OK = 200
_MOST_DIFFERENCES, _MOST_PROBLEMS = 20, 5
_LONGEST_DIFFERENCE = 160
_SHORT = "Reduced"
#: Longest document that is read, in bytes; that of a Server takes a quarter of one million.
_LIMIT = 8_000_000

_JSON_TYPES: Mapping[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "array": (list,),
    "object": (dict,),
}


def read_document(
    clock: Clock,
    connection: HttpConnection,
    url: str,
    known: Surface,
    *,
    timeout_s: float,
    address: str | None = None,
    verified: bool = True,
) -> Observation:
    """Fetch the Server's own document, without a token, and compare it with what is known of the API.

    Args:
        clock: The diagnosis' clock.
        connection: A connection to the Server.
        url: Where the document is.
        known: What it is compared with.
        timeout_s: Bound of the exchange.
        address: The Server's address that the connection leads to.
        verified: Whether the Server's certificate was verified.

    Returns:
        The observation ``read_document``. Without ``differences`` there was nothing to compare.
    """
    from ayx_connection.api_document import compare

    seen, answer = converse(
        clock,
        connection,
        "GET",
        url,
        timeout_s=timeout_s,
        headers={"Accept-Encoding": "gzip"},
        stage="api",
        operation="read_document",
        target=f"GET {urlsplit(url).path}",
        address=address,
        verified=verified,
        with_body=False,
        body_limit=_LIMIT,
    )
    document = answer.document if answer.status == _OK and answer.outcome == "ok" else None
    if not isinstance(document, dict):
        return seen
    try:
        found = compare(document, known)
    except ValueError:
        return seen
    compared = {
        "differences": [_shortened(str(each)) for each in found[:_MOST_DIFFERENCES]],
        "difference_count": len(found),
        "known": len(known.operations),
        "missing": [each.where for each in found if each.kind == "missing" and " " in each.where],
    }
    return replace(seen, evidence={**seen.evidence, **compared})


def problems(answer: Any, shape: Shape, known: Surface, *, full: bool = False) -> list[str]:
    """Return how an answer departs from what is known, one sentence a place, at most five.

    Null may stand anywhere, for Swagger 2.0 cannot say where it may not. Where a model has a short and a full form, the
    document tells but one of them: an answer in either is as it should be. No value is repeated.

    Args:
        answer: Decoded JSON.
        shape: What is documented.
        known: Where its models are.
        full: Whether the full form was asked for.
    """
    found: dict[str, None] = {}
    with suppress(RecursionError):  # a model within itself, followed by an answer without an end
        for place, what in _departures(answer, shape, known, "", full=full):
            found.setdefault(f"{place.lstrip('/') or 'the answer'}: {what}")
            if len(found) == _MOST_PROBLEMS:
                break
    return list(found)


def _departures(
    value: Any, shape: Shape, known: Surface, place: str, *, full: bool = False
) -> Iterator[tuple[str, str]]:
    if value is None:
        return
    kind = "object" if shape.model else shape.type
    wanted = _JSON_TYPES.get(kind, (object,))
    if not isinstance(value, wanted) or (isinstance(value, bool) and bool not in wanted and object not in wanted):
        yield place, f"is {_kind_of(value)}, the document says {kind}"
    elif shape.values and str(value) not in shape.values:
        yield place, "holds a value that is none of the documented ones"
    elif isinstance(value, list) and shape.items is not None:
        for item in value:
            yield from _departures(item, shape.items, known, f"{place}/[]", full=full)
    elif isinstance(value, dict):
        yield from _of_record(value, _forms(shape, known), known, place, full=full)


def _of_record(
    value: dict[str, Any], forms: list[Mapping[str, Member]], known: Surface, place: str, *, full: bool
) -> Iterator[tuple[str, str]]:
    if not any(forms):
        return
    expected = forms[:1] if full else forms
    members = {name: member for form in reversed(forms) for name, member in form.items()}
    for name, member in members.items():
        if name in value:
            yield from _departures(value[name], member.shape, known, f"{place}/{name}")
        elif all(name in form and form[name].required for form in expected):
            yield place, f"{name!r} is missing"
    if new := new_members(value, members):
        yield place, new


def _forms(shape: Shape, known: Surface) -> list[Mapping[str, Member]]:
    """Return the members of an object in each of the forms in which a list may bring it, the full one first."""
    if not shape.model:
        return [shape.members]
    name = shape.model.removeprefix(_SHORT)
    forms = [known.models[each] for each in (name, _SHORT + name) if each in known.models]
    # What a model is composed of is not followed: such a one may hold anything.
    return [] if any(member.startswith("(") for form in forms for member in form) else forms


def _kind_of(value: Any) -> str:
    return next(name for name, types in _JSON_TYPES.items() if type(value) in types)


def _shortened(text: str) -> str:
    return text if len(text) <= _LONGEST_DIFFERENCE else f"{text[:_LONGEST_DIFFERENCE]}…"

"""What changed about an operation that both documents have."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ayx_spec.convert.media_types import FORM, MULTIPART
from ayx_spec.diff.contract import Answer, Body, Operation, Parameter
from ayx_spec.diff.levels import Direction
from ayx_spec.diff.likeness import likeness, one_to_one
from ayx_spec.diff.names import argument
from ayx_spec.diff.sentences import quoted
from ayx_spec.diff.shapes import describe
from ayx_spec.diff.structure import Difference, Structures

__all__ = ["Raw", "compare_operation", "within"]

_RENAMED = 0.6  # likeness of the names of a parameter that is otherwise the same


@dataclass(frozen=True)
class Raw:
    """A change before it is judged and told.

    Attributes:
        rule: The key of its rule; the part before the colon is its kind.
        location: Where in the operation or schema it is.
        what: The thing, in words.
        before: What was there.
        after: What is there now.
        directions: What decides the verdict: whether requests or answers hold it.
        shared: What it was written as in both documents, if several operations share that.
    """

    rule: str
    location: str
    what: str
    before: Any
    after: Any
    directions: frozenset[Direction]
    shared: str | None = None


_REQUEST: frozenset[Direction] = frozenset({"request"})
_RESPONSE: frozenset[Direction] = frozenset({"response"})


def compare_operation(old: Operation, new: Operation, structures: Structures) -> Iterator[Raw]:
    """Yield what changed about parameters, body and answers."""
    if new.deprecated and not old.deprecated:
        yield Raw("operation.deprecated", "operation", "", False, True, _REQUEST)
    yield from _parameters(old, new, structures)
    yield from _bodies(old.body, new.body, structures)
    yield from _answers(old, new, structures)


def within(
    differences: list[Difference], holder: str, location: str, what: str, directions: frozenset[Direction]
) -> Iterator[Raw]:
    """Yield the differences of two shapes as changes of what holds them.

    Args:
        differences: What differs.
        holder: `parameter`, `body`, `response` or `field`; members of any are `field`.
        location: Where the shape is.
        what: The holder, in words.
        directions: Whether requests or answers hold it.
    """
    for one in differences:
        place = ".".join((location, *one.place))
        name = f"{quoted('.'.join(one.place))} of {what}" if one.place else what
        used = directions - ({"request"} if one.read_only else set()) - ({"response"} if one.write_only else set())
        rule = _rule(holder if not one.place else "field", one)
        if rule:
            before, after = one.before, one.after
            if one.aspect == "nullable_changed" and not rule.startswith("field."):
                before, after = (f"{'maybe' if value else 'never'} null" for value in (before, after))
            yield Raw(rule, place, name, before, after, frozenset(used) or directions)


def _rule(holder: str, one: Difference) -> str | None:
    """Return the rule for a difference; `None` where the list of kinds has no word for it."""
    aspect = one.aspect
    if aspect == "default_changed":
        return "parameter.default_changed" if holder == "parameter" else None
    if aspect == "nullable_changed" and holder != "field":
        aspect = "type_changed"
    if aspect in ("enum_added", "enum_removed") and holder != "parameter":
        holder = "field"
    return f"{holder}.{aspect}:{one.variant}" if one.variant else f"{holder}.{aspect}"


def _parameters(old: Operation, new: Operation, structures: Structures) -> Iterator[Raw]:
    before = {(one.place, _folded(one)): one for one in old.parameters if one.place != "path"}
    after = {(one.place, _folded(one)): one for one in new.parameters if one.place != "path"}
    pairs = [(before[key], after[key]) for key in before if key in after]
    gone = [one for key, one in before.items() if key not in after]
    come = [one for key, one in after.items() if key not in before]
    pairs += _path_variables(old, new)
    renamed = _renamed(gone, come, old, new, structures)
    for one in gone:
        if not any(one is pair[0] for pair in renamed):
            yield _parameter("parameter.removed", one, describe(one.shape), None)
    for one in come:
        if not any(one is pair[1] for pair in renamed):
            rule = "parameter.added_required" if one.required else "parameter.added"
            yield _parameter(rule, one, None, describe(one.shape))
    for one, other in (*pairs, *renamed):
        yield from _compare_parameter(one, other, structures)


def _folded(one: Parameter) -> str:
    """Header names are compared without regard to case (RFC 9110 section 5.1)."""
    return one.name.lower() if one.place == "header" else one.name


def _path_variables(old: Operation, new: Operation) -> list[tuple[Parameter, Parameter]]:
    """Pair the variables of two paths by their order; their names are no part of the address."""
    before, after = _in_path(old), _in_path(new)
    by_name = {one.name: one for one in after}
    if len(before) != len(after):
        return [(one, by_name[one.name]) for one in before if one.name in by_name]
    return list(zip(before, after, strict=True))


def _in_path(operation: Operation) -> list[Parameter]:
    own = [one for one in operation.parameters if one.place == "path" and f"{{{one.name}}}" in operation.path]
    return sorted(own, key=lambda one: operation.path.index(f"{{{one.name}}}"))


def _renamed(
    gone: list[Parameter], come: list[Parameter], old: Operation, new: Operation, structures: Structures
) -> list[tuple[Parameter, Parameter]]:
    """Pair parameters that only changed their name: the same in everything else, and recognisable."""
    scored = [
        (score, one, other)
        for one in gone
        for other in come
        if (other.place, other.required, other.style) == (one.place, one.required, one.style)
        and (score := _likeness(one, other, old, new)) >= _RENAMED
        and not structures.differences(one.shape, other.shape)
    ]
    return one_to_one(scored, lambda one: f"{one.place} {one.name}")


def _likeness(one: Parameter, other: Parameter, old: Operation, new: Operation) -> float:
    if one.description and one.description == other.description:
        return 2.0
    names = likeness(one.name.lower(), other.name.lower())
    undescribed = not one.description and not other.description
    in_place = len(old.parameters) == len(new.parameters) and old.parameters.index(one) == new.parameters.index(other)
    return names + (0.6 if undescribed and in_place else 0)


def _parameter(rule: str, one: Parameter, before: Any, after: Any, shared: str | None = None) -> Raw:
    return Raw(rule, f"{one.place}.{one.name}", _what(one), before, after, _REQUEST, shared)


def _what(one: Parameter) -> str:
    return f"the {one.place} parameter {quoted(one.name)}"


def _compare_parameter(old: Parameter, new: Parameter, structures: Structures) -> Iterator[Raw]:
    shared = old.shared if old.shared == new.shared else None
    if _folded(old) != _folded(new):
        same_name = argument(old.name) == argument(new.name)
        variant = "" if old.place != "path" else ":spelling" if same_name else ":path"
        yield _parameter(f"parameter.renamed{variant}", old, old.name, new.name, shared)
    if old.required != new.required:
        rule = "parameter.became_required" if new.required else "parameter.became_optional"
        yield _parameter(rule, old, old.required, new.required, shared)
    differences = structures.differences(old.shape, new.shape)
    for one in within(differences, "parameter", f"{old.place}.{old.name}", _what(old), _REQUEST):
        yield Raw(one.rule, one.location, one.what, one.before, one.after, one.directions, shared)
    if old.style and new.style and old.style != new.style:
        yield _parameter("parameter.style_changed", old, old.style, new.style, shared)


def _bodies(old: Body | None, new: Body | None, structures: Structures) -> Iterator[Raw]:
    if old is None or new is None:
        if new is not None:
            rule = "body.added_required" if new.required else "body.added"
            yield Raw(rule, "body", "the body", None, describe(new.shape), _REQUEST)
        elif old is not None:
            yield Raw("body.removed", "body", "the body", describe(old.shape), None, _REQUEST)
        return
    shared = old.shared if old.shared == new.shared else None
    whole = None if shared == "consumes" else shared
    # a form is required if one of its parts is: that is told of the part
    is_form = {*old.media_types[:1], *new.media_types[:1]} <= {FORM, MULTIPART}
    parts_decide = is_form and old.required == bool(old.shape.required) and new.required == bool(new.shape.required)
    if old.required != new.required and not parts_decide:
        rule = "body.became_required" if new.required else "body.became_optional"
        yield Raw(rule, "body", "the body", old.required, new.required, _REQUEST, whole)
    for one in within(structures.differences(old.shape, new.shape), "body", "body", "the body", _REQUEST):
        yield Raw(one.rule, one.location, one.what, one.before, one.after, one.directions, whole)
    media = _media_variant(old.media_types, new.media_types)
    if media:
        what, rule = "the media type of the body", f"body.media_type_changed:{media}"
        yield Raw(rule, "body", what, list(old.media_types), list(new.media_types), _REQUEST, shared)


def _answers(old: Operation, new: Operation, structures: Structures) -> Iterator[Raw]:
    told: set[tuple[object, object]] = set()
    for status in sorted({*old.answers, *new.answers}, key=lambda status: (not status.startswith("2"), status)):
        was, now = old.answers.get(status), new.answers.get(status)
        kind = "success" if status[:1] in "23" else "error"
        what, location = f"the answer {status}", f"response.{status}"
        if was is None and now is not None:
            yield Raw(f"response.status_added:{kind}", location, what, None, describe(now.shape), _RESPONSE)
        elif now is None and was is not None:
            yield Raw(f"response.status_removed:{kind}", location, what, describe(was.shape), None, _RESPONSE)
        elif was is not None and now is not None:
            for one in _compare_answer(was, now, location, what, structures):
                key = (str(one.before), str(one.after))
                if "media_type" not in one.rule or key not in told:  # Swagger 2.0 says it once for all answers
                    yield one
                told |= {key} if "media_type" in one.rule else set()


def _compare_answer(old: Answer, new: Answer, location: str, what: str, structures: Structures) -> Iterator[Raw]:
    shared = old.shared if old.shared == new.shared else None
    whole = None if shared == "produces" else shared
    if old.shape is None or new.shape is None:
        if old.shape != new.shape:
            variant = "given" if old.shape is None else "dropped"
            before, after = (describe(one) if one else None for one in (old.shape, new.shape))
            yield Raw(f"response.type_changed:{variant}", location, what, before, after, _RESPONSE, whole)
        return
    for one in within(structures.differences(old.shape, new.shape), "response", location, what, _RESPONSE):
        yield Raw(one.rule, one.location, one.what, one.before, one.after, one.directions, whole)
    media = _media_variant(old.media_types, new.media_types)
    if media:
        if shared == "produces":  # said once for all answers
            location, what = "response", "the answers"
        types = list(old.media_types), list(new.media_types)
        rule = f"response.media_type_changed:{media}"
        yield Raw(rule, location, f"the media type of {what}", *types, _RESPONSE, shared)


def _media_variant(old: tuple[str, ...], new: tuple[str, ...]) -> str | None:
    """Return how media types changed for a caller who uses the first of the old ones."""
    if set(old) == set(new):
        return None
    if old and old[0] not in new:
        return "exchanged"
    return "more" if set(old) < set(new) else "fewer"

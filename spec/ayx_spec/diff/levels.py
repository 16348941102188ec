"""How bad a change is, judged from the side of the caller: the same edit differs by direction.

A request is what the caller writes: it breaks when the Server takes less, or wants more. An answer is what the caller
reads: it breaks when the Server sends less, or sends what was never announced. Where both hold, the worse one counts.
Two softer verdicts are ours: a new value of an enumeration, and a wider number, reach a caller of our client unharmed.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

__all__ = ["LEVELS", "RULES", "UNUSED", "Direction", "Judgement", "Level", "judge"]

Level = Literal["breaking", "attention", "addition"]
Direction = Literal["request", "response"]

#: Worst first.
LEVELS: tuple[Level, ...] = ("breaking", "attention", "addition")


@dataclass(frozen=True)
class Judgement:
    """A level, and why."""

    level: Level
    reason: str


def _breaks(reason: str) -> Judgement:
    return Judgement("breaking", reason)


def _look(reason: str) -> Judgement:
    return Judgement("attention", reason)


def _fine(reason: str) -> Judgement:
    return Judgement("addition", reason)


_NEEDED = "calls that do not send it are refused"
_RENAMED = "the Server no longer knows the old name"
_CLASS = "code that names the class fails when it is imported"

#: Type changes: variant -> as part of a request, as part of an answer.
_TYPES: dict[str, tuple[Judgement, Judgement]] = {
    "different": (_breaks("the Server expects another type"), _breaks("code that reads it gets another type")),
    "wider": (
        _fine("every number that was accepted still is"),
        _look("Python reads any size; what stores it (a database column, a data frame) may not"),
    ),
    "narrower": (_breaks("numbers that are too large are refused"), _fine("every number still fits")),
    "general": (_fine("what was accepted still is"), _breaks("code that reads it meets values of another type")),
    "special": (_breaks("values of the other type are refused"), _fine("every value is one that was announced before")),
    "exchanged": (
        _look("the class has another name and more members"),
        _look("the class has another name; every member is still there"),
    ),
    "given": (_look("the type was not said before; what is sent has to fit"), _fine("the type was not said before")),
    "dropped": (_fine("any value is accepted"), _breaks("what arrives is no longer said")),
    "closed": (_breaks("only the listed values are accepted"), _fine("only the listed values arrive")),
    "open": (_fine("any value is accepted"), _look("values arrive that were not listed")),
    "form_given": (_look("a text of another form may be refused"), _fine("only the form of the text is said")),
    "form_dropped": (_fine("any text is accepted"), _look("a text of another form may arrive")),
    "nullable": (_fine("null is accepted as well"), _breaks("code that reads it has to expect None")),
    "not_nullable": (_breaks("null is refused"), _fine("null no longer arrives")),
}
_MEDIA_TYPES: dict[str, Judgement] = {
    "exchanged": _breaks("what callers send or read is no longer offered"),
    "fewer": _look("those who chose one of the dropped types fail"),
    "more": _fine("what was offered still is"),
}
_ENUM_ADDED = (
    _fine("one more value can be sent"),
    _look("an older client shows it as a member UNKNOWN_…; code that lists all values misses it"),
)
_ENUM_REMOVED = (
    _breaks("the Server refuses the value"),
    _look("the value no longer arrives; code that waits for it waits in vain, and its constant is gone"),
)

#: kind, or kind:variant -> as part of a request, as part of an answer; what has no direction stands in both.
RULES: dict[str, tuple[Judgement, Judgement]] = {
    **{
        key: (verdict, verdict)
        for key, verdict in {
            "operation.removed": _breaks("every call of it fails"),
            "operation.added": _fine("nothing that exists changes"),
            "operation.moved": _breaks("calls of the old address fail"),
            "operation.renamed": _breaks("its Python name changes; the address does not"),
            "operation.deprecated": _look("it still works, and will go"),
            "parameter.removed": _breaks("the Server ignores or refuses it, and Python knows no such argument"),
            "parameter.added": _fine("it can be left out"),
            "parameter.added_required": _breaks(_NEEDED),
            "parameter.became_required": _breaks(_NEEDED),
            "parameter.became_optional": _fine("it can be left out now"),
            "parameter.renamed": _breaks(_RENAMED),
            "parameter.renamed:path": _breaks("calls that pass it by name fail in Python; the address is the same"),
            "parameter.renamed:spelling": _look("the address and our Python name stay; other generators may differ"),
            "parameter.default_changed": _look("a call without it does something else now"),
            "parameter.style_changed": _breaks("the Server reads a list in another form"),
            "body.removed": _breaks("the Server ignores or refuses it, and Python knows no such argument"),
            "body.added": _fine("it can be left out"),
            "body.added_required": _breaks(_NEEDED),
            "body.became_required": _breaks(_NEEDED),
            "body.became_optional": _fine("it can be left out now"),
            **{
                f"{holder}.media_type_changed:{variant}": verdict
                for holder in ("body", "response")
                for variant, verdict in _MEDIA_TYPES.items()
            },
            "response.status_added:success": _look("an older client does not know how to read it"),
            "response.status_added:error": _fine("an error that was possible before is announced"),
            "response.status_removed:success": _breaks("callers that wait for this status wait in vain"),
            "response.status_removed:error": _look("the error is no longer announced"),
            "model.removed": _breaks(_CLASS),
            "model.added": _fine("nothing that exists changes"),
            "security.changed:stricter": _breaks("callers need credentials or rights that they did not need before"),
            "security.changed:looser": _fine("what let callers in still does"),
            "security.changed:exchanged": _breaks("callers have to prove who they are in another way"),
            "security.changed:address": _look("tokens come from another address; it is a setting of the client"),
            "server.address_changed:host": _look("the address is a setting of the client; scripts that hold it fail"),
            "server.address_changed:path": _breaks("every address below it changes"),
            "server.address_changed:more": _fine("the former address still works"),
        }.items()
    },
    **{
        f"{holder}.type_changed:{variant}": verdicts
        for holder in ("parameter", "body", "response", "field")
        for variant, verdicts in _TYPES.items()
    },
    **{f"{holder}.enum_added": _ENUM_ADDED for holder in ("parameter", "field")},
    **{f"{holder}.enum_removed": _ENUM_REMOVED for holder in ("parameter", "field")},
    **{f"field.nullable_changed:{variant}": _TYPES[variant] for variant in ("nullable", "not_nullable")},
    "field.removed:optional": (_look("the Server ignores it"), _breaks("code that reads it finds nothing")),
    "field.removed:required": (
        _breaks("every caller sends it, and Python knows no such member"),
        _breaks("code that reads it finds nothing"),
    ),
    "field.added": (_fine("it can be left out"), _fine("a member more does no harm")),
    "field.added_required": (_breaks(_NEEDED), _fine("a member more does no harm")),
    "field.became_required": (_breaks(_NEEDED), _fine("it is always there now")),
    "field.became_optional": (
        _fine("it can be left out now"),
        _breaks("it may be missing (UNSET); code that relies on it fails"),
    ),
    "model.renamed": (_breaks(_CLASS), _look("only code that names the class notices")),
}

#: The verdict on a change of a schema that no operation uses, whatever it is: only code that names its class notices.
UNUSED = _look("no operation uses it; only code that names its class notices")


def judge(rule: str, directions: Iterable[Direction]) -> Judgement:
    """Return the worst verdict of a rule over the directions in which something is used.

    Args:
        rule: A key of `RULES`.
        directions: Where it is used; nowhere caps the verdict at attention.
    """
    request, response = RULES[rule]
    wanted = [verdict for name, verdict in (("request", request), ("response", response)) if name in set(directions)]
    if wanted:
        return min(wanted, key=lambda verdict: LEVELS.index(verdict.level))
    worst = min(request, response, key=lambda verdict: LEVELS.index(verdict.level))
    return worst if worst.level == "addition" else UNUSED

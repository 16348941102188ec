"""A change, as reports and programs get it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ayx_spec.diff.levels import LEVELS, Direction, Level

__all__ = ["Change", "direction_name", "in_order"]


@dataclass(frozen=True)
class Change:
    """One change between two documents. What several operations share is one change.

    Attributes:
        level: How bad it is for a caller.
        kind: What changed, e.g. `parameter.became_required`.
        operation: `GET /v3/users`, as in the old document; `None` for what belongs to no single operation.
        operation_id: Its operationId in the old document.
        model: The schema, by its old name; `None` outside of named schemas.
        location: Where in it: `query.view`, `body.name`, `response.200.items.id`, `field.name`.
        before: What was there; `None` if nothing was.
        after: What is there now.
        sentence: The change, for people.
        reason: Why the level is what it is.
        python: The Python names that it concerns, those of the old client where there are any.
        tag: What reports file it under.
        direction: For schemas: what holds it, requests, answers or both.
        operations: The operations it concerns, if it is of something that they share.
        used_at: `file:line` of the caller's code that it concerns.
        rule: The key of the rule that it was judged by.
        shared: What it was written as in the document, if several operations share that.
    """

    level: Level
    kind: str
    operation: str | None
    operation_id: str | None
    model: str | None
    location: str | None
    before: Any
    after: Any
    sentence: str
    reason: str
    python: tuple[str, ...] = ()
    tag: str = ""
    direction: str | None = None
    operations: tuple[str, ...] = ()
    used_at: tuple[str, ...] = ()
    rule: str = field(default="", compare=False)
    shared: str | None = field(default=None, compare=False)


def direction_name(directions: set[Direction]) -> str | None:
    """Return `request`, `response`, `both`, or `None` for what no operation uses."""
    return "both" if len(directions) > 1 else next(iter(directions), None)


def in_order(changes: list[Change]) -> list[Change]:
    """Return changes worst first, then by tag, place and kind: the same for the same documents."""

    def rank(change: Change) -> tuple[int, str, str, str, str, str]:
        place = change.operation or change.model or ""
        return LEVELS.index(change.level), change.tag, place, change.kind, change.location or "", str(change.after)

    return sorted(changes, key=rank)

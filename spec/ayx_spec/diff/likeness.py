"""How alike two names are, and which of many belong together: the same answer from either side."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from difflib import SequenceMatcher
from typing import TypeVar

__all__ = ["likeness", "one_to_one"]

_Thing = TypeVar("_Thing")


def likeness(one: str, other: str) -> float:
    """Return how alike two texts are, 0 to 1, whichever comes first."""
    first, second = sorted((one, other))  # the ratio depends on the order
    return SequenceMatcher(None, first, second, autojunk=False).ratio()


def one_to_one(
    scored: Iterable[tuple[float, _Thing, _Thing]], name: Callable[[_Thing], str]
) -> list[tuple[_Thing, _Thing]]:
    """Return pairs, best first, in which nothing is twice.

    Args:
        scored: Score, old thing and new thing.
        name: Tells things of one side apart, and decides between pairs of the same score.
    """

    def rank(entry: tuple[float, _Thing, _Thing]) -> tuple[float, list[str]]:
        score, one, other = entry
        return -score, sorted((name(one), name(other)))

    pairs: list[tuple[_Thing, _Thing]] = []
    taken: set[tuple[str, str]] = set()
    for _, one, other in sorted(scored, key=rank):
        ends = {("old", name(one)), ("new", name(other))}
        if not ends & taken:
            taken |= ends
            pairs.append((one, other))
    return pairs

"""A comparison as text for a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby

from ayx_spec.diff.changes import Change
from ayx_spec.diff.documents import Comparison
from ayx_spec.diff.levels import Level
from ayx_spec.diff.reports.advice import advice
from ayx_spec.diff.reports.wording import headline, unchanged
from ayx_spec.diff.surface import SurfaceChange
from ayx_spec.plain_text import one_line

__all__ = ["as_text"]

_TITLES: dict[Level, str] = {"breaking": "Breaking", "attention": "Needs attention", "addition": "New"}
_NEW = 60  # of the harmless ones that are listed
_PLACES = 5


def as_text(
    comparison: Comparison, surface: tuple[SurfaceChange, ...] | None = None, *, with_code: bool = False
) -> str:
    """Return a comparison as text; arguments as for `as_markdown`."""
    blocks = [_your_code(comparison)] if with_code else []
    for level, title in _TITLES.items():
        changes = [change for change in comparison.changes if change.level == level]
        limit = _NEW if level == "addition" else len(changes)
        blocks.append(_block(f"{title} ({len(changes)})", _told(changes[:limit]), len(changes) - limit))
    names = [f"  {one_line(before)} is {one_line(after)} now" for before, after in comparison.moved_aside]
    names += [f"  {one.name}: {one.sentence}" for one in surface or ()]
    blocks.append(_block("Python names that change besides", names))
    text = "\n".join(block for block in blocks if block)
    return f"{text}\n{headline(comparison)}. {unchanged(comparison)}\n".lstrip("\n")


def _block(title: str, lines: Iterable[str], more: int = 0) -> str:
    listed = [*lines, *([f"  … and {more} more: --format json lists them all"] if more > 0 else [])]
    return "\n".join([title, *listed, ""]) if listed else ""


def _told(changes: list[Change]) -> Iterator[str]:
    for tag, group in groupby(changes, key=lambda change: change.tag):
        yield f"  {one_line(tag)}"
        for change in group:
            yield f"    {change.sentence}"
            if change.level != "addition":
                yield f"      {change.reason}. {advice(change)}".rstrip()


def _your_code(comparison: Comparison) -> str:
    used = [change for change in comparison.changes if change.used_at and change.level != "addition"]
    lines = []
    for change in used:
        lines += [f"  {change.level}: {change.sentence}", f"    {advice(change)}".rstrip()]
        lines += [f"    {one_line(place)}" for place in change.used_at[:_PLACES]]
        if len(change.used_at) > _PLACES:
            lines.append(f"    … and {len(change.used_at) - _PLACES} more places")
    return _block("Your code", lines or ["  nothing that it uses breaks or needs attention"])

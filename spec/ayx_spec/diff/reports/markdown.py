"""A comparison as Markdown, in the order in which a reviewer needs it, and short enough for a pull request."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator
from importlib.metadata import PackageNotFoundError, version
from itertools import groupby

from ayx_spec.convert import Document
from ayx_spec.diff.changes import Change
from ayx_spec.diff.documents import Comparison
from ayx_spec.diff.reports.advice import advice
from ayx_spec.diff.reports.wording import headline, unchanged
from ayx_spec.diff.sentences import quoted
from ayx_spec.diff.surface import SurfaceChange
from ayx_spec.errors import GenerationError
from ayx_spec.generation.formatting import ruff_version
from ayx_spec.plain_text import code, markdown, one_line, without_tags
from ayx_spec.templates import generator_version, templates_digest

__all__ = ["as_markdown"]

#: Characters of a section. GitHub takes 65,536 in the text of a pull request; GitLab takes more.
_ROOM = {"code": 14_000, "breaking": 22_000, "attention": 9_000, "addition": 9_000, "notes": 4_000, "surface": 3_000}
_PLACES = 12  # of one change in the caller's code that are listed


def as_markdown(
    comparison: Comparison, surface: tuple[SurfaceChange, ...] | None = None, *, with_code: bool = False
) -> str:
    """Return a comparison as Markdown.

    Args:
        comparison: The comparison.
        surface: What else changed about the generated packages, if they were compared.
        with_code: Whether the caller's code was looked through.
    """
    by_level = {
        level: [change for change in comparison.changes if change.level == level] for level in comparison.counts
    }
    sections = [
        _head(comparison),
        _section("Your code", "code", _your_code(comparison)) if with_code else "",
        _section("Breaking", "breaking", _by_tag(by_level["breaking"], comparison)),
        _section("Needs attention", "attention", map(_line, by_level["attention"])),
        _section("New", "addition", (f"- {_upper(change.sentence)}" for change in by_level["addition"])),
        _section("Python names", "surface", _names(comparison, surface)),
        _section("Conversion notes", "notes", _notes(comparison)),
        f"## Unchanged\n\n{unchanged(comparison)}\n",
    ]
    return without_tags("\n".join(section for section in sections if section))


def _head(comparison: Comparison) -> str:
    rows = [
        "| | document | sha256 |",
        "|---|---|---|",
        *(_source("before", document) for document in comparison.old),
        *(_source("now", document) for document in comparison.new),
    ]
    return "\n".join(["# What the upgrade changes", "", f"**{headline(comparison)}**", "", *rows, "", _made_with(), ""])


def _made_with() -> str:
    """Return what decides how documents are converted and clients written, as far as it is installed."""
    tools = []
    with contextlib.suppress(PackageNotFoundError):
        tools.append(f"alteryx-server-toolkit {version('alteryx-server-toolkit')}")
    with contextlib.suppress(GenerationError):
        tools.append(f"openapi-python-client {generator_version()} (templates `{templates_digest()[:12]}`)")
        tools.append(f"ruff {ruff_version()}")
    return f"Made with {', '.join(tools)}." if tools else ""


def _source(when: str, document: Document) -> str:
    what = f"{markdown(f'{document.title} {document.version}')} ({markdown(document.name)})"
    return f"| {when} | {what} | `{document.sha256[:16]}…` |"


def _section(title: str, room: str, blocks: Iterable[str]) -> str:
    """Return a section, without the blocks for which there is no room; nothing if it is empty."""
    kept: list[str] = []
    left, dropped = _ROOM[room], 0
    for block in blocks:
        left -= len(block) + 1
        if left >= 0 and not dropped:
            kept.append(block)
        else:
            dropped += 1
    if dropped:
        kept.append(f"- … and {dropped} more: `ayxctl spec diff --format json` lists them all")
    return "\n".join([f"## {title}", "", *kept, ""]) if kept else ""


def _your_code(comparison: Comparison) -> Iterator[str]:
    used = [change for change in comparison.changes if change.used_at and change.level != "addition"]
    for change in used:
        what = f"**{change.level}**: {_upper(change.sentence)}: {change.reason}.{_to_do(change)}"
        yield f"- {what}\n  Used at {_places(change)}."
    if not used:
        yield "Nothing that your code uses breaks or needs attention."


def _places(change: Change) -> str:
    shown = ", ".join(code(place) for place in change.used_at[:_PLACES])
    more = len(change.used_at) - _PLACES
    return f"{shown} and {more} more" if more > 0 else shown


def _by_tag(changes: list[Change], comparison: Comparison) -> Iterator[str]:
    """Yield breaking changes below the headline of their tag, those of one operation below its signatures."""
    for tag, of_tag in groupby(changes, key=lambda change: change.tag):
        yield f"### {markdown(tag)}\n"
        for operation, group in groupby(of_tag, key=lambda change: change.operation):
            lines = [_line(change) for change in group]
            yield "\n".join([*lines, *_signatures(operation, comparison)])
        yield ""


def _signatures(operation: str | None, comparison: Comparison) -> list[str]:
    before, after = comparison.signatures.get(operation or "", (None, None))
    if before == after:
        return []
    lines = [f"  {mark} {one_line(text)}" for mark, text in (("-", before), ("+", after)) if text]
    return ["", "  ```diff", *lines, "  ```", ""]


def _line(change: Change) -> str:
    return f"- {_upper(change.sentence)}: {change.reason}.{_to_do(change)}"


def _to_do(change: Change) -> str:
    told = advice(change)
    return f" {told}" if told else ""


def _names(comparison: Comparison, surface: tuple[SurfaceChange, ...] | None) -> Iterator[str]:
    for before, after in comparison.moved_aside:
        yield f"- {code(before)} is {code(after)} now: another one took the name, or freed it"
    for one in surface or ():
        yield f"- {code(one.name)}: {one.sentence}"


def _notes(comparison: Comparison) -> Iterator[str]:
    for note in comparison.notes:
        yield f"- {quoted(note.where)}: {markdown(note.what)}"


def _upper(text: str) -> str:
    return text[:1].upper() + text[1:]

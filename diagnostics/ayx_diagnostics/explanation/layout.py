"""What a screen did to the lines of an error, undone: boxes around them, and what was cut at an edge."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence

__all__ = ["TRACEBACK", "as_written"]

TRACEBACK = "Traceback (most recent call last)"
#: A box as rich, click and Terraform draw it: its top with the title in it, its bottom, and a line of what is inside,
#: with borders on both sides or on the left alone.
_TOP = re.compile(r"\s*[\u2577\u250c\u256d\u250f]")
_BOTTOM = re.compile(r"\s*[\u2575\u2514\u2570\u2517]")
_SIDE = re.compile(r"\s{0,80}[\u2502\u2503] ?([^\n]*)")
_BORDERS = "\u2502\u2503"
#: Screens are so wide. Several different lines of exactly one length, and none longer, were cut at the edge of one; at
#: the edge of a usual one, a single line was.
_WIDTHS = range(60, 260)
_USUAL_WIDTHS = frozenset({80, 100, 120, 132})
#: What is never the rest of the line before.
_BEGINS = re.compile(
    r"Traceback |During handling of |The above exception |Caused by: |(?:\t| {2})\s*(?:at \S|File \")|\d{4}-\d\d-\d\d|$"
    r"|[A-Za-z_][\w.]{2,80}(?:Error|Exception|Timeout)\b:? "
)
#: An entry of a stack that goes on in the next line.
_BROKEN_ENTRY = re.compile(r'\s*File "[^"\n]{1,400}",(?: line(?: \d{1,7},(?: in)?)?)?\s*')


def as_written(lines: Sequence[str]) -> Iterator[str]:
    """Yield the lines as a program wrote them."""
    return _unbroken(list(_unboxed(lines)))


def _unboxed(lines: Iterable[str]) -> Iterator[str]:
    """Take boxes away. What stands in one that is called a traceback (rich's) is its stack, so that it is indented."""
    indent = ""
    inside: list[str] = []
    for line in lines:
        if (side := _SIDE.fullmatch(line)) is not None:
            inside.append(side[1].rstrip())
            continue
        yield from (indent + whole for whole in _of_box(inside))
        inside = []
        if _TOP.match(line):
            indent = "    " if TRACEBACK in line else ""
        elif _BOTTOM.match(line):
            indent = ""
            continue
        yield line
    yield from (indent + whole for whole in _of_box(inside))


def _of_box(inside: Sequence[str]) -> Iterator[str]:
    """Yield the lines of a box; one that the next word did not fit into goes on in the next."""
    width = max((len(line) - 2 for line in inside if line[-1:] and line[-1] in _BORDERS), default=0)

    def between(line: str, following: str) -> str | None:
        if not width or not line or not following[:1].strip() or _BEGINS.match(following):
            return None
        first, last = following.split(" ", 1)[0], line.rsplit(" ", 1)[-1]
        if len(last) + len(first) > width == len(line):
            return ""  # the word is longer than the box is wide
        return " " if len(line) + 1 + len(first) > width else None

    return _rejoined((line.rstrip(_BORDERS).rstrip() for line in inside), between)


def _unbroken(lines: Sequence[str]) -> Iterator[str]:
    """Join what was cut at the edge of a screen, and an entry of a stack that was wrapped at a blank."""
    width = max(map(len, lines), default=0)
    cut = {line for line in lines if len(line) == width} if width in _WIDTHS else set()
    if len(cut) == 1 and width not in _USUAL_WIDTHS:
        cut = set()

    def between(line: str, following: str) -> str | None:
        if line in cut and not _BEGINS.match(following):
            return ""
        return " " if _BROKEN_ENTRY.fullmatch(line) else None

    return _rejoined(lines, between)


def _rejoined(lines: Iterable[str], between: Callable[[str, str], str | None]) -> Iterator[str]:
    """Yield lines, those as one that have something (maybe nothing) between them rather than a line end."""
    parts: list[str] = []
    before = ""
    for line in lines:
        glue = between(before, line) if parts else None
        if glue is None:
            if parts:
                yield "".join(parts)
            parts = [line]
        else:
            parts += [glue, line]
        before = line
    if parts:
        yield "".join(parts)

"""Make what a peer says safe to keep: no terminal obeys it, every format can hold it, and it has an end."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from itertools import islice
from typing import Any

__all__ = ["one_line", "plain", "visible"]

#: What acts instead of being shown: control characters but tab and line ends (a CR alone overwrites its line), line and
#: paragraph separators, changes of direction (Unicode TR 36, 2.5), halves of surrogate pairs, noncharacters.
_ACTING = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]"
    "|\r(?!\n)"
)
_LINE_ENDS = re.compile(r"[ \t]*[\r\n]+\s*")
#: More than any probe has reason to record.
_LONGEST_TEXT, _MOST_ITEMS = 4000, 256
#: Larger integers are no counts and no seconds, and few readers of JSON can hold them (RFC 8259, 6).
_LARGEST_INTEGER = 2**63
_SHOWN_DIGITS = 40


def visible(text: str) -> str:
    r"""Return the text with each character that acts on a terminal or breaks a format as ``\x1b`` or ``\u202e``."""
    return _ACTING.sub(_escape, text)


def one_line(text: str) -> str:
    """Return the text as :func:`visible`, on one line: a peer must not forge lines of a report."""
    return _LINE_ENDS.sub(" ", visible(text))


def _escape(found: re.Match[str]) -> str:
    number = ord(found.group())
    return f"\\x{number:02x}" if number < 256 else f"\\u{number:04x}"  # noqa: PLR2004  # what two hex digits hold


def plain(value: Any) -> Any:
    """Return a copy of a JSON value that every report format can hold.

    Texts are as :func:`visible` makes them, texts and lists of no sensible length are cut, and numbers that JSON does
    not know (infinity, not a number) or that nobody needs are texts.
    """
    if isinstance(value, str):
        text = visible(value[:_LONGEST_TEXT])
        return text if len(value) <= _LONGEST_TEXT else f"{text}…"
    if isinstance(value, Mapping):
        return {plain(key): plain(item) for key, item in islice(value.items(), _MOST_ITEMS)}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value[:_MOST_ITEMS]]
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if isinstance(value, int) and abs(value) >= _LARGEST_INTEGER:
        return f"{str(value)[:_SHOWN_DIGITS]}…"
    return value

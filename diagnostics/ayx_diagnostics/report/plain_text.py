"""Make what a peer says safe to keep: no terminal obeys it, every format can hold it, and it has an end.

`ayx_spec.plain_text` says the same of what a document says; a test holds the two together.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Mapping
from itertools import islice
from typing import Any

__all__ = ["one_line", "plain", "visible"]

#: What acts instead of being shown.
_ACTING = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f"  # control characters but tab and line ends
    "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"  # changes of direction (Unicode TR 36, 2.5)
    "\u2028\u2029"  # line and paragraph separators
    "\xad\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u2060-\u2065\u206a-\u206f\u3164\ufeff\uffa0\ufff0-\ufffb"
    "\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"  # nothing to be seen, tags
    "\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]"  # halves of surrogate pairs, noncharacters
    "|\r(?!\n)"  # alone, it overwrites its line
    "|(?<![\u0600-\u109f])[\u200c\u200d]|[\u200c\u200d](?![\u0600-\u109f])"  # joiners but in Arabic and Indic words
    "|(?<![\u2000-\u33ff\U0001f000-\U0001faff])[\ufe00-\ufe0f]"  # variation selectors, but the one after a symbol
)
#: Marks are drawn over the character before them, and many of them over the lines around.
_PERHAPS_MARKS = re.compile(r"[^\w\s\x00-\x7f]{9,}")
_MOST_MARKS = 8
_LINE_ENDS = re.compile(r"[ \t]*[\r\n]+\s*")
#: More than any probe has reason to record.
_LONGEST_TEXT, _MOST_ITEMS = 4000, 256
#: Larger integers are no counts and no seconds, and few readers of JSON can hold them (RFC 8259, 6).
_LARGEST_INTEGER = 2**63
_SHOWN_DIGITS = 40


def visible(text: str) -> str:
    r"""Return the text with each character that acts on a terminal or breaks a format as ``\x1b`` or ``\u202e``."""
    return _PERHAPS_MARKS.sub(_without_piles, _ACTING.sub(lambda found: _escaped(found.group()), text))


def one_line(text: str) -> str:
    """Return the text as :func:`visible`, on one line: a peer must not forge lines of a report."""
    return _LINE_ENDS.sub(" ", visible(text))


def _escaped(character: str) -> str:
    number = ord(character)
    digits = next(digits for digits in (2, 4, 8) if number < 16**digits)
    return f"\\{'xuU'[digits // 3]}{number:0{digits}x}"


def _without_piles(found: re.Match[str]) -> str:
    shown, marks = [], 0
    for character in found.group():
        marks = marks + 1 if unicodedata.category(character) in ("Mn", "Me") else 0
        shown.append(character if marks <= _MOST_MARKS else _escaped(character))
    return "".join(shown)


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

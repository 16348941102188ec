"""Make what a document says safe to repeat: no terminal obeys it, no format takes it for its own.

A document comes from a Server, or from whoever answered in its place. `ayx_diagnostics.report.plain_text` and
`ayx_diagnostics.report.markdown_text` say the same of what a peer says; a test holds them together.
"""

from __future__ import annotations

import json
import re
import unicodedata
from typing import Any

__all__ = ["code", "json_text", "markdown", "one_line", "visible", "without_tags"]

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

#: Characters that mean something anywhere in Markdown (CommonMark 0.31, GitHub's and GitLab's extensions).
_SPECIAL = re.compile(r"[\\`*_{}\[\]<>|#~$]|&(?=#?\w+;)")
#: What begins a list, a heading's underline or a rule at the beginning of a line.
_BEGINNING = re.compile(r"^([-+=])|^(\d{1,9})([.)])(?=\s|$)")
#: What forges turn into a link, a notification or a picture, escaped or not: addresses, @name, owner/repository#1, !1,
#: :smile:. Only code is left alone.
_REFERENCE = re.compile(r"@\w|://|www\.|#\d|:[\w+-]+:|(?<!\w)(?:[!$%&~^][\w\"]|GH-\d)", re.IGNORECASE)
#: A tag where a backslash means itself: some renderers look for HTML before they look for code.
_TAG, _SHOWN_TAG = re.compile(r"<(?=[A-Za-z/!?])"), r"\\x3c"
_OPENING, _CLOSING = "([{<\"',.;", ")]}>\"',.;:!?"


def visible(text: str) -> str:
    r"""Return the text with each character that acts on a terminal or breaks a format as `\x1b` or `\u202e`."""
    return _PERHAPS_MARKS.sub(_without_piles, _ACTING.sub(lambda found: _escaped(found.group()), text))


def one_line(text: str) -> str:
    """Return the text as `visible`, on one line: a document must not forge lines of a report."""
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


def json_text(value: Any) -> str:
    """Return a value as indented JSON that a terminal and an encoder can take: what acts is written as an escape."""
    text = json.dumps(value, indent=2, ensure_ascii=False)
    return _ACTING.sub(lambda found: json.dumps(found.group())[1:-1], text) + "\n"


def markdown(text: str) -> str:
    """Return a text as one line of Markdown that shows it; what would become a link is shown as code."""
    words = " ".join(one_line(text).split())
    escaped = "".join(_word(piece) for piece in re.split(r"([ `|]+)", words))
    return _BEGINNING.sub(lambda found: f"{found[2] or ''}\\{found[1] or found[3]}", escaped)


def code(text: str) -> str:
    """Return a text as a code span: nothing in it is markup, and it cannot end it."""
    words = " ".join(one_line(text).split()).replace("`", "'")
    return f"`{_TAG.sub(_SHOWN_TAG, words) or ' '}`"


def without_tags(report: str) -> str:
    """Return a finished Markdown report whose code spans hold no HTML tag; elsewhere a backslash stands before it."""
    return re.sub(rf"(?<!\\){_TAG.pattern}", _SHOWN_TAG, report)


def _word(word: str) -> str:
    bare = word.lstrip(_OPENING).rstrip(_CLOSING)
    if not bare or _REFERENCE.search(word) is None:
        return _backslashed(word)
    before, _, after = word.partition(bare)
    return f"{_backslashed(before)}{code(bare)}{_backslashed(after)}"


def _backslashed(word: str) -> str:
    return _SPECIAL.sub(r"\\\g<0>", word)

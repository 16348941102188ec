"""Text within Markdown that stays text: no markup, no link, and nobody is notified."""

from __future__ import annotations

import re

from ayx_diagnostics.report.plain_text import one_line

__all__ = ["code", "markdown"]

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


def markdown(text: str) -> str:
    """Return a text as one line of Markdown that shows it; what would become a link is shown as code."""
    words = " ".join(one_line(text).split())
    escaped = "".join(_word(piece) for piece in re.split(r"([ `|]+)", words))
    return _BEGINNING.sub(lambda found: f"{found[2] or ''}\\{found[1] or found[3]}", escaped)


def code(text: str) -> str:
    """Return a text as a code span: nothing in it is markup, and it cannot end it."""
    words = " ".join(one_line(text).split()).replace("`", "'")
    return f"`{_TAG.sub(_SHOWN_TAG, words) or ' '}`"


def _word(word: str) -> str:
    bare = word.lstrip(_OPENING).rstrip(_CLOSING)
    if not bare or _REFERENCE.search(word) is None:
        return _backslashed(word)
    before, _, after = word.partition(bare)
    return f"{_backslashed(before)}{code(bare)}{_backslashed(after)}"


def _backslashed(word: str) -> str:
    return _SPECIAL.sub(r"\\\g<0>", word)

"""Who sent an answer, and what it says, in words that are safe to show."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ayx_connection.redaction import Redactor

__all__ = ["who_answered", "words_of"]

_MAX_WORDS = 200
#: So much of a text is looked at, in characters.
_MOST_READ = 65536


def who_answered(headers: Mapping[str, str], content: bytes, redactor: Redactor | None = None) -> str:
    """Say in words who sent an answer, as far as its headers and an HTML page's title tell.

    Args:
        headers: Response headers, names in any case if the mapping is case-insensitive, else in lower case.
        content: The body, or its start.
        redactor: Knows what must not appear, should the answer repeat it.
    """
    signs = [
        f"{name} {words!r}" for name in ("Server", "Via") if (words := words_of(headers.get(name.lower()), redactor))
    ]
    title = re.search(rb"<title[^<>]*>(.{1,400}?)</title", content[:65536], re.IGNORECASE | re.DOTALL)
    if title and (words := words_of(title[1].decode("utf-8", "replace"), redactor)):
        signs.append(f"a page titled {words!r}")
    return ", ".join(signs)


def words_of(value: object, redactor: Redactor | None = None, *, longest: int = _MAX_WORDS) -> str | None:
    """Return text of a stranger as one short line of printable characters without any secret in it."""
    if not isinstance(value, str) or not value.strip():
        return None
    if redactor is not None:
        value = redactor.text(value[:_MOST_READ], cut=len(value) > _MOST_READ)
    line = " ".join("".join(c if c.isprintable() else " " for c in value).split())
    return line if len(line) <= longest else f"{line[:longest]}…"

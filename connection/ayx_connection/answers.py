"""Who sent an answer, and what it says, in words that are safe to show."""

from __future__ import annotations

import re
import urllib.parse
from collections.abc import Mapping

__all__ = ["who_answered", "words_of"]

_MAX_WORDS = 200


def who_answered(headers: Mapping[str, str], content: bytes, secrets: tuple[str, ...] = ()) -> str:
    """Say in words who sent an answer, as far as its headers and an HTML page's title tell.

    Args:
        headers: Response headers, names in any case if the mapping is case-insensitive, else in lower case.
        content: The body, or its start.
        secrets: Values that must not appear, should the answer repeat them.
    """
    signs = [
        f"{name} {words!r}" for name in ("Server", "Via") if (words := words_of(headers.get(name.lower()), secrets))
    ]
    title = re.search(rb"<title[^<>]*>(.{1,400}?)</title", content[:65536], re.IGNORECASE | re.DOTALL)
    if title and (words := words_of(title[1].decode("utf-8", "replace"), secrets)):
        signs.append(f"a page titled {words!r}")
    return ", ".join(signs)


def words_of(value: object, secrets: tuple[str, ...] = ()) -> str | None:
    """Return text of a stranger as one short line of printable characters without any secret in it."""
    if not isinstance(value, str) or not value.strip():
        return None
    for secret in secrets:
        for form in (secret, urllib.parse.quote_plus(secret), urllib.parse.quote(secret, safe="")):
            value = value.replace(form, "***") if form else value
    line = " ".join("".join(c if c.isprintable() else " " for c in value).split())
    return line if len(line) <= _MAX_WORDS else f"{line[:_MAX_WORDS]}…"

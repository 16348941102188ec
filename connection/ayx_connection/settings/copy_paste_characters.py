"""Characters that creep into settings by copy and paste, and how to name them without showing what surrounds them."""

from __future__ import annotations

import unicodedata

__all__ = ["character_name", "first_blank", "first_unprintable", "place_of"]

#: Control characters have no name in the Unicode database; a byte order mark has a misleading one.
_NAMES = {
    "\0": "null",
    "\t": "tab",
    "\n": "line feed",
    "\r": "carriage return",
    "\x1b": "escape",
    "\u00a0": "no-break space",
    "\ufeff": "byte order mark",
    "\ufffd": "replacement character",
}
#: Quotation marks that word processors and mail programs put in place of straight ones.
SMART_QUOTES = frozenset("\u2018\u2019\u201a\u201b\u201c\u201d\u201e\u201f\u00ab\u00bb\u2039\u203a\u2032\u2033")


def character_name(character: str) -> str:
    """Return the name of a character and its code point, e.g. ``line feed (U+000A)``."""
    name = _NAMES.get(character) or unicodedata.name(character, "unnamed character").lower()
    return f"{name} (U+{ord(character):04X})"


def first_blank(text: str) -> int | None:
    """Return the index of the first blank: white space, line end, or an invisible character of no width.

    Unicode category Cf holds the invisible ones: zero-width spaces and joiners, marks of writing direction, the byte
    order mark, the soft hyphen.
    """
    return next((i for i, c in enumerate(text) if c.isspace() or unicodedata.category(c) == "Cf"), None)


_LAST_OF_LATIN_1 = 0xFF


def first_unprintable(text: str) -> int | None:
    """Return the index of the first character that cannot be part of a key or secret in an HTTP header.

    These are control characters, smart quotes, and whatever is not latin-1 (RFC 9110 section 5.5).
    """
    return next(
        (
            i
            for i, c in enumerate(text)
            if unicodedata.category(c) == "Cc" or c in SMART_QUOTES or ord(c) > _LAST_OF_LATIN_1
        ),
        None,
    )


def place_of(text: str, index: int) -> str:
    """Say where in a text an index is, e.g. ``at the end`` or ``at position 7``."""
    if index == 0:
        return "at the beginning"
    return "at the end" if not text[index:].strip() or index == len(text) - 1 else f"at position {index + 1}"

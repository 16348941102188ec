"""In which encoding somebody's text is: UTF-8, UTF-16, or a code page of Windows, which nothing in the bytes names.

PowerShell 5 redirects as UTF-16, programs write the ANSI code page, and ``cmd`` the OEM code page: a log may hold lines
of several. What is no UTF-8 is read in every code page in question, and the one wins whose text is most like what the
tables of ``explain`` know.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable
from functools import cache

from ayx_diagnostics.explanation.tables import words

__all__ = ["decoded"]

#: Byte order marks and their encodings.
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
#: What Windows writes, the likeliest first: the first of equals is taken. Western, Japanese, both kinds of Chinese,
#: Korean, Central European, Cyrillic.
_CODE_PAGES = ("cp1252", "cp850", "cp437", "cp932", "gbk", "cp949", "cp950", "cp1250", "cp852", "cp1251", "cp866")
#: Those in which a character beyond ASCII has two octets.
_OF_TWO_OCTETS = frozenset({"cp932", "gbk", "cp949", "cp950"})

#: UTF-16 without a mark: so many of the characters have to be Latin letters, blanks and line ends in one order of
#: octets, and so many times fewer in the other.
_SEARCHED = 65536
_LEAST, _FEWER = 0.01, 3
_PLAIN = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz \r\n")
#: As much of the lines that are no UTF-8 decides on their code page: the last of them.
_SAMPLE = 32768
#: A character of UTF-8 that was cut at the beginning leaves so many octets (RFC 3629, 3).
_MOST_LEFT = 3

#: What a reading is worth: a sentence of the tables, a letter of theirs, any other letter of East Asia.
_SENTENCE, _LETTER, _FAR_LETTER = 50.0, 1.0, 0.9
#: What it costs: an octet that means nothing, a drawing or a control, a sign or an ideograph within a Latin word.
_MEANINGLESS, _ODD, _WITHIN_A_WORD = 4.0, 2.0, 2.0
_LETTERS = "àâäáãåæçèéêëìíîïñòóôöõøùúûüýÿœßÄÖÜÀÉÇÑ"
_TYPOGRAPHIC = "\u2018\u2019\u201a\u201c\u201d\u201e\u2013\u2014\u2026\u2022\u00ab\u00bb\u00b0\u00a9\u00a0"
#: Not beside a Latin letter: there it may have swallowed one.
_WIDE = re.compile(r"(?<![A-Za-z])[\u2e80-\u9fff\uac00-\ud7a3\uff01-\uff60](?![A-Za-z])")
_NO_TEXT = re.compile(r"[\x80-\x9f\u00a1-\u00bf\u00d7\u00f7\u2190-\u2bff\ue000-\uf8ff\uff61-\uff9f]")
_SIGN_IN_A_WORD = re.compile(
    r"(?<=[A-Za-z])(?:[\u201a\u201e]|[\u2020-\u203a\u20ac\u2122\u02c6\u02dc\u201c\u201d\u00a1-\u00bf\u00d7\u00f7"
    r"\u0400-\u04ff\u2e80-\u9fff\uac00-\ud7a3](?=[A-Za-z]))"
)


def decoded(raw: bytes) -> str:
    """Return bytes as text, line by line where a file holds more than one encoding.

    Args:
        raw: A text, or the end of one: its first character may be cut.
    """
    for mark, encoding in _MARKS:
        if raw.startswith(mark):
            return raw.decode(encoding, "replace")
    if unmarked := _utf_16_without_mark(raw):
        return raw.decode(unmarked, "replace")
    raw = _from_a_whole_character(raw)
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return _by_lines(raw)


def _utf_16_without_mark(raw: bytes) -> str | None:
    """Return which UTF-16 bytes are: Latin letters, blanks and line ends have a NUL in every other octet."""
    even, odd = raw[:_SEARCHED:2], raw[1:_SEARCHED:2]
    if 0 not in even and 0 not in odd:
        return None
    little = sum(first in _PLAIN and not second for first, second in zip(even, odd, strict=False))
    big = sum(second in _PLAIN and not first for first, second in zip(even, odd, strict=False))
    if max(little, big) <= max(_LEAST * len(odd), _FEWER * min(little, big)):
        return None
    return "utf-16-le" if little > big else "utf-16-be"


def _from_a_whole_character(raw: bytes) -> bytes:
    """Leave out the rest of a character of UTF-8 that was cut, if what follows is UTF-8."""
    left = 0
    while left < min(_MOST_LEFT, len(raw)) and raw[left] & 0xC0 == 0x80:  # noqa: PLR2004  # RFC 3629, 3
        left += 1
    first_line = raw[left:].partition(b"\n")[0]
    return raw[left:] if left and _is_utf_8(first_line) else raw


def _is_utf_8(raw: bytes) -> bool:
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _by_lines(raw: bytes) -> str:
    """Decode each line as UTF-8 if it can be that, else in the code page that suits all those lines best.

    No code page has the octet of a line end within a character.
    """
    lines: list[str | bytes] = []
    for line in raw.split(b"\n"):
        try:
            lines.append(line.decode("utf-8"))
        except UnicodeDecodeError:
            lines.append(line)
    others = dict.fromkeys(line for line in reversed(lines) if isinstance(line, bytes))
    code_page = _code_page(others)
    return "\n".join(line if isinstance(line, str) else line.decode(code_page, "replace") for line in lines)


def _code_page(lines: Iterable[bytes]) -> str:
    sample = b"\n".join(lines)[:_SAMPLE]
    return max(_CODE_PAGES, key=lambda code_page: _worth(sample.decode(code_page, "replace"), code_page))


def _worth(text: str, code_page: str) -> float:
    """Return how much a reading is like a text that somebody wrote, by the octets that its characters have."""
    letters, sentences = _known()
    strange = [character for character in text if character > "\x7f"]
    lowered = text.lower()
    worth = _LETTER * sum(character in letters for character in strange)
    worth += _FAR_LETTER * len(_WIDE.findall(text))
    worth -= _ODD * sum(character not in letters and _NO_TEXT.match(character) is not None for character in strange)
    return (
        worth * (2 if code_page in _OF_TWO_OCTETS else 1)
        + _SENTENCE * sum(sentence in lowered for sentence in sentences)
        - _MEANINGLESS * text.count("\ufffd")
        - _WITHIN_A_WORD * len(_SIGN_IN_A_WORD.findall(text))
    )


@cache
def _known() -> tuple[frozenset[str], tuple[str, ...]]:
    """Return the characters beyond ASCII that the tables' examples hold, and the sentences with such characters."""
    rows = words()
    letters = {character for row in rows for character in row.example if character > "\x7f"}
    sentences = tuple(some for row in rows for some in row.words if not some.isascii())
    return frozenset(letters | set(_LETTERS + _TYPOGRAPHIC)), sentences

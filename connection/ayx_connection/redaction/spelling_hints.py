"""Whether a long text may hold a secret in some spelling at all.

Undoing every escape of fifty megabytes takes half a minute; nearly all of them hold nothing. A spelling leaves traces
that are found at the speed of a search: the letters and digits of the secret, which most spellings leave alone; what
these become in Base64 and hexadecimal; and where every character is escaped, many escapes in a row.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Iterator

__all__ = ["Hints"]

#: Shorter stretches of letters and digits are in any text.
_STRETCH = re.compile(r"[A-Za-z0-9]{5,}")
#: Many escapes in a row, and what they begin with: most texts have too few of it for a search.
_MANY_ESCAPES: tuple[tuple[tuple[bytes, ...], re.Pattern[bytes]], ...] = (
    (
        (b"%", b"\\", b"&#", b"="),
        re.compile(
            rb"(?:(?:%u?[0-9A-Fa-f]{2}|\\[uUx]\{?[0-9A-Fa-f]{2}|\\[0-7]{3}|&\#[xX]?0*[0-9A-Fa-f]{2}|=[0-9A-Fa-f]{2})"
            rb"[^%\\&=]{0,6}){6}"
        ),
    ),
    ((b"\x1b[",), re.compile(rb"(?:\x1b\[[0-9;]{0,9}[A-Za-z].?){6}")),
    ((b"0x", b"0X"), re.compile(rb"(?:[, ]0[xX][0-9A-Fa-f]{2},?){6}")),
    ((b":", b" "), re.compile(rb"(?:[: ][0-9A-Fa-f]{2}){8}")),
    # codes of printable characters
    ((b",", b";", b" "), re.compile(rb"(?:[,; ]{1,2}(?:3[2-9]|[4-9][0-9]|1[01][0-9]|12[0-6])){8}")),
)
_FEWEST = 6
#: Without one, nothing is in Base64 twice.
_LONG_RUN = re.compile(rb"[A-Za-z0-9+/]{24,}")
_ALPHABET = bytes.maketrans(b"-_ ", b"+/+")
#: What may stand between two letters or digits: blanks, control characters, and octets of invisible characters.
_BETWEEN = bytes(range(33)) + b"\x7f" + bytes(range(0x80, 0x100))


class Hints:
    """Traces of some texts.

    Args:
        texts: The texts. One without a stretch of letters and digits leaves no traces: then everything may hold it.
    """

    def __init__(self, texts: Iterable[str]) -> None:
        stretches = {max(_STRETCH.findall(text), key=len, default="") for text in texts}
        self._unknown = "" in stretches
        self._plain = {stretch.lower().encode() for stretch in stretches}
        self._plain |= {stretch.encode().hex().encode() for stretch in stretches}
        self._coded = {piece for stretch in stretches for piece in _coded(stretch)}
        self._twice = {piece for once in self._coded for piece in _in_base64(once)}

    def may_be_in(self, content: bytes) -> bool:
        """Whether a text may stand in the content; if not, that is certain for all spellings that are looked for."""
        if self._unknown:
            return True
        plain, coded = (
            content.lower().translate(None, _BETWEEN),
            content.translate(_ALPHABET, _BETWEEN.replace(b" ", b"")),
        )
        return (
            any(word in plain for word in self._plain)
            or any(word in coded for word in self._coded)
            or (_LONG_RUN.search(coded) is not None and any(word in coded for word in self._twice))
            or any(
                sum(map(content.count, begins)) >= _FEWEST and pattern.search(content)
                for begins, pattern in _MANY_ESCAPES
            )
        )


def _coded(stretch: str) -> Iterator[bytes]:
    """Yield what a stretch becomes in Base64, also from UTF-16."""
    yield from _in_base64(stretch.encode())
    yield from _in_base64(stretch.encode("utf-16-le"))


def _in_base64(octets: bytes) -> Iterator[bytes]:
    """Yield what octets become in Base64, whatever stands in front of them."""
    for before in range(3):
        letters = base64.b64encode(bytes(before) + octets)
        # of the first and the last letters, some bits are of what stands beside
        yield letters[-(-before * 8 // 6) : (before + len(octets)) * 8 // 6]

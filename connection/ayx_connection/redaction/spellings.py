"""Finding a text in another one, however it is spelt there.

A peer that repeats what it was sent may write it as it came, percent-encoded (RFC 3986, and IIS' ``%uXXXX``), as HTML
entities, with the escapes of JSON, JavaScript, C or Python, quoted-printable, in Base64 of either alphabet, in
hexadecimal, as a list of bytes, in UTF-16, or several of these one inside the other, a character here and a character
there. So no list of spellings is compared: escapes are undone layer by layer, and each layer remembers where it came
from, so that what is found in it can be blanked in the text itself.
"""

from __future__ import annotations

import binascii
import re
import string
import unicodedata
from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence

from ayx_connection.redaction.escapes import BLANKS, HALF_ESCAPE, Layer, Span, layers
from ayx_connection.redaction.spelling_hints import Hints

__all__ = ["Budget", "Needles", "Span"]

#: How often a run (Base64 of Base64) is undone.
_MOST_RUNS = 3
#: From so many octets on, a text is first looked through for traces.
_LONG = 16_384
#: So many octets are looked at for one text; a second takes some three millions.
_MOST_OCTETS = 3_000_000
#: Shorter runs of an alphabet are words.
_SHORTEST_RUN = 6
#: So many runs are remembered while a text is looked at.
_MOST_KNOWN = 10_000
#: Of a text that is cut off, so many octets are told from the end of a word.
_SHORTEST_BEGINNING = 4

#: What becomes of letters beyond ASCII: Unicode's forms, and what Windows writes.
_ENCODINGS = ("utf-8", "latin-1", "utf-16-le", "utf-16-be", "cp1252", "cp850", "cp437", "cp1250", "cp1251")


def _folded(content: bytes) -> bytes:
    """Return a text as it is compared: without regard to case, and a blank as the plus that forms write for it."""
    return content.lower().replace(b" ", b"+")


#: What a run says, read from one of the places where its first octet may begin, and where in it an octet stands.
_Reading = tuple[bytes, Callable[[int], int]]
_Reader = Callable[[bytes], Iterator[_Reading]]

_BASE64_ALPHABET = bytes.maketrans(b"-_ ", b"+/+")
_HEXADECIMAL_DIGIT = re.compile(rb"(?:0[xX]|\\[xX])|([0-9A-Fa-f])")


def _from_base64(run: bytes) -> Iterator[_Reading]:
    """Yield what a run is in Base64, wherever in it the first group of four begins."""
    letters = run.partition(b"=")[0].translate(_BASE64_ALPHABET)  # where a text was cut, a digit may follow
    for begin in range(4):
        group = letters[begin:]
        plain = binascii.a2b_base64(group + b"A" * (-len(group) % 4))[: len(group) * 6 // 8]
        yield plain, lambda octet, begin=begin: begin + octet * 4 // 3  # type: ignore[misc]


def _from_hexadecimal(run: bytes) -> Iterator[_Reading]:
    places = array("l", (digit.start() for digit in _HEXADECIMAL_DIGIT.finditer(run) if digit[1]))
    digits = bytes(run[place] for place in places).decode("ascii")
    for begin in range(2):
        group = digits[begin:]
        plain = bytes.fromhex(group[: len(group) // 2 * 2])
        yield plain, lambda octet, begin=begin: places[min(begin + 2 * octet, len(places) - 1)]  # type: ignore[misc]


def _from_numbers(run: bytes) -> Iterator[_Reading]:
    plain, places = bytearray(), array("l")
    for number in re.finditer(rb"[0-9]+", run):
        plain.append(int(number[0]) & 0xFF)
        places.append(number.start())
    yield bytes(plain), places.__getitem__


#: An alphabet: how runs of it look, how they are read, and which characters go on in the word that is blanked.
_Alphabet = tuple[re.Pattern[bytes], _Reader, bytes]


def _alphabets(shortest: int, end: bytes = b"") -> tuple[_Alphabet, ...]:
    """Return the alphabets in which a whole text may be written.

    Args:
        shortest: Length of the shortest text that is looked for, in octets.
        end: What a run has to end in front of.
    """
    letters, pairs = max(_SHORTEST_RUN, shortest * 4 // 3), max(_SHORTEST_RUN // 2, shortest)
    word = string.ascii_letters.encode() + string.digits.encode() + b"+/-_="
    hexadecimal, number = string.hexdigits.encode(), string.digits.encode()
    runs = (
        (rb"[A-Za-z0-9+/_-]{%d,}={0,2}" % letters, _from_base64, word),
        # its pluses taken for blanks
        (rb"(?<![A-Za-z0-9+/_-])[A-Za-z0-9+/_-]++(?: [A-Za-z0-9+/_-]++)++={0,2}", _from_base64, word),
        # it begins with a set of octets, which is searched for fast
        (
            rb"[0-9A-Fa-f\\](?:(?<!\\)[0-9A-Fa-f]|(?<=[0\\])[xX][0-9A-Fa-f]{2})[ +:,.-]{0,2}"
            rb"(?:(?:0[xX]|\\[xX])?[0-9A-Fa-f]{2}[ +:,.-]{0,2}){%d,}+" % (pairs - 1),
            _from_hexadecimal,
            hexadecimal,
        ),
        (rb"[0-9]{1,3}(?:[ +,;]{1,2}[0-9]{1,3}){%d,}+" % (pairs - 1), _from_numbers, number),
    )
    return tuple((re.compile(pattern + end), read, characters) for pattern, read, characters in runs)


class _TooMuch(Exception):  # noqa: N818 -- names what happened, and never leaves this module
    """The budget is spent."""


#: Runs that were read already, with what stands in them and what it cost: the layers of a text have most in common.
#: It lasts for one look at one text, since it holds what may be a secret.
_Known = dict[tuple[bytes, _Reader, int, bool], tuple[list[Span], int]]


class Budget:
    """How many octets may be looked at, layers and runs of a text included."""

    def __init__(self, octets: int = _MOST_OCTETS) -> None:
        self.left = octets

    def spend(self, octets: int) -> None:
        """Take some of it.

        Raises:
            _TooMuch: There is not so much left.
        """
        self.left -= octets
        if self.left < 0:
            raise _TooMuch


class Needles:
    """Texts that are looked for in any spelling.

    Args:
        texts: The texts; empty ones are left out.
    """

    def __init__(self, texts: Iterable[str]) -> None:
        texts = tuple(texts)
        self._hints = Hints(texts)
        words = {_folded(spelt) for text in texts if text for spelt in _encodings(text)} - {b""}
        self._words: Sequence[bytes] = sorted(words, key=lambda word: (-len(word), word))
        self._pattern = _any_of(self._words)
        self._squeezed = _any_of(sorted({word.replace(b"+", b"") for word in words} - {b""}, key=len, reverse=True))
        self._shortest = min(map(len, words), default=0)
        self._alphabets = _alphabets(self._shortest)
        self._cut_alphabets = _alphabets(_SHORTEST_BEGINNING, rb"[0-9A-Fa-f]?\Z")

    def spans(self, content: bytes, *, cut: bool = False, budget: Budget | None = None) -> list[Span]:
        """Return where any of the texts stands, in order and without overlaps.

        Content that would take too long is one span from end to end: it is made to hide something, or to cost time.

        Args:
            content: UTF-8, or any octets.
            cut: Whether the content is the beginning of more, and may end in the middle of one.
            budget: What may be spent, where several contents share it.
        """
        try:
            return self._spans(content, 0, budget or Budget(), {}, cut=cut)
        except _TooMuch:
            return [(0, len(content))]

    def _spans(self, content: bytes, depth: int, budget: Budget, known: _Known, *, cut: bool) -> list[Span]:
        if self._pattern is None or len(content) < (1 if cut else self._shortest):
            return []
        if len(content) > _LONG and not self._hints.may_be_in(content):
            start = len(content) - _LONG // 2
            tail = self._spans(content[start:], depth, budget, known, cut=True) if cut else []
            return [(begin + start, end + start) for begin, end in tail]
        found: list[Span] = []
        for layer in layers(content):
            budget.spend(len(layer.content))
            inside = [match.span() for match in self._pattern.finditer(_folded(layer.content))]
            if cut and (begin := self._begun(layer.content)) is not None:
                inside.append((begin, len(layer.content)))
            if b" " in layer.content or b"+" in layer.content:
                found += self._among_blanks(layer)
            if depth < _MOST_RUNS:
                inside += self._in_runs(layer.content, depth, budget, known, cut=False)
                inside += self._in_runs(layer.content, depth, budget, known, cut=True) if cut else ()
            found += map(layer.origin, inside)
        return _merged(found)

    def _among_blanks(self, layer: Layer) -> Iterator[Span]:
        """Yield where a text stands with blanks in it, as whoever joins folded lines leaves it."""
        pattern = self._squeezed
        if pattern is not None and pattern.search(layer.content.lower().translate(None, b" +")):
            squeezed = layer.undone(BLANKS) or layer
            yield from (squeezed.origin(match.span()) for match in pattern.finditer(squeezed.content.lower()))

    def _in_runs(self, content: bytes, depth: int, budget: Budget, known: _Known, *, cut: bool) -> Iterator[Span]:
        """Yield the words of runs of an alphabet that say one of the texts."""
        for pattern, read, word in self._cut_alphabets if cut else self._alphabets:
            for run in pattern.finditer(content):
                key = (run[0], read, depth, cut)
                if key in known:
                    spans, cost = known[key]
                    budget.spend(cost)  # the same again: what is too much must not depend on what was seen before
                else:
                    before = budget.left
                    spans = [
                        (place(begin), place(end - 1) + 1)
                        for plain, place in read(run[0])
                        for begin, end in self._spans(plain, depth + 1, budget, known, cut=cut)
                    ]
                    if len(known) < _MOST_KNOWN:
                        known[key] = spans, before - budget.left
                for begin, end in spans:
                    yield _word(content, run.start() + begin, run.start() + end, word)

    def _begun(self, content: bytes) -> int | None:
        """Return where the beginning of one of the texts ends the content, but for half an escape."""
        folded = _folded(HALF_ESCAPE.sub(b"", content))
        for length in range(min(len(folded), len(self._words[0])), _SHORTEST_BEGINNING - 1, -1):
            if any(word.startswith(folded[-length:]) for word in self._words):
                return len(folded) - length
        return None


def _word(content: bytes, begin: int, end: int, characters: bytes) -> Span:
    """Return a span widened to the whole of the word that it stands in."""
    return len(content[:begin].rstrip(characters)), len(content) - len(content[end:].lstrip(characters))


def _any_of(words: Sequence[bytes]) -> re.Pattern[bytes] | None:
    return re.compile(b"|".join(map(re.escape, words))) if words else None


def _encodings(text: str) -> Iterator[bytes]:
    """Yield the octets of a text, and what is left of them should somebody undo what looks like escapes in it."""
    spelt = {text, text.upper(), text.lower()}  # octets that are compared know the case of ASCII alone
    spelt |= {unicodedata.normalize(form, one) for form in ("NFC", "NFD") for one in spelt}
    for encoding in ("utf-8",) if text.isascii() else _ENCODINGS:
        for one in spelt:
            try:
                content = one.encode(encoding, "surrogatepass" if encoding.startswith("utf") else "strict")
            except UnicodeEncodeError:
                continue
            yield from (layer.content for layer in layers(content) if len(layer.content) >= min(4, len(content)))
            if encoding == "utf-8" and not content.isascii():
                yield content.decode("latin-1").encode()  # as a header is read


def _merged(spans: list[Span]) -> list[Span]:
    merged: list[Span] = []
    for begin, end in sorted(spans):
        if merged and begin < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((begin, end))
    return merged

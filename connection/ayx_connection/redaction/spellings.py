"""Finding a text in another one, however it is spelt there.

A peer that repeats what it was sent may write it as it came, percent-encoded (RFC 3986, and IIS' ``%uXXXX``), as HTML
entities, with the escapes of JSON, JavaScript, C or Python, quoted-printable, in Base64 of either alphabet, in
hexadecimal, as a list of bytes, in UTF-16, or several of these one inside the other, a character here and a character
there. So no list of spellings is compared: escapes are undone layer by layer, and each layer remembers where it came
from, so that what is found in it can be blanked in the text itself.
"""

from __future__ import annotations

import binascii
import html
import re
import string
import unicodedata
from array import array
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from ayx_connection.redaction.spelling_hints import Hints

__all__ = ["Budget", "Needles", "Span"]

#: Begin and end (exclusive) in a text of bytes.
Span = tuple[int, int]

#: How often escapes are undone one inside the other, and how often a run (Base64 of Base64) is.
_MOST_LAYERS, _MOST_RUNS = 10, 3
#: A text has no more layers than this, whatever is in it.
_MOST_TEXTS = 40
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

#: What is there without being seen: line ends of folded text, colours of terminals, tags of pages, control characters
#: (the other half of UTF-16 among them), and the characters of Unicode that only act or are blank. A lone ESC is left:
#: a colour may begin with it whose other characters have yet to be read.
_UNSEEN = (
    rb"\t*[\r\n]+[ \t]*|\x1b\[[0-9;]*[A-Za-z]|</?[A-Za-z][A-Za-z0-9]{0,9}(?:\s[^<>]{0,60})?/?>"
    rb"|(?:[\x00-\x09\x0b\x0c\x0e-\x1a\x1c-\x1f\x7f]|\xc2[\x80-\xa0\xad]|\xcd\x8f|\xd8\x9c|\xe1\x85[\x9f\xa0]"
    rb"|\xe1\xa0[\x8b-\x8f]|\xe1\x9e[\xb4\xb5]|\xe2\x80[\x80-\x8f\xa8-\xaf]|\xe2\x81[\x9f-\xaf]|\xe3\x80\x80"
    rb"|\xe3\x85\xa4|\xef\xb8[\x80-\x8f]|\xef\xbb\xbf|\xef\xbe\xa0|\xef\xbf[\xb9-\xbb]|\xf3\xa0[\x80-\xbf][\x80-\xbf]"
    rb"|\xc3\xa2\xc2[\x80\x81]\xc2[\x80-\xbf])+"  # the same in a header, whose octets are Latin-1
)
_ESCAPE = re.compile(
    rb"%[uU][0-9A-Fa-f]{4}|%[0-9A-Fa-f]{2}"
    rb"|&\#[xX]0*[0-9A-Fa-f]{1,8};?|&\#0*[0-9]{1,10};?|&[A-Za-z][A-Za-z0-9]{1,31};"
    rb"|\\u[dD][89ABab][0-9A-Fa-f]{2}\\u[dD][C-Fc-f][0-9A-Fa-f]{2}|\\U[0-9A-Fa-f]{8}|\\[uU][0-9A-Fa-f]{4}"
    rb"|\\[uUxX]\{[0-9A-Fa-f]{1,8}\}|\\[xX][0-9A-Fa-f]{2}|\\[0-7]{3}|\\[rnt0](?![0-9])|\\[!-/:-@\[-`{-~]"
    rb"|" + _UNSEEN
)
#: What becomes of letters beyond ASCII: Unicode's forms, and what Windows writes.
_ENCODINGS = ("utf-8", "latin-1", "utf-16-le", "utf-16-be", "cp1252", "cp850", "cp437", "cp1250", "cp1251")
_BLANKS = re.compile(rb"[ +]+")
#: Apart from the others: ``=8D`` is also how a form's value begins.
_QUOTED_PRINTABLE = re.compile(rb"=[0-9A-Fa-f]{2}|=[ \t]*\r?\n")
#: How an escape looks that a cut went through.
_HALF_ESCAPE = re.compile(rb"(?:%u?[0-9A-Fa-f]{0,3}|&(?:\#?[0-9A-Za-z]{0,10})|\\(?:[uUx]?\{?[0-9A-Fa-f]{0,7}))\Z")
_NUMBER = re.compile(rb"[0-9A-Fa-f]+")


def _character(number: int) -> bytes:
    return chr(number).encode("utf-8", "surrogatepass") if number < 0x110000 else b""  # noqa: PLR2004  # Unicode's end


def _from_entity(escape: bytes) -> bytes:
    word = escape.decode("ascii")
    number = _NUMBER.search(escape) if word[1] == "#" else None
    if number and (code := int(number[0], 16 if word[2] in "xX" else 10)) < 32:  # noqa: PLR2004  # HTML has no such
        return _character(code)
    plain = html.unescape(word)
    return (plain if plain != word else html.unescape(word.lower())).encode("utf-8", "surrogatepass")


def _from_percent(escape: bytes) -> bytes:
    number = int(escape.lstrip(b"%uU"), 16)
    return _character(number) if escape[1:2] in b"uU" else bytes([number])


def _from_backslash(escape: bytes) -> bytes:
    word = escape[1:2]
    if word in (b"r", b"n", b"t", b"0") and len(escape) == 2:  # noqa: PLR2004  # the backslash and its letter
        return b""
    if word.isdigit():
        return bytes([int(escape[1:], 8) & 0xFF])
    if word not in b"uUxX":
        return word
    high, *low = (int(digits, 16) for digits in _NUMBER.findall(escape[2:]))
    if low:  # halves of a surrogate pair (RFC 8259, 7)
        return _character(0x10000 + ((high & 0x3FF) << 10) + (low[0] & 0x3FF))
    return bytes([high]) if word in b"xX" and escape[2:3] != b"{" else _character(high)


_KINDS = {b"&": _from_entity, b"%": _from_percent, b"\\": _from_backslash}


def _unescaped(escape: bytes) -> bytes:
    """Return what one escape stands for, in UTF-8 (a single octet where it says no more); nothing for the unseen."""
    read = _KINDS.get(escape[:1])
    return read(escape) if read else b""


def _unquoted(escape: bytes) -> bytes:
    digits = escape[1:].strip()
    return bytes([int(digits, 16)]) if digits else b""


def _nothing(_: bytes) -> bytes:
    return b""


@dataclass(frozen=True, slots=True)
class _Kind:
    """Escapes that are undone together.

    Attributes:
        starts: The octets that one begins with. They are searched for first: ten times as fast as trying each octet.
        pattern: An escape.
        plain: What becomes of it.
        depth: Up to which depth of layers it is undone.
    """

    starts: re.Pattern[bytes]
    pattern: re.Pattern[bytes]
    plain: Callable[[bytes], bytes]
    depth: int = _MOST_LAYERS

    def found_in(self, content: bytes) -> Iterator[re.Match[bytes]]:
        """Yield what ``pattern.finditer`` would."""
        at = 0
        while start := self.starts.search(content, at):
            at = start.start()
            if found := self.pattern.match(content, at):
                yield found
                at = found.end()
            else:
                at += 1


_UNSEEN_STARTS = rb"\x00-\x1f\x7f<\xc2\xc3\xcd\xd8\xe1\xe2\xe3\xef\xf3"
_PASSES = (
    _Kind(re.compile(rb"[%&\\" + _UNSEEN_STARTS + rb"]"), _ESCAPE, _unescaped),
    _Kind(re.compile(rb"="), _QUOTED_PRINTABLE, _unquoted),
    _Kind(re.compile(rb"\x1b"), re.compile(rb"\x1b(?!\[)"), _nothing),
    # a text that was folded has its ends of lines in the middle of escapes, too
    _Kind(re.compile(rb"[" + _UNSEEN_STARTS + rb"]"), re.compile(_UNSEEN), _nothing, depth=1),
)
_SQUEEZED = _Kind(_BLANKS, _BLANKS, _nothing)


def _places() -> array[int]:
    return array("l")  # there may be as many as octets


@dataclass(slots=True)
class _Layer:
    """A text, and for each escape that was undone to make it where its result stands and where it stood."""

    content: bytes
    parent: _Layer | None = None
    depth: int = 0
    begins: array[int] = field(default_factory=_places)
    ends: array[int] = field(default_factory=_places)
    source_begins: array[int] = field(default_factory=_places)
    source_ends: array[int] = field(default_factory=_places)

    def undone(self, kind: _Kind) -> _Layer | None:
        """Return the layer with its escapes of a kind undone, or None where there are none."""
        made = None
        content = bytearray()
        at = 0
        for found in kind.found_in(self.content):
            made = made or _Layer(b"", self, self.depth + 1)
            content += self.content[at : found.start()]
            made.begins.append(len(content))
            content += kind.plain(found[0])
            made.ends.append(len(content))
            at = found.end()
            made.source_begins.append(found.start())
            made.source_ends.append(at)
        if made is not None:
            made.content = bytes(content + self.content[at:])
        return made

    def origin(self, span: Span) -> Span:
        """Return where a span of this layer stands in the text that it was made of."""
        layer: _Layer = self
        while layer.parent is not None:
            span = (layer._source(span[0])[0], layer._source(span[1] - 1)[1])
            layer = layer.parent
        return span

    def _source(self, position: int) -> Span:
        """Return what of the parent became one octet of this layer."""
        index = bisect_right(self.begins, position) - 1
        while index >= 0 and self.begins[index] == self.ends[index] == position:
            index -= 1  # an escape that left nothing is in front of the octet
        if index < 0:
            shift = 0
        elif position < self.ends[index]:
            return self.source_begins[index], self.source_ends[index]
        else:
            shift = self.source_ends[index] - self.ends[index]
        at = position + shift
        index += 1
        while index < len(self.begins) and (self.begins[index], self.source_begins[index]) == (position, at):
            at = self.source_ends[index]
            index += 1
        return (at, at + 1)


def _layers(content: bytes) -> Iterator[_Layer]:
    """Yield a text as it is, and with its escapes undone once, twice and so on in each way."""
    waiting, seen = [_Layer(content)], {content}
    for layer in waiting:  # grows while it is walked
        yield layer
        for kind in _PASSES:
            made = layer.undone(kind) if layer.depth < kind.depth and len(waiting) < _MOST_TEXTS else None
            if made is not None and made.content not in seen:
                seen.add(made.content)
                waiting.append(made)


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
    plain, places = bytearray(), _places()
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
        for layer in _layers(content):
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

    def _among_blanks(self, layer: _Layer) -> Iterator[Span]:
        """Yield where a text stands with blanks in it, as whoever joins folded lines leaves it."""
        pattern = self._squeezed
        if pattern is not None and pattern.search(layer.content.lower().translate(None, b" +")):
            squeezed = layer.undone(_SQUEEZED) or layer
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
        folded = _folded(_HALF_ESCAPE.sub(b"", content))
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
            yield from (layer.content for layer in _layers(content) if len(layer.content) >= min(4, len(content)))
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

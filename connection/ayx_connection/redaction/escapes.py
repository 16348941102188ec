"""Escapes that stand for characters, undone layer by layer; a layer knows where each of its octets came from."""

from __future__ import annotations

import html
import re
from array import array
from bisect import bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

__all__ = ["BLANKS", "ESCAPES", "HALF_ESCAPE", "Kind", "Layer", "Span", "layers"]

#: Begin and end (exclusive) in a text of bytes.
Span = tuple[int, int]

#: How often escapes are undone one inside the other.
_MOST_LAYERS = 10
#: A text has no more layers than this, whatever is in it.
_MOST_TEXTS = 40

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
#: Apart from the others: ``=8D`` is also how a form's value begins.
_QUOTED_PRINTABLE = re.compile(rb"=[0-9A-Fa-f]{2}|=[ \t]*\r?\n")
#: How an escape looks that a cut went through.
HALF_ESCAPE = re.compile(rb"(?:%u?[0-9A-Fa-f]{0,3}|&(?:\#?[0-9A-Za-z]{0,10})|\\(?:[uUx]?\{?[0-9A-Fa-f]{0,7}))\Z")
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
class Kind:
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
ESCAPES = (
    Kind(re.compile(rb"[%&\\" + _UNSEEN_STARTS + rb"]"), _ESCAPE, _unescaped),
    Kind(re.compile(rb"="), _QUOTED_PRINTABLE, _unquoted),
    Kind(re.compile(rb"\x1b"), re.compile(rb"\x1b(?!\[)"), _nothing),
    # a text that was folded has its ends of lines in the middle of escapes, too
    Kind(re.compile(rb"[" + _UNSEEN_STARTS + rb"]"), re.compile(_UNSEEN), _nothing, depth=1),
)
BLANKS = Kind(re.compile(rb"[ +]"), re.compile(rb"[ +]+"), _nothing)


def _places() -> array[int]:
    return array("l")  # there may be as many as octets


@dataclass(slots=True)
class Layer:
    """A text, and for each escape that was undone to make it where its result stands and where it stood."""

    content: bytes
    parent: Layer | None = None
    depth: int = 0
    begins: array[int] = field(default_factory=_places)
    ends: array[int] = field(default_factory=_places)
    source_begins: array[int] = field(default_factory=_places)
    source_ends: array[int] = field(default_factory=_places)

    def undone(self, kind: Kind) -> Layer | None:
        """Return the layer with its escapes of a kind undone, or None where there are none."""
        made = None
        content = bytearray()
        at = 0
        for found in kind.found_in(self.content):
            made = made or Layer(b"", self, self.depth + 1)
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
        layer: Layer = self
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


def layers(content: bytes) -> Iterator[Layer]:
    """Yield a text as it is, and with its escapes undone once, twice and so on in each way."""
    waiting, seen = [Layer(content)], {content}
    for layer in waiting:  # grows while it is walked
        yield layer
        for kind in ESCAPES:
            made = layer.undone(kind) if layer.depth < kind.depth and len(waiting) < _MOST_TEXTS else None
            if made is not None and made.content not in seen:
                seen.add(made.content)
                waiting.append(made)

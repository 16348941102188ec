"""From what somebody pasted to plain text: without colours and mail quotes, in pieces of bounded size."""

from __future__ import annotations

import html
import quopri
import re
from collections.abc import Iterator
from itertools import groupby

from ayx_diagnostics.explanation.layout import as_written

__all__ = ["MOST_TEXT", "pieces", "plain_lines"]

#: Of more than this, only the end is read: the last error counts.
MOST_TEXT = 4 * 2**20
#: One piece is read as a whole; neighbours overlap by a long traceback.
_PIECE, _OVERLAP = 256 * 1024, 32 * 1024
#: The longest line that any library writes for one error; what is longer is cut in the middle.
_LONGEST_LINE = 8000

#: Terminal control sequences (ECMA-48, 5.4): colours, cursor movements, window titles, links. The escape character may
#: have been written out, by a log of JSON or by ``cat -v``.
_CONTROL_SEQUENCE = re.compile(
    r"(?:\x1b|\\x1b|\\u001b|\\033|\^\[)"
    r"(?:\[[0-9;:?]{0,40}[ -/]{0,4}[@-~]|\][^\x07\x1b]{0,400}(?:\x07|\x1b\\)|(?<=\x1b)[@-Z\\^_])",
    re.IGNORECASE,
)
#: Colours whose escape character was lost on the way: ``[31m``.
_LOST_ESCAPE = re.compile(r"\[(?:\d{1,3};){0,9}\d{1,3}m")
_ENTITY = re.compile(r"&(?:quot|apos|lt|gt|amp|nbsp|#\d{1,5}|#x[0-9a-fA-F]{1,4});")
#: Tags that say how a line looks, or where it ends, not what page it is.
_FORMATTING = re.compile(r"</?(?:span|font|b|i|em|strong|code|pre|td)(?: [^<>\n]{0,400})?>", re.IGNORECASE)
_LINE_END = re.compile(r"</?(?:br|p|div|li|tr)(?: [^<>\n]{0,400})? ?/?>", re.IGNORECASE)
#: Marks of a quotation in mail and chat, of an exception group, and pytest's mark of an error line.
_QUOTE = re.compile(r"(?m)^(?: {0,40}[>|] ?|E {3}){1,4}")
#: A frame as structlog writes it.
_FRAME_OF_JSON = re.compile(r'"filename": ?"([^"\n]{1,400})", ?"lineno": ?(\d+), ?"name": ?"([^"\n]{1,200})"')
#: A traceback whose line ends were lost, and where they were: before what Python begins a line with.
_ONE_LINE = re.compile(r'most recent call last\): +File "')
_ONE_LINE_BREAKS = re.compile(
    r'(?<=\S) +(?=Traceback \(most recent|File "[^"\n]{1,400}", line \d'
    r"|During handling of the above exception|The above exception was the direct"
    r"|(?:[a-z_]\w{0,40}\.){0,6}\w{2,40}(?:[Ee]rror|Exception|[Tt]imeout|Disconnected|Line|Read)\b: )"
)
_PLAIN = str.maketrans(
    {
        **dict.fromkeys("\u2018\u2019\u201a\u201b\u00b4", "'"),
        **dict.fromkeys("\u201c\u201d\u201e\u00ab\u00bb", '"'),
        **dict.fromkeys("\u00a0\u2007\u202f", " "),
        **dict.fromkeys("\u2010\u2011\u2012\u2013\u2212", "-"),
        **dict.fromkeys("\u2028\u2029", "\n"),
        **dict.fromkeys((0, 0xAD, 0xFEFF, *range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x206A))),
        "\u2026": "...",
        "\uff1a": ": ",
        "\uff08": " (",
        "\uff09": ") ",
    }
)


def pieces(text: str) -> Iterator[str]:
    """Yield a long text in pieces, its end first."""
    end = len(text)
    floor = max(0, end - MOST_TEXT)
    while True:
        start = max(floor, end - _PIECE)
        if start > 0:  # not in the middle of a line: half of one can say something else
            start = text.find("\n", start, start + _LONGEST_LINE) + 1 or start
        yield text[start:end]
        if end <= floor + _PIECE:
            return
        end = start + _OVERLAP


def plain_lines(text: str) -> list[str]:
    """Return the lines of a text as a program wrote them, before a terminal, a log, a page or a mail got hold of it."""
    text = _LOST_ESCAPE.sub("", _CONTROL_SEQUENCE.sub("", text))
    if _ENTITY.search(text):
        text = html.unescape(html.unescape(text))
    text = _LINE_END.sub("\n", _FORMATTING.sub("", text.translate(_PLAIN)))
    if "=3D" in text and "=\n" in text:  # quoted-printable
        text = quopri.decodestring(text.encode("utf-8", "replace")).decode("utf-8", "replace")
    for line_end, unescaped in _UNESCAPED:
        # not each "\\n": a path of Windows may have one
        if text.count(line_end) > text.count("\n") or f"recent call last):{line_end}" in text:
            text = unescaped(text)
    text = text.replace('\\"', '"').replace("\\'", "'")
    text = _FRAME_OF_JSON.sub(r'\n  File "\1", line \2, in \3\n    ', text)
    text = _QUOTE.sub("", text)
    if _ONE_LINE.search(text):  # a log that keeps a traceback in one line
        text = _ONE_LINE_BREAKS.sub("\n", text)
    lines = [line for line, _ in groupby(text.splitlines())]  # what repeats says nothing more
    return [_cut(_QUOTE.sub("", line)) for line in as_written(lines)]


def _without_backslashes(text: str) -> str:
    return text.replace("\\r", "\n").replace("\\n", "\n").replace("\\t", "\t")


def _without_percents(text: str) -> str:
    return text.replace("%0D", "").replace("%0A", "\n").replace("%25", "%")


#: How a line end may be written: in a string literal or a log of JSON, or in a workflow command of GitHub.
_UNESCAPED = (("\\n", _without_backslashes), ("%0A", _without_percents))


def _cut(line: str) -> str:
    if len(line) <= _LONGEST_LINE:
        return line
    return f"{line[: _LONGEST_LINE // 2]} … {line[-_LONGEST_LINE // 2 :]}"

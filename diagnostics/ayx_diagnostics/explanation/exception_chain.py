"""From lines to chains: the last chain of exceptions in a text or of a live one, the innermost first."""

from __future__ import annotations

import re
import traceback
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from ayx_diagnostics.explanation.layout import TRACEBACK

__all__ = ["ChainLink", "of_exception", "of_lines"]


@dataclass(slots=True)
class ChainLink:
    """One exception of a chain, or one entry of a log.

    Attributes:
        message: What it says, lower case, white space collapsed.
        frames: Where it passed through: the stack's lines, lower case.
    """

    message: str = ""
    frames: str = ""
    _said: list[str] = field(default_factory=list, repr=False)
    _passed: list[str] = field(default_factory=list, repr=False)

    def add(self, line: str, *, frame: bool) -> None:
        """Take one line."""
        (self._passed if frame else self._said).append(line)

    def close(self) -> ChainLink:
        """Finish, when all lines are there."""
        self.message = " ".join(" ".join(self._said).lower().split())
        self.frames = "\n".join(self._passed).lower()
        return self


#: Python says this between two tracebacks of one chain (library documentation, ``traceback``).
_JOINED = ("the above exception was the direct cause of", "during handling of the above exception, another exception")
_TRACEBACK = TRACEBACK.lower()
#: A stack frame of Python (as Python, IPython and Sentry write it), Java, .NET (which translates "at") or JavaScript.
_FRAME = re.compile(
    r'^\s*(?:File ".{1,400}", line \d+|File \S{1,400}:\d+, in |-{1,5}> ?\d+ |\S{1,400}\.py in \S{1,200} at line \d'
    r"|at \S|\.\.\. \d+ (?:more|lines)|--- End of |\[C\]: "
    r"|\s(?:bei|à|in|en|em|在|場所) [\w.`<>]{1,300}\.[\w`<>]{1,200}\()",
    re.IGNORECASE,
)
#: A line of source that only stands around one of the stack, as rich and IPython show it: ``  117 │   message = …``.
_AROUND = re.compile(r"\s*\d{1,6}(?:[\s\u2502]|$)")
#: A further cause inside of the one before: Java, .NET, Node, Go's and Rust's habit.
_INNER = re.compile(
    r"^\s*(?:[-\w\[\]. ]{0,60}?Caused by:|-{3,}> |\(Inner Exception|InnerException\s*:|\[cause\]:|cause:\s|\[errors\]:)"
    r"|\s-{3,}> (?=[A-Za-z_.]{3,})",
    re.IGNORECASE,
)
#: An entry of a log begins: a date or time, a level, or a tool's own prefix.
_ENTRY = re.compile(
    r"^\W{0,3}(?:\d{4}[-/.]\d\d[-/.]\d\d|\d\d?[:.]\d\d[:.]\d\d|\w{3} +\d{1,2} \d\d:\d\d|\d\d?/\d\d?/\d{2,4} "
    r"|(?:trace|debug|info|notice|warn|warning|error|critical|fatal|err|wrn)\b|npm err!|##\[error\])",
    re.IGNORECASE,
)
_DIGIT = re.compile(r"\d")
#: A traceback's first line ends where it says so.
_WITH_COLON = len(_TRACEBACK) + 3
#: As many links of a chain as anybody follows.
_DEEPEST = 30
#: As many entries of a stack, its innermost, as are read.
_MOST_ENTRIES = 200


def of_lines(lines: Sequence[str]) -> list[list[ChainLink]]:
    """Return the chains of a text, the last one first; each is innermost first."""
    chains: list[list[ChainLink]] = []
    for chain in _chains(list(_without_prefix(lines))):
        parts = [part for lines_of_one in chain for part in _inner_first(lines_of_one)]
        chains.append([link.close() for link in parts[:_DEEPEST]])
    chains.reverse()
    return chains


def _without_prefix(lines: Sequence[str]) -> Iterator[str]:
    """Yield the lines without what a log put before every line of a traceback (``docker logs -t``, ``journalctl``)."""
    prefix = ""
    for number, line in enumerate(lines):
        if (start := line.lower().find(_TRACEBACK)) >= 0 and len(line) - start <= _WITH_COLON:
            prefix = _prefix_of_stack(lines, number, start)
        if prefix and _DIGIT.sub("0", line[: len(prefix)]) == prefix:
            yield line[len(prefix) :]
        else:
            yield line


def _prefix_of_stack(lines: Sequence[str], number: int, start: int) -> str:
    """Return what stands before every line of the traceback that begins there, its digits as zeros."""
    first = _DIGIT.sub("0", lines[number][:start])
    for line in lines[number + 1 : number + 4]:
        before, entry, _ = line.partition('  File "')
        before = _DIGIT.sub("0", before)
        # more may stand before or after it in the first line alone, such as a quotation mark
        if entry and (first.endswith(before) or first.startswith(before)):
            return before
    return first


def _chains(lines: Sequence[str]) -> Iterator[list[list[str]]]:
    """Yield groups of lines, each a chain of exceptions; a Python chain is innermost first already."""
    chain: list[list[str]] = [[]]
    joined = in_stack = False
    for line in lines:
        low = line.lower()
        if any(words in low for words in _JOINED):
            joined = True
            continue
        if _TRACEBACK in low:
            if joined:
                chain.append([])
            elif any(chain):
                yield chain
                chain = [[]]
            joined, in_stack = False, True
        elif in_stack:
            in_stack = line[:1].isspace() or _FRAME.match(line) is not None or not line
        elif _ENTRY.match(line) and any(chain):
            yield chain
            chain = [[]]
        chain[-1].append(line)
    if any(chain):
        yield chain


def _inner_first(lines: Sequence[str]) -> list[ChainLink]:
    """Split the lines of one exception at the marks of inner causes; the last of those is the innermost."""
    parts = [ChainLink()]
    stack_of_python = of_python = False
    for line in lines:
        low = line.lower()
        if _TRACEBACK in low:
            stack_of_python = True
            continue
        if stack_of_python and line.strip():
            frame = line[:1].isspace() or _FRAME.match(line) is not None
            stack_of_python = frame
        else:  # of a Python traceback whose beginning was not pasted, the source line after a frame is part of it
            frame = _FRAME.match(line) is not None or (of_python and line[:4] == "    ")
            of_python = frame and (of_python or line.lstrip().startswith('File "'))
        if frame:
            if not _AROUND.match(line):
                parts[-1].add(line, frame=True)
            continue
        rest = line
        while (mark := _INNER.search(rest)) is not None:
            parts[-1].add(rest[: mark.start()], frame=False)
            parts.append(ChainLink())
            rest = rest[mark.end() :]
        parts[-1].add(rest, frame=False)
    return parts[::-1]


def of_exception(error: BaseException) -> list[ChainLink]:
    """Return the chain of a live exception, innermost first: causes, contexts (suppressed, too), reasons, members."""
    found: list[BaseException] = []
    waiting: list[object] = [error]
    while waiting and len(found) < _DEEPEST:
        this = waiting.pop(0)
        if not isinstance(this, BaseException) or any(this is known for known in found):
            continue
        found.append(this)
        # urllib.error.URLError, urllib3's MaxRetryError and aiohttp keep what happened in an attribute
        inner = [this.__cause__ or this.__context__, getattr(this, "reason", None), getattr(this, "os_error", None)]
        waiting += [*inner, *getattr(this, "exceptions", ()), *this.args]
    return [_of_one(this) for this in reversed(found)]


def _of_one(error: BaseException) -> ChainLink:
    made = ChainLink()
    kind = type(error)
    name = kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"
    number = getattr(error, "winerror", None) or getattr(error, "errno", None)
    with_number = isinstance(error, OSError) and isinstance(number, int) and f" {number}]" not in _text(error)
    kind_of_number = "WinError" if getattr(error, "winerror", None) else "Errno"
    made.add(f"{name}: {f'[{kind_of_number} {number}] ' if with_number else ''}{_text(error)}", frame=False)
    status = getattr(getattr(error, "response", None), "status_code", None)
    if isinstance(status, int):
        made.add(f"status code {status}", frame=False)
    for note in getattr(error, "__notes__", ()):
        made.add(str(note)[:8000], frame=False)
    for entry in traceback.extract_tb(error.__traceback__, limit=-_MOST_ENTRIES):
        made.add(f'File "{entry.filename}", line {entry.lineno}, in {entry.name}\n{entry.line or ""}', frame=True)
    return made.close()


def _text(error: BaseException) -> str:
    try:
        return str(error)[:8000]
    except Exception:  # noqa: BLE001  # somebody else's __str__ may fail in any way; the class still says something
        return ""

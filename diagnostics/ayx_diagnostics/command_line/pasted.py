"""The text that a command is to explain: from its arguments, a file or standard input."""

from __future__ import annotations

import os
import re
import sys
from collections import deque
from pathlib import Path
from typing import BinaryIO

from ayx_diagnostics.command_line.terminal import fail, warn
from ayx_diagnostics.explanation.encodings import decoded
from ayx_diagnostics.explanation.paste import MOST_TEXT

__all__ = ["given_text"]

_NOTHING = "nothing to explain: give a code such as tcp.syn_dropped, an error's text, - to read it, or --report FILE"
_PASTE = (
    "paste the error, then end it with Ctrl-Z and Enter" if os.name == "nt" else "paste the error, then press Ctrl-D"
)
_BLOCK = 2**16
#: A stream that has not ended after so much is none that somebody pasted.
_MOST_READ = 2**28
#: One word that can only mean a file, there or not: it starts as a path does, or ends as a text file's name does. Words
#: with a slash alone, or with + and =, may be a key or a token, which no message must repeat.
_PATH = re.compile(
    r"(?:[.~]{0,2}[\\/]|[A-Za-z]:[\\/])[^+=]*|(?!.*://)[^\s'\"()<>{}+=]+\.(?:log|txt|out|err|trace|html?)"
)
_LONGEST_PATH = 400


def given_text(words: list[str]) -> str:
    """Return the text that the arguments stand for; without any, what is piped in.

    Ends the program with one line and exit code 2 if there is none, or the file cannot be read.
    """
    is_piped = sys.stdin is not None and not sys.stdin.isatty()
    if words == ["-"] or (not words and is_piped):
        if not is_piped and sys.stdin is not None:
            warn(_PASTE)
        text = decoded(_end_of(sys.stdin.buffer))
    elif len(words) == 1 and (path := _file(words[0])) is not None:
        try:
            with path.open("rb") as stream:
                text = decoded(_end_of(stream))
        except OSError as error:
            fail(f"{path}: cannot be read: {error.strerror or type(error).__name__}")
    else:
        text = " ".join(words)
    if not text.strip("\ufeff\0 \t\r\n"):
        fail(_NOTHING)
    return text


def _file(word: str) -> Path | None:
    """Return the file that a single argument names, whether it is there or not; None if it is a text."""
    if len(word) > _LONGEST_PATH or "\n" in word or "\0" in word:
        return None
    path = Path(word)
    try:
        there = path.is_file()
    except OSError:
        return None
    return path if there or _PATH.fullmatch(word) else None


def _end_of(stream: BinaryIO) -> bytes:
    """Read a stream and keep its end: the last error counts."""
    blocks: deque[bytes] = deque(maxlen=MOST_TEXT // _BLOCK)
    read = 0
    while read < _MOST_READ and (block := stream.read(_BLOCK)):
        blocks.append(block)
        read += len(block)
        if len(block) < _BLOCK:  # the end; to ask a terminal again would want a second end from who types
            break
    return b"".join(blocks)

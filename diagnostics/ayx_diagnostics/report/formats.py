"""The formats of a report: one row has all that is to be said of one, but for how the report is laid out in it.

That is in the module of ``report.renderers`` that is named like the format.
"""

from __future__ import annotations

from enum import StrEnum
from pathlib import PurePath
from typing import Literal, Self

__all__ = ["FORMATS", "FORMAT_BY_NAME", "FORMAT_BY_SUFFIX", "Format", "RequestFormat", "format_of"]


class Format(StrEnum):
    """What a finished text is written in; the value is its name on the command line.

    Attributes:
        suffix: Of a file in this format.
        escape: How it writes a character, by the character's number, that must not stand there as it is.
        has_escapes: Whether it has such a way of its own, so that what is in it has been escaped already.
    """

    TEXT = "text", ".txt", r"\x{:02x}", False
    JSON = "json", ".json", r"\u{:04x}", True
    JUNIT = "junit", ".xml", "&#{};", True
    MARKDOWN = "markdown", ".md", r"\x{:02x}", False
    HTML = "html", ".html", "&#{};", True

    suffix: str
    escape: str
    has_escapes: bool

    def __new__(cls, name: str, suffix: str, escape: str, has_escapes: bool) -> Self:
        """Make one row of the table."""
        member = str.__new__(cls, name)
        member._value_ = name
        member.suffix, member.escape, member.has_escapes = suffix, escape, has_escapes
        return member


FORMATS = tuple(Format)

#: ``--format NAME``.
FORMAT_BY_NAME = {kind.value: kind for kind in FORMATS}

#: Those of a request to the network team: a mail, a ticket.
RequestFormat = Literal["text", "markdown"]

#: ``--report FILE``: the format follows the suffix.
FORMAT_BY_SUFFIX = {kind.suffix: kind for kind in FORMATS}


def format_of(path: PurePath) -> Format:
    """Return the format that a report file's suffix asks for.

    Raises:
        ValueError: The suffix is none of ``FORMAT_BY_SUFFIX``.
    """
    try:
        return FORMAT_BY_SUFFIX[path.suffix.lower()]
    except KeyError:
        known = " ".join(FORMAT_BY_SUFFIX)
        raise ValueError(f"{path}: the suffix says no format; use one of {known}") from None

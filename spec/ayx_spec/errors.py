"""The errors of this package: one line each, naming the file and the place."""

from __future__ import annotations

from ayx_spec.plain_text import one_line

__all__ = ["DocumentError", "GenerationError", "SpecError"]


class SpecError(Exception):
    """Anything that keeps a document from becoming a client. The message is one line."""

    def __init__(self, message: str) -> None:
        super().__init__(" ".join(one_line(message).split()))


class DocumentError(SpecError):
    """The input is no usable API description.

    Attributes:
        name: The file (or address) it came from.
        where: The place in it: a JSON pointer (RFC 6901) such as `#/paths/~1users`, `line 3 column 7`, or "".
        what: What is wrong there.
    """

    def __init__(self, name: str, where: str, what: str) -> None:
        self.name = name
        self.where = where
        self.what = what
        super().__init__(": ".join(part for part in (name, where, what) if part))


class GenerationError(SpecError):
    """A client could not be generated; the folder it was meant for is as it was before."""

"""The errors of this package: one line each, naming the file and the place."""

from __future__ import annotations

from ayx_spec.plain_text import one_line

__all__ = ["DocumentError", "DocumentMissingError", "GenerationError", "SpecError", "missing_extra"]


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


class DocumentMissingError(DocumentError):
    """The Server publishes no such document: it answered 404 (RFC 9110, section 15.5.5)."""


class GenerationError(SpecError):
    """A client could not be generated; the folder it was meant for is as it was before."""


def missing_extra(package: str, extra: str) -> str:
    """Return the sentence of a package that is not installed: the extra that brings it, and how that is installed.

    No package index has the toolkit: a command that names it alone would install whatever somebody puts there.

    Args:
        package: What cannot be imported or run.
        extra: The extra of the toolkit that brings it.
    """
    return (
        f"{package} is not installed: in a checkout of the toolkit run pip install '.[{extra}]' -c constraints.txt "
        '(README, "Installing")'
    )

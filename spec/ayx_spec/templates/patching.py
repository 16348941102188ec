"""Edits of stock templates that fail, by name, as soon as the text they were made for has changed.

openapi-python-client promises nothing about its templates. A copied template would keep working and rot; an edit
that insists on its surroundings says so on the first generation after an upgrade.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from ayx_spec.errors import GenerationError

__all__ = ["Edit", "Patch", "Region", "Whole", "digest", "patched"]


@dataclass(frozen=True)
class Edit:
    """Replaces a text that occurs exactly once (or `count` times)."""

    old: str
    new: str
    count: int = 1

    def apply(self, text: str) -> str | None:
        """Return the edited text, `None` if it is not the text this was made for."""
        return text.replace(self.old, self.new) if text.count(self.old) == self.count else None


@dataclass(frozen=True)
class Region:
    """Replaces everything from `start` up to (not including) `end`, if it has the known digest.

    An empty `end` is the end of the template.
    """

    start: str
    end: str
    known: str
    new: str

    def apply(self, text: str) -> str | None:
        """Return the edited text, `None` if it is not the text this was made for."""
        if text.count(self.start) != 1:
            return None
        begin = text.index(self.start)
        end = text.find(self.end, begin + len(self.start)) if self.end else len(text)
        if end < 0 or digest(text[begin:end]) != self.known:
            return None
        return text[:begin] + self.new + text[end:]


@dataclass(frozen=True)
class Whole:
    """Replaces a whole template, if it has the known digest."""

    known: str
    new: str

    def apply(self, text: str) -> str | None:
        """Return the new template, `None` if it is not the one this was made for."""
        return self.new if digest(text) == self.known else None


@dataclass(frozen=True)
class Patch:
    """A named change of one template.

    Attributes:
        name: What it achieves, in a few words; named when it no longer fits.
        template: The stock template.
        edits: Applied in order.
    """

    name: str
    template: str
    edits: tuple[Edit | Region | Whole, ...]


def digest(text: str) -> str:
    """Return the first half of the SHA-256 of a text, enough to notice a change."""
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def patched(text: str, patch: Patch, version: str) -> str:
    """Apply a patch to a stock template.

    Args:
        text: The template as it is so far.
        patch: What to change.
        version: The installed version of openapi-python-client, for the error.

    Raises:
        GenerationError: The template is not the one the patch was made for.
    """
    for number, edit in enumerate(patch.edits, start=1):
        result = edit.apply(text)
        if result is None:
            raise GenerationError(
                f"the patch {patch.name!r} (edit {number}) no longer fits {patch.template} "
                f"of openapi-python-client {version}"
            )
        text = result
    return text

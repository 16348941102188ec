"""What a conversion changed: nothing is renamed, dropped or repaired without a note."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

from ayx_spec.convert.references import pointer
from ayx_spec.plain_text import json_text

__all__ = ["Level", "Note", "Notes", "render_notes"]

Level = Literal["info", "warning"]


@dataclass(frozen=True, order=True)
class Note:
    """One change.

    Attributes:
        level: `info` where the meaning is kept (renamed, written differently), `warning` where something was
            dropped or had to be repaired.
        where: File name and JSON pointer into the input, e.g. `v3.json#/paths/~1v3~1users/get`.
        what: The change, as a sentence.
    """

    level: Level
    where: str
    what: str


@dataclass
class Notes:
    """Collects the notes of one document in the order in which they arise."""

    document: str
    _entries: dict[Note, None] = field(default_factory=dict)

    @property
    def entries(self) -> list[Note]:
        """The notes, each once."""
        return list(self._entries)

    def info(self, where: Iterable[str], what: str) -> None:
        """Note a change that keeps the meaning."""
        self._add("info", where, what)

    def warning(self, where: Iterable[str], what: str) -> None:
        """Note something dropped or repaired."""
        self._add("warning", where, what)

    def _add(self, level: Level, where: Iterable[str], what: str) -> None:
        self._entries[Note(level, f"{self.document}{pointer(where)}", what)] = None


def render_notes(notes: Iterable[Note]) -> bytes:
    """Return the notes as JSON: `[{"level", "where", "what"}]`."""
    rows = [{"level": note.level, "where": note.where, "what": note.what} for note in notes]
    return json_text(rows).encode()

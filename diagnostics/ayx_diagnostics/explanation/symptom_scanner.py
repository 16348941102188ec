"""Every symptom that occurs in a text, and where."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from ayx_diagnostics.explanation.numbers import symptom_of
from ayx_diagnostics.explanation.tables import compiled, ways, words

__all__ = ["Occurrence", "Scanner"]


class Occurrence(NamedTuple):
    """A symptom that shows in a text.

    Attributes:
        symptom: Which.
        level: How much it says, one of ``tables.LEVELS``.
        position: Where it is.
        length: How long it is.
    """

    symptom: str
    level: int
    position: int
    length: int


class Scanner:
    """Finds symptoms in the parts of one text: only with the rows whose words are in it at all.

    Args:
        text: The whole text: lower case, with single blanks.
    """

    def __init__(self, text: str) -> None:
        self._ways = [way for way in ways() if any(some in text for some in way.words)]
        self._words = [row for row in words() if any(some in text for some in row.words)]

    def occurrences_in(self, part: str) -> Iterator[Occurrence]:
        """Yield every occurrence in a part of the text."""
        for way in self._ways:
            for found in compiled(way.pattern).finditer(part):
                symptom = symptom_of(way.kind, found[1])
                if symptom is not None:
                    yield Occurrence(symptom, way.level, found.start(), len(found[0]))
        for row in self._words:
            there = [some for some in row.words if some in part]
            if not row.pattern:
                yield from (Occurrence(row.symptom, row.level, part.rfind(some), len(some)) for some in there)
            elif there:
                for found in compiled(row.pattern).finditer(part):
                    yield Occurrence(row.symptom, row.level, found.start(), len(found[0]))

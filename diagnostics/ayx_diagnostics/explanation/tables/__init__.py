"""The tables that ``explain`` reads: what shows a symptom, what can be behind it, what the rest of a text adds.

Each is a file of rows beside this module, a tab between the columns, to be read and extended without touching code. A
*symptom* is what happened to the client, whichever library says it in whichever words: ``refused``, ``verify expired``,
``status 401``. Patterns are regular expressions that need linear time; they are matched on lower-case text with single
blanks.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import NamedTuple

__all__ = [
    "AMBIGUOUS",
    "LEVELS",
    "NAMED",
    "NUMBER",
    "SENTENCE",
    "SETTLED",
    "Cause",
    "Mark",
    "Share",
    "Vendor",
    "Way",
    "Words",
    "causes",
    "circumstances",
    "compiled",
    "libraries",
    "shares",
    "vendors",
    "ways",
    "words",
]

_HERE = Path(__file__).parent

#: How much a sign says. Words that many failures share < a sentence that one failure has < a number or reason token
#: < a text that few causes can bring about < a code of the catalogue.
AMBIGUOUS, SENTENCE, NUMBER, SETTLED, NAMED = range(1, 6)
LEVELS: Mapping[str, int] = {
    "ambiguous": AMBIGUOUS,
    "sentence": SENTENCE,
    "number": NUMBER,
    "settled": SETTLED,
    "named": NAMED,
}


class Words(NamedTuple):
    """Words that show a symptom.

    Attributes:
        symptom: What happened.
        level: How much the words say, one of ``LEVELS``.
        words: One of these has to be there.
        pattern: What has to fit, where the text alone is not enough; else empty.
        library: The library that alone has these words, if any.
        example: A real text with these words in it.
    """

    symptom: str
    level: int
    words: tuple[str, ...]
    pattern: str
    library: str
    example: str


class Way(NamedTuple):
    """One way in which texts write a number.

    Attributes:
        kind: What the number counts; see ``numbers``.
        level: How much the number says, one of ``LEVELS``.
        words: One of these has to be in the text.
        pattern: Its one group is the number.
        example: A real text.
    """

    kind: str
    level: int
    words: tuple[str, ...]
    pattern: str
    example: str


class Vendor(NamedTuple):
    """What a vendor's own numbers and names show.

    Attributes:
        kind: As in the table of ways.
        symptom: What happened.
        names: Its numbers, and its names without their separators.
    """

    kind: str
    symptom: str
    names: tuple[str, ...]


class Cause(NamedTuple):
    """One cause that a symptom can have.

    Attributes:
        symptom: Of what.
        code: Of the catalogue.
        weight: How likely it is in the field, 1 to 99, beside the symptom's others; 97 and more: the text proves it.
        when: Circumstances that have to be there.
        unless: Circumstances any of which rules it out.
        why: What in the text points to it, or what speaks for it.
    """

    symptom: str
    code: str
    weight: int
    when: frozenset[str]
    unless: frozenset[str]
    why: str


class Share(NamedTuple):
    """A symptom whose words can stand for another one.

    Attributes:
        symptom: Of what is seen.
        of: The symptom that it can have been.
        per_cent: How much the causes of that weigh here.
        unless: Circumstances any of which rules it out.
    """

    symptom: str
    of: str
    per_cent: int
    unless: frozenset[str]


class Mark(NamedTuple):
    """What shows a circumstance, or a library.

    Attributes:
        name: Which.
        where: ``message`` (what exceptions say), ``frames`` (what they passed through) or ``both``.
        pattern: What has to fit.
    """

    name: str
    where: str
    pattern: str


@cache
def words() -> tuple[Words, ...]:
    """Return the table of words."""
    files = ("words_network", "words_tls", "words_answers", "words_programs", "words_languages")
    rows = (row for file in files for row in _rows(file, len(Words._fields)))
    return tuple(Words(symptom, LEVELS[level], tuple(some.split("|")), *rest) for symptom, level, some, *rest in rows)


@cache
def ways() -> tuple[Way, ...]:
    """Return the ways in which texts write numbers."""
    rows = _rows("numbers", len(Way._fields))
    return tuple(Way(kind, LEVELS[level], tuple(some.split("|")), *rest) for kind, level, some, *rest in rows)


@cache
def vendors() -> tuple[Vendor, ...]:
    """Return the vendors' own numbers and names."""
    return tuple(Vendor(kind, symptom, tuple(names.split())) for kind, symptom, names in _rows("vendors", 3))


@cache
def causes() -> Mapping[str, tuple[Cause, ...]]:
    """Return the causes of each symptom."""
    found: dict[str, list[Cause]] = {}
    for file in ("causes_network", "causes_answers"):
        for symptom, code, weight, when, unless, why in _rows(file, len(Cause._fields)):
            cause = Cause(symptom, code, int(weight), _set(when), _set(unless), why)
            found.setdefault(symptom, []).append(cause)
    return {symptom: tuple(rows) for symptom, rows in found.items()}


@cache
def shares() -> Mapping[str, tuple[Share, ...]]:
    """Return which causes of others each symptom has, too."""
    found: dict[str, list[Share]] = {}
    for symptom, of, per_cent, unless in _rows("shares", len(Share._fields)):
        found.setdefault(symptom, []).append(Share(symptom, of, int(per_cent), _set(unless)))
    return {symptom: tuple(rows) for symptom, rows in found.items()}


@cache
def circumstances() -> tuple[Mark, ...]:
    """Return the marks of circumstances."""
    return tuple(Mark(*row) for row in _rows("circumstances", len(Mark._fields)))


@cache
def libraries() -> tuple[Mark, ...]:
    """Return the marks of libraries; the first that fits counts."""
    return tuple(Mark(*row) for row in _rows("libraries", len(Mark._fields)))


@cache
def compiled(pattern: str) -> re.Pattern[str]:
    """Compile a pattern on first use: most are never needed in one run."""
    return re.compile(pattern)


def _rows(file: str, columns: int) -> Iterator[list[str]]:
    for line in (_HERE / f"{file}.tsv").read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("# "):
            row = line.split("\t")
            if len(row) != columns:
                raise ValueError(f"{file}.tsv: {columns} columns are needed: {line!r}")
            yield row


def _set(names: str) -> frozenset[str]:
    return frozenset(names.split(",")) if names else frozenset()

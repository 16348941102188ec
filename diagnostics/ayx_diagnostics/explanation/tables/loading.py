"""The tables themselves, each read from its file when it is first asked for."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

from ayx_diagnostics.explanation.tables.rows import LEVELS, Cause, Mark, Share, Vendor, Way, Words

__all__ = ["causes", "circumstances", "compiled", "libraries", "shares", "vendors", "ways", "words"]

_HERE = Path(__file__).parent


@cache
def words() -> tuple[Words, ...]:
    """Return the table of words."""
    files = ("words_network", "words_tls", "words_answers", "words_programs", "words_languages")
    rows = (row for file in files for row in _rows(file, len(Words._fields)))
    return tuple(
        Words(symptom, _level(level, some), tuple(some.split("|")), *rest) for symptom, level, some, *rest in rows
    )


@cache
def ways() -> tuple[Way, ...]:
    """Return the ways in which texts write numbers."""
    rows = _rows("numbers", len(Way._fields))
    return tuple(Way(kind, _level(level, some), tuple(some.split("|")), *rest) for kind, level, some, *rest in rows)


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


def _level(name: str, words: str) -> int:
    if name not in LEVELS:
        raise ValueError(f"{words}: the level {name!r} is none of {', '.join(LEVELS)}")
    return LEVELS[name]


def _set(names: str) -> frozenset[str]:
    return frozenset(names.split(",")) if names else frozenset()

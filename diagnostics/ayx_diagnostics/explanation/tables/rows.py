"""What a row of each table holds, and how much its words or number say."""

from __future__ import annotations

from collections.abc import Mapping
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
]

#: How much words or a number say. Words that many failures share < a sentence that one failure has < a number or reason
#: token < a text that few causes can bring about < a code of the catalogue.
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

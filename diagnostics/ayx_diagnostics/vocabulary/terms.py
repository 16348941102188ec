"""What an entry of the vocabulary is made of: an operation, its outcomes, and the keys of its evidence.

All evidence is JSON. A key or a member that could not be learnt is absent or None. An evidence key's name is one of
those that the readers of ``evidence`` take, so that the type checker holds entries and rules together: each function at
the end makes a key for the reader of the same name. What no reader takes, a member or a list of numbers, is a ``Key``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from ayx_diagnostics.model import Stage
    from ayx_diagnostics.vocabulary.keys import (
        FlagKey,
        MappingKey,
        MappingsKey,
        NumberKey,
        OperationName,
        TextKey,
        TextsKey,
        WholeKey,
    )

__all__ = [
    "ByName",
    "Key",
    "ListOf",
    "Operation",
    "Record",
    "Scalar",
    "Type",
    "as_sent",
    "by_name",
    "flag",
    "members",
    "number",
    "record",
    "records",
    "text",
    "texts",
    "whole",
]

#: ``whole`` is an integer, ``number`` that or a float, ``flag`` true or false; ``as_sent`` is any of these, or a text.
Scalar = Literal["text", "whole", "number", "flag", "as_sent"]


@dataclass(frozen=True, slots=True)
class ListOf:
    """A list of values of one type; none of them is None."""

    item: Type


@dataclass(frozen=True, slots=True)
class Record:
    """An object with known members."""

    members: tuple[Key, ...]


@dataclass(frozen=True, slots=True)
class ByName:
    """An object whose members are named by what they are of: a variable, a trust store, a version."""

    value: Type


Type = Scalar | ListOf | Record | ByName


@dataclass(frozen=True, slots=True)
class Key:
    """A key of the evidence, or a member of an object in it.

    Attributes:
        name: The key.
        type: What its value is, if it is not None.
        meaning: What it says, in a few words; ``""`` where the name says it.
        unit: Of a number, e.g. ``s``; ``""`` for a plain count.
        words: The texts that it may be; empty for any.
    """

    name: str
    type: Type
    meaning: str = ""
    unit: str = ""
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Operation:
    """One thing that a probe does.

    Attributes:
        stage: The stage that it belongs to.
        name: Its name within the stage.
        target: What it is done to.
        meaning: What is done, in one sentence.
        outcomes: How it may end, each with its meaning; ``""`` where the word says it.
        evidence: What is recorded, but for the purpose.
        purposes: Why it may be done, each with its meaning: the words of the key ``purpose``. Empty where there is but
            one reason.
    """

    stage: Stage
    name: OperationName
    target: str
    meaning: str
    outcomes: Mapping[str, str]
    evidence: tuple[Key, ...]
    purposes: Mapping[str, str] = field(default_factory=dict)

    @property
    def keys(self) -> tuple[Key, ...]:
        """Every key of its evidence, ``purpose`` included."""
        return (*self.evidence, text("purpose", "why", *self.purposes)) if self.purposes else self.evidence


def members(kind: Type) -> tuple[Key, ...]:
    """Return the members of an object, or of the objects in a list; none of any other type."""
    if isinstance(kind, ListOf):
        return members(kind.item)
    return kind.members if isinstance(kind, Record) else ()


# --- keys of the evidence, by the type of their values ----------------------------------------------------------------


def text(name: TextKey, meaning: str = "", *words: str) -> Key:
    """Return a key that holds a text: one of the words, if any are given."""
    return Key(name, "text", meaning, words=words)


def whole(name: WholeKey, meaning: str = "", unit: str = "") -> Key:
    """Return a key that holds an integer."""
    return Key(name, "whole", meaning, unit)


def number(name: NumberKey, meaning: str = "", unit: str = "") -> Key:
    """Return a key that holds a number."""
    return Key(name, "number", meaning, unit)


def flag(name: FlagKey, meaning: str = "") -> Key:
    """Return a key that holds true or false."""
    return Key(name, "flag", meaning)


def as_sent(name: TextKey | NumberKey, meaning: str = "", unit: str = "") -> Key:
    """Return a key that holds whichever JSON scalar a peer has sent; its reader says which of them counts."""
    return Key(name, "as_sent", meaning, unit)


def texts(name: TextsKey, meaning: str = "") -> Key:
    """Return a key that holds a list of texts."""
    return Key(name, ListOf("text"), meaning)


def record(name: MappingKey, meaning: str, *members: Key) -> Key:
    """Return a key that holds an object with these members."""
    return Key(name, Record(members), meaning)


def records(name: MappingsKey, meaning: str, *members: Key) -> Key:
    """Return a key that holds a list of objects with these members."""
    return Key(name, ListOf(Record(members)), meaning)


def by_name(name: MappingKey, meaning: str, value: Scalar = "text", *words: str) -> Key:
    """Return a key that holds an object whose members are named by what they are of."""
    return Key(name, ByName(value), meaning, words=words)

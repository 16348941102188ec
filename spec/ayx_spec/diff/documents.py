"""The documents of two Servers compared: one with one, or as many as each has."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from ayx_spec.convert import Document, Note, convert, well_formed_document
from ayx_spec.convert.addresses import server_path
from ayx_spec.diff.changes import Change, in_order
from ayx_spec.diff.comparison import WHOLE, Compared, Known, compare
from ayx_spec.diff.levels import LEVELS, Level
from ayx_spec.diff.reading import read_contract
from ayx_spec.errors import DocumentError

__all__ = ["Comparison", "compare_documents"]


@dataclass(frozen=True)
class Comparison:
    """Two generations of an API, compared.

    Attributes:
        old: The documents that callers know, in the order given.
        new: The documents that take their place.
        changes: Worst first.
        signatures: For operations with a breaking change or one to look at, `GET /v3/users` of the old document -> how
            it is called in Python, before and after.
        operations: The operations of the old documents, by method and path.
        classes: The schemas of the old documents, and what their classes are called.
        bases: The paths that the operations of the old documents are relative to.
        moved_aside: Python names that change though the documents' stay, before and after.
        unchanged_operations: How many operations nothing changed about.
        unchanged_models: How many schemas nothing changed about.
    """

    old: tuple[Document, ...]
    new: tuple[Document, ...]
    changes: tuple[Change, ...]
    signatures: Mapping[str, tuple[str | None, str | None]]
    operations: Mapping[str, Known]
    classes: Mapping[str, str]
    bases: tuple[str, ...]
    moved_aside: tuple[tuple[str, str], ...]
    unchanged_operations: int
    unchanged_models: int

    @property
    def counts(self) -> dict[Level, int]:
        """How many changes there are of each level."""
        return {level: sum(change.level == level for change in self.changes) for level in LEVELS}

    def reaches(self, level: Level) -> bool:
        """Whether there is a change of this level or a worse one."""
        return any(LEVELS.index(change.level) <= LEVELS.index(level) for change in self.changes)

    @cached_property
    def notes(self) -> tuple[Note, ...]:
        """What converting the new documents drops, renames or repairs that it did not in the old ones."""
        known = {_without_file(note) for note in _notes(self.old)}
        return tuple(note for note in _notes(self.new) if _without_file(note) not in known)


def compare_documents(old: Sequence[Document], new: Sequence[Document]) -> Comparison:
    """Compare the documents of two generations of an API.

    Documents of one format are compared as they are; several are paired by what they describe. Swagger 2.0 and
    OpenAPI 3 cannot say the same things: both are compared as the converter writes them, several as one. It may have
    been asked to repair what a Server is known to say wrongly, or not; nobody can tell, so that the nearer form counts.

    Args:
        old: One or more documents that callers know.
        new: Those that take their place.

    Raises:
        DocumentError: A document has no usable meaning.
    """
    if len({document.is_swagger for document in (*old, *new)}) == 1:
        nearest = _compare_all(tuple(map(_Readable.of, old)), tuple(map(_Readable.of, new)))
    else:
        forms = [_compare_all(_as_one(old, repairs=way), _as_one(new, repairs=way)) for way in (True, False)]
        nearest = min(forms, key=lambda one: len(one.changes))
    return replace(nearest, old=tuple(old), new=tuple(new))


@dataclass(frozen=True)
class _Readable:
    """A document that can be read, and the schemas that only became named to make it so."""

    document: Document
    unnamed: frozenset[str] = frozenset()

    @classmethod
    def of(cls, document: Document) -> _Readable:
        readable = well_formed_document(document)
        return cls(readable, frozenset(readable.schemas.keys() - document.schemas.keys()))


def _as_one(documents: Sequence[Document], *, repairs: bool) -> tuple[_Readable, ...]:
    return (_Readable(replace(documents[0], data=convert(documents, repairs=repairs).document)),)


def _compare_all(before: tuple[_Readable, ...], after: tuple[_Readable, ...]) -> Comparison:
    """Compare documents of one format."""
    keys = _keys(before), _keys(after)
    compared = [_compare(one, other, keys) for one, other in _paired(before, after)]
    return Comparison(
        old=tuple(one.document for one in before),
        new=tuple(one.document for one in after),
        changes=tuple(in_order(_once([change for one in compared for change in one.changes]))),
        signatures={key: value for one in compared for key, value in one.signatures.items()},
        operations={key: known for one in compared for key, known in one.operations.items()},
        classes={name: known for one in compared for name, known in one.classes.items()},
        bases=tuple(server_path(one.document.data) for one in before),
        moved_aside=tuple(names for one in compared for names in one.moved_aside),
        unchanged_operations=sum(one.unchanged_operations for one in compared),
        unchanged_models=sum(one.unchanged_models for one in compared),
    )


#: Of each side: document, by its digest -> schema -> its key in the converted documents.
_Keys = tuple[Mapping[str, Mapping[str, str]], Mapping[str, Mapping[str, str]]]


def _compare(old: _Readable, new: _Readable, keys: _Keys) -> Compared:
    before, after = (read_contract(one.document, one.unnamed) for one in (old, new))
    try:
        return compare(before, after, keys[0].get(old.document.sha256), keys[1].get(new.document.sha256))
    except RecursionError as error:
        raise DocumentError(new.document.name, "", "nested too deeply to be an API description") from error


def _keys(documents: tuple[_Readable, ...]) -> Mapping[str, Mapping[str, str]]:
    """Return what schemas are called where several documents become one client; one alone tells it by itself."""
    if len(documents) == 1:
        return {}
    return convert([one.document for one in documents]).keys


def _once(changes: list[Change]) -> list[Change]:
    """Leave out what several documents say of the API as a whole."""
    distinct = {
        (change.kind, change.location, str(change.before), str(change.after)) if change.tag == WHOLE else index: change
        for index, change in reversed(list(enumerate(changes)))
    }
    return list(distinct.values())


def _paired(old: tuple[_Readable, ...], new: tuple[_Readable, ...]) -> list[tuple[_Readable, _Readable]]:
    """Pair the documents of one part of the API; what has no counterpart is compared with nothing."""
    if len(old) == len(new) == 1:
        return [(old[0], new[0])]
    left, right = list(old), list(new)
    pairs = []
    for one in old:
        best = max(right, key=lambda other: _kinship(one.document, other.document), default=None)
        if best is not None and _kinship(one.document, best.document) > (0, 0):
            pairs.append((one, best))
            left.remove(one)
            right.remove(best)
    pairs += [(one, _empty(one)) for one in left]
    return [*pairs, *((_empty(other), other) for other in right)]


def _kinship(one: Document, other: Document) -> tuple[int, int]:
    """Return how much two documents are of one part of the API: the same version, paths in common."""
    same = one.version == other.version and one.title == other.title
    return int(same), len(set(one.data["paths"]) & set(other.data["paths"]))


def _empty(readable: _Readable) -> _Readable:
    """Return the document without operations and schemas: a part of the API that is not there yet, or no longer."""
    document = readable.document
    data: dict[str, Any] = {key: value for key, value in document.data.items() if key != "definitions"}
    data |= {"paths": {}} | ({"components": {}} if "components" in data else {})
    return _Readable(replace(document, data=data))


def _notes(documents: tuple[Document, ...]) -> tuple[Note, ...]:
    try:
        return convert(documents).notes
    except DocumentError as error:
        return (Note("warning", error.name + error.where, error.what),)
    except RecursionError:
        return (Note("warning", documents[0].name, "nested too deeply to be converted"),)


def _without_file(note: Note) -> tuple[str, str]:
    return re.sub(r"^[^#]*", "", note.where), note.what

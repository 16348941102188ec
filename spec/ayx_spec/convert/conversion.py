"""The whole way from documents of one Server to a converted one: made well-formed, repaired, converted, merged."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ayx_spec.convert.document import Document, load_document
from ayx_spec.convert.merge import Part, in_order, merge
from ayx_spec.convert.names import schema_names
from ayx_spec.convert.notes import Note, Notes, render_notes
from ayx_spec.convert.one_document import convert_one
from ayx_spec.convert.operation_ids import with_unique_operation_ids
from ayx_spec.convert.repairs import repair
from ayx_spec.convert.wellformed import well_formed

__all__ = ["Conversion", "convert", "convert_files", "well_formed_document"]


@dataclass(frozen=True)
class Conversion:
    """A converted document.

    Attributes:
        document: The OpenAPI 3.0.3 document.
        notes: Everything renamed, dropped or repaired on the way, in the order of the documents.
        sources: The documents it was made from, newest first.
        keys: For each of them, by its digest: schema, as it calls it -> its key in the converted document.
    """

    document: dict[str, Any]
    notes: tuple[Note, ...]
    sources: tuple[Document, ...]
    keys: Mapping[str, Mapping[str, str]]

    def render(self) -> bytes:
        """Return the document as JSON; the same input gives the same bytes."""
        written = io.BytesIO()  # piece by piece: the pieces of a large document together take several times its size
        for piece in json.JSONEncoder(indent=2, ensure_ascii=False).iterencode(self.document):
            written.write(piece.encode())
        written.write(b"\n")
        return written.getvalue()

    def render_notes(self) -> bytes:
        """Return the notes as JSON: `[{"level", "where", "what"}]`."""
        return render_notes(self.notes)


def convert(documents: Sequence[Document], *, repairs: bool = True) -> Conversion:
    """Convert documents of one Server and merge them.

    The order of the documents does not matter, and none of them is changed.

    Args:
        documents: The documents.
        repairs: Whether to repair what Alteryx Server's documents say wrongly (`ayx_spec.convert.repairs`).

    Raises:
        DocumentError: A document has no usable meaning, or two contradict each other.
    """
    if not documents:
        raise ValueError("no document to convert")
    parts = []
    for source in in_order(list(documents)):
        notes = Notes(source.name)
        clean = well_formed_document(source, notes)
        repaired = repair(clean, notes) if repairs else clean
        parts.append(Part(source, convert_one(repaired, notes), notes, schema_names(repaired.schemas)))
    merged = merge(parts)
    paths, renamed = with_unique_operation_ids(merged["paths"], "+".join(part.document.name for part in parts))
    merged = {**merged, "paths": paths}
    noted = [note for part in parts for note in part.notes.entries]
    keys = {part.document.sha256: part.keys for part in parts}
    return Conversion(merged, (*noted, *renamed), tuple(part.document for part in parts), keys)


def well_formed_document(document: Document, notes: Notes | None = None) -> Document:
    """Return a document in which everything is of the kind it must be; the given one is left alone.

    Args:
        document: A parsed document.
        notes: Where repairs are noted.

    Raises:
        DocumentError: A path item, operation, parameter or answer is not what it must be.
    """
    notes = notes or Notes(document.name)
    for steps, what in document.repaired:
        notes.warning(steps, what)
    return replace(document, data=well_formed(document.data, notes))


def convert_files(paths: Sequence[Path], *, repairs: bool = True) -> Conversion:
    """Load documents and convert them; see `convert`.

    Raises:
        DocumentError: A file cannot be read, holds no API description, or has no usable meaning.
    """
    return convert([load_document(path) for path in paths], repairs=repairs)

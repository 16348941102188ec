"""Swagger 2.0 (or OpenAPI 3) documents of a Server as one OpenAPI 3.0.3 document that a client can be made from."""

from ayx_spec.convert.conversion import Conversion, convert, convert_files, well_formed_document
from ayx_spec.convert.document import Document, load_document, parse_document
from ayx_spec.convert.notes import Note, render_notes
from ayx_spec.convert.operation_ids import ClientName, client_names
from ayx_spec.convert.validation import operations_of

__all__ = [
    "ClientName",
    "Conversion",
    "Document",
    "Note",
    "client_names",
    "convert",
    "convert_files",
    "load_document",
    "operations_of",
    "parse_document",
    "render_notes",
    "well_formed_document",
]

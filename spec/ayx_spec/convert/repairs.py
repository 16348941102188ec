"""What Alteryx Server's documents say wrongly: one named repair per defect, each applied where it is met, and noted.

A repair works on the Server's own form, Swagger 2.0, before anything is converted. It changes what is said of an
operation, never the set of operations, and leaves a document alone that the vendor has put right.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from ayx_spec.convert.addresses import locate, server_path
from ayx_spec.convert.document import Document
from ayx_spec.convert.media_types import MULTIPART, OCTET_STREAM, base_type, declared
from ayx_spec.convert.notes import Notes
from ayx_spec.convert.validation import operations_of

__all__ = ["LISTS_TYPED_AS_ONE", "REPAIRS", "Repair", "repair"]

Steps = tuple[str, ...]

#: Operations that answer a list, as their summaries say, but are typed as one object.
LISTS_TYPED_AS_ONE = frozenset(
    {
        ("get", "/v3/jobs/{jobId}/messages"),
        ("get", "/v3/dcm/admin/connections"),
        ("get", "/v3/dcm/admin/connectionhandlingrules"),
    }
)


@dataclass(frozen=True)
class Repair:
    """A repair of a Swagger 2.0 document.

    Attributes:
        name: How notes and tests call it.
        why: What the document says, and what the Server does.
        change: Changes a document in place and yields the places it changed.
    """

    name: str
    why: str
    change: Callable[[dict[str, Any]], Iterator[Steps]]


def repair(document: Document, notes: Notes) -> Document:
    """Return a document with every repair applied; the given one is left alone."""
    if not document.is_swagger:
        return document
    data = copy.deepcopy(document.data)
    for one in REPAIRS:
        for steps in one.change(data):
            notes.warning(steps, f"repaired ({one.name}): {one.why}")
    return replace(document, data=data)


def _form_data(document: dict[str, Any]) -> Iterator[Steps]:
    for method, path, operation in operations_of(document["paths"]):
        consumes = [base_type(media_type) for media_type in operation.get("consumes") or []]
        if "application/form-data" in consumes:
            operation["consumes"] = [MULTIPART]
            yield "paths", path, method, "consumes"


def _list_typed_as_one(document: dict[str, Any]) -> Iterator[Steps]:
    _, located = locate(server_path(document), document["paths"])
    for method, path, operation in operations_of(document["paths"]):
        answer = operation["responses"].get("200", {})
        if (method, located[path]) in LISTS_TYPED_AS_ONE and "$ref" in answer.get("schema", {}):
            answer["schema"] = {"type": "array", "items": answer["schema"]}
            yield "paths", path, method, "responses", "200", "schema"


def _download_without_schema(document: dict[str, Any]) -> Iterator[Steps]:
    for method, path, operation in operations_of(document["paths"]):
        answer = operation["responses"].get("200")
        produces = {base_type(media_type) for media_type in declared(operation, document, "produces")}
        if answer is not None and "schema" not in answer and "$ref" not in answer and produces == {OCTET_STREAM}:
            answer["schema"] = {"type": "file"}
            yield "paths", path, method, "responses", "200"


def _security_unused(document: dict[str, Any]) -> Iterator[Steps]:
    schemes = list(document.get("securityDefinitions") or {})
    operations = operations_of(document["paths"])
    said = "security" in document or any("security" in operation for _, _, operation in operations)
    if len(schemes) == 1 and not said:
        document["security"] = [{schemes[0]: []}]
        yield "securityDefinitions", schemes[0]


REPAIRS = (
    Repair("form_data", "`application/form-data` is no media type; the Server takes multipart/form-data", _form_data),
    Repair("list_typed_as_one", "typed as one object, but the Server sends a list of them", _list_typed_as_one),
    Repair("download_without_schema", "no schema, but only bytes are produced: a file", _download_without_schema),
    Repair("security_unused", "defined, but no operation is said to need it: every one does", _security_unused),
)

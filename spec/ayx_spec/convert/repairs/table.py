"""The table of repairs, and the one way in which all of them are applied."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from ayx_spec.convert.document import Document
from ayx_spec.convert.notes import Notes
from ayx_spec.convert.repairs.messages import (
    download_without_schema,
    form_data,
    list_typed_as_one,
    paging_as_text,
    quoted_string,
    security_unused,
)
from ayx_spec.convert.repairs.models import full_view, null_in_required, recurrence_lost
from ayx_spec.convert.repairs.parameter_case import parameter_case
from ayx_spec.convert.repairs.recognition import Steps, is_of_alteryx_server

__all__ = ["REPAIRS", "Repair", "repair"]


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
    """Return a document with every repair applied; the given one is left alone, and so is one of another product."""
    if not document.is_swagger or not is_of_alteryx_server(document.data):
        return document
    data = copy.deepcopy(document.data)
    for one in REPAIRS:
        for steps in one.change(data):
            notes.warning(steps, f"repaired ({one.name}): {one.why}")
    return replace(document, data=data)


REPAIRS = (
    Repair("form_data", "`application/form-data` is no media type; the Server takes multipart/form-data", form_data),
    Repair("list_typed_as_one", "typed as one object, but the Server sends a list of them", list_typed_as_one),
    Repair("download_without_schema", "no schema, but only bytes are produced: a file", download_without_schema),
    Repair("security_unused", "defined, but no operation is said to need it: every one does", security_unused),
    Repair("full_view", "typed as one of two forms; which of them comes depends on the parameter `view`", full_view),
    Repair("null_in_required", "said to be there always, but the Server sends null as well", null_in_required),
    Repair("paging_as_text", "said to be text, but the Server reads a number", paging_as_text),
    Repair("quoted_string", "a text alone is quoted in JSON, and in no other of the media types", quoted_string),
    # Last of those with operations: the places noted before it are those of the document as it is.
    Repair("parameter_case", "spelled in another case than in the sibling paths", parameter_case),
    Repair("recurrence_lost", "has the two times alone; when a schedule repeats is lost on reading", recurrence_lost),
)

"""Answers of a Server that is newer than the document: a new member, a new enumeration value, a missing member."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ayx_simulator.server.http_errors import json_response
from ayx_simulator.server.samples import resolved

if TYPE_CHECKING:
    from werkzeug.wrappers import Response

    from ayx_simulator.server.documents import Operation

__all__ = ["drifted"]


def drifted(response: Response, operation: Operation, what: str) -> Response:
    """Change a JSON answer so that it no longer fits its document.

    Args:
        response: The answer; anything but a JSON object or array of objects is returned as it is.
        operation: The operation that it answers.
        what: ``field``, ``enum``, ``required`` or ``all``.
    """
    schema = operation.success[1]
    if schema is None or response.mimetype != "application/json" or not response.get_data():
        return response
    body = json.loads(response.get_data())
    schema = resolved(schema, operation.definitions)
    if schema.get("type") == "array":
        schema = resolved(schema.get("items", {}), operation.definitions)
    for record in body if isinstance(body, list) else [body]:
        if isinstance(record, dict):
            _change(record, schema, operation.definitions, what)
    changed = json_response(body, response.status_code)
    changed.headers.extend((name, value) for name, value in response.headers.items() if name not in changed.headers)
    return changed


def _change(record: dict[str, Any], schema: Mapping[str, Any], definitions: Mapping[str, Any], what: str) -> None:
    if what in ("enum", "all"):
        for name, of in schema.get("properties", {}).items():
            if resolved(of, definitions).get("enum") and name in record:
                record[name] = "AddedByAnUpgrade"
    if what in ("required", "all"):
        for name in schema.get("required", ())[-1:]:
            record.pop(name, None)
    if what in ("field", "all"):
        record["addedByAnUpgrade"] = True

"""Repairs of single operations: what is sent to them and what they answer."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ayx_spec.convert.media_types import JSON, MULTIPART, OCTET_STREAM, base_type, declared
from ayx_spec.convert.repairs.recognition import Steps, server_operations

__all__ = [
    "LISTS_TYPED_AS_ONE",
    "download_without_schema",
    "form_data",
    "list_typed_as_one",
    "paging_as_text",
    "quoted_string",
    "security_unused",
]

#: Operations that answer a list, as their summaries say, but are typed as one object.
LISTS_TYPED_AS_ONE = frozenset(
    {
        ("get", "/v3/jobs/{jobId}/messages"),
        ("get", "/v3/dcm/admin/connections"),
        ("get", "/v3/dcm/admin/connectionhandlingrules"),
    }
)
_LISTS = frozenset(f"{method} {path.replace('{jobId}', '{}')}" for method, path in LISTS_TYPED_AS_ONE)
_PAGING = frozenset({"offset", "limit"})


def form_data(document: dict[str, Any]) -> Iterator[Steps]:
    """Give uploads the media type that they have."""
    for _, steps, operation in server_operations(document):
        consumes = [base_type(media_type) for media_type in operation.get("consumes") or []]
        if "application/form-data" in consumes:
            operation["consumes"] = [MULTIPART]
            yield *steps, "consumes"


def list_typed_as_one(document: dict[str, Any]) -> Iterator[Steps]:
    """Make an array of the answer of calls that answer a list."""
    for key, steps, operation in server_operations(document):
        answer = operation["responses"].get("200", {})
        if key in _LISTS and "$ref" in answer.get("schema", {}):
            answer["schema"] = {"type": "array", "items": answer["schema"]}
            yield *steps, "responses", "200", "schema"


def download_without_schema(document: dict[str, Any]) -> Iterator[Steps]:
    """Make a file of an answer that has no schema and is bytes."""
    for _, steps, operation in server_operations(document):
        answer = operation["responses"].get("200")
        produces = {base_type(media_type) for media_type in declared(operation, document, "produces")}
        if answer is not None and "schema" not in answer and "$ref" not in answer and produces == {OCTET_STREAM}:
            answer["schema"] = {"type": "file"}
            yield *steps, "responses", "200"


def security_unused(document: dict[str, Any]) -> Iterator[Steps]:
    """Let every operation need the one security scheme that is defined, if none is said to need any."""
    schemes = list(document.get("securityDefinitions") or {})
    said = "security" in document or any("security" in operation for _, _, operation in server_operations(document))
    if len(schemes) == 1 and not said:
        document["security"] = [{schemes[0]: []}]
        yield "securityDefinitions", schemes[0]


def paging_as_text(document: dict[str, Any]) -> Iterator[Steps]:
    """Make numbers of the parameters that count records."""
    for _, steps, operation in server_operations(document):
        for index, parameter in enumerate(operation.get("parameters") or []):
            number = parameter.get("in") == "query" and parameter.get("name", "").lower() in _PAGING
            if number and parameter.get("type") == "string" and "format" not in parameter:
                parameter |= {"type": "integer", "format": "int32"}
                yield *steps, "parameters", str(index)


def quoted_string(document: dict[str, Any]) -> Iterator[Steps]:
    """Leave JSON alone where a text is the whole message: only there it stands in quotation marks."""
    for key, steps, operation in server_operations(document):
        if key.startswith("get "):
            continue
        answers = [answer for code, answer in operation["responses"].items() if code.startswith("2")]
        bodies = [each for each in operation.get("parameters") or [] if each.get("in") == "body"]
        for holders, member in ((answers, "produces"), (bodies, "consumes")):
            types = [base_type(media_type) for media_type in declared(operation, document, member)]
            if any(_is_text(holder.get("schema")) for holder in holders) and types != [JSON]:
                operation[member] = [JSON]
                yield *steps, member


def _is_text(schema: Any) -> bool:
    return isinstance(schema, dict) and schema.get("type") == "string" and "format" not in schema

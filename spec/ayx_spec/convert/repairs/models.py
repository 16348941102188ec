"""Repairs of definitions: what records hold that the document does not say."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

from ayx_spec.convert.repairs.recognition import Steps, server_operations

__all__ = ["full_view", "null_in_required", "recurrence_lost"]

_DEFINITIONS = "#/definitions/"
_SHORT = "Reduced"

#: Members that recorded answers hold null in; the document lists the comment of a version as required.
_NULLS: dict[str, tuple[str, ...]] = {
    "WorkflowVersionView": ("comments", "hasPrivateDataExemption"),
    "WorkflowView": ("comments", "hasPrivateDataExemption"),
}


def full_view(document: dict[str, Any]) -> Iterator[Steps]:
    """Type a list that has a short and a full form as what both forms hold: only what both have is required."""
    definitions = document.get("definitions") or {}
    for _, steps, operation in server_operations(document):
        views = [each for each in operation.get("parameters") or [] if each.get("name") == "view"]
        items = operation["responses"].get("200", {}).get("schema", {}).get("items")
        if not isinstance(items, dict):
            continue
        name = str(items.get("$ref", "")).removeprefix(_DEFINITIONS).removeprefix(_SHORT)
        short = definitions.get(_SHORT + name)
        if not any("Full" in view.get("enum", ()) for view in views) or short is None or name not in definitions:
            continue
        if not _members_added(short, definitions[name], name) and items["$ref"] == _DEFINITIONS + _SHORT + name:
            continue
        items["$ref"] = _DEFINITIONS + _SHORT + name
        yield *steps, "responses", "200", "schema"


def _members_added(short: dict[str, Any], full: dict[str, Any], name: str) -> bool:
    """Add what only the full form has to the short one; tell whether there was anything to do."""
    new = {
        member: copy.deepcopy(of)
        for member, of in full.get("properties", {}).items()
        if member not in short.setdefault("properties", {})
    }
    required = [member for member in short.get("required", ()) if member in full.get("required", ())]
    if not new and required == short.get("required", []):
        return False
    short["properties"] |= new
    short["required"] = required
    short["description"] = f"{short.get('description', '')} With `view=Full` as `{name}`.".strip()
    return True


def null_in_required(document: dict[str, Any]) -> Iterator[Steps]:
    """Let members be null that recorded answers hold null in."""
    definitions = document.get("definitions") or {}
    for name, members in _NULLS.items():
        properties = definitions.get(name, {}).get("properties", {})
        for member in members:
            if "type" in properties.get(member, {}) and not properties[member].get("x-nullable"):
                properties[member]["x-nullable"] = True
                yield "definitions", name, "properties", member


def recurrence_lost(document: dict[str, Any]) -> Iterator[Steps]:
    """Let a schedule that is read have the recurrence with which it was written.

    The document types it as the base class alone, which has the two times; the members of the derived classes are those
    of the contract.
    """
    definitions = document.get("definitions") or {}
    base, contract = (definitions.get(name, {}) for name in ("IterationBase", "IterationContract"))
    held, wanted = base.get("properties", {}), contract.get("properties", {})
    missing = {member: copy.deepcopy(of) for member, of in wanted.items() if member not in held}
    if held and missing:
        held |= missing
        yield "definitions", "IterationBase"

"""A comparison as JSON."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any

from ayx_spec.convert import Document
from ayx_spec.diff.changes import Change
from ayx_spec.diff.documents import Comparison
from ayx_spec.diff.surface import SurfaceChange
from ayx_spec.plain_text import json_text

__all__ = ["as_document", "as_json", "json_schema"]

SCHEMA_VERSION = "1"


def json_schema() -> dict[str, Any]:
    """Return the JSON Schema (2020-12) that every report validates against."""
    text = (files("ayx_spec.diff") / "diff.schema.json").read_text(encoding="utf-8")
    return dict(json.loads(text))


def as_json(comparison: Comparison, surface: tuple[SurfaceChange, ...] | None = None) -> str:
    """Return a comparison as JSON; the same comparison gives the same text."""
    return json_text(as_document(comparison, surface))


def as_document(comparison: Comparison, surface: tuple[SurfaceChange, ...] | None = None) -> dict[str, Any]:
    """Return a comparison as the object that the JSON is made from.

    Args:
        comparison: The comparison.
        surface: What else changed about the generated packages, if they were compared.
    """
    document: dict[str, Any] = {
        "schema_version": SCHEMA_VERSION,
        "old": _source(comparison.old),
        "new": _source(comparison.new),
        "counts": dict(comparison.counts),
        "unchanged": {"operations": comparison.unchanged_operations, "models": comparison.unchanged_models},
        "changes": [_change(change) for change in comparison.changes],
    }
    if surface is not None:
        document["python_surface"] = [{"name": one.name, "sentence": one.sentence} for one in surface]
    return document


def _source(documents: tuple[Document, ...]) -> dict[str, str]:
    return {
        "title": " + ".join(one.title for one in documents),
        "version": " + ".join(one.version for one in documents),
        "sha256": "+".join(one.sha256 for one in documents),
    }


def _change(change: Change) -> dict[str, Any]:
    row: dict[str, Any] = {
        "level": change.level,
        "kind": change.kind,
        "operation": change.operation,
        "operation_id": change.operation_id,
        "model": change.model,
        "location": change.location,
        "before": change.before,
        "after": change.after,
        "sentence": change.sentence,
        "reason": change.reason,
        "python": list(change.python),
        "used_at": list(change.used_at),
    }
    if change.kind.startswith(("field.", "model.")):
        row["direction"] = change.direction
    if change.operations:
        row["operations"] = list(change.operations)
    return row

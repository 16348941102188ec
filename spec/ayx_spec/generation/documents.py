"""What a client keeps of the documents it was made from: enough to tell whether a Server's own document differs."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from ayx_spec.convert import Document

__all__ = ["DOCUMENTS", "render_documents"]

#: The file in the package.
DOCUMENTS = "documents.json"

#: What says nothing of a call or an answer; neither does x-*. Of names (of members, paths, statuses) none is left out.
_LEFT_OUT = frozenset(
    {
        *("summary", "description", "externalDocs", "tags", "deprecated", "example", "examples", "default"),
        *("consumes", "produces", "schemes", "security"),
    }
)
_NAMED = frozenset({"definitions", "parameters", "paths", "properties", "responses"})


def render_documents(sources: Iterable[Document]) -> str:
    """Return the Swagger 2.0 documents without prose, one line a path or model, as a JSON list.

    Args:
        sources: What the client was made from. An OpenAPI 3 document is left out: no Server publishes one.
    """
    rendered = ",\n".join(_rendered(source) for source in sources if source.is_swagger)
    return f"[\n{rendered}\n]\n"


def _rendered(source: Document) -> str:
    info = {"title": str(source.data["info"].get("title", "")), "version": source.version}
    head = {"swagger": "2.0", "info": info, "basePath": source.data.get("basePath") or ""}
    parts = [f"{_json(key)}: {_json(value)}" for key, value in head.items()]
    for section in ("parameters", "paths", "definitions"):
        entries = source.data.get(section) or {}
        lines = ",\n".join(f"  {_json(name)}: {_json(_bare(value))}" for name, value in entries.items())
        parts.append(f"{_json(section)}: {{\n{lines}\n }}" if lines else f"{_json(section)}: {{}}")
    return "{" + ",\n ".join(parts) + "}"


def _bare(node: Any, *, named: bool = False) -> Any:
    if isinstance(node, dict):
        return {
            key: _bare(value, named=not named and key in _NAMED and isinstance(value, dict))
            for key, value in node.items()
            if named or not (key in _LEFT_OUT or key.startswith("x-"))
        }
    return [_bare(value) for value in node] if isinstance(node, list) else node


def _json(value: Any) -> str:
    return json.dumps(value)  # ASCII: half a surrogate pair, which JSON allows, is no UTF-8

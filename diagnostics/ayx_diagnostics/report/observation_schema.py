"""The vocabulary as JSON Schema; ``python -m ayx_diagnostics.report.observation_schema`` writes its file anew.

The schema of the report takes any evidence, for a report of another version may hold more, or less. Who wants to be
strict holds an observation against the definition of its operation, ``observations.schema.json#/$defs/tcp.connect``.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from typing import Any

from ayx_diagnostics.report.serialise import SCHEMA_PATH
from ayx_diagnostics.vocabulary.operations import OPERATIONS
from ayx_diagnostics.vocabulary.terms import ByName, Key, ListOf, Operation, Record, Type

__all__ = ["PATH", "definitions", "document", "laid_out"]

PATH = SCHEMA_PATH.with_name("observations.schema.json")
_LINE = 120

_SCALARS: Mapping[str, list[str]] = {
    "text": ["string"],
    "whole": ["integer"],
    "number": ["number"],
    "flag": ["boolean"],
    "as_sent": ["string", "number", "boolean"],
}


def definitions() -> dict[str, Any]:
    """Return a definition for the observations of each operation, by ``stage.operation``.

    A key that is the same in several operations is defined once, as ``key.NAME``.
    """
    uses = Counter(key for operation in OPERATIONS.values() for key in operation.keys)
    shared = {key.name: key for key, count in reversed(uses.most_common()) if count > 1}  # the most common of a name
    found = {f"key.{name}": _nullable(key) for name, key in sorted(shared.items())}
    for (stage, name), operation in OPERATIONS.items():
        found[f"{stage}.{name}"] = _operation(operation, frozenset(shared.values()))
    return found


def document() -> dict[str, Any]:
    """Return the JSON Schema of observations: nothing but definitions, so that it refuses none by itself."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Observations in the report of ayxctl diagnose",
        "description": "What probes write, by stage.operation. Reports of other versions may hold more, or less.",
        "$defs": definitions(),
    }


def _operation(operation: Operation, shared: frozenset[Key]) -> dict[str, Any]:
    return {
        "description": f"{operation.meaning} Target: {operation.target}.",
        "properties": {
            "outcome": {"enum": list(operation.outcomes)},
            "evidence": {
                "type": "object",
                "properties": {
                    key.name: {"$ref": f"#/$defs/key.{key.name}"} if key in shared else _nullable(key)
                    for key in operation.keys
                },
            },
        },
    }


def _nullable(key: Key) -> dict[str, Any]:
    described = f"{key.meaning} ({key.unit})" if key.meaning and key.unit else key.meaning or key.unit
    schema = _type(key.type, key.words)
    if "enum" in schema:
        schema["enum"] = [*schema["enum"], None]
    else:
        types = schema["type"]
        schema["type"] = [*(types if isinstance(types, list) else [types]), "null"]
    return {"description": described, **schema} if described else schema


def _type(kind: Type, words: tuple[str, ...]) -> dict[str, Any]:
    match kind:
        case ListOf():
            return {"type": "array", "items": _type(kind.item, words)}
        case ByName():
            return {"type": "object", "additionalProperties": _type(kind.value, words)}
        case Record():
            return {"type": "object", "properties": {member.name: _nullable(member) for member in kind.members}}
        case _ if words:
            return {"enum": list(words)}
        case _:
            types = _SCALARS[kind]
            return {"type": types[0] if len(types) == 1 else types}


def laid_out(value: Any, indent: str = "") -> str:
    """Return a JSON value as text, what fits on a line on one: a key's definition is then a line of a difference."""
    line = json.dumps(value, ensure_ascii=False)
    if len(indent) + len(line) <= _LINE or not isinstance(value, dict | list):
        return line
    inner = f"{indent}  "
    items = value.items() if isinstance(value, dict) else (("", item) for item in value)
    rows = [f"{inner}{json.dumps(name) + ': ' if name else ''}{laid_out(item, inner)}" for name, item in items]
    begin, end = "{}" if isinstance(value, dict) else "[]"
    return "\n".join([begin, ",\n".join(rows), f"{indent}{end}"])


if __name__ == "__main__":
    PATH.write_text(f"{laid_out(document())}\n", encoding="utf-8")

#!/usr/bin/env python3
"""Derive the documents of older Server generations from the newest, each by the table that tells how they differ.

``python spec/generations/derive.py`` writes ``spec/documents/server-GENERATION-v3.swagger.json`` for every table beside
it, and their digests and sizes into ``provenance.json``. Nothing is written by hand there; a test holds the documents
against the tables. Every entry of a table has to meet what it speaks of, so that none goes out of date unnoticed.
"""

from __future__ import annotations

import hashlib
import json
import re
import sys
import tomllib
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent
DOCUMENTS = FOLDER.parent / "documents"
PROVENANCE = DOCUMENTS / "provenance.json"

Document = dict[str, Any]
Table = dict[str, Any]


def file_name(generation: str) -> str:
    """Return the name of a generation's document of API version 3."""
    return f"server-{generation}-v3.swagger.json"


def generations() -> dict[str, Table]:
    """Return the tables by generation."""
    return {path.stem: tomllib.loads(path.read_text("utf-8")) for path in sorted(FOLDER.glob("*.toml"))}


def derive(generation: str) -> Document:
    """Return the document of a generation; one without a table is read from its file.

    Raises:
        KeyError: A table speaks of something that the next newer document does not have.
    """
    table = generations().get(generation)
    if table is None:
        newest: Document = json.loads((DOCUMENTS / file_name(generation)).read_bytes())
        return newest
    document = derive(table["from"])
    # What is new by analogy comes first: its model may be what the table takes away.
    add_likewise(document, table.get("likewise", {}))
    add_values(document, table)
    take_away(document, table)
    thin_out(document, table)
    rename(document, table)
    for key, text in table.get("texts", {}).items():
        find(document, key)["description"] = text
    return document


def find(document: Document, key: str) -> Document:
    """Return what ``GET /v3/users``, ``GET /v3/users: view`` (a parameter) or ``UserView.role`` stands for."""
    where, _, parameter = key.partition(": ")
    method, _, path = where.partition(" ")
    if not path:
        name, _, member = where.partition(".")
        found: Document = document["definitions"][name]["properties"][member]
        return found
    operation: Document = document["paths"][path][method.lower()]
    if not parameter:
        return operation
    return next(each for each in operation["parameters"] if each["name"] == parameter)


def take_away(document: Document, table: Table) -> None:
    """Remove operations, definitions and members that came later."""
    for key in table.get("without_operations", ()):
        method, _, path = key.partition(" ")
        del document["paths"][path][method.lower()]
        if not document["paths"][path]:
            del document["paths"][path]
    for name in table.get("without_definitions", ()):
        del document["definitions"][name]
    for key in table.get("without_members", ()):
        name, _, member = key.partition(".")
        definition = document["definitions"][name]
        del definition["properties"][member]
        if member in definition.get("required", ()):
            definition["required"].remove(member)


def thin_out(document: Document, table: Table) -> None:
    """Remove what came later in operations and members that were there."""
    for key, names in table.get("without_parameters", {}).items():
        for name in names:
            find(document, key)["parameters"].remove(find(document, f"{key}: {name}"))
    for key in table.get("without_answer_schemas", ()):
        for answer in find(document, key)["responses"].values():
            answer.pop("schema", None)
    for key, values in table.get("without_values", {}).items():
        for value in values:
            find(document, key)["enum"].remove(value)


def rename(document: Document, table: Table) -> None:
    """Give back the names of before, and what was required then."""
    for key, values in table.get("renamed_values", {}).items():
        schema = find(document, key)
        for value in values:
            schema["enum"].index(value)
        schema["enum"] = [values.get(value, value) for value in schema["enum"]]
    paths = table.get("renamed_paths", {})
    for path, new_path in paths.items():
        names = dict(zip(re.findall(r"{(\w+)}", path), re.findall(r"{(\w+)}", new_path), strict=True))
        for operation in document["paths"][path].values():
            for parameter in operation["parameters"]:
                parameter["name"] = names.get(parameter["name"], parameter["name"])
    document["paths"] = {paths.get(path, path): item for path, item in document["paths"].items()}
    for key in table.get("required_members", ()):
        name, _, member = key.partition(".")
        definition = document["definitions"][name]
        needed = {*definition["required"], member}
        definition["required"] = [each for each in definition["properties"] if each in needed]


def add_values(document: Document, table: Table) -> None:
    """Add enumeration values."""
    for key, values in table.get("further_values", {}).items():
        find(document, key)["enum"] += values


def add_likewise(document: Document, table: Table) -> None:
    """Add what was like something that is still there, right after it and in its words."""
    if not table:
        return

    def other(value: Any) -> Any:
        text = json.dumps(value, ensure_ascii=False)
        for word, instead in table["words"].items():
            text = text.replace(word, instead)
        return json.loads(text)

    for path in table["paths"]:
        insert_after(document["paths"], path, other(path), other(document["paths"][path]))
    for name, model in table["definitions"].items():
        insert_after(document["definitions"], model, name, other(document["definitions"][model]))
    for key, model in table["members"].items():
        name, _, member = key.partition(".")
        members = document["definitions"][name]["properties"]
        insert_after(members, model.partition(".")[2], member, other(find(document, model)))


def insert_after(mapping: Document, key: str, new_key: str, value: Any) -> None:
    """Insert an entry right after another one, in place."""
    items = list(mapping.items())
    place = [each for each, _ in items].index(key) + 1
    items.insert(place, (new_key, value))
    mapping.clear()
    mapping.update(items)


def rendered(document: Document) -> bytes:
    """Return a document as it lies in the folder."""
    return (json.dumps(document, indent=2, ensure_ascii=False) + "\n").encode()


def main() -> int:
    """Write every derived document, and what provenance.json says of its bytes."""
    provenance = json.loads(PROVENANCE.read_bytes())
    entries = {entry["file"]: entry for entry in provenance["documents"]}
    for generation in generations():
        document = derive(generation)
        content = rendered(document)
        (DOCUMENTS / file_name(generation)).write_bytes(content)
        entries[file_name(generation)] |= {
            "operations": sum(len(item) for item in document["paths"].values()),
            "definitions": len(document["definitions"]),
            "sha256": hashlib.sha256(content).hexdigest(),
        }
        sys.stdout.write(f"{file_name(generation)}: {entries[file_name(generation)]['operations']} operations\n")
    PROVENANCE.write_bytes(rendered(provenance))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

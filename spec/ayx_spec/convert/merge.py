"""Several documents of one Server as one: schemas of the same name are unified, or told apart by their version."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

from ayx_spec.convert.addresses import server_path
from ayx_spec.convert.document import Document
from ayx_spec.convert.names import free_name
from ayx_spec.convert.notes import Notes
from ayx_spec.convert.references import local_name, pointer, references, rewrite_references, schema_reference
from ayx_spec.convert.validation import METHODS
from ayx_spec.errors import DocumentError

__all__ = ["Part", "in_order", "merge"]


@dataclass
class Part:
    """One converted document on its way into the merged one."""

    document: Document
    converted: dict[str, Any]
    notes: Notes
    keys: dict[str, str]  #: schema, as the document calls it -> its key in the converted document
    label: str = ""

    @property
    def schemas(self) -> dict[str, Any]:
        """The named schemas."""
        schemas: dict[str, Any] = self.converted["components"]["schemas"]
        return schemas


def in_order(documents: list[Document]) -> list[Document]:
    """Return the documents newest first, whatever order they were given in; the newest keeps its names."""

    def rank(document: Document) -> tuple[list[int], str, str]:
        return [-int(number) for number in re.findall(r"\d+", document.version)], document.name, document.sha256

    return sorted({document.sha256: document for document in documents}.values(), key=rank)


def merge(parts: list[Part]) -> dict[str, Any]:
    """Return one document with the paths, schemas and security schemes of all parts.

    Args:
        parts: The converted documents, newest first.

    Raises:
        DocumentError: Two documents describe the same operation differently: they are of different Servers.
    """
    if len(parts) == 1:
        return parts[0].converted
    _label(parts)
    _tell_schemas_apart(parts)
    newest = parts[0].converted
    servers = list(dict.fromkeys(server_path(part.converted) for part in parts if part.converted.get("servers")))
    if len(servers) > 1:
        found = ", ".join(servers)
        raise DocumentError(parts[1].document.name, "#", f"the documents are of different addresses: {found}")
    merged = {key: value for key, value in newest.items() if key not in ("paths", "components", "tags")}
    titles = list(dict.fromkeys(part.converted["info"]["title"] for part in parts))
    merged["info"] = {**newest["info"], "title": " + ".join(titles)}
    tags = {tag["name"]: tag for part in reversed(parts) for tag in part.converted.get("tags", [])}
    if tags:
        merged["tags"] = list(tags.values())
    merged["paths"] = _paths(parts)
    schemes = {
        name: scheme
        for part in reversed(parts)
        for name, scheme in part.converted["components"].get("securitySchemes", {}).items()
    }
    schemas = {name: schema for part in parts for name, schema in part.schemas.items()}
    merged["components"] = {"schemas": schemas} | ({"securitySchemes": schemes} if schemes else {})
    return merged


def _label(parts: list[Part]) -> None:
    """Label each part by its version: `V1`; those of one version by their place in the order as well."""
    for part in parts:
        part.label = "V" + "_".join(re.findall(r"[A-Za-z0-9]+", part.document.version.lower().removeprefix("v")))
    for part in parts:
        twins = [other for other in parts if other.document.version == part.document.version]
        if len(twins) > 1:
            part.label += f"_{twins.index(part) + 1}"


def _tell_schemas_apart(parts: list[Part]) -> None:
    """Rename schemas that share a name but not a meaning; the newest document keeps the name."""
    meanings = [_meanings(part.schemas) for part in parts]
    taken: set[str] = set()
    for name in dict.fromkeys(name for part in parts for name in part.schemas):
        free_name(name, taken)
    renames: list[dict[str, str]] = [{} for _ in parts]
    for name in sorted({name for part in parts for name in part.schemas}):
        keys: dict[str, str] = {}  # meaning -> key, newest meaning first
        for part, meaning, rename in zip(parts, meanings, renames, strict=True):
            if name not in meaning:
                continue
            if meaning[name] not in keys:
                keys[meaning[name]] = free_name(f"{name}{part.label}", taken) if keys else name
            if keys[meaning[name]] != name:
                rename[name] = keys[meaning[name]]
    for part, rename in zip(parts, renames, strict=True):
        _rename_schemas(part, rename)


def _meanings(schemas: dict[str, Any]) -> dict[str, str]:
    """Return, for each schema, a text that is equal in two documents only if it means the same there.

    Two schemas that are written alike still differ if something they refer to differs.
    """
    written = {name: json.dumps(schema, sort_keys=True) for name, schema in schemas.items()}
    direct = {name: _named(schema) for name, schema in schemas.items()}
    meanings = {}
    for name in schemas:
        reached, stack = {name}, [name]
        while stack:
            for other in direct[stack.pop()] - reached:
                reached.add(other)
                stack.append(other)
        meanings[name] = "\n".join(written[other] for other in (name, *sorted(reached - {name})))
    return meanings


def _named(schema: Any) -> set[str]:
    names = (local_name(reference, "components", "schemas") for _, reference in references(schema))
    return {name for name in names if name is not None}


def _rename_schemas(part: Part, rename: dict[str, str]) -> None:
    if not rename:
        return

    def renamed(reference: str) -> str:
        name = local_name(reference, "components", "schemas")
        return schema_reference(rename[name]) if name in rename else reference

    section = ("definitions",) if part.document.is_swagger else ("components", "schemas")
    for name, key in rename.items():
        part.notes.info((*section, name), f"renamed to {key!r}: a newer document has another schema of this name")
    converted = rewrite_references(part.converted, renamed)
    schemas = converted["components"]["schemas"]
    converted["components"]["schemas"] = {rename.get(name, name): schema for name, schema in schemas.items()}
    part.converted = converted
    part.keys = {name: rename.get(key, key) for name, key in part.keys.items()}


def _paths(parts: list[Part]) -> dict[str, Any]:
    paths: dict[str, Any] = {}
    for part in parts:
        for path, item in part.converted["paths"].items():
            known = paths.setdefault(path, {})
            for method in METHODS:
                if method not in item:
                    continue
                if method in known and known[method] != item[method]:
                    what = f"{method.upper()} {path} is described differently in another of the documents"
                    raise DocumentError(part.document.name, pointer(("paths", path, method)), what)
                known[method] = item[method]
    return paths

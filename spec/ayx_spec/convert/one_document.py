"""One document, Swagger 2.0 or OpenAPI 3, as OpenAPI 3.0.3 with everything shared but schemas written in place."""

from __future__ import annotations

from typing import Any

from ayx_spec.convert.addresses import locate, server_path, servers_of
from ayx_spec.convert.document import Document
from ayx_spec.convert.names import free_name, schema_names
from ayx_spec.convert.notes import Notes
from ayx_spec.convert.operations import OperationConverter
from ayx_spec.convert.references import local_name, pointer, references, schema_reference
from ayx_spec.convert.schemas import FREE_FORM_NAME, SchemaConverter, is_free_form
from ayx_spec.convert.security import convert_scheme
from ayx_spec.convert.validation import METHODS
from ayx_spec.errors import DocumentError

__all__ = ["OPENAPI", "convert_one"]

#: The version written. Not 3.1: there, binary content has no schema, and the generator types downloads as `Any`.
OPENAPI = "3.0.3"


def convert_one(document: Document, notes: Notes) -> dict[str, Any]:
    """Return a document as OpenAPI 3.0.3.

    Raises:
        DocumentError: A reference that leads nowhere, or a construct without a known meaning.
    """
    source = document.data
    section = ("definitions",) if document.is_swagger else ("components", "schemas")
    definitions = _section(source, section)
    names = schema_names(definitions)
    free_form = _free_form_name(definitions, names)
    schemas = SchemaConverter(_Renamer(names, section, notes), _children(definitions, section), free_form, notes)
    converted = {names[name]: schemas.convert(schema, *section, name) for name, schema in definitions.items()}
    for name, key in names.items():
        if name != key:
            notes.info((*section, name), f"renamed to {key!r}")
    result: dict[str, Any] = {"openapi": OPENAPI, "info": _info(source)}
    result |= {key: source[key] for key in ("tags", "externalDocs") if key in source}
    result |= {key: value for key, value in source.items() if key.startswith("x-")}
    servers, paths = _addresses(source, notes)
    result |= {"servers": servers} if servers else {}
    result["paths"] = {}
    operations = OperationConverter(source, schemas, notes)
    for path, new_path in paths.items():
        item = source["paths"][path]
        result["paths"][new_path] = {
            method: operations.convert(item, method, path) for method in METHODS if method in item
        }
    operations.note_unused()
    schemes = _schemes(source, notes)
    result["components"] = {"schemas": converted} | ({"securitySchemes": schemes} if schemes else {})
    if schema_reference(free_form) in {reference for _, reference in references(result)}:
        converted.setdefault(free_form, {"type": "object", "additionalProperties": True})
    return result


class _Renamer:
    """Maps references of the input to the references of the output."""

    def __init__(self, names: dict[str, str], section: tuple[str, ...], notes: Notes) -> None:
        self._names = names
        self._section = section
        self._notes = notes

    def __call__(self, reference: str, steps: tuple[str, ...]) -> str:
        name = local_name(reference, *self._section)
        if name is None or name not in self._names:
            raise DocumentError(self._notes.document, pointer((*steps, "$ref")), f"{reference!r} leads nowhere")
        return schema_reference(self._names[name])


def _section(source: dict[str, Any], steps: tuple[str, ...]) -> dict[str, Any]:
    for step in steps:
        source = source.get(step, {})
    return source


def _info(source: dict[str, Any]) -> dict[str, Any]:
    """Keep `info`, with the two members that OpenAPI requires as strings."""
    info = source["info"]
    return {**info, "title": str(info.get("title", "API")), "version": str(info["version"])}


def _addresses(source: dict[str, Any], notes: Notes) -> tuple[list[dict[str, Any]], dict[str, str]]:
    """Return the servers (OpenAPI 3.0.3, 4.7.5) and the new path of every path."""
    base = server_path(source)
    server, paths = locate(base, [path for path in source["paths"] if path.startswith("/")])
    moved = sum(path != new for path, new in paths.items())
    if moved:
        notes.info(("paths",), f"moved the address of {moved} paths: they are relative to {server}")
    return servers_of(source, base, server), paths


def _schemes(source: dict[str, Any], notes: Notes) -> dict[str, Any]:
    """Convert the security schemes."""
    if "swagger" in source:
        steps: tuple[str, ...] = ("securityDefinitions",)
        found = source.get("securityDefinitions", {})
        schemes = {name: convert_scheme(scheme, notes, (*steps, name)) for name, scheme in found.items()}
    else:
        steps = ("components", "securitySchemes")
        schemes = {name: dict(scheme) for name, scheme in _section(source, steps).items()}
    return schemes


def _children(definitions: dict[str, Any], section: tuple[str, ...]) -> dict[str, list[str]]:
    """Return, for each definition, those that extend it by `allOf`: the values of its discriminator."""
    children: dict[str, list[str]] = {}
    for name, schema in definitions.items():
        for part in schema.get("allOf", []):
            parent = local_name(part.get("$ref"), *section)
            if parent is not None:
                children.setdefault(parent, []).append(name)
    return children


def _free_form_name(definitions: dict[str, Any], names: dict[str, str]) -> str:
    """Return the name of the shared free-form object: one that no definition of another meaning has."""
    taken: set[str] = set()
    for name, schema in definitions.items():
        if names[name] != FREE_FORM_NAME or not is_free_form(schema):
            free_name(names[name], taken)
    return free_name(FREE_FORM_NAME, taken)

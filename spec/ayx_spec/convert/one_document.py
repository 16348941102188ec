"""One document, Swagger 2.0 or OpenAPI 3, as OpenAPI 3.0.3 with everything shared but schemas written in place."""

from __future__ import annotations

from typing import Any

from ayx_spec.convert.about import about, convert_info
from ayx_spec.convert.addresses import locate, server_path, servers_of
from ayx_spec.convert.circles import without_circles
from ayx_spec.convert.document import Document
from ayx_spec.convert.names import free_name, schema_names
from ayx_spec.convert.notes import Notes
from ayx_spec.convert.operations import OperationConverter
from ayx_spec.convert.paths import plain_paths
from ayx_spec.convert.references import local_name, pointer, schema_reference
from ayx_spec.convert.required_members import name_required_members
from ayx_spec.convert.schemas import FREE_FORM_NAME, SchemaConverter, is_free_form
from ayx_spec.convert.security import convert_schemes, scheme_names
from ayx_spec.convert.validation import METHODS

__all__ = ["OPENAPI", "convert_one"]

#: The version written. Not 3.1: there, binary content has no schema, and the generator types downloads as `Any`.
OPENAPI = "3.0.3"


def convert_one(document: Document, notes: Notes) -> dict[str, Any]:
    """Return a well-formed document as OpenAPI 3.0.3.

    Raises:
        DocumentError: Two paths that are one and the same.
    """
    source = document.data
    section = ("definitions",) if document.is_swagger else ("components", "schemas")
    definitions = without_circles(_section(source, section), section, notes)
    names = schema_names(definitions)
    free_form = _free_form_name(definitions, names)
    schemas = SchemaConverter(_Renamer(names, section), _children(definitions, section), free_form, notes)
    converted = {names[name]: schemas.convert(schema, *section, name) for name, schema in definitions.items()}
    for name, key in names.items():
        if name != key:
            notes.info((*section, name), f"renamed to {key!r}")
    result: dict[str, Any] = {"openapi": OPENAPI, "info": convert_info(document, notes)}
    result |= about(source, notes)
    result |= {key: value for key, value in source.items() if key.startswith("x-")}
    servers, paths = _addresses(source, notes)
    result |= {"servers": servers} if servers else {}
    result["paths"] = {}
    schemes = scheme_names(source)
    operations = OperationConverter(source, schemas, schemes, notes)
    for path, new_path in paths.items():
        item = source["paths"][path]
        result["paths"].setdefault(new_path, {}).update(
            (method, operations.convert(item, method, path, new_path)) for method in METHODS if method in item
        )
    operations.note_unused()
    converted_schemes = convert_schemes(source, schemes, notes)
    result["components"] = {"schemas": converted} | ({"securitySchemes": converted_schemes} if schemes else {})
    if schemas.free_form_used:
        converted.setdefault(free_form, {"type": "object", "additionalProperties": True})
    for name in converted:
        name_required_members(converted, name, notes, (*section, name))
    return result


class _Renamer:
    """Maps references of the input to the references of the output, `None` for one that leads nowhere."""

    def __init__(self, names: dict[str, str], section: tuple[str, ...]) -> None:
        self._names = names
        self._section = section

    def __call__(self, reference: str) -> str | None:
        name = local_name(reference, *self._section)
        return schema_reference(self._names[name]) if name in self._names else None


def _section(source: dict[str, Any], steps: tuple[str, ...]) -> dict[str, Any]:
    for step in steps:
        source = source.get(step, {})
    return source


def _addresses(source: dict[str, Any], notes: Notes) -> tuple[list[dict[str, Any]], dict[str, str]]:
    """Return the servers (OpenAPI 3.0.3, 4.7.5) and the new path of every path."""
    base = server_path(source)
    plain = plain_paths(source, notes)
    server, located = locate(base, plain.values())
    moved = sum(path != new for path, new in located.items())
    if moved:
        notes.info(("paths",), f"moved the address of {moved} paths: they are relative to {server}")
    return servers_of(source, base, server), {path: located[new] for path, new in plain.items()}


def _children(definitions: dict[str, Any], section: tuple[str, ...]) -> dict[str, dict[str, str]]:
    """Return, for each definition, those that extend it by `allOf`: the values of its discriminator and references."""
    children: dict[str, dict[str, str]] = {}
    for name, schema in definitions.items():
        for part in schema.get("allOf", []):
            parent = local_name(part.get("$ref"), *section)
            if parent is not None:
                value = schema.get("x-ms-discriminator-value")
                children.setdefault(parent, {})[value if isinstance(value, str) else name] = pointer((*section, name))
    return children


def _free_form_name(definitions: dict[str, Any], names: dict[str, str]) -> str:
    """Return the name of the shared free-form object: one that no definition of another meaning has."""
    taken: set[str] = set()
    for name, schema in definitions.items():
        if names[name] != FREE_FORM_NAME or not is_free_form(schema):
            free_name(names[name], taken)
    return free_name(FREE_FORM_NAME, taken)

"""Schemas: from Swagger 2.0's dialect to OpenAPI 3.0.3's, and the oddities of generators put right."""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable
from typing import Any

from ayx_spec.convert.about import with_documentation
from ayx_spec.convert.defaults import convert_default
from ayx_spec.convert.enumerations import convert_enumeration
from ayx_spec.convert.grammar import Plain
from ayx_spec.convert.notes import Notes
from ayx_spec.convert.plain_values import read_plain
from ayx_spec.convert.references import schema_reference

__all__ = ["FREE_FORM_NAME", "SchemaConverter", "is_free_form"]

#: What the one schema is called that stands for every object without described members.
FREE_FORM_NAME = "FreeFormObject"

_EXTENSIONS_FOR_NULL = ("x-nullable", "x-isnullable")
_BESIDE_REFERENCE = ("description", "nullable", "readOnly", "deprecated")
_UNUSED = ("collectionFormat", "$schema", "$id", "$comment")


class SchemaConverter:
    """Converts the schemas of one document.

    Args:
        rename: Maps a reference of the input to the reference of the output; `None` for one that leads nowhere.
        children: For each definition that others extend: the values that tell them apart, and references to them.
        free_form: The name of the schema that stands for every object without described members.
        notes: Where changes are noted.

    Attributes:
        free_form_used: Whether anything refers to that schema.
    """

    def __init__(
        self,
        rename: Callable[[str], str | None],
        children: dict[str, dict[str, str]],
        free_form: str,
        notes: Notes,
    ) -> None:
        self._rename = rename
        self._children = children
        self._free_form_name = free_form
        self.free_form_used = False
        self._notes = notes

    def convert(self, schema: dict[str, Any], *steps: str) -> dict[str, Any]:
        """Return the converted schema; the input is left alone.

        Args:
            schema: A Schema Object (Swagger 2.0 or OpenAPI 3.0/3.1).
            steps: The place of the schema in the input, for notes.
        """
        if "$ref" in schema:
            return self._reference(schema, steps)
        schema = with_documentation(schema)
        result = {key: value for key, value in schema.items() if key not in (*_EXTENSIONS_FOR_NULL, *_UNUSED)}
        self._nested(result, steps)
        self._file_type(result)
        self._json_schema(result, steps)
        self._type_list(result, steps)
        self._missing_type(result, steps)
        self._nullable(schema, result)
        self._array_items(result, steps)
        self._read_only_is_not_required(result, steps)
        self._required_members(result, steps)
        self._discriminator(result, steps)
        self._exclusive_bounds(result, steps)
        self._constraints(result, steps)
        convert_enumeration(result, self._notes, steps)
        convert_default(result, self._notes, steps)
        return self._free_form(result, steps)

    def _reference(self, schema: dict[str, Any], steps: tuple[str, ...]) -> dict[str, Any]:
        """Keep what may stand beside a reference by wrapping it (OpenAPI 3.0.3, Reference Object: siblings ignored)."""
        renamed = self._rename(schema["$ref"])
        if renamed is None:
            self._notes.warning((*steps, "$ref"), f"{schema['$ref']!r} leads nowhere: anything is accepted")
            return {}
        reference = {"$ref": renamed}
        beside = {key: schema[key] for key in _BESIDE_REFERENCE if key in schema}
        if any(schema.get(key) is True for key in _EXTENSIONS_FOR_NULL):
            beside["nullable"] = True
        ignored = sorted(set(schema) - {"$ref", *_BESIDE_REFERENCE, *_EXTENSIONS_FOR_NULL})
        if ignored:
            self._notes.warning(steps, f"dropped beside a reference, where it means nothing: {', '.join(ignored)}")
        return {**beside, "allOf": [reference]} if beside else reference

    def _nested(self, schema: dict[str, Any], steps: tuple[str, ...]) -> None:
        """Convert every schema inside this one (Schema Object: properties, items, additionalProperties, allOf, not)."""
        if "properties" in schema:
            members = schema["properties"].items()
            schema["properties"] = {key: self.convert(value, *steps, "properties", key) for key, value in members}
        for key in ("items", "not", "additionalProperties"):
            if isinstance(schema.get(key), dict):
                schema[key] = self.convert(schema[key], *steps, key)
        for key in ("allOf", "anyOf", "oneOf"):
            if key in schema:
                parts = enumerate(schema[key])
                schema[key] = [self.convert(part, *steps, key, str(index)) for index, part in parts]
                if not schema[key]:
                    del schema[key]

    def _file_type(self, schema: dict[str, Any]) -> None:
        """`type: file` is a binary string in OpenAPI 3 (Considerations for File Uploads)."""
        if schema.get("type") == "file":
            schema |= {"type": "string", "format": "binary"}

    def _json_schema(self, schema: dict[str, Any], steps: tuple[str, ...]) -> None:
        """Say in OpenAPI 3.0's words what JSON Schema's keywords mean: `const`, `examples`, `patternProperties`."""
        if "const" in schema:
            schema.setdefault("enum", [schema.pop("const")])
        examples = schema.pop("examples", None)
        if isinstance(examples, list) and examples:
            schema.setdefault("example", examples[0])
        if schema.pop("patternProperties", None):
            if schema.get("additionalProperties") is False:
                del schema["additionalProperties"]
            self._notes.warning(steps, "dropped `patternProperties`: members of any name are accepted")

    def _type_list(self, schema: dict[str, Any], steps: tuple[str, ...]) -> None:
        """A list of types (JSON Schema, OpenAPI 3.1) is one type, or one schema a type, and `nullable` in 3.0.3."""
        types = schema.get("type")
        if types == "null":
            types = ["null"]
        if not isinstance(types, list):
            return
        if "null" in types:
            schema["nullable"] = True
        named = [name for name in types if name != "null"]
        del schema["type"]
        if len(named) == 1:
            schema["type"] = named[0]
        elif named and not {"enum", "anyOf", "oneOf", "allOf"} & schema.keys():
            schema["anyOf"] = [_of_type(name, schema) for name in named]
            self._notes.info(steps, f"wrote several types as one schema each: {', '.join(named)}")
        elif named:
            self._notes.warning(steps, f"dropped the type: OpenAPI 3.0 knows no value of several types {named}")

    def _missing_type(self, schema: dict[str, Any], steps: tuple[str, ...]) -> None:
        """Name the type that the other keywords imply."""
        if "anyOf" in schema:
            return
        implied = {"properties": "object", "items": "array"}
        for key, kind in implied.items():
            if key in schema and "type" not in schema:
                schema["type"] = kind
                self._notes.info(steps, f"added the type {kind!r} that `{key}` implies")

    def _nullable(self, original: dict[str, Any], schema: dict[str, Any]) -> None:
        """`x-nullable` is `nullable` in OpenAPI 3.0.3."""
        if any(original.get(key) is True for key in _EXTENSIONS_FOR_NULL):
            schema["nullable"] = True

    def _array_items(self, schema: dict[str, Any], steps: tuple[str, ...]) -> None:
        """`items` must be present if the type is array (Schema Object)."""
        if schema.get("type") == "array" and "items" not in schema:
            schema["items"] = {}
            self._notes.warning(steps, "repaired a list that does not say what it holds: it may hold anything")

    def _read_only_is_not_required(self, schema: dict[str, Any], steps: tuple[str, ...]) -> None:
        """A `readOnly` member SHOULD NOT be sent, so that a request cannot be required to hold it."""
        hidden = [key for key, value in schema.get("properties", {}).items() if value.get("readOnly") is True]
        kept = [key for key in schema.get("required", []) if key not in hidden]
        if len(kept) < len(schema.get("required", [])):
            self._notes.warning(steps, "read-only members are no longer required, because a request omits them")
            _set_or_drop(schema, "required", kept)

    def _required_members(self, schema: dict[str, Any], steps: tuple[str, ...]) -> None:
        """`required` is a list of distinct names with at least one element; in old documents it is a boolean."""
        if "required" not in schema:
            return
        names = list(dict.fromkeys(map(str, schema["required"])))
        if names != schema["required"]:
            self._notes.info(steps, "repaired `required`: a list of distinct names")
        _set_or_drop(schema, "required", names)

    def _discriminator(self, schema: dict[str, Any], steps: tuple[str, ...]) -> None:
        """A discriminator is an object with a mapping in OpenAPI 3; the schemas that extend this one are its values."""
        given = schema.get("discriminator")
        if isinstance(given, str):
            schema["discriminator"] = {"propertyName": given}
            children = self._children.get(steps[-1], {})
            if children:
                schema["discriminator"]["mapping"] = self._mapping(children, steps)
            self._notes.info(steps, "wrote the discriminator as an object")
        elif isinstance(given, dict) and isinstance(given.get("propertyName"), str):
            schema["discriminator"] = {"propertyName": given["propertyName"]}
            if isinstance(given.get("mapping"), dict):
                schema["discriminator"]["mapping"] = self._mapping(given["mapping"], steps)
        elif given is not None:
            del schema["discriminator"]
            self._notes.warning(steps, "dropped a discriminator that does not name a member")

    def _mapping(self, given: dict[str, Any], steps: tuple[str, ...]) -> dict[str, str]:
        """Return the values of a discriminator, each with its schema; those that lead nowhere are left out."""
        mapping: dict[str, str] = {}
        for value, target in sorted(given.items()):
            text = str(target)
            renamed = self._rename(text) if text.startswith("#/") else text
            if renamed is None:
                self._notes.warning((*steps, "discriminator"), f"dropped the value {value!r}: {text!r} leads nowhere")
            else:
                mapping[value] = renamed
        return mapping

    def _exclusive_bounds(self, schema: dict[str, Any], steps: tuple[str, ...]) -> None:
        """A numeric exclusive bound (JSON Schema, OpenAPI 3.1) is a boolean beside the bound in 3.0.3."""
        for exclusive, bound in (("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")):
            value = schema.get(exclusive)
            if value is None or isinstance(value, bool):
                continue
            number, flag = read_plain(Plain.NUMBER, value), read_plain(Plain.FLAG, value)
            if number is not None and not isinstance(value, str):
                schema |= {bound: number, exclusive: True}
            elif flag is not None:
                schema[exclusive] = flag
            else:
                del schema[exclusive]
                self._notes.warning((*steps, exclusive), "dropped: must be a boolean")

    def _constraints(self, schema: dict[str, Any], steps: tuple[str, ...]) -> None:
        """Constraints that no validator can apply: a pattern that is none, a multiple of nothing."""
        if "pattern" in schema and not _is_pattern(schema["pattern"]):
            schema["x-pattern"] = schema.pop("pattern")
            self._notes.warning(steps, "kept as x-pattern what is no regular expression")
        if schema.get("multipleOf", 1) <= 0:
            self._notes.warning(steps, f"dropped `multipleOf` {schema.pop('multipleOf')!r}: must be more than 0")

    def _free_form(self, schema: dict[str, Any], steps: tuple[str, ...]) -> dict[str, Any]:
        """An object without described members is one shared free-form object, instead of an empty class per use."""
        if not is_free_form(schema):
            return schema
        named = len(steps) > 1 and steps[-2] in ("definitions", "schemas")
        if named:
            return {**schema, "additionalProperties": True}
        self.free_form_used = True
        reference = {"$ref": schema_reference(self._free_form_name)}
        beside = {key: schema[key] for key in _BESIDE_REFERENCE if key in schema}
        return {**beside, "allOf": [reference]} if beside else reference


def is_free_form(schema: dict[str, Any]) -> bool:
    """Whether a schema says "an object" and nothing about its members."""
    described = ("allOf", "anyOf", "oneOf", "enum", "discriminator")
    return (
        schema.get("type") == "object"
        and not schema.get("properties")
        and schema.get("additionalProperties", True) in (True, {})
        and not any(key in schema for key in described)
    )


def _of_type(name: str, schema: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of one of several types, with what the others have no use for."""
    own = {"array": ("items",), "object": ("properties", "required", "additionalProperties")}.get(name, ())
    result: dict[str, Any] = {"type": name, **{key: schema.pop(key) for key in own if key in schema}}
    return result | ({"items": {}} if name == "array" and "items" not in result else {})


def _is_pattern(text: str) -> bool:
    with warnings.catch_warnings():  # of patterns that a later Python will read differently
        warnings.simplefilter("ignore")
        try:
            re.compile(text)
        except (re.error, RecursionError, OverflowError):
            return False
    return True


def _set_or_drop(schema: dict[str, Any], key: str, value: list[str]) -> None:
    if value:
        schema[key] = value
    else:
        schema.pop(key, None)

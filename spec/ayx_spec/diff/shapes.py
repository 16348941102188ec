"""Schemas in one normal form, whichever dialect they were written in: what a value may be, and nothing else.

Swagger 2.0, OpenAPI 3.0 and 3.1 say the same thing in different words (`x-nullable`, `nullable`,
`type: [string, null]`, an `allOf` of one). Two schemas that allow the same values have equal shapes. Descriptions,
titles, examples and constraints (lengths, ranges, patterns) are left out: they are not compared.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from ayx_spec.convert.references import fragment_steps, local_name

__all__ = ["ANY", "NO_DEFAULT", "Field", "Shape", "ShapeReader", "describe"]

#: What stands for "no default": `None` is a default that one can have.
NO_DEFAULT = "\0none"

_NULLABLE = ("nullable", "x-nullable", "x-isnullable")


@dataclass(frozen=True)
class Field:
    """A member of an object.

    Attributes:
        shape: What its value may be.
        read_only: Answers hold it, requests do not.
        write_only: Requests hold it, answers do not.
    """

    shape: Shape
    read_only: bool = False
    write_only: bool = False


@dataclass(frozen=True)
class Shape:
    """What a value may be.

    Attributes:
        kind: `any`, `model` (a named schema), `object`, `array`, `union`, `string`, `integer`, `number`, `boolean`.
        format: The format of a number or text, lower case.
        nullable: Whether it may be null.
        enum: The values allowed, sorted; `None` if not listed.
        default: The value that stands for an absent one; `NO_DEFAULT` without one.
        model: For `model`, the name of the schema.
        fields: For `object`, the members described in place, also those inside `allOf` members.
        required: For `object`, the names that must be there (they may name members of a base).
        bases: For `object`, the named schemas it extends by `allOf`.
        items: For `array`, the elements; for `object`, the members that are not described by name.
        variants: For `union`, the alternatives.
    """

    kind: str
    format: str | None = None
    nullable: bool = False
    enum: tuple[Any, ...] | None = None
    default: Any = field(default=NO_DEFAULT, compare=False)
    model: str | None = None
    fields: Mapping[str, Field] = field(default_factory=dict)
    required: frozenset[str] = frozenset()
    bases: tuple[str, ...] = ()
    items: Shape | None = None
    variants: tuple[Shape, ...] = ()

    @property
    def is_empty_object(self) -> bool:
        """Whether it says "an object" and nothing about its members."""
        return self.kind == "object" and not (self.fields or self.bases or self.items or self.required)


ANY = Shape("any")


class ShapeReader:
    """Reads the schemas of one document.

    Args:
        document: The whole document, for references to other places than named schemas.
        section: Where its named schemas are: `definitions`, or `components` and `schemas`.
        unnamed: Those of them that the document did not name: read where they are used.
    """

    def __init__(self, document: dict[str, Any], *section: str, unnamed: Collection[str] = ()) -> None:
        self._document = document
        self._section = section
        named: Any = document
        for step in section:
            named = named.get(step) or {}
        self._named: dict[str, Any] = {name: schema for name, schema in named.items() if name not in unnamed}
        self._entered: set[str] = set()

    def models(self) -> dict[str, Shape]:
        """Return the shapes of all named schemas."""
        return {name: self.read(schema) for name, schema in self._named.items()}

    def read(self, schema: Any) -> Shape:
        """Return the shape of a schema."""
        if not isinstance(schema, dict):
            return ANY
        shape = self._reference(schema) if "$ref" in schema else self._described(schema)
        if any(schema.get(key) is True for key in _NULLABLE):
            shape = replace(shape, nullable=True)
        if "default" in schema:
            shape = replace(shape, default=schema["default"])
        return shape

    def _reference(self, schema: dict[str, Any]) -> Shape:
        """A named schema stays a name; any other place of the document is read where it is used."""
        reference = str(schema["$ref"])
        name = local_name(reference, *self._section)
        if name is not None and name in self._named:
            return Shape("model", model=name)
        target = self._target(reference)
        if target is None or reference in self._entered:
            return Shape("model", model=f"{reference} (elsewhere)")
        self._entered.add(reference)
        try:
            return self.read(target)
        finally:
            self._entered.discard(reference)

    def _target(self, reference: str) -> Any:
        place: Any = self._document
        for step in fragment_steps(reference) or [""]:
            if isinstance(place, list) and step.isdecimal() and int(step) < len(place):
                place = place[int(step)]
            elif isinstance(place, dict) and step in place:
                place = place[step]
            else:
                return None
        return place if isinstance(place, dict) else None

    def _described(self, schema: dict[str, Any]) -> Shape:
        own = self._own(schema)
        for key in ("oneOf", "anyOf"):
            if schema.get(key):
                own = _both([own, self._union(schema[key])])
        if schema.get("allOf"):
            own = _both([*(self.read(part) for part in schema["allOf"]), own])
        return own

    def _own(self, schema: dict[str, Any]) -> Shape:
        """Return what the keywords beside `allOf` and its kin say."""
        declared = schema.get("type")
        named = [str(one) for one in (declared if isinstance(declared, list) else [declared] if declared else [])]
        nullable = "null" in named
        kinds = [one for one in dict.fromkeys(named) if one != "null"]
        if len(kinds) > 1:
            return Shape("union", nullable=nullable, variants=_sorted(self._typed(schema, kind) for kind in kinds))
        shape = self._typed(schema, kinds[0] if kinds else _implied(schema))
        return replace(shape, nullable=nullable or shape.nullable)

    def _typed(self, schema: dict[str, Any], kind: str) -> Shape:
        text_format = schema.get("format")
        form = text_format.lower() if isinstance(text_format, str) and text_format else None
        if kind == "file":
            kind, form = "string", "binary"
        if kind == "object":
            return self._object(schema)
        if kind == "array":
            items = schema.get("items")
            return Shape("array", items=self.read(items[0] if isinstance(items, list) and items else items))
        values = schema.get("enum", [schema["const"]] if "const" in schema else None)
        if not isinstance(values, list) or not values or kind == "boolean":
            return Shape(kind, form if kind in ("string", "integer", "number") else None)
        known = _distinct(value for value in values if value is not None)
        return Shape(kind, form, enum=known or None, nullable=None in values)

    def _object(self, schema: dict[str, Any]) -> Shape:
        members = schema.get("properties")
        described = members.items() if isinstance(members, dict) else ()
        required = schema.get("required")
        further = schema.get("additionalProperties")
        return Shape(
            "object",
            fields={name: self._field(member) for name, member in described},
            required=frozenset(map(str, required)) if isinstance(required, list) else frozenset(),
            items=self.read(further) if isinstance(further, dict) and further else None,
        )

    def _field(self, member: Any) -> Field:
        flags = member if isinstance(member, dict) else {}
        return Field(self.read(member), flags.get("readOnly") is True, flags.get("writeOnly") is True)

    def _union(self, variants: list[Any]) -> Shape:
        """A union with null is nullable (OpenAPI 3.1); alternatives that only constrain say nothing of the type."""
        shapes = [self.read(variant) for variant in variants if not _is_null(variant)]
        nullable = len(shapes) < len(variants) or any(shape.nullable for shape in shapes)
        typed = [replace(one, nullable=False) for one in shapes if one.kind != "any" and not _only_requires(one)]
        if len(typed) < len(shapes) or not typed:
            return replace(ANY, nullable=nullable)
        distinct = _sorted(typed)
        if len(distinct) == 1:
            return replace(distinct[0], nullable=nullable)
        return Shape("union", nullable=nullable, variants=distinct)


def _is_null(schema: Any) -> bool:
    return isinstance(schema, dict) and schema.get("type") in ("null", ["null"])


def _only_requires(shape: Shape) -> bool:
    return shape.kind == "object" and bool(shape.required) and not (shape.fields or shape.bases or shape.items)


def _implied(schema: dict[str, Any]) -> str:
    """Return the type that the other keywords imply."""
    if "properties" in schema or schema.get("additionalProperties") or schema.get("required"):
        return "object"
    if "items" in schema:
        return "array"
    values = schema.get("enum", [schema["const"]] if "const" in schema else [])
    if values and all(isinstance(value, int) and not isinstance(value, bool) for value in values):
        return "integer"
    return "string" if values else "any"


def _distinct(values: Iterable[Any]) -> tuple[Any, ...]:
    """Return values sorted and once each; JSON tells 1, "1" and true apart, Python does not."""
    by_text = {json.dumps(value, sort_keys=True): value for value in values}
    return tuple(by_text[text] for text in sorted(by_text))


def _sorted(shapes: Iterable[Shape]) -> tuple[Shape, ...]:
    distinct: list[Shape] = []
    for shape in shapes:
        if shape not in distinct:
            distinct.append(shape)
    return tuple(sorted(distinct, key=describe))


def _both(parts: list[Shape]) -> Shape:
    """Return the shape of a value that is all of these (JSON Schema `allOf`)."""
    nullable = any(part.nullable for part in parts)
    default = next((part.default for part in reversed(parts) if part.default != NO_DEFAULT), NO_DEFAULT)
    telling = [part for part in parts if part.kind != "any"]
    if len(telling) > 1:
        telling = [part for part in telling if not part.is_empty_object] or telling[:1]
    if not telling:
        return replace(ANY, nullable=nullable, default=default)
    if len(telling) == 1:
        return replace(telling[0], nullable=nullable, default=default)
    if not all(part.kind in ("object", "model") for part in telling):
        return replace(_narrowest(telling), nullable=nullable, default=default)
    fields: dict[str, Field] = {}
    bases: list[str] = []
    for part in telling:
        fields |= part.fields
        bases += [part.model] if part.model else part.bases
    return Shape(
        "object",
        nullable=nullable,
        default=default,
        fields=fields,
        required=frozenset().union(*(part.required for part in telling)),
        bases=tuple(dict.fromkeys(bases)),
        items=next((part.items for part in telling if part.items), None),
    )


def _narrowest(parts: list[Shape]) -> Shape:
    """Return the part that says most, of parts that are not all objects."""
    return next((part for part in parts if part.enum), parts[0])


def describe(shape: Shape | None) -> str:
    """Return a shape in words: `array of UserView`, `integer (int64)`, `string or null`."""
    if shape is None:
        return "nothing"
    text = _described(shape)
    return f"{text} or null" if shape.nullable else text


def _described(shape: Shape) -> str:
    if shape.kind == "model":
        return str(shape.model)
    if shape.kind == "array":
        return f"array of {describe(shape.items)}"
    if shape.kind == "union":
        return " or ".join(map(describe, shape.variants))
    if shape.kind == "object":
        if shape.items and not shape.fields and not shape.bases:
            return f"map of {describe(shape.items)}"
        parts = [*shape.bases, *(["{" + ", ".join(sorted(shape.fields)) + "}"] if shape.fields else [])]
        return " & ".join(parts) if parts else "object"
    text = f"{shape.kind} ({shape.format})" if shape.format else shape.kind
    return f"{text}, one of {', '.join(map(str, shape.enum))}" if shape.enum else text

"""Schemas as the generator understands all of them: no `allOf`, and every object and enumeration under a name.

What the generator would refuse, or make two classes of one name of, is decided here: `allOf` is written out
(OpenAPI 3.0.3, Composition and Inheritance: an instance has the members of all), members get distinct attributes, and
lists that hold nothing but themselves end.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ayx_spec.convert.references import local_name, references, schema_reference
from ayx_spec.generation.class_names import ClassNames
from ayx_spec.generation.members import attributes

__all__ = ["FlatSchemas"]

Schema = dict[str, Any]

#: What the generator reads of a value that is neither an object nor an enumeration.
_PLAIN = ("type", "format", "description", "nullable")
_DEFAULTS: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
}
_UNIONS = {"anyOf": None, "oneOf": None}.keys()


class FlatSchemas:
    """Makes the schemas of one document flat.

    Args:
        schemas: The named schemas of a converted document.

    Attributes:
        components: The flat schemas by the name of their class.
        members: For each class, the names in JSON by attribute.
    """

    def __init__(self, schemas: dict[str, Schema]) -> None:
        self._schemas = schemas
        self._names = ClassNames(schemas)
        self._composed: dict[str, Schema] = {}
        # Of what is described in place: by identity, because a class inherits the very members of its parents.
        self._inline: dict[int, tuple[Schema, str]] = {}
        self.components: dict[str, Schema] = {}
        self.members: dict[str, dict[str, str]] = {}
        # Parents first: classes of their members are called after them.
        for name in sorted(schemas, key=lambda name: "allOf" in schemas[name]):
            self._component(self._names.components[name], name, schemas[name])
        for name, flat in self.components.items():
            if "$ref" in flat:  # the generator makes a class of its own of another name for one
                self.members[name] = self.members.get(self._end_of(flat), {})
        self._end_circles()

    def use(self, schema: Schema, owner: str, *steps: str) -> Schema:
        """Return what stands in the place of a schema: itself, or a reference to its class.

        Args:
            schema: A schema of a converted document.
            owner: The class or operation it belongs to.
            steps: The names of its place in there.
        """
        if "$ref" in schema:
            return {"$ref": self._reference(schema["$ref"])}
        if id(schema) in self._inline:
            return self._wrapped(schema, self._inline[id(schema)][1])
        given = schema
        schema = self._written_out(schema)
        if _is_alias(schema):
            (target,) = schema["allOf"]
            return _beside(schema) | {"allOf": [{"$ref": self._reference(target["$ref"])}]}
        if _is_class(schema):
            name = self._names.member(owner, *steps)
            self._inline[id(given)] = given, name
            self._class(name, schema)
            return self._wrapped(schema, name)
        return self._value(schema, owner, steps)

    def is_object(self, schema: Schema) -> bool:
        """Whether a flat schema is an object: a class with members."""
        if "$ref" in schema or "allOf" in schema:
            schema = self.components[self._end_of(schema)]
        return schema.get("type") == "object"

    def _end_of(self, flat: Schema) -> str:
        """Return the name of the component that a reference leads to in the end."""
        name = ""
        while "$ref" in flat or "allOf" in flat:
            name = _name(flat["$ref"] if "$ref" in flat else flat["allOf"][0]["$ref"])
            flat = self.components[name]
        return name

    def _component(self, key: str, name: str, schema: Schema) -> None:
        if "$ref" not in schema:
            schema = self._composed_of(name)
        if "$ref" not in schema and _is_class(schema) and not _is_alias(schema):
            self._class(key, schema)
            if "enum" in schema and None in schema["enum"]:  # the references to it cannot say so
                self.components[key]["enum"].append(None)
                self.components[key]["title"] = key
        else:
            self.components[key] = self.use(schema, key)

    def _class(self, name: str, schema: Schema) -> None:
        """Add the class of an object or enumeration."""
        self.components[name] = {}  # its place is before those of its members
        described = {"description": schema["description"]} if "description" in schema else {}
        if "enum" in schema:
            values = [value for value in schema["enum"] if value is not None]
            kept: Schema = {key: schema[key] for key in ("type", "x-enum-varnames") if key in schema}
            self.components[name] = {**kept, **described, "enum": values}
            return
        own = schema.get("properties", {})
        by_attribute = attributes(own)
        names = {json_name: attribute for attribute, json_name in by_attribute.items()}
        flat: Schema = {"type": "object", **described}
        flat["properties"] = {attribute: self.use(own[key], name, key) for attribute, key in by_attribute.items()}
        flat["required"] = [names[key] for key in schema.get("required", []) if key in names]
        additional = schema.get("additionalProperties")
        if isinstance(additional, dict) and additional:
            flat["additionalProperties"] = self.use(additional, name, "AdditionalProperty")
        # `false` says what this document knows; a newer Server may send more, and what it sends must go back to it.
        self.components[name] = flat
        self.members[name] = by_attribute

    def _value(self, schema: Schema, owner: str, steps: tuple[str, ...]) -> Schema:
        """Return a value that has no class of its own."""
        flat = {key: schema[key] for key in _PLAIN if key in schema}
        union = next((key for key in _UNIONS if key in schema), None)
        if union is not None:
            flat.pop("type", None)
            flat[union] = [
                self.use(member, owner, *steps[:-1], f"{steps[-1] if steps else ''}_type_{index}")
                for index, member in enumerate(schema[union])
            ]
        elif schema.get("type") == "array":
            flat["items"] = self.use(schema.get("items", {}), owner, *steps[:-1], f"{steps[-1] if steps else ''}_item")
        default = schema.get("default")
        if isinstance(default, _DEFAULTS.get(str(flat.get("type")), ())) and not _needs_escaping(default):
            flat["default"] = default
        return flat

    def _wrapped(self, schema: Schema, name: str) -> Schema:
        """Return a reference to a class, with what this use of it says besides."""
        beside = {}
        if schema.get("nullable"):
            beside["nullable"] = True
        if "default" in schema and "enum" in schema and not _needs_escaping(schema["default"]):
            beside["default"] = schema["default"]
        if "description" in schema:
            beside["description"] = schema["description"]
        reference = {"$ref": schema_reference(name)}
        return {**beside, "allOf": [reference]} if beside else reference

    def _reference(self, reference: str) -> str:
        return schema_reference(self._names.components[_name(reference)])

    def _composed_of(self, name: str) -> Schema:
        """Return a named schema with its `allOf` written out."""
        if name not in self._composed:
            self._composed[name] = self._written_out(self._schemas[name])
        return self._composed[name]

    def _written_out(self, schema: Schema) -> Schema:
        """Return a schema with the members of all parts of its `allOf`; what a later one says of a member counts."""
        if "allOf" not in schema or _is_alias(schema):
            return schema
        parents = [self._target(part["$ref"]) for part in schema["allOf"] if "$ref" in part]
        inline = [self._written_out(part) for part in schema["allOf"] if "$ref" not in part]
        own = {key: value for key, value in schema.items() if key != "allOf"}
        parts = [*parents, own, *inline]
        if not any("properties" in part or part.get("type") == "object" for part in parts):
            return self._of_values(schema, parts)
        result = {"type": "object", **{key: value for key, value in own.items() if key not in _UNIONS}}
        result.pop("enum", None)
        properties: dict[str, Schema] = {}
        required: list[str] = []
        for part in parts:
            needed = part.get("required", [])
            required += [key for key in needed if key not in required]
            given = part.get("properties", {})
            ordered = sorted(given, key=lambda key: key not in needed) if part in parents else given
            for key in ordered:
                if key not in properties or _says_something(given[key]):
                    properties[key] = given[key]
        return {**result, "properties": properties, "required": required}

    def _target(self, reference: str) -> Schema:
        """Return the named schema that a part of an `allOf` refers to, followed to its end and written out."""
        schema = self._composed_of(_name(reference))
        while "$ref" in schema or _is_alias(schema):
            schema = self._composed_of(_name(schema["$ref"] if "$ref" in schema else schema["allOf"][0]["$ref"]))
        return schema

    def _of_values(self, schema: Schema, parts: Iterable[Schema]) -> Schema:
        """Return an `allOf` of values that are no objects: one reference if there is one, else all that is said."""
        referring = [part for part in schema["allOf"] if "$ref" in part]
        if referring:
            return {**_beside(schema), "allOf": referring[:1]}
        result: Schema = {}
        for part in parts:
            result |= part
        return result

    def _end_circles(self) -> None:
        """Let lists and unions end that hold nothing but themselves: a value without a class needs an end."""
        values = {name for name, schema in self.components.items() if schema.get("type") != "object"}
        direct = {
            name: {_name(found) for _, found in references(self.components[name])} & values for name in sorted(values)
        }
        done: set[str] = set()
        for root in direct:
            way: list[str] = []
            stack: list[tuple[str, bool]] = [(root, False)]
            while stack:
                name, leave = stack.pop()
                if leave:
                    done.add(way.pop())
                    continue
                if name in done or name in way:
                    continue
                way.append(name)
                stack.append((name, True))
                for other in sorted(direct[name]):
                    if other in way:
                        self.components[name] = _without(self.components[name], schema_reference(other))
                    elif other not in done:
                        stack.append((other, False))


def _is_class(schema: Schema) -> bool:
    """Whether the generator makes a class of a schema."""
    if "enum" in schema:
        return schema.get("type") in ("string", "integer") and any(value is not None for value in schema["enum"])
    return bool(schema.get("properties")) or (schema.get("type") == "object" and not _UNIONS & schema.keys())


def _is_alias(schema: Schema) -> bool:
    """Whether a schema is another one, with something said about this use of it."""
    said = schema.keys() - {"allOf", "description", "nullable", "readOnly", "writeOnly", "deprecated", "title"}
    said = {key for key in said if not key.startswith("x-") and key not in ("example", "externalDocs", "xml")}
    return len(schema.get("allOf", ())) == 1 and "$ref" in schema["allOf"][0] and not said


def _beside(schema: Schema) -> Schema:
    return {key: schema[key] for key in ("description", "nullable") if key in schema}


def _says_something(schema: Schema) -> bool:
    """Whether a schema tells more of a member than that there is one."""
    return bool({"$ref", "type", "allOf", "anyOf", "oneOf", "enum"} & schema.keys())


def _needs_escaping(value: Any) -> bool:
    """Whether a default is escaped twice by the generator, and not found among the values of an enumeration.

    Such a one is left out of the client: what the caller does not give has that value for the Server all the same.
    """
    return isinstance(value, str) and (not value.isprintable() or '"' in value or "\\" in value)


def _without(value: Any, reference: str) -> Any:
    if isinstance(value, list):
        return [_without(member, reference) for member in value]
    if not isinstance(value, dict):
        return value
    if value.get("$ref") == reference:
        return {}
    return {key: _without(member, reference) for key, member in value.items()}


def _name(reference: str) -> str:
    name = local_name(reference, "components", "schemas")
    if name is None:
        raise ValueError(f"not a reference to a schema: {reference}")
    return name

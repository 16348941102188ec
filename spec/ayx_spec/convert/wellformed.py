"""A copy of a document in which everything is of the kind it must be, so that every later rule may rely on it.

What is of another kind is read as what it was meant to be, or dropped, and noted. Only where operations, parameters
or answers would be lost is the document refused.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ayx_spec.convert.grammar import FIELDS, METHODS, Many, One, Plain, Rule
from ayx_spec.convert.notes import Notes
from ayx_spec.convert.plain_values import kind_of, read_plain
from ayx_spec.convert.references import pointer
from ayx_spec.convert.schema_types import known_types
from ayx_spec.convert.targets import Targets
from ayx_spec.errors import DocumentError

__all__ = ["well_formed"]

Steps = tuple[str, ...]

#: Where a wrong value cannot be dropped, because more than a description would go with it.
_INDISPENSABLE = frozenset({"path item", "operation", "parameter", "response"})


def well_formed(data: dict[str, Any], notes: Notes) -> dict[str, Any]:
    """Return a document whose every value is of its kind and whose every reference names a shared part.

    Members that are null count as absent: .NET serialisers write them.

    Raises:
        DocumentError: A path item, operation, parameter or answer is not what it must be.
    """
    targets = Targets(data, notes.document)
    reader = _Reader(targets, notes)
    result = reader.object("document", data, ())
    done: set[tuple[Steps, str]] = set()
    for section, name, kind, value, steps in _adopted(targets, done):
        notes.info(steps, f"named {name!r}, because it is referred to")
        result = _with(result, (*section, name), reader.read(kind, value, steps))
    return result


def _with(holder: dict[str, Any], steps: Steps, value: Any) -> dict[str, Any]:
    """Return a copy with a value at a place; what is not on the way there is shared."""
    step, *rest = steps
    return {**holder, step: _with(holder.get(step, {}), tuple(rest), value) if rest else value}


def _shared(read: dict[str, Any], given: dict[str, Any]) -> dict[str, Any]:
    """Return what was given where reading changed nothing: of a large document a second copy is a burden."""
    unchanged = len(read) == len(given) and all(key in read and read[key] is value for key, value in given.items())
    return given if unchanged else read


def _adopted(targets: Targets, done: set[tuple[Steps, str]]) -> Iterator[tuple[Steps, str, str, Any, Steps]]:
    """Yield what was adopted, also what is adopted meanwhile."""
    kinds = {targets.section(kind): kind for kind in ("schema", "parameter", "response", "request body", "header")}
    while True:
        found = [
            (section, name, *place)
            for section, parts in targets.adopted.items()
            for name, place in parts.items()
            if (section, name) not in done
        ]
        if not found:
            return
        for section, name, value, steps in found:
            done.add((section, name))
            yield section, name, kinds[section], value, steps


class _Reader:
    """Reads objects by the tables of `grammar`."""

    def __init__(self, targets: Targets, notes: Notes) -> None:
        self._targets = targets
        self._notes = notes

    def read(self, kind: str, value: Any, steps: Steps) -> Any:
        """Return an object of a kind; `None` if there is none to be had."""
        if kind == "schema":
            value = self._as_schema(value, steps)
        if kind == "response" and isinstance(value, str):
            self._notes.warning(steps, "repaired an answer that is only a text: it is the description")
            value = {"description": value}
        if kind == "security requirement":
            return self._requirement(value, steps)
        if isinstance(value, dict) and isinstance(value.get("$ref"), str):
            if kind == "path item":
                value = self._path_item(value, steps)
            if kind == "parameter" and self._targets.is_schema(value["$ref"]):
                self._notes.warning(steps, "repaired a parameter that refers to a schema: it is the request body")
                value = {"name": "body", "in": "body", "schema": {"$ref": value["$ref"]}}
        if isinstance(value, dict):
            return self.object(kind, value, steps)
        self._refuse(kind, value, steps)
        return None

    def object(self, kind: str, value: dict[str, Any], steps: Steps) -> dict[str, Any]:
        """Return the fields of an object that its kind knows; those with `x-` stay as they are."""
        fields = FIELDS[kind]
        result: dict[str, Any] = {}
        unknown = []
        for key, member in value.items():
            if member is None:
                self._null(kind, key, steps)
                continue
            if key in fields:
                read = self._field(kind, key, fields[key], member, (*steps, key))
                if read is not None:
                    result[key] = read
            elif key.startswith("x-"):
                result[key] = member
            else:
                unknown.append(key)
        if unknown:
            self._notes.warning(steps, f"dropped what a {kind} does not have: {', '.join(sorted(unknown))}")
        if kind == "operation":
            result.setdefault("responses", {})
        if kind in ("schema", "parameter", "header"):
            self._value(kind, value, result, steps)
        if "$ref" in result and self._targets.section(kind):
            result = self._reference(kind, result, steps)
        return _shared(result, value)

    def _null(self, kind: str, key: str, steps: Steps) -> None:
        if kind == "path item" and key in METHODS:
            self._notes.warning((*steps, key), "ignored: an operation that is null is none")

    def _field(self, kind: str, key: str, rule: Rule, value: Any, steps: Steps) -> Any:
        if isinstance(rule, Plain):
            return self._plain(kind, key, rule, value, steps)
        if isinstance(rule, One):
            if isinstance(value, bool) and key == "additionalProperties":
                return value
            if isinstance(value, list) and key == "items":
                return self._tuple(value, steps)
            return self.read(rule.kind, value, steps)
        if isinstance(rule, Many):
            return self._many(rule.kind, value, steps)
        return self._named(rule.kind, value, steps)

    def _plain(self, kind: str, key: str, rule: Plain, value: Any, steps: Steps) -> Any:
        if kind == "schema" and key == "required" and isinstance(value, bool):
            return None  # of the member itself, as in JSON Schema draft 3: its holder reads it
        read = read_plain(rule, value)
        if read is None:
            self._notes.warning(steps, f"dropped: must be {rule.value}, is {kind_of(value)}")
        elif read is not value and read != value:
            self._notes.warning(steps, f"read {_shown(value)} as {_shown(read)}: must be {rule.value}")
        return read

    def _many(self, kind: str, value: Any, steps: Steps) -> list[Any] | None:
        if isinstance(value, dict) and ("$ref" in value or (kind == "parameter" and "name" in value)):
            self._notes.warning(steps, "read a single object as a list of one")
            value = [value]
        elif isinstance(value, dict) and value and all(isinstance(member, dict) for member in value.values()):
            self._notes.warning(steps, "read an object of objects as a list of them")
            value = list(value.values())
        if not isinstance(value, list):
            self._refuse(kind, value, steps, "a list")
            return None
        members = [self.read(kind, member, (*steps, str(index))) for index, member in enumerate(value)]
        if all(read is not None and read is member for read, member in zip(members, value, strict=True)):
            return value
        return [member for member in members if member is not None]

    def _named(self, kind: str, value: Any, steps: Steps) -> dict[str, Any] | None:
        if value == []:  # what PHP writes for an empty object
            return {}
        if not isinstance(value, dict):
            self._refuse(kind, value, steps)
            return None
        result: dict[str, Any] = {}
        for name, member in value.items():
            if name.startswith("x-") and kind in ("path item", "response"):
                result[name] = member
                continue
            if member is None and kind != "response":
                continue
            read = self.read(kind, {} if member is None else member, (*steps, name))
            if read is not None:
                result[name] = read
        return _shared(result, value)

    def _refuse(self, kind: str, value: Any, steps: Steps, wanted: str = "an object") -> None:
        if kind in _INDISPENSABLE:
            raise DocumentError(self._notes.document, pointer(steps), f"must be {wanted}, is {kind_of(value)}")
        self._notes.warning(steps, f"dropped: must be {wanted}, is {kind_of(value)}")

    def _reference(self, kind: str, value: dict[str, Any], steps: Steps) -> dict[str, Any]:
        """Let a reference name a shared part; one that leads nowhere is taken away, what stands beside it stays."""
        reference = self._targets.reference(kind, value["$ref"])
        if reference is not None:
            return {**value, "$ref": value["$ref"] if reference == value["$ref"] else reference}
        rest = {key: member for key, member in value.items() if key != "$ref"}
        if kind == "parameter":
            return {**rest, "$ref": value["$ref"]}  # read by those who know the path
        where = "in this document" if value["$ref"].startswith("#") else "in another file, which is not read"
        self._notes.warning(steps, f"{value['$ref']!r} leads nowhere {where}: nothing is known of this {kind}")
        return {"description": f"Not described: {value['$ref']}", **rest} if kind == "response" else rest

    def _as_schema(self, value: Any, steps: Steps) -> Any:
        """Return the schema that a boolean (JSON Schema) or a name stands for."""
        if isinstance(value, bool) or (isinstance(value, list) and len(value) == 0):
            self._notes.warning(steps, f"repaired a schema that is {kind_of(value)}: anything is accepted")
            return {}
        if isinstance(value, str):
            self._notes.warning(steps, f"repaired a schema that is only a name: {value!r}")
            return {"type": value} if known_types(value) else {"$ref": value}
        return value

    def _value(self, kind: str, value: dict[str, Any], result: dict[str, Any], steps: Steps) -> None:
        """Read what describes a value: its type, and which of its members are required."""
        if "type" in result:
            self._type(kind, result, steps)
        if kind == "schema" and "properties" in result:
            self._flags_of_members(value["properties"], result, steps)

    def _type(self, kind: str, result: dict[str, Any], steps: Steps) -> None:
        """Read a type that is written in other words; the name of a definition is a reference to it."""
        given = result.pop("type")
        found = known_types(given)
        if found is not None:
            names, text_format = found
            if names:
                result["type"] = names if isinstance(given, list) and len(names) > 1 else names[0]
            if text_format:
                result.setdefault("format", text_format)
            if result.get("type") != given:
                self._notes.warning((*steps, "type"), f"read the type {_shown(given)} as {_shown(result.get('type'))}")
        elif kind == "schema" and isinstance(given, str) and self._targets.is_schema(given):
            self._notes.warning((*steps, "type"), f"read the type {given!r} as a reference to it")
            result["$ref"] = given
        else:
            self._notes.warning((*steps, "type"), f"dropped the unknown type {_shown(given)}")

    def _path_item(self, value: dict[str, Any], steps: Steps) -> dict[str, Any]:
        """Return a path item with what its reference leads to (Path Item Object, `$ref`)."""
        target = self._targets.value(value["$ref"])
        beside = {key: member for key, member in value.items() if key != "$ref"}
        if isinstance(target, dict):
            return {**target, **beside}
        self._notes.warning((*steps, "$ref"), f"{value['$ref']!r} is not read: operations that are there are not known")
        return beside

    def _tuple(self, value: list[Any], steps: Steps) -> dict[str, Any]:
        """A list of schemas for `items` (JSON Schema): each element may be of any of them (Schema Object)."""
        members = [self.read("schema", member, (*steps, str(index))) for index, member in enumerate(value)]
        members = [member for member in members if isinstance(member, dict)]
        self._notes.warning(steps, "repaired `items` that is a list: every element may be of any of its types")
        return members[0] if len(members) == 1 else {"anyOf": members} if members else {}

    def _flags_of_members(self, members: Any, result: dict[str, Any], steps: Steps) -> None:
        """`required: true` of a member (JSON Schema draft 3) belongs into the list of its object."""
        if not isinstance(members, dict):
            return
        marked = [
            name
            for name, member in members.items()
            if isinstance(member, dict) and member.get("required") is True and name in result["properties"]
        ]
        missing = [name for name in marked if name not in result.get("required", [])]
        if missing:
            self._notes.info(steps, f"listed as required what says so of itself: {', '.join(missing)}")
            result["required"] = [*result.get("required", []), *missing]

    def _requirement(self, value: Any, steps: Steps) -> dict[str, list[str]] | None:
        """A Security Requirement Object: names of schemes, each with a list of scopes."""
        if not isinstance(value, dict):
            self._notes.warning(steps, f"dropped: must be an object, is {kind_of(value)}")
            return None
        return {name: read_plain(Plain.TEXTS, scopes) or [] for name, scopes in value.items()}


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) < 60 else f"{text[:57]}..."  # noqa: PLR2004 - short enough for one line

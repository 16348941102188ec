"""What a Swagger 2.0 document promises to callers.

Only what a call or an answer depends on counts: operations, parameters, bodies, answers, and the members of models.
Address, order, prose, media types and whatever else a document holds are left out: two documents that differ in nothing
else are equal here. Nothing is trusted: what is not as the specification wants it reads as absent.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

__all__ = ["Member", "Operation", "Shape", "Surface"]

_METHODS = ("get", "put", "post", "delete", "options", "head", "patch")
_PARAMETER = re.compile(r"\{([^}]*)\}")
_WEB_API = re.compile(r"^/webapi(?=/)", re.IGNORECASE)
_MODELS = "#/definitions/"
#: What makes a schema one of several parts.
_COMPOSED = frozenset({"items", "additionalProperties", "properties", "allOf"})
#: Schemas within schemas; documents that a Server publishes have a handful.
_MOST_NESTED = 50


@dataclass(frozen=True)
class Shape:
    """What a value looks like (Swagger 2.0, Schema Object, and the Parameter Object's own ``type``).

    Attributes:
        type: ``string``, ``integer``, ``array`` …; empty if anything may come.
        format: Such as ``date-time``.
        values: Those of an enumeration.
        model: Name of the model; then nothing else is said.
        items: Of an array, or the values of a map.
        members: Of an object that has no name.
    """

    type: str = ""
    format: str = ""
    values: tuple[str, ...] = ()
    model: str = ""
    items: Shape | None = None
    members: Mapping[str, Member] = field(default_factory=dict)

    def __str__(self) -> str:
        if self.model:
            return self.model
        if self.type == "array":
            return f"{self.items or 'anything'}[]"
        if self.items is not None:
            return f"map of {self.items}"
        return " ".join(part for part in (self.format, self.type) if part) or "anything"


@dataclass(frozen=True)
class Member:
    """A member of a model, a parameter or a body.

    Attributes:
        shape: What its value looks like.
        required: Whether it must be there.
    """

    shape: Shape
    required: bool = False


@dataclass(frozen=True)
class Operation:
    """One operation.

    Attributes:
        name: Method and path below the Web API address: ``GET /v3/users/{userId}``.
        operation_id: Its ``operationId``, empty if it has none.
        path_parameters: Their names, in order.
        parameters: All others by place and name, ``query view``, and the body as ``body``.
        answers: What each status brings, None for nothing.
    """

    name: str
    operation_id: str
    path_parameters: tuple[str, ...]
    parameters: Mapping[str, Member]
    answers: Mapping[str, Shape | None]


@dataclass(frozen=True)
class Surface:
    """What one document promises.

    Attributes:
        operations: By method and path, without regard to case and to the names of path parameters.
        models: The members of each model.
    """

    operations: Mapping[str, Operation]
    models: Mapping[str, Mapping[str, Member]]

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> Surface:
        """Read a Swagger 2.0 document.

        Raises:
            ValueError: It is nested too deeply to be an API's description.
        """
        operations = {_key(each.name): each for each in _operations(document)}
        definitions = _mapping(document.get("definitions"))
        models = {str(name): _members(_mapping(schema)) for name, schema in definitions.items()}
        return cls(operations, models)

    def find(self, method: str, path: str) -> Operation | None:
        """Return the operation of a method and a path without values in it, such as ``/v3/users``."""
        return self.operations.get(_key(f"{method} {path}"))


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _key(name: str) -> str:
    return _PARAMETER.sub("{}", name).rstrip("/").lower()


def _operations(document: Mapping[str, Any]) -> Iterator[Operation]:
    prefix = _below_web_api(document.get("basePath"))
    shared = _mapping(document.get("parameters"))
    for path, item in _mapping(document.get("paths")).items():
        for method in _METHODS:
            operation = _mapping(item).get(method)
            if isinstance(operation, Mapping):
                name = f"{method.upper()} {prefix}{_WEB_API.sub('', str(path))}"
                yield _operation(name, _mapping(item), operation, shared)


def _operation(
    name: str, item: Mapping[str, Any], operation: Mapping[str, Any], shared: Mapping[str, Any]
) -> Operation:
    parameters: dict[str, Member] = {}
    for given in (*_list(item.get("parameters")), *_list(operation.get("parameters"))):
        reference = str(_mapping(given).get("$ref", ""))
        parameter = _mapping(shared.get(reference.removeprefix("#/parameters/")) if reference else given)
        place, called = parameter.get("in"), parameter.get("name")
        if place != "path" and isinstance(place, str) and isinstance(called, str):
            shape = _shape(_mapping(parameter.get("schema")) if place == "body" else parameter)
            key = "body" if place == "body" else f"{place} {called}"
            parameters[key] = Member(shape, parameter.get("required") is True)
    answers = {
        str(status): _shape(answer["schema"]) if isinstance(_mapping(answer).get("schema"), Mapping) else None
        for status, answer in _mapping(operation.get("responses")).items()
    }
    operation_id = operation.get("operationId")
    return Operation(
        name,
        operation_id if isinstance(operation_id, str) else "",
        tuple(_PARAMETER.findall(name)),
        parameters,
        answers,
    )


def _below_web_api(base: Any) -> str:
    """Return what of a base path belongs to the paths: ``/v3`` of ``/webapi/v3``, nothing of ``/webapi/``."""
    segments = [segment for segment in base.split("/") if segment] if isinstance(base, str) else []
    spellings = [segment.lower() for segment in segments]
    below = segments[spellings.index("webapi") + 1 :] if "webapi" in spellings else []
    return "".join(f"/{segment}" for segment in below)


def _shape(schema: Mapping[str, Any], depth: int = 0) -> Shape:
    reference = schema.get("$ref")
    if isinstance(reference, str):
        return _plain(model=reference.removeprefix(_MODELS))
    kind, form = (value if isinstance(value := schema.get(key), str) else "" for key in ("type", "format"))
    values = tuple(str(value) for value in _list(schema.get("enum")))
    if schema.keys().isdisjoint(_COMPOSED):
        return _plain(kind, form, values)
    members = _members(schema, depth + 1)  # before the items: it knows when to stop
    items = schema.get("items", schema.get("additionalProperties"))
    return Shape(kind, form, values, "", _shape(items, depth + 1) if isinstance(items, Mapping) else None, members)


@lru_cache(maxsize=1024)
def _plain(kind: str = "", form: str = "", values: tuple[str, ...] = (), model: str = "") -> Shape:
    """Return a shape without parts: most are alike, and one object stands for all of these."""
    return Shape(kind, form, values, model)


def _members(schema: Mapping[str, Any], depth: int = 0) -> dict[str, Member]:
    """Return the members of an object, those of the parts that it is composed of included."""
    if depth > _MOST_NESTED:
        raise ValueError("the document is nested too deeply")
    members: dict[str, Member] = {}
    for part in _list(schema.get("allOf")):
        if isinstance(reference := _mapping(part).get("$ref"), str):
            base = reference.removeprefix(_MODELS)
            members[f"(all of {base})"] = Member(Shape(model=base))
        members |= _members(_mapping(part), depth + 1)
    required = _list(schema.get("required"))
    for name, of in _mapping(schema.get("properties")).items():
        members[str(name)] = Member(_shape(_mapping(of), depth + 1), name in required)
    return members

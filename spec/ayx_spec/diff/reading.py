"""From a document, Swagger 2.0 or OpenAPI 3, to the contract it makes with its callers."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Any

from ayx_spec.bundled import bundled_digests
from ayx_spec.convert import Document, operations_of
from ayx_spec.convert.addresses import locate, server_path, servers_of
from ayx_spec.convert.media_types import FORM, JSON, MULTIPART, base_type, declared, is_json, preferred
from ayx_spec.convert.notes import Notes
from ayx_spec.convert.references import local_name
from ayx_spec.convert.unclear_parameters import clear
from ayx_spec.diff.contract import Answer, Body, Contract, Operation, Parameter
from ayx_spec.diff.security import read_requirements, read_schemes
from ayx_spec.diff.shapes import Field, Shape, ShapeReader
from ayx_spec.errors import DocumentError

__all__ = ["read_contract"]

_STATUS = re.compile(r"[1-9]\d\d|[1-5]XX|default")
_NO_CONTENT = ("204", "205", "304")
_STYLES = {"spaceDelimited": "ssv", "pipeDelimited": "pipes", "simple": "csv"}

#: A parameter, body or answer, and the name of the shared one it was written as.
_Resolved = tuple[dict[str, Any], str | None]


def read_contract(document: Document, unnamed: Collection[str] = ()) -> Contract:
    """Read a document.

    Args:
        document: A well-formed document.
        unnamed: Schemas that only became named to make it so.

    Raises:
        DocumentError: It is nested too deeply to be an API description.
    """
    try:
        return _Reader(document, unnamed).read()
    except RecursionError as error:
        raise DocumentError(document.name, "", "nested too deeply to be an API description") from error


class _Reader:
    def __init__(self, document: Document, unnamed: Collection[str]) -> None:
        self._document = document
        self._data = document.data
        self._swagger = document.is_swagger
        self._root: tuple[str, ...] = () if self._swagger else ("components",)
        section = "definitions" if self._swagger else "schemas"
        self._shapes = ShapeReader(self._data, *self._root, section, unnamed=unnamed)

    def read(self) -> Contract:
        base = server_path(self._data)
        server, located = locate(base, [path for path in self._data["paths"] if path.startswith("/")])
        return Contract(
            name=self._document.name,
            title=self._document.title,
            version=self._document.version,
            sha256=self._document.sha256,
            operations=tuple(
                self._operation(method, located[path], operation, self._data["paths"][path])
                for method, path, operation in operations_of(self._data["paths"])
            ),
            models=self._shapes.models(),
            addresses=tuple(str(entry["url"]).rstrip("/") for entry in servers_of(self._data, base, server)),
            base=server,
            schemes=read_schemes(self._data),
            anywhere=self._document.sha256 in bundled_digests(),
        )

    def _operation(self, method: str, path: str, operation: dict[str, Any], item: dict[str, Any]) -> Operation:
        written = (one for holder in (item, operation) for one in holder.get("parameters") or [])
        resolved = [self._named(*self._resolved(one, "parameters"), path, index) for index, one in enumerate(written)]
        # an operation's own parameter overrides the path's of the same name and place
        placed = {(str(one.get("name")), str(one.get("in"))): (one, shared) for one, shared in resolved}
        own = operation.get("security") is not None
        return Operation(
            method=method.upper(),
            path=path,
            operation_id=operation.get("operationId") or None,
            tags=tuple(operation.get("tags") or ()),
            deprecated=operation.get("deprecated") is True,
            parameters=tuple(
                self._parameter(one, shared, path)
                for one, shared in placed.values()
                if one.get("in") in ("path", "query", "header", "cookie")
            ),
            body=self._body(operation, list(placed.values())),
            answers=self._answers(operation),
            security=read_requirements(operation if own else self._data),
            own_security=own,
            text=" ".join(str(operation.get(key) or "") for key in ("summary", "description")).strip(),
        )

    def _resolved(self, value: dict[str, Any], section: str) -> _Resolved:
        """Follow references into a shared section; one that leads nowhere is left as it is."""
        shared: str | None = None
        holder: Any = self._data
        for step in (*self._root, section):
            holder = holder.get(step) or {}
        for _ in range(len(holder)):
            name = local_name(value.get("$ref"), *self._root, section)
            if name is None or name not in holder:
                break
            value, shared = holder[name], f"{section}/{name}"
        return value, shared

    def _named(self, one: dict[str, Any], shared: str | None, path: str, index: int) -> _Resolved:
        """Give a parameter the name and place that the converter gives one without."""
        return clear(one, path, Notes(self._document.name), (str(index),)), shared

    def _parameter(self, one: dict[str, Any], shared: str | None, path: str) -> Parameter:
        place, name = str(one["in"]), str(one["name"])
        if place == "path":
            name = _as_in_path(name, path)
        shape = self._shapes.read(_value_schema(one))
        return Parameter(
            place=place,
            name=name,
            required=place == "path" or one.get("required") is True,
            shape=shape,
            style=self._style(one, place, shape),
            description=str(one.get("description") or ""),
            shared=shared,
        )

    def _style(self, one: dict[str, Any], place: str, shape: Shape) -> str | None:
        """Return how a list or an object is written; a single value has no style (OpenAPI 3.0.3, Style Values)."""
        if shape.kind not in ("array", "object", "model"):
            return None
        if self._swagger:
            return str(one.get("collectionFormat") or "csv")
        style = str(one.get("style") or ("form" if place in ("query", "cookie") else "simple"))
        explode = one.get("explode", style == "form")
        if shape.kind != "array":
            return f"{style}, exploded" if explode else style
        return _STYLES.get(style, style) if style != "form" else "multi" if explode else "csv"

    def _body(self, operation: dict[str, Any], placed: list[_Resolved]) -> Body | None:
        if "requestBody" in operation:
            body, shared = self._resolved(operation["requestBody"], "requestBodies")
            content = body.get("content") or {}
            kept = _sent(list(content)) if content else ""
            schema = next((value.get("schema") for name, value in content.items() if base_type(name) == kept), None)
            media_types = _first(kept, content)
            return Body(body.get("required") is True, self._shapes.read(schema), media_types, shared)
        consumes = declared(operation, self._data, "consumes")
        parts = [one for one, _ in placed if one.get("in") == "formData"]
        if parts:
            return self._form(parts, [base_type(name) for name in consumes])
        for one, shared in reversed(placed):  # an operation's own body overrides the path's, whatever they are called
            if one.get("in") == "body":
                media_types = _first(_sent(consumes or [JSON]), consumes or [JSON])
                shape = self._shapes.read(one.get("schema"))
                by_all = None if operation.get("consumes") else "consumes"
                return Body(one.get("required") is True, shape, media_types, shared or by_all)
        return None

    def _form(self, parts: list[dict[str, Any]], consumes: list[str]) -> Body:
        """All parts of a form are one object; a file makes it multipart, which `application/form-data` means too."""
        fields = {str(one["name"]): Field(self._shapes.read(_value_schema(one))) for one in parts}
        required = frozenset(str(one["name"]) for one in parts if one.get("required") is True)
        has_file = any(_holds_file(member.shape) for member in fields.values())
        multipart = has_file or MULTIPART in consumes or any("form-data" in name for name in consumes)
        kinds = [name for name in (MULTIPART, FORM) if name in consumes and not (has_file and name == FORM)]
        shape = Shape("object", fields=fields, required=required)
        return Body(bool(required), shape, tuple(kinds) or (MULTIPART if multipart else FORM,), None)

    def _answers(self, operation: dict[str, Any]) -> dict[str, Answer]:
        produces = declared(operation, self._data, "produces") or [JSON]
        answers = {}
        for code, written in operation["responses"].items():
            if _STATUS.fullmatch(code):
                response, shared = self._resolved(written, "responses")
                answers[code] = self._answer(code, response, produces, shared)
                if self._swagger and not operation.get("produces") and not shared:
                    answers[code] = Answer(answers[code].shape, answers[code].media_types, "produces")
        return answers

    def _answer(self, code: str, response: dict[str, Any], produces: list[str], shared: str | None) -> Answer:
        if self._swagger:
            content = dict.fromkeys(produces, response) if "schema" in response else {}
        else:
            content = response.get("content") or {}
        if not content or code in _NO_CONTENT:
            return Answer(None, (), shared)
        kept = preferred(list(content))
        value = next(
            (value for name, value in content.items() if base_type(name) == kept), next(iter(content.values()))
        )
        shape = self._shapes.read(value.get("schema"))
        return Answer(shape, _first(kept, content), shared)


def _value_schema(one: dict[str, Any]) -> Any:
    """Return what describes the value of a parameter: `schema`, the schema of its `content`, or itself."""
    if "schema" in one:
        return one["schema"]
    for value in (one.get("content") or {}).values():
        return value.get("schema")
    return {key: value for key, value in one.items() if key not in ("name", "in", "required", "description")}


def _as_in_path(name: str, path: str) -> str:
    """Return a path parameter as the path writes it; ASP.NET matches names without regard to case."""
    variables = re.findall(r"\{([^{}]*)\}", path)
    return next((one for one in variables if one.lower() == name.lower()), name) if name not in variables else name


def _holds_file(shape: Shape) -> bool:
    return shape.format == "binary" or (shape.items is not None and shape.items.format == "binary")


def _sent(media_types: list[str]) -> str:
    """Return the media type that a client sends: JSON, else a form, else the first."""
    names = [base_type(name) for name in media_types]
    if any(is_json(name) for name in names):
        return preferred(names)
    return next((name for name in (MULTIPART, FORM) if name in names), names[0])


def _first(kept: str, media_types: Any) -> tuple[str, ...]:
    """Return the media types, normalised, the one that a client uses first and the others sorted."""
    names = {_normal(name) for name in media_types}
    first = _normal(kept)
    return (first, *sorted(names - {first})) if names else ()


def _normal(media_type: str) -> str:
    """`text/json` and `*/*` are what a caller reads and sends as JSON."""
    name = base_type(media_type)
    return JSON if name in ("text/json", "*/*", "application/*") else name

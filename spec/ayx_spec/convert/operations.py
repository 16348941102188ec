"""Operations: parameters, body, answers and security of one method of one path."""

from __future__ import annotations

from typing import Any

from ayx_spec.convert import bodies, responses
from ayx_spec.convert.about import with_documentation
from ayx_spec.convert.media_types import declared
from ayx_spec.convert.notes import Notes
from ayx_spec.convert.parameters import Placed, agree_with_path, convert_parameter, merge_parameters
from ayx_spec.convert.references import local_name
from ayx_spec.convert.schemas import SchemaConverter
from ayx_spec.convert.security import operation_security
from ayx_spec.convert.unclear_parameters import clear

__all__ = ["OperationConverter"]

_KEPT = ("tags", "summary", "description", "externalDocs", "operationId", "deprecated")


class OperationConverter:
    """Converts the operations of one document, and remembers which shared parts they used."""

    def __init__(self, source: dict[str, Any], schemas: SchemaConverter, schemes: dict[str, str], notes: Notes) -> None:
        self._source = source
        self._schemes = schemes
        self._schemas = schemas
        self._notes = notes
        self._root: tuple[str, ...] = () if "swagger" in source else ("components",)
        self._used: set[tuple[str, str]] = set()

    def convert(self, item: dict[str, Any], method: str, path: str, written: str) -> dict[str, Any]:
        """Return the OpenAPI 3 operation of a method of a path item.

        Args:
            item: The path item.
            method: The method, lower case.
            path: Its path in the input.
            written: Its path as it is written in the output.
        """
        operation, steps = item[method], ("paths", path, method)
        result = {key: value for key, value in with_documentation(operation).items() if key in _KEPT}
        result |= {key: value for key, value in operation.items() if key.startswith("x-")}
        placed = merge_parameters(
            self._parameters(item, written, ("paths", path)),
            self._parameters(operation, written, steps),
            self._notes,
        )
        parameters = self._own_parameters(written, placed, steps)
        if parameters:
            result["parameters"] = parameters
        body = self._body(operation, placed, steps)
        if body:
            result["requestBody"] = body
        result["responses"] = self._responses(operation, steps)
        security = operation_security(operation, self._source, self._schemes)
        if security is not None:
            result["security"] = security
        if "schemes" in operation:
            self._notes.info(steps, "dropped `schemes`: the address of the Server is a setting of the client")
        return result

    def note_unused(self) -> None:
        """Note the shared parameters, bodies and answers that no operation uses."""
        for section in ("parameters", "responses", "requestBodies"):
            for name in self._shared(section):
                if (section, name) not in self._used:
                    self._notes.info((*self._root, section, name), "dropped: no operation uses it")

    def _shared(self, section: str) -> dict[str, Any]:
        holder = self._source
        for step in self._root:
            holder = holder.get(step, {})
        shared: dict[str, Any] = holder.get(section, {})
        return shared

    def _resolved(self, value: dict[str, Any], section: str, steps: tuple[str, ...]) -> Placed:
        """Follow references into a shared section, so that what they name stands in place."""
        seen: list[str] = []
        while "$ref" in value:
            name = local_name(value["$ref"], *self._root, section)
            if name is None or name in seen or name not in self._shared(section):
                if section == "parameters":
                    return value, steps  # taken for what it may mean in this path
                self._notes.warning((*steps, "$ref"), f"{value['$ref']!r} leads nowhere")
                return {key: member for key, member in value.items() if key != "$ref"}, steps
            seen.append(name)
            self._used.add((section, name))
            value, steps = self._shared(section)[name], (*self._root, section, name)
        return value, steps

    def _parameters(self, holder: dict[str, Any], path: str, steps: tuple[str, ...]) -> list[Placed]:
        result = []
        for index, value in enumerate(holder.get("parameters", [])):
            parameter, place = self._resolved(value, "parameters", (*steps, "parameters", str(index)))
            result.append((clear(parameter, path, self._notes, place), place))
        return result

    def _own_parameters(self, path: str, placed: list[Placed], steps: tuple[str, ...]) -> list[dict[str, Any]]:
        converted = [
            convert_parameter(parameter, self._schemas, self._notes, place)
            for parameter, place in placed
            if parameter["in"] not in ("body", "formData")
        ]
        return agree_with_path(path, converted, self._notes, steps)

    def _body(self, operation: dict[str, Any], placed: list[Placed], steps: tuple[str, ...]) -> dict[str, Any] | None:
        if "requestBody" not in operation:
            consumes = declared(operation, self._source, "consumes")
            return bodies.body_from_parameters(placed, consumes, self._schemas, self._notes, steps)
        body, place = self._resolved(operation["requestBody"], "requestBodies", (*steps, "requestBody"))
        return bodies.with_one_media_type(self._with_schemas(body, place), self._notes, place)

    def _responses(self, operation: dict[str, Any], steps: tuple[str, ...]) -> dict[str, Any]:
        found = operation.get("responses", {})
        codes = responses.status_codes(found, self._notes, (*steps, "responses"))
        result = {codes[code]: self._response(found[code], operation, (*steps, "responses", code)) for code in codes}
        if not any(not code.startswith("x-") for code in result):
            self._notes.warning((*steps, "responses"), "added an answer: none is described")
            result["default"] = {"description": "Not described."}
        return result

    def _response(self, shared: dict[str, Any], operation: dict[str, Any], place: tuple[str, ...]) -> dict[str, Any]:
        response, origin = self._resolved(shared, "responses", place)
        if "swagger" in self._source and "content" not in response:
            produces = declared(operation, self._source, "produces")
            return responses.convert_response(response, produces, self._schemas, self._notes, place)
        described = {"description": "", **self._with_schemas(response, origin)}
        return responses.with_one_media_type(described, self._notes, place)

    def _with_schemas(self, holder: dict[str, Any], steps: tuple[str, ...]) -> dict[str, Any]:
        """Return a body or answer of an OpenAPI 3 document with its schemas converted."""
        content = {
            media_type: {
                key: self._schemas.convert(member, *steps, "content", media_type, key) if key == "schema" else member
                for key, member in value.items()
            }
            for media_type, value in holder.get("content", {}).items()
        }
        result = {**holder, "content": content} if content else dict(holder)
        if "headers" in holder:
            result["headers"] = {
                name: responses.convert_header(header, self._schemas, (*steps, "headers", name))
                for name, header in holder["headers"].items()
            }
        return result

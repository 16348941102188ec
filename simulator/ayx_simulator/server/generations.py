"""Answers as a Server of one generation gives them, though the records know what every generation has."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from werkzeug.wrappers import Response

from .documents import Operation
from .http_errors import json_response
from .samples import resolved

__all__ = ["Generation"]

_Definitions = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True)
class Generation:
    """What tells one generation's answers from those of the others.

    Attributes:
        own: The definitions that this is about: those of the newest version of the API.
        foreign: Members by definition that only other generations have.
        values: By definition and member, what stands here for an enumeration value of another generation.
    """

    own: _Definitions
    foreign: Mapping[str, frozenset[str]]
    values: Mapping[tuple[str, str], Mapping[str, str]]

    @classmethod
    def among(cls, own: _Definitions, others: list[_Definitions]) -> Generation:
        """Compare a generation's definitions with those of the same name in the other generations' documents."""
        foreign: dict[str, frozenset[str]] = {}
        values: dict[tuple[str, str], dict[str, str]] = {}
        for name, definition in own.items():
            members = definition.get("properties", {})
            for other in (each[name].get("properties", {}) for each in others if name in each):
                foreign[name] = foreign.get(name, frozenset()) | (other.keys() - members.keys())
                for member, schema in members.items():
                    known, theirs = schema.get("enum"), other.get(member, {}).get("enum")
                    if known and theirs:
                        # A value that was renamed kept its place.
                        renamed = dict(zip(theirs, known, strict=False))
                        values.setdefault((name, member), {}).update(
                            {value: renamed.get(value, known[0]) for value in theirs if value not in known}
                        )
        return cls(
            own, {name: found for name, found in foreign.items() if found}, {k: v for k, v in values.items() if v}
        )

    def answer(self, response: Response, operation: Operation, *, full_view: bool) -> Response:
        """Take out of an answer what this generation does not have.

        Args:
            response: The answer; anything but JSON is returned as it is.
            operation: The operation that it answers.
            full_view: Whether the complete form was asked for, of which the document knows only the short one.
        """
        schema = operation.success[1]
        if schema is None or operation.definitions is not self.own:
            return response
        if response.mimetype != "application/json" or not response.get_data():
            return response
        body = json.loads(response.get_data())
        fitting = self._fitting(body, schema, operation.definitions, full_view=full_view)
        return response if fitting == body else json_response(fitting, response.status_code)

    def _fitting(
        self, value: Any, schema: Mapping[str, Any], definitions: Mapping[str, Any], *, full_view: bool = False
    ) -> Any:
        name = str(schema.get("$ref", "")).removeprefix("#/definitions/")
        if full_view and name.removeprefix("Reduced") in definitions:
            name = name.removeprefix("Reduced")
            schema = definitions[name]
        schema = resolved(schema, definitions)
        if isinstance(value, list):
            items = schema.get("items", {})
            return [self._fitting(item, items, definitions, full_view=full_view) for item in value]
        if not isinstance(value, dict):
            return value
        members, foreign = schema.get("properties", {}), self.foreign.get(name, frozenset())
        return {
            member: self.values.get((name, member), {}).get(of, of)
            if isinstance(of, str)
            else self._fitting(of, members.get(member, {}), definitions)
            for member, of in value.items()
            if member not in foreign
        }

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from ayx_diagnostics.smoke.answers import AnswerChecker
from ayx_diagnostics.smoke.operations import read_only_operations

DOCUMENT: dict[str, Any] = {
    "paths": {
        "/v3/things": {
            "get": {
                "operationId": "Things_GetThings",
                "parameters": [
                    {"name": "limit", "in": "query", "schema": {"type": "string"}},
                    {"name": "search", "in": "query", "schema": {"type": "string"}},
                ],
                "responses": {
                    "200": {
                        "content": {
                            "application/json": {
                                "schema": {"type": "array", "items": {"$ref": "#/components/schemas/Thing"}}
                            }
                        }
                    }
                },
            },
            "post": {"operationId": "Things_Create", "responses": {}},
        },
        "/v3/things/{id}": {"get": {"operationId": "Things_GetThing", "responses": {}}},
        "/v1/forecast": {
            "get": {
                "operationId": "Forecast_Get",
                "parameters": [
                    {"name": "afterDate", "in": "query", "required": True, "schema": {"type": "string"}},
                    {"name": "entity", "in": "query", "required": True, "schema": {"enum": ["User", "App"]}},
                ],
                "responses": {"200": {"content": {"application/octet-stream": {}}}},
            }
        },
        "/v3/lookup": {
            "get": {
                "operationId": "Lookup_Get",
                "parameters": [{"name": "connectionId", "in": "query", "required": True, "schema": {}}],
                "responses": {},
            }
        },
    },
    "components": {
        "schemas": {
            "Thing": {
                "type": "object",
                "required": ["id", "kind"],
                "properties": {
                    "id": {"type": "string"},
                    "kind": {"type": "string", "enum": ["A", "B"]},
                    "count": {"type": "integer"},
                    "parent": {"$ref": "#/components/schemas/Thing"},
                },
            }
        }
    },
}
THINGS, FORECAST, LOOKUP = read_only_operations(DOCUMENT, now=datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC))


def test_only_gets_without_path_parameters_are_called() -> None:
    assert [operation.operation_id for operation in (THINGS, FORECAST, LOOKUP)] == [
        "Things_GetThings",
        "Forecast_Get",
        "Lookup_Get",
    ]


def test_queries_keep_answers_small_and_hold_what_is_required() -> None:
    assert THINGS.query == {"limit": "1"}
    assert FORECAST.query == {"afterDate": "2026-01-02T03:04:05Z", "entity": "User"}
    assert LOOKUP.missing == ("connectionId",)


@pytest.mark.parametrize(
    ("answer", "problems"),
    [
        ([{"id": "1", "kind": "A"}], []),
        ([{"id": "1", "kind": None, "parent": None}], []),
        ([{"id": "1", "kind": "A", "new": 1, "b": 2}], ["[]: new here, and not in the document: 'new', 'b'"]),
        ([], []),
        ({}, ["the answer: is an object, the document says array"]),
        ([{"id": 1, "kind": "A"}], ["[]/id: is an integer, the document says string"]),
        ([{"id": "1", "kind": "C"}], ["[]/kind: holds a value that is none of the documented ones"]),
        ([{"kind": "A"}] * 3, ["[]: 'id' is missing"]),
        ([{"id": "1", "kind": "A", "parent": {"id": "2"}}], ["[]/parent: 'kind' is missing"]),
    ],
)
def test_answers_are_held_against_the_document(answer: Any, problems: list[str]) -> None:
    assert THINGS.schema is not None
    assert AnswerChecker(DOCUMENT).problems(answer, THINGS.schema) == problems


def test_new_members_are_none_of_the_business_of_a_reconstruction() -> None:
    assert THINGS.schema is not None
    answer = [{"id": "1", "kind": "C", "new": 1}]
    found = AnswerChecker(DOCUMENT).problems(answer, THINGS.schema, new_members=False)
    assert found == ["[]/kind: holds a value that is none of the documented ones"]


def test_a_model_that_others_are_composed_of_stays_open() -> None:
    base = {"properties": {"id": {"type": "string"}}}
    whole = {"allOf": [{"$ref": "#/components/schemas/Base"}, {"properties": {"more": {"type": "string"}}}]}
    checker = AnswerChecker({"components": {"schemas": {"Base": base, "Whole": whole}}})
    assert checker.problems({"id": "1", "more": "2"}, {"$ref": "#/components/schemas/Whole"}) == []

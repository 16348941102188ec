"""What is written otherwise but means the same is no change; what only looks alike is one."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest
from ayx_spec.diff import Comparison

Data = dict[str, Any]
Diff = Callable[[Data, Data], Comparison]

TEXT = {"type": "string"}
SAME: dict[str, tuple[Data, Data]] = {
    "null in three dialects": ({"type": "string", "nullable": True}, {"type": ["string", "null"]}),
    "null as an alternative": ({"type": "string", "nullable": True}, {"anyOf": [TEXT, {"type": "null"}]}),
    "null as a value": (
        {"type": "string", "enum": ["a", "b"], "x-nullable": True},
        {"type": "string", "enum": ["b", None, "a"]},
    ),
    "one alternative": (TEXT, {"oneOf": [TEXT]}),
    "an allOf of one": ({"$ref": "#/components/schemas/Base"}, {"allOf": [{"$ref": "#/components/schemas/Base"}]}),
    "an allOf with a description": (
        {"$ref": "#/components/schemas/Base"},
        {"allOf": [{"$ref": "#/components/schemas/Base"}, {"description": "told"}], "type": "object"},
    ),
    "alternatives in another order": ({"anyOf": [TEXT, {"type": "integer"}]}, {"anyOf": [{"type": "integer"}, TEXT]}),
    "types in a list": ({"type": ["integer", "string"]}, {"oneOf": [TEXT, {"type": "integer"}]}),
    "one value": ({"type": "string", "enum": ["a"]}, {"const": "a"}),
    "a type that goes without saying": ({"properties": {"a": TEXT}}, {"type": "object", "properties": {"a": TEXT}}),
    "anything goes": ({}, {"description": "anything"}),
    "further members of any kind": ({"type": "object"}, {"type": "object", "additionalProperties": True}),
    "constraints": (TEXT, {"type": "string", "maxLength": 7, "pattern": "^a", "title": "T", "example": "x"}),
    "a default of a member": (TEXT, {"type": "string", "default": "a"}),
    "written in place": (
        {"$ref": "#/components/schemas/Base"},
        {
            "type": "object",
            "required": ["id"],
            "properties": {"id": TEXT, "self": {"$ref": "#/components/schemas/Base"}},
        },
    ),
    "extended or spelt out": (
        {"allOf": [{"$ref": "#/components/schemas/Base"}, {"properties": {"b": TEXT}}]},
        {
            "type": "object",
            "required": ["id"],
            "properties": {"id": TEXT, "self": {"$ref": "#/components/schemas/Base"}, "b": TEXT},
        },
    ),
    "a place inside another schema": (
        {"$ref": "#/components/schemas/Base/properties/id"},
        TEXT,
    ),
    "a reference that leads nowhere": ({"$ref": "#/nowhere"}, {"$ref": "#/nowhere"}),
}


@pytest.fixture
def holding() -> Callable[[Data], Data]:
    """Return a function: an API whose one answer and one body hold a schema."""

    def build(schema: Data) -> Data:
        content = {"application/json": {"schema": {"$ref": "#/components/schemas/Thing"}}}
        operation = {
            "operationId": "Things_Put",
            "requestBody": {"content": content},
            "responses": {"200": {"description": "", "content": content}},
        }
        base = {
            "type": "object",
            "required": ["id"],
            "properties": {"id": TEXT, "self": {"$ref": "#/components/schemas/Base"}},
        }
        schemas = {"Base": base, "Thing": {"type": "object", "properties": {"it": schema}}}
        return {
            "openapi": "3.1.0",
            "info": {"title": "T", "version": "1"},
            "paths": {"/things": {"put": operation}},
            "components": {"schemas": schemas},
        }

    return build


@pytest.mark.parametrize("case", SAME)
def test_the_same_in_other_words(case: str, holding: Callable[[Data], Data], diff: Diff) -> None:
    one, other = SAME[case]

    assert diff(holding(one), holding(other)).changes == ()
    assert diff(holding(other), holding(one)).changes == ()


INT32, INT64 = ({"type": "integer", "format": width} for width in ("int32", "int64"))
OTHER: dict[str, tuple[Data, Data, str, str]] = {
    "a broken number": ({"type": "integer"}, {"type": "number"}, "type_changed", "breaking"),
    "a narrower number": (INT64, INT32, "type_changed", "breaking"),
    "one more alternative": (TEXT, {"oneOf": [TEXT, INT32]}, "type_changed", "breaking"),
    "many": (TEXT, {"type": "array", "items": TEXT}, "type_changed", "breaking"),
    "no longer anything": ({}, TEXT, "type_changed", "attention"),
    "another form": (TEXT, {"type": "string", "format": "email"}, "type_changed", "attention"),
    "another Python type": (TEXT, {"type": "string", "format": "date-time"}, "type_changed", "breaking"),
    "null": (TEXT, {"type": ["string", "null"]}, "nullable_changed", "breaking"),
    "others among many": (
        {"type": "array", "items": TEXT},
        {"type": "array", "items": {"type": ["integer", "null"]}},
        "type_changed",
        "breaking",
    ),
    "null among many": (
        {"type": "array", "items": TEXT},
        {"type": "array", "items": {"type": ["string", "null"]}},
        "type_changed",
        "breaking",
    ),
}


@pytest.mark.parametrize("case", OTHER)
def test_another_meaning(case: str, holding: Callable[[Data], Data], diff: Diff) -> None:
    one, other, aspect, level = OTHER[case]
    (change,) = diff(holding(one), holding(other)).changes

    assert (change.kind, change.level, change.location) == (f"field.{aspect}", level, "field.it")
    assert change.direction == "both"


def test_a_base_of_its_own_is_no_change_of_those_who_extend_it(api: Data, diff: Diff) -> None:
    new = copy.deepcopy(api)
    user = new["definitions"]["User"]
    moved = {name: user["properties"].pop(name) for name in ("firstName", "created")}
    new["definitions"]["Person"] = {"type": "object", "properties": moved}
    new["definitions"]["User"] = {"allOf": [{"$ref": "#/definitions/Person"}, user]}

    assert [(change.kind, change.model) for change in diff(api, new).changes] == [("model.added", "Person")]


def test_a_change_of_a_base_is_told_of_the_base_alone(api: Data, diff: Diff) -> None:
    new = copy.deepcopy(api)
    del new["definitions"]["User"]["properties"]["created"]

    assert [(change.kind, change.model) for change in diff(api, new).changes] == [("field.removed", "User")]


def test_a_base_that_is_given_up_takes_its_members_with_it(api: Data, diff: Diff) -> None:
    new = copy.deepcopy(api)
    new["definitions"]["Admin"]["allOf"].pop(0)
    changes = diff(api, new).changes

    assert {(change.kind, change.model) for change in changes} == {("field.removed", "Admin")}
    assert len(changes) == len(api["definitions"]["User"]["properties"])


@pytest.mark.parametrize(
    ("base", "path"),
    [("/webapi/", "/v3/users"), ("/webapi/v3", "/users"), ("", "/webapi/v3/users"), ("/", "/webapi/v3/users")],
)
def test_an_address_may_be_split_anywhere(base: str, path: str, api: Data, diff: Diff) -> None:
    one = {**api, "paths": {"/v3/users": api["paths"]["/v3/users"]}}
    other = {**api, "basePath": base, "paths": {path: api["paths"]["/v3/users"]}}

    assert diff(one, other).changes == ()


def test_a_base_of_another_api_may_move_into_the_paths(api: Data, diff: Diff) -> None:
    item = {"get": api["paths"]["/v3/users"]["get"]}
    one = {**api, "basePath": "/shop", "paths": {"/users": item}}
    other = {**api, "basePath": "/", "paths": {"/shop/users": item}}

    assert diff(one, other).changes == ()


def test_a_shared_parameter_is_told_once(api: Data, diff: Diff) -> None:
    api["parameters"] = {"limit": {"name": "limit", "in": "query", "type": "integer"}}
    for key in ("get", "post"):
        api["paths"]["/v3/users"][key]["parameters"] = [{"$ref": "#/parameters/limit"}]
    new = copy.deepcopy(api)
    new["parameters"]["limit"]["type"] = "string"
    (change,) = diff(api, new).changes

    assert (change.kind, change.operation, change.location) == ("parameter.type_changed", None, "query.limit")
    assert change.operations == ("GET /v3/users", "POST /v3/users")
    assert change.python == ("ayx_client.api.users.create_user", "ayx_client.api.users.get_users")


def test_documents_that_break_the_schema_are_compared_as_they_are_converted(diff: Diff) -> None:
    def document(kind: str) -> Data:
        nameless = {"in": "query", "type": "string"}
        unplaced = {"name": "limit", "type": kind}
        return {
            "swagger": "2.0",
            "info": {"version": "1"},
            "paths": {
                "/a/{id}": {
                    "get": {
                        "parameters": [nameless, unplaced, {"$ref": "#/parameters/nowhere"}],
                        "responses": {"200": None, "404": {"schema": {"$ref": "#/definitions/Nowhere"}}},
                    },
                    "put": {"operationId": "Put"},
                }
            },
            "definitions": {"List": {"type": "array", "items": [{"type": kind}]}},
        }

    assert diff(document("integer"), document("integer")).changes == ()
    assert {(change.kind, change.location) for change in diff(document("integer"), document("string")).changes} == {
        ("parameter.type_changed", "query.limit"),
        ("field.type_changed", "value"),
    }

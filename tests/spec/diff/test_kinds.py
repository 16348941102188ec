"""Every kind of change, seeded into one API in both formats: found, rightly judged, and nothing beside it."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from importlib.resources import files
from typing import Any

import pytest
from ayx_spec.diff import RULES, Comparison

Data = dict[str, Any]
Diff = Callable[[Data, Data], Comparison]

USERS, USER, NEW_USER = "GET /v3/users", "GET /v3/users/{id}", "POST /v3/users"


def at(data: Data, *steps: str | int) -> Any:
    value: Any = data
    for step in steps:
        value = value[step]
    return value


def operation(data: Data, key: str) -> Data:
    method, path = key.split(" ")
    found: Data = data["paths"][path][method.lower()]
    return found


def parameter(data: Data, key: str, name: str) -> Data:
    return next(one for one in operation(data, key)["parameters"] if one["name"] == name)


def body(data: Data, key: str) -> Data:
    return next(one for one in operation(data, key)["parameters"] if one["in"] == "body")


def schema(data: Data, name: str) -> Data:
    found: Data = data["definitions"][name]
    return found


def without(mapping: Data, *names: str) -> None:
    for name in names:
        del mapping[name]


def rename_model(data: Data, old: str, new: str) -> None:
    changed = json.loads(json.dumps(data).replace(f'"#/definitions/{old}"', f'"#/definitions/{new}"'))
    changed["definitions"][new] = changed["definitions"].pop(old)
    data.clear()
    data.update(changed)


def move(data: Data, old: str, new: str) -> None:
    (method, path), (other, target) = old.lower().split(" "), new.split(" ")
    data["paths"].setdefault(target, {})[other.lower()] = data["paths"][path].pop(method)


#: name -> what is done to the document, and what has to be found: level, kind, operation or model, location
Seed = tuple[Callable[[Data], Any], list[tuple[str, str, str | None, str]]]
SEEDS: dict[str, Seed] = {
    "operation removed": (
        lambda d: without(d["paths"]["/v3/users/{id}"], "delete"),
        [("breaking", "operation.removed", "DELETE /v3/users/{id}", "operation")],
    ),
    "operation added": (
        lambda d: d["paths"].update({"/v3/new": {"get": {"operationId": "New", "responses": {}}}}),
        [("addition", "operation.added", "GET /v3/new", "operation")],
    ),
    "operation moved to another path": (
        lambda d: move(d, "DELETE /v3/users/{id}", "DELETE /v3/people/{id}/account"),
        [("breaking", "operation.moved", "DELETE /v3/users/{id}", "operation")],
    ),
    "operation moved to another method": (
        lambda d: move(d, "POST /v3/users", "PATCH /v3/users"),
        [("breaking", "operation.moved", NEW_USER, "operation")],
    ),
    "operation renamed": (
        lambda d: operation(d, USERS).update(operationId="Users_ListUsers"),
        [("breaking", "operation.renamed", USERS, "operation")],
    ),
    "operation filed under another tag": (
        lambda d: operation(d, USERS).update(tags=["People"]),
        [("breaking", "operation.renamed", USERS, "operation")],
    ),
    "operation deprecated": (
        lambda d: operation(d, USERS).update(deprecated=True),
        [("attention", "operation.deprecated", USERS, "operation")],
    ),
    "parameter removed": (
        lambda d: operation(d, USERS)["parameters"].pop(0),
        [("breaking", "parameter.removed", USERS, "query.role")],
    ),
    "parameter added": (
        lambda d: operation(d, USERS)["parameters"].append({"name": "q", "in": "query", "type": "string"}),
        [("addition", "parameter.added", USERS, "query.q")],
    ),
    "parameter added and required": (
        lambda d: operation(d, USERS)["parameters"].append(
            {"name": "X-Who", "in": "header", "type": "string", "required": True}
        ),
        [("breaking", "parameter.added_required", USERS, "header.X-Who")],
    ),
    "parameter became required": (
        lambda d: parameter(d, USERS, "role").update(required=True),
        [("breaking", "parameter.became_required", USERS, "query.role")],
    ),
    "parameter became optional": (
        lambda d: parameter(d, USERS, "since").update(required=False),
        [("addition", "parameter.became_optional", USERS, "query.since")],
    ),
    "parameter renamed": (
        lambda d: parameter(d, USERS, "limit").update(name="pageSize"),
        [("breaking", "parameter.renamed", USERS, "query.limit")],
    ),
    "path variable renamed": (
        lambda d: (
            parameter(d, USER, "id").update(name="userId"),
            d["paths"].update({"/v3/users/{userId}": {"get": d["paths"]["/v3/users/{id}"].pop("get")}}),
        ),
        [("breaking", "parameter.renamed", USER, "path.id")],
    ),
    "path variable spelt otherwise": (
        lambda d: (
            parameter(d, USER, "id").update(name="Id"),
            d["paths"].update({"/v3/users/{Id}": {"get": d["paths"]["/v3/users/{id}"].pop("get")}}),
        ),
        [("attention", "parameter.renamed", USER, "path.id")],
    ),
    "parameter of another type": (
        lambda d: parameter(d, USER, "id").update(type="integer"),
        [("breaking", "parameter.type_changed", USER, "path.id")],
    ),
    "parameter of another format": (
        lambda d: parameter(d, USERS, "since").update(format="date"),
        [("breaking", "parameter.type_changed", USERS, "query.since")],
    ),
    "parameter wider": (
        lambda d: parameter(d, USERS, "limit").update(format="int64"),
        [("addition", "parameter.type_changed", USERS, "query.limit")],
    ),
    "parameter's elements of another type": (
        lambda d: parameter(d, USERS, "ids").update(items={"type": "integer"}),
        [("breaking", "parameter.type_changed", USERS, "query.ids")],
    ),
    "parameter may be anything no longer": (
        lambda d: parameter(d, USER, "id").update(enum=["me", "you"]),
        [("breaking", "parameter.type_changed", USER, "path.id")],
    ),
    "value added to a parameter": (
        lambda d: parameter(d, USERS, "role").update(enum=["Curator", "Artisan", "Viewer"]),
        [("addition", "parameter.enum_added", USERS, "query.role")],
    ),
    "value removed from a parameter": (
        lambda d: parameter(d, USERS, "role").update(enum=["Artisan"]),
        [("breaking", "parameter.enum_removed", USERS, "query.role")],
    ),
    "default of a parameter": (
        lambda d: parameter(d, USERS, "limit").update(default=100),
        [("attention", "parameter.default_changed", USERS, "query.limit")],
    ),
    "list of a parameter written otherwise": (
        lambda d: parameter(d, USERS, "ids").update(collectionFormat="csv"),
        [("breaking", "parameter.style_changed", USERS, "query.ids")],
    ),
    "body removed": (
        lambda d: operation(d, NEW_USER).update(parameters=[]),
        [("breaking", "body.removed", NEW_USER, "body")],
    ),
    "body added": (
        lambda d: operation(d, "GET /v3/admins").update(
            parameters=[{"name": "b", "in": "body", "required": False, "schema": {"type": "string"}}]
        ),
        [("addition", "body.added", "GET /v3/admins", "body")],
    ),
    "body added and required": (
        lambda d: operation(d, "GET /v3/admins").update(
            parameters=[{"name": "b", "in": "body", "required": True, "schema": {"$ref": "#/definitions/NewUser"}}]
        ),
        [("breaking", "body.added_required", "GET /v3/admins", "body")],
    ),
    "body became required": (
        lambda d: body(d, NEW_USER).update(required=True),
        [("breaking", "body.became_required", NEW_USER, "body")],
    ),
    "body became optional": (
        lambda d: body(d, "PUT /v3/admins").update(required=False),
        [("addition", "body.became_optional", "PUT /v3/admins", "body")],
    ),
    "body exchanged": (
        lambda d: body(d, NEW_USER).update(schema={"$ref": "#/definitions/Both"}),
        [("breaking", "body.type_changed", NEW_USER, "body")],
    ),
    "body of many": (
        lambda d: body(d, NEW_USER).update(schema={"type": "array", "items": {"$ref": "#/definitions/NewUser"}}),
        [("breaking", "body.type_changed", NEW_USER, "body")],
    ),
    "answer added": (
        lambda d: operation(d, USERS)["responses"].update({"202": {"description": ""}}),
        [("attention", "response.status_added", USERS, "response.202")],
    ),
    "error announced": (
        lambda d: operation(d, USERS)["responses"].update({"429": {"description": ""}}),
        [("addition", "response.status_added", USERS, "response.429")],
    ),
    "answer removed": (
        lambda d: operation(d, USER)["responses"].pop("200"),
        [("breaking", "response.status_removed", USER, "response.200")],
    ),
    "error no longer announced": (
        lambda d: operation(d, USER)["responses"].pop("404"),
        [("attention", "response.status_removed", USER, "response.404")],
    ),
    "answer of another type": (
        lambda d: operation(d, NEW_USER)["responses"]["201"].update(schema={"type": "integer"}),
        [("breaking", "response.type_changed", NEW_USER, "response.201")],
    ),
    "answer of one instead of many": (
        lambda d: operation(d, USERS)["responses"]["200"].update(schema={"$ref": "#/definitions/User"}),
        [("breaking", "response.type_changed", USERS, "response.200")],
    ),
    "answer exchanged": (
        lambda d: operation(d, USER)["responses"]["200"].update(schema={"$ref": "#/definitions/Both"}),
        [("breaking", "response.type_changed", USER, "response.200")],
    ),
    "answer given a type": (
        lambda d: operation(d, USER)["responses"]["404"].update(schema={"$ref": "#/definitions/Problem"}),
        [("addition", "response.type_changed", USER, "response.404")],
    ),
    "answer without a type": (
        lambda d: operation(d, USER)["responses"]["200"].pop("schema"),
        [("breaking", "response.type_changed", USER, "response.200")],
    ),
    "member of an answer removed": (
        lambda d: schema(d, "User")["properties"].pop("firstName"),
        [("breaking", "field.removed", "User", "field.firstName")],
    ),
    "member of a request removed": (
        lambda d: schema(d, "NewUser")["properties"].pop("note"),
        [("attention", "field.removed", "NewUser", "field.note")],
    ),
    "required member of a request removed": (
        lambda d: (schema(d, "NewUser")["properties"].pop("firstName"), schema(d, "NewUser").pop("required")),
        [("breaking", "field.removed", "NewUser", "field.firstName")],
    ),
    "member added": (
        lambda d: schema(d, "User")["properties"].update(email={"type": "string"}),
        [("addition", "field.added", "User", "field.email")],
    ),
    "required member added to an answer": (
        lambda d: (
            schema(d, "User")["properties"].update(email={"type": "string"}),
            schema(d, "User")["required"].append("email"),
        ),
        [("addition", "field.added_required", "User", "field.email")],
    ),
    "required member added to a request": (
        lambda d: (
            schema(d, "NewUser")["properties"].update(email={"type": "string"}),
            schema(d, "NewUser")["required"].append("email"),
        ),
        [("breaking", "field.added_required", "NewUser", "field.email")],
    ),
    "member of a request became required": (
        lambda d: schema(d, "NewUser")["required"].append("note"),
        [("breaking", "field.became_required", "NewUser", "field.note")],
    ),
    "member of an answer became required": (
        lambda d: schema(d, "User")["required"].append("firstName"),
        [("addition", "field.became_required", "User", "field.firstName")],
    ),
    "member of both became required": (
        lambda d: schema(d, "Both")["required"].append("hint"),
        [("breaking", "field.became_required", "Both", "field.hint")],
    ),
    "member of a request became optional": (
        lambda d: schema(d, "NewUser").pop("required"),
        [("addition", "field.became_optional", "NewUser", "field.firstName")],
    ),
    "member of an answer became optional": (
        lambda d: schema(d, "User").update(required=["id"]),
        [("breaking", "field.became_optional", "User", "field.role")],
    ),
    "member of another type": (
        lambda d: schema(d, "User")["properties"]["logins"].update(type="string", format="uuid"),
        [("breaking", "field.type_changed", "User", "field.logins")],
    ),
    "member of an answer wider": (
        lambda d: schema(d, "User")["properties"]["logins"].update(format="int64"),
        [("attention", "field.type_changed", "User", "field.logins")],
    ),
    "member of a request wider": (
        lambda d: schema(d, "NewUser")["properties"]["logins"].update(format="int64"),
        [("addition", "field.type_changed", "NewUser", "field.logins")],
    ),
    "member's elements of another type": (
        lambda d: schema(d, "User")["properties"]["tags"].update(items={"type": "integer"}),
        [("breaking", "field.type_changed", "User", "field.tags")],
    ),
    "member's values of another type": (
        lambda d: schema(d, "User")["properties"]["labels"].update(additionalProperties={"type": "integer"}),
        [("breaking", "field.type_changed", "User", "field.labels.additionalProperties")],
    ),
    "member of a member": (
        lambda d: schema(d, "User")["properties"]["address"]["properties"].pop("zip"),
        [("breaking", "field.removed", "User", "field.address.zip")],
    ),
    "member inside allOf": (
        lambda d: schema(d, "Admin")["allOf"][1]["properties"]["level"].update(type="string"),
        [("breaking", "field.type_changed", "Admin", "field.level")],
    ),
    "member of an answer may be null": (
        lambda d: schema(d, "User")["properties"]["firstName"].update({"x-nullable": True}),
        [("breaking", "field.nullable_changed", "User", "field.firstName")],
    ),
    "member of a request may be null": (
        lambda d: schema(d, "NewUser")["properties"]["note"].update({"x-nullable": True}),
        [("addition", "field.nullable_changed", "NewUser", "field.note")],
    ),
    "value added to an answer": (
        lambda d: schema(d, "User")["properties"]["role"]["enum"].append("Curator"),
        [("attention", "field.enum_added", "User", "field.role")],
    ),
    "value added to a request": (
        lambda d: schema(d, "NewUser")["properties"]["role"]["enum"].append("Curator"),
        [("addition", "field.enum_added", "NewUser", "field.role")],
    ),
    "value removed from an answer": (
        lambda d: schema(d, "User")["properties"]["role"]["enum"].pop(),
        [("attention", "field.enum_removed", "User", "field.role")],
    ),
    "value removed from a request": (
        lambda d: schema(d, "NewUser")["properties"]["role"]["enum"].pop(),
        [("breaking", "field.enum_removed", "NewUser", "field.role")],
    ),
    "value renamed": (
        lambda d: schema(d, "User")["properties"]["role"].update(enum=["Viewer", "Craftsman"]),
        [
            ("attention", "field.enum_added", "User", "field.role"),
            ("attention", "field.enum_removed", "User", "field.role"),
        ],
    ),
    "member of an answer written in place": (
        lambda d: at(d, "paths", "/v3/admins", "get", "responses", "200", "schema", "properties").pop("total"),
        [("breaking", "field.removed", "GET /v3/admins", "response.200.total")],
    ),
    "member of an element written in place": (
        lambda d: at(
            d, "paths", "/v3/admins", "get", "responses", "200", "schema", "properties", "items", "items", "properties"
        ).update(since={"type": "string"}),
        [("addition", "field.added", "GET /v3/admins", "response.200.items.items.since")],
    ),
    "model removed": (
        lambda d: d["definitions"].pop("Unused"),
        [("attention", "model.removed", "Unused", "model")],
    ),
    "model added": (
        lambda d: d["definitions"].update(Fresh={"type": "object", "properties": {"a": {"type": "string"}}}),
        [("addition", "model.added", "Fresh", "model")],
    ),
    "model of an answer renamed": (
        lambda d: rename_model(d, "User", "Person"),
        [("attention", "model.renamed", "User", "model")],
    ),
    "model of a request renamed": (
        lambda d: rename_model(d, "NewUser", "CreatePersonContract"),
        [("breaking", "model.renamed", "NewUser", "model")],
    ),
    "model that nobody names renamed": (
        lambda d: rename_model(d, "Unused", "Zebra"),
        [("attention", "model.renamed", "Unused", "model")],
    ),
    "model renamed and changed": (
        lambda d: (rename_model(d, "User", "Person"), schema(d, "Person")["properties"].pop("firstName")),
        [
            ("breaking", "field.removed", "User", "field.firstName"),
            ("attention", "model.renamed", "User", "model"),
        ],
    ),
    "nobody is asked who they are": (
        lambda d: d.update(security=[]),
        [("addition", "security.changed", None, "security")],
    ),
    "one operation asks for a right": (
        lambda d: operation(d, USERS).update(security=[{"oauth2": ["admin"]}]),
        [("breaking", "security.changed", USERS, "security")],
    ),
    "tokens come from another address": (
        lambda d: d["securityDefinitions"]["oauth2"].update(tokenUrl="https://login.corp.example/token"),
        [("attention", "security.changed", None, "security.oauth2")],
    ),
}
#: What only one format can say.
SWAGGER_ONLY: dict[str, Seed] = {
    "another media type for every body": (
        lambda d: d.update(consumes=["application/xml"]),
        [("breaking", "body.media_type_changed", None, "body")],
    ),
    "another media type for one body": (
        lambda d: operation(d, NEW_USER).update(consumes=["application/xml"]),
        [("breaking", "body.media_type_changed", NEW_USER, "body")],
    ),
    "one more media type for one body": (
        lambda d: operation(d, NEW_USER).update(consumes=["application/json", "application/xml"]),
        [("addition", "body.media_type_changed", NEW_USER, "body")],
    ),
    "another media type for the answers of one": (
        lambda d: operation(d, USER).update(produces=["text/csv"]),
        [("breaking", "response.media_type_changed", USER, "response.200")],
    ),
    "another path": (
        lambda d: d.update(basePath="/alteryx/webapi"),
        [("breaking", "server.address_changed", None, "server")],
    ),
    "another host": (
        lambda d: d.update(host="new.corp.example"),
        [("attention", "server.address_changed", None, "server")],
    ),
}


def rows(comparison: Comparison) -> list[tuple[str, str, str | None, str | None]]:
    return [
        (change.level, change.kind, change.operation or change.model, change.location) for change in comparison.changes
    ]


@pytest.mark.parametrize("seed", [*SEEDS, *SWAGGER_ONLY])
def test_found_and_rightly_judged_in_swagger(seed: str, api: Data, diff: Diff) -> None:
    change, expected = (SEEDS | SWAGGER_ONLY)[seed]
    new = copy.deepcopy(api)
    change(new)

    assert rows(diff(api, new)) == expected


@pytest.mark.parametrize("seed", SEEDS)
def test_found_and_rightly_judged_in_openapi(
    seed: str, api: Data, diff: Diff, as_openapi: Callable[[Data], Data]
) -> None:
    change, expected = SEEDS[seed]
    new = copy.deepcopy(api)
    change(new)

    assert rows(diff(as_openapi(api), as_openapi(new))) == expected


@pytest.mark.parametrize("seed", SEEDS)
def test_found_from_one_format_to_the_other(
    seed: str, api: Data, diff: Diff, as_openapi: Callable[[Data], Data]
) -> None:
    change, expected = SEEDS[seed]
    new = copy.deepcopy(api)
    change(new)

    assert rows(diff(api, as_openapi(new))) == expected


def test_every_kind_of_the_contract_is_seeded() -> None:
    kinds = json.loads((files("ayx_spec.diff") / "diff.schema.json").read_text(encoding="utf-8"))
    closed = set(kinds["$defs"]["change"]["properties"]["kind"]["enum"])
    seeded = {kind for _, found in (SEEDS | SWAGGER_ONLY).values() for _, kind, _, _ in found}

    assert {rule.partition(":")[0] for rule in RULES} == closed
    assert seeded == closed

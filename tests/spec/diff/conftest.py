"""One small API in both formats, and what differs between two documents, in a form that tests can write down."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from typing import Any

import pytest
from ayx_spec.convert import parse_document
from ayx_spec.diff import Comparison, compare_documents

Data = dict[str, Any]

_USER = {
    "type": "object",
    "required": ["id", "role"],
    "properties": {
        "id": {"type": "string", "readOnly": True},
        "firstName": {"type": "string"},
        "role": {"type": "string", "enum": ["Viewer", "Artisan"]},
        "logins": {"type": "integer", "format": "int32"},
        "created": {"type": "string", "format": "date-time"},
        "tags": {"type": "array", "items": {"type": "string"}},
        "address": {"type": "object", "properties": {"city": {"type": "string"}, "zip": {"type": "string"}}},
        "manager": {"$ref": "#/definitions/User"},
        "labels": {"type": "object", "additionalProperties": {"type": "string"}},
    },
}
_SCHEMAS = {
    "User": _USER,
    "NewUser": {
        "type": "object",
        "required": ["firstName"],
        "properties": {
            "firstName": {"type": "string"},
            "role": {"type": "string", "enum": ["Viewer", "Artisan"]},
            "logins": {"type": "integer", "format": "int32"},
            "note": {"type": "string"},
        },
    },
    "Admin": {
        "allOf": [
            {"$ref": "#/definitions/User"},
            {"type": "object", "required": ["level"], "properties": {"level": {"type": "integer"}}},
        ]
    },
    "Problem": {"type": "object", "properties": {"message": {"type": "string"}}},
    "Both": {
        "type": "object",
        "required": ["key"],
        "properties": {"key": {"type": "string"}, "hint": {"type": "string"}},
    },
    "Unused": {"type": "object", "properties": {"leftover": {"type": "string"}}},
}
_JSON = "application/json"


def _query(name: str, **schema: Any) -> Data:
    return {"name": name, "in": "query", "required": False, "description": f"the {name}", **schema}


def swagger() -> Data:
    """Return the API as Swagger 2.0."""
    variable = {"name": "id", "in": "path", "required": True, "type": "string"}
    answers = {"200": {"description": "", "schema": {"$ref": "#/definitions/User"}}, "404": {"description": ""}}
    paths = {
        "/v3/users": {
            "get": {
                "operationId": "Users_GetUsers",
                "tags": ["Users"],
                "parameters": [
                    _query("role", type="string", enum=["Viewer", "Artisan"]),
                    _query("limit", type="integer", format="int32", default=10),
                    _query("ids", type="array", items={"type": "string"}, collectionFormat="multi"),
                    {**_query("since", type="string", format="date-time"), "required": True},
                ],
                "responses": {
                    "200": {"description": "", "schema": {"type": "array", "items": {"$ref": "#/definitions/User"}}}
                },
            },
            "post": {
                "operationId": "Users_CreateUser",
                "tags": ["Users"],
                "parameters": [
                    {"name": "user", "in": "body", "required": False, "schema": {"$ref": "#/definitions/NewUser"}}
                ],
                "responses": {"201": {"description": "", "schema": {"type": "string"}}},
            },
        },
        "/v3/users/{id}": {
            "get": {
                "operationId": "Users_GetUser",
                "tags": ["Users"],
                "parameters": [{**variable}],
                "responses": {**answers, "400": {"description": "", "schema": {"$ref": "#/definitions/Problem"}}},
            },
            "delete": {
                "operationId": "Users_DeleteUser",
                "tags": ["Users"],
                "parameters": [{**variable}],
                "responses": {"204": {"description": ""}},
            },
        },
        "/v3/admins": {
            "put": {
                "operationId": "Admins_PutBoth",
                "tags": ["Admins"],
                "parameters": [
                    {"name": "both", "in": "body", "required": True, "schema": {"$ref": "#/definitions/Both"}}
                ],
                "responses": {"200": {"description": "", "schema": {"$ref": "#/definitions/Both"}}},
            },
            "get": {
                "operationId": "Admins_GetAdmins",
                "tags": ["Admins"],
                "responses": {
                    "200": {
                        "description": "",
                        "schema": {
                            "type": "object",
                            "properties": {
                                "total": {"type": "integer", "format": "int32"},
                                "items": {
                                    "type": "array",
                                    "items": {"type": "object", "properties": {"who": {"$ref": "#/definitions/Admin"}}},
                                },
                            },
                        },
                    }
                },
            },
        },
    }
    return {
        "swagger": "2.0",
        "info": {"title": "Test", "version": "1"},
        "host": "ayx.corp.example",
        "basePath": "/webapi/",
        "schemes": ["https"],
        "consumes": [_JSON],
        "produces": [_JSON],
        "security": [{"oauth2": []}],
        "securityDefinitions": {
            "oauth2": {
                "type": "oauth2",
                "flow": "application",
                "tokenUrl": "https://ayx.corp.example/webapi/oauth2/token",
                "scopes": {},
            }
        },
        "paths": paths,
        "definitions": copy.deepcopy(_SCHEMAS),
    }


def openapi(data: Data) -> Data:
    """Return a Swagger 2.0 document of the fixture's kind as OpenAPI 3, written by other rules than the converter's."""
    text = json.dumps(data).replace("#/definitions/", "#/components/schemas/")
    source = json.loads(text)
    for item in source["paths"].values():
        for operation in item.values():
            _as_openapi(operation)
    oauth2 = source["securityDefinitions"]["oauth2"]
    flow = {"tokenUrl": oauth2["tokenUrl"], "scopes": oauth2["scopes"]}
    return {
        "openapi": "3.0.1",
        "info": source["info"],
        "servers": [{"url": "https://ayx.corp.example/webapi"}],
        "security": source["security"],
        "paths": source["paths"],
        "components": {
            "schemas": source["definitions"],
            "securitySchemes": {"oauth2": {"type": "oauth2", "flows": {"clientCredentials": flow}}},
        },
    }


def _as_openapi(operation: Data) -> None:
    parameters = []
    for one in operation.get("parameters", []):
        if one["in"] == "body":
            operation["requestBody"] = {"required": one["required"], "content": {_JSON: {"schema": one["schema"]}}}
            continue
        kept = {key: one.pop(key) for key in ("name", "in", "required", "description") if key in one}
        style = {"explode": one.pop("collectionFormat") == "multi"} if "collectionFormat" in one else {}
        parameters.append({**kept, **style, "schema": one})
    if parameters:
        operation["parameters"] = parameters
    else:
        operation.pop("parameters", None)
    for answer in operation["responses"].values():
        if "schema" in answer:
            answer["content"] = {_JSON: {"schema": answer.pop("schema")}}


@pytest.fixture
def api() -> Data:
    """The API as Swagger 2.0; a test changes it as it likes."""
    return swagger()


@pytest.fixture
def as_openapi() -> Callable[[Data], Data]:
    """The function that writes a document of the fixture's kind as OpenAPI 3."""
    return openapi


@pytest.fixture
def diff() -> Callable[[Data, Data], Comparison]:
    """Return a function that compares two documents."""

    def compare(old: Data, new: Data) -> Comparison:
        documents = [parse_document(json.dumps(data).encode(), name) for data, name in ((old, "old"), (new, "new"))]
        return compare_documents(documents[:1], documents[1:])

    return compare

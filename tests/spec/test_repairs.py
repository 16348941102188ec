from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from ayx_spec.convert import Document, convert
from ayx_spec.convert.repairs import LISTS_TYPED_AS_ONE, REPAIRS

Build = Callable[..., Document]
SCHEME = {"oauth2": {"type": "oauth2", "flow": "application", "tokenUrl": "https://h.example/webapi/oauth2/token"}}


def repaired(document: Document, name: str) -> tuple[dict[str, Any], list[str]]:
    conversion = convert([document])
    return conversion.document, [note.where for note in conversion.notes if f"({name})" in note.what]


def test_every_repair_is_tested_here() -> None:
    assert {repair.name for repair in REPAIRS} == {
        "form_data",
        "list_typed_as_one",
        "download_without_schema",
        "security_unused",
    }


def test_form_data(swagger: Build) -> None:
    part = {"name": "file", "in": "formData", "type": "file"}
    operation = {"consumes": ["application/form-data"], "parameters": [part], "responses": {}}
    document, places = repaired(swagger({"/v3/usage": {"post": operation}}), "form_data")

    assert list(document["paths"]["/v3/usage"]["post"]["requestBody"]["content"]) == ["multipart/form-data"]
    assert places == ["test.json#/paths/~1v3~1usage/post/consumes"]


@pytest.mark.parametrize(("method", "path"), sorted(LISTS_TYPED_AS_ONE))
@pytest.mark.parametrize("base", ["/webapi/", "/webapi/v3"])
def test_list_typed_as_one(swagger: Build, method: str, path: str, base: str) -> None:
    answer = {"200": {"schema": {"$ref": "#/definitions/View"}}}
    given = path.removeprefix("/v3") if base.endswith("v3") else path
    source = swagger({given: {method: {"responses": answer}}}, {"View": {"type": "string"}}, basePath=base)
    document, places = repaired(source, "list_typed_as_one")

    schema = document["paths"][path][method]["responses"]["200"]["content"]["application/json"]["schema"]
    assert schema == {"type": "array", "items": {"$ref": "#/components/schemas/View"}}
    assert len(places) == 1


def test_a_list_that_is_typed_as_one_is_left_alone(swagger: Build) -> None:
    method, path = min(LISTS_TYPED_AS_ONE)
    listed = {"type": "array", "items": {"$ref": "#/definitions/View"}}
    source = swagger({path: {method: {"responses": {"200": {"schema": listed}}}}}, {"View": {"type": "string"}})
    document, places = repaired(source, "list_typed_as_one")

    schema = document["paths"][path][method]["responses"]["200"]["content"]["application/json"]["schema"]
    assert schema["items"] == {"$ref": "#/components/schemas/View"}
    assert places == []


def test_download_without_schema(swagger: Build) -> None:
    operation = {"produces": ["application/octet-stream"], "responses": {"200": {}, "404": {}}}
    document, places = repaired(swagger({"/v3/usage": {"get": operation}}), "download_without_schema")

    answers = document["paths"]["/v3/usage"]["get"]["responses"]
    assert answers["200"]["content"] == {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}
    assert "content" not in answers["404"]
    assert len(places) == 1


def test_security_unused(swagger: Build) -> None:
    paths: dict[str, Any] = {"/v3/a": {"get": {"responses": {}}}}
    document, places = repaired(swagger(paths, securityDefinitions=SCHEME), "security_unused")

    assert document["paths"]["/v3/a"]["get"]["security"] == [{"oauth2": []}]
    assert places == ["test.json#/securityDefinitions/oauth2"]


def test_security_that_is_used_is_left_alone(swagger: Build) -> None:
    paths: dict[str, Any] = {
        "/v3/a": {"get": {"responses": {}, "security": [{"oauth2": []}]}, "put": {"responses": {}}}
    }
    document, places = repaired(swagger(paths, securityDefinitions=SCHEME), "security_unused")

    assert "security" not in document["paths"]["/v3/a"]["put"]
    assert places == []

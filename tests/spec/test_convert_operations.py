from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from ayx_spec.convert import Conversion, Document, convert

Operation = Callable[..., tuple[dict[str, Any], Conversion]]
BODY = {"name": "thing", "in": "body", "required": True, "description": "It.", "schema": {"type": "string"}}


def described(conversion: Conversion) -> str:
    return "\n".join(f"{note.where} {note.what}" for note in conversion.notes)


class TestParameters:
    @pytest.mark.parametrize(
        ("wanted", "style", "explode"),
        [("csv", "form", False), ("multi", "form", True), ("pipes", "pipeDelimited", False), (None, "form", False)],
    )
    def test_lists_in_a_query(self, one_operation: Operation, wanted: str | None, style: str, explode: bool) -> None:
        parameter = {"name": "ids", "in": "query", "type": "array", "items": {"type": "string"}}
        if wanted:
            parameter["collectionFormat"] = wanted
        operation, _ = one_operation({"parameters": [parameter]})

        assert operation["parameters"] == [
            {
                "name": "ids",
                "in": "query",
                "schema": {"type": "array", "items": {"type": "string"}},
                "style": style,
                "explode": explode,
            }
        ]

    def test_a_list_format_without_a_counterpart_is_noted(self, one_operation: Operation) -> None:
        parameter = {"name": "ids", "in": "query", "type": "array", "collectionFormat": "tsv", "items": {}}
        operation, conversion = one_operation({"parameters": [parameter]})

        assert "style" not in operation["parameters"][0]
        assert "'tsv'" in described(conversion)

    def test_the_value_moves_into_a_schema(self, one_operation: Operation) -> None:
        parameter = {"name": "n", "in": "query", "type": "integer", "format": "int32", "minimum": 1, "default": 5}
        operation, _ = one_operation({"parameters": [parameter | {"description": "N.", "allowEmptyValue": True}]})

        assert operation["parameters"] == [
            {
                "name": "n",
                "in": "query",
                "description": "N.",
                "allowEmptyValue": True,
                "schema": {"type": "integer", "format": "int32", "minimum": 1, "default": 5},
            }
        ]

    def test_path_and_operation_parameters_are_merged(self, swagger: Callable[..., Document]) -> None:
        item = {
            "parameters": [
                {"name": "id", "in": "path", "required": True, "type": "string"},
                {"name": "view", "in": "query", "type": "string"},
                {"$ref": "#/parameters/Page"},
            ],
            "get": {"parameters": [{"name": "view", "in": "query", "type": "boolean"}], "responses": {}},
        }
        shared = {"Page": {"name": "page", "in": "query", "type": "integer"}, "Unused": BODY}
        conversion = convert([swagger({"/v3/a/{id}": item}, parameters=shared)])
        operation = conversion.document["paths"]["/v3/a/{id}"]["get"]

        assert [(one["name"], one["schema"]["type"]) for one in operation["parameters"]] == [
            ("id", "string"),
            ("page", "integer"),
            ("view", "boolean"),
        ]
        assert "parameters/Unused dropped" in described(conversion)

    @pytest.mark.parametrize("declared", ["id", "Id", None])
    def test_the_path_decides_how_its_parameter_is_written(
        self, one_operation: Operation, declared: str | None
    ) -> None:
        parameters = [{"name": declared, "in": "path", "required": True, "type": "string"}] if declared else []
        operation, conversion = one_operation({"parameters": parameters}, path="/v3/a/{Id}")

        assert [(one["name"], one["required"]) for one in operation["parameters"]] == [("Id", True)]
        assert ("path parameter" in described(conversion)) is (declared != "Id")

    def test_a_parameter_that_the_path_does_not_have_moves_into_the_query(self, one_operation: Operation) -> None:
        parameter = {"name": "other", "in": "path", "required": True, "type": "string"}
        operation, conversion = one_operation({"parameters": [parameter]})

        assert operation["parameters"] == [
            {"name": "other", "in": "query", "required": False, "schema": {"type": "string"}}
        ]
        assert "'other'" in described(conversion)

    @pytest.mark.parametrize("name", ["Authorization", "Accept", "content-type"])
    def test_headers_that_something_else_decides_are_not_required(self, one_operation: Operation, name: str) -> None:
        parameter = {"name": name, "in": "header", "type": "string", "required": True}
        operation, conversion = one_operation({"parameters": [parameter]})

        assert operation["parameters"] == [{"name": name, "in": "header", "schema": {"type": "string"}}]
        assert f"{name} is no longer required" in described(conversion)

    @pytest.mark.parametrize(
        ("place", "kind"),
        [
            ("path", {"type": "array", "items": {"type": "string"}}),
            ("header", {"type": "array", "items": {"type": "string"}}),
            ("header", {"type": "string", "format": "date-time"}),
            ("query", {"type": "file"}),
        ],
    )
    def test_what_cannot_be_sent_there_is_text(
        self, one_operation: Operation, place: str, kind: dict[str, Any]
    ) -> None:
        parameter = {"name": "id", "in": place, "required": True, **kind}
        path = "/v3/a/{id}" if place == "path" else "/v3/a"
        operation, conversion = one_operation({"parameters": [parameter]}, path=path)

        assert operation["parameters"][0]["schema"] == {"type": "string"}
        assert "typed as text" in described(conversion)

    @pytest.mark.parametrize(
        ("place", "expected"),
        [
            ("url", "path"),
            ("Query", "query"),
            ("headers", "header"),
            ("nowhere", "query"),
            (None, "path"),
            ("", "path"),
        ],
    )
    def test_an_unknown_place(self, one_operation: Operation, place: str | None, expected: str) -> None:
        parameter = {"name": "id", "in": place, "type": "string"}
        operation, conversion = one_operation({"parameters": [parameter]}, path="/v3/a/{id}")

        assert expected in [one["in"] for one in operation["parameters"] if one["name"] == "id"]
        assert "repaired the place" in described(conversion)

    def test_a_reference_to_nowhere_is_the_variable_that_it_is_called_after(self, one_operation: Operation) -> None:
        given = [{"$ref": "../types.json#/parameters/ThingIdParameter"}, {"$ref": "#/parameters/Page"}]
        operation, conversion = one_operation({"parameters": given}, path="/v3/things/{thingId}")

        assert [(one["name"], one["in"], one["required"]) for one in operation["parameters"]] == [
            ("thingId", "path", True),
            ("Page", "query", False),
        ]
        assert described(conversion).count("leads nowhere") == 2


class TestBodies:
    @pytest.mark.parametrize("consumes", [[], ["text/json", "application/json", "text/xml"], ["text/json"], None])
    def test_one_media_type(self, one_operation: Operation, consumes: list[str] | None) -> None:
        operation, _ = one_operation({"parameters": [BODY], "consumes": consumes}, method="post")

        assert operation["requestBody"] == {
            "x-body-name": "thing",
            "description": "It.",
            "required": True,
            "content": {"application/json": {"schema": {"type": "string"}}},
        }

    def test_an_empty_list_means_the_document_decides(self, one_operation: Operation) -> None:
        operation, _ = one_operation({"parameters": [BODY], "consumes": []}, method="post", consumes=["text/plain"])

        assert list(operation["requestBody"]["content"]) == ["application/octet-stream"]

    def test_a_shared_body_at_the_path(self, swagger: Callable[..., Document]) -> None:
        item = {"parameters": [{"$ref": "#/parameters/Thing"}], "put": {"responses": {}}}
        conversion = convert([swagger({"/v3/a": item}, parameters={"Thing": BODY})])

        assert conversion.document["paths"]["/v3/a"]["put"]["requestBody"]["required"] is True

    @pytest.mark.parametrize("consumes", [[], ["multipart/form-data"], ["application/form-data"], ["application/json"]])
    def test_a_file_makes_a_form_multipart(self, one_operation: Operation, consumes: list[str]) -> None:
        parts = [
            {"name": "file", "in": "formData", "type": "file", "required": True, "description": "It."},
            {"name": "mode", "in": "formData", "type": "string", "enum": ["a", "b"], "default": "a"},
        ]
        operation, _ = one_operation({"parameters": parts, "consumes": consumes}, method="post")

        assert operation["requestBody"]["required"] is True
        assert operation["requestBody"]["content"] == {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "properties": {
                        "file": {"description": "It.", "type": "string", "format": "binary"},
                        "mode": {"type": "string", "enum": ["a", "b"], "default": "a"},
                    },
                    "required": ["file"],
                }
            }
        }

    def test_a_form_without_a_file(self, one_operation: Operation) -> None:
        part = {"name": "a", "in": "formData", "type": "string"}
        operation, _ = one_operation({"parameters": [part]}, method="post")

        assert list(operation["requestBody"]["content"]) == ["application/x-www-form-urlencoded"]
        assert operation["requestBody"]["required"] is False

    def test_two_bodies_are_the_members_of_one(self, one_operation: Operation) -> None:
        other = {"name": "b", "in": "body", "schema": {"type": "integer"}}
        operation, conversion = one_operation({"parameters": [BODY, other]}, method="post")

        (schema,) = (value["schema"] for value in operation["requestBody"]["content"].values())
        assert schema["properties"] == {"thing": {"type": "string"}, "b": {"type": "integer"}}
        assert schema["required"] == ["thing"]
        assert "several bodies" in described(conversion)

    def test_a_body_beside_a_form_is_a_part_of_it(self, one_operation: Operation) -> None:
        other = {"name": "b", "in": "formData", "type": "string"}
        operation, conversion = one_operation({"parameters": [BODY, other]}, method="post")

        schema = operation["requestBody"]["content"]["multipart/form-data"]["schema"]
        assert set(schema["properties"]) == {"thing", "b"}
        assert "a body beside a form" in described(conversion)


class TestAnswers:
    @pytest.mark.parametrize(
        ("schema", "produces", "expected"),
        [
            ({"type": "string"}, ["application/json", "text/xml"], ("application/json", {"type": "string"})),
            ({"type": "string"}, [], ("application/json", {"type": "string"})),
            ({"type": "string"}, ["text/json"], ("application/json", {"type": "string"})),
            ({"type": "string"}, ["text/plain"], ("text/plain", {"type": "string"})),
            ({"type": "file"}, ["application/json"], "binary"),
            ({"type": "string", "format": "byte"}, ["application/octet-stream"], "binary"),
            ({"type": "string"}, ["application/zip"], "binary"),
            ({"type": "integer"}, ["text/plain"], ("application/json", {"type": "integer"})),
            ({"type": "integer"}, ["application/xml"], ("application/json", {"type": "integer"})),
        ],
    )
    def test_media_type_and_schema(
        self, one_operation: Operation, schema: dict[str, Any], produces: list[str], expected: Any
    ) -> None:
        operation, _ = one_operation({"produces": produces, "responses": {"200": {"schema": schema}}})

        if expected == "binary":
            expected = ("application/octet-stream", {"type": "string", "format": "binary"})
        content = operation["responses"]["200"]["content"]
        assert content == {expected[0]: {"schema": expected[1]}}

    def test_description_headers_and_example(self, one_operation: Operation) -> None:
        response = {
            "headers": {"X-Total": {"type": "integer", "description": "How many."}},
            "schema": {"type": "string"},
            "examples": {"application/json": "x"},
        }
        operation, _ = one_operation({"responses": {"200": response, "default": {"description": "Else."}}})

        assert operation["responses"] == {
            "200": {
                "description": "",
                "headers": {"X-Total": {"schema": {"type": "integer"}, "description": "How many."}},
                "content": {"application/json": {"schema": {"type": "string"}, "example": "x"}},
            },
            "default": {"description": "Else."},
        }

    def test_no_content_where_the_status_has_none(self, one_operation: Operation) -> None:
        operation, conversion = one_operation({"responses": {"204": {"schema": {"type": "string"}}}})

        assert operation["responses"] == {"204": {"description": ""}}
        assert "dropped the content of a 204" in described(conversion)

    def test_what_is_no_status_is_listed_as_one(self, one_operation: Operation) -> None:
        found = {"20x": {}, "599": {}, "x-more": 1, "2xx": {}, "404 Gone": {}, "999": {"description": "Odd."}}
        operation, conversion = one_operation({"responses": found})

        assert set(operation["responses"]) == {"default", "599", "2XX", "404", "x-999"}
        assert operation["responses"]["x-999"] == {"description": "Odd."}
        assert described(conversion).count("is no status") == 4

    def test_an_operation_without_answers_gets_one(self, one_operation: Operation) -> None:
        operation, conversion = one_operation({"responses": None})

        assert list(operation["responses"]) == ["default"]
        assert "added an answer" in described(conversion)

    def test_shared_answers_stand_in_place(self, one_operation: Operation) -> None:
        operation, _ = one_operation(
            {"responses": {"404": {"$ref": "#/responses/Missing"}}}, responses={"Missing": {"description": "Gone."}}
        )

        assert operation["responses"] == {"404": {"description": "Gone."}}

    def test_answers_that_refer_to_each_other_for_ever_say_nothing(self, one_operation: Operation) -> None:
        shared = {"A": {"$ref": "#/responses/B"}, "B": {"$ref": "#/responses/A"}}
        operation, conversion = one_operation({"responses": {"404": {"$ref": "#/responses/A"}}}, responses=shared)

        assert list(operation["responses"]) == ["404"]
        assert "leads nowhere" in described(conversion)


class TestSecurity:
    def test_flows(self, swagger: Callable[..., Document]) -> None:
        address = "https://host.example/webapi/oauth2/token?x=1"
        definitions = {
            "o": {"type": "oauth2", "flow": "application", "tokenUrl": address, "scopes": {}},
            "b": {"type": "basic"},
            "k": {"type": "apiKey", "name": "X-Key", "in": "header"},
        }
        schemes = convert([swagger(securityDefinitions=definitions)]).document["components"]["securitySchemes"]

        flow = {"tokenUrl": address, "scopes": {}}
        assert schemes == {
            "o": {"type": "oauth2", "flows": {"clientCredentials": flow}},
            "b": {"type": "http", "scheme": "basic"},
            "k": {"type": "apiKey", "name": "X-Key", "in": "header"},
        }

    def test_the_default_is_copied_to_operations_that_say_nothing(self, swagger: Callable[..., Document]) -> None:
        paths = {"/a": {"get": {"responses": {}}, "put": {"responses": {}, "security": []}}}
        item = convert([swagger(paths, security=[{"o": []}])]).document["paths"]["/a"]

        assert item["get"]["security"] == [{"o": []}]
        assert item["put"]["security"] == []

    @pytest.mark.parametrize(
        ("given", "expected"),
        [
            ({"type": "mystery"}, {"type": "http", "scheme": "unknown"}),
            ({}, {"type": "http", "scheme": "unknown"}),
            ({"type": "apiKey"}, {"type": "apiKey", "name": "the key", "in": "header"}),
            ({"name": "k", "in": "Query"}, {"type": "apiKey", "name": "k", "in": "query"}),
            (
                {"type": "oauth2", "flow": "accesscode", "scopes": ["a"]},
                {
                    "type": "oauth2",
                    "flows": {
                        "authorizationCode": {"authorizationUrl": "/", "tokenUrl": "/", "scopes": {"a": ""}},
                    },
                },
            ),
        ],
    )
    def test_a_scheme_that_lacks_something(
        self, swagger: Callable[..., Document], given: dict[str, Any], expected: dict[str, Any]
    ) -> None:
        conversion = convert([swagger(securityDefinitions={"the key": given}, security=[{"the key": []}])])

        assert conversion.document["components"]["securitySchemes"] == {"the_key": expected}
        assert "securityDefinitions/the key" in described(conversion)

    def test_a_scheme_that_is_only_required(self, swagger: Callable[..., Document]) -> None:
        paths = {"/a": {"get": {"responses": {}, "security": [{"o a": ["read"], "": []}]}}}
        document = convert([swagger(paths)]).document

        assert document["paths"]["/a"]["get"]["security"] == [{"o_a": ["read"], "unknown": []}]
        assert set(document["components"]["securitySchemes"]) == {"o_a", "unknown"}


class TestAddresses:
    @pytest.mark.parametrize(
        ("base", "path", "expected"),
        [
            ("/webapi/", "/v3/users", ("/webapi", "/v3/users")),
            ("/webapi", "/user/v2/x", ("/webapi", "/user/v2/x")),
            ("/webapi/v3", "/users", ("/webapi", "/v3/users")),
            ("/WebAPI/v3/", "/users", ("/WebAPI", "/v3/users")),
            ("/", "/webapi/v3/users", ("/webapi", "/v3/users")),
            ("/proxied/webapi", "/v3/users", ("/proxied/webapi", "/v3/users")),
            ("/other", "/users", ("/other", "/users")),
            (None, "/users", ("", "/users")),
        ],
    )
    def test_paths_are_relative_to_the_web_api_address(
        self, swagger: Callable[..., Document], base: str | None, path: str, expected: tuple[str, str]
    ) -> None:
        document = swagger({path: {"get": {"responses": {}}}}, basePath=base, host="real.example", schemes=["http"])
        converted = convert([document]).document

        server, new_path = expected
        assert converted["servers"] == [{"url": f"http://real.example{server}"}]
        assert list(converted["paths"]) == [new_path]

    def test_every_scheme_is_a_server_so_that_postman_knows_where_to_send(
        self, swagger: Callable[..., Document]
    ) -> None:
        paths = {"/v3/users": {"get": {"responses": {}}}}
        both = swagger(paths, host="real.example:8443", basePath="/webapi", schemes=["https", "http"])
        assert convert([both]).document["servers"] == [
            {"url": "https://real.example:8443/webapi"},
            {"url": "http://real.example:8443/webapi"},
        ]
        without_scheme = swagger(paths, host="real.example", basePath="/webapi")
        assert convert([without_scheme]).document["servers"] == [{"url": "https://real.example/webapi"}]
        without_host = swagger(paths, basePath="/webapi")
        assert convert([without_host]).document["servers"] == [{"url": "/webapi"}]

"""One document with every shape that cost other tools an operation, a model or the whole client; nothing is lost."""

from __future__ import annotations

import ast
import importlib
import json
import sys
from pathlib import Path
from typing import Any

import pytest
from ayx_spec.convert import Conversion, client_names, convert, operations_of, parse_document
from ayx_spec.generate import generate
from openapi_spec_validator import OpenAPIV30SpecValidator

LONG = "A very long title. " * 30
TEXT = {"type": "string"}
OBJECT = {"type": "object", "properties": {"a": TEXT}}


def ref(name: str) -> dict[str, Any]:
    return {"$ref": f"#/definitions/{name}"}


def query(name: str, **more: Any) -> dict[str, Any]:
    return {"name": name, "in": "query", "type": "string", **more}


def answers(schema: dict[str, Any]) -> dict[str, Any]:
    return {"200": {"description": "Done.", "schema": schema}}


def nested(depth: int) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": "string", "enum": ["a", "b"]}
    for level in range(depth):
        schema = {"type": "object", "properties": {f"member{level}": schema}}
    return schema


SHADOWING = (
    *("List", "Type", "None", "Any", "Unset", "File", "datetime", "UUID", "Response", "Client", "Dict", "T", "object"),
    *(
        "str",
        "class",
        "Enum",
        "values",
        "types",
        "Mapping",
        "TypeVar",
        "True",
        "import",
        "self",
        "con",
        "Self",
        "Union",
    ),
)
#: Names of definitions that collide in one way or another, and what no file can be called.
NAMES = (
    *SHADOWING,
    *(
        "Pet",
        "pet",
        "PET",
        "Pet_",
        "p.e.t",
        "Page[Pet]",
        "Page<Pet>",
        "Page«Pet»",
        "a/b",
        "../../evil",
        "",
        "用户",
        "1st",
    ),
    *("x" * 300, "X" * 300, LONG, "a\nb", "-", "_", "__init__", "FreeFormObject"),
)

MEMBERS = ("a-b", "a_b", "A_B", "aB", "class", "to_dict", "additionalProperties", "", "$ref", "self", "用户")

DEFINITIONS: dict[str, Any] = {name: {"type": "object", "properties": {"name": TEXT}} for name in NAMES} | {
    "Tree": {
        "type": "object",
        "properties": {"children": {"type": "array", "items": ref("Tree")}, "up": ref("Branch")},
    },
    "Branch": {"allOf": [ref("Tree"), {"properties": {"leaf": ref("Leaf")}}]},
    "Leaf": {"type": "object", "properties": {"branch": ref("Branch"), "tree": ref("Tree")}},
    "Lists": {"type": "array", "items": ref("Lists")},
    "Self": {"allOf": [ref("Self"), OBJECT]},
    "Round": ref("About"),
    "About": ref("Round"),
    "Alias": ref("Tree"),
    "AliasOfAlias": {"allOf": [ref("Alias")]},
    "Color": {"type": "string", "enum": ["red", "Red", "", "r e d", 'r"ed', "1", 1, None, "red"]},
    "Level": {"type": "integer", "enum": ["1", 2, "x"]},
    "Size": {"type": "number", "enum": [0.5, 1]},
    "Flag": {"type": "boolean", "enum": [True]},
    "Kinds": {"type": "array", "items": {"type": "string", "enum": ["a"], "default": "a"}, "enum": ["b"]},
    "Colored": {"allOf": [ref("Color"), {"description": "Of a color."}]},
    "Both": {"allOf": [ref("Tree"), ref("Color"), {"properties": {"children": TEXT}}]},
    "Many": {"allOf": [OBJECT, {"type": "object", "required": ["a", "z"]}], "required": ["y"]},
    "Animal": {"type": "object", "discriminator": "kind", "required": ["kind"], "properties": {"kind": TEXT}},
    "Cat": {"allOf": [ref("Animal"), {"properties": {"lives": {"type": "integer", "default": "9"}}}]},
    "Map": {"type": "object", "additionalProperties": ref("Map")},
    "Strict": {"type": "object", "properties": {"a": TEXT}, "additionalProperties": False},
    "MapAndMembers": {"properties": {"a": TEXT}, "additionalProperties": {"type": "array", "items": OBJECT}},
    "Members": {
        "type": "object",
        "properties": dict.fromkeys(MEMBERS, TEXT)
        | {"body": nested(3), "when": {"type": "string", "format": "date-time", "default": "now"}},
    },
    "Deep": nested(60),
    "Titled": {**OBJECT, "title": LONG},
    "TitledToo": {"type": "object", "title": "Titled", "properties": {"inner": {**OBJECT, "title": "Pet"}}},
    "Outside": {"type": "object", "properties": {"a": {"$ref": "other.json#/A"}, "b": {"$ref": "http://h.example/x"}}},
    "Dangling": {"allOf": [{"$ref": "#/definitions/Nowhere"}, OBJECT]},
    "Untyped": {"properties": {"a": {}}, "required": True, "x-nullable": True},
    "Either": {"type": ["string", "array", "null"], "items": TEXT},
    "Wrong": {"type": "Strnig", "maxLength": "many", "required": [1, None], "properties": {"a": "string", "b": ["x"]}},
}

OPERATIONS: dict[str, dict[str, Any]] = {
    "get /plain": {"operationId": "plain", "responses": answers(ref("Pet"))},
    "get /every": {
        "operationId": "every",
        "responses": {
            str(300 + index): {"description": "", "schema": {"$ref": f"#/definitions/{_escaped}"}}
            for index, _escaped in enumerate(name.replace("~", "~0").replace("/", "~1") for name in DEFINITIONS)
        },
    },
    "get /twice/a": {"operationId": "twice", "responses": {}},
    "get /twice/b": {"operationId": "twice", "responses": {"default": {"description": "Only."}}},
    "get /no/id": {"responses": {"20X": {"description": ""}, "ok": {"description": "", "schema": TEXT}, "999": {}}},
    "post /no/id": {"tags": [], "parameters": [{"name": "x", "in": "body", "schema": {}}]},
    "get /long": {"operationId": "x" * 400, "tags": [LONG], "summary": LONG, "responses": {}},
    "get /tags": {"operationId": "a", "tags": ["用户 / ..", "b"], "responses": {}},
    "get /tags/2": {"operationId": "a", "tags": ["import"], "responses": {}},
    "get /tags/3": {"operationId": "import", "tags": ["__init__"], "responses": {}},
    "get /wait": {"operationId": "wait", "parameters": [query("save_to")], "responses": answers({"type": "file"})},
    "get /tags/4": {"operationId": "../../evil", "tags": ["../../evil"], "responses": {}},
    "get /a/{Id}": {"parameters": [{"name": "id", "in": "path", "type": "string", "required": True, "default": "x"}]},
    "get /a/{id}": {"parameters": [{"name": "id", "in": "path", "type": "string", "required": True}]},
    "get /b/{id}/c/{id}": {"parameters": [query("id"), {"name": "unlisted", "in": "path", "type": "integer"}]},
    "get /c/{user.id}/{a-b}/{class}/{1}": {"responses": {}},
    "get /d/{id:[0-9]{3}}/{x}{?page}": {"parameters": [query("page")]},
    "get /e/{": {"responses": {}},
    "get /f/{body}/{client}/{self}": {
        "parameters": [query("client"), query("url"), query("self"), query("headers"), query("quote"), query("params")]
    },
    "put /g": {
        "parameters": [
            {"name": "body", "in": "body", "schema": ref("Pet")},
            query("body"),
            query("body-"),
            query("Body"),
        ]
    },
    "get /h": {
        "parameters": [
            *(query(name) for name in ("a-b", "a_b", "A_B", "aB", "class", "", "x-y z", "用户")),
            *({"name": "a-b", "in": place, "type": "string"} for place in ("header", "cookie")),
            {"name": "ids", "in": "query", "type": "array", "items": {"type": "integer"}, "collectionFormat": "multi"},
            query("json_ids"),
            {"name": "list", "in": "header", "type": "array", "items": TEXT},
            {"name": "Authorization", "in": "header", "type": "string", "required": True},
            query("e", enum=['a"b', "it's", "\\"], default='a"b'),
            query("number", type="number", enum=[1.5, 2], default="2"),
            query("flag", type="boolean", enum=["true"], default="yes"),
            query("all", type="array", items={"type": "string", "enum": ["a"]}, default=["a"]),
            query("a-b", description="Again."),
            {"$ref": "#/parameters/Nowhere"},
            {"$ref": "../common.json#/parameters/ApiVersionParameter"},
            {"$ref": "#/parameters/Shared"},
        ]
    },
    "post /i": {"consumes": ["application/xml"], "parameters": [{"name": "x", "in": "body", "schema": ref("Pet")}]},
    "post /j": {"consumes": ["application/x-tar"], "parameters": [{"name": "x", "in": "body", "schema": TEXT}]},
    "post /k": {"consumes": ["*/*"], "produces": ["*/*"], "parameters": [{"name": "x", "in": "body", "schema": {}}]},
    "post /l": {
        "consumes": ["application/vnd.x+json;v=1", "application/x-www-form-urlencoded"],
        "produces": ["application/vnd.y+json", "text/csv"],
        "parameters": [{"name": "x", "in": "body", "schema": {"type": "string", "enum": ["a"], "x-nullable": True}}],
        "responses": answers(ref("Tree")),
    },
    "post /m": {
        "parameters": [
            {"name": "files", "in": "formData", "type": "array", "items": {"type": "file"}},
            {"name": "self", "in": "formData", "type": "string"},
            {"name": "a-b", "in": "formData", "type": "integer", "default": "1"},
        ]
    },
    "post /n": {
        "parameters": [{"name": "x", "in": "body", "schema": TEXT}, {"name": "y", "in": "body", "schema": TEXT}]
    },
    "post /o": {"parameters": [{"name": "x", "in": "body", "schema": OBJECT}, {"name": "f", "in": "formData"}]},
    "post /p": {"parameters": [{"name": "x", "in": "body"}, {"$ref": "#/definitions/Pet"}]},
    "get /q": {"produces": ["application/xml"], "responses": answers(ref("Both"))},
    "get /r": {"produces": ["image/png"], "responses": answers({"type": "file"})},
    "get /s": {"responses": {"$ref": {"description": "Odd."}, "200": {"$ref": "http://h.example/responses.json#/A"}}},
    "get /t": {"responses": {"200": "Done.", "204": {"schema": TEXT}, "4XX": {"$ref": "#/responses/Shared"}}},
    "get /u": {
        "description": 'Says """ and \\ and {{ braces }} and {% raw %}\nand more.\r\n' * 3,
        "security": [{"odd scheme": ["a"], "": []}, {}],
        "externalDocs": {"description": "No address."},
        "deprecated": "true",
        "responses": {"200": {"description": None, "headers": {"X": {"type": "array"}, "Y": "text"}}},
    },
    "get /v": {"responses": answers({"$ref": "#/paths/~1plain/get/responses/200/schema"})},
    "get /w": {"responses": answers({"$ref": "#/definitions/Members/properties/body"})},
    "get /x": {"responses": answers({"type": "array", "items": [TEXT, {"type": "integer"}]})},
    "get /?action=y#z": {"responses": {}},
    "get slashless": {"responses": {}},
}


def document() -> dict[str, Any]:
    paths: dict[str, Any] = {"x-paths": 1, "/empty": {}, "/nothing": None, "/elsewhere": {"$ref": "paths.json#/a"}}
    for key, operation in OPERATIONS.items():
        method, _, path = key.partition(" ")
        paths.setdefault(path, {})[method] = operation
    shared = [
        {"name": "whole", "in": "body", "schema": ref("Pet"), "required": True},
        {"$ref": "#/parameters/Shared"},
    ]
    paths["/shared/{id}"] = {"parameters": shared, "put": {"responses": {}}, "patch": {}}
    paths["/shared/form"] = {
        "parameters": [{"name": "f", "in": "formData", "type": "file"}],
        "post": {"parameters": [{"name": "g", "in": "formData", "type": "string"}]},
    }
    return {
        "swagger": 2.0,
        "info": {"title": LONG, "license": {"url": "MIT"}, "contact": {"Email": "nobody"}, "x-a": 1},
        "host": "h.example",
        "consumes": [],
        "produces": "application/json",
        "security": [{"odd scheme": []}],
        "securityDefinitions": {"odd scheme": {}, "": {"type": "basic"}, "o": {"type": "oauth2", "flow": "implicit"}},
        "tags": ["a", {"name": "b", "externalDocs": {}}, {"description": "nameless"}],
        "parameters": {"Shared": {"name": "shared", "in": "query", "type": "string"}},
        "responses": {"Shared": {"schema": ref("Cat")}},
        "definitions": DEFINITIONS,
        "paths": paths,
        "unknown": True,
    }


@pytest.fixture(scope="module")
def conversion() -> Conversion:
    return convert([parse_document(json.dumps(document()).encode("utf-8-sig"), "shapes.json")])


@pytest.fixture(scope="module")
def package(conversion: Conversion, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("shapes") / "shapes_client"
    generate(conversion, folder)
    return folder


def test_every_operation_is_there(conversion: Conversion) -> None:
    found = operations_of(conversion.document["paths"])

    assert len(found) == len(OPERATIONS) + 3
    assert len({operation["operationId"] for _, _, operation in found}) == len(found)


def test_the_output_is_valid(conversion: Conversion) -> None:
    errors = OpenAPIV30SpecValidator(json.loads(conversion.render())).iter_errors()

    assert [str(error) for error in errors] == []


def test_the_same_twice_and_the_input_as_it_was() -> None:
    given = parse_document(json.dumps(document()).encode(), "shapes.json")
    before = json.dumps(given.data)

    assert convert([given]).render() == convert([given]).render()
    assert json.dumps(given.data) == before


def test_every_definition_is_a_class_or_a_value(conversion: Conversion) -> None:
    assert len(conversion.document["components"]["schemas"]) >= len(DEFINITIONS)


def test_every_function_takes_every_parameter(conversion: Conversion, package: Path) -> None:
    for (method, path), name in client_names(conversion.document).items():
        operation = conversion.document["paths"][path][method.lower()]
        module = ast.parse((package / "api" / name.tag / f"{name.function}.py").read_text(encoding="utf-8"))
        (function,) = (
            node for node in module.body if isinstance(node, ast.FunctionDef) and node.name == "sync_detailed"
        )
        arguments = {argument.arg for argument in (*function.args.args, *function.args.kwonlyargs)}
        variables = path.count("{") - len(
            {parameter["name"] for parameter in operation.get("parameters", []) if parameter["in"] == "path"}
        )
        expected = 1 + len(operation.get("parameters", [])) + variables + ("requestBody" in operation)
        assert len(arguments) == expected, (method, path, arguments)


def test_no_file_is_outside_or_has_a_name_too_long(package: Path) -> None:
    assert [path.name for path in package.parent.iterdir()] == [package.name]
    assert max(len(path.name.encode()) for path in package.rglob("*")) < 130


def test_what_is_sent_has_the_names_of_the_api(package: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(package.parent))
    try:
        call = importlib.import_module("shapes_client.api.default.get_h")
        kwargs = call._get_kwargs(**dict.fromkeys(("a_b_header", "a_b_cookie", "authorization"), "v"))
        assert kwargs["headers"] == {"a-b": "v", "Authorization": "v"}
        assert kwargs["cookies"] == {"a-b": "v"}
        path = importlib.import_module("shapes_client.api.default.get_c_user_id_a_b_class_1")
        assert path._get_kwargs("u", "v", "w", "x")["url"] == "/c/u/v/w/x"
        members = importlib.import_module("shapes_client.models").Members
        given = {"a-b": "1", "a_b": "2", "A_B": "3", "aB": "4", "to_dict": "5", "additionalProperties": "6", "else": 7}
        assert members.from_dict(given).to_dict() == given
    finally:
        for name in [name for name in sys.modules if name.partition(".")[0] == "shapes_client"]:
            del sys.modules[name]

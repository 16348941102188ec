"""A client of a document with every kind of value, parameter, body and answer that the generator knows."""

from __future__ import annotations

import asyncio
import datetime as dt
import importlib
import inspect
import io
import json
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import Any
from uuid import UUID

import httpx
import pytest
from ayx_spec.convert import convert, parse_document
from ayx_spec.generate import generate

#: Some values are odd on purpose; how that is told is the subject of tests/client/test_deviations.py.
pytestmark = pytest.mark.filterwarnings("ignore::UserWarning")


def ref(name: str) -> dict[str, Any]:
    return {"$ref": f"#/components/schemas/{name}"}


MEMBERS: dict[str, Any] = {
    "text": {"type": "string"},
    "day": {"type": "string", "format": "date"},
    "when": {"type": "string", "format": "date-time", "nullable": True},
    "uuid": {"type": "string", "format": "uuid"},
    "color": ref("Color"),
    "level": {"type": "integer", "enum": [0, 1], "x-enum-varnames": ["Low", "High"]},
    "maybe_color": {"type": "string", "enum": ["a", None]},
    "number": {"type": "number", "default": 1.5},
    "flag": {"type": "boolean", "default": True},
    "self": ref("Thing"),
    "maybe": {"allOf": [ref("Other")], "nullable": True},
    "matrix": {"type": "array", "items": {"type": "array", "items": {"type": "string", "format": "date"}}},
    "others": {"type": "array", "items": ref("Other")},
    "by_name": {"type": "object", "additionalProperties": ref("Other")},
    "dates": {"type": "object", "additionalProperties": {"type": "string", "format": "date-time"}},
    "either": {"oneOf": [{"type": "string", "format": "date"}, ref("Other"), {"type": "integer"}]},
    "several": {"anyOf": [{"type": "array", "items": ref("Other")}, {"type": "string"}]},
    "free": {"type": "object"},
    "any": {},
    "class": {"type": "string"},
    "values": {"type": "array", "items": {"type": "string"}},
    "get": {"type": "string"},
    "key": {"type": "string"},
    "data": {"type": "string"},
}
FORM_MEMBERS = {name: schema for name, schema in MEMBERS.items() if name not in ("any", "class")}
PROBLEM = {"description": "Wrong.", "content": {"application/problem+json": {"schema": {"type": "object"}}}}
JSON_THING = {"application/json": {"schema": ref("Thing")}}


def operation(name: str, **more: Any) -> dict[str, Any]:
    return {"operationId": name, "tags": ["every kind"], "responses": {"200": {"content": JSON_THING}}, **more}


def query(name: str, schema: dict[str, Any], place: str = "query") -> dict[str, Any]:
    return {"name": name, "in": place, "schema": schema}


#: What generated functions call their own things.
NAMES = (
    "params",
    "headers",
    "cookies",
    "kwargs",
    "response",
    "client",
    "url",
    "quote",
    "values",
    "errors",
    "found",
    "v",
)
NAMED = [query("path", {"type": "string"}, "path") | {"required": True}, *(query(n, {"type": "string"}) for n in NAMES)]

DOCUMENT: dict[str, Any] = {
    "openapi": "3.0.1",
    "info": {"title": "Every kind", "version": "1"},
    "servers": [{"url": "https://real.example/webapi/"}],
    "security": [{"bearer": []}],
    "paths": {
        "/json/{id}": {
            "parameters": [query("id", {"type": "integer"}, "path") | {"required": True}],
            "post": operation(
                "json_body",
                requestBody={"$ref": "#/components/requestBodies/Thing"},
                parameters=[
                    *(query(name, schema) for name, schema in MEMBERS.items() if "type" in schema and name != "free"),
                    query("values", {"type": "string"}, "header"),
                    query("level", {"type": "integer"}, "header"),
                    {"$ref": "#/components/parameters/Page"},
                ],
            ),
        },
        "/form": {
            "post": operation(
                "form_body",
                requestBody={
                    "content": {
                        "multipart/form-data": {
                            "schema": {
                                "type": "object",
                                "properties": {
                                    **FORM_MEMBERS,
                                    "file": {"type": "string", "format": "binary"},
                                    "files": {"type": "array", "items": {"type": "string", "format": "binary"}},
                                },
                            }
                        },
                        "application/x-www-form-urlencoded": {"schema": {"type": "object"}},
                    }
                },
            ),
            "put": operation(
                "urlencoded_body",
                requestBody={"content": {"application/x-www-form-urlencoded": {"schema": ref("Other")}}},
            ),
            "patch": operation(
                "bytes_body",
                requestBody={"required": True, "content": {"application/zip": {"schema": {"type": "string"}}}},
            ),
        },
        "/names/{path}": {"get": operation("names", parameters=[*NAMED])},
        "/answers": {
            "get": operation(
                "answers",
                responses={
                    "200": {"content": {"text/plain": {"schema": {"type": "string"}}}},
                    "201": {"content": {"application/zip": {"schema": {"type": "string", "format": "binary"}}}},
                    "202": {"content": {"application/json": {"schema": {"type": "array", "items": MEMBERS["when"]}}}},
                    "203": {"content": {"application/json": {"schema": MEMBERS["either"]}}},
                    "206": {"content": {"application/json": {"schema": {"type": "object"}}}},
                    "4XX": {"$ref": "#/components/responses/Problem"},
                    "default": {"content": {"application/json": {"schema": {}}}},
                },
            )
        },
    },
    "components": {
        "schemas": {
            "Thing": {"type": "object", "required": ["text", "when"], "properties": MEMBERS},
            "Other": {"type": "object", "properties": {"thing": ref("Thing")}, "additionalProperties": False},
            "Color": {"type": "string", "enum": ["red", "dark-red", "dark_red"]},
            "Square": {"type": "object", "properties": {"side": {"type": "number"}}},
            "Circle": {"type": "object", "properties": {"radius": {"type": "number"}, "color": ref("Color")}},
            "Closed": {"type": "object", "properties": {"shape": {"oneOf": [ref("Square"), ref("Circle")]}}},
            "Child": {"allOf": [ref("Other"), {"type": "object", "properties": {"x": {"type": "string"}}}]},
        },
        "parameters": {"Page": query("page", {"type": "integer", "default": 1})},
        "requestBodies": {
            "Thing": {"required": True, "content": {"text/xml": JSON_THING["application/json"], **JSON_THING}}
        },
        "responses": {"Problem": PROBLEM},
        "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}},
    },
}

WHEN = dt.datetime(2024, 5, 6, 7, 8, 9, tzinfo=dt.UTC)
THING: dict[str, Any] = {
    "text": "t",
    "day": "2024-05-06",
    "when": "2024-05-06T07:08:09+00:00",
    "uuid": "12345678-1234-5678-1234-567812345678",
    "color": "dark_red",
    "level": 1,
    "maybe_color": None,
    "number": 2.5,
    "flag": False,
    "self": {"text": "inner", "when": None, "number": 1.5, "flag": True},
    "maybe": {"thing": {"text": "deep", "when": "later", "number": 1, "flag": None}},
    "matrix": [["2024-05-06", "no date"], []],
    "others": [{}, None],
    "by_name": {"a": {}},
    "dates": {"a": "2024-05-06T07:08:09+00:00", "b": "never"},
    "either": "2024-05-06",
    "several": [{}],
    "free": {"a": {"b": [1]}},
    "any": [{"c": None}],
    "class": "c",
    "values": ["v"],
    "get": "g",
    "key": "k",
    "data": "d",
    "unknown": {"kept": True},
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    conversion = convert([parse_document(json.dumps(DOCUMENT).encode(), "every.json")])
    folder = tmp_path_factory.mktemp("every") / "every_kind_client"
    return generate(conversion, folder, type_check=find_spec("mypy") is not None).folder


@pytest.fixture
def package(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    monkeypatch.syspath_prepend(folder.parent)
    yield importlib.import_module("every_kind_client")
    for name in [name for name in sys.modules if name.startswith("every_kind_client")]:
        del sys.modules[name]


def api(name: str) -> Any:
    return importlib.import_module(f"every_kind_client.api.every_kind.{name}")


def models() -> Any:
    return importlib.import_module("every_kind_client.models")


@pytest.mark.usefixtures("package")
def test_a_value_of_every_kind_comes_and_goes() -> None:
    thing = models().Thing.from_dict(THING)

    assert thing.to_dict() == THING
    assert thing.day == thing.either == thing.matrix[0][0] == dt.date(2024, 5, 6)
    assert thing.uuid == UUID(THING["uuid"])
    assert thing.color is models().Color("dark_red")
    assert {member.name for member in models().Color} == {"RED", "DARK_RED", "DARK_RED_2"}
    assert thing.level.name == "HIGH"
    assert models().ThingLevel(7).name == "UNKNOWN_7"
    assert thing.self_.when is None
    assert thing.maybe.thing.when == "later"
    assert type(thing.several[0]) is type(thing.others[0]) is models().Other
    assert thing.by_name["a"] == models().Other()
    assert thing.dates["a"] == WHEN
    assert thing.free["a"] == {"b": [1]}
    assert thing["unknown"] == {"kept": True}


@pytest.mark.parametrize(
    ("status", "content", "content_type", "expected"),
    [
        (200, b"plain", "text/plain", "plain"),
        (202, b'["2024-05-06T07:08:09Z", null, "x"]', "application/json", [WHEN, None, "x"]),
        (203, b"7", "application/json", 7),
        (203, b'"2024-05-06"', "application/json", dt.date(2024, 5, 6)),
        (418, b"<html>", "text/html", None),
        (500, b'{"any": "thing"}', "application/json", {"any": "thing"}),
        (599, b"", "", None),
    ],
)
def test_answers(package: ModuleType, status: int, content: bytes, content_type: str, expected: Any) -> None:
    def answer(_: httpx.Request) -> httpx.Response:
        return httpx.Response(status, content=content, headers={"content-type": content_type})

    arguments = {"transport": httpx.MockTransport(answer)}
    client = package.AuthenticatedClient(base_url="http://127.0.0.1/webapi", token="t", httpx_args=arguments)

    assert api("answers").sync(client=client) == expected


def test_requests(package: ModuleType) -> None:
    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        request.read()
        seen.append(request)
        return httpx.Response(200, json=THING)

    async def aanswer(request: httpx.Request) -> httpx.Response:
        await request.aread()
        seen.append(request)
        return httpx.Response(200, json=THING)

    arguments = {"transport": httpx.MockTransport(answer)}
    client = package.AuthenticatedClient(base_url="http://127.0.0.1/webapi", token="t", httpx_args=arguments)
    types = importlib.import_module("every_kind_client.types")
    thing = models().Thing.from_dict(THING)

    body = api("json_body")
    given = {
        "level_query": thing.level,
        "level_header": 3,
        "values_query": ["a", "b"],
        "values_header": "h",
    }
    assert body.sync(7, client=client, body=thing, day=thing.day, when=None, **given) == thing
    assert json.loads(seen[-1].content) == THING
    query = dict(seen[-1].url.params.multi_items())
    assert (query["day"], query["level"], query["page"]) == ("2024-05-06", "1", "1")
    assert "when" not in query
    assert seen[-1].headers["level"] == "3"

    api("urlencoded_body").sync(client=client, body=models().Other())
    assert seen[-1].headers["content-type"] == "application/x-www-form-urlencoded"

    api("bytes_body").sync(client=client, body=types.File(payload=b"\x00\xff"))
    assert (seen[-1].content, seen[-1].headers["content-type"]) == (b"\x00\xff", "application/zip")

    async def send_from_an_event_loop() -> None:
        body = types.File(payload=io.BytesIO(b"x" * 200_000))
        await api("bytes_body").asyncio(client=client, body=body)

    client.set_async_httpx_client(
        httpx.AsyncClient(base_url="http://127.0.0.1", transport=httpx.MockTransport(aanswer))
    )
    asyncio.run(send_from_an_event_loop())
    assert (len(seen[-1].content), seen[-1].headers["content-length"]) == (200_000, "200000")
    assert "transfer-encoding" not in seen[-1].headers

    form = models().FormBodyBody.from_dict(
        {name: value for name, value in THING.items() if name not in ("any", "class")}
    )
    form.file = types.File(payload=b"\r\n--", file_name="f")
    form.files = [form.file, form.file]
    api("form_body").sync(client=client, body=form)
    assert seen[-1].content.count(b"\r\n\r\n\r\n--\r\n") == 3


def test_names_of_parameters_are_in_nobodys_way(package: ModuleType) -> None:
    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200, json=THING)

    arguments = {"transport": httpx.MockTransport(answer)}
    client = package.AuthenticatedClient(base_url="http://127.0.0.1/webapi", token="t", httpx_args=arguments)
    call = api("names").sync
    given = {name: f"value of {name}" for name in inspect.signature(call).parameters if name != "client"}

    assert call(client=client, **given) is not None
    assert sorted(seen[0].url.params.values()) == sorted(value for name, value in given.items() if name != "path")


@pytest.mark.usefixtures("package")
@pytest.mark.parametrize(
    ("shape", "kind"),
    [
        ({"side": 1}, "Square"),
        ({"radius": 1}, "Circle"),
        ({"radius": None, "color": "blue"}, "Circle"),
        ({"side": 1, "radius": 1}, "Square"),
        ({}, "Square"),
        (7, "int"),
    ],
)
def test_one_of_several_is_the_one_that_fits_best(shape: Any, kind: str) -> None:
    closed = models().Closed.from_dict({"shape": shape})

    assert type(closed.shape).__name__ == kind
    assert closed.to_dict() == {"shape": shape}


@pytest.mark.usefixtures("package")
def test_what_is_added_to_a_closed_object_is_kept() -> None:
    other = models().Other.from_dict({"later": [1]})

    assert other["later"] == [1]
    assert other.to_dict() == {"later": [1]}

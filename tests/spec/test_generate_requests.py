"""What generated functions send: an id as one segment, nothing for None, text for what has one form only as text."""

from __future__ import annotations

import datetime as dt
import importlib
import json
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from types import ModuleType
from typing import Any
from urllib.parse import parse_qs
from uuid import UUID

import httpx
import pytest
from ayx_spec.convert import convert, parse_document
from ayx_spec.generate import generate

PACKAGE = "depot_requests_client"


def parameter(name: str, place: str = "query", **more: Any) -> dict[str, Any]:
    return {"name": name, "in": place, "type": "string", **({"required": True} if place == "path" else {}), **more}


def operation(name: str, *parameters: dict[str, Any], **more: Any) -> dict[str, Any]:
    done = {"200": {"description": "Done."}}
    return {"operationId": name, "tags": ["depot"], "parameters": [*parameters], "responses": done, **more}


OPTIONAL = (
    parameter("since", format="date-time"),
    parameter("day", format="date"),
    parameter("owner", format="uuid"),
    parameter("state", enum=["open", "shut"]),
    parameter("states", type="array", items={"type": "string", "enum": ["open", "shut"]}, collectionFormat="multi"),
    parameter("days", type="array", items={"type": "string", "format": "date"}, collectionFormat="multi"),
    parameter("most", type="integer"),
    parameter("least", type="integer", **{"x-nullable": True}),
    parameter("locked", type="boolean"),
    parameter("text"),
    parameter("X-Text", "header"),
    parameter("X-Count", "header", type="integer"),
    parameter("X-Flag", "header", type="boolean"),
    parameter("X-State", "header", enum=["open", "shut"]),
)
FORM = (
    parameter("file", "formData", type="file"),
    parameter("when", "formData", format="date"),
    parameter("kind", "formData", enum=["open", "shut"]),
    parameter("count", "formData", type="integer"),
    parameter("note", "formData"),
)
#: Lists that are sent as one text, and one that is not, by `collectionFormat`.
LISTS = {"csv": "1,2", "pipes": "1|2", "ssv": "1 2", "multi": ["1", "2"]}


def listed(name: str, place: str) -> dict[str, Any]:
    return {"name": name, "in": place, "type": "array", "items": {"type": "integer"}, "collectionFormat": name}


BODY = {"name": "crate", "in": "body", "schema": {"$ref": "#/definitions/Crate"}}
NULLABLE_BODY = {**BODY, "schema": {"allOf": [{"$ref": "#/definitions/Crate"}], "x-nullable": True}}
BYTES = {"name": "content", "in": "body", "required": True, "schema": {"type": "string", "format": "binary"}}
DOCUMENT: dict[str, Any] = {
    "swagger": "2.0",
    "info": {"title": "Depot", "version": "1"},
    "basePath": "/webapi",
    "consumes": ["application/json"],
    "produces": ["application/json"],
    "paths": {
        "/depots/{depot}/crates/{crate}": {
            "delete": operation("drop", parameter("depot", "path"), parameter("crate", "path", **{"x-nullable": True})),
            "patch": operation("change", parameter("depot", "path"), parameter("crate", "path"), BODY),
            "post": operation("change_nullable", parameter("depot", "path"), parameter("crate", "path"), NULLABLE_BODY),
            "put": None,
        },
        "/numbers/{number}/{flag}/{day}/{state}/{key}": {
            "get": operation(
                "kinds",
                parameter("number", "path", type="integer"),
                parameter("flag", "path", type="boolean"),
                parameter("day", "path", format="date"),
                parameter("state", "path", enum=["open", "shut"]),
                parameter("key", "path", format="uuid"),
            )
        },
        "/crates": {
            "get": operation("list", *OPTIONAL),
            "post": operation("form", *FORM[1:], consumes=["application/x-www-form-urlencoded"]),
            "put": operation("upload", *FORM, consumes=["multipart/form-data"]),
        },
        "/lists": {
            "get": operation("lists", *(listed(name, "query") for name in LISTS)),
            "post": operation(
                "list_form",
                *(listed(name, "formData") for name in LISTS),
                consumes=["application/x-www-form-urlencoded"],
            ),
        },
        "/zip": {"put": operation("send_zip", BYTES, consumes=["application/zip"])},
        "/names/{paths}": {
            "get": operation(
                "names",
                parameter("paths", "path"),
                parameter("downloads", "header"),
                parameter("values", "header"),
                parameter("text"),
                parameter("header", format="date"),
                responses={"200": {"description": "", "schema": {"type": "file"}}},
            )
        },
        "/search?scope=all": {
            "get": operation("search", parameter("text"), deprecated=True, summary="Look for crates.")
        },
        "/sizes/{größe}/{用户}": {"get": operation("sizes", parameter("größe", "path"), parameter("用户", "path"))},
    },
    "definitions": {"Crate": {"type": "object", "properties": {"name": {"type": "string", "x-nullable": True}}}},
}


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ModuleType]:
    conversion = convert([parse_document(json.dumps(DOCUMENT).encode(), "depot.json")])
    folder = tmp_path_factory.mktemp("requests") / PACKAGE
    generate(conversion, folder, type_check=find_spec("mypy") is not None)
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(folder.parent)
        yield importlib.import_module(PACKAGE)
    for name in [name for name in sys.modules if name.startswith(PACKAGE)]:
        del sys.modules[name]


class Sent(list[httpx.Request]):
    """What was sent, and a client that sends it nowhere."""

    def __init__(self, package: ModuleType) -> None:
        self.client = package.AuthenticatedClient(
            base_url="http://127.0.0.1/webapi", token="t", httpx_args={"transport": httpx.MockTransport(self.answer)}
        )

    def answer(self, request: httpx.Request) -> httpx.Response:
        request.read()
        self.append(request)
        return httpx.Response(200)


@pytest.fixture
def sent(generated: ModuleType) -> Sent:
    return Sent(generated)


def api(name: str) -> Any:
    return importlib.import_module(f"{PACKAGE}.api.depot.{name}")


def models() -> Any:
    return importlib.import_module(f"{PACKAGE}.models")


@pytest.mark.parametrize("crate", ["", " ", ".", "..", "%2e%2E", "a/../..", None])
def test_no_odd_id_drops_the_parent(sent: Sent, crate: Any) -> None:
    with pytest.raises(ValueError, match=r"^crate "):
        api("drop").sync_detailed("D1", crate, client=sent.client)
    with pytest.raises(ValueError, match=r"^depot "):
        sent.client.depot.drop(crate, "C1")

    assert sent == []


def test_values_of_every_kind_in_a_path(sent: Sent) -> None:
    day, key = dt.date(2024, 5, 6), UUID(int=7)
    api("kinds").sync_detailed(7, True, day, models().KindsState.OPEN, key, client=sent.client)
    api("kinds").sync_detailed("7", False, "2024-05-06", "open", str(key), client=sent.client)

    assert [request.url.path.split("/")[3:6] for request in sent] == [
        ["7", flag, "2024-05-06"] for flag in ("true", "false")
    ]
    assert {request.url.path.split("/", 6)[6] for request in sent} == {f"open/{key}"}


def test_none_is_left_out_whatever_the_type(sent: Sent) -> None:
    call = api("list_")
    plain = {name: None for name in call.sync_detailed.__annotations__ if name not in ("client", "return")}
    call.sync_detailed(client=sent.client)
    call.sync_detailed(client=sent.client, **plain)
    before, after = sent

    assert len(plain) == len(OPTIONAL)
    assert (after.url, after.headers) == (before.url, before.headers)
    assert "?" not in str(after.url)


@pytest.mark.parametrize("name", ["change", "change_nullable"])
def test_none_for_a_body_is_no_body(sent: Sent, name: str) -> None:
    for body in ({}, {"body": None}):
        api(name).sync_detailed("D1", "C1", client=sent.client, **body)

    assert [(request.content, "content-type" in request.headers) for request in sent] == [(b"", False)] * 2


def test_null_in_a_json_body_is_sent(sent: Sent) -> None:
    api("change").sync_detailed("D1", "C1", client=sent.client, body=models().Crate(name=None))

    assert json.loads(sent[0].content) == {"name": None}


@pytest.mark.parametrize(("name", "body"), [("form", "FormBody"), ("upload", "UploadBody")])
def test_none_in_a_form_is_left_out(sent: Sent, name: str, body: str) -> None:
    members = dict.fromkeys(("when", "kind", "count"))
    api(name).sync_detailed(client=sent.client, body=getattr(models(), body)(note="here", **members))

    assert b"here" in sent[0].content
    assert not any(key.encode() in sent[0].content for key in members)


def test_text_in_a_header_is_sent_in_utf8(sent: Sent) -> None:
    given = {"x_text": "Größe 用户", "x_count": 7, "x_flag": True, "x_state": models().ListXState.OPEN}
    api("list_").sync_detailed(client=sent.client, **given)
    raw = dict(sent[0].headers.raw)

    assert raw[b"X-Text"].decode() == "Größe 用户"
    assert (raw[b"X-Count"], raw[b"X-Flag"], raw[b"X-State"]) == (b"7", b"true", b"open")


@pytest.mark.parametrize("value", ["a\r\nX-Evil: 1", "a\0", "a\u2028", "\ud800", b"bytes"])
def test_what_would_end_a_header_is_refused(sent: Sent, value: Any) -> None:
    with pytest.raises(ValueError, match=r"^x_text cannot be sent in a header"):
        api("list_").sync_detailed(client=sent.client, x_text=value)

    assert sent == []


def test_names_of_our_own_are_in_nobodys_way(sent: Sent) -> None:
    given = {"downloads": "d", "values": "v", "text": "t", "header": dt.date(2024, 5, 6)}
    with pytest.raises(Warning, match="answer is empty"):
        api("names").sync_detailed("p", client=sent.client, **given)
    with pytest.raises(Warning, match="answer is empty"), api("names").sync_stream("p", client=sent.client, **given):
        pass

    assert [request.url.path for request in sent] == ["/webapi/names/p"] * 2
    assert [(request.headers["downloads"], request.headers["values"]) for request in sent] == [("d", "v")] * 2
    assert {str(request.url.query) for request in sent} == {"b'text=t&header=2024-05-06'"}


def test_lists_are_sent_as_the_document_says(sent: Sent) -> None:
    api("lists").sync_detailed(client=sent.client, **{name: [1, 2] for name in LISTS})
    api("lists").sync_detailed(client=sent.client, **{name: [] for name in LISTS})
    api("list_form").sync_detailed(client=sent.client, body=models().ListFormBody(**{name: [1, 2] for name in LISTS}))
    expected = {name: value if isinstance(value, list) else [value] for name, value in LISTS.items()}

    assert parse_qs(sent[0].url.query.decode()) == expected
    assert sent[1].url.query == b""
    assert parse_qs(sent[2].content.decode()) == expected


def test_bytes_are_labelled_as_the_document_says(sent: Sent) -> None:
    types = importlib.import_module(f"{PACKAGE}.types")
    api("send_zip").sync_detailed(client=sent.client, body=types.File(payload=b"PK"))

    assert sent[0].headers["content-type"] == "application/zip"


def test_a_query_that_the_path_has_stays(sent: Sent) -> None:
    for more in ({}, {"text": "a b"}):
        api("search").sync_detailed(client=sent.client, **more)

    assert [request.url.query for request in sent] == [b"scope=all", b"scope=all&text=a+b"]


def test_a_deprecated_operation_says_so(sent: Sent) -> None:
    assert "Deprecated. Look for crates." in api("search").sync_detailed.__doc__
    assert "Deprecated. Look for crates." in type(sent.client.depot).search.__doc__


def test_a_path_variable_need_not_be_ascii(sent: Sent) -> None:
    api("sizes").sync_detailed("L", client=sent.client, path="U")
    conversion = convert([parse_document(json.dumps(DOCUMENT).encode(), "depot.json")])

    assert sent[0].url.path == "/webapi/sizes/L/U"
    said = {note.what for note in conversion.notes}
    assert "the path variable 'größe' is called 'grosse' in the client" in said


def test_an_operation_that_is_null_is_noted() -> None:
    notes = convert([parse_document(json.dumps(DOCUMENT).encode(), "depot.json")]).notes

    assert [note.where.rpartition("/")[2] for note in notes if "null is none" in note.what] == ["put"]

"""What generated functions make of an answer: none of success is lost, and a download is what was asked for."""

from __future__ import annotations

import asyncio
import gzip
import importlib
import json
import os
import sys
import warnings
from collections.abc import AsyncIterator, Iterator
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import Any

import httpx
import pytest
from ayx_spec.convert import convert, parse_document
from ayx_spec.generate import generate

#: How deviations are told is the subject of tests/generated/test_deviations.py.
pytestmark = pytest.mark.filterwarnings("ignore::UserWarning")

PACKAGE = "depot_answers_client"
CRATE = {"$ref": "#/definitions/Crate"}
CRATES = {"type": "array", "items": CRATE}
PAGE = b"\xef\xbb\xbf \n<!-- sign in --><!DOCTYPE html><html><title>Sign in</title></html>"
ZIP = b"PK\x03\x04" + bytes(range(256)) * 40 + b"PK\x05\x06" + bytes(18)
MESSAGE = b'{"message": "Sign in first.", "code": 7}'


def get(name: str, responses: dict[str, Any], **more: Any) -> dict[str, Any]:
    described = {code: {"description": "", **answer} for code, answer in responses.items()}
    return {"get": {"operationId": name, "tags": ["depot"], "responses": described, **more}}


DOCUMENT: dict[str, Any] = {
    "swagger": "2.0",
    "info": {"title": "Depot", "version": "1"},
    "basePath": "/webapi",
    "produces": ["application/json", "text/xml"],
    "paths": {
        "/crate": get("crate", {"201": {"schema": CRATE}, "204": {}, "400": {"schema": CRATE}}),
        "/crates": get("crates", {"200": {"schema": CRATES}}),
        "/perhaps": get("perhaps", {"200": {"schema": {**CRATES, "x-nullable": True}}}),
        "/count": get("count", {"200": {"schema": {"type": "integer"}}}),
        "/wrong": get("wrong", {"200": {"schema": CRATE}, "default": {"schema": {"$ref": "#/definitions/Wrong"}}}),
        "/look": {"head": get("look", {"200": {"schema": CRATE}})["get"]},
        "/nothing": get("nothing", {"200": {}}),
        "/text": get("text", {"200": {"schema": {"type": "string"}}}, produces=["text/plain"]),
        "/package": get("package", {"200": {"schema": {"type": "file"}}}, produces=["application/octet-stream"]),
        "/archive": get("archive", {"200": {"schema": {"type": "file"}}}, produces=["application/zip"]),
        "/sheet": get("sheet", {"200": {"schema": {"type": "file"}}}, produces=["application/pdf", "text/html"]),
        "/any": get("any_file", {"200": {"schema": {"type": "file"}}}),
        "/output": get(
            "output",
            {"200": {"schema": {"type": "file"}}},
            produces=["application/octet-stream"],
            parameters=[{"name": "format", "in": "query", "type": "string"}],
        ),
    },
    "definitions": {
        "Crate": {"type": "object", "properties": {"name": {"type": "string"}}},
        "Wrong": {"type": "object", "properties": {"why": {"type": "string"}}},
    },
}


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ModuleType]:
    conversion = convert([parse_document(json.dumps(DOCUMENT).encode(), "depot.json")])
    folder = tmp_path_factory.mktemp("answers") / PACKAGE
    generate(conversion, folder, type_check=find_spec("mypy") is not None)
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(folder.parent)
        yield importlib.import_module(PACKAGE)
    for name in [name for name in sys.modules if name.startswith(PACKAGE)]:
        del sys.modules[name]


class Pieces(httpx.SyncByteStream, httpx.AsyncByteStream):
    """Content as it comes over a network: a little at a time."""

    def __init__(self, content: bytes) -> None:
        self._pieces = [content[at : at + 1000] for at in range(0, len(content), 1000)]

    def __iter__(self) -> Iterator[bytes]:
        yield from self._pieces

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for piece in self._pieces:
            yield piece


class Depot:
    """A server in this process, with one answer for everything, and a client of it."""

    def __init__(self, package: ModuleType) -> None:
        self.status, self.headers, self.content = 200, {"Content-Type": "application/json"}, b""
        self.in_pieces = False
        self.requests: list[httpx.Request] = []
        transport = httpx.MockTransport(self.answer)
        self.client = package.AuthenticatedClient(
            base_url="http://127.0.0.1/webapi",
            token="t",
            headers={"Accept": "application/json"},
            httpx_args={"transport": transport},
        )

    def answers(
        self, content: bytes, content_type: str = "application/json", status: int = 200, **headers: str
    ) -> None:
        self.status, self.content = status, content
        self.headers = {
            "Content-Type": content_type,
            **{name.replace("_", "-"): value for name, value in headers.items()},
        }

    def answer(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        if self.in_pieces:
            return httpx.Response(self.status, headers=self.headers, stream=Pieces(self.content))
        return httpx.Response(self.status, headers=self.headers, content=self.content)


@pytest.fixture
def depot(generated: ModuleType) -> Depot:
    return Depot(generated)


def api(name: str) -> Any:
    return importlib.import_module(f"{PACKAGE}.api.depot.{name}")


def deviation(name: str) -> Any:
    return getattr(importlib.import_module(f"{PACKAGE}.deviations"), name)


def kinds(response: Any) -> list[str]:
    return [type(one).__name__ for one in response.deviations]


class TestStatus:
    @pytest.mark.parametrize("status", [200, 202, 203, 206, 226, 299])
    def test_one_of_success_that_is_not_named_is_read_as_the_one_that_is(self, depot: Depot, status: int) -> None:
        depot.answers(b'{"name": "a"}', status=status)
        with pytest.warns(deviation("UndocumentedStatus")) as told:
            response = api("crate").sync_detailed(client=depot.client)

        assert (response.status_code, response.parsed.name) == (status, "a")
        assert [str(one.message) for one in told] == [
            f"GET /crate: answer has status {status}, the document names 201, 204"
        ]
        assert api("crate").sync(client=depot.client).name == depot.client.depot.crate().name == "a"
        assert asyncio.run(self.asynchronously(depot)) == "a"

    async def asynchronously(self, depot: Depot) -> str:
        transport = httpx.MockTransport(depot.answer)
        depot.client.set_async_httpx_client(httpx.AsyncClient(base_url="http://127.0.0.1/webapi", transport=transport))
        result = await api("crate").asyncio(client=depot.client)
        return str(result.name)

    def test_one_that_is_named_says_nothing(self, depot: Depot) -> None:
        depot.answers(b'{"name": "a"}', status=201)
        with warnings.catch_warnings(action="error"):
            assert kinds(api("crate").sync_detailed(client=depot.client)) == []
        depot.answers(b"", status=204)
        with warnings.catch_warnings(action="error"):
            assert api("crate").sync(client=depot.client) is None

    def test_that_of_success_is_not_the_default_error(self, depot: Depot) -> None:
        depot.answers(b'{"name": "a"}', status=201)
        response = api("wrong").sync_detailed(client=depot.client)

        assert (response.parsed.name, kinds(response)) == ("a", ["UndocumentedStatus"])
        depot.answers(b'{"why": "so"}', status=409)
        assert api("wrong").sync_detailed(client=depot.client).parsed.why == "so"

    @pytest.mark.parametrize("status", [301, 304, 404, 500])
    def test_no_other_is_success(self, depot: Depot, status: int) -> None:
        depot.answers(b'{"name": "a"}', status=status)
        response = api("crate").sync_detailed(client=depot.client)

        assert (response.parsed, kinds(response)) == (None, [])

    def test_where_nothing_is_described(self, depot: Depot) -> None:
        depot.answers(b"", status=204)

        assert kinds(api("nothing").sync_detailed(client=depot.client)) == ["UndocumentedStatus"]

    def test_an_undocumented_one_is_an_error_for_a_client_that_wants_it_so(
        self, generated: ModuleType, depot: Depot
    ) -> None:
        strict = generated.Client(
            base_url="http://127.0.0.1",
            raise_on_unexpected_status=True,
            httpx_args={"transport": httpx.MockTransport(depot.answer)},
        )
        depot.answers(b'{"name": "a"}', status=202)
        with pytest.raises(importlib.import_module(f"{PACKAGE}.errors").UnexpectedStatus):
            api("crate").sync(client=strict)


class TestNothing:
    @pytest.mark.parametrize("status", [200, 204])
    def test_where_a_list_is_described_is_an_empty_one(self, depot: Depot, status: int) -> None:
        depot.answers(b"", "", status)
        response = api("crates").sync_detailed(client=depot.client)

        assert response.parsed == []
        assert kinds(response) == ["UndocumentedStatus"] * (status == 204) + ["MissingContent"]
        assert api("crates").sync(client=depot.client) == depot.client.depot.crates() == []
        assert api("perhaps").sync(client=depot.client) == []

    def test_null_where_a_list_is_described(self, depot: Depot) -> None:
        depot.answers(b"null")
        response = api("crates").sync_detailed(client=depot.client)

        assert (response.parsed, kinds(response)) == ([], ["UnexpectedNull"])
        assert api("perhaps").sync(client=depot.client) is None

    @pytest.mark.parametrize("status", [200, 204])
    @pytest.mark.parametrize("name", ["wrong", "count"])
    def test_where_something_else_is_described_is_an_error(self, depot: Depot, name: str, status: int) -> None:
        depot.answers(b" ", "", status)
        for call in (lambda: api(name).sync(client=depot.client), getattr(depot.client.depot, name)):
            with pytest.raises(deviation("MissingContent"), match=f"GET /{name}: answer is empty"):
                call()
        response = api(name).sync_detailed(client=depot.client)

        assert (response.parsed, response.content, int(response.status_code)) == (None, b" ", status)
        assert "MissingContent" in kinds(response)

    def test_null_where_something_else_is_described_is_an_error(self, depot: Depot) -> None:
        depot.answers(b"null")
        with pytest.raises(deviation("UnexpectedNull")):
            api("count").sync(client=depot.client)


#: What came, as what, for which operation; and whether it is what was asked for.
FILES = [
    ("package", ZIP, "application/octet-stream", True),
    ("package", ZIP, "application/zip; charset=binary", True),
    ("package", ZIP, "", True),
    ("package", b"a,b\r\n", "text/csv", True),
    ("package", b'{"events": []}', "application/octet-stream", True),
    ("package", PAGE, "text/html; charset=utf-8", False),
    ("package", PAGE, "application/octet-stream", False),
    ("package", PAGE[3:].decode().encode("utf-16"), "application/octet-stream", False),
    ("package", b"<HTML>", "", False),
    ("package", b"<?xml version='1.0'?>\n<!DOCTYPE html>", "application/xhtml+xml", False),
    ("package", MESSAGE, "application/json", False),
    ("package", MESSAGE, "application/problem+json", False),
    ("package", MESSAGE, "application/octet-stream", False),
    ("package", b"upstream is gone", "text/plain", False),
    ("package", b"<error/>", "text/xml", False),
    ("package", b"", "application/octet-stream", False),
    ("archive", ZIP, "application/octet-stream", True),
    ("archive", b"\0\1\2", "application/octet-stream", False),
    ("sheet", PAGE, "text/html", True),
    ("sheet", MESSAGE, "application/json", False),
    ("any_file", b'{"events": []}', "application/json", True),
    ("any_file", b"text", "text/plain", True),
    ("any_file", MESSAGE, "application/json", False),
    ("any_file", PAGE, "text/html", False),
]


def to_file(depot: Depot, name: str, target: Path) -> bytes:
    path: Path = getattr(depot.client.depot, f"{name}_to_file")(save_to=target)
    return path.read_bytes()


def to_file_in_an_event_loop(depot: Depot, name: str, target: Path) -> bytes:
    async def call() -> bytes:
        transport = httpx.MockTransport(depot.answer)
        async with httpx.AsyncClient(base_url="http://127.0.0.1/webapi", transport=transport) as http:
            depot.client.set_async_httpx_client(http)
            path: Path = await getattr(depot.client.depot, f"a{name}_to_file")(save_to=target)
            return path.read_bytes()

    return asyncio.run(call())


def streamed(depot: Depot, name: str, _: Path) -> bytes:
    with api(name).sync_stream(client=depot.client) as response:
        content: bytes = response.read()
    return content


def streamed_in_an_event_loop(depot: Depot, name: str, _: Path) -> bytes:
    async def call() -> bytes:
        transport = httpx.MockTransport(depot.answer)
        async with httpx.AsyncClient(base_url="http://127.0.0.1/webapi", transport=transport) as http:
            depot.client.set_async_httpx_client(http)
            async with api(name).asyncio_stream(client=depot.client) as response:
                return b"".join([piece async for piece in response.aiter_bytes()])

    return asyncio.run(call())


def in_memory(depot: Depot, name: str, _: Path) -> bytes:
    content: bytes = api(name).sync(client=depot.client).payload.read()
    return content


WAYS = (in_memory, to_file, to_file_in_an_event_loop, streamed, streamed_in_an_event_loop)


def test_head_never_has_content(depot: Depot) -> None:
    response = api("look").sync_detailed(client=depot.client)

    assert (response.parsed, kinds(response)) == (None, [])


class TestDownload:
    @pytest.mark.parametrize("in_pieces", [True, False])
    @pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
    @pytest.mark.parametrize(("name", "content", "content_type", "right"), FILES)
    def test_is_what_was_asked_for(
        self,
        depot: Depot,
        tmp_path: Path,
        *,
        way: Any,
        name: str,
        content: bytes,
        content_type: str,
        right: bool,
        in_pieces: bool,
    ) -> None:
        depot.in_pieces = in_pieces
        depot.answers(content, content_type)
        target = tmp_path / "target"
        target.write_bytes(b"before")
        if right:
            assert way(depot, name, target) == content
        else:
            with pytest.raises(deviation("UnexpectedContent" if content else "MissingContent")):
                way(depot, name, target)

        assert [path.name for path in tmp_path.iterdir()] == ["target"]
        assert target.read_bytes() in (b"before", content if right else b"before")

    def test_detailed_keeps_everything(self, depot: Depot) -> None:
        depot.answers(PAGE, "application/octet-stream", Server="proxy")
        response = api("package").sync_detailed(client=depot.client)

        assert (response.parsed, response.content, response.headers["server"]) == (None, PAGE, "proxy")
        assert str(response.deviations[0]) == (
            "GET /package: answer has status 200 with application/octet-stream (a web page) "
            "instead of application/octet-stream"
        )

    def test_a_package_is_a_zip_archive(self, depot: Depot, tmp_path: Path) -> None:
        depot.answers(b"\0\1\2", "application/octet-stream")
        with pytest.raises(deviation("UnexpectedContent"), match="instead of a zip archive"):
            to_file(depot, "package", tmp_path / "flow.YXZP")
        depot.answers(b"\0\1\2", "application/octet-stream", Content_Disposition="attachment; filename=flow.yxzp")
        with pytest.raises(deviation("UnexpectedContent"), match="instead of a zip archive"):
            in_memory(depot, "package", tmp_path)

        assert list(tmp_path.iterdir()) == []

    @pytest.mark.parametrize(
        ("asked", "target", "content", "content_type", "right"),
        [
            ("Html", "o", PAGE, "text/html", True),
            ("Raw", "o.html", PAGE, "text/html", True),
            ("Raw", "o", PAGE, "text/html", False),
            ("Raw", "o.csv", PAGE, "application/octet-stream", False),
            ("Csv", "o.csv", PAGE, "text/html", False),
            ("Csv", "o.csv", b"a,b", "text/plain", True),
            ("Csv", "o.csv", b"", "text/csv", True),
            ("Raw", "o", b"", "text/csv", False),
            ("Json", "o", MESSAGE, "application/json", True),
            ("Raw", "o.json", MESSAGE, "application/json", True),
            ("Raw", "o", MESSAGE, "application/json", False),
            ("Raw", "o", b"[1]", "application/json", True),
            ("Yxdb", "o", MESSAGE, "application/json", False),
        ],
    )
    def test_an_output_is_what_its_format_says(
        self, depot: Depot, tmp_path: Path, *, asked: str, target: str, content: bytes, content_type: str, right: bool
    ) -> None:
        depot.answers(content, content_type)
        if right:
            path = depot.client.depot.output_to_file(format_=asked, save_to=tmp_path / target)
            assert path.read_bytes() == content
        else:
            with pytest.raises((deviation("UnexpectedContent"), deviation("MissingContent"))):
                depot.client.depot.output_to_file(format_=asked, save_to=tmp_path / target)
            assert list(tmp_path.iterdir()) == []

    @pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
    def test_compressed_on_the_way(self, depot: Depot, tmp_path: Path, way: Any) -> None:
        depot.answers(gzip.compress(ZIP), "application/octet-stream", Content_Encoding="gzip")
        assert way(depot, "package", tmp_path / "flow.yxzp") == ZIP

    @pytest.mark.parametrize("way", [in_memory, to_file, to_file_in_an_event_loop], ids=lambda way: way.__name__)
    def test_a_page_that_is_compressed_on_the_way(self, depot: Depot, tmp_path: Path, way: Any) -> None:
        depot.answers(gzip.compress(PAGE), "application/octet-stream", Content_Encoding="gzip")
        with pytest.raises(deviation("UnexpectedContent"), match="a web page"):
            way(depot, "package", tmp_path / "target")

    @pytest.mark.parametrize(
        ("name", "accepted"),
        [
            ("crate", "application/json"),
            ("package", "application/octet-stream"),
            ("archive", "application/zip"),
            ("sheet", "application/pdf, text/html"),
            ("any_file", "*/*"),
            ("text", "text/plain"),
        ],
    )
    def test_accepts_what_the_document_says(self, depot: Depot, name: str, accepted: str) -> None:
        depot.answers(ZIP, "application/octet-stream")
        api(name).sync_detailed(client=depot.client)

        assert [request.headers["accept"] for request in depot.requests] == [accepted]

    def test_a_page_is_no_text(self, depot: Depot) -> None:
        depot.answers(PAGE, "text/html")
        with pytest.raises(deviation("UnexpectedContent")):
            api("text").sync(client=depot.client)
        depot.answers(b"plain", "text/plain")
        assert api("text").sync(client=depot.client) == "plain"

    def test_its_name(self, depot: Depot, tmp_path: Path) -> None:
        depot.answers(
            ZIP, "application/zip", Content_Disposition="attachment; filename=a; filename*=UTF-8''..%2Ffl%C3%B6w.yxzp"
        )
        assert api("package").sync(client=depot.client).file_name == "flöw.yxzp"
        assert depot.client.depot.package_to_file(save_to=tmp_path) == tmp_path / "flöw.yxzp"
        with pytest.raises(FileExistsError, match=r"flöw\.yxzp is there already"):
            depot.client.depot.package_to_file(save_to=str(tmp_path))
        depot.answers(ZIP, "application/zip")
        assert depot.client.depot.package_to_file(save_to=tmp_path) == tmp_path / "download"
        assert sorted(path.name for path in tmp_path.iterdir()) == ["download", "flöw.yxzp"]

    def test_a_part_that_nobody_asked_for(self, depot: Depot, tmp_path: Path) -> None:
        depot.answers(ZIP, "application/octet-stream", 206)
        for way in (in_memory, to_file):
            with pytest.raises(deviation("UnexpectedContent"), match="a part of it"):
                way(depot, "package", tmp_path / "w.yxzp")
        assert list(tmp_path.iterdir()) == []

    def test_an_endless_error_is_not_read_to_its_end(self, depot: Depot, tmp_path: Path) -> None:
        def endless() -> Iterator[bytes]:
            while True:
                yield b"x" * 65536

        def answer(_: httpx.Request) -> httpx.Response:
            return httpx.Response(500, content=endless())

        depot.client.set_httpx_client(httpx.Client(base_url="http://127.0.0.1", transport=httpx.MockTransport(answer)))
        with pytest.raises(importlib.import_module(f"{PACKAGE}.errors").ErrorResponse, match="500") as caught:
            to_file(depot, "package", tmp_path / "target")

        assert len(caught.value.response.content) == 1_048_576


def test_a_cancelled_download_leaves_nothing(depot: Depot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(os, "O_TMPFILE", raising=False)  # so that the file in progress has a name
    begun = asyncio.Event()

    async def slowly() -> AsyncIterator[bytes]:
        yield ZIP
        begun.set()
        await asyncio.sleep(60)

    async def answer(_: httpx.Request) -> httpx.Response:
        return httpx.Response(200, content=slowly())

    async def call() -> list[str]:
        async with httpx.AsyncClient(base_url="http://127.0.0.1", transport=httpx.MockTransport(answer)) as http:
            depot.client.set_async_httpx_client(http)
            task = asyncio.create_task(depot.client.depot.apackage_to_file(save_to=tmp_path / "w.yxzp"))
            await begun.wait()
            meanwhile = [path.name for path in tmp_path.iterdir()]
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            return meanwhile

    (partial,) = asyncio.run(call())
    assert partial.startswith(".w.yxzp.")
    assert partial.endswith(".part")
    assert list(tmp_path.iterdir()) == []

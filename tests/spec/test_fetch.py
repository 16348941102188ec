from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import httpx
import pytest
from ayx_spec import DocumentError, DocumentMissingError
from ayx_spec.fetch import Fetched, fetch, provenance_path, save

ROOT = "https://user:secret@server.example/webapi"
DOCUMENT = json.dumps({"swagger": "2.0", "info": {"title": "T", "version": "3"}, "paths": {}}).encode()
NOW = datetime(2026, 1, 2, 3, 4, 5, 678, tzinfo=UTC)
LOGIN = b"<html><head><title>Sign in to\nContoso</title></head><input TYPE='password'></html>"


@dataclass
class Reply:
    content: bytes = b""
    status_code: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


class Server:
    """Answers from a table of paths below the Web API address, and remembers what was asked."""

    def __init__(self, replies: dict[str, Reply]) -> None:
        self.replies = replies
        self.asked: list[str] = []

    def get(self, address: str) -> Reply:
        self.asked.append(address)
        return self.replies.get(address.removeprefix(ROOT), Reply(b"", 404))


def fetched(replies: dict[str, Reply], document: str = "3") -> Fetched:
    return fetch(Server(replies).get, ROOT + "/", document, now=lambda: NOW)


def test_the_usual_address() -> None:
    result = fetched({"/swagger/docs/3": Reply(DOCUMENT)})

    assert result.content == DOCUMENT
    assert result.provenance.address == "https://server.example/webapi/swagger/docs/3"
    assert result.provenance.fetched_at == "2026-01-02T03:04:05Z"
    assert result.provenance.sha256 == hashlib.sha256(DOCUMENT).hexdigest()
    assert (result.provenance.title, result.provenance.version, result.provenance.size) == ("T", "3", len(DOCUMENT))


@pytest.mark.parametrize(
    ("page", "address"),
    [
        (b"discoveryPaths: arrayFrom('swagger/docs/v2|swagger/docs/v3')", "/swagger/docs/v3"),
        (b'{"urls": [{"url": "/webapi/swagger/v3/swagger.json"}]}', "/swagger/v3/swagger.json"),
        (b"url: 'https://user:secret@server.example/webapi/swagger/docs/V3'", "/swagger/docs/V3"),
    ],
)
@pytest.mark.parametrize("place", ["/swagger", "/swagger/ui/index"])
def test_what_the_swagger_page_names(page: bytes, address: str, place: str) -> None:
    result = fetched({place: Reply(b"<html>" + page), address: Reply(DOCUMENT)})

    assert result.provenance.address.endswith(address)


def test_a_server_without_the_document_is_told_from_one_that_answers_something_else() -> None:
    with pytest.raises(DocumentMissingError, match="swagger/docs/1: status 404"):
        fetched({}, "1")
    for reply in (Reply(b"", 503), Reply(LOGIN), Reply(b"", 403), Reply(b"{")):
        with pytest.raises(DocumentError) as caught:
            fetched({"/swagger/docs/1": reply}, "1")
        assert not isinstance(caught.value, DocumentMissingError)


def test_a_page_cannot_lead_to_another_server() -> None:
    page = b"arrayFrom('https://evil.example/swagger/docs/3|//evil.example/swagger/docs/v3')"
    server = Server({"/swagger": Reply(page)})
    with pytest.raises(DocumentError):
        fetch(server.get, ROOT)

    assert {address.partition("/webapi")[0] for address in server.asked} == {ROOT.partition("/webapi")[0]}


@pytest.mark.parametrize(
    ("reply", "what"),
    [
        (Reply(LOGIN), 'a login page (an HTML page titled "Sign in to Contoso", not JSON)'),
        (Reply(b"<html><title>Gateway</title>"), 'an HTML page titled "Gateway", not JSON'),
        (Reply(b"<html><title>502 Bad Gateway</title>", 502), "status 502: an error page of the Server or of a proxy"),
        (Reply(b'{"message": "x"}', 401), "status 401"),
        (
            Reply(b"", 302, {"location": "https://u:p@sso.example/login?token=t"}),
            "redirected to https://sso.example/login",
        ),
        (Reply(DOCUMENT[:-20]), "the JSON ends in the middle: the file is truncated"),
        (Reply(b"{}"), "neither `swagger` nor `openapi`"),
        (Reply(b""), "the file is empty"),
    ],
)
def test_what_it_is_instead(reply: Reply, what: str) -> None:
    with pytest.raises(DocumentError) as caught:
        fetched({"/swagger/docs/3": reply, "/swagger": Reply(b"<html>'swagger/docs/v3'")})

    assert what in str(caught.value)
    assert str(caught.value).startswith("https://server.example/webapi/swagger/docs/3: ")
    assert "secret" not in str(caught.value)
    assert "token=" not in str(caught.value)


def test_exceptions_of_the_caller_pass_through() -> None:
    def get(address: str) -> Reply:
        raise ConnectionError(address)

    with pytest.raises(ConnectionError):
        fetch(get, ROOT)


def test_save_keeps_bytes_and_says_where_they_come_from(tmp_path: Path) -> None:
    path = tmp_path / "v3.swagger.json"
    path.write_text("older")
    save(fetched({"/swagger/docs/3": Reply(DOCUMENT + b"\r\n")}), path)

    assert path.read_bytes() == DOCUMENT + b"\r\n"
    provenance = json.loads(provenance_path(path).read_bytes())
    assert provenance["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()
    assert provenance["address"] == "https://server.example/webapi/swagger/docs/3"
    assert sorted(file.name for file in tmp_path.iterdir()) == ["v3.swagger.json", "v3.swagger.json.provenance.json"]


def test_a_failed_save_leaves_nothing_behind(tmp_path: Path) -> None:
    path = tmp_path / "folder"
    path.mkdir()
    with pytest.raises(OSError):  # noqa: PT011 - which one depends on the system
        save(fetched({"/swagger/docs/3": Reply(DOCUMENT)}), path)

    assert [file.name for file in tmp_path.iterdir()] == ["folder"]


def test_an_httpx_client_is_all_it_needs(loopback: Callable[[bytes], str]) -> None:
    with httpx.Client(trust_env=False) as client:
        result = fetch(client.get, loopback(DOCUMENT))

    assert result.content == DOCUMENT


@pytest.fixture
def loopback() -> object:
    servers = []

    def serve(content: bytes) -> str:
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                found = self.path == "/webapi/swagger/docs/3"
                self.send_response(200 if found else 404)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_: object) -> None:
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        Thread(target=server.serve_forever, daemon=True).start()
        servers.append(server)
        return f"http://127.0.0.1:{server.server_port}/webapi"

    yield serve
    for server in servers:
        server.shutdown()
        server.server_close()

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from urllib.parse import urlsplit

import httpx
import pytest
from ayx_spec import DocumentError, DocumentMissingError
from ayx_spec.fetch import Fetched, fetch, provenance_path, save
from hypothesis import given
from hypothesis import strategies as st

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


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize(
    "location",
    [
        "docs/v3.json",
        "/webapi/swagger/docs/v3.json#top",
        "//server.example/webapi/swagger/docs/v3.json",
        "https://server.example:443/webapi/swagger/docs/v3.json",
        "HTTPS://other:word@SERVER.example/webapi/swagger/docs/v3.json",
    ],
)
def test_a_redirect_within_the_server_is_followed_and_recorded(status: int, location: str) -> None:
    server = Server(
        {
            "/swagger/docs/3": Reply(b"", status, {"location": location}),
            "/swagger/docs/docs/v3.json": Reply(DOCUMENT),
            "/swagger/docs/v3.json": Reply(DOCUMENT),
        }
    )
    told = fetch(server.get, ROOT, now=lambda: NOW).provenance

    assert told.asked == "https://server.example/webapi/swagger/docs/3"
    assert told.address.endswith("v3.json")
    assert "@" not in told.address
    assert {address.partition("/webapi")[0] for address in server.asked} == {ROOT.partition("/webapi")[0]}


@pytest.mark.parametrize(
    ("location", "what"),
    [
        ("http://server.example/webapi/swagger/docs/3", "it leaves https"),
        (
            "http://u:p@evil.example/?token=t",
            "redirected to http://evil.example/, which is not followed: it leaves https",
        ),
        ("https://evil.example/x?token=t#f", "redirected to https://evil.example/x, which is another server"),
        ("//evil.example/x", "redirected to https://evil.example/x, which is another server"),
        ("https://server.example:8443/webapi", "redirected to https://server.example:8443/webapi, which is another"),
        ("https://server.example@evil.example/x", "redirected to https://evil.example/x, which is another server"),
        ("https://server.example\\@evil.example/x", "which is another server"),
        ("https://server.example.evil.example/x", "which is another server"),
        ("https://server.example./x", "which is another server"),
        ("https://sérver.example/x", "which is another server"),
        ("file:///etc/passwd", "redirected to file:///etc/passwd, which is no web address"),
        ("javascript:alert(1)", "which is no web address"),
        ("https://[::1/x", "redirected to what is no address"),
        ("https://server.example:99999/x", "redirected to what is no address"),
        ("https://evil.example/\x1b]0;owned\x07\u202e\u2028::error::", "https://evil.example/%1B]0;owned%07%E2%80%AE"),
        ("https://evil.example/" + "x" * 100_000, "xxx…, which is another server"),
    ],
)
def test_a_redirect_elsewhere_is_not_followed(location: str, what: str) -> None:
    server = Server(
        {
            place: Reply(b"", 302, {"location": location})
            for place in ("/swagger/docs/3", "/swagger", "/swagger/ui/index")
        }
    )
    with pytest.raises(DocumentError) as caught:
        fetch(server.get, ROOT)

    assert what in str(caught.value)
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) < 600
    assert not {"u:p", "token=t", "secret"} & set(str(caught.value).split("/"))
    assert server.asked == [f"{ROOT}/swagger/docs/3", f"{ROOT}/swagger", f"{ROOT}/swagger/ui/index"]


@pytest.mark.parametrize(("port", "follows"), [("", True), (":443", True), (":8443", False)])
def test_http_may_lead_to_https_of_the_same_host(port: str, follows: bool) -> None:
    secure = f"https://server.example{port}/webapi/swagger/docs/3"
    replies = {"http://server.example/webapi/swagger/docs/3": Reply(b"", 301, {"location": secure})}
    replies["https://server.example/webapi/swagger/docs/3"] = Reply(DOCUMENT)

    def get(address: str) -> Reply:
        return replies.get(address, Reply(b"", 404))

    if follows:
        told = fetch(get, "http://server.example/webapi").provenance
        assert (told.asked, told.address) == tuple(replies)
    else:
        with pytest.raises(DocumentError, match="another server"):
            fetch(get, "http://server.example/webapi")


def test_redirects_that_do_not_end() -> None:
    asked: list[str] = []

    def get(address: str) -> Reply:
        asked.append(address)
        return Reply(b"", 302, {"location": f"{address}x"})

    with pytest.raises(DocumentError, match="redirected more than 5 times"):
        fetch(get, ROOT)
    assert len(asked) == 18  # the document, and two pages that may name it


def test_a_login_page_behind_a_redirect_says_where_it_is() -> None:
    login = {
        "/swagger/docs/3": Reply(b"", 302, {"location": "/login?back=token=t"}),
        "https://user:secret@server.example/login?back=token=t": Reply(LOGIN),
    }
    with pytest.raises(DocumentError) as caught:
        fetched(login)
    assert "docs/3: redirected to https://server.example/login: a login page" in str(caught.value)
    assert "token=t" not in str(caught.value)


@given(location=st.text(min_size=1))
def test_whatever_a_redirect_says_stays_within_the_server_or_is_refused(location: str) -> None:
    server = Server({"/swagger/docs/3": Reply(b"", 302, {"location": location})})
    with pytest.raises(DocumentError) as caught:
        fetch(server.get, ROOT)
    assert str(caught.value).isprintable()
    assert {tuple(urlsplit(address)[:2]) for address in server.asked} == {tuple(urlsplit(ROOT)[:2])}


def test_a_document_of_too_many_values_is_none() -> None:
    wide = DOCUMENT[:-1] + b', "x": [' + b"{}," * 600_000 + b"{}]}"
    with pytest.raises(DocumentError, match="more than 500000 values"):
        fetched({"/swagger/docs/3": Reply(wide)})


def test_a_page_of_many_names_is_not_followed_up_for_ever() -> None:
    page = b"".join(b"'/webapi/%d/3/swagger.json'" % number for number in range(5000))
    server = Server({"/swagger": Reply(page)})
    with pytest.raises(DocumentError):
        fetch(server.get, ROOT)
    assert len(server.asked) < 50


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
    assert "asked" not in provenance
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

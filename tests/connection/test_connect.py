from __future__ import annotations

import asyncio
import json
import os
import socket
import ssl
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest
import trustme
from ayx_client import AuthenticatedClient
from ayx_connection.client import Server, connect
from ayx_connection.failures import (
    ConnectionFailedError,
    CredentialsWithheldError,
    ProxyError,
    SettingsError,
    TokenError,
    TrustError,
)
from ayx_connection.settings import Settings

StandIn = Any  # the class stands in conftest.py, which tests cannot import from
PAIR: dict[str, Any] = {"client_id": "8DA0000000000000", "client_secret": "5ec2e7" * 10}


@pytest.fixture
def server(stand_in: StandIn, ca_file: Path) -> Iterator[Server]:
    with connect(stand_in.base_url, ca_bundle=ca_file, **PAIR) as server:
        yield server


def test_three_lines_from_the_environment(stand_in: StandIn, ca_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALTERYX_BASE_URL", f"{stand_in.base_url}/gallery")
    monkeypatch.setenv("ALTERYX_CLIENT_ID", PAIR["client_id"])
    monkeypatch.setenv("ALTERYX_CLIENT_SECRET", PAIR["client_secret"])
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(ca_file))
    with connect() as server:
        response = server.request("GET", "/v3/collections", params={"view": "Full"})
    assert response.json() == {"path": "/webapi/v3/collections?view=Full"}
    headers = stand_in.calls[0].headers
    assert headers["accept"] == "application/json"
    assert headers["user-agent"].startswith("alteryx-server-toolkit/")
    assert stand_in.token_requests[0].headers["user-agent"] == headers["user-agent"]


def test_a_generated_function_takes_the_server_as_its_client(server: Server, stand_in: StandIn) -> None:
    from ayx_client.api.workflows import get_workflows

    stand_in.answers["/webapi/v3/workflows?view=Default"] = (200, {"Content-Type": "application/json"}, b"[]")
    stand_in.answers["/webapi/v3/workflows"] = stand_in.answers["/webapi/v3/workflows?view=Default"]
    assert isinstance(server, AuthenticatedClient)
    assert get_workflows.sync(client=server) == []

    async def run() -> object:
        async with server:
            return await get_workflows.asyncio(client=server)

    assert asyncio.run(run()) == []
    assert len(stand_in.token_requests) == 1


def test_operations_are_methods_of_the_server(server: Server, stand_in: StandIn) -> None:
    stand_in.answers["/webapi/v3/workflows"] = (200, {"Content-Type": "application/json"}, b"[]")
    assert server.workflows.get_workflows() == []
    with server.with_timeout(httpx.Timeout(9)) as other:
        assert other.workflows.get_workflows() == []

    async def run() -> object:
        async with server:
            return await server.workflows.aget_workflows()

    assert asyncio.run(run()) == []
    assert len(stand_in.token_requests) == 1


def test_sync_and_async_share_trust_and_token(server: Server, stand_in: StandIn) -> None:
    assert server.request("GET", "/v3/x").status_code == 200

    async def run() -> int:
        async with server:
            return (await server.arequest("GET", "/v3/x")).status_code

    assert asyncio.run(run()) == 200
    assert len(stand_in.token_requests) == 1


def test_many_threads_make_one_client(server: Server) -> None:
    fresh = server.with_headers({})
    barrier = threading.Barrier(10)

    def use(_number: int) -> int:
        barrier.wait(timeout=10)
        return id(fresh.get_httpx_client())

    with ThreadPoolExecutor(10) as pool:
        assert len(set(pool.map(use, range(10)))) == 1
    fresh.close()


def test_variants_leave_the_original_alone(server: Server, stand_in: StandIn) -> None:
    server.request("GET", "/v3/x")
    with server.with_headers({"X-Trace": "1"}).with_cookies({"a": "b"}).with_timeout(httpx.Timeout(1)) as variant:
        variant.request("GET", "/v3/y")
        assert variant.get_httpx_client().timeout == httpx.Timeout(1)
    server.request("GET", "/v3/z")
    _, varied, plain = stand_in.calls
    assert (varied.headers["x-trace"], varied.headers["cookie"]) == ("1", "a=b")
    assert "x-trace" not in plain.headers
    assert "cookie" not in plain.headers
    assert len(stand_in.token_requests) == 1


def test_timeouts_come_from_the_settings(stand_in: StandIn, ca_file: Path) -> None:
    with connect(stand_in.base_url, ca_bundle=ca_file, connect_timeout=2, read_timeout=7, **PAIR) as server:
        assert server.get_httpx_client().timeout == httpx.Timeout(7, connect=2)


def test_redirects_are_not_followed(server: Server, stand_in: StandIn) -> None:
    stand_in.answers["/webapi/v3/x"] = (302, {"Location": "/webapi/v3/y"}, b"")
    assert server.request("GET", "/v3/x").status_code == 302


def test_the_token_goes_to_no_other_place(server: Server, stand_in: StandIn) -> None:
    with pytest.raises(ValueError, match="another place"):
        server.request("GET", "https://127.0.0.1:1/v3/x")
    with pytest.raises(CredentialsWithheldError):
        server.get_httpx_client().request("GET", "https://127.0.0.1:1/v3/x")
    assert stand_in.received == []


def test_netrc_does_not_replace_the_token(
    server: Server, stand_in: StandIn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    netrc = tmp_path / ".netrc"
    netrc.write_text("machine localhost login me password geheim\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    monkeypatch.setenv("HOME", str(tmp_path))
    server.request("GET", "/v3/x")
    assert stand_in.calls[0].headers["authorization"] == "Bearer token-1"


def test_settings_that_are_loaded_already(stand_in: StandIn, ca_file: Path) -> None:
    settings = Settings.load({"base_url": stand_in.base_url, "ca_bundle": ca_file, **PAIR}, {}, None, None)
    with connect(settings=settings) as server:
        assert server.request("GET", "/v3/x").status_code == 200
    with pytest.raises(TypeError, match="either"):
        connect("https://host", settings=settings)


# What connect() refuses


@pytest.mark.parametrize(
    ("arguments", "kind", "code"),
    [
        ({}, SettingsError, "config.url_missing"),
        ({"base_url": "a..b"}, SettingsError, "config.host_label_invalid"),
        ({"base_url": "https://host"}, SettingsError, "config.credentials_missing"),
        ({"base_url": "https://host", "client_id": "x"}, SettingsError, "config.credentials_missing"),
        ({"base_url": "https://host", **PAIR, "client_secret": "x\n"}, SettingsError, "config.whitespace"),
        ({"base_url": "http://host", **PAIR}, CredentialsWithheldError, "token.plaintext"),
        ({"base_url": "https://host", "verify": False, **PAIR}, CredentialsWithheldError, None),
        ({"base_url": "https://host", "proxy": "proxy:1", **PAIR}, ProxyError, "proxy.url_invalid"),
        ({"base_url": "https://host", "ca_bundle": "/no/file", **PAIR}, TrustError, "tls.ca_bundle_unreadable"),
    ],
)
def test_what_cannot_work_is_refused_before_anything_is_sent(
    arguments: dict[str, Any], kind: type[Exception], code: str | None
) -> None:
    with pytest.raises(kind) as caught:
        connect(**arguments)
    assert getattr(caught.value, "code", None) == code
    assert PAIR["client_secret"] not in str(caught.value)


def test_a_problem_names_the_argument() -> None:
    with pytest.raises(SettingsError, match="argument read_timeout"):
        connect("https://host", read_timeout="soon", **PAIR)


def test_plain_http_on_loopback_needs_no_permission(plain: StandIn) -> None:
    with connect(plain.base_url, **PAIR) as server:
        assert server.request("GET", "/v3/x").status_code == 200


# Proxies


def test_through_a_proxy_with_a_password(stand_in: StandIn, ca_file: Path, start_proxy: Callable[..., Any]) -> None:
    proxy = start_proxy()
    address = f"http://me:p%40ss@127.0.0.1:{proxy.port}"
    with connect(stand_in.base_url, ca_bundle=ca_file, proxy=address, **PAIR) as server:
        assert server.request("GET", "/v3/x").status_code == 200
        assert (server.route.kind, server.route.origin) == ("proxy", "argument proxy")
        assert "ss" not in repr(server).replace("<Server https", "")
    head = proxy.heads[0]
    assert head.startswith(f"CONNECT localhost:{stand_in.port} ")
    assert "proxy-authorization: basic bwu6cebzcw==" in head.lower()
    assert "bearer" not in head.lower()


def test_the_secret_never_passes_a_proxy_in_the_clear() -> None:
    """http:// on loopback needs no permission; through a proxy it is read on the way all the same."""
    options = {**PAIR, "proxy": "http://127.0.0.1:9"}
    with pytest.raises(CredentialsWithheldError, match="would read them") as caught:
        connect("http://localhost", **options)
    assert PAIR["client_secret"] not in str(caught.value)
    connect("http://localhost", allow_http=True, **options).close()


def test_an_encrypted_proxy_is_verified_with_the_same_trust(
    stand_in: StandIn, ca_file: Path, start_proxy: Callable[..., Any], server_context: ssl.SSLContext
) -> None:
    proxy = start_proxy(server_context)
    address = f"https://localhost:{proxy.port}"
    with connect(stand_in.base_url, ca_bundle=ca_file, proxy=address, **PAIR) as server:
        assert server.request("GET", "/v3/x").status_code == 200
    assert len(proxy.heads) == 1


def test_the_environment_decides_once_and_no_proxy_ignores_it(
    stand_in: StandIn, ca_file: Path, start_proxy: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    proxy = start_proxy()
    monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{proxy.port}")
    with connect(stand_in.base_url, ca_bundle=ca_file, **PAIR) as server:
        assert server.request("GET", "/v3/x").status_code == 200
    assert len(proxy.heads) == 1
    with connect(stand_in.base_url, ca_bundle=ca_file, no_proxy_at_all=True, **PAIR) as server:
        assert server.request("GET", "/v3/x").status_code == 200
    monkeypatch.setenv("NO_PROXY", "[::1],localhost")  # httpx itself fails on the first of these
    with connect(stand_in.base_url, ca_bundle=ca_file, **PAIR) as server:
        assert server.request("GET", "/v3/x").status_code == 200
    assert len(proxy.heads) == 1


@pytest.mark.parametrize(("status", "code"), [(407, "proxy.auth_required"), (403, "proxy.denied"), (502, None)])
def test_a_proxy_that_refuses(
    status: int, code: str | None, stand_in: StandIn, ca_file: Path, start_proxy: Callable[..., Any]
) -> None:
    proxy = start_proxy()
    proxy.status = status
    address = f"http://me:geheim@127.0.0.1:{proxy.port}"
    with (
        connect(stand_in.base_url, ca_bundle=ca_file, proxy=address, **PAIR) as server,
        pytest.raises(ConnectionFailedError) as caught,
    ):
        server.request("GET", "/v3/x")
    assert isinstance(caught.value, httpx.ProxyError)
    assert (caught.value.stage, caught.value.code) == ("proxy", code)
    assert "geheim" not in str(caught.value)
    assert stand_in.received == []


def test_a_proxy_that_is_not_there_is_blamed(stand_in: StandIn, ca_file: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    with (
        connect(stand_in.base_url, ca_bundle=ca_file, proxy=f"http://127.0.0.1:{port}", **PAIR) as server,
        pytest.raises(httpx.ConnectError, match="through proxy") as caught,
    ):
        server.request("GET", "/v3/x")
    assert isinstance(caught.value, ConnectionFailedError)
    assert caught.value.stage == "proxy"


# Trust


def test_a_server_that_is_not_trusted_gets_nothing(stand_in: StandIn) -> None:
    with connect(stand_in.base_url, **PAIR) as server, pytest.raises(httpx.ConnectError) as caught:
        server.request("GET", "/v3/x")
    assert isinstance(caught.value, ConnectionFailedError)
    assert caught.value.stage == "tls"
    assert stand_in.received == []


def test_a_wrong_name_is_certain(ca_file: Path, start: Callable[..., StandIn], authority: trustme.CA) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("other.example").configure_cert(context)
    other = start(context)
    for url, code in (
        (other.base_url, "tls.hostname_mismatch"),
        (f"https://127.0.0.1:{other.port}", "tls.ip_mismatch"),
    ):
        with connect(url, ca_bundle=ca_file, **PAIR) as server, pytest.raises(ConnectionFailedError) as caught:
            server.request("GET", "/v3/x")
        assert (caught.value.stage, caught.value.code) == ("tls", code)


def test_a_client_certificate_is_shown(
    start: Callable[..., StandIn], authority: trustme.CA, ca_file: Path, tmp_path: Path
) -> None:
    demanding = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(demanding)
    authority.configure_trust(demanding)
    demanding.verify_mode = ssl.CERT_REQUIRED
    stand_in = start(demanding)
    issued = authority.issue_cert("robot@example.com")
    issued.private_key_and_cert_chain_pem.write_to_path(str(tmp_path / "robot.pem"))
    with connect(stand_in.base_url, ca_bundle=ca_file, client_cert=tmp_path / "robot.pem", **PAIR) as server:
        assert server.request("GET", "/v3/x").status_code == 200
    with connect(stand_in.base_url, ca_bundle=ca_file, **PAIR) as server, pytest.raises(ConnectionFailedError):
        server.request("GET", "/v3/x")


# What can go wrong on the way


def test_a_name_that_does_not_resolve(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_arguments: object, **_more: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    with connect("https://ayx.invalid", **PAIR) as server, pytest.raises(httpx.ConnectError) as caught:
        server.request("GET", "/v3/x")
    assert isinstance(caught.value, ConnectionFailedError)
    assert (caught.value.stage, caught.value.code) == ("dns", None)


def test_a_closed_port() -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    with connect(f"https://127.0.0.1:{port}", **PAIR) as server, pytest.raises(httpx.ConnectError) as caught:
        server.request("GET", "/v3/x")
    error = caught.value
    assert isinstance(error, ConnectionFailedError)
    assert (error.stage, error.code) == ("tcp", None)
    assert type(error.__cause__) is httpx.ConnectError
    assert error.request.url.path == "/webapi/oauth2/token"
    assert str(error).endswith("run `ayxctl diagnose`")


def test_a_silent_server() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        silent_port = silent.getsockname()[1]
        with (
            connect(f"https://127.0.0.1:{silent_port}", connect_timeout=0.2, **PAIR) as server,
            pytest.raises(httpx.ConnectTimeout) as handshake,
        ):
            server.request("GET", "/v3/x")
        with (
            connect(f"http://127.0.0.1:{silent_port}", read_timeout=0.2, **PAIR) as server,
            pytest.raises(httpx.ReadTimeout) as waiting,
        ):
            server.request("GET", "/v3/x")
    assert isinstance(handshake.value, ConnectionFailedError)
    assert isinstance(waiting.value, ConnectionFailedError)
    assert (handshake.value.stage, waiting.value.stage) == ("tls", "token")


def test_the_same_failure_asynchronously() -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]

    async def run() -> None:
        async with connect(f"https://127.0.0.1:{port}", **PAIR) as server:
            await server.arequest("GET", "/v3/x")

    with pytest.raises(ConnectionFailedError) as caught:
        asyncio.run(run())
    assert isinstance(caught.value, httpx.ConnectError)
    assert caught.value.stage == "tcp"


def test_a_body_that_breaks_off(server: Server, stand_in: StandIn) -> None:
    stand_in.answers["/webapi/v3/x"] = (200, {"Content-Length": "100", "Connection": "close"}, b"short")
    with pytest.raises(httpx.RemoteProtocolError) as caught:
        server.request("GET", "/v3/x")
    assert isinstance(caught.value, ConnectionFailedError)
    assert caught.value.stage == "http"


class Flaky(httpx.BaseTransport, httpx.AsyncBaseTransport):
    """Breaks the connection once, as a stale one does, and then works."""

    def __init__(self) -> None:
        self.sent: list[str] = []

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self.sent.append(request.method)
        if len(self.sent) == 1:
            raise httpx.RemoteProtocolError("Server disconnected without sending a response.")
        return httpx.Response(200, content=b"ok")

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        return self.handle_request(request)


@pytest.mark.parametrize(("method", "sent"), [("GET", ["GET", "GET"]), ("POST", ["POST"])])
def test_only_a_request_that_changes_nothing_is_sent_again_over_a_new_connection(method: str, sent: list[str]) -> None:
    from ayx_connection.proxy import Route
    from ayx_connection.redaction import Redactor
    from ayx_connection.transport import AsyncReportingTransport, Bounds, ReportingTransport

    direct, bounds = Route("direct", None, "default"), Bounds(1000)
    once = Flaky()
    with httpx.Client(transport=ReportingTransport(once, direct, bounds, Redactor())) as client:
        if method == "POST":
            with pytest.raises(ConnectionFailedError):
                client.request(method, "https://host/")
        else:
            assert client.request(method, "https://host/").text == "ok"
    assert once.sent == sent
    again = Flaky()

    async def run() -> int:
        async with httpx.AsyncClient(transport=AsyncReportingTransport(again, direct, bounds, Redactor())) as client:
            return (await client.request(method, "https://host/")).status_code

    if method == "GET":
        assert asyncio.run(run()) == 200
    else:
        with pytest.raises(ConnectionFailedError):
            asyncio.run(run())
    assert again.sent == sent


def test_nothing_of_a_server_shows_its_secrets(server: Server) -> None:
    server.request("GET", "/v3/x")
    parts = [server, server._access, server.get_httpx_client(), vars(server)]
    for part in parts:
        assert PAIR["client_secret"] not in repr(part)
        assert "token-1" not in repr(part)


def test_a_refused_pair_names_who_answered(stand_in: StandIn, ca_file: Path) -> None:
    with (
        connect(stand_in.base_url, ca_bundle=ca_file, client_id="x", client_secret="y" * 64) as server,
        pytest.raises(TokenError, match="My Profile") as caught,
    ):
        server.request("GET", "/v3/x")
    assert "Server 'BaseHTTP" in caught.value.answered_by


# Start-up


def test_importing_the_package_imports_no_http_library() -> None:
    program = (
        "import sys, json, ayx_connection;"
        "from ayx_connection import Settings, parse_address, AyxError, select_route, token_request;"
        "print(json.dumps(sorted({'httpx', 'ayx_client', 'truststore', 'anyio', 'platformdirs'} & set(sys.modules))))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, env=os.environ)
    assert json.loads(done.stdout) == []

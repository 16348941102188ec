"""A small Server and a small proxy on loopback, with real sockets and real handshakes."""

from __future__ import annotations

import base64
import http.server
import json
import socket
import socketserver
import ssl
import threading
import time
import urllib.parse
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import trustme

CLIENT_ID = "8DA0000000000000"
CLIENT_SECRET = "5ec2e7" * 10

Answer = tuple[int, dict[str, str], bytes]


@dataclass
class Received:
    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def form(self) -> dict[str, str]:
        return dict(urllib.parse.parse_qsl(self.body.decode()))


@dataclass
class StandIn:
    """What the Server does; tests change it while it runs."""

    port: int = 0
    scheme: str = "https"
    styles: frozenset[str] = frozenset({"body", "basic"})
    expires_in: object = 3599
    token_delay_s: float = 0.0
    token_answer: Answer | None = None
    answers: dict[str, Answer] = field(default_factory=dict)
    valid: set[str] = field(default_factory=set)
    received: list[Received] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def base_url(self) -> str:
        return f"{self.scheme}://localhost:{self.port}"

    @property
    def token_url(self) -> str:
        return f"{self.base_url}/webapi/oauth2/token"

    @property
    def token_requests(self) -> list[Received]:
        return [received for received in self.received if received.path.endswith("/oauth2/token")]

    @property
    def calls(self) -> list[Received]:
        return [received for received in self.received if not received.path.endswith("/oauth2/token")]

    def answer(self, received: Received) -> Answer:
        with self.lock:
            self.received.append(received)
        if received.path.endswith("/oauth2/token"):
            return self.token(received)
        if received.path in self.answers:
            return self.answers[received.path]
        if received.headers.get("authorization", "").removeprefix("Bearer ") not in self.valid:
            return _json(401, {"message": "Authorization has been denied for this request."})
        return _json(200, {"path": received.path})

    def token(self, received: Received) -> Answer:
        time.sleep(self.token_delay_s)
        if self.token_answer is not None:
            return self.token_answer
        authorization = received.headers.get("authorization", "")
        style = "basic" if authorization else "body"
        pair = (received.form.get("client_id"), received.form.get("client_secret"))
        if authorization:
            decoded = base64.b64decode(authorization.removeprefix("Basic ")).decode()
            pair = tuple(map(urllib.parse.unquote_plus, decoded.split(":")))  # type: ignore[assignment]  # two of them
        if style not in self.styles or pair != (CLIENT_ID, CLIENT_SECRET):
            return _json(400, {"error": "invalid_client"})
        with self.lock:
            token = f"token-{len(self.token_requests)}"
            self.valid.add(token)
        return _json(200, {"access_token": token, "token_type": "bearer", "expires_in": self.expires_in})


def _json(status: int, content: object) -> Answer:
    return status, {"Content-Type": "application/json"}, json.dumps(content).encode()


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server
    timeout = 10
    disable_nagle_algorithm = True

    def setup(self) -> None:
        super().setup()
        if isinstance(self.request, ssl.SSLSocket):
            self.request.do_handshake()

    def _answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        headers = {name.lower(): value for name, value in self.headers.items()}
        status, names, content = self.server.stand_in.answer(Received(self.command, self.path, headers, body))
        self.send_response(status)
        for name, value in {"Content-Length": str(len(content)), **names}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_POST = do_PUT = _answer  # noqa: N815 -- the names that http.server looks for

    def log_message(self, *_arguments: object) -> None: ...


class _Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def __init__(self, stand_in: StandIn, context: ssl.SSLContext | None) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.stand_in = stand_in
        if context is not None:
            self.socket = context.wrap_socket(self.socket, server_side=True, do_handshake_on_connect=False)

    def handle_error(self, *_arguments: object) -> None:
        """Stay quiet: clients of these tests break connections on purpose."""


@pytest.fixture(scope="session")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(scope="session")
def ca_file(authority: trustme.CA, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("ca") / "ca.pem"
    authority.cert_pem.write_to_path(str(path))
    return path


@pytest.fixture(scope="session")
def server_context(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost", "127.0.0.1").configure_cert(context)
    return context


@pytest.fixture
def start() -> Iterator[Callable[..., StandIn]]:
    """Start a stand-in Server over a TLS context, or over plain http for None."""
    running: list[_Server] = []

    def begin(context: ssl.SSLContext | None) -> StandIn:
        stand_in = StandIn(scheme="http" if context is None else "https")
        server = _Server(stand_in, context)
        stand_in.port = server.server_address[1]
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        running.append(server)
        return stand_in

    yield begin
    for server in running:
        server.shutdown()
        server.server_close()


@pytest.fixture
def stand_in(start: Callable[..., StandIn], server_context: ssl.SSLContext) -> StandIn:
    return start(server_context)


@pytest.fixture
def plain(start: Callable[..., StandIn]) -> StandIn:
    return start(None)


@pytest.fixture(autouse=True)
def _no_outside_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Keep the developer's own settings, proxies and files out of the tests."""
    import os

    for name in list(os.environ):
        if name.upper().startswith(("ALTERYX_", "SSL_CERT_", "REQUESTS_CA")) or name.upper().endswith("_PROXY"):
            monkeypatch.delenv(name)
    monkeypatch.setattr("ayx_connection.settings.sources.user_file_path", lambda: tmp_path / "no-such-file.toml")


class _Tunnel(socketserver.BaseRequestHandler):
    server: TunnelServer

    def handle(self) -> None:
        self.request.settimeout(10)
        head = b""
        while b"\r\n\r\n" not in head and (part := self.request.recv(4096)):
            head += part
        self.server.heads.append(head.decode("latin-1"))
        if self.server.status != 200:
            self.request.sendall(f"HTTP/1.1 {self.server.status} No\r\nContent-Length: 0\r\n\r\n".encode())
            return
        host, _, port = head.split()[1].decode().rpartition(":")
        with socket.create_connection((host, int(port)), timeout=5) as onward:
            self.request.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
            back = threading.Thread(target=_copy, args=(onward, self.request), daemon=True)
            back.start()
            _copy(self.request, onward)
            back.join(timeout=5)


def _copy(source: socket.socket, sink: socket.socket) -> None:
    try:
        while part := source.recv(65536):
            sink.sendall(part)
        sink.shutdown(socket.SHUT_WR)
    except OSError:
        pass  # the other side has gone: nothing left to copy


class TunnelServer(socketserver.ThreadingTCPServer):
    """A proxy that knows CONNECT and nothing else."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, context: ssl.SSLContext | None = None) -> None:
        super().__init__(("127.0.0.1", 0), _Tunnel)
        self.heads: list[str] = []
        self.status = 200
        self.port = self.server_address[1]
        if context is not None:
            self.socket = context.wrap_socket(self.socket, server_side=True)

    def handle_error(self, *_arguments: object) -> None:
        """Stay quiet: clients of these tests break connections on purpose."""


@pytest.fixture
def start_proxy() -> Iterator[Callable[..., TunnelServer]]:
    running: list[TunnelServer] = []

    def begin(context: ssl.SSLContext | None = None) -> TunnelServer:
        proxy = TunnelServer(context)
        threading.Thread(target=proxy.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        running.append(proxy)
        return proxy

    yield begin
    for proxy in running:
        proxy.shutdown()
        proxy.server_close()

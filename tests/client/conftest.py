"""A loopback server with prepared answers, and a client of it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest
from ayx_client import AuthenticatedClient


@dataclass
class Request:
    """A request as it arrived."""

    method: str
    path: str
    headers: dict[str, str]
    content: bytes

    def parts(self) -> dict[str, Message]:
        """Return the parts of a multipart form by name."""
        head = f"Content-Type: {self.headers['content-type']}\r\n\r\n".encode()
        message = message_from_bytes(head + self.content)
        assert message.is_multipart()
        parts = [part for part in message.walk() if not part.is_multipart()]
        return {str(part.get_param("name", header="content-disposition")): part for part in parts}


@dataclass
class Loopback:
    """Answers every request with what a test has prepared, and remembers what arrived."""

    address: str = ""
    status: int = 200
    content_type: str = "application/json"
    content: bytes = b""
    requests: list[Request] = field(default_factory=list)

    def answers(self, value: Any, status: int = 200) -> None:
        """Prepare a JSON answer."""
        self.text(json.dumps(value), "application/json; charset=utf-8", status)

    def text(self, text: str, content_type: str, status: int = 200) -> None:
        """Prepare any answer."""
        self.status, self.content_type, self.content = status, content_type, text.encode()


@pytest.fixture
def server() -> Iterator[Loopback]:
    """The loopback server."""
    loopback = Loopback()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answer(self) -> None:
            content = self.read()
            headers = {name.lower(): value for name, value in self.headers.items()}
            loopback.requests.append(Request(self.command, self.path, headers, content))
            self.send_response(loopback.status, "prepared")
            self.send_header("Content-Type", loopback.content_type)
            self.send_header("Content-Length", str(len(loopback.content)))
            self.send_header("Connection", "close")
            self.end_headers()
            self.wfile.write(loopback.content)

        def read(self) -> bytes:
            if self.headers.get("transfer-encoding") != "chunked":
                return self.rfile.read(int(self.headers.get("content-length", 0)))
            chunks = []
            while size := int(self.rfile.readline(), 16):
                chunks.append(self.rfile.read(size))
                self.rfile.readline()
            return b"".join(chunks)

        do_GET = do_POST = do_PUT = do_DELETE = answer  # noqa: N815 - the names that the base class looks for

        def log_message(self, *_: object) -> None:
            pass

    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=http.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    loopback.address = f"http://127.0.0.1:{http.server_port}/webapi"
    yield loopback
    http.shutdown()
    http.server_close()
    thread.join()


@pytest.fixture
def client(server: Loopback) -> Iterator[AuthenticatedClient]:
    """A client of the loopback server."""
    with AuthenticatedClient(base_url=server.address, token="t0k3n", httpx_args={"trust_env": False}) as client:
        yield client

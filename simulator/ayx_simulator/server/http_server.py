"""The sockets of the stand-in Server: TLS, keep-alive, and answers that end before they are complete.

pytest-httpserver (on Werkzeug) reads the requests. Two things of it are replaced. The TLS handshake runs in the
connection's own thread, so that a client that only opens a TCP connection does not stop the server for everybody else;
and connections stay open between requests, as those of http.sys do.
"""

from __future__ import annotations

import contextlib
import errno
import socket
import ssl
import struct
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from email.utils import formatdate
from typing import TYPE_CHECKING, Any, Literal

from pytest_httpserver import HTTPServerError
from pytest_httpserver.httpserver import HTTPServerBase
from werkzeug.serving import ThreadedWSGIServer, WSGIRequestHandler
from werkzeug.wrappers import Request, Response

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

__all__ = ["BrokenResponse", "HttpListener", "local_address", "open_sockets"]

_BROKEN = "ayx_simulator.broken_response"
_IDLE_TIMEOUT_S = 60.0
_LOOPBACK = ("127.0.0.1", "::1")
_PORT_ATTEMPTS = 20
#: What http.sys, in whose process no web server of its own runs, calls itself.
SERVER_FIELD = "Microsoft-HTTPAPI/2.0"


class BrokenResponse(Response):
    """A response that is announced whole and sent in part.

    Args:
        response: What would be sent.
        body_sent: How many octets of the body are sent; ``None`` stands for not even the status line.
        then: ``close`` sends FIN, ``reset`` sends RST, ``hold`` is silent until the client leaves or the server stops.
    """

    def __init__(self, response: Response, body_sent: int | None, then: Literal["close", "reset", "hold"]) -> None:
        super().__init__(response.get_data(), response.status, response.headers)
        self.body_sent = body_sent
        self.then = then

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Let the connection know, then start as any response does."""
        environ[_BROKEN] = self
        return super().__call__(environ, start_response)


def local_address(request: Request) -> str:
    """Return the address of this machine that the client called."""
    address: str = request.environ["werkzeug.socket"].getsockname()[0]
    return address


def open_sockets(bind: Sequence[str] | None, port: int) -> list[socket.socket]:
    """Listen on the same port of every address.

    Args:
        bind: The addresses; ``None`` for both loopback addresses, IPv6 only where the machine has it.
        port: The port; 0 lets the system choose.

    Raises:
        OSError: An address is not of this machine, or the port is taken.
    """
    addresses = _LOOPBACK if bind is None else tuple(bind)
    attempts = 1 if port else _PORT_ATTEMPTS
    for attempt in range(1, attempts + 1):
        opened = [_listening(addresses[0], port)]
        chosen = opened[0].getsockname()[1]
        try:
            for address in addresses[1:]:
                opened += _opened(address, chosen, optional=bind is None)
        except OSError:
            for each in opened:
                each.close()
            if attempt == attempts:
                raise
            continue
        return opened
    raise AssertionError  # the loop returns or raises


def _listening(address: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    return socket.create_server((address, port), family=family, backlog=128)


def _opened(address: str, port: int, *, optional: bool) -> Iterator[socket.socket]:
    try:
        yield _listening(address, port)
    except OSError as error:
        # Taken by another program: try a port that is free everywhere. Anything else: no such address here.
        if not optional or error.errno == errno.EADDRINUSE:
            raise


class HttpListener(HTTPServerBase):
    """One listening address.

    Args:
        listening: A socket that listens; the listener owns it from now on.
        context: Server side of TLS; ``None`` for plain HTTP.
        answer: What turns a request into a response.
    """

    def __init__(
        self, listening: socket.socket, context: ssl.SSLContext | None, answer: Callable[[Request], Response]
    ) -> None:
        address, port = listening.getsockname()[:2]
        super().__init__(address, port, context, threaded=True)
        self._listening = listening
        self._answer = answer

    def start(self) -> None:
        """Serve in a thread.

        Raises:
            HTTPServerError: It serves already.
        """
        if self.is_running():
            raise HTTPServerError("Server is already running")
        self.server = _TlsServer(self._listening, self.ssl_context, Request.application(self.application))
        self._listening.close()
        self.server_thread = threading.Thread(target=self.thread_target, name=f"simulator {self.host}", daemon=True)
        self.server_thread.start()

    def thread_target(self) -> None:
        """Serve until stopped, looking often enough whether that is asked for."""
        if self.server is not None:
            self.server.serve_forever(poll_interval=0.05)

    def stop(self) -> None:
        """End every connection and the listening."""
        if isinstance(self.server, _TlsServer):
            self.server.end_connections()
        super().stop()

    def application(self, request: Request) -> Response:
        """Answer one request; unlike in the base class, nothing of it is kept, because it holds secrets."""
        request.get_data()
        return self.dispatch(request)

    def dispatch(self, request: Request) -> Response:
        """Answer one request and keep an exception of the simulator itself for ``check()``."""
        try:
            return self._answer(request)
        except Exception as error:  # noqa: BLE001  # a defect of the simulator must not look like a network fault
            self.handler_errors.append(error)
            return Response('{"message":"An error has occurred."}', 500, content_type="application/json")


class _Handler(WSGIRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    # Head and body leave in one piece and at once; apart they would wait 40 ms for a delayed ACK (RFC 9293 3.8.6.3).
    wbufsize = 65536
    disable_nagle_algorithm = True
    server: _TlsServer

    def handle(self) -> None:
        """Shake hands, then answer requests until one side ends the connection."""
        self.connection.settimeout(_IDLE_TIMEOUT_S)
        # A client that leaves, stalls or speaks no TLS is what this server exists for: no error of the server.
        with contextlib.suppress(OSError, ssl.SSLError):
            if isinstance(self.connection, ssl.SSLSocket):
                self.connection.do_handshake()
            super().handle()

    def finish(self) -> None:
        """Let both files of the connection go, also when the client left before all was written."""
        try:
            super().finish()
        except (OSError, ValueError):  # from the rest of what was to be written: the base class stops there
            self.rfile.close()

    def run_wsgi(self) -> None:
        """Answer one request and keep the connection."""
        if self.headers.get("Expect", "").strip().lower() == "100-continue":
            self.wfile.write(b"HTTP/1.1 100 Continue\r\n\r\n")
            self.wfile.flush()
        self.environ = environ = self.make_environ()
        started: list[tuple[str, list[tuple[str, str]]]] = []

        def start_response(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Callable[[bytes], Any]:
            del exc_info
            started.append((status, headers))
            return self.wfile.write

        body = b"".join(self.server.app(environ, start_response))
        status, headers = started[-1]
        if self.headers.get("Connection", "").strip().lower() == "close":
            headers = [*headers, ("Connection", "close")]  # RFC 9112 9.6: who was asked to close says that it does
        broken = environ.get(_BROKEN)
        if isinstance(broken, BrokenResponse):
            self._send_in_part(broken, status, headers, body)
            return
        self._send(status, headers, body)

    def _send(self, status: str, headers: list[tuple[str, str]], body: bytes) -> None:
        code, _, phrase = status.partition(" ")
        self.send_response_only(int(code), phrase)
        names = {name.lower() for name, _ in headers}
        if "server" not in names:
            self.send_header("Server", SERVER_FIELD)
        if "date" not in names:
            self.send_header("Date", formatdate(usegmt=True))
        for name, value in headers:
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()

    def _send_in_part(self, broken: BrokenResponse, status: str, headers: list[tuple[str, str]], body: bytes) -> None:
        self.close_connection = True
        if broken.body_sent is not None:
            self._send(status, headers, body[: broken.body_sent])
        if broken.then == "hold":
            self._hold()
        elif broken.then == "reset":
            # A linger time of zero makes close() send RST (socket(7)); the TLS layer must not say goodbye first.
            linger = struct.pack("hh" if sys.platform == "win32" else "ii", 1, 0)
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            self.server.forget(self.request)
            self.connection.close()

    def _hold(self) -> None:
        self.connection.settimeout(0.1)
        while not self.server.ending.is_set():
            try:
                if not self.connection.recv(1):
                    return
            except TimeoutError:
                continue

    def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002  # the base class names it so
        """Write nothing: what was asked is in the simulator's own log, without secrets."""


class _TlsServer(ThreadedWSGIServer):
    """Accepts connections; each is served in its own thread."""

    daemon_threads = True

    def __init__(self, listening: socket.socket, context: ssl.SSLContext | None, app: Any) -> None:
        host, port = listening.getsockname()[:2]
        super().__init__(host, port, app, _Handler, fd=listening.fileno())
        self.ssl_context = context
        self.ending = threading.Event()
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()

    def get_request(self) -> tuple[socket.socket, Any]:
        """Accept without shaking hands, which may take as long as the client likes."""
        accepted, address = super().get_request()
        if self.ssl_context is not None:
            accepted = self.ssl_context.wrap_socket(accepted, server_side=True, do_handshake_on_connect=False)
        with self._lock:
            self._open.add(accepted)
        return accepted, address

    def shutdown_request(self, request: Any) -> None:
        """Say goodbye in TLS too (RFC 8446 6.1), without waiting for the client's."""
        if request not in self._open:
            return
        if isinstance(request, ssl.SSLSocket):
            with contextlib.suppress(OSError, ValueError):
                request.settimeout(0)
                request.unwrap()
        self.forget(request)
        super().shutdown_request(request)

    def forget(self, request: socket.socket) -> None:
        """Drop a connection that has been ended."""
        with self._lock:
            self._open.discard(request)

    def end_connections(self) -> None:
        """End what is still open, so that no thread outlives the server."""
        self.ending.set()
        with self._lock:
            still_open = list(self._open)
        for connection in still_open:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

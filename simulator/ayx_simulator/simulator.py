"""The stand-in Server as a whole: its addresses, its certificate, its users, and what is asked of it."""

from __future__ import annotations

import contextlib
import ssl
import tempfile
import threading
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

import trustme
from werkzeug.wrappers import Request, Response

from .faults.table import Faults
from .server.api import Api
from .server.documents import Documents
from .server.host import Host
from .server.http_server import BrokenResponse, HttpListener, open_sockets
from .server.records import ApiUser
from .server.seeds import fill
from .server.state import State
from .server.token_endpoint import TokenEndpoint

__all__ = ["LoggedRequest", "Simulator"]

_CERTIFIED_NAMES = ("localhost", "127.0.0.1", "::1")
_LOG_LENGTH = 10_000


@dataclass(frozen=True, slots=True)
class LoggedRequest:
    """One request that was answered; nothing in it is secret.

    Attributes:
        method: Such as ``GET``.
        path: From the host on, without the query.
        status: What was answered; 0 if nothing was.
        content_type: The request's media type, without parameters.
    """

    method: str
    path: str
    status: int
    content_type: str = ""


class Simulator:
    """A stand-in Alteryx Server on loopback, over real TLS.

    Use it as a context manager; it is ready once entered. Everything about it can be changed while it runs: ``faults``,
    ``state``, ``tokens.lifetime_s`` and the clock (``advance``); ``reset`` undoes all of it.

    Args:
        host: The name in its address.
        port: The port; 0 lets the system choose.
        bind: Addresses to listen on; ``None`` for both loopback addresses, as far as the machine has them.
        base_path: Where the Web API lives.
        advertised: The Web API address that the documents name; ``None`` for the right one.
        host_names: Further names and addresses for the certificate.
        certificate: PEM chain, leaf first, instead of a made-up one; needs ``key``.
        key: PEM key for ``certificate``.
        ca_bundle: PEM file of what ``certificate`` leads to.
        plain_http: No TLS at all, as on a default installation.
        client_id: The Curator's API access key; ``None`` for a made-up one.
        client_secret: The Curator's API access secret; ``None`` for a made-up one.
        token_lifetime_s: How long a token is good.
        job_duration_s: How long a job takes; ``None`` lets it advance with every question about it.
        quirks: Whether answers deviate from the document where those of the real Server do (a user list in the short
            form, lists that the document calls one object, null in required members).
        documents: Folder with the Swagger documents; ``None`` for the project's own.
        generation: Which Server's documents; ``None`` for the newest.
    """

    def __init__(
        self,
        *,
        host: str = "localhost",
        port: int = 0,
        bind: Sequence[str] | None = None,
        base_path: str = "/webapi",
        advertised: str | None = None,
        host_names: Sequence[str] = (),
        certificate: Path | None = None,
        key: Path | None = None,
        ca_bundle: Path | None = None,
        plain_http: bool = False,
        client_id: str | None = None,
        client_secret: str | None = None,
        token_lifetime_s: float = 3600.0,
        job_duration_s: float | None = None,
        quirks: bool = True,
        documents: Path | None = None,
        generation: str | None = None,
    ) -> None:
        if (certificate is None) != (key is None):
            raise ValueError("certificate and key belong together")
        self.host = host
        self.port = port
        self.base_path = "/" + base_path.strip("/")
        self.advertised = advertised
        self.plain_http = plain_http
        self.quirks = quirks
        self.documents = Documents(documents, generation)
        self.faults = Faults()
        self.requests: deque[LoggedRequest] = deque(maxlen=_LOG_LENGTH)
        self._bind = bind
        self._names = (*_CERTIFIED_NAMES, host, *host_names)
        self._files = (certificate, key, ca_bundle)
        self._credentials = (client_id, client_secret)
        self._job_duration_s = job_duration_s
        self._token_lifetime_s = token_lifetime_s
        self._offset_s = 0.0
        self._lock = threading.Lock()
        self._running = contextlib.ExitStack()
        self._listeners: list[HttpListener] = []
        self._ca_bundle: Path | None = None
        self._begin()

    def _begin(self) -> None:
        self.state = State(lambda: datetime.fromtimestamp(self._now_s(), UTC), self._job_duration_s)
        self.users = fill(self.state, *self._credentials)
        self.tokens = TokenEndpoint(self.users.values(), self.faults, self._now_s, self._token_lifetime_s)
        api = Api(self.documents, self.tokens, self.faults, quirks=self.quirks)
        self._host = Host(self, self.documents, self.tokens, api, faults=self.faults, lock=self._lock)

    def reset(self) -> None:
        """Go back to the first state: no faults, no tokens, no requests, the seeded records, the real time."""
        with self._lock:
            self.faults.clear()
            self.requests.clear()
            self._offset_s = 0.0
            self._begin()
        for listener in self._listeners:
            listener.clear_handler_errors()

    def _now_s(self) -> float:
        return time.time() + self._offset_s

    def advance(self, seconds: float) -> None:
        """Move the simulator's clock forward: tokens expire and jobs end without waiting. ``Date`` stays true."""
        self._offset_s += seconds

    @property
    def origin(self) -> str:
        """``https://host:port``; the port is left out where it is the scheme's own."""
        scheme, usual = ("http", 80) if self.plain_http else ("https", 443)
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{scheme}://{host}" if self.port == usual else f"{scheme}://{host}:{self.port}"

    @property
    def web_api_address(self) -> str:
        """Where the Web API is, whatever the documents say."""
        return self.origin + self.base_path

    @property
    def documented_address(self) -> str:
        """Where the Web API is, as the documents say."""
        return self.advertised or f"{self.web_api_address}/"

    @property
    def ca_bundle(self) -> Path:
        """PEM file of the authority that signed the certificate.

        Raises:
            RuntimeError: There is none: plain http, a certificate without one, or the simulator does not run.
        """
        if self._ca_bundle is None:
            raise RuntimeError("there is no CA bundle: plain http, a foreign certificate, or not running")
        return self._ca_bundle

    @property
    def curator(self) -> ApiUser:
        """A user who may do everything."""
        return self.users["curator"]

    @property
    def artisan(self) -> ApiUser:
        """A user who may do what needs no Curator."""
        return self.users["artisan"]

    @property
    def viewer(self) -> ApiUser:
        """A user who may look."""
        return self.users["viewer"]

    @property
    def client_id(self) -> str:
        """The Curator's API access key."""
        return self.curator.client_id

    @property
    def client_secret(self) -> str:
        """The Curator's API access secret."""
        return self.curator.client_secret

    def __repr__(self) -> str:
        return f"<Simulator {self.web_api_address}>"

    def __enter__(self) -> Self:
        with contextlib.ExitStack() as stack:
            context = None if self.plain_http else self._server_context(stack)
            opened = open_sockets(self._bind, self.port)
            self.port = opened[0].getsockname()[1]
            for listening in opened:
                listener = HttpListener(listening, context, self._answer)
                listener.start()
                stack.callback(listener.stop)
                self._listeners.append(listener)
            self._running = stack.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._running.close()
        self._listeners.clear()
        self._ca_bundle = None

    def check(self) -> None:
        """Raise the first exception that happened inside the simulator itself, if any did."""
        for listener in self._listeners:
            listener.check_handler_errors()

    def _server_context(self, stack: contextlib.ExitStack) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        certificate, key, ca_bundle = self._files
        if certificate is not None:
            context.load_cert_chain(certificate, key)
            self._ca_bundle = ca_bundle
            return context
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="ayx-simulator-")))
        authority = trustme.CA(organization_name="Alteryx Server simulator")
        authority.issue_cert(*dict.fromkeys(self._names)).configure_cert(context)
        self._ca_bundle = folder / "ca.pem"
        authority.cert_pem.write_to_path(str(self._ca_bundle))
        return context

    def _answer(self, request: Request) -> Response:
        response = self._host.answer(self.state, request)
        silent = isinstance(response, BrokenResponse) and response.body_sent is None
        status = 0 if silent else response.status_code
        self.requests.append(LoggedRequest(request.method, request.path, status, request.mimetype))
        return response

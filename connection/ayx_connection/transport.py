"""Between httpx and the network: say in our words why no answer came, and try once more where that is safe.

A kept-alive connection may have been closed by the Server or by something on the way just when it is used again. A
request that changes nothing (GET, HEAD, OPTIONS) is then sent once more, over a new connection.
"""

from __future__ import annotations

import base64
import errno
import re
import socket
import ssl
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from typing import cast

import httpx

from ayx_connection.errors import DIAGNOSE, ConnectionFailedError
from ayx_connection.proxy import Route
from ayx_connection.token_body import bound_body
from ayx_connection.token_sending import is_token_request

__all__ = ["AsyncReportingTransport", "ReportingTransport", "connection_failed"]

_LONGEST_REASON = 500
_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
#: What a stale connection looks like. A timeout is none: it has already cost its time.
_STALE = (httpx.RemoteProtocolError, httpx.ReadError, httpx.WriteError)

#: The few things that an exception alone proves (the rest takes a diagnosis).
_CODES_BY_TUNNEL_STATUS = {407: "proxy.auth_required", 403: "proxy.denied", 405: "proxy.connect_not_allowed"}
_CODES_BY_VERIFY_CODE: dict[int | None, str] = {
    18: "tls.self_signed",
    62: "tls.hostname_mismatch",
    64: "tls.ip_mismatch",
}
_CODES_BY_ERRNO = {errno.EMFILE: "local.fd_limit", errno.ENFILE: "local.fd_limit"}
_STAGES_IN_WORDS = {
    "local": "on this machine",
    "proxy": "at the proxy",
    "dns": "looking up its name",
    "tcp": "connecting",
    "tls": "in the TLS handshake",
    "http": "waiting for its answer",
    "token": "waiting for a token",
}


@dataclass(frozen=True)
class _Verdict:
    stage: str
    code: str | None = None


def connection_failed(error: httpx.TransportError, request: httpx.Request, route: Route) -> ConnectionFailedError:
    """Say in our words what an httpx exception is, as an exception of both kinds.

    Args:
        error: What httpx raised.
        request: The request that failed.
        route: The way it took.

    Returns:
        An instance of ``ConnectionFailedError`` and of the class of ``error``.
    """
    verdict = _verdict(error, route, "token" if is_token_request(request) else "http")
    where = request.url.netloc.decode("ascii", "replace")
    way = f" through proxy {route.proxy.without_password}" if route.proxy else ""
    reason = _shown(str(error), route) or type(error).__name__
    message = f"no answer from {where}{way}: failed {_STAGES_IN_WORDS[verdict.stage]} ({reason}): {DIAGNOSE}"
    return _both(type(error))(message, stage=verdict.stage, code=verdict.code)


def _shown(reason: str, route: Route) -> str:
    """Return what httpx says on one printable line; the words may be the proxy's own, and repeat our credentials."""
    if route.proxy and route.proxy.password:
        pair = f"{route.proxy.username}:{route.proxy.password}"
        for secret in (route.proxy.password, base64.b64encode(pair.encode()).decode()):
            reason = reason.replace(secret, "***")
    return " ".join("".join(c if c.isprintable() else " " for c in reason[:_LONGEST_REASON]).split())


def _without_unusable_location(response: httpx.Response) -> None:
    """Drop a Location that is no URL: httpx would raise an error for it, though redirects are not followed."""
    try:
        httpx.URL(response.headers.get("Location", ""))
    except httpx.InvalidURL:
        del response.headers["Location"]


def _both(original: type[httpx.TransportError]) -> type[ConnectionFailedError]:
    """Return the class of exceptions that are ours and httpx's, so that ``except httpx.ConnectTimeout`` still works."""
    if original in _BOTH:
        return _BOTH[original]

    def initialise(self: httpx.TransportError, message: str, *, stage: str, code: str | None) -> None:
        original.__init__(self, message)
        ConnectionFailedError.__init__(cast("ConnectionFailedError", self), message, stage=stage, code=code)

    members = {"__init__": initialise, "__module__": ConnectionFailedError.__module__, "__doc__": original.__doc__}
    made = type(ConnectionFailedError.__name__, (ConnectionFailedError, original), members)
    return _BOTH.setdefault(original, cast("type[ConnectionFailedError]", made))


_BOTH: dict[type[httpx.TransportError], type[ConnectionFailedError]] = {}


def _verdict(error: httpx.TransportError, route: Route, waiting: str) -> _Verdict:
    """Say how far a request got; ``waiting`` is the stage of one whose connection stood."""
    if isinstance(error, httpx.ProxyError):
        status = re.match(r"(\d{3}) ", str(error))
        return _Verdict("proxy", _CODES_BY_TUNNEL_STATUS.get(int(status[1])) if status else None)
    if isinstance(error, httpx.PoolTimeout | httpx.UnsupportedProtocol | httpx.LocalProtocolError):
        return _Verdict("local")
    if verdict := next(filter(None, (_verdict_on(cause, route) for cause in _causes(error))), None):
        return verdict
    if isinstance(error, httpx.ConnectTimeout) and "handshake" in str(error):
        return _Verdict("tls")
    if isinstance(error, httpx.ConnectError | httpx.ConnectTimeout):
        return _Verdict("proxy" if route.proxy else "tcp")
    return _Verdict(waiting)


def _verdict_on(cause: BaseException, route: Route) -> _Verdict | None:
    """Say what one of the underlying exceptions proves, or None."""
    if isinstance(cause, socket.gaierror):
        return _Verdict("proxy" if route.proxy else "dns")
    if isinstance(cause, ssl.SSLError):
        is_targets = route.proxy is None or route.proxy.scheme != "https"
        verify_code = getattr(cause, "verify_code", None) if is_targets else None
        return _Verdict("tls", _CODES_BY_VERIFY_CODE.get(verify_code))
    if isinstance(cause, OSError) and cause.errno in _CODES_BY_ERRNO:
        return _Verdict("local", _CODES_BY_ERRNO[cause.errno])
    return None


def _causes(error: BaseException) -> Iterator[BaseException]:
    """Yield an exception and what it came from, outermost first."""
    seen: set[int] = set()
    current: BaseException | None = error
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        yield current
        current = current.__cause__ or current.__context__


def _may_be_repeated(request: httpx.Request) -> bool:
    return request.method in _SAFE_METHODS and request.headers.get("Content-Length", "0") == "0"


class ReportingTransport(httpx.BaseTransport):
    """A transport that raises ``ConnectionFailedError`` where the one inside raises an httpx exception."""

    def __init__(self, inner: httpx.BaseTransport, route: Route) -> None:
        self._inner = inner
        self._route = route

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request; a safe one once more if the connection turns out to be dead."""
        try:
            try:
                response = self._inner.handle_request(request)
            except _STALE:
                if not _may_be_repeated(request):
                    raise
                response = self._inner.handle_request(request)
        except httpx.TransportError as error:
            raise connection_failed(error, request, self._route) from error
        stream = cast("httpx.SyncByteStream", response.stream)
        response.stream = _Body(stream, request, self._route)
        if is_token_request(request):
            bound_body(request, response)
        _without_unusable_location(response)
        return response

    def close(self) -> None:
        """Close all connections."""
        self._inner.close()


class AsyncReportingTransport(httpx.AsyncBaseTransport):
    """The asyncio twin of ``ReportingTransport``."""

    def __init__(self, inner: httpx.AsyncBaseTransport, route: Route) -> None:
        self._inner = inner
        self._route = route

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request; a safe one once more if the connection turns out to be dead."""
        try:
            try:
                response = await self._inner.handle_async_request(request)
            except _STALE:
                if not _may_be_repeated(request):
                    raise
                response = await self._inner.handle_async_request(request)
        except httpx.TransportError as error:
            raise connection_failed(error, request, self._route) from error
        stream = cast("httpx.AsyncByteStream", response.stream)
        response.stream = _AsyncBody(stream, request, self._route)
        if is_token_request(request):
            bound_body(request, response)
        _without_unusable_location(response)
        return response

    async def aclose(self) -> None:
        """Close all connections."""
        await self._inner.aclose()


class _Body(httpx.SyncByteStream):
    """The body of an answer, whose reading can fail as well."""

    def __init__(self, inner: httpx.SyncByteStream, request: httpx.Request, route: Route) -> None:
        self._inner, self._request, self._route = inner, request, route

    def __iter__(self) -> Iterator[bytes]:
        try:
            yield from self._inner
        except httpx.TransportError as error:
            raise connection_failed(error, self._request, self._route) from error

    def close(self) -> None:
        self._inner.close()


class _AsyncBody(httpx.AsyncByteStream):
    def __init__(self, inner: httpx.AsyncByteStream, request: httpx.Request, route: Route) -> None:
        self._inner, self._request, self._route = inner, request, route

    async def __aiter__(self) -> AsyncIterator[bytes]:
        try:
            async for part in self._inner:
                yield part
        except httpx.TransportError as error:
            raise connection_failed(error, self._request, self._route) from error

    async def aclose(self) -> None:
        await self._inner.aclose()

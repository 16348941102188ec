"""Between httpx and the network: keep to the bounds, say in our words why no answer came, and try once more if safe.

A kept-alive connection may have been closed by the Server or by something on the way just when it is used again. A
request that changes nothing (GET, HEAD, OPTIONS) is then sent once more, over a new connection.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import partial
from typing import Any

import httpx

from ayx_connection.failures import DIAGNOSE, AyxError, TokenError
from ayx_connection.oauth2.sending import is_token_request
from ayx_connection.proxy import Route
from ayx_connection.redaction import Redactor
from ayx_connection.transport.body import bound_body
from ayx_connection.transport.bounds import LEAST_PACE, AnswerRefusedError, Bounds, Exchange, SlowAnswerError
from ayx_connection.transport.exception_contents import shown
from ayx_connection.transport.exceptions import progress_of, refuse, request_failed

__all__ = ["AsyncReportingTransport", "ReportingTransport"]

_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
#: What a stale connection looks like. A timeout is none: it has already cost its time.
_STALE = (httpx.RemoteProtocolError, httpx.ReadError, httpx.WriteError)

#: What goes wrong on the way. httpcore lets some errors of asyncio's TLS through as they are, such as the alert of a
#: TLS 1.3 Server that wants a client certificate.
_FAILURES = (httpx.TransportError, OSError)

#: httpcore's name for the talk with a SOCKS proxy.
_SOCKS = "socks.setup_socks5_connection"

#: A token answer has a few kilobytes; an error page in its place, a few hundred at most. It comes in one read's time.
_TOKEN_BYTES, _TOKEN_PACE = 1_000_000, math.inf


def _may_be_repeated(request: httpx.Request) -> bool:
    return request.method in _SAFE_METHODS and request.headers.get("Content-Length", "0") == "0"


def _tidy(response: httpx.Response, redactor: Redactor) -> None:
    """Mask secrets in what httpx itself repeats of an answer, and drop a Location that is no URL.

    httpx would raise an error for such a one, though redirects are not followed.
    """
    reason = response.extensions.get("reason_phrase", b"")
    if (masked := redactor.octets(reason)) is not reason:
        response.extensions["reason_phrase"] = masked
    location = response.headers.get("Location", "")
    if (clean := redactor.text(location)) != location:
        response.headers["Location"] = clean
    try:
        if (url := httpx.URL(clean)).scheme and not url.host:
            url.copy_with(host="host")  # as httpx does, also to data:text/plain,x
    except httpx.InvalidURL:
        del response.headers["Location"]


class _Call:
    """One request on its way: how far it got, what it has left, and our error for what goes wrong."""

    def __init__(self, request: httpx.Request, route: Route, bounds: Bounds, redactor: Redactor) -> None:
        self._request = request
        self._route = route
        self._bounds = bounds
        self._redactor = redactor
        self._is_for_token = is_token_request(request)
        self._socks_stream: Any = None
        self.progress = progress_of(request, route)
        timeouts = request.extensions.get("timeout") or {}
        self.exchange = Exchange(timeouts, _TOKEN_PACE if self._is_for_token else LEAST_PACE)

    def saw(self, event: str, info: Mapping[str, Any]) -> Any:
        """Note an event of httpcore; return the stream to be closed with it, which httpcore leaves open, or None."""
        self.progress.saw(event, info)
        self.exchange.saw(event)
        if event == f"{_SOCKS}.started":
            self._socks_stream = info.get("stream")
        elif event == f"{_SOCKS}.complete":
            self._socks_stream = None
        return self._socks_stream if event == f"{_SOCKS}.failed" else None

    def failed_otherwise(self, error: Exception) -> AyxError | None:
        """Return our error for one that is not meant to be: httpcore trips over what is no SOCKS 5."""
        if self._socks_stream is None:
            return None
        return self.failed(httpx.ProxyError(f"what came back is no SOCKS 5 ({type(error).__name__})"))

    def failed(self, error: httpx.RequestError | OSError, status: int = 0) -> AyxError:
        """Return our error for what the network or the reading of an answer (with this status) raised."""
        if status and self._is_for_token and isinstance(error, AnswerRefusedError | SlowAnswerError):
            why = f"the answer was not read to its end, {error} (HTTP {status})"
            return TokenError(f"no token: {why} [stage token]: {DIAGNOSE}", status=status)
        return request_failed(error, self._request, self._route, self.progress, self._redactor)

    def bind(self, response: httpx.Response) -> None:
        """Have the body of an answer end, and its reading fail in our words."""
        failed = partial(self.failed, status=response.status_code)
        if self._is_for_token:
            bound_body(response, self.exchange, _TOKEN_BYTES, failed)
        else:
            limit = self._bounds.limit_of(response, self._request)
            setting = "max_answer_bytes" if limit == self._bounds.answer_bytes else ""
            bound_body(response, self.exchange, limit, failed, setting=setting)
        mask = partial(shown, redactor=self._redactor)
        response.extensions |= {"refuse": refuse, "redactor": self._redactor, "mask": mask}
        _tidy(response, self._redactor)


class ReportingTransport(httpx.BaseTransport):
    """A transport that keeps to bounds, and raises ``ConnectionFailedError`` where httpx raises exceptions of its own.

    Args:
        inner: httpx's transport, as ``bounded`` returns it.
        route: The way to the Server.
        bounds: How long answers may be.
        redactor: Masks secrets in what is raised.
    """

    def __init__(self, inner: httpx.BaseTransport, route: Route, bounds: Bounds, redactor: Redactor) -> None:
        self._inner = inner
        self._route = route
        self._bounds = bounds
        self._redactor = redactor

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request; a safe one once more if the connection turns out to be dead."""
        call = _Call(request, self._route, self._bounds, self._redactor)
        given = request.extensions
        trace = _following(call, given.get("trace"))
        try:
            request.extensions = {**given, "trace": trace, "timeout": call.exchange.timeouts()}
            response = self._send(request, call.exchange)
        except _FAILURES as error:
            raise call.failed(error) from error
        except Exception as error:
            if (ours := call.failed_otherwise(error)) is None:
                raise
            raise ours from error
        finally:
            request.extensions = given
        call.bind(response)
        return response

    def _send(self, request: httpx.Request, exchange: Exchange) -> httpx.Response:
        try:
            response = self._inner.handle_request(request)
        except AnswerRefusedError:
            raise  # another answer would be no better
        except _STALE:
            if not _may_be_repeated(request):
                raise
            response = None
        if response is None:  # outside of the handler: what it raises is no consequence
            response = self._inner.handle_request(request)
        try:
            exchange.check_fields(response)
        except AnswerRefusedError:
            response.close()
            raise
        return response

    def close(self) -> None:
        """Close all connections."""
        self._inner.close()


def _following(call: _Call, given: Any) -> Any:
    """Return a ``trace`` callback that tells the progress, the exchange, and whoever wanted to know before."""

    def follow(event: str, info: Mapping[str, Any]) -> None:
        if (stream := call.saw(event, info)) is not None:
            stream.close()
        if given is not None:
            given(event, info)

    return follow


class AsyncReportingTransport(httpx.AsyncBaseTransport):
    """The asyncio twin of ``ReportingTransport``."""

    def __init__(self, inner: httpx.AsyncBaseTransport, route: Route, bounds: Bounds, redactor: Redactor) -> None:
        self._inner = inner
        self._route = route
        self._bounds = bounds
        self._redactor = redactor

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request; a safe one once more if the connection turns out to be dead."""
        call = _Call(request, self._route, self._bounds, self._redactor)
        given = request.extensions
        trace = _following_async(call, given.get("trace"))
        try:
            request.extensions = {**given, "trace": trace, "timeout": call.exchange.timeouts()}
            response = await self._send(request, call.exchange)
        except _FAILURES as error:
            raise call.failed(error) from error
        except Exception as error:
            if (ours := call.failed_otherwise(error)) is None:
                raise
            raise ours from error
        finally:
            request.extensions = given
        call.bind(response)
        return response

    async def _send(self, request: httpx.Request, exchange: Exchange) -> httpx.Response:
        try:
            response = await self._inner.handle_async_request(request)
        except AnswerRefusedError:
            raise
        except _STALE:
            if not _may_be_repeated(request):
                raise
            response = None
        if response is None:
            response = await self._inner.handle_async_request(request)
        try:
            exchange.check_fields(response)
        except AnswerRefusedError:
            await response.aclose()
            raise
        return response

    async def aclose(self) -> None:
        """Close all connections."""
        await self._inner.aclose()


def _following_async(call: _Call, given: Any) -> Any:
    async def follow(event: str, info: Mapping[str, Any]) -> None:
        if (stream := call.saw(event, info)) is not None:
            await stream.aclose()
        if given is not None:
            await given(event, info)

    return follow

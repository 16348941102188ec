"""Between httpx and the network: say in our words why no answer came, and try once more where that is safe.

A kept-alive connection may have been closed by the Server or by something on the way just when it is used again. A
request that changes nothing (GET, HEAD, OPTIONS) is then sent once more, over a new connection.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from typing import Any, cast

import httpx

from ayx_connection.errors import AyxError
from ayx_connection.exception_contents import shown
from ayx_connection.failures import refuse, request_failed
from ayx_connection.proxy import Route
from ayx_connection.redaction import Redactor
from ayx_connection.token_body import bound_body
from ayx_connection.token_sending import is_token_request
from ayx_connection.verdict import Progress

__all__ = ["AsyncReportingClient", "AsyncReportingTransport", "ReportingClient", "ReportingTransport", "reading"]

_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
#: What a stale connection looks like. A timeout is none: it has already cost its time.
_STALE = (httpx.RemoteProtocolError, httpx.ReadError, httpx.WriteError)

#: What goes wrong on the way. httpcore lets some errors of asyncio's TLS through as they are, such as the alert of a
#: TLS 1.3 Server that wants a client certificate.
_FAILURES = (httpx.TransportError, OSError)


def _may_be_repeated(request: httpx.Request) -> bool:
    return request.method in _SAFE_METHODS and request.headers.get("Content-Length", "0") == "0"


def _tidy(response: httpx.Response, redactor: Redactor) -> None:
    """Mask secrets in what httpx itself repeats of an answer, and drop a Location that is no URL.

    httpx would raise an error for such a one, though redirects are not followed.
    """
    if "reason_phrase" in response.extensions:
        response.extensions["reason_phrase"] = redactor.octets(response.extensions["reason_phrase"])
    if location := response.headers.get("Location"):
        response.headers["Location"] = redactor.text(location)
    try:
        httpx.URL(response.headers.get("Location", ""))
    except httpx.InvalidURL:
        del response.headers["Location"]


def _progress(request: httpx.Request, route: Route) -> Progress:
    return Progress("token" if is_token_request(request) else "http", through_proxy=route.proxy is not None)


class ReportingTransport(httpx.BaseTransport):
    """A transport that raises ``ConnectionFailedError`` where the one inside raises an httpx exception."""

    def __init__(self, inner: httpx.BaseTransport, route: Route, redactor: Redactor) -> None:
        self._inner = inner
        self._route = route
        self._redactor = redactor

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request; a safe one once more if the connection turns out to be dead."""
        progress = _progress(request, self._route)
        given = request.extensions
        request.extensions = {**given, "trace": _following(progress, given.get("trace"))}
        try:
            response = self._send(request)
        except _FAILURES as error:
            raise request_failed(error, request, self._route, progress, self._redactor) from error
        finally:
            request.extensions = given
        stream = cast("httpx.SyncByteStream", response.stream)
        response.stream = _Body(stream, request, self._route, progress, self._redactor)
        response.extensions |= {
            "refuse": refuse,
            "redactor": self._redactor,
            "mask": partial(shown, redactor=self._redactor),
        }
        if is_token_request(request):
            bound_body(request, response)
        _tidy(response, self._redactor)
        return response

    def _send(self, request: httpx.Request) -> httpx.Response:
        try:
            return self._inner.handle_request(request)
        except _STALE:
            if not _may_be_repeated(request):
                raise
        return self._inner.handle_request(request)  # outside of the handler: what it raises is no consequence

    def close(self) -> None:
        """Close all connections."""
        self._inner.close()


def _following(progress: Progress, given: Any) -> Any:
    """Return a ``trace`` callback that tells the progress, and whoever wanted to know before."""

    def follow(event: str, info: Mapping[str, Any]) -> None:
        progress.saw(event, info)
        if given is not None:
            given(event, info)

    return follow


class AsyncReportingTransport(httpx.AsyncBaseTransport):
    """The asyncio twin of ``ReportingTransport``."""

    def __init__(self, inner: httpx.AsyncBaseTransport, route: Route, redactor: Redactor) -> None:
        self._inner = inner
        self._route = route
        self._redactor = redactor

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request; a safe one once more if the connection turns out to be dead."""
        progress = _progress(request, self._route)
        given = request.extensions
        request.extensions = {**given, "trace": _following_async(progress, given.get("trace"))}
        try:
            response = await self._send(request)
        except _FAILURES as error:
            raise request_failed(error, request, self._route, progress, self._redactor) from error
        finally:
            request.extensions = given
        stream = cast("httpx.AsyncByteStream", response.stream)
        response.stream = _AsyncBody(stream, request, self._route, progress, self._redactor)
        response.extensions |= {
            "refuse": refuse,
            "redactor": self._redactor,
            "mask": partial(shown, redactor=self._redactor),
        }
        if is_token_request(request):
            bound_body(request, response)
        _tidy(response, self._redactor)
        return response

    async def _send(self, request: httpx.Request) -> httpx.Response:
        try:
            return await self._inner.handle_async_request(request)
        except _STALE:
            if not _may_be_repeated(request):
                raise
        return await self._inner.handle_async_request(request)

    async def aclose(self) -> None:
        """Close all connections."""
        await self._inner.aclose()


def _following_async(progress: Progress, given: Any) -> Any:
    async def follow(event: str, info: Mapping[str, Any]) -> None:
        progress.saw(event, info)
        if given is not None:
            await given(event, info)

    return follow


class _Body(httpx.SyncByteStream):
    """The body of an answer, whose reading can fail as well."""

    def __init__(
        self,
        inner: httpx.SyncByteStream,
        request: httpx.Request,
        route: Route,
        progress: Progress,
        redactor: Redactor,
    ) -> None:
        self._inner, self._request, self._route = inner, request, route
        self._progress, self._redactor = progress, redactor

    def __iter__(self) -> Iterator[bytes]:
        try:
            yield from self._inner
        except _FAILURES as error:
            raise request_failed(error, self._request, self._route, self._progress, self._redactor) from error

    def close(self) -> None:
        self._inner.close()


class _AsyncBody(httpx.AsyncByteStream):
    def __init__(
        self,
        inner: httpx.AsyncByteStream,
        request: httpx.Request,
        route: Route,
        progress: Progress,
        redactor: Redactor,
    ) -> None:
        self._inner, self._request, self._route = inner, request, route
        self._progress, self._redactor = progress, redactor

    async def __aiter__(self) -> AsyncIterator[bytes]:
        try:
            async for part in self._inner:
                yield part
        except _FAILURES as error:
            raise request_failed(error, self._request, self._route, self._progress, self._redactor) from error

    async def aclose(self) -> None:
        await self._inner.aclose()


class ReportingClient(httpx.Client):
    """A client that raises ``ConnectionFailedError`` also for what httpx itself finds wrong with an answer."""

    def __init__(self, route: Route, redactor: Redactor, **arguments: Any) -> None:
        super().__init__(**arguments)
        self._route, self._redactor = route, redactor

    def send(self, request: httpx.Request, **arguments: Any) -> httpx.Response:
        """Send a request, and read its answer unless it is to be streamed."""
        try:
            with reading(request, self._route, self._redactor):
                return super().send(request, **arguments)
        except AyxError as error:
            raise error.with_traceback(None)  # noqa: B904 -- the frames of httpx hold the answer as it came


class AsyncReportingClient(httpx.AsyncClient):
    """The asyncio twin of ``ReportingClient``."""

    def __init__(self, route: Route, redactor: Redactor, **arguments: Any) -> None:
        super().__init__(**arguments)
        self._route, self._redactor = route, redactor

    async def send(self, request: httpx.Request, **arguments: Any) -> httpx.Response:
        """Send a request, and read its answer unless it is to be streamed."""
        try:
            with reading(request, self._route, self._redactor):
                return await super().send(request, **arguments)
        except AyxError as error:
            raise error.with_traceback(None)  # noqa: B904 -- as above


@contextmanager
def reading(request: httpx.Request, route: Route, redactor: Redactor) -> Iterator[None]:
    """Turn what httpx finds wrong with an answer (it does not unpack, it redirects for ever) into our error."""
    progress = _progress(request, route)
    progress.saw("http11.receive_response_body.started", {})
    try:
        yield
    except httpx.RequestError as error:
        if isinstance(error, AyxError):
            raise
        raise request_failed(error, request, route, progress, redactor) from error

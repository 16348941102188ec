"""httpx's clients, bounded, and with errors of ours for what httpx itself finds wrong with an answer."""

from __future__ import annotations

from http.cookiejar import Cookie, CookieJar, DefaultCookiePolicy
from typing import Any
from urllib.request import Request

import httpx

from ayx_connection.failures import AyxError
from ayx_connection.proxy import Route
from ayx_connection.redaction import Redactor
from ayx_connection.transport.bounds import Bounds
from ayx_connection.transport.exception_contents import alone
from ayx_connection.transport.exceptions import reading

__all__ = ["AsyncReportingClient", "ReportingClient"]

_MOST_COOKIES = 100


class _FewCookies(DefaultCookiePolicy):
    """Takes cookies up to a number: a Server that sets new ones with every answer must not fill the memory."""

    def __init__(self, jar: CookieJar) -> None:
        super().__init__()
        self._jar = jar

    def set_ok(self, cookie: Cookie, request: Request) -> bool:
        """Whether a cookie of an answer is taken."""
        return len(self._jar) < _MOST_COOKIES and super().set_ok(cookie, request)


class ReportingClient(httpx.Client):
    """A client that keeps to bounds, and raises ``ConnectionFailedError`` also for what httpx itself finds wrong."""

    def __init__(self, route: Route, bounds: Bounds, redactor: Redactor, **arguments: Any) -> None:
        super().__init__(**arguments)
        self.cookies.jar.set_policy(_FewCookies(self.cookies.jar))
        self._route = route
        self._bounds = bounds
        self._redactor = redactor

    def send(self, request: httpx.Request, *, stream: bool = False, **arguments: Any) -> httpx.Response:
        """Send a request, and read its answer unless it is to be streamed."""
        self._bounds.apply(request, streamed=stream)
        try:
            with reading(request, self._route, self._redactor):
                return super().send(request, stream=stream, **arguments)
        except AyxError as error:
            raise alone(error)  # noqa: B904 -- it is the same one


class AsyncReportingClient(httpx.AsyncClient):
    """The asyncio twin of ``ReportingClient``."""

    def __init__(self, route: Route, bounds: Bounds, redactor: Redactor, **arguments: Any) -> None:
        super().__init__(**arguments)
        self.cookies.jar.set_policy(_FewCookies(self.cookies.jar))
        self._route = route
        self._bounds = bounds
        self._redactor = redactor

    async def send(self, request: httpx.Request, *, stream: bool = False, **arguments: Any) -> httpx.Response:
        """Send a request, and read its answer unless it is to be streamed."""
        self._bounds.apply(request, streamed=stream)
        try:
            with reading(request, self._route, self._redactor):
                return await super().send(request, stream=stream, **arguments)
        except AyxError as error:
            raise alone(error)  # noqa: B904 -- it is the same one

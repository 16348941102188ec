"""``connect()``: one client for a Server, with trust, proxy, token and timeouts taken care of.

Every operation of ``ayx_client`` is a method of the ``Server``: ``server.workflows.get_workflows()``, and
``await server.workflows.aget_workflows()``. Its functions take the ``Server`` as their ``client=``; ``Server.request``
makes any other call.
"""

from __future__ import annotations

import ssl
import threading
import time
from dataclasses import dataclass, replace
from typing import Any, Self

import httpx
from ayx_client import AuthenticatedClient

from ayx_connection import api_document
from ayx_connection.api_document import ApiDocument
from ayx_connection.failures import CredentialsWithheldError, SettingsError
from ayx_connection.oauth2 import why_withheld
from ayx_connection.oauth2.credentials import ClientCredentials
from ayx_connection.proxy import Route, select_route
from ayx_connection.redaction import Redactor, with_secrets_hidden
from ayx_connection.redaction.library_logs import hide_in_logs
from ayx_connection.settings import ServerAddress, Settings
from ayx_connection.transport import (
    AsyncReportingClient,
    AsyncReportingTransport,
    Bounds,
    ReportingClient,
    ReportingTransport,
    call_target,
)
from ayx_connection.transport.client_options import HEADERS, call_bounds, call_timeout, http_proxy, secrets_of
from ayx_connection.transport.exception_contents import errors_alone
from ayx_connection.transport.network_backend import bounded
from ayx_connection.trust import client_context

__all__ = ["Server", "connect"]


def connect(
    base_url: str | None = None,
    /,
    *,
    settings: Settings | None = None,
    redactor: Redactor | None = None,
    within_s: float | None = None,
    **overrides: object,
) -> Server:
    """Make a client for a Server. Nothing is sent before the first call.

    Example:
        >>> with connect() as server:
        ...     names = [workflow.name for workflow in server.workflows.get_workflows()]

    Args:
        base_url: The Server's address, in any form that ``parse_address`` takes.
        settings: Settings that are already loaded; by default they are loaded from environment and files.
        redactor: Masks secrets in messages; one that is given learns those of this client.
        within_s: Seconds, from now on, in which all calls of the client together end, downloads included; by default
            every call has its own time, see ``ayx_connection.transport.bounds``.
        **overrides: Any setting by name (``client_id``, ``client_secret``, ``ca_bundle``, ``proxy``, ``verify``,
            ``allow_http`` …); these go before every other source. ``config`` names a settings file.

    Returns:
        The client; it works in ``with`` and in ``async with``, and may be shared by threads.

    Raises:
        SettingsError: A setting is missing or cannot be used.
        ProxyError: The proxy's address cannot be used.
        TrustError: A certificate file cannot be used.
        CredentialsWithheldError: The address is plain http to another machine without ``allow_http``, or certificates
            are not verified.
        TypeError: There is no setting of a name given.
    """
    overrides = with_secrets_hidden(overrides)
    if base_url is not None:
        overrides["base_url"] = base_url
    if settings is None:
        settings = Settings.load(overrides, options_from="argument")
    elif overrides:
        raise TypeError("give either settings or overrides")
    access = _Access.prepare(settings, redactor or Redactor())
    until = None if within_s is None else time.monotonic() + within_s
    return Server(access, bounds=replace(access.bounds, until=until))


@dataclass(frozen=True)
class _Access:
    """Everything that the clients for one Server share."""

    address: ServerAddress
    context: ssl.SSLContext
    route: Route
    proxy: httpx.Proxy | None
    credentials: ClientCredentials
    timeout: httpx.Timeout
    redactor: Redactor
    bounds: Bounds

    @classmethod
    def prepare(cls, settings: Settings, redactor: Redactor) -> _Access:
        settings.check()
        address, pair = settings.address, settings.credentials
        verify, allow_http = settings.verify.value, settings.allow_http.value
        if pair is None:
            message = "no key and secret are given: set ALTERYX_CLIENT_ID and ALTERYX_CLIENT_SECRET"
            raise SettingsError(message, code="config.credentials_missing", setting="client_id", origin="default")
        if error := why_withheld(address, verify=verify, allow_http=allow_http):
            raise error
        route = select_route(address.web_api_address, settings)
        if route.proxy is not None and address.scheme == "http" and not allow_http:
            message = (
                f"the key and secret were not sent: {address.origin} is plain http and {route.proxy} would read them; "
                "let the Server be reached directly (NO_PROXY), or permit it with allow_http (--allow-http)"
            )
            raise CredentialsWithheldError(message, code="token.plaintext")
        credentials = ClientCredentials(
            address.token_url,
            *pair,
            settings.client_auth.value,
            verify=verify,
            allow_http=allow_http,
            redactor=redactor,
        )
        redactor.add(*secrets_of(route))
        redactor.learn(settings)
        hide_in_logs(redactor)
        timeout = call_timeout(settings)
        proxy = http_proxy(route, settings)
        bounds = call_bounds(settings)
        return cls(address, client_context(settings), route, proxy, credentials, timeout, redactor, bounds)


class Server(AuthenticatedClient):
    """A client for one Server; made by ``connect()``.

    It holds at most one ``httpx.Client`` and one ``httpx.AsyncClient``, made when first used; both share trust, proxy
    and token. Redirects are not followed, and neither ``~/.netrc`` nor environment variables change a request behind
    your back.
    """

    def __init__(
        self,
        access: _Access,
        *,
        headers: dict[str, str] | None = None,
        cookies: dict[str, str] | None = None,
        timeout: httpx.Timeout | None = None,
        bounds: Bounds | None = None,
    ) -> None:
        super().__init__(
            base_url=access.address.web_api_address,
            token="",  # the token is ClientCredentials' business: it changes
            headers={**HEADERS, **(headers or {})},
            cookies=dict(cookies or {}),
            timeout=timeout or access.timeout,
            verify_ssl=access.context,
        )
        self._access = access
        self._bounds = bounds or access.bounds
        self._making = threading.Lock()

    @property
    def address(self) -> ServerAddress:
        """The address of the Server."""
        return self._access.address

    @property
    def route(self) -> Route:
        """The way to the Server: direct or through a proxy, and who said so."""
        return self._access.route

    @property
    def redactor(self) -> Redactor:
        """Masks this Server's secrets in any text, as in every message of its errors: ``redactor.text(…)``."""
        return self._access.redactor

    def request(self, method: str, path: str, **arguments: Any) -> httpx.Response:
        """Make any call with the Server's settings and token.

        Args:
            method: HTTP method.
            path: Path below the Web API address: ``/v3/collections``, ``/admin/v1/subscriptions?view=Full``. The path
                of the Web API may stand in front of it, as in ``/webapi/v3/collections``.
            **arguments: As ``httpx.Client.request`` takes them (``params``, ``json``, ``files`` …).

        Returns:
            The response, whatever its status.

        Raises:
            ValueError: The path leads elsewhere: to another host, or by ``..`` out of itself.
            ConnectionFailedError: No answer came.
            TokenError: The token endpoint gave no token.
        """
        where, params = call_target(self.address, path, arguments.pop("params", None))
        return self.get_httpx_client().request(method, where, params=params, **arguments)

    async def arequest(self, method: str, path: str, **arguments: Any) -> httpx.Response:
        """Do what ``request`` does, asynchronously."""
        where, params = call_target(self.address, path, arguments.pop("params", None))
        return await self.get_async_httpx_client().request(method, where, params=params, **arguments)

    @errors_alone
    def api_document(self, version: str = "3") -> ApiDocument:
        """Compare the Server's own document of its API with the one that the client was generated from.

        The Server is asked when this is first called in a process (for its address and the version), without a token.

        Args:
            version: Version of the API: ``3``; for ``1`` and ``2`` the client that ships was made from reconstructions.

        Returns:
            What differs: operations that either side lacks, and what changed in the others.

        Raises:
            ConnectionFailedError: No answer came.
            ContentError: The answer is no Swagger 2.0 document, or the client was made from none of this version.
        """
        known = api_document.remembered(self.address.web_api_address, version)
        if known is None:
            response = self.request("GET", f"/swagger/docs/{version}", auth=None)
            known = api_document.read(response, version)
            api_document.remembered(self.address.web_api_address, version, known)
        return known

    async def aapi_document(self, version: str = "3") -> ApiDocument:
        """Do what ``api_document`` does, asynchronously."""
        known = api_document.remembered(self.address.web_api_address, version)
        if known is None:
            response = await self.arequest("GET", f"/swagger/docs/{version}", auth=None)
            known = api_document.read(response, version)
            api_document.remembered(self.address.web_api_address, version, known)
        return known

    def get_httpx_client(self) -> httpx.Client:
        """Return the one ``httpx.Client``, made when first asked for."""
        with self._making:
            if self._client is None:
                inner = httpx.HTTPTransport(self._access.context, trust_env=False, proxy=self._access.proxy)
                transport = ReportingTransport(bounded(inner), self.route, self._bounds, self.redactor)
                arguments = {"transport": transport, **self._arguments()}
                self._client = ReportingClient(self.route, self._bounds, self.redactor, **arguments)
            return self._client

    def get_async_httpx_client(self) -> httpx.AsyncClient:
        """Return the one ``httpx.AsyncClient``, made when first asked for; it belongs to the running event loop."""
        with self._making:
            if self._async_client is None:
                inner = httpx.AsyncHTTPTransport(self._access.context, trust_env=False, proxy=self._access.proxy)
                transport = AsyncReportingTransport(bounded(inner), self.route, self._bounds, self.redactor)
                arguments = {"transport": transport, **self._arguments()}
                self._async_client = AsyncReportingClient(self.route, self._bounds, self.redactor, **arguments)
            return self._async_client

    def _arguments(self) -> dict[str, Any]:
        return {
            "auth": self._access.credentials,
            "base_url": self._base_url,
            "headers": self._headers,
            "cookies": self._cookies,
            "timeout": self._timeout,
            "follow_redirects": False,
            "trust_env": False,
        }

    def with_headers(self, headers: dict[str, str]) -> Self:
        """Return another client for the same Server, with these headers added to every request."""
        return self._with(headers={**self._headers, **headers})

    def with_cookies(self, cookies: dict[str, str]) -> Self:
        """Return another client for the same Server, with these cookies added to every request."""
        return self._with(cookies={**self._cookies, **cookies})

    def with_timeout(self, timeout: httpx.Timeout) -> Self:
        """Return another client for the same Server, with another timeout."""
        return self._with(timeout=timeout)

    def _with(self, **changes: Any) -> Self:
        same = {
            "headers": self._headers,
            "cookies": self._cookies,
            "timeout": self._timeout,
            "bounds": self._bounds,
        }
        return type(self)(self._access, **{**same, **changes})

    def close(self) -> None:
        """Close the connections of ordinary calls."""
        if self._client is not None:
            self._client.close()

    async def aclose(self) -> None:
        """Close the connections of asynchronous calls."""
        if self._async_client is not None:
            await self._async_client.aclose()

    def __repr__(self) -> str:
        way = f" through {self.route.proxy}" if self.route.proxy else ""
        return f"<Server {self.address.web_api_address}{way}>"

"""A client without credentials, for what the Server tells everybody: its Swagger documents."""

from __future__ import annotations

import time

import httpx

from ayx_connection.proxy import select_route
from ayx_connection.redaction import Redactor
from ayx_connection.redaction.library_logs import hide_in_logs
from ayx_connection.settings import Settings
from ayx_connection.transport.bounds import Bounds
from ayx_connection.transport.client_options import HEADERS, call_timeout, http_proxy, secrets_of
from ayx_connection.transport.clients import ReportingClient
from ayx_connection.transport.network_backend import bounded
from ayx_connection.transport.transports import ReportingTransport
from ayx_connection.trust import client_context

__all__ = ["unauthenticated_client"]


def unauthenticated_client(settings: Settings) -> httpx.Client:
    """Make an ``httpx.Client`` with the settings' trust, proxy and timeouts, that never sends credentials.

    Redirects are not followed: whoever asks decides where it may go. All its calls together end within ``max_time``.

    Args:
        settings: Usable settings; the key pair is not needed.

    Raises:
        SettingsError: A setting is missing or cannot be used.
        ProxyError: The proxy's address cannot be used.
        TrustError: A certificate file cannot be used.
    """
    settings.check()
    route = select_route(settings.address.web_api_address, settings)
    redactor = Redactor()
    redactor.learn(settings)
    hide_in_logs(redactor)
    redactor.add(*secrets_of(route))
    inner = httpx.HTTPTransport(client_context(settings), trust_env=False, proxy=http_proxy(route, settings))
    bounds = Bounds(settings.max_answer_bytes.value, until=time.monotonic() + settings.max_time.value)
    return ReportingClient(
        route,
        bounds,
        redactor,
        transport=ReportingTransport(bounded(inner), route, bounds, redactor),
        headers=HEADERS,
        timeout=call_timeout(settings),
        follow_redirects=False,
        trust_env=False,
    )

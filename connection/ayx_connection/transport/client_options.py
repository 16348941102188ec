"""What the settings and the route mean for httpx: headers, timeout, proxy, and what a call may cost."""

from __future__ import annotations

import platform

import httpx

from ayx_connection._version import __version__
from ayx_connection.proxy import Route
from ayx_connection.redaction import Secret
from ayx_connection.settings import Settings
from ayx_connection.transport.body import ACCEPT_ENCODING
from ayx_connection.transport.bounds import Bounds
from ayx_connection.trust import proxy_context

__all__ = ["HEADERS", "call_bounds", "call_timeout", "http_proxy", "secrets_of"]

_USER_AGENT = f"alteryx-server-toolkit/{__version__} python/{platform.python_version()} httpx/{httpx.__version__}"
#: What every request has.
HEADERS = {"Accept": "application/json", "Accept-Encoding": ACCEPT_ENCODING, "User-Agent": _USER_AGENT}


def call_timeout(settings: Settings) -> httpx.Timeout:
    """Return how long a connection and each piece of an answer are waited for."""
    return httpx.Timeout(settings.read_timeout.value, connect=settings.connect_timeout.value)


def call_bounds(settings: Settings) -> Bounds:
    """Return what a call may cost; ``max_time`` bounds it only where somebody has set it."""
    call_s = None if settings.max_time.is_default else settings.max_time.value
    return Bounds(settings.max_answer_bytes.value, call_s)


def http_proxy(route: Route, settings: Settings) -> httpx.Proxy | None:
    """Return the route's proxy as httpx takes it, or None for a direct route."""
    if route.proxy is None:
        return None
    context = proxy_context(settings) if route.proxy.scheme == "https" else None
    return httpx.Proxy(route.proxy.address, ssl_context=context, auth=route.proxy.credentials)


def secrets_of(route: Route) -> list[str | Secret]:
    """Return what is secret in a route: the password of its proxy, or the token that stands in the user's place."""
    credentials = route.proxy.credentials if route.proxy else None
    if credentials is None:
        return []
    user, password = credentials
    return [Secret(password or user), Secret(f"{user}:{password}")]

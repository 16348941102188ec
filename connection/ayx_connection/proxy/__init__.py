"""Which way a request goes: straight to the Server, or through which proxy."""

from __future__ import annotations

from ayx_connection.failures import ProxyError
from ayx_connection.proxy.address import ProxyAddress, parse_proxy
from ayx_connection.proxy.environment import environment_proxies
from ayx_connection.proxy.no_proxy import UrlPattern, pattern_of
from ayx_connection.proxy.route import Route, select_route

__all__ = [
    "ProxyAddress",
    "ProxyError",
    "Route",
    "UrlPattern",
    "environment_proxies",
    "parse_proxy",
    "pattern_of",
    "select_route",
]

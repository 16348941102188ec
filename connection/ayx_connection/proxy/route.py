"""Which way a request goes: straight to the Server, or through which proxy, and who said so.

The rules are httpx's (``HTTPS_PROXY`` and its kin, ``NO_PROXY``), because httpx is what ``connect()`` uses. The
decision is made here, once, and handed to httpx ready-made, so that the diagnosis and the client cannot disagree.
Notable in these rules: the lower-case variable wins over the upper-case one, and an empty lower-case one switches it
off; a proxy that is set for this Server alone (``--proxy``, ``ALTERYX_PROXY``) is used whatever ``NO_PROXY`` says;
addresses of this machine are no exception; ``NO_PROXY`` knows names and single addresses, but neither networks (CIDR)
nor ``*.`` wildcards.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from importlib.util import find_spec
from typing import Literal

from ayx_connection.failures import ProxyError
from ayx_connection.proxy.address import ProxyAddress, parse_proxy
from ayx_connection.proxy.environment import ProxyVariable, configured_proxies
from ayx_connection.proxy.no_proxy import UrlPattern, pattern_of
from ayx_connection.settings import Settings

__all__ = ["Route", "select_route"]


@dataclass(frozen=True)
class Route:
    """The way that was chosen for one URL.

    Attributes:
        kind: ``direct`` or ``proxy``.
        proxy: The proxy, when there is one.
        origin: Who decided: ``environment HTTPS_PROXY``, ``option --no-proxy``, ``default`` …
        no_proxy: The exceptions that were looked at (``NO_PROXY``), or None.
        no_proxy_origin: Where they came from, or None.
        no_proxy_match: The exception that applies to the URL, or None.
        no_proxy_unreadable: Exceptions on which httpx itself would fail (``[::1]``, ``fd00::/8``); they match nothing.
    """

    kind: Literal["direct", "proxy"]
    proxy: ProxyAddress | None
    origin: str
    no_proxy: str | None = None
    no_proxy_origin: str | None = None
    no_proxy_match: str | None = None
    no_proxy_unreadable: tuple[str, ...] = ()


def select_route(url: str, settings: Settings, environ: Mapping[str, str] | None = None) -> Route:
    """Choose the way to a URL.

    Args:
        url: Where the request goes; only scheme, host and port count.
        settings: The settings; ``no_proxy_at_all`` and ``proxy`` go before the environment.
        environ: Environment variables. By default those of the process and, where there are none about proxies, what
            the operating system has set (Windows registry, macOS network settings).

    Returns:
        The route.

    Raises:
        ProxyError: The chosen proxy's address cannot be used.
    """
    if settings.no_proxy_at_all.value:
        return Route("direct", None, settings.no_proxy_at_all.origin)
    if settings.proxy.value:
        return Route("proxy", _usable(settings.proxy.value, settings.proxy.origin), settings.proxy.origin)
    return _from_environment(url, configured_proxies(environ))


def _usable(text: str, origin: str) -> ProxyAddress:
    try:
        proxy = parse_proxy(text)
    except ProxyError as error:
        raise ProxyError(error.reason, code=error.code, origin=origin) from None  # the text may hold a password
    if proxy.scheme.startswith("socks") and find_spec("socksio") is None:
        message = "a SOCKS proxy needs the package socksio: pip install 'httpx[socks]'"
        raise ProxyError(message, code="proxy.socks_dep_missing", origin=origin)
    return proxy


def _from_environment(url: str, variables: Mapping[str, ProxyVariable]) -> Route:
    """Follow httpx: every proxy and every exception is a pattern; the most specific one that matches decides."""
    exceptions = variables.get("no", ProxyVariable("", ""))
    tokens = [token for part in exceptions.value.split(",") if (token := part.strip())]
    route = Route("direct", None, "default", exceptions.value or None, exceptions.origin or None)
    if "*" in tokens:
        return replace(route, origin=exceptions.origin, no_proxy_match="*")
    choices: dict[str, ProxyVariable | str] = {
        f"{scheme}://": variables[scheme] for scheme in ("http", "https", "all") if scheme in variables
    }
    choices |= {pattern_of(token): token for token in tokens}
    patterns = {text: UrlPattern.parse(text) for text in choices}
    unreadable = tuple(str(choices[text]) for text, pattern in patterns.items() if pattern is None)
    route = replace(route, no_proxy_unreadable=unreadable)
    target = UrlPattern.parse(url)
    matching = [p for p in patterns.values() if p is not None and target is not None and p.matches(target)]
    if not matching:
        return route
    choice = choices[min(matching, key=UrlPattern.priority).text]
    if isinstance(choice, str):
        return replace(route, origin=exceptions.origin, no_proxy_match=choice)
    address = choice.value if "://" in choice.value else f"http://{choice.value}"
    return replace(route, kind="proxy", proxy=_usable(address, choice.origin), origin=choice.origin)

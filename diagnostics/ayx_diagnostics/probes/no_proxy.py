"""Where the proxy variables send a request, by the rules of four clients that read them differently.

The rules: httpx 0.28 (``get_environment_proxies``), requests 2.34 (``should_bypass_proxies``), urllib
(``proxy_bypass_environment``) and curl 7.86 and newer (``lib/noproxy.c``). All are functions of the variables alone.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Mapping
from urllib.parse import urlsplit

from ayx_connection.proxy import ProxyError, UrlPattern, environment_proxies, parse_proxy, pattern_of

__all__ = ["DIRECT", "by_library", "without_password"]

DIRECT = "direct"
#: Beside letters of other scripts, IDNA takes no wildcard and no blank; in a plain name httpx lets them pass.
_NO_IDNA = re.compile(r"[\x00-\x2c/:-@\[-`{-\x7f]")
_USERINFO = re.compile(r"^([a-zA-Z][a-zA-Z0-9+.-]*://)?.*@", re.DOTALL)


def by_library(url: str, environ: Mapping[str, str]) -> dict[str, str]:
    """Return what each client does with a URL.

    Args:
        url: Where the request goes.
        environ: Environment variables.

    Returns:
        ``direct``, the proxy's URL without its password, or ``error: ...`` where the client fails before it connects.
    """
    return {name: rule(url, environ) for name, rule in _RULES.items()}


def without_password(value: str) -> str:
    """Return a proxy setting without its password; without any user information where it cannot be read."""
    address = value if "://" in value else f"http://{value}"
    try:
        return parse_proxy(address).without_password
    except ProxyError:
        return _USERINFO.sub(r"\1", value)


def _checked(value: str) -> str:
    """Return a proxy's URL for the report, or the error that the client meets."""
    address = value if "://" in value else f"http://{value}"
    try:
        return parse_proxy(address).without_password
    except ProxyError as error:
        return f"error: {error.reason}"


# --- httpx ---------------------------------------------------------------------------------------------------------


def _httpx(url: str, environ: Mapping[str, str]) -> str:
    variables = {kind: found.value for kind, found in environment_proxies(environ).items()}
    tokens = [token for part in variables.get("no", "").split(",") if (token := part.strip())]
    if "*" in tokens:
        return DIRECT
    proxies = {scheme: variables[scheme] for scheme in ("http", "https", "all") if scheme in variables}
    # every proxy is set up at once: a wrong one for another scheme stops the client too
    broken = next((text for text in map(_checked, proxies.values()) if text.startswith("error")), None)
    if broken:
        return broken
    choices: dict[str, str | None] = {f"{scheme}://": value for scheme, value in proxies.items()}
    choices |= dict.fromkeys(map(pattern_of, tokens))
    patterns: list[UrlPattern] = []
    for text in choices:
        pattern = UrlPattern.parse(text)
        if pattern is None or (not pattern.host.isascii() and _NO_IDNA.search(pattern.host)):
            return f"error: NO_PROXY has an entry that httpx cannot read ({text.removeprefix('all://')})"
        patterns.append(pattern)
    target = UrlPattern.parse(url)
    matching = [pattern for pattern in patterns if target is not None and pattern.matches(target)]
    choice = choices[min(matching, key=UrlPattern.priority).text] if matching else None
    return DIRECT if choice is None else _checked(choice)


# --- requests and urllib -------------------------------------------------------------------------------------------


def _requests(url: str, environ: Mapping[str, str]) -> str:
    parts = urlsplit(url)
    host = parts.hostname
    if host is None:
        return DIRECT
    exceptions = environ.get("no_proxy") or environ.get("NO_PROXY") or ""
    tokens = [token for token in exceptions.replace(" ", "").split(",") if token]
    variables = {kind: found.value for kind, found in environment_proxies(environ).items()}
    if _requests_bypasses(host, parts.port, tokens) or _urllib_bypasses(host, variables.get("no")):
        return DIRECT
    found = variables.get(parts.scheme, variables.get("all"))
    return DIRECT if found is None else _checked(found)


def _requests_bypasses(host: str, port: int | None, tokens: list[str]) -> bool:
    try:
        address = ipaddress.IPv4Address(host)
    except ValueError:
        names = {host, f"{host}:{port}" if port else host}
        bare = [token.lstrip(".") for token in tokens]
        return any(name == token or name.endswith(f".{token}") for name in names for token in bare)
    return any(token == host or _in_ipv4_network(address, token) for token in tokens)


def _in_ipv4_network(address: ipaddress.IPv4Address, token: str) -> bool:
    network, slash, bits = token.partition("/")
    if not slash or not bits.isascii() or not bits.isdecimal() or int(bits[:3]) == 0:
        return False  # requests takes no /0
    try:
        return address in ipaddress.IPv4Network(f"{network}/{bits}", strict=False)
    except ValueError:
        return False


def _urllib(url: str, environ: Mapping[str, str]) -> str:
    parts = urlsplit(url)
    variables = {kind: found.value for kind, found in environment_proxies(environ).items()}
    found = variables.get(parts.scheme)
    if found is None or _urllib_bypasses(parts.netloc.rpartition("@")[2], variables.get("no")):
        return DIRECT
    return without_password(found)


def _urllib_bypasses(host: str, exceptions: str | None) -> bool:
    """Compare as ``urllib.request.proxy_bypass_environment`` does, whose host may carry a port."""
    if exceptions is None:
        return False
    if exceptions == "*":
        return True
    host = host.lower()
    with_port = re.fullmatch(r"(.*):([0-9]*)", host, re.DOTALL)
    names = {host, with_port[1] if with_port else host}
    tokens = [token.strip().lstrip(".").lower() for token in exceptions.split(",") if token.strip()]
    return any(name == token or name.endswith(f".{token}") for name in names for token in tokens)


# --- curl ----------------------------------------------------------------------------------------------------------


def _curl(url: str, environ: Mapping[str, str]) -> str:
    parts = urlsplit(url)
    # HTTP_PROXY in upper case is not read: a web server's CGI program gets it from a client's header (httpoxy)
    names = [f"{parts.scheme}_proxy", "all_proxy", "ALL_PROXY"]
    if parts.scheme != "http":
        names.insert(1, f"{parts.scheme.upper()}_PROXY")
    found = next((environ[name] for name in names if environ.get(name)), None)
    exceptions = environ.get("no_proxy") or environ.get("NO_PROXY") or ""
    if found is None or _curl_bypasses(parts.hostname or "", exceptions):
        return DIRECT
    return without_password(found)


def _curl_bypasses(host: str, exceptions: str) -> bool:
    if exceptions == "*":
        return True
    tokens = [token for token in re.split(r"[ \t,]+", exceptions) if token]
    try:
        address = ipaddress.IPv4Address(host)
    except ValueError:  # an IPv6 address too: curl 7.88 has taken its brackets off and sees a name
        name = host.lower().removesuffix(".")
        bare = [token.lower().removesuffix(".").removeprefix(".") for token in tokens]
        return any(token and (name == token or name.endswith(f".{token}")) for token in bare)
    return any(_in_network(address, token) for token in tokens)


def _in_network(address: ipaddress.IPv4Address, token: str) -> bool:
    network, _, bits = token.partition("/")
    try:
        return address in ipaddress.IPv4Network(f"{network}/{int(bits or 0) or 32}", strict=False)
    except ValueError:
        return False


_RULES: Mapping[str, Callable[[str, Mapping[str, str]], str]] = {
    "httpx": _httpx,
    "requests": _requests,
    "urllib": _urllib,
    "curl": _curl,
}

"""The proxy: whether the client's settings choose one, what else this machine knows, and what becomes of CONNECT."""

from __future__ import annotations

import base64
import math
import os
import ssl
import sys
import urllib.request
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import h11
import truststore
from ayx_connection.proxy import ProxyError, parse_proxy, select_route

from ayx_diagnostics.model import Observation
from ayx_diagnostics.probes.http import HttpConnection
from ayx_diagnostics.probes.http_answer import evidence_of, redactor_for, shown_url
from ayx_diagnostics.probes.no_proxy import by_library, without_password
from ayx_diagnostics.probes.socks import open_tunnel
from ayx_diagnostics.probes.tls import Handshake, handshake
from ayx_diagnostics.vocabulary import errno_name

if TYPE_CHECKING:
    from ayx_connection.proxy import ProxyAddress, Route
    from ayx_connection.settings import Settings

    from ayx_diagnostics.network.base import Clock, Stream
    from ayx_diagnostics.probes.http_answer import Answer
    from ayx_diagnostics.probes.socks import SocksReply

__all__ = ["basic_credentials", "client_route", "select", "tunnel"]

_VARIABLES = ("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "NO_PROXY")
#: A refusal's page is read as far as its first words.
_BODY_LIMIT = 16384
_LONGEST_VALUE = 500
#: What of an answer's evidence belongs to a tunnel.
_KEPT = frozenset(
    {
        *("status", "reason", "server", "via", "x_squid_error", "proxy_status", "location", "content_type"),
        *("body_start", "first_bytes", "bytes_received"),
    }
)


# --- which one -----------------------------------------------------------------------------------------------------


def select(clock: Clock, target_url: str, settings: Settings, environ: Mapping[str, str]) -> Observation:
    """Find out which way the client's own request goes, and which ways other clients would take.

    Args:
        clock: The diagnosis' clock.
        target_url: Where the request goes.
        settings: The client's settings.
        environ: Environment variables.

    Returns:
        The observation ``select``: ``direct``, ``proxy`` or ``invalid``. No password is in it.
    """
    started_s = clock.now()
    evidence: dict[str, Any] = {
        "by_library": by_library(target_url, environ),
        "variables": {
            name: value if name.upper() == "NO_PROXY" else without_password(value)
            for name, value in environ.items()
            if name.upper() in _VARIABLES
        },
    }
    chosen: ProxyAddress | None = None
    try:
        route = client_route(target_url, settings, environ)
    except ProxyError as error:
        outcome = "invalid"
        evidence |= {"message": str(error), "code": error.code, "origin": error.origin}
    else:
        outcome, chosen = route.kind, route.proxy
        evidence |= _route_evidence(route)
    evidence["candidates"] = _candidates(chosen, environ)
    return Observation("proxy", "select", shown_url(target_url), started_s, clock.now() - started_s, outcome, evidence)


def client_route(target_url: str, settings: Settings, environ: Mapping[str, str]) -> Route:
    """Return the way that ``connect()`` takes.

    The operating system's own proxy settings count where the variables are those of this process; variables that were
    given in their place stand alone.

    Raises:
        ProxyError: The chosen proxy's address cannot be used.
    """
    return select_route(target_url, settings, None if environ is os.environ else environ)


def _route_evidence(route: Route) -> dict[str, Any]:
    evidence: dict[str, Any] = {
        "origin": route.origin,
        "no_proxy": route.no_proxy,
        "no_proxy_origin": route.no_proxy_origin,
        "no_proxy_match": route.no_proxy_match,
    }
    if route.proxy is not None:
        evidence |= {
            "proxy": route.proxy.without_password,
            "scheme": route.proxy.scheme,
            "proxy_host": route.proxy.host,
            "proxy_port": route.proxy.port,
            "has_credentials": route.proxy.username is not None,
        }
    return evidence


def _candidates(chosen: ProxyAddress | None, environ: Mapping[str, str]) -> list[dict[str, str]]:
    """Return the usable proxies that this machine names anywhere, less the one in use, each once."""
    known = {chosen.address} if chosen is not None else set()
    candidates: list[dict[str, str]] = []
    for variable, origin, value in _known_proxies(environ):
        try:
            proxy = parse_proxy(value if "://" in value else f"http://{value}")
        except ProxyError:
            continue
        if proxy.address not in known:
            known.add(proxy.address)
            candidates.append({"proxy": proxy.without_password, "origin": origin, "variable": variable})
    return candidates


def _known_proxies(environ: Mapping[str, str]) -> Iterator[tuple[str, str, str]]:
    """Yield variable (or ``""``), origin and value of every proxy setting, those in force or not."""
    for wanted in _VARIABLES[:3]:
        for name, value in environ.items():
            if name.upper() == wanted and value:
                yield name, f"environment {name}", value
    for value in _operating_system_proxies().values():
        yield "", "operating system settings", value


def _operating_system_proxies() -> Mapping[str, str]:
    """Return what the registry (Windows) or the network settings (macOS) hold, whatever the environment says."""
    readers = {"win32": "getproxies_registry", "darwin": "getproxies_macosx_sysconf"}
    read = getattr(urllib.request, readers.get(sys.platform, ""), None)
    try:
        found = read() if read else {}
    except OSError:
        return {}
    return {scheme: value for scheme, value in found.items() if scheme in ("http", "https") and value}


# --- through it ----------------------------------------------------------------------------------------------------


def basic_credentials(proxy: ProxyAddress) -> dict[str, str]:
    """Return the header with the proxy URL's credentials (RFC 7617), empty without any."""
    if proxy.credentials is None:
        return {}
    pair = ":".join(proxy.credentials).encode()
    return {"Proxy-Authorization": f"Basic {base64.b64encode(pair).decode('ascii')}"}


def tunnel(
    clock: Clock,
    stream: Stream,
    proxy: ProxyAddress,
    host: str,
    port: int,
    *,
    timeout_s: float,
    until_s: float = math.inf,
    candidate: bool = False,
    context: ssl.SSLContext | None = None,
) -> tuple[Observation, Stream | None]:
    """Ask a proxy for a tunnel: by CONNECT (RFC 9110, 9.3.6), inside TLS for ``https://``, or by SOCKS5 (RFC 1928).

    Args:
        clock: The diagnosis' clock.
        stream: A connection to the proxy; it is closed when there is no tunnel.
        proxy: The proxy; its credentials are sent, never recorded.
        host: Where the tunnel should lead.
        port: Port there.
        timeout_s: Bound of each of handshake and CONNECT.
        until_s: When both have to be over, by the clock.
        candidate: Whether this is a proxy that the client's settings do not use.
        context: For a handshake with the proxy; the operating system's trust by default.

    Returns:
        The observation, and the stream that leads through the tunnel.
    """
    started_s = clock.now()
    target = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    evidence: dict[str, Any] = {"proxy": proxy.without_password, "candidate": candidate, "phase": "request"}

    def observed(outcome: str) -> Observation:
        return Observation("proxy", "tunnel", target, started_s, clock.now() - started_s, outcome, evidence)

    if proxy.scheme.startswith("socks"):
        reply = open_tunnel(clock, stream, proxy, host, port, timeout_s=timeout_s)
        evidence |= _socks_evidence(reply)
        if reply.outcome != "ok":
            stream.close()
        return observed(reply.outcome), stream if reply.outcome == "ok" else None
    if proxy.scheme == "https":
        shaken = _handshake(clock, stream, proxy, timeout_s, context)
        if shaken.stream is None:
            evidence |= _handshake_evidence(shaken.observation)
            return observed(shaken.observation.outcome), None
        stream = shaken.stream
    connection = HttpConnection(stream)
    headers = {"Host": target, "User-Agent": "alteryx-server-toolkit", **basic_credentials(proxy)}
    request = h11.Request(method="CONNECT", target=target, headers=list(headers.items()))
    timeout_s = min(timeout_s, until_s - clock.now())
    answer = connection.ask(clock, request, b"", timeout_s=timeout_s, body_limit=_BODY_LIMIT)
    evidence |= _answer_evidence(answer, headers)
    if answer.status is None:
        connection.close()
        return observed(answer.outcome), None
    if not 200 <= answer.status < 300:  # noqa: PLR2004  # RFC 9110, 15.3: any 2xx opens the tunnel
        connection.close()
        return observed("status"), None
    return observed("ok"), connection.detach()


def _handshake(
    clock: Clock, stream: Stream, proxy: ProxyAddress, timeout_s: float, context: ssl.SSLContext | None
) -> Handshake:
    if context is None:
        context = truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    target = f"{proxy.host}:{proxy.port}"
    return handshake(clock, stream, context, proxy.host, target=target, timeout_s=timeout_s)


def _handshake_evidence(seen: Observation) -> dict[str, Any]:
    found = seen.evidence
    return {
        "phase": "tls",
        "first_bytes": found.get("first_bytes"),
        "tls_reason": found.get("reason"),
        "verify_message": found.get("verify_message"),
        "bytes_received": found.get("bytes_received"),
        "errno_name": found.get("errno_name"),
    }


def _socks_evidence(reply: SocksReply) -> dict[str, Any]:
    evidence: dict[str, Any] = {
        "status": reply.code,
        "reason": reply.reason,
        "bytes_received": len(reply.received),
        "errno_name": errno_name(reply.error.errno) if reply.error else None,
    }
    if reply.outcome == "not_socks":
        evidence["first_bytes"] = repr(reply.received)[2:-1]
    return evidence


def _answer_evidence(answer: Answer, headers: Mapping[str, str]) -> dict[str, Any]:
    redactor = redactor_for(headers.items(), b"")
    evidence = {key: value for key, value in evidence_of(answer, redactor).items() if key in _KEPT}
    if isinstance(answer.error, OSError):
        evidence["errno_name"] = errno_name(answer.error.errno)
    evidence["proxy_authenticate"] = [
        redactor.beginning(value, _LONGEST_VALUE) for name, value in answer.headers if name == "proxy-authenticate"
    ]
    return evidence

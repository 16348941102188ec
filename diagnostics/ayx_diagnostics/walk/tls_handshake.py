"""The handshake as the client makes it, and over further connections; on failure, on to the controls."""

from __future__ import annotations

import ssl
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from ayx_connection.trust import TrustError, proxy_context

from ayx_diagnostics.network.attempt import endpoint
from ayx_diagnostics.probes import tcp, tls, trust
from ayx_diagnostics.probes.dns_system import system_lookup
from ayx_diagnostics.probes.tls import unverified_context
from ayx_diagnostics.walk.session import OutOfTime

if TYPE_CHECKING:
    from ayx_diagnostics.model import Observation
    from ayx_diagnostics.network.base import Stream
    from ayx_diagnostics.walk.route import OpenRoute
    from ayx_diagnostics.walk.session import Session

__all__ = [
    "CONTROL_S",
    "Secured",
    "handshake",
    "handshake_again",
    "open_anywhere",
    "open_small",
    "secure",
    "shake_unverified",
]

#: How long a control is waited for, in seconds.
CONTROL_S = 3.0
_LEAST_S = 1.0


@dataclass(frozen=True)
class Secured:
    """An encrypted connection, and whether the peer proved who it is."""

    stream: Stream
    verified: bool


def secure(session: Session, route: OpenRoute, context: ssl.SSLContext) -> tuple[Observation, Secured | None]:
    """Shake hands with the client's own trust; go on unverified where the certificate is refused.

    Returns:
        How the handshake went, and the encrypted connection, or None when there is none to be had.
    """
    session.progress(f"TLS handshake with {session.target.host}")
    seen, stream, chain = handshake(session, route, route.stream, context, "client")
    seen = session.record(seen)
    if stream is None:
        return seen, _observe_unverified(session, route, chain) if seen.outcome == "verify_failed" else None
    if trust.variables_differ(session.environ):
        _record_trust(session, chain)
    if not session.settings.verify.value:
        _verify_all_the_same(session, route)
    return seen, Secured(stream, verified=session.settings.verify.value)


def handshake(
    session: Session, route: OpenRoute, stream: Stream, context: ssl.SSLContext, purpose: str
) -> tls.Handshake:
    """Shake hands over a stream of the route; it is closed when that fails, or when no time is left for it."""
    try:
        timeout_s = session.connect_timeout_s
    except OutOfTime:
        stream.close()
        raise
    if purpose == "client":  # a short budget is shared with the controls that tell why it hangs
        timeout_s = min(timeout_s, max(_LEAST_S, session.remaining_s / 2))
    return tls.handshake(
        session.network,
        stream,
        context,
        None if purpose == "no_sni" else session.target.host,
        target=route.target,
        timeout_s=timeout_s,
        purpose=purpose,
        via_proxy=route.proxy is not None,
    )


def shake_unverified(session: Session, route: OpenRoute, stream: Stream | None, purpose: str) -> Stream | None:
    """Record a handshake without verification over a further connection, if there is one; return what it secured."""
    if stream is None:
        return None
    seen, opened, _chain = handshake(session, route, stream, unverified_context(), purpose)
    session.record(seen)
    return opened


def _record_trust(session: Session, chain: list[bytes]) -> None:
    session.record(trust.matrix(session.network, chain, session.target.host, session.settings, session.environ))


def _verify_all_the_same(session: Session, route: OpenRoute) -> None:
    """Verify over a connection of its own what the user asked not to verify: to be told, not to stop anything."""
    again = route.reopen()
    if again is None:
        return
    try:
        context = proxy_context(session.settings)  # verifies whatever the settings say
    except TrustError:
        again.close()
        return
    seen, stream, chain = handshake(session, route, again, context, "verifying")
    session.record(seen)
    if stream is not None:
        stream.close()
    elif seen.outcome == "verify_failed":
        _record_trust(session, chain)


def _observe_unverified(session: Session, route: OpenRoute, chain: list[bytes]) -> Secured | None:
    """Go on without credentials where the certificate was refused, to see what else there is to see."""
    _record_trust(session, chain)
    if route.proxy is not None:
        _without_proxy(session, route)
    stream = shake_unverified(session, route, route.reopen(), "unverified")
    return Secured(stream, verified=False) if stream is not None else None


def _without_proxy(session: Session, route: OpenRoute) -> None:
    """Shake hands with the Server directly, where it can be reached: whose certificate does it show there?"""
    host, port, timeout_s = session.target.host, session.target.port, session.within_budget(CONTROL_S)
    found = system_lookup(session.network, host, timeout_s=timeout_s)
    for address in found.evidence.get("addresses", ())[:1]:
        _, stream = tcp.connect(session.network, address, port, timeout_s=session.within_budget(CONTROL_S))
        if stream is None:
            return
        direct = replace(route, stream=stream, target=endpoint(address, port), address=address, proxy=None)
        if (opened := shake_unverified(session, direct, stream, "direct")) is not None:
            opened.close()


# --- further connections ---------------------------------------------------------------------------------------------


def handshake_again(session: Session, route: OpenRoute, context: ssl.SSLContext | None) -> Stream | None:
    """Open a further connection as the client's own, encrypted where that is; nothing of it is recorded."""
    stream = route.reopen()
    if stream is None or context is None:
        return stream
    return handshake(session, route, stream, context, "client").stream


def open_small(session: Session, route: OpenRoute, maxseg: int) -> Stream | None:
    """Open a further connection with small segments in both directions; None through a proxy, or when it fails."""
    if route.address is None:
        return None
    timeout_s = session.within_budget(CONTROL_S)
    return tcp.connect(session.network, route.address, session.target.port, timeout_s=timeout_s, maxseg=maxseg)[1]


def open_anywhere(session: Session, route: OpenRoute, url: str) -> Stream | None:
    """Open a connection for a URL of the Server's host, by its own scheme and port; nothing secret may go over it."""
    parts = urlsplit(url)
    port = parts.port or {"http": 80, "https": 443}.get(parts.scheme)
    if route.address is None or port is None:
        return None
    _, stream = tcp.connect(session.network, route.address, port, timeout_s=session.within_budget(CONTROL_S))
    if stream is None or parts.scheme == "http":
        return stream
    return handshake(session, replace(route, stream=stream), stream, unverified_context(), "unverified").stream

"""The handshake, and the controls that tell why it failed."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from functools import partial
from http import HTTPStatus
from ipaddress import ip_address
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from ayx_diagnostics.model import Observation
from ayx_diagnostics.network.streams import SocketStream
from ayx_diagnostics.probes import resolver, tcp, tls, trust
from ayx_diagnostics.probes.tls import unverified_context
from ayx_diagnostics.walk.route import try_candidates
from ayx_diagnostics.walk.session import OutOfTime, side_by_side

if TYPE_CHECKING:
    from ayx_diagnostics.network.streams import Stream
    from ayx_diagnostics.walk.route import Road
    from ayx_diagnostics.walk.session import Session

__all__ = ["Secured", "handshake_again", "open_anywhere", "open_small", "secure", "try_handshake"]

#: Alerts after which the versions that the peer speaks are worth knowing (RFC 8446, 6.2).
_HANDSHAKE_FAILURE, _PROTOCOL_VERSION, _UNRECOGNIZED_NAME = 40, 70, 112
#: How a filter ends a handshake; a proxy may be the way around it.
_CUT = frozenset({"reset", "closed", "timeout"})
_QUIET_S = 0.7
#: Addresses of documentation, which no network routes (RFC 5737, RFC 3849).
_NOBODY = {4: "192.0.2.1", 6: "2001:db8::1"}
_NOBODY_S = 0.7
_CONTROL_S, _VERSIONS_S = 3.0, 12.0
_LEAST_S = 1.0
#: Segments that fit IPv6's smallest MTU of 1280 (RFC 8200, 5), and a narrower path of IPv4, with their headers.
_SMALL_SEGMENTS = (1200, 512)


class Secured:
    """An encrypted connection, and whether the peer proved who it is."""

    def __init__(self, stream: Stream, *, verified: bool) -> None:
        self.stream = stream
        self.verified = verified


def secure(session: Session, road: Road, context: ssl.SSLContext) -> Secured | None:
    """Shake hands with the client's own trust; on failure, find out why and go on unverified where that is possible.

    Returns:
        The encrypted connection, or None when there is none to be had.
    """
    session.progress(f"TLS handshake with {session.target.host}")
    seen, stream, chain = _handshake(session, road, road.stream, context, "client")
    session.record(seen)
    if stream is not None:
        if trust.variables_differ(session.environ):
            session.record(trust.matrix(session.clock, chain, session.target.host, session.settings, session.environ))
        if not session.settings.verify.value:
            _verify_all_the_same(session, road)
        return Secured(stream, verified=session.settings.verify.value)
    if seen.outcome == "verify_failed":
        return _observe_unverified(session, road, chain)
    controls = [partial(control, session, road, seen) for control in _CONTROLS.get(seen.outcome, ())]
    if road.proxy is None and seen.outcome in _CUT:
        controls.append(partial(try_candidates, session))
    if seen.outcome == "timeout":  # each of them may take as long again
        side_by_side(controls, timeout_s=max(0.0, session.remaining_s))
    else:
        for control in controls:
            control()
    return None


def try_handshake(session: Session, road: Road) -> None:
    """Ask a port that gave no answer to plain HTTP whether it speaks TLS."""
    requests = [seen for seen in session.observations if (seen.stage, seen.operation) == ("token", "request")]
    sent = [seen for seen in requests if seen.outcome != "withheld"]
    if road.proxy is not None or not sent or any(_is_answer(seen) for seen in sent):
        return
    _shake_unverified(session, road, road.reopen(), "unverified")


def _is_answer(seen: Observation) -> bool:
    """Whether somebody who speaks plain HTTP answered; a port for TLS says 400, if anything."""
    bare = seen.evidence.get("status") == HTTPStatus.BAD_REQUEST and not seen.evidence.get("error")
    return seen.outcome == "ok" and not bare


def handshake_again(session: Session, road: Road, context: ssl.SSLContext) -> Stream | None:
    """Open a further encrypted connection for a control; nothing of it is recorded."""
    stream = road.reopen()
    if stream is None or session.target.scheme == "http":
        return stream
    return _handshake(session, road, stream, context, "client")[1]


def open_anywhere(session: Session, road: Road, url: str) -> Stream | None:
    """Open a connection for a URL of the Server's host, by its own scheme and port; nothing secret may go over it."""
    parts = urlsplit(url)
    port = parts.port or {"http": 80, "https": 443}.get(parts.scheme)
    if road.address is None or port is None:
        return None
    _, sock = tcp.connect(session.clock, road.address, port, timeout_s=session.within_budget(_CONTROL_S))
    if sock is None or parts.scheme == "http":
        return SocketStream(sock) if sock else None
    there = replace(road, stream=SocketStream(sock))
    return _handshake(session, there, there.stream, unverified_context(), "unverified")[1]


def _handshake(session: Session, road: Road, stream: Stream, context: ssl.SSLContext, purpose: str) -> tls.Handshake:
    try:
        timeout_s = session.connect_timeout_s
    except OutOfTime:
        stream.close()
        raise
    if purpose == "client":  # a short budget is shared with the controls that tell why it hangs
        timeout_s = min(timeout_s, max(_LEAST_S, session.remaining_s / 2))
    return tls.handshake(
        session.clock,
        stream,
        context,
        None if purpose == "no_sni" else session.target.host,
        target=road.target,
        timeout_s=timeout_s,
        purpose=purpose,
        via_proxy=road.proxy is not None,
    )


def _verify_all_the_same(session: Session, road: Road) -> None:
    """Verify over a connection of its own what the user asked not to verify: to be told, not to stop anything."""
    from ayx_connection.trust import TrustError, proxy_context

    again = road.reopen()
    if again is None:
        return
    try:
        context = proxy_context(session.settings)  # verifies whatever the settings say
    except TrustError:
        again.close()
        return
    seen, stream, chain = _handshake(session, road, again, context, "verifying")
    session.record(seen)
    if stream is not None:
        stream.close()
    elif seen.outcome == "verify_failed":
        session.record(trust.matrix(session.clock, chain, session.target.host, session.settings, session.environ))


def _shake_unverified(session: Session, road: Road, stream: Stream | None, purpose: str) -> None:
    """Record a handshake without verification over a further connection, if there is one, and end it."""
    if stream is None:
        return
    seen, opened, _chain = _handshake(session, road, stream, unverified_context(), purpose)
    session.record(seen)
    if opened is not None:
        opened.close()


def _observe_unverified(session: Session, road: Road, chain: list[bytes]) -> Secured | None:
    session.record(trust.matrix(session.clock, chain, session.target.host, session.settings, session.environ))
    if road.proxy is not None:
        _without_proxy(session, road)
    again = road.reopen()
    if again is None:
        return None
    seen, stream, _chain = _handshake(session, road, again, unverified_context(), "unverified")
    session.record(seen)
    return Secured(stream, verified=False) if stream else None


def _without_proxy(session: Session, road: Road) -> None:
    """Shake hands with the Server directly, where it can be reached: whose certificate does it show there?"""
    host, port, timeout_s = session.target.host, session.target.port, session.within_budget(_CONTROL_S)
    found = resolver.system_lookup(session.clock, host, timeout_s=timeout_s)
    for address in found.evidence.get("addresses", ())[:1]:
        _, sock = tcp.connect(session.clock, address, port, timeout_s=session.within_budget(_CONTROL_S))
        if sock is None:
            return
        name = f"[{address}]:{port}" if ":" in address else f"{address}:{port}"
        direct = replace(road, stream=SocketStream(sock), target=name, address=address, proxy=None)
        _shake_unverified(session, direct, direct.stream, "direct")


def _say_nothing(session: Session, road: Road, _: Observation) -> None:
    """Connect and stay quiet: does the peer end the connection before it has heard a word of TLS?"""
    if road.address is None:
        return
    session.record(
        tcp.quiet(
            session.clock, road.address, session.target.port, timeout_s=session.connect_timeout_s, wait_s=_QUIET_S
        )
    )


def _where_nobody_is(session: Session, road: Road, _: Observation) -> None:
    """Connect to an address that nobody has: what accepts there accepts in everybody's name."""
    if road.address is None or ip_address(road.address).is_loopback:
        return
    nobody = _NOBODY[ip_address(road.address).version]
    seen, sock = tcp.connect(
        session.clock, nobody, session.target.port, timeout_s=session.within_budget(_NOBODY_S), operation="control"
    )
    if sock is not None:
        sock.close()
    session.record(replace(seen, evidence={**seen.evidence, "purpose": "nobody"}))


def _without_name(session: Session, road: Road, _: Observation) -> None:
    """Shake hands without naming the Server: a filter by name lets this one through."""
    _shake_unverified(session, road, road.reopen(), "no_sni")


def open_small(session: Session, road: Road, maxseg: int = _SMALL_SEGMENTS[-1]) -> Stream | None:
    """Open a further connection with small segments in both directions; None through a proxy, or when it fails."""
    if road.address is None:
        return None
    timeout_s = session.within_budget(_CONTROL_S)
    _, sock = tcp.connect(session.clock, road.address, session.target.port, timeout_s=timeout_s, maxseg=maxseg)
    return SocketStream(sock) if sock is not None else None


def _with_small_segments(session: Session, road: Road, _: Observation, *, maxseg: int) -> None:
    """Shake hands with small segments in both directions: works where a path drops the large ones."""
    _shake_unverified(session, road, open_small(session, road, maxseg), "small_segments")


def _once_more(session: Session, road: Road, _: Observation) -> None:
    """Shake hands as the client did: what works a moment later was slow, whatever else works as well."""
    _shake_unverified(session, road, road.reopen(), "again")


def _versions(session: Session, road: Road, seen: Observation) -> None:
    """Ask for each version alone, where the peer's alert may be about versions or ciphers."""
    numbers = {alert["number"] for alert in seen.evidence.get("alerts", ()) if alert["direction"] == "received"}
    if _UNRECOGNIZED_NAME in numbers:
        _without_name(session, road, seen)
    if seen.outcome != "alert" or numbers & {_HANDSHAKE_FAILURE, _PROTOCOL_VERSION}:
        session.record(
            tls.versions(
                session.clock,
                road.reopen,
                session.target.host,
                target=road.target,
                timeout_s=session.within_budget(_VERSIONS_S),
            )
        )


def _plain_request(session: Session, road: Road, _: Observation) -> None:
    """Ask in plain HTTP, without credentials: is that what the port speaks instead of TLS?"""
    from ayx_diagnostics.probes.http import HttpConnection, exchange

    again = road.reopen()
    if again is None:
        return
    url = session.target.web_api_address.replace("https://", "http://", 1)
    with closing(HttpConnection(again)) as connection:
        session.record(
            exchange(
                session.clock,
                connection,
                "GET",
                f"{url}/swagger/docs/3",
                timeout_s=session.within_budget(_CONTROL_S),
                purpose="plain_http",
                verified=False,
                address=road.address,
            )
        )


_Control = Callable[["Session", "Road", Observation], None]

#: How a handshake failed -> what separates the causes that are left.
_CONTROLS: dict[str, tuple[_Control, ...]] = {
    "reset": (_say_nothing, _without_name, _plain_request, _where_nobody_is),
    "closed": (_say_nothing, _without_name, _plain_request, _where_nobody_is),
    "timeout": (
        _say_nothing,
        _without_name,
        *(partial(_with_small_segments, maxseg=maxseg) for maxseg in _SMALL_SEGMENTS),
        _once_more,
        _plain_request,
        _where_nobody_is,
    ),
    "alert": (_versions,),
    "protocol_error": (_versions,),
    "not_tls": (_plain_request,),
}

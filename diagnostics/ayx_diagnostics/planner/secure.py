"""The handshake, and the controls that tell why it failed."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING

from ayx_diagnostics.model import Observation
from ayx_diagnostics.probes import tcp, tls, trust
from ayx_diagnostics.probes.tls import unverified_context
from ayx_diagnostics.streams import SocketStream

if TYPE_CHECKING:
    from ayx_diagnostics.planner.road import Road
    from ayx_diagnostics.planner.session import Session
    from ayx_diagnostics.streams import Stream

__all__ = ["Secured", "handshake_again", "secure", "try_handshake"]

#: Alerts after which the versions that the peer speaks are worth knowing (RFC 8446, 6.2).
_HANDSHAKE_FAILURE, _PROTOCOL_VERSION, _UNRECOGNIZED_NAME = 40, 70, 112
_QUIET_S = 0.7
_CONTROL_S, _VERSIONS_S = 3.0, 12.0
#: A segment that fits every path in use: IPv6's smallest MTU of 1280, less 40 + 20 bytes of headers (RFC 8200, 5).
_SMALL_SEGMENT = 1200


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
        return Secured(stream, verified=session.settings.verify.value)
    if seen.outcome == "verify_failed":
        return _observe_unverified(session, road, chain)
    controls = _CONTROLS.get(seen.outcome, ())
    for control in controls:
        control(session, road, seen)
    return None


def try_handshake(session: Session, road: Road) -> None:
    """Ask a port that gave no answer to plain HTTP whether it speaks TLS."""
    requests = [seen for seen in session.observations if (seen.stage, seen.operation) == ("token", "request")]
    sent = [seen for seen in requests if seen.outcome != "withheld"]
    if road.proxy is not None or not sent or any(seen.outcome == "ok" for seen in sent):
        return
    stream = road.reopen()
    if stream is None:
        return
    seen, opened, _chain = _handshake(session, road, stream, unverified_context(), "unverified")
    session.record(seen)
    if opened:
        opened.close()


def handshake_again(session: Session, road: Road, context: ssl.SSLContext) -> Stream | None:
    """Open a further encrypted connection for a control; nothing of it is recorded."""
    stream = road.reopen()
    if stream is None or session.target.scheme == "http":
        return stream
    return _handshake(session, road, stream, context, "client")[1]


def _handshake(session: Session, road: Road, stream: Stream, context: ssl.SSLContext, purpose: str) -> tls.Handshake:
    return tls.handshake(
        session.clock,
        stream,
        context,
        None if purpose == "no_sni" else session.target.host,
        target=road.target,
        timeout_s=session.connect_timeout_s,
        purpose=purpose,
        via_proxy=road.proxy is not None,
    )


def _observe_unverified(session: Session, road: Road, chain: list[bytes]) -> Secured | None:
    session.record(trust.matrix(session.clock, chain, session.target.host, session.settings, session.environ))
    again = road.reopen()
    if again is None:
        return None
    seen, stream, _chain = _handshake(session, road, again, unverified_context(), "unverified")
    session.record(seen)
    return Secured(stream, verified=False) if stream else None


def _say_nothing(session: Session, road: Road, _: Observation) -> None:
    """Connect and stay quiet: does the peer end the connection before it has heard a word of TLS?"""
    if road.address is None:
        return
    session.record(
        tcp.quiet(
            session.clock, road.address, session.target.port, timeout_s=session.connect_timeout_s, wait_s=_QUIET_S
        )
    )


def _without_name(session: Session, road: Road, _: Observation) -> None:
    """Shake hands without naming the Server: a filter by name lets this one through."""
    again = road.reopen()
    if again is None:
        return
    seen, stream, _chain = _handshake(session, road, again, unverified_context(), "no_sni")
    session.record(seen)
    if stream:
        stream.close()


def _with_small_segments(session: Session, road: Road, _: Observation) -> None:
    """Shake hands with small segments in both directions: works where a path drops the large ones."""
    if road.address is None:
        return
    timeout_s = session.within_budget(_CONTROL_S)
    seen, sock = tcp.connect(
        session.clock,
        road.address,
        session.target.port,
        timeout_s=timeout_s,
        maxseg=_SMALL_SEGMENT,
        operation="control",
    )
    if sock is None:
        return
    small = replace(road, stream=SocketStream(sock))
    seen, stream, _chain = _handshake(session, small, small.stream, unverified_context(), "small_segments")
    session.record(seen)
    if stream:
        stream.close()


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
    "reset": (_say_nothing, _without_name),
    "closed": (_say_nothing, _without_name),
    "timeout": (_say_nothing, _without_name, _with_small_segments),
    "alert": (_versions,),
    "protocol_error": (_versions,),
    "not_tls": (_plain_request,),
}

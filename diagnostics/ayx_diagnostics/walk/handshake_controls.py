"""Why a handshake failed: for each outcome, the controls that separate the causes that are left."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import closing
from functools import partial
from http import HTTPStatus
from ipaddress import ip_address
from typing import TYPE_CHECKING

from ayx_diagnostics.evidence import Evidence, mappings, text, whole
from ayx_diagnostics.model import Observation
from ayx_diagnostics.probes import tcp, tls
from ayx_diagnostics.probes.http import HttpConnection, exchange
from ayx_diagnostics.walk.control_connect import connect_as_control
from ayx_diagnostics.walk.other_proxies import try_candidates
from ayx_diagnostics.walk.tls_handshake import CONTROL_S, open_small, shake_unverified

if TYPE_CHECKING:
    from ayx_diagnostics.network.base import Stream
    from ayx_diagnostics.walk.route import OpenRoute
    from ayx_diagnostics.walk.session import Session

__all__ = ["CONTROLS", "find_out_why", "try_handshake"]

#: Alerts after which the versions that the peer speaks are worth knowing (RFC 8446, 6.2).
_HANDSHAKE_FAILURE, _PROTOCOL_VERSION, _UNRECOGNIZED_NAME = 40, 70, 112
#: How a filter ends a handshake; a proxy may be the way around it.
_CUT = frozenset({"reset", "closed", "timeout"})
_QUIET_S = 0.7
#: Addresses of documentation, which no network routes (RFC 5737, RFC 3849).
_NOBODY = {4: "192.0.2.1", 6: "2001:db8::1"}
_NOBODY_S = 0.7
_VERSIONS_S = 12.0
#: Segments that fit IPv6's smallest MTU of 1280 (RFC 8200, 5), and a narrower path of IPv4, with their headers.
SMALL_SEGMENTS = (1200, 512)


def find_out_why(session: Session, route: OpenRoute, seen: Observation) -> None:
    """Make the controls for how a handshake failed: side by side where each may take as long as it did."""
    controls: list[Callable[[], object]] = [
        partial(control, session, route, seen) for control in CONTROLS.get(seen.outcome, ())
    ]
    if route.proxy is None and seen.outcome in _CUT:
        controls.append(partial(try_candidates, session))
    if seen.outcome == "timeout":
        session.side_by_side(controls, session.remaining_s)
    else:
        for control in controls:
            control()


def try_handshake(session: Session, route: OpenRoute) -> None:
    """Ask a port that gave no answer to plain HTTP whether it speaks TLS."""
    requests = Evidence(session.observations).all("token", "request")
    sent = [seen for seen in requests if seen.outcome != "withheld"]
    if route.proxy is None and sent and not any(_is_answer(seen) for seen in sent):
        _shake_and_close(session, route, route.reopen(), "unverified")


def _is_answer(seen: Observation) -> bool:
    """Whether somebody who speaks plain HTTP answered; a port for TLS says 400, if anything."""
    bare = whole(seen, "status") == HTTPStatus.BAD_REQUEST and not text(seen, "error")
    return seen.ok and not bare


def _shake_and_close(session: Session, route: OpenRoute, stream: Stream | None, purpose: str) -> None:
    if (opened := shake_unverified(session, route, stream, purpose)) is not None:
        opened.close()


def _say_nothing(session: Session, route: OpenRoute, _: Observation) -> None:
    """Connect and stay quiet: does the peer end the connection before it has heard a word of TLS?"""
    if route.address is None:
        return
    session.record(
        tcp.quiet(
            session.network, route.address, session.target.port, timeout_s=session.connect_timeout_s, wait_s=_QUIET_S
        )
    )


def _where_nobody_is(session: Session, route: OpenRoute, _: Observation) -> None:
    """Connect to an address that nobody has: what accepts there accepts in everybody's name."""
    if route.address is None or ip_address(route.address).is_loopback:
        return
    nobody = _NOBODY[ip_address(route.address).version]
    connect_as_control(session, nobody, session.target.port, "nobody", session.within_budget(_NOBODY_S))


def _without_name(session: Session, route: OpenRoute, _: Observation) -> None:
    """Shake hands without naming the Server: a filter by name lets this one through."""
    _shake_and_close(session, route, route.reopen(), "no_sni")


def _with_small_segments(session: Session, route: OpenRoute, _: Observation, *, maxseg: int) -> None:
    """Shake hands with small segments in both directions: works where a path drops the large ones."""
    _shake_and_close(session, route, open_small(session, route, maxseg), "small_segments")


def _once_more(session: Session, route: OpenRoute, _: Observation) -> None:
    """Shake hands as the client did: what works a moment later was slow, whatever else works as well."""
    _shake_and_close(session, route, route.reopen(), "again")


def _versions(session: Session, route: OpenRoute, seen: Observation) -> None:
    """Ask for each version alone, where the peer's alert may be about versions or ciphers."""
    numbers = {alert["number"] for alert in mappings(seen, "alerts") if alert["direction"] == "received"}
    if _UNRECOGNIZED_NAME in numbers:
        _without_name(session, route, seen)
    if seen.outcome != "alert" or numbers & {_HANDSHAKE_FAILURE, _PROTOCOL_VERSION}:
        timeout_s = session.within_budget(_VERSIONS_S)
        host = session.target.host
        session.record(tls.versions(session.network, route.reopen, host, target=route.target, timeout_s=timeout_s))


def _plain_request(session: Session, route: OpenRoute, _: Observation) -> None:
    """Ask in plain HTTP, without credentials: is that what the port speaks instead of TLS?"""
    again = route.reopen()
    if again is None:
        return
    url = session.target.web_api_address.replace("https://", "http://", 1)
    with closing(HttpConnection(again)) as connection:
        session.record(
            exchange(
                session.network,
                connection,
                "GET",
                f"{url}/swagger/docs/3",
                timeout_s=session.within_budget(CONTROL_S),
                purpose="plain_http",
                verified=False,
                address=route.address,
            )
        )


Control = Callable[["Session", "OpenRoute", Observation], None]

#: How a handshake failed -> what separates the causes that are left.
CONTROLS: Mapping[str, tuple[Control, ...]] = {
    "reset": (_say_nothing, _without_name, _plain_request, _where_nobody_is),
    "closed": (_say_nothing, _without_name, _plain_request, _where_nobody_is),
    "timeout": (
        _say_nothing,
        _without_name,
        *(partial(_with_small_segments, maxseg=maxseg) for maxseg in SMALL_SEGMENTS),
        _once_more,
        _plain_request,
        _where_nobody_is,
    ),
    "alert": (_versions,),
    "protocol_error": (_versions,),
    "not_tls": (_plain_request,),
}

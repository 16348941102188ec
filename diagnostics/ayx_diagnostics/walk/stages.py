"""The walk through the stages, in the order in which a request meets them.

Each stage is examined with the cheapest probe first; further probes run only where that one failed, side by side, and
only those that separate the causes still possible. What a stage opens (a connection, a TLS session, a token) is handed
on to the next, so that a healthy run makes no more round trips than the client itself.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack, closing
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from ayx_diagnostics.walk.packet_loss import count_losses
from ayx_diagnostics.walk.resolution import check_addresses
from ayx_diagnostics.walk.route import (
    Road,
    find_direct_road,
    find_proxy_road,
    try_candidates,
    try_direct,
    try_other_scheme,
)
from ayx_diagnostics.walk.session import OutOfTime, Session

if TYPE_CHECKING:
    import ssl
    import threading

    from ayx_diagnostics.network.streams import Stream
    from ayx_diagnostics.probes.http import HttpConnection

__all__ = ["OutOfTime", "Session", "walk"]

#: How long the other addresses are waited for once one has carried the whole walk.
_STRAGGLERS_S = 10.0


def walk(session: Session) -> None:
    """Examine every stage that can be reached; all results are in ``session.observations``."""
    with session.until_out_of_time():
        road, stragglers = _find_road(session)
        if road is not None:
            with closing(road.stream):
                if session.wants("tls"):
                    _talk(session, road)
                if road.address is not None:
                    if not _met_the_server(session):
                        check_addresses(session)
                    count_losses(session, road.address)
        for thread in stragglers:
            # an address that stays silent costs the user's own client a whole connect timeout: worth knowing
            thread.join(max(0.0, min(_STRAGGLERS_S, session.remaining_s)))


def _met_the_server(session: Session) -> bool:
    """Whether a verified peer answered as the Server does; if not, the name may have led to somebody else."""
    if session.last in ("config", "local", "proxy", "dns", "tcp"):
        return True
    return any(
        seen.operation in ("request", "call", "get")
        and seen.ok
        and seen.evidence.get("verified") is not False
        and (seen.evidence.get("has_access_token") or seen.evidence.get("swagger") or seen.evidence.get("error"))
        for seen in session.observations
    )


def _find_road(session: Session) -> tuple[Road | None, list[threading.Thread]]:
    from ayx_connection.proxy import ProxyError

    from ayx_diagnostics.probes import proxy

    seen = session.record(
        proxy.select(session.clock, session.target.web_api_address, session.settings, session.environ)
    )
    if seen.outcome == "invalid":
        return None, []
    if not session.wants("proxy") and seen.outcome == "proxy":
        return None, []
    try:
        route = proxy.client_route(session.target.web_api_address, session.settings, session.environ)
    except ProxyError:
        return None, []
    if route.proxy is None:
        if not session.wants("dns"):
            return None, []
        return find_direct_road(session)
    session.target = replace(session.target, route="proxy")
    road = find_proxy_road(session, route.proxy)
    if road is None:
        try_other_scheme(session, route.proxy)
        try_candidates(session)
        try_direct(session)
    return road, []


def _talk(session: Session, road: Road) -> None:
    from ayx_diagnostics.walk.tls_handshake import try_handshake

    if session.target.scheme == "http":
        if session.wants("http"):
            _ask(
                session,
                road,
                road.stream,
                partial(_plain, road),
                lambda used: used.reopen(),
                context=None,
                verified=False,
            )
            try_handshake(session, road)
            if road.proxy is not None:
                try_other_scheme(session, road.proxy)
        return
    from ayx_connection.trust import client_context

    from ayx_diagnostics.probes.http import HttpConnection
    from ayx_diagnostics.probes.tls import unverified_context
    from ayx_diagnostics.walk.tls_handshake import handshake_again, secure

    context = client_context(session.settings)
    secured = secure(session, road, context)
    if secured is None:
        return
    with closing(secured.stream):
        if session.wants("http"):
            context = context if secured.verified else unverified_context()
            reopen = partial(handshake_again, session, context=context)
            _ask(session, road, secured.stream, HttpConnection, reopen, context=context, verified=secured.verified)


def _ask(
    session: Session,
    road: Road,
    stream: Stream,
    speak: Callable[[Stream], HttpConnection],
    reopen: Callable[[Road], Stream | None],
    *,
    context: ssl.SSLContext | None,
    verified: bool,
) -> None:
    """Ask over the connection that stands, and over further ones; close all of the latter in the end."""
    from ayx_diagnostics.walk.other_addresses import Elsewhere
    from ayx_diagnostics.walk.server_calls import Asker
    from ayx_diagnostics.walk.tls_handshake import open_anywhere, open_small

    with ExitStack() as opened:

        def again(used: Road) -> HttpConnection | None:
            fresh = reopen(used)
            return opened.enter_context(closing(speak(fresh))) if fresh is not None else None

        def open_url(url: str) -> HttpConnection | None:
            from ayx_diagnostics.probes.http import HttpConnection

            fresh = open_anywhere(session, road, url)
            return opened.enter_context(closing(HttpConnection(fresh))) if fresh is not None else None

        Asker(
            session,
            speak(stream),
            verified=verified,
            again=partial(again, road),
            again_small=partial(again, replace(road, reopen=partial(open_small, session, road))),
            open_url=open_url,
            elsewhere=Elsewhere(session, road, context) if verified or context is None else None,
            address=road.address,
        ).walk()


def _plain(road: Road, stream: Stream) -> HttpConnection:
    """Speak HTTP without TLS: to the Server itself, or to a proxy that is told the whole URL."""
    from ayx_diagnostics.probes.http import HttpConnection
    from ayx_diagnostics.probes.proxy import basic_credentials

    if road.proxy is None:
        return HttpConnection(stream)
    return HttpConnection(stream, absolute_form=True, headers=basic_credentials(road.proxy))

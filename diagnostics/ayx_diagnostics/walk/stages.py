"""The walk through the stages, in the order in which a request meets them.

Each stage is examined with the cheapest probe first; further probes run only where that one failed, side by side, and
only those that separate the causes still possible. What a stage opens (a connection, a TLS session, a token) is handed
on to the next, so that a healthy run makes no more round trips than the client itself.
"""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING

from ayx_connection.proxy import ProxyError
from ayx_connection.trust import client_context

from ayx_diagnostics.evidence import text
from ayx_diagnostics.evidence.facts import shows_token_endpoint, speaks_as_server
from ayx_diagnostics.probes import local, proxy
from ayx_diagnostics.probes.tls import unverified_context
from ayx_diagnostics.walk.api_calls import call_api
from ayx_diagnostics.walk.direct_route import find_direct_route, try_direct
from ayx_diagnostics.walk.exchange import Exchange
from ayx_diagnostics.walk.handshake_controls import find_out_why, try_handshake
from ayx_diagnostics.walk.nameservers import check_addresses
from ayx_diagnostics.walk.other_proxies import try_candidates, try_other_scheme
from ayx_diagnostics.walk.packet_loss import count_losses
from ayx_diagnostics.walk.proxy_route import find_proxy_route
from ayx_diagnostics.walk.tls_handshake import secure
from ayx_diagnostics.walk.token_request import request_token
from ayx_diagnostics.walk.what_answers import find_what_answers, get_document

if TYPE_CHECKING:
    from ayx_diagnostics.network.base import Task
    from ayx_diagnostics.walk.route import OpenRoute
    from ayx_diagnostics.walk.session import Session

__all__ = ["met_the_server", "walk"]

#: How long the other addresses are waited for once one has carried the whole walk.
_STRAGGLERS_S = 10.0


def walk(session: Session) -> None:
    """Examine every stage that can be reached; all results are in ``session.observations``."""
    with session.until_out_of_time():
        route, stragglers = _find_route(session)
        if route is not None:
            with closing(route.stream):
                if session.wants("tls"):
                    _talk(session, route)
                if route.address is not None:
                    if not met_the_server(session):
                        check_addresses(session)
                    count_losses(session, route.address)
        # an address that stays silent costs the user's own client a whole connect timeout: worth knowing
        session.join(stragglers, min(_STRAGGLERS_S, session.remaining_s))


def met_the_server(session: Session) -> bool:
    """Whether a verified peer answered as the Server does; if not, the name may have led to somebody else."""
    if not session.wants("tls"):
        return True
    return any(
        seen.operation in ("request", "call", "get")
        and seen.ok
        and seen.evidence.get("verified") is not False
        and speaks_as_server(seen)
        for seen in session.observations
    )


def _find_route(session: Session) -> tuple[OpenRoute | None, list[Task[object]]]:
    target_url, environ = session.target.web_api_address, session.environ
    seen = session.record(proxy.select(session.network, target_url, session.settings, environ))
    if seen.outcome == "invalid" or (seen.outcome == "proxy" and not session.wants("proxy")):
        return None, []
    try:
        chosen = proxy.client_route(target_url, session.settings, environ).proxy
    except ProxyError:
        return None, []
    if chosen is None:
        return find_direct_route(session) if session.wants("dns") else (None, [])
    session.target = replace(session.target, route="proxy")
    route = find_proxy_route(session, chosen)
    if route is None:
        try_other_scheme(session, chosen)
        try_candidates(session)
        try_direct(session)
    return route, []


def _talk(session: Session, route: OpenRoute) -> None:
    """Shake hands where the address wants it, and ask the Server."""
    if session.target.scheme == "http":
        if session.wants("http"):
            _ask(Exchange(session, route, route.stream, None, verified=False))
            try_handshake(session, route)
            if route.proxy is not None:
                try_other_scheme(session, route.proxy)
        return
    context = client_context(session.settings)
    seen, secured = secure(session, route, context)
    if secured is None:
        find_out_why(session, route, seen)
        return
    with closing(secured.stream):
        if session.wants("http"):
            trusted = context if secured.verified else unverified_context()
            _ask(Exchange(session, route, secured.stream, trusted, secured.verified))


def _ask(exchange: Exchange) -> None:
    """Ask for a token and call the API; where either fails, find out what does answer."""
    session = exchange.session
    with closing(exchange):
        if not session.wants("token"):
            get_document(exchange)
            return
        seen, bearer = request_token(exchange)
        if date := text(seen, "date"):
            session.record(local.clock_skew(session.network, session.target.host, date, source=seen.target))
        if bearer is None:
            if not shows_token_endpoint(seen):
                find_what_answers(exchange, seen)
        elif session.wants("api"):
            call_api(exchange, bearer)

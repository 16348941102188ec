"""The other addresses of the Server's name: whether each shows the same good certificate and takes the same token."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from ayx_diagnostics.evidence import Evidence, text
from ayx_diagnostics.model import Observation
from ayx_diagnostics.network.attempt import endpoint
from ayx_diagnostics.probes import api, tcp, tls
from ayx_diagnostics.probes.http import HttpConnection

if TYPE_CHECKING:
    from ayx_connection.redaction import Secret

    from ayx_diagnostics.network.base import Stream, Task
    from ayx_diagnostics.walk.exchange import Exchange
    from ayx_diagnostics.walk.session import Session

__all__ = ["call_at_others", "other_addresses", "others_are_tried_for"]

_MOST = 3
_EACH_S = 5.0


def call_at_others(exchange: Exchange, path: str, role_needed: str, bearer: Secret) -> list[Task[object]]:
    """Begin to make the same call at each of them; a Server that the client's trust does not accept gets no token."""
    if exchange.context is not None and not exchange.verified:
        return []
    session, in_use = exchange.session, exchange.route.address
    return [
        session.begin(partial(_call_at, exchange, address, path, role_needed, bearer))
        for address in other_addresses(session.observations, in_use)
    ]


def others_are_tried_for(session: Session) -> float:
    """Return for how long they are waited for, in seconds."""
    return min(_EACH_S, session.remaining_s)


def other_addresses(observations: Sequence[Observation], in_use: str | None) -> list[str]:
    """Return the addresses that accepted a connection, less the one in use; none behind a proxy, which hides it."""
    if in_use is None:
        return []
    accepted = Evidence(observations).all("tcp", "connect", outcome="ok")
    found = dict.fromkeys(text(seen, "address") for seen in accepted)
    return [address for address in found if address != in_use][:_MOST]


def _call_at(exchange: Exchange, address: str, path: str, role_needed: str, bearer: Secret) -> None:
    session = exchange.session
    stream = _open(exchange, address)
    if stream is None:
        return
    with closing(HttpConnection(stream)) as connection:
        seen = api.call(
            session.network,
            connection,
            session.target.web_api_address + path,
            bearer,
            timeout_s=session.within_budget(_EACH_S),
            role_needed=role_needed,
            address=address,
        )
    session.record(replace(seen, evidence={**seen.evidence, "purpose": "other_address"}))


def _open(exchange: Exchange, address: str) -> Stream | None:
    session, timeout_s = exchange.session, exchange.session.within_budget(_EACH_S)
    _, stream = tcp.connect(session.network, address, session.target.port, timeout_s=timeout_s)
    if stream is None or exchange.context is None:
        return stream
    seen, secured, _ = tls.handshake(
        session.network,
        stream,
        exchange.context,
        session.target.host,
        target=endpoint(address, session.target.port),
        timeout_s=timeout_s,
        purpose="other_address",
    )
    session.record(seen)
    return secured

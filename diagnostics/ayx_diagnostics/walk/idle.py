"""A connection that was idle for a while is used again, on request: what forgets it on the way tells neither side."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from typing import TYPE_CHECKING

from ayx_diagnostics.evidence import mapping
from ayx_diagnostics.model import Observation
from ayx_diagnostics.network.attempt import endpoint

if TYPE_CHECKING:
    from ayx_diagnostics.probes.http import HttpConnection
    from ayx_diagnostics.walk.exchange import Exchange

__all__ = ["use_after_idling"]


def use_after_idling(exchange: Exchange, call: Callable[[HttpConnection], Observation], *, idle_s: float) -> None:
    """Make a call over a connection, leave it alone for as long as the user wants, and make the call again.

    Args:
        exchange: Where to; not through a proxy, whose connections are its own.
        call: Makes the call; what comes of it is not recorded.
        idle_s: For how long, in seconds.
    """
    session, address = exchange.session, exchange.route.address
    connection = exchange.again() if address is not None else None
    if connection is None or address is None:
        return
    with closing(connection):
        if not call(connection).ok or not connection.reusable:
            return
        session.progress(f"leaving a connection idle for {idle_s:g} s")
        session.network.sleep(session.within_budget(idle_s))
        started_s = session.network.now()
        again = call(connection)
    evidence = {
        "address": address,
        "port": session.target.port,
        "idle_s": idle_s,
        "tcp_info": mapping(again, "tcp_info") or None,
    }
    target, took_s = endpoint(address, session.target.port), session.network.now() - started_s
    session.record(Observation("tcp", "idle", target, started_s, took_s, again.outcome, evidence))

"""A connection that was idle for a while is used again, on request: what forgets it on the way tells neither side."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import closing
from typing import TYPE_CHECKING

from ayx_diagnostics.model import Observation
from ayx_diagnostics.network.attempt import endpoint

if TYPE_CHECKING:
    from ayx_diagnostics.probes.http import HttpConnection
    from ayx_diagnostics.walk.session import Session

__all__ = ["use_after_idling"]


def use_after_idling(
    session: Session,
    address: str,
    connection: HttpConnection | None,
    call: Callable[[HttpConnection], Observation],
    *,
    idle_s: float,
) -> None:
    """Make a call over a connection, leave it alone for as long as the user wants, and make the call again.

    Args:
        session: The diagnosis.
        address: The Server's address that the connection leads to.
        connection: Of its own, so that nothing else uses it meanwhile.
        call: Makes the call; what comes of it is not recorded.
        idle_s: For how long, in seconds.
    """
    if connection is None:
        return
    with closing(connection):
        if not call(connection).ok or not connection.reusable:
            return
        session.progress(f"leaving a connection idle for {idle_s:g} s")
        time.sleep(session.within_budget(idle_s))
        started_s = session.clock.now()
        again = call(connection)
    evidence = {
        "address": address,
        "port": session.target.port,
        "idle_s": idle_s,
        "tcp_info": again.evidence.get("tcp_info"),
    }
    target = endpoint(address, session.target.port)
    took_s = session.clock.now() - started_s
    session.record(Observation("tcp", "idle", target, started_s, took_s, again.outcome, evidence))

"""Does the path lose packets? Asked only after a sign of it, since one repeated packet proves nothing."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from ayx_diagnostics.network.attempt import endpoint
from ayx_diagnostics.probes.tcp_series import series
from ayx_diagnostics.walk.unreachable import CONTROL_PORTS

if TYPE_CHECKING:
    from collections.abc import Callable

    from ayx_diagnostics.model import Observation
    from ayx_diagnostics.walk.session import Session

__all__ = ["count_losses"]

#: Two repetitions of a SYN fit in (RFC 6298, 2.1: after 1 and 3 seconds).
_SERIES_S = 3.3
_GRACE_S = 0.5
#: More of the control: only its loss tells a lossy path from a full listen queue.
_ATTEMPTS = {"server": 12, "other_port": 24}
#: An exchange that takes so long, and so many round trips, may have waited for repeated packets.
_SLOW_S, _SLOW_ROUND_TRIPS = 1.0, 8


def count_losses(session: Session, address: str) -> None:
    """Connect several times to the Server and to another port of it, if anything looked like a lost packet.

    Args:
        session: The diagnosis.
        address: The Server's address that the walk went to, or would have gone to.
    """
    if not _signs(session, address) and not _comes_and_goes(session, address):
        return
    session.progress(f"counting lost packets on the way to {session.target.host}")
    timeout_s = session.within_budget(_SERIES_S)
    other = next(number for number in CONTROL_PORTS if number != session.target.port)
    tasks: list[Callable[[], object]] = [
        partial(_series, session, address, session.target.port, "server", timeout_s),
        partial(_series, session, address, other, "other_port", timeout_s),
    ]
    session.side_by_side(tasks, timeout_s + _GRACE_S)


def _series(session: Session, address: str, port: int, purpose: str, timeout_s: float) -> None:
    attempts = _ATTEMPTS[purpose]
    session.record(series(session.network, address, port, purpose=purpose, timeout_s=timeout_s, attempts=attempts))


def _signs(session: Session, address: str) -> bool:
    """Whether a packet of the walk had to be repeated, or something took as long as if one had."""
    round_trip_s = 0.0
    for seen in session.observations:
        if seen.operation == "connect" and seen.ok and seen.evidence.get("address") == address:
            round_trip_s = seen.duration_s
            if _repeated(seen):
                return True
        elif seen.operation in ("handshake", "request", "call"):
            slow = seen.duration_s >= max(_SLOW_S, _SLOW_ROUND_TRIPS * round_trip_s)
            if _repeated(seen) or (slow and seen.outcome in ("ok", "timeout", "body_stall")):
                return True
    return False


def _comes_and_goes(session: Session, address: str) -> bool:
    """Whether a connect met nothing but silence, and the ladder of TTLs got through to the very same port."""
    target = endpoint(address, session.target.port)
    silent = [seen.outcome for seen in session.observations if (seen.operation, seen.target) == ("connect", target)]
    return silent == ["timeout"] and any(
        seen.ok and (seen.operation, seen.target) == ("path", target) for seen in session.observations
    )


def _repeated(seen: Observation) -> bool:
    return bool((seen.evidence.get("tcp_info") or {}).get("total_retrans"))

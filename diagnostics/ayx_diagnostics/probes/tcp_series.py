"""Several connects to one port: how many of them needed a repeated SYN."""

from __future__ import annotations

from ayx_diagnostics.model import Observation
from ayx_diagnostics.network.attempt import Attempt, endpoint
from ayx_diagnostics.network.interface import Network

__all__ = ["series"]

#: Connects are this far apart, so that they are no burst of their own.
_APART_S = 0.03
#: A SYN is repeated after a second (RFC 6298, 2.1); where the system does not count, one that took longer was.
_REPEATED_AFTER_S = 0.95


def series(network: Network, address: str, port: int, *, purpose: str, timeout_s: float, attempts: int) -> Observation:
    """Connect several times, and close each connection as soon as it is answered.

    Args:
        network: The network of the diagnosis.
        address: IPv4 or IPv6 address.
        port: TCP port; a refusal is an answer as good as any.
        purpose: Why, for the evidence.
        timeout_s: How long to wait for all of them, in seconds.
        attempts: How many.

    Returns:
        The observation ``series``.
    """
    started_s = network.now()
    until_s = started_s + timeout_s
    made: list[Attempt] = []
    for _ in range(attempts):
        if network.now() >= until_s:
            break
        made.append(network.connect(address, port))
        pause_s = network.now() + _APART_S
        _collect(network, made, pause_s)
        network.sleep(pause_s - network.now())
    _collect(network, made, until_s)
    for attempt in made:
        attempt.give_up()
        attempt.close()
    answered = [attempt for attempt in made if attempt.outcome in ("ok", "refused")]
    evidence = {
        "address": address,
        "port": port,
        "purpose": purpose,
        "attempts": len(made),
        "answered": len(answered),
        "repeats": [_repeats(attempt) for attempt in answered],
        "rtt_ms": [round(attempt.duration_s * 1000, 3) for attempt in answered],
    }
    outcome = "ok" if answered else "timeout"
    return Observation(
        "tcp", "series", endpoint(address, port), started_s, network.now() - started_s, outcome, evidence
    )


def _collect(network: Network, made: list[Attempt], until_s: float) -> None:
    """Take what answers come until a time, or until there is nothing to wait for."""
    while any(attempt.outcome is None for attempt in made) and network.now() < until_s:
        network.wait(made, until_s)


def _repeats(attempt: Attempt) -> int:
    counted = (attempt.tcp_info or {}).get("total_retrans")
    return counted if isinstance(counted, int) else int(attempt.duration_s >= _REPEATED_AFTER_S)

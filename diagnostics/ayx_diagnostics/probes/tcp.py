"""TCP connections: to one address, to all addresses of a name, and one on which nothing is said."""

from __future__ import annotations

import socket
from collections.abc import Sequence
from dataclasses import replace

from ayx_diagnostics.model import Observation, Stage
from ayx_diagnostics.network.attempt import Attempt, endpoint, wait
from ayx_diagnostics.network.clock import Clock
from ayx_diagnostics.network.tcp_info import failed_repetitions
from ayx_diagnostics.vocabulary import errno_name, socket_outcome

__all__ = ["connect", "connect_all", "quiet"]

_FIRST_BYTES = 200


def connect(
    clock: Clock,
    address: str,
    port: int,
    *,
    timeout_s: float,
    ttl: int | None = None,
    maxseg: int | None = None,
    operation: str = "connect",
    stage: Stage = "tcp",
) -> tuple[Observation, socket.socket | None]:
    """Open one TCP connection to one address.

    Args:
        clock: The clock of the diagnosis.
        address: IPv4 or IPv6 address, the latter with or without a scope (``fe80::1%eth0``).
        port: TCP port.
        timeout_s: How long to wait, in seconds.
        ttl: Hops that the packets may take; None for the system's own.
        maxseg: Largest TCP segment in bytes in both directions (``TCP_MAXSEG``: the SYN announces it, RFC 9293 section
            3.7.1); None for the system's own. Where the system lacks it (Windows) the outcome is ``other_error``.
        operation: ``connect``, or ``control`` for a connect that separates hypotheses.
        stage: ``tcp``, or ``proxy`` on the way to a proxy.

    Returns:
        What was seen, and the socket in blocking mode without a timeout, to be closed by the caller; None instead of
        the socket after a failure.
    """
    if maxseg is not None and not hasattr(socket, "TCP_MAXSEG"):
        now = clock.now()
        return Observation(
            stage, operation, endpoint(address, port), now, 0.0, "other_error", {"address": address, "port": port}
        ), None
    failures = failed_repetitions()
    attempt = Attempt(clock, address, port, ttl=ttl, maxseg=maxseg)
    wait([attempt], attempt.started_s + timeout_s, clock)
    attempt.give_up()
    seen = _observation(attempt, stage, operation, timeout_s)
    if attempt.outcome == "timeout" and failures is not None and (later := failed_repetitions()) is not None:
        seen = replace(seen, evidence={**seen.evidence, "send_failures": later - failures})
    return seen, attempt.sock


def connect_all(
    clock: Clock, addresses: Sequence[str], port: int, *, timeout_s: float
) -> list[tuple[Observation, socket.socket | None]]:
    """Open one TCP connection to every address, side by side.

    Args:
        clock: The clock of the diagnosis.
        addresses: IPv4 and IPv6 addresses.
        port: TCP port.
        timeout_s: How long to wait for all of them together, in seconds.

    Returns:
        One result of :func:`connect` for each address, in their order. The caller closes the sockets.
    """
    until_s = clock.now() + timeout_s
    attempts = [Attempt(clock, address, port) for address in addresses]
    while any(attempt.outcome is None for attempt in attempts) and clock.now() < until_s:
        wait(attempts, until_s, clock)
    for attempt in attempts:
        attempt.give_up()
    return [(_observation(attempt, "tcp", "connect", timeout_s), attempt.sock) for attempt in attempts]


def quiet(clock: Clock, address: str, port: int, *, timeout_s: float, wait_s: float = 0.5) -> Observation:
    """Connect, say nothing, and see whether the peer keeps the connection.

    A firewall or load balancer that accepts on behalf of a Server it may not or cannot reach closes at once.

    Args:
        clock: The clock of the diagnosis.
        address: IPv4 or IPv6 address.
        port: TCP port.
        timeout_s: How long to wait for the connection, in seconds.
        wait_s: How long to wait on the open connection, in seconds.

    Returns:
        ``ok`` when the connection was still open at the end, else what the peer did.
    """
    connected, sock = connect(clock, address, port, timeout_s=timeout_s)
    outcome = connected.outcome
    evidence = {key: connected.evidence.get(key) for key in ("errno", "errno_name")}
    waited = {}
    if sock is not None:
        with sock:
            since_s = clock.now()
            outcome, seen = _listen(sock, wait_s)
            waited = {**seen, "waited_s": clock.now() - since_s}
    return Observation(
        "tcp",
        "quiet",
        connected.target,
        connected.started_s,
        clock.now() - connected.started_s,
        outcome,
        {**evidence, **waited},
    )


def _listen(sock: socket.socket, wait_s: float) -> tuple[str, dict[str, object]]:
    """Return what the peer did within a time, and the evidence for it."""
    sock.settimeout(max(wait_s, 0.001))  # 0 would mean non-blocking
    try:
        data = sock.recv(_FIRST_BYTES)
    except TimeoutError as error:
        if error.errno is None:
            return "ok", {}
        return "timeout", {"errno": error.errno, "errno_name": errno_name(error.errno)}
    except OSError as error:
        number = getattr(error, "winerror", None) or error.errno
        return socket_outcome(error), {"errno": number, "errno_name": errno_name(number)}
    return ("data", {"first_bytes": repr(data)[2:-1]}) if data else ("closed", {})


def _observation(attempt: Attempt, stage: Stage, operation: str, timeout_s: float) -> Observation:
    return Observation(
        stage,
        operation,
        endpoint(attempt.address, attempt.port),
        attempt.started_s,
        attempt.duration_s,
        attempt.outcome or "timeout",
        {**attempt.evidence(), "timeout_s": timeout_s},
    )

"""TCP connections: to one address, to all addresses of a name, and one on which nothing is said."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ayx_diagnostics.model import Observation, Stage
from ayx_diagnostics.network.attempt import Attempt, endpoint
from ayx_diagnostics.network.base import Stream
from ayx_diagnostics.network.interface import Network
from ayx_diagnostics.vocabulary import errno_name, socket_outcome

__all__ = ["connect", "connect_all", "quiet"]

_FIRST_BYTES = 200


def connect(
    network: Network,
    address: str,
    port: int,
    *,
    timeout_s: float,
    ttl: int | None = None,
    maxseg: int | None = None,
    operation: str = "connect",
    stage: Stage = "tcp",
) -> tuple[Observation, Stream | None]:
    """Open one TCP connection to one address.

    Args:
        network: The network of the diagnosis.
        address: IPv4 or IPv6 address, the latter with or without a scope (``fe80::1%eth0``).
        port: TCP port.
        timeout_s: How long to wait, in seconds.
        ttl: Hops that the packets may take; None for the system's own.
        maxseg: Largest TCP segment in bytes in both directions (``TCP_MAXSEG``: the SYN announces it, RFC 9293 section
            3.7.1); None for the system's own. Where the system lacks it (Windows) the outcome is ``other_error``.
        operation: ``connect``, or ``control`` for a connect that separates hypotheses.
        stage: ``tcp``, or ``proxy`` on the way to a proxy.

    Returns:
        What was seen, and the connection, to be closed by the caller; None instead of it after a failure.
    """
    if maxseg is not None and not network.machine.has_segment_size():
        now = network.now()
        return Observation(
            stage, operation, endpoint(address, port), now, 0.0, "other_error", {"address": address, "port": port}
        ), None
    failures = network.machine.failed_repetitions()
    attempt = network.connect(address, port, ttl=ttl, maxseg=maxseg)
    network.wait([attempt], attempt.started_s + timeout_s)
    attempt.give_up()
    seen = _observation(attempt, stage, operation, timeout_s)
    if attempt.outcome == "timeout" and failures is not None:
        later = network.machine.failed_repetitions()
        if later is not None:
            seen = replace(seen, evidence={**seen.evidence, "send_failures": later - failures})
    return seen, attempt.stream


def connect_all(
    network: Network, addresses: Sequence[str], port: int, *, timeout_s: float
) -> list[tuple[Observation, Stream | None]]:
    """Open one TCP connection to every address, side by side.

    Args:
        network: The network of the diagnosis.
        addresses: IPv4 and IPv6 addresses.
        port: TCP port.
        timeout_s: How long to wait for all of them together, in seconds.

    Returns:
        One result of :func:`connect` for each address, in their order. The caller closes the connections.
    """
    until_s = network.now() + timeout_s
    attempts = [network.connect(address, port) for address in addresses]
    while any(attempt.outcome is None for attempt in attempts) and network.now() < until_s:
        network.wait(attempts, until_s)
    for attempt in attempts:
        attempt.give_up()
    return [(_observation(attempt, "tcp", "connect", timeout_s), attempt.stream) for attempt in attempts]


def quiet(network: Network, address: str, port: int, *, timeout_s: float, wait_s: float = 0.5) -> Observation:
    """Connect, say nothing, and see whether the peer keeps the connection.

    A firewall or load balancer that accepts on behalf of a Server it may not or cannot reach closes at once.

    Args:
        network: The network of the diagnosis.
        address: IPv4 or IPv6 address.
        port: TCP port.
        timeout_s: How long to wait for the connection, in seconds.
        wait_s: How long to wait on the open connection, in seconds.

    Returns:
        ``ok`` when the connection was still open at the end, else what the peer did.
    """
    connected, stream = connect(network, address, port, timeout_s=timeout_s)
    outcome = connected.outcome
    evidence = {key: connected.evidence.get(key) for key in ("errno", "errno_name")}
    waited = {}
    if stream is not None:
        since_s = network.now()
        outcome, seen = _listen(stream, wait_s)
        stream.close()
        waited = {**seen, "waited_s": network.now() - since_s}
    return Observation(
        "tcp",
        "quiet",
        connected.target,
        connected.started_s,
        network.now() - connected.started_s,
        outcome,
        {**evidence, **waited},
    )


def _listen(stream: Stream, wait_s: float) -> tuple[str, dict[str, object]]:
    """Return what the peer did within a time, and the evidence for it."""
    try:
        data = stream.receive(_FIRST_BYTES, wait_s)
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

"""What this machine can do by itself: pick a source address for a target, and open a connection at all."""

from __future__ import annotations

import time
from collections.abc import Callable
from email.utils import parsedate_to_datetime
from typing import Any

from ayx_diagnostics.model import Observation
from ayx_diagnostics.network.attempt import endpoint
from ayx_diagnostics.network.base import Clock
from ayx_diagnostics.network.interface import Network
from ayx_diagnostics.vocabulary import errno_name, socket_outcome

__all__ = ["clock_skew", "departure", "loopback_connect", "source_address"]

_LOOPBACK = "127.0.0.1"
_TOLERATED_SKEW_S = 120.0
#: How many refused SYNs are looked for in the counters.
_DEPARTURES = 5


def source_address(network: Network, address: str, port: int = 443) -> Observation:
    """Ask the operating system for the route to an address, without sending anything.

    Args:
        network: The network of the diagnosis.
        address: IPv4 or IPv6 address.
        port: Any port of it; nothing is sent there.

    Returns:
        ``ok`` with the source address, or the socket outcome.
    """
    started_s = network.now()
    evidence: dict[str, Any] = {"address": address, "family": 6 if ":" in address else 4}
    outcome = "ok"
    try:
        evidence["local_address"] = network.machine.source_address(address, port)
    except OSError as error:
        number = getattr(error, "winerror", None) or error.errno
        outcome = socket_outcome(error)
        evidence |= {"errno": number, "errno_name": errno_name(number)}
    return Observation("local", "source_address", address, started_s, network.now() - started_s, outcome, evidence)


def loopback_connect(network: Network, *, timeout_s: float = 1.0) -> Observation:
    """Connect to a listener of our own on loopback: does this machine let this program open connections at all?

    Args:
        network: The network of the diagnosis.
        timeout_s: How long to wait, in seconds.

    Returns:
        ``ok``, or the socket outcome of the first call that failed.
    """
    started_s = network.now()
    try:
        attempt = network.connect_to_itself(timeout_s)
        attempt.give_up()
        attempt.close()
        outcome, number = attempt.outcome or "timeout", attempt.number
    except OSError as error:
        outcome, number = socket_outcome(error), getattr(error, "winerror", None) or error.errno
    evidence = {"errno": number, "errno_name": errno_name(number)}
    return Observation("local", "loopback_connect", _LOOPBACK, started_s, network.now() - started_s, outcome, evidence)


def departure(network: Network, address: str, port: int, *, timeout_s: float = 0.5) -> Observation:
    """See whether SYNs that are refused ever leave this machine, from the counters of its network interfaces.

    A firewall of this machine may refuse with RST, which looks as if a host had: but then the interfaces send nothing,
    and the RST comes over loopback. Other programs can only add to the counters, so that "nothing was sent" is safe.

    Args:
        network: The network of the diagnosis.
        address: IPv4 or IPv6 address that refuses.
        port: The TCP port that refuses.
        timeout_s: How long to wait for each of the refusals, in seconds.

    Returns:
        ``ok`` when they left, ``stayed`` when they did not, ``unsupported`` where the system has no such counters.
    """
    started_s, sent = network.now(), 0
    before = network.machine.packets_sent()
    while before is not None and sent < _DEPARTURES:
        attempt = network.connect(address, port)
        network.wait([attempt], attempt.started_s + timeout_s)
        attempt.give_up()
        attempt.close()
        sent += 1
        if attempt.outcome != "refused":
            break
    after = network.machine.packets_sent()
    outcome, evidence = "unsupported", {}
    if before is not None and after is not None:
        transmitted, looped = (late - early for early, late in zip(before, after, strict=True))
        outcome = "stayed" if sent == _DEPARTURES and transmitted < sent <= looped else "ok"
        evidence = {"sent": sent, "transmitted": transmitted, "looped": looped}
    return Observation(
        "local", "departure", endpoint(address, port), started_s, network.now() - started_s, outcome, evidence
    )


def clock_skew(clock: Clock, host: str, date: str, *, source: str, now: Callable[[], float] = time.time) -> Observation:
    """Compare this machine's clock with the ``Date`` of an answer (RFC 9110, 6.6.1).

    Args:
        clock: The diagnosis' clock.
        host: Who answered.
        date: The header's value.
        source: What the answer answered.
        now: This machine's time, in seconds since the epoch.

    Returns:
        The observation ``clock``: ``skewed`` beyond two minutes, more than caching and a slow answer explain.
    """
    started_s = clock.now()
    try:
        skew_s = parsedate_to_datetime(date).timestamp() - now()
    except (TypeError, ValueError, OverflowError):
        skew_s = 0.0  # no date that could be compared
    outcome = "skewed" if abs(skew_s) > _TOLERATED_SKEW_S else "ok"
    evidence = {"skew_s": round(skew_s, 1), "date": date, "source": source}
    return Observation("local", "clock", host, started_s, 0.0, outcome, evidence)

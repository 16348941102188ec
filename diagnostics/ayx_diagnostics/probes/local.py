"""What this machine can do by itself: pick a source address for a target, and open a connection at all."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable
from email.utils import parsedate_to_datetime
from typing import Any

from ayx_diagnostics.clock import Clock
from ayx_diagnostics.model import Observation
from ayx_diagnostics.probes.attempt import Attempt, numeric_address, wait
from ayx_diagnostics.vocabulary import errno_name, socket_outcome

__all__ = ["clock_skew", "loopback_connect", "source_address"]

_LOOPBACK = "127.0.0.1"
_TOLERATED_SKEW_S = 120.0


def source_address(clock: Clock, address: str, port: int = 443) -> Observation:
    """Ask the operating system for the route to an address, without sending anything.

    Connecting a UDP socket makes the system choose the route and the source address, and refuse when there is none.

    Args:
        clock: The clock of the diagnosis.
        address: IPv4 or IPv6 address.
        port: Any port of it; nothing is sent there.

    Returns:
        ``ok`` with the source address, or the socket outcome.
    """
    started_s = clock.now()
    evidence: dict[str, Any] = {"address": address, "family": 6 if ":" in address else 4}
    outcome = "ok"
    try:
        family, where = numeric_address(address, port)
        with socket.socket(family, socket.SOCK_DGRAM) as sock:
            sock.connect(where)
            evidence["local_address"] = str(sock.getsockname()[0])
    except OSError as error:
        number = getattr(error, "winerror", None) or error.errno
        outcome = socket_outcome(error)
        evidence |= {"errno": number, "errno_name": errno_name(number)}
    return Observation("local", "source_address", address, started_s, clock.now() - started_s, outcome, evidence)


def loopback_connect(clock: Clock, *, timeout_s: float = 1.0) -> Observation:
    """Connect to a listener of our own on loopback: does this machine let this program open connections at all?

    Args:
        clock: The clock of the diagnosis.
        timeout_s: How long to wait, in seconds.

    Returns:
        ``ok``, or the socket outcome of the first call that failed.
    """
    started_s = clock.now()
    try:
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as listener:
            listener.bind((_LOOPBACK, 0))
            listener.listen(1)
            attempt = Attempt(clock, _LOOPBACK, listener.getsockname()[1])
            wait([attempt], attempt.started_s + timeout_s, clock)
            attempt.give_up()
            attempt.close()
        outcome, number = attempt.outcome or "timeout", attempt.number
    except OSError as error:
        outcome, number = socket_outcome(error), getattr(error, "winerror", None) or error.errno
    evidence = {"errno": number, "errno_name": errno_name(number)}
    return Observation("local", "loopback_connect", _LOOPBACK, started_s, clock.now() - started_s, outcome, evidence)


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

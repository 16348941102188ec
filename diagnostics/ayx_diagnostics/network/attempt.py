"""One attempt to connect: what is known of it, whoever makes it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ayx_diagnostics.vocabulary import SOCKET_OUTCOMES, errno_name

if TYPE_CHECKING:
    from ayx_diagnostics.network.base import Stream
    from ayx_diagnostics.network.error_queue import IcmpError

__all__ = ["Attempt", "endpoint"]

#: A connect that fails faster than this needed no packet to a remote host and back.
_IMMEDIATE_S = 0.005


def endpoint(address: str, port: int) -> str:
    """Return ``address:port``, with brackets around an IPv6 address."""
    return f"[{address}]:{port}" if ":" in address else f"{address}:{port}"


class Attempt:
    """One connect from its first packet to its outcome. It never raises: what goes wrong is its outcome.

    Args:
        address: IPv4 or IPv6 address.
        port: Port number.
        started_s: When it began, on the clock of the diagnosis.

    Attributes:
        outcome: A socket outcome of the vocabulary; None while the attempt is under way.
        number: The error number, None without an error or when our own timer ended it.
        icmp: Who refused, when the system said so.
        stream: The connection, to be closed by whoever wants it, when the outcome is ``ok``.
        has_error_queue: Whether the system would have said who refused.
        family: 4 or 6; None when the address is none.
        local_address: The address that it leaves from.
        tcp_info: The kernel's view of the connection.
    """

    def __init__(self, address: str, port: int, started_s: float) -> None:
        self.address, self.port = address, port
        self.started_s = self.ended_s = started_s
        self.outcome: str | None = None
        self.number: int | None = None
        self.icmp: IcmpError | None = None
        self.stream: Stream | None = None
        self.has_error_queue = False
        self.family: int | None = None
        self.local_address: str | None = None
        self.tcp_info: Mapping[str, Any] | None = None

    @property
    def duration_s(self) -> float:
        """Seconds from the first packet to the outcome."""
        return self.ended_s - self.started_s

    def give_up(self) -> None:
        """End an attempt that is still under way: our own timer is over."""

    def close(self) -> None:
        """Close the connection that nobody needs."""
        if self.stream is not None:
            self.stream.close()
            self.stream = None

    def ended(self, now_s: float, number: int | None, *, ok: bool = False) -> None:
        """Note how and when it ended: well, with an error number, or (None) by our own timer."""
        self.ended_s, self.number = now_s, number
        unanswered = "timeout" if number is None else SOCKET_OUTCOMES.get(number, "other_error")
        self.outcome = "ok" if ok else unanswered

    def evidence(self) -> dict[str, Any]:
        """Return the evidence of ``connect`` in the vocabulary, except ``timeout_s``."""
        failed = self.outcome != "ok"
        evidence: dict[str, Any] = {
            "address": self.address,
            "port": self.port,
            "family": self.family,
            "local_address": self.local_address,
            "errno": self.number,
            "errno_name": errno_name(self.number),
            "rtt_ms": round(self.duration_s * 1000, 3) if self.outcome in ("ok", "refused") else None,
            "immediate": failed and self.duration_s <= _IMMEDIATE_S,
        }
        if failed and not self.has_error_queue:
            evidence["sender_unknown"] = True
        if self.icmp is not None:
            evidence["icmp"] = self.icmp.as_json()
        if self.tcp_info is not None:
            evidence["tcp_info"] = self.tcp_info
        return evidence

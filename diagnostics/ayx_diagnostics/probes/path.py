"""Where on the path a connection dies: SYNs with few hops to live, and the routers that say so.

A router that drops a packet because its hops are used up says so by ICMP (RFC 792, RFC 4443), and Linux delivers the
message with the router's address to the ordinary TCP socket that sent the packet. One SYN for each number of hops so
gives the routers up to the place where silence begins. It is known no closer than "the last router that answered or
the next one", since a router may count the hops before it filters or after.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass, field
from typing import Any

from ayx_diagnostics.model import Observation
from ayx_diagnostics.network.attempt import Attempt, endpoint
from ayx_diagnostics.network.base import Transport
from ayx_diagnostics.network.interface import Network
from ayx_diagnostics.vocabulary import errno_name

__all__ = ["path"]

#: Routers limit how many ICMP messages they send: probes of one hop keep this distance.
_BETWEEN_ROUNDS_S = 0.1
#: Between two hops, so that a near target has answered before the hops beyond it are tried.
_BETWEEN_HOPS_S = 0.01
#: An unanswered SYN is given up before the kernel repeats it (RFC 6298, 2.1): routers limit ICMP errors, and
#: repetitions of many SYNs would use up what the client's own connection needs.
_UNREPEATED_S = 0.95
#: Nothing that anybody said; a socket that could not be opened says something about this process alone.
_NO_ANSWER = (None, "timeout", "too_many_files")
#: Once the target has answered, its routers have this long to answer too.
_AFTER_REACHED_S = 0.3


def path(
    network: Network,
    address: str,
    port: int,
    *,
    max_ttl: int,
    timeout_s: float,
    probes_per_hop: int = 3,
    transport: Transport = "tcp",
) -> Observation:
    """Find the routers on the way to a TCP port, without privileges (Linux only).

    Args:
        network: The network of the diagnosis.
        address: IPv4 or IPv6 address.
        port: TCP port; filters differ from port to port.
        max_ttl: How many hops to look at.
        timeout_s: How long to take for all of it, in seconds. A router that finds no host behind it says so only after
            about 3 s.
        probes_per_hop: How many SYNs a silent hop gets.
        transport: ``udp`` sends a datagram instead of a SYN, for a filter that stops TCP: whoever refuses that says
            nothing of how far the host is.

    Returns:
        ``ok`` when the target answered (SYN/ACK, RST, or its own port unreachable), ``silent`` when it did not,
        ``unsupported`` where the system does not tell who sent an ICMP error.
    """
    started_s = network.now()
    target = endpoint(address, port)
    if not network.machine.has_error_queue(address):
        evidence: dict[str, Any] = {"hops": [], "last_responder": None, "reached_ttl": None, "silent_from": None}
        return Observation("tcp", "path", target, started_s, network.now() - started_s, "unsupported", evidence)
    ladder = _Ladder(network, address, port, max_ttl, transport)
    ladder.climb(started_s + timeout_s, probes_per_hop)
    evidence = {**ladder.evidence(), "transport": transport}
    outcome = "ok" if evidence["reached_ttl"] else "silent"
    return Observation("tcp", "path", target, started_s, network.now() - started_s, outcome, evidence)


@dataclass
class _Hop:
    """One rung: everything that was sent with this many hops to live."""

    ttl: int
    attempts: list[Attempt] = field(default_factory=list)

    @property
    def answer(self) -> Attempt | None:
        """The first attempt that anybody answered, or that this machine itself refused."""
        return next((attempt for attempt in self.attempts if attempt.outcome not in _NO_ANSWER), None)

    @property
    def is_last(self) -> bool:
        """Whether the answer was anything but "hops used up": a packet with more hops to live gets no further."""
        answer = self.answer
        return answer is not None and not (answer.icmp and answer.icmp.is_hop_limit_exceeded)

    @property
    def responder(self) -> str | None:
        """Who answered; None for silence and for an error of this machine's own."""
        answer = self.answer
        if answer is None:
            return None
        if answer.icmp:
            return answer.icmp.offender
        return answer.address if answer.outcome in ("ok", "refused") else None

    def reaches(self, address: str) -> bool:
        """Whether the answer came from the target itself."""
        responder = self.responder
        return self.is_last and responder is not None and _without_scope(responder) == _without_scope(address)

    def as_json(self) -> dict[str, Any]:
        """Return one entry of the evidence ``hops``."""
        answer = self.answer
        icmp = answer.icmp if answer else None
        return {
            "ttl": self.ttl,
            "responder": self.responder,
            "errno_name": errno_name(answer.number) if answer else None,
            "icmp_type": icmp.type if icmp else None,
            "icmp_code": icmp.code if icmp else None,
            "ms": round(answer.duration_s * 1000, 3) if answer else None,
        }


class _Ladder:
    """All hops to one target, probed side by side."""

    def __init__(self, network: Network, address: str, port: int, max_ttl: int, transport: Transport) -> None:
        self._network, self._address, self._port, self._transport = network, address, port, transport
        self._hops = [_Hop(ttl) for ttl in range(1, max_ttl + 1)]

    def climb(self, until_s: float, probes_per_hop: int) -> None:
        """Send SYNs and collect answers until there is nothing left to learn, or the time is up."""
        try:
            self._send(until_s, probes_per_hop)
            sent_s = self._network.now()
            while not self._is_complete and (pending := self._pending):
                if self._last_hop is not None:
                    until_s = min(until_s, sent_s + _AFTER_REACHED_S)
                if self._network.now() >= until_s:
                    return
                self._network.wait(pending, min(until_s, self._retire()))
        finally:
            for attempt in self._attempts:
                attempt.give_up()
                attempt.close()

    def evidence(self) -> dict[str, Any]:
        """Return the evidence of ``path``."""
        answered = [hop for hop in self._needed if hop.answer]
        last_ttl = answered[-1].ttl if answered else 0
        return {
            "hops": [hop.as_json() for hop in self._needed],
            "last_responder": next((hop.responder for hop in reversed(answered) if hop.responder), None),
            "reached_ttl": next((hop.ttl for hop in answered if hop.reaches(self._address)), None),
            "silent_from": last_ttl + 1 if last_ttl < len(self._needed) else None,
        }

    def _send(self, until_s: float, probes_per_hop: int) -> None:
        start_s = self._network.now()
        round_s = max(_BETWEEN_ROUNDS_S, _BETWEEN_HOPS_S * len(self._hops))
        for turn in range(probes_per_hop):
            for hop in self._hops:
                self._collect(min(start_s + turn * round_s + (hop.ttl - 1) * _BETWEEN_HOPS_S, until_s))
                if self._is_complete or self._network.now() >= until_s:
                    return
                if hop.answer is None and hop in self._needed:
                    hop.attempts.append(self._begin(hop.ttl))

    def _begin(self, ttl: int) -> Attempt:
        return self._network.connect(self._address, self._port, ttl=ttl, transport=self._transport)

    def _collect(self, until_s: float) -> None:
        """Take whatever answers come until a time."""
        self._retire()
        while (left_s := until_s - self._network.now()) > 0:
            if pending := self._pending:
                self._network.wait(pending, until_s)
            else:
                self._network.sleep(left_s)

    def _retire(self) -> float:
        """Give up SYNs that the kernel is about to repeat, and return when the next one is due.

        The first one to the nearest silent hop stays: a router that looks for the host in vain answers it after 3 s.
        """
        nearest = next((hop.attempts[0] for hop in self._needed if hop.answer is None and hop.attempts), None)
        now = self._network.now()
        due_s = float("inf")
        for attempt in self._pending:
            if attempt is nearest:
                continue
            if attempt.started_s + _UNREPEATED_S <= now:
                attempt.give_up()
            else:
                due_s = min(due_s, attempt.started_s + _UNREPEATED_S)
        return due_s

    @property
    def _attempts(self) -> list[Attempt]:
        return [attempt for hop in self._hops for attempt in hop.attempts]

    @property
    def _pending(self) -> list[Attempt]:
        return [attempt for attempt in self._attempts if attempt.outcome is None]

    @property
    def _last_hop(self) -> _Hop | None:
        """The nearest hop beyond which no packet gets."""
        return next((hop for hop in self._hops if hop.is_last), None)

    @property
    def _needed(self) -> list[_Hop]:
        """The hops up to the last one."""
        last = self._last_hop
        return self._hops[: last.ttl] if last else self._hops

    @property
    def _is_complete(self) -> bool:
        return all(hop.answer for hop in self._needed)


def _without_scope(address: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    return ipaddress.ip_address(address.partition("%")[0])

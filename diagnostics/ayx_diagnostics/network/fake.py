"""A network in memory: what answers where, how late, and how.

>>> network = FakeNetwork(names={"server.test": ["10.0.0.7"]}, places={("10.0.0.7", 443): Place("refused")})

What a peer says is up to a :class:`Peer`; ``tests/diagnostics/worlds`` has some that speak real TLS, HTTP and DNS.
Nobody answers where nothing is described: a name that is not there does not exist, and its nameserver is silent.

Time is virtual (:class:`~ayx_diagnostics.network.virtual_time.VirtualTime`), so that a timeout of a minute costs none.
"""

from __future__ import annotations

import errno
import ipaddress
import socket
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import TYPE_CHECKING, Any, Literal, Protocol, Self

from ayx_diagnostics.network.attempt import Attempt
from ayx_diagnostics.network.base import HostsEntry, ResolverSettings, Transport
from ayx_diagnostics.network.error_queue import IcmpError
from ayx_diagnostics.network.interface import Machine
from ayx_diagnostics.network.virtual_time import VirtualTime

if TYPE_CHECKING:
    from ayx_diagnostics.network.interface import Network

__all__ = ["SILENT", "FakeMachine", "FakeNetwork", "Peer", "Place", "Resolution"]

_LOCAL = {4: "10.0.0.2", 6: "fd00::2"}
_LOOPBACK = "127.0.0.1"


class Peer(Protocol):
    """The other end of one connection, whose answers to what it is sent come at once, or after a time of its own."""

    def greet(self) -> bytes:
        """Return what it says unasked."""

    def hear(self, data: bytes) -> bytes | None:
        """Take what was sent; return the answer, or None to end the connection (FIN).

        Raises:
            OSError: What the sender's system then reports, e.g. ``ConnectionResetError`` for an RST.
        """

    @property
    def answers_after_s(self) -> float:
        """How long it thinks about what it was sent, in seconds."""


@dataclass(frozen=True)
class Place:
    """What becomes of a connect to one address and port.

    Attributes:
        answer: ``ok``, ``refused`` (RST), ``timeout`` (nothing), or ``failed`` with the number of an error.
        after_s: When it shows, in seconds; where nothing ever does, never.
        peer: Makes the other end of each connection; without one, nothing is ever said.
        number: The error number of a failure, which gives it the outcome's name.
        icmp: Who refused.
        tcp_info: The kernel's view of the connection.
        hops: Addresses of the routers on the way; a packet with fewer hops to live ends at one of them.
    """

    answer: Literal["ok", "refused", "timeout", "failed"] = "ok"
    after_s: float = 0.01
    peer: Callable[[], Peer] | None = None
    number: int | None = None
    icmp: IcmpError | None = None
    tcp_info: Mapping[str, Any] = field(default_factory=lambda: {"state": "ESTABLISHED"})
    hops: Sequence[str] = ()

    def __post_init__(self) -> None:
        if (self.answer == "failed") != (self.number is not None):
            raise ValueError(f"what failed, and nothing else, has the number of an error: {self}")
        if self.answer == "timeout":
            object.__setattr__(self, "after_s", float("inf"))


#: Nobody answers.
SILENT = Place("timeout")
_HOP_LIMIT = (11, 0)


@dataclass(frozen=True)
class Resolution:
    """What becomes of a lookup by the system.

    Attributes:
        addresses: In the order in which they are tried.
        error: Raised instead.
        after_s: When, in seconds.
    """

    addresses: Sequence[str] = ()
    error: Exception | None = None
    after_s: float = 0.01


@dataclass(frozen=True)
class FakeMachine:
    """What the machine knows; see ``Machine``."""

    nameservers: Sequence[str] = ("10.0.0.53",)
    search: Sequence[str] = ()
    hosts_entries: Mapping[str, Sequence[str]] = field(default_factory=dict)
    families: Sequence[int] = (4, 6)
    error_queue: bool = True
    segment_size: bool = True

    def resolver(self) -> ResolverSettings:
        """See ``Machine``."""
        return ResolverSettings(tuple(self.nameservers), tuple(self.search), "resolv.conf")

    def hosts(self, name: str) -> HostsEntry:
        """See ``Machine``."""
        return HostsEntry(tuple(self.hosts_entries.get(name, ())), "hosts")

    def source_address(self, address: str, port: int) -> str:  # noqa: ARG002  # as Machine has it
        """See ``Machine``."""
        version = ipaddress.ip_address(address.partition("%")[0]).version
        if version not in self.families:
            raise OSError(errno.ENETUNREACH, "Network is unreachable")
        return _LOCAL[version]

    def has_error_queue(self, address: str) -> bool:  # noqa: ARG002  # as Machine has it
        """See ``Machine``."""
        return self.error_queue

    def has_segment_size(self) -> bool:
        """See ``Machine``."""
        return self.segment_size

    def packets_sent(self) -> tuple[int, int] | None:
        """See ``Machine``."""
        return None

    def failed_repetitions(self) -> int | None:
        """See ``Machine``."""
        return None


class _FakeStream:
    """One end of a connection; see ``Stream``."""

    def __init__(self, network: FakeNetwork, place: Place) -> None:
        self._network, self._place = network, place
        self._peer = place.peer() if place.peer is not None else None
        self._ended = self.closed = False
        self._error: OSError | None = None
        self._due_s = network.now()
        self._coming = self._peer.greet() if self._peer is not None else b""

    def send_all(self, data: bytes, timeout_s: float) -> None:
        """See ``Stream``."""
        if timeout_s <= 0:
            raise TimeoutError
        if self._error is not None:
            raise self._error
        if self._peer is None or self._ended:
            return
        self._due_s = self._network.now() + self._peer.answers_after_s
        try:
            answer = self._peer.hear(data)
        except OSError as error:
            self._error = error
            return
        self._ended = answer is None
        self._coming += answer or b""

    def receive(self, limit: int, timeout_s: float) -> bytes:
        """See ``Stream``."""
        until_s = self._network.now() + timeout_s
        there = bool(self._coming) or self._ended or self._error is not None
        self._network.sleep((self._due_s if there else until_s) - self._network.now() if timeout_s > 0 else 0.0)
        if not there or self._due_s > until_s or timeout_s <= 0:
            raise TimeoutError
        if self._coming:
            data, self._coming = self._coming[:limit], self._coming[limit:]
            return data
        if self._error is not None:
            raise self._error
        return b""

    def close(self) -> None:
        """See ``Stream``."""
        self.closed = True

    def tcp_info(self) -> Mapping[str, Any] | None:
        """See ``Stream``."""
        return self._place.tcp_info


class _FakeAttempt(Attempt):
    """A connect whose outcome is known beforehand, and told when it is due."""

    def __init__(self, network: FakeNetwork, address: str, port: int, place: Place) -> None:
        super().__init__(address, port, network.now())
        self._network, self._place = network, place
        self.family = 6 if ":" in address else 4
        self.local_address = _LOCAL[self.family]
        self.has_error_queue = network.machine.has_error_queue(address)
        self.due_s = self.started_s + place.after_s

    def settle(self) -> None:
        """Take the outcome if it is due."""
        if self.outcome is None and self.due_s <= self._network.now():
            place = self._place
            ok = place.answer == "ok"
            number = errno.ECONNREFUSED if place.answer == "refused" else place.number
            self.ended(self.due_s, number, ok=ok)
            self.icmp = place.icmp
            if ok:
                self.tcp_info, self.stream = place.tcp_info, self._network.opened(place)

    def give_up(self) -> None:
        """See ``Attempt``."""
        if self.outcome is None:
            self.ended(self._network.now(), None)


#: From the question to the reply, or to the error that the system reports; None is silence.
Nameserver = Callable[[bytes], "bytes | OSError | None"]


class _FakeDatagrams:
    """Questions to one nameserver; see ``Datagrams``."""

    local_address: str | None = _LOCAL[4]

    def __init__(self, network: FakeNetwork, nameserver: Nameserver | None) -> None:
        self._network, self._nameserver = network, nameserver
        self._reply: bytes | OSError | None = None

    def send(self, data: bytes) -> None:
        """See ``Datagrams``."""
        self._reply = self._nameserver(data) if self._nameserver is not None else None

    def receive(self, timeout_s: float) -> tuple[bytes, str | None]:
        """See ``Datagrams``."""
        reply, self._reply = self._reply, None
        if reply is None:
            self._network.sleep(timeout_s)
            raise TimeoutError
        self._network.sleep(0.001)
        if isinstance(reply, OSError):
            raise reply
        return reply, None

    def refusal(self) -> IcmpError | None:
        """See ``Datagrams``."""
        return None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._reply = None


class FakeNetwork(VirtualTime):
    """See the module; what is not described does not answer.

    Args:
        names: Host name -> its addresses, or what else becomes of the lookup; other names do not exist.
        places: (address, port) -> what becomes of a connect.
        nameservers: Address -> from a question to a reply.
        machine: What the machine knows by itself.

    Attributes:
        connects: Every connect that was begun: address, port, transport and hops to live.
        looked_up: Every name that was looked up by the system.
        streams: Every connection that was opened.
    """

    def __init__(
        self,
        *,
        names: Mapping[str, Sequence[str] | Resolution] | None = None,
        places: Mapping[tuple[str, int], Place] | None = None,
        nameservers: Mapping[str, Nameserver] | None = None,
        machine: Machine | None = None,
    ) -> None:
        super().__init__()
        self._names = {name.lower(): found for name, found in (names or {}).items()}
        self._places, self._nameservers = places or {}, nameservers or {}
        self.machine: Machine = machine or FakeMachine()
        self.connects: list[tuple[str, int, Transport, int | None]] = []
        self.looked_up: list[str] = []
        self.streams: list[_FakeStream] = []

    def resolve(self, name: str, timeout_s: float) -> tuple[str, ...]:
        """See ``Network``."""
        self.looked_up.append(name)
        found = self._names.get(
            name.lower(), Resolution(error=socket.gaierror(socket.EAI_NONAME, "Name or service not known"))
        )
        if not isinstance(found, Resolution):
            found = Resolution(found)
        self.sleep(min(found.after_s, timeout_s))
        if found.after_s > timeout_s:
            raise TimeoutError
        if found.error is not None:
            raise found.error
        return tuple(found.addresses)

    def connect(
        self,
        address: str,
        port: int,
        *,
        ttl: int | None = None,
        maxseg: int | None = None,  # noqa: ARG002  # as Network has it
        transport: Transport = "tcp",
    ) -> Attempt:
        """See ``Network``."""
        self.connects.append((address, port, transport, ttl))
        place = self._places.get((address, port), SILENT)
        try:
            self.machine.source_address(address, port)
        except OSError as error:  # no packet leaves
            place = Place("failed", after_s=0.0, number=error.errno)
        if ttl is not None and place.answer != "failed" and ttl <= len(place.hops):
            gone = IcmpError(errno.EHOSTUNREACH, "icmp", *_HOP_LIMIT, place.hops[ttl - 1])
            place = Place("failed", after_s=0.001 * ttl, number=gone.number, icmp=gone)
        return _FakeAttempt(self, address, port, place)

    def opened(self, place: Place) -> _FakeStream:
        """Return a new connection to a place."""
        self.streams.append(_FakeStream(self, place))
        return self.streams[-1]

    def connect_to_itself(self, timeout_s: float) -> Attempt:
        """See ``Network``."""
        attempt = _FakeAttempt(self, _LOOPBACK, 9, self._places.get((_LOOPBACK, 0), Place(after_s=0.0)))
        self.wait([attempt], self.now() + timeout_s)
        return attempt

    def wait(self, attempts: Iterable[Attempt], until_s: float) -> None:
        """See ``Network``."""
        pending = [each for each in attempts if isinstance(each, _FakeAttempt) and each.outcome is None]
        if pending:
            self.sleep(min(until_s, *(attempt.due_s for attempt in pending)) - self.now())
            for attempt in pending:
                attempt.settle()

    def datagrams(self, address: str, port: int, *, any_source: bool = False) -> _FakeDatagrams:  # noqa: ARG002
        """See ``Network``."""
        return _FakeDatagrams(self, self._nameservers.get(address))


if TYPE_CHECKING:
    _IS_A_NETWORK: type[Network] = FakeNetwork

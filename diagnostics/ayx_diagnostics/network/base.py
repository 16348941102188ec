"""The operating system as a diagnosis needs it: one small interface, :class:`Network`.

``system`` is the real one; ``fake`` is a world in memory, in which time passes only when everybody waits. Nothing else
of a diagnosis opens a socket, starts a thread, sleeps or asks for the time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import TYPE_CHECKING, Any, Literal, Protocol, Self, TypeVar

if TYPE_CHECKING:
    from ayx_diagnostics.network.attempt import Attempt
    from ayx_diagnostics.network.error_queue import IcmpError

__all__ = ["Clock", "Datagrams", "HostsEntry", "Machine", "Network", "ResolverSettings", "Stream", "Task", "Transport"]

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)

Transport = Literal["tcp", "udp"]


class Clock(Protocol):
    """The one clock of a diagnosis, so that every time in a report counts from the same start."""

    def now(self) -> float:
        """Return the seconds since the start."""


class Stream(Protocol):
    """A two-way stream of bytes. Errors of the operating system pass through as ``OSError``."""

    def send_all(self, data: bytes, timeout_s: float) -> None:
        """Send all of the data.

        Raises:
            TimeoutError: It was not taken within ``timeout_s`` seconds.
            OSError: What the operating system reported, e.g. ``ConnectionResetError`` for an RST.
        """

    def receive(self, limit: int, timeout_s: float) -> bytes:
        """Return at least one and at most ``limit`` bytes, or ``b""`` once the peer has ended the stream (FIN).

        Raises:
            TimeoutError: Nothing came within ``timeout_s`` seconds.
            ssl.SSLError: The peer of a TLS stream sent an alert or broke the protocol.
            OSError: What the operating system reported.
        """

    def close(self) -> None:
        """Close the stream and what lies beneath; never raises."""

    def tcp_info(self) -> Mapping[str, Any] | None:
        """Return the kernel's view of the TCP connection, or None where it gives none."""


class Datagrams(Protocol):
    """Datagrams to one address and back."""

    @property
    def local_address(self) -> str | None:
        """The address that they leave from, as far as it is known."""

    def send(self, data: bytes) -> None:
        """Send one datagram.

        Raises:
            OSError: It cannot leave this machine.
        """

    def receive(self, timeout_s: float) -> tuple[bytes, str | None]:
        """Return the next datagram, and who sent it where that is somebody else than was asked.

        Raises:
            TimeoutError: None came within ``timeout_s`` seconds.
            OSError: What the operating system reported, e.g. ``ConnectionRefusedError`` for a closed port.
        """

    def refusal(self) -> IcmpError | None:
        """Return who refused a datagram by ICMP, where this system tells."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


class Task(Protocol[T_co]):
    """Something that goes on beside the rest."""

    @property
    def done(self) -> bool:
        """Whether it has ended."""

    def result(self) -> T_co:
        """Return what came of it, once it has ended.

        Raises:
            Exception: What it raised.
        """


@dataclass(frozen=True, slots=True)
class ResolverSettings:
    """Which nameservers this machine asks, in which order, and with which search list.

    Attributes:
        nameservers: Their addresses.
        search: Domains that names are completed with.
        source: Where that is written.
        too_many_files: Whether it could not be read since this process may open nothing more.
    """

    nameservers: tuple[str, ...] = ()
    search: tuple[str, ...] = ()
    source: str = ""
    too_many_files: bool = False


@dataclass(frozen=True, slots=True)
class HostsEntry:
    """What this machine's hosts file says of a name: its addresses, none if it is not listed, and the file's path."""

    addresses: tuple[str, ...]
    path: str


class Machine(Protocol):
    """What this machine knows by itself, without a packet that leaves it."""

    def resolver(self) -> ResolverSettings:
        """Return how this machine is set up to look names up."""

    def hosts(self, name: str) -> HostsEntry:
        """Return what the hosts file says of a name."""

    def source_address(self, address: str, port: int) -> str:
        """Return the address that packets to another one leave from; nothing is sent.

        Raises:
            OSError: There is no route, or none may be used.
        """

    def has_error_queue(self, address: str) -> bool:
        """Whether this system tells who refused a packet to an address of this kind."""

    def has_segment_size(self) -> bool:
        """Whether the largest TCP segment can be set (``TCP_MAXSEG``)."""

    def packets_sent(self) -> tuple[int, int] | None:
        """Return how many packets all interfaces but loopback have sent, and how many loopback has; None: unknown."""

    def failed_repetitions(self) -> int | None:
        """Return how often a TCP packet could not be repeated, since it did not even leave; None where unknown."""


class Network(Clock, Protocol):
    """What a diagnosis does to the world, and how long it waits for it."""

    @property
    def machine(self) -> Machine:
        """This machine."""

    def sleep(self, seconds: float) -> None:
        """Let time pass."""

    def start(self, function: Callable[[], T]) -> Task[T]:
        """Begin something beside the rest; it never delays the end of the program."""

    def wait_for(self, condition: Callable[[], bool], within_s: float) -> bool:
        """Wait until enough tasks have ended for a condition to hold; return whether it does."""

    def resolve(self, name: str, timeout_s: float) -> tuple[str, ...]:
        """Return the addresses of a name in the order in which a program of this machine tries them (``getaddrinfo``).

        Raises:
            socket.gaierror: The resolver's error.
            UnicodeError: It can be no name.
            TimeoutError: The resolver was not done within ``timeout_s`` seconds.
            OSError: What failed below the resolver.
        """

    def connect(
        self,
        address: str,
        port: int,
        *,
        ttl: int | None = None,
        maxseg: int | None = None,
        transport: Transport = "tcp",
    ) -> Attempt:
        """Begin to connect; what comes of it, an error too, is known once it has been waited for.

        Args:
            address: IPv4 or IPv6 address, the latter with or without a scope (``fe80::1%eth0``).
            port: Port number.
            ttl: Hops that the packets may take; None for the system's own.
            maxseg: Largest TCP segment in bytes in both directions (RFC 9293, 3.7.1); None for the system's own.
            transport: ``udp`` sends one datagram to a port where nothing should listen.
        """

    def connect_to_itself(self, timeout_s: float) -> Attempt:
        """Connect to a listener of our own on loopback, and wait for what comes of it.

        Raises:
            OSError: This machine does not let this program listen.
        """

    def wait(self, attempts: Iterable[Attempt], until_s: float) -> None:
        """Wait until one more of the attempts has an outcome, or the time is up.

        Args:
            attempts: Attempts; those with an outcome already are passed over.
            until_s: When to stop waiting, on the clock.
        """

    def datagrams(self, address: str, port: int, *, any_source: bool = False) -> Datagrams:
        """Open a way for datagrams.

        Args:
            address: IPv4 or IPv6 address.
            port: Port number.
            any_source: Whether those are received, too, that come from another address.

        Raises:
            OSError: It is no address of this machine's kind, or nothing more may be opened.
        """

"""The operating system as a diagnosis needs it: one small interface, :class:`Network`.

``system`` is the real one; ``fake`` is a world in memory, in which time passes only when everybody waits. Nothing else
of a diagnosis opens a socket, starts a thread, sleeps or asks for the time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Protocol, TypeVar

from ayx_diagnostics.network.base import Clock, Datagrams, HostsEntry, ResolverSettings, Task, Transport

if TYPE_CHECKING:
    from ayx_diagnostics.network.attempt import Attempt

__all__ = ["Machine", "Network"]

T = TypeVar("T")


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

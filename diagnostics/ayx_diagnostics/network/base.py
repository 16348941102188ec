"""What a network is made of: a clock, streams, datagrams, tasks, and what a machine knows of names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import TYPE_CHECKING, Any, Literal, Protocol, Self, TypeVar

if TYPE_CHECKING:
    from ayx_diagnostics.network.error_queue import IcmpError

__all__ = ["Clock", "Datagrams", "HostsEntry", "ResolverSettings", "Stream", "Task", "Transport"]

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

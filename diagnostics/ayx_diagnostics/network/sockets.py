"""Attempts and datagrams over sockets of the operating system, and a loop that waits for many of them at once."""

from __future__ import annotations

import errno
import ipaddress
import selectors
import socket
import struct
from collections.abc import Iterable
from contextlib import suppress
from types import TracebackType
from typing import Any, Self

from ayx_diagnostics.network import error_queue
from ayx_diagnostics.network.attempt import Attempt
from ayx_diagnostics.network.base import Clock
from ayx_diagnostics.network.streams import SocketStream
from ayx_diagnostics.network.tcp_info import read_tcp_info

__all__ = ["DatagramAttempt", "SocketAttempt", "SocketDatagrams", "numeric_address", "wait"]

#: What connect_ex() returns while the handshake is under way; 10035 is WSAEWOULDBLOCK.
_IN_PROGRESS = frozenset({errno.EINPROGRESS, errno.EWOULDBLOCK, errno.EAGAIN, 10035})
#: select() of Windows and macOS refuses a longer list of sockets; poll() needs no file descriptor of its own.
_Selector = getattr(selectors, "PollSelector", selectors.SelectSelector)

_UINT16 = struct.Struct("!H")
_UINT32 = struct.Struct("!I")
_LARGEST_DATAGRAM = 65535


def numeric_address(address: str, port: int) -> tuple[socket.AddressFamily, tuple[Any, ...]]:
    """Return the family and socket address of an IP address.

    It does without ``getaddrinfo``, which needs file descriptors, reads "127.1" as an address and stops at a NUL.

    Args:
        address: An IPv4 or IPv6 address, the latter with or without a scope (``fe80::1%eth0``, ``fe80::1%2``).
        port: Port number.

    Raises:
        OSError: EINVAL; it is no IP address and port, or its scope names no interface of this machine.
    """
    try:
        parsed = ipaddress.ip_address(address)
        _UINT16.pack(port)
        if parsed.version == 4:  # noqa: PLR2004  # IP version
            return socket.AF_INET, (str(parsed), port)
        scope = parsed.scope_id
        number = 0 if scope is None else int(scope) if scope.isdecimal() else socket.if_nametoindex(scope)
        _UINT32.pack(number)
        return socket.AF_INET6, (address.partition("%")[0], port, 0, number)
    except (OSError, ValueError, struct.error) as error:
        raise OSError(errno.EINVAL, f"not an address and port of this machine's kind: {address!r}, {port}") from error


class SocketAttempt(Attempt):
    """A TCP connect over a non-blocking socket.

    Args:
        clock: The clock of the diagnosis.
        address: See :class:`Attempt`.
        port: See :class:`Attempt`.
        ttl: Hops that the packets may take (TTL, hop limit); None for the system's own.
        maxseg: Largest segment to announce and to send, in bytes; None for the system's own.

    Attributes:
        sock: The socket; None after a failure.
    """

    #: What makes the selector look at it.
    events = selectors.EVENT_WRITE

    def __init__(
        self, clock: Clock, address: str, port: int, *, ttl: int | None = None, maxseg: int | None = None
    ) -> None:
        super().__init__(address, port, clock.now())
        self._clock = clock
        self.sock: socket.socket | None = None
        try:
            self._begin(ttl, maxseg)
        except OSError as error:
            self._fail(getattr(error, "winerror", None) or error.errno)

    def _begin(self, ttl: int | None, maxseg: int | None) -> None:
        sock, where = self._opened(socket.SOCK_STREAM, ttl)
        if maxseg is not None:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, maxseg)
        self.started_s = self._clock.now()
        number = sock.connect_ex(where)
        if number == 0:
            self._succeed()
        elif number in _IN_PROGRESS:
            self.local_address = _local_address(sock)
        else:
            self._fail(number)

    def _opened(self, kind: socket.SocketKind, ttl: int | None) -> tuple[socket.socket, tuple[Any, ...]]:
        family, where = numeric_address(self.address, self.port)
        self.family = 6 if family == socket.AF_INET6 else 4
        self.sock = sock = socket.socket(family, kind)
        sock.setblocking(False)
        self.has_error_queue = error_queue.enable(sock)
        if ttl is not None:
            _limit_hops(sock, ttl)
        return sock, where

    def settle(self) -> None:
        """Take the outcome from a socket that the selector called ready; nothing when it is still under way."""
        sock = self.sock
        if sock is None or self.outcome is not None:
            return
        # First SO_ERROR: taking the last ICMP error from the queue clears it.
        number = sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if number == 0:
            # The queue makes a socket ready even when the kernel means to try again: the error of a packet that
            # never left this machine arrives while connect() still holds the socket.
            self._take_icmp_error()
            if self.icmp is not None:
                self._fail(self.icmp.number)
            elif _is_connected(sock):
                self._succeed()
            else:
                # an RST that came between the two looks: its error is there by now
                self._fail(sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) or errno.ENOTCONN)
        else:
            self._fail(number)

    def give_up(self) -> None:
        """See :meth:`Attempt.give_up`."""
        if self.outcome is None:
            self._fail(None)

    def _succeed(self) -> None:
        self.ended(self._clock.now(), None, ok=True)
        if self.sock is not None:
            self.sock.setblocking(True)
            self.local_address = _local_address(self.sock)
            self.tcp_info = read_tcp_info(self.sock)
            self.stream = SocketStream(self.sock)

    def _fail(self, number: int | None) -> None:
        self.ended(self._clock.now(), number)
        if self.sock is not None:
            self._take_icmp_error()
            self.tcp_info = read_tcp_info(self.sock)
            self.sock.close()
            self.sock = None

    def _take_icmp_error(self) -> None:
        errors = error_queue.drain(self.sock) if self.sock is not None and self.has_error_queue else ()
        if self.icmp is None and errors:
            self.icmp = _by_others_first(errors)


class DatagramAttempt(SocketAttempt):
    """One UDP packet to a port where nothing should listen: what answers is an ICMP error, of a router or of the host.

    It needs the error queue to say anything (Linux).
    """

    events = selectors.EVENT_READ

    def _begin(self, ttl: int | None, maxseg: int | None) -> None:  # noqa: ARG002  # UDP has no segments
        sock, where = self._opened(socket.SOCK_DGRAM, ttl)
        sock.connect(where)
        self.local_address = _local_address(sock)
        self.started_s = self._clock.now()
        sock.send(b"\0")

    def settle(self) -> None:
        """Take the ICMP error; whatever else makes the socket readable, an answer of a service, is the host's own."""
        if self.sock is None or self.outcome is not None:
            return
        number = self.sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        self._take_icmp_error()
        if self.icmp is not None or number:
            self._fail(self.icmp.number if self.icmp is not None else number)
        else:
            self._succeed()


def wait(attempts: Iterable[Attempt], until_s: float, clock: Clock) -> None:
    """Wait until an attempt that was under way has an outcome, or the time is up; see ``Network.wait``."""
    pending = [each for each in attempts if isinstance(each, SocketAttempt) and each.outcome is None]
    if not pending:
        return
    with _Selector() as selector:
        for attempt in pending:
            if attempt.sock is not None:
                selector.register(attempt.sock, attempt.events, attempt)
        while all(attempt.outcome is None for attempt in pending) and (left_s := until_s - clock.now()) > 0:
            for key, _ in selector.select(left_s):
                key.data.settle()


class SocketDatagrams:
    """Datagrams over a UDP socket; connected, so that a closed port shows in the time of one round trip.

    Args:
        address: Whom to talk to.
        port: The port there.
        any_source: Whether to hear others, too; nobody says then that the port is closed.

    Raises:
        OSError: See ``Network.datagrams``.
    """

    def __init__(self, address: str, port: int, *, any_source: bool) -> None:
        family, self._where = numeric_address(address, port)
        self._connected = not any_source
        self._socket = socket.socket(family, socket.SOCK_DGRAM)

    @property
    def local_address(self) -> str | None:
        """See ``Datagrams``."""
        return _local_address(self._socket)

    def send(self, data: bytes) -> None:
        """See ``Datagrams``."""
        if self._connected:
            error_queue.enable(self._socket)  # without it Linux keeps "host unreachable" to itself
            self._socket.connect(self._where)
            self._socket.send(data)
        else:
            self._socket.sendto(data, self._where)

    def receive(self, timeout_s: float) -> tuple[bytes, str | None]:
        """See ``Datagrams``."""
        if timeout_s <= 0:  # 0 would make the socket non-blocking
            raise TimeoutError
        self._socket.settimeout(timeout_s)
        if self._connected:
            return self._socket.recv(_LARGEST_DATAGRAM), None
        data, sender = self._socket.recvfrom(_LARGEST_DATAGRAM)
        return data, None if sender[:2] == self._where[:2] else str(sender[0])

    def refusal(self) -> error_queue.IcmpError | None:
        """See ``Datagrams``."""
        # Python waits for the error queue as long as the socket's timeout, whatever the flags
        self._socket.setblocking(False)
        errors = error_queue.drain(self._socket)
        return _by_others_first(errors) if errors else None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with suppress(OSError):
            self._socket.close()


def _by_others_first(errors: tuple[error_queue.IcmpError, ...]) -> error_queue.IcmpError:
    return next((error for error in errors if error.origin != "local"), errors[0])


def _limit_hops(sock: socket.socket, ttl: int) -> None:
    if sock.family == socket.AF_INET6:
        sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_UNICAST_HOPS, ttl)
    else:
        sock.setsockopt(socket.IPPROTO_IP, socket.IP_TTL, ttl)


def _local_address(sock: socket.socket) -> str | None:
    try:
        return str(sock.getsockname()[0])
    except OSError:
        return None


def _is_connected(sock: socket.socket) -> bool:
    try:
        sock.getpeername()
    except OSError:
        return False
    return True

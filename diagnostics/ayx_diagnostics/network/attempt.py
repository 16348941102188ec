"""One non-blocking TCP connect, and a loop that waits for many of them at once."""

from __future__ import annotations

import errno
import ipaddress
import selectors
import socket
import struct
from collections.abc import Iterable
from typing import Any

from ayx_diagnostics.network import error_queue
from ayx_diagnostics.network.clock import Clock
from ayx_diagnostics.network.tcp_info import read_tcp_info
from ayx_diagnostics.vocabulary import SOCKET_OUTCOMES, errno_name

__all__ = ["Attempt", "Datagram", "endpoint", "numeric_address", "wait"]

#: What connect_ex() returns while the handshake is under way; 10035 is WSAEWOULDBLOCK.
_IN_PROGRESS = frozenset({errno.EINPROGRESS, errno.EWOULDBLOCK, errno.EAGAIN, 10035})
#: A connect that fails faster than this needed no packet to a remote host and back.
_IMMEDIATE_S = 0.005
#: select() of Windows and macOS refuses a longer list of sockets; poll() needs no file descriptor of its own.
_Selector = getattr(selectors, "PollSelector", selectors.SelectSelector)

_UINT16 = struct.Struct("!H")
_UINT32 = struct.Struct("!I")


def endpoint(address: str, port: int) -> str:
    """Return ``address:port``, with brackets around an IPv6 address."""
    return f"[{address}]:{port}" if ":" in address else f"{address}:{port}"


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


class Attempt:
    """One connect from its first packet to its outcome. It never raises: what goes wrong is its outcome.

    Args:
        clock: The clock of the diagnosis.
        address: IPv4 or IPv6 address.
        port: TCP port.
        ttl: Hops that the packets may take (TTL, hop limit); None for the system's own.
        maxseg: Largest segment to announce and to send, in bytes; None for the system's own.

    Attributes:
        outcome: A socket outcome of the vocabulary; None while the attempt is under way.
        number: The error number, None without an error or when our own timer ended it.
        icmp: Who refused, when the kernel's error queue said so.
        sock: The socket: connected when the outcome is ``ok``, None after a failure.
    """

    def __init__(
        self, clock: Clock, address: str, port: int, *, ttl: int | None = None, maxseg: int | None = None
    ) -> None:
        self._clock = clock
        self.address, self.port, self.ttl = address, port, ttl
        self.outcome: str | None = None
        self.number: int | None = None
        self.icmp: error_queue.IcmpError | None = None
        self.sock: socket.socket | None = None
        self.has_error_queue = False
        self.family: int | None = None
        self.local_address: str | None = None
        self.tcp_info: dict[str, Any] | None = None
        self.started_s = self.ended_s = clock.now()
        try:
            self._begin(ttl, maxseg)
        except OSError as error:
            self._fail(getattr(error, "winerror", None) or error.errno)

    @property
    def duration_s(self) -> float:
        """Seconds from the first packet to the outcome."""
        return self.ended_s - self.started_s

    #: What makes the selector look at it.
    events = selectors.EVENT_WRITE

    def _begin(self, ttl: int | None, maxseg: int | None) -> None:
        family, where = numeric_address(self.address, self.port)
        self.family = 6 if family == socket.AF_INET6 else 4
        self.sock = sock = socket.socket(family, socket.SOCK_STREAM)
        sock.setblocking(False)
        self.has_error_queue = error_queue.enable(sock)
        if ttl is not None:
            _limit_hops(sock, ttl)
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
        """End an attempt that is still under way: our own timer is over."""
        if self.outcome is None:
            self._fail(None)

    def close(self) -> None:
        """Close the socket of an attempt whose connection nobody needs."""
        if self.sock is not None:
            self.sock.close()
            self.sock = None

    def _succeed(self) -> None:
        self.ended_s = self._clock.now()
        self.outcome = "ok"
        if self.sock is not None:
            self.sock.setblocking(True)
            self.local_address = _local_address(self.sock)
            self.tcp_info = read_tcp_info(self.sock)

    def _fail(self, number: int | None) -> None:
        self.ended_s = self._clock.now()
        self.number = number
        self.outcome = "timeout" if number is None else SOCKET_OUTCOMES.get(number, "other_error")
        if self.sock is not None:
            self._take_icmp_error()
            self.tcp_info = read_tcp_info(self.sock)
            self.close()

    def _take_icmp_error(self) -> None:
        errors = error_queue.drain(self.sock) if self.sock is not None and self.has_error_queue else ()
        if self.icmp is None and errors:
            self.icmp = next((error for error in errors if error.origin != "local"), errors[0])

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


class Datagram(Attempt):
    """One UDP packet to a port where nothing should listen: what answers is an ICMP error, of a router or of the host.

    It needs the error queue to say anything (Linux).
    """

    events = selectors.EVENT_READ

    def _begin(self, ttl: int | None, maxseg: int | None) -> None:  # noqa: ARG002  # UDP has no segments
        family, where = numeric_address(self.address, self.port)
        self.family = 6 if family == socket.AF_INET6 else 4
        self.sock = sock = socket.socket(family, socket.SOCK_DGRAM)
        sock.setblocking(False)
        self.has_error_queue = error_queue.enable(sock)
        if ttl is not None:
            _limit_hops(sock, ttl)
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
    """Wait until an attempt that was under way has an outcome, or the time is up.

    Args:
        attempts: Attempts, those with an outcome already are passed over.
        until_s: When to stop waiting, on the clock.
        clock: The clock of the attempts.
    """
    pending = [attempt for attempt in attempts if attempt.outcome is None and attempt.sock is not None]
    if not pending:
        return
    with _Selector() as selector:
        for attempt in pending:
            if attempt.sock is not None:
                selector.register(attempt.sock, attempt.events, attempt)
        while all(attempt.outcome is None for attempt in pending) and (left_s := until_s - clock.now()) > 0:
            for key, _ in selector.select(left_s):
                key.data.settle()


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

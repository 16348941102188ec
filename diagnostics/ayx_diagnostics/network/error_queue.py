"""Who refused a connection: ICMP errors from the error queue of an ordinary socket (Linux ``ip(7)``, ``IP_RECVERR``).

An ICMP error aborts a connect with nothing but an error number. The error queue keeps the rest: the ICMP type and code,
and the address of the router or firewall that sent it. It needs no privileges. Other systems have nothing like it.
"""

from __future__ import annotations

import errno
import ipaddress
import socket
import struct
import sys
from dataclasses import dataclass
from typing import Any

from ayx_diagnostics.vocabulary import errno_name

__all__ = ["IcmpError", "drain", "enable", "parse_extended_error"]

#: linux/in.h and linux/in6.h; the socket module has had names for them only since Python 3.14.
_IP_RECVERR = 11
_IPV6_RECVERR = 25
_RECVERR_MESSAGES = frozenset({(socket.IPPROTO_IP, _IP_RECVERR), (socket.IPPROTO_IPV6, _IPV6_RECVERR)})

#: struct sock_extended_err of linux/errqueue.h: errno, origin, type, code, padding, info, data.
_EXTENDED_ERROR = struct.Struct("=IBBBBII")
_ORIGINS = {1: "local", 2: "icmp", 3: "icmp6"}

#: linux/socket.h; Windows and macOS number AF_INET6 differently, and only Linux has the queue.
_AF_INET = 2
_AF_INET6 = 10
#: Where the address stands in sockaddr_in and sockaddr_in6.
_OFFENDER_BYTES = {_AF_INET: slice(4, 8), _AF_INET6: slice(8, 24)}

#: One socket cannot collect more errors than this while a probe looks at it.
_MOST_ERRORS = 32
_BUFFER = 512


@dataclass(frozen=True, slots=True)
class IcmpError:
    """One entry of the error queue.

    Attributes:
        number: The errno that the kernel made of it.
        origin: ``icmp``, ``icmp6``, or ``local`` when this machine's own kernel said it.
        type: ICMP type, 0 for a local error.
        code: ICMP code, 0 for a local error.
        offender: Address of the sender, None when the kernel does not tell.
    """

    number: int
    origin: str
    type: int
    code: int
    offender: str | None

    @property
    def is_hop_limit_exceeded(self) -> bool:
        """Whether a router dropped the packet because its hops were used up (RFC 792, RFC 4443 section 3.3)."""
        return (self.origin, self.type) in (("icmp", 11), ("icmp6", 3))

    def as_json(self) -> dict[str, Any]:
        """Return the evidence ``icmp`` of the vocabulary."""
        return {
            "type": self.type,
            "code": self.code,
            "offender": self.offender,
            "origin": self.origin,
            "errno_name": errno_name(self.number),
        }


def enable(sock: socket.socket) -> bool:
    """Let a socket collect ICMP errors.

    Returns:
        Whether this system can (gVisor, for one, is Linux without it).
    """
    if sys.platform != "linux":
        return False
    try:
        if sock.family == socket.AF_INET6:
            sock.setsockopt(socket.IPPROTO_IPV6, _IPV6_RECVERR, 1)
        else:
            sock.setsockopt(socket.IPPROTO_IP, _IP_RECVERR, 1)
    except OSError:
        return False
    return True


def drain(sock: socket.socket) -> tuple[IcmpError, ...]:
    """Take all errors from a socket's queue, oldest first; none on systems without one. Never blocks."""
    if sys.platform != "linux":
        return ()
    errors: list[IcmpError] = []
    for _ in range(_MOST_ERRORS):
        try:
            _, ancillary, _, _ = sock.recvmsg(_BUFFER, _BUFFER, socket.MSG_ERRQUEUE | socket.MSG_DONTWAIT)
        except OSError:  # EAGAIN: the queue is empty
            break
        for level, kind, data in ancillary:
            if (level, kind) in _RECVERR_MESSAGES and (error := parse_extended_error(data)):
                errors.append(error)
    return tuple(errors)


def parse_extended_error(data: bytes) -> IcmpError | None:
    """Read a ``sock_extended_err`` and the socket address of its offender.

    Args:
        data: The control message's bytes, of any length.

    Returns:
        The error; None when the bytes are too short or the origin is of another kind (time stamps use the queue too).
    """
    if len(data) < _EXTENDED_ERROR.size:
        return None
    number, origin, kind, code, _, _, _ = _EXTENDED_ERROR.unpack_from(data)
    if origin not in _ORIGINS:
        return None
    return IcmpError(number or errno.EIO, _ORIGINS[origin], kind, code, _offender(data[_EXTENDED_ERROR.size :]))


def _offender(address: bytes) -> str | None:
    if len(address) < 2:  # noqa: PLR2004  # sa_family_t is two bytes
        return None
    family = int.from_bytes(address[:2], sys.byteorder)
    part = _OFFENDER_BYTES.get(family)
    if part is None or len(address) < part.stop:
        return None
    return str(ipaddress.ip_address(address[part]))

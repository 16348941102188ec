"""What became of a socket call, in one word on every system: the numbers of POSIX and of Windows say the same."""

from __future__ import annotations

import errno
from collections.abc import Mapping

#: Windows' own socket errors start here (WSABASEERR).
_WINSOCK = 10000

__all__ = ["CONNECT_FAILURES", "SOCKET_OUTCOMES", "STREAM_FAILURES", "errno_name", "socket_outcome"]

#: How a connect, or another call that makes a socket ready, may fail.
CONNECT_FAILURES: Mapping[str, str] = {
    "timeout": "own timer, or ETIMEDOUT",
    "refused": "ECONNREFUSED",
    "reset": "ECONNRESET, EPIPE or ECONNABORTED",
    "host_unreachable": "EHOSTUNREACH or EHOSTDOWN",
    "net_unreachable": "ENETUNREACH or ENETDOWN",
    "permission_denied": "EACCES",
    "not_permitted": "EPERM",
    "invalid_argument": "EINVAL, or nothing that could be sent",
    "address_not_available": "EADDRNOTAVAIL or ENOBUFS: no free port",
    "too_many_files": "EMFILE or ENFILE",
    "protocol_unreachable": "ENOPROTOOPT",
    "other_error": "another error number",
}
#: How a conversation over a connection may fail.
STREAM_FAILURES: Mapping[str, str] = {**CONNECT_FAILURES, "closed": "FIN where bytes were due"}

#: errno (POSIX) or WinError -> outcome token. Numbers that a platform lacks are added by value.
SOCKET_OUTCOMES: dict[int, str] = {
    errno.ETIMEDOUT: "timeout",
    errno.ECONNREFUSED: "refused",
    errno.ECONNRESET: "reset",
    errno.ECONNABORTED: "reset",
    errno.EPIPE: "reset",
    errno.EHOSTUNREACH: "host_unreachable",
    errno.ENETUNREACH: "net_unreachable",
    errno.EACCES: "permission_denied",
    errno.EPERM: "not_permitted",
    errno.EINVAL: "invalid_argument",
    errno.EADDRNOTAVAIL: "address_not_available",
    errno.EMFILE: "too_many_files",
    errno.ENFILE: "too_many_files",
    errno.ENOPROTOOPT: "protocol_unreachable",
    getattr(errno, "EHOSTDOWN", 10064): "host_unreachable",
    getattr(errno, "ENETDOWN", 10050): "net_unreachable",
    getattr(errno, "ENOBUFS", 10055): "address_not_available",
    10060: "timeout",
    10061: "refused",
    10054: "reset",
    10053: "reset",
    10064: "host_unreachable",
    10065: "host_unreachable",
    10050: "net_unreachable",
    10051: "net_unreachable",
    10013: "permission_denied",
    10022: "invalid_argument",
    10049: "address_not_available",
    10048: "address_not_available",
    10055: "address_not_available",
    10024: "too_many_files",
    10042: "protocol_unreachable",
}


def socket_outcome(error: OSError) -> str:
    """Return the outcome token of a socket error.

    Args:
        error: What the socket call raised; ``TimeoutError`` without a number is our own timer.

    Returns:
        A word of ``SOCKET_OUTCOMES``, or ``other_error``.
    """
    if isinstance(error, TimeoutError):
        return "timeout"
    number = getattr(error, "winerror", None) or error.errno
    return SOCKET_OUTCOMES.get(number, "other_error") if number is not None else "other_error"


def errno_name(number: int | None) -> str | None:
    """Return the symbolic name of an error number (``ECONNREFUSED``), or ``WinError N`` for one of Windows' own."""
    if number is None:
        return None
    return errno.errorcode.get(number) or (f"WinError {number}" if number >= _WINSOCK else f"errno {number}")

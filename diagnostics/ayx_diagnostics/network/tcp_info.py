"""What the kernel knows about a connection: ``TCP_INFO`` of Linux (``tcp(7)``, struct tcp_info of linux/tcp.h).

The struct grows at its end from kernel to kernel; its beginning is stable. Every field is read only when the kernel
returned enough bytes for it.
"""

from __future__ import annotations

import socket
import struct
import sys
from typing import Any

__all__ = ["parse_tcp_info", "read_tcp_info"]

_BUFFER = 256

#: Field -> (offset in struct tcp_info, struct format, divisor). Times of the kernel are microseconds for rtt and rttvar
#: and milliseconds for the last_* fields; all are reported in milliseconds.
_FIELDS: dict[str, tuple[int, str, int]] = {
    "retransmits": (2, "=B", 1),
    "snd_mss": (16, "=I", 1),
    "unacked": (24, "=I", 1),
    "lost": (32, "=I", 1),
    "last_data_recv_ms": (52, "=I", 1),
    "last_ack_recv_ms": (56, "=I", 1),
    "pmtu": (60, "=I", 1),
    "rtt_ms": (68, "=I", 1000),
    "rttvar_ms": (72, "=I", 1000),
    "total_retrans": (100, "=I", 1),
    "bytes_acked": (120, "=Q", 1),
    "bytes_received": (128, "=Q", 1),
}

#: Without a round trip the kernel reports initial values and its own uptime here.
_NEED_A_ROUND_TRIP = ("rtt_ms", "rttvar_ms", "last_data_recv_ms", "last_ack_recv_ms")

#: include/net/tcp_states.h
_STATES = {
    1: "ESTABLISHED",
    2: "SYN_SENT",
    3: "SYN_RECV",
    4: "FIN_WAIT1",
    5: "FIN_WAIT2",
    6: "TIME_WAIT",
    7: "CLOSE",
    8: "CLOSE_WAIT",
    9: "LAST_ACK",
    10: "LISTEN",
    11: "CLOSING",
}


def read_tcp_info(sock: socket.socket) -> dict[str, Any] | None:
    """Return what the kernel knows about a TCP socket.

    Args:
        sock: A TCP socket, connected or not.

    Returns:
        The fields of :func:`parse_tcp_info`; None where the system has no ``TCP_INFO`` or the socket is closed.
    """
    if sys.platform != "linux":
        return None
    try:
        return parse_tcp_info(sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _BUFFER))
    except OSError:
        return None


def parse_tcp_info(data: bytes) -> dict[str, Any]:
    """Read the stable beginning of struct tcp_info.

    Args:
        data: The bytes that the kernel returned, of any length.

    Returns:
        ``state`` (name), counters in segments (``retransmits``, ``unacked``, ``lost``, ``total_retrans``), sizes in
        bytes (``snd_mss``, ``pmtu``, ``bytes_acked``, ``bytes_received``) and times in milliseconds (``rtt_ms``,
        ``rttvar_ms``, ``last_data_recv_ms``, ``last_ack_recv_ms``, once there was a round trip). A field beyond the
        end of the data is left out.
    """
    info: dict[str, Any] = {}
    if data:
        info["state"] = _STATES.get(data[0], str(data[0]))
    for name, (offset, layout, divisor) in _FIELDS.items():
        if offset + struct.calcsize(layout) <= len(data):
            (value,) = struct.unpack_from(layout, data, offset)
            info[name] = value if divisor == 1 else round(value / divisor, 3)
    if not info.get("rtt_ms"):
        for name in _NEED_A_ROUND_TRIP:
            info.pop(name, None)
    return info

"""What the kernel says of a socket, wherever that is recorded."""

from __future__ import annotations

from ayx_diagnostics.vocabulary.terms import Key, record, text, whole

__all__ = ["ERRNO", "ICMP", "TCP_INFO"]

#: The error number of a failed call.
ERRNO = (
    whole("errno", "the system's error number"),
    text("errno_name", "its symbol, e.g. ECONNREFUSED; WinError N for one of Windows' own"),
)

#: Who refused, from Linux' error queue.
ICMP = record(
    "icmp",
    "who refused, when the kernel's error queue said so",
    Key("type", "whole", "ICMP type; 0 for a local error"),
    Key("code", "whole", "ICMP code; 0 for a local error"),
    Key("offender", "text", "the sender's address"),
    Key("origin", "text", "", words=("icmp", "icmp6", "local")),
    Key("errno_name", "text"),
)

#: ``struct tcp_info``.
TCP_INFO = record(
    "tcp_info",
    "what the kernel knows of the connection (Linux)",
    Key("state", "text", "its name, e.g. ESTABLISHED"),
    Key("retransmits", "whole", "repetitions of the packet that is under way"),
    Key("snd_mss", "whole", "largest segment that is sent", "bytes"),
    Key("unacked", "whole", "sent and not acknowledged", "segments"),
    Key("lost", "whole", "", "segments"),
    Key("last_data_recv_ms", "number", "since data came", "ms"),
    Key("last_ack_recv_ms", "number", "since an acknowledgement came", "ms"),
    Key("pmtu", "whole", "largest packet of the path", "bytes"),
    Key("rtt_ms", "number", "round trip", "ms"),
    Key("rttvar_ms", "number", "its variation", "ms"),
    Key("total_retrans", "whole", "repeated packets", "segments"),
    Key("bytes_acked", "whole", "", "bytes"),
    Key("bytes_received", "whole", "", "bytes"),
)

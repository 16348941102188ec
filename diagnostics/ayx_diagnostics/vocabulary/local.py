"""What is observed of this machine."""

from __future__ import annotations

from ayx_diagnostics.vocabulary.kernel import ERRNO
from ayx_diagnostics.vocabulary.sockets import CONNECT_FAILURES
from ayx_diagnostics.vocabulary.terms import Operation, number, text, whole

__all__ = ["OPERATIONS"]

OPERATIONS = (
    Operation(
        "local",
        "source_address",
        "address",
        "A UDP socket is connected, which sends nothing: has this machine a route, and from which address?",
        {"ok": "", **CONNECT_FAILURES},
        (
            text("address", "where to"),
            whole("family", "4 or 6"),
            text("local_address", "the address that this machine would send from"),
            *ERRNO,
        ),
    ),
    Operation(
        "local",
        "loopback_connect",
        "127.0.0.1",
        "This program connects to a listener of its own on loopback.",
        {"ok": "", **CONNECT_FAILURES},
        ERRNO,
    ),
    Operation(
        "local",
        "departure",
        "address:port",
        "SYNs are sent that somebody refuses: do they leave this machine?",
        {"ok": "they left", "stayed": "they did not", "unsupported": "this system has no counters that would tell"},
        (
            whole("sent", "SYNs of this program", "packets"),
            whole("transmitted", "sent by all network interfaces meanwhile", "packets"),
            whole("looped", "on loopback meanwhile", "packets"),
        ),
    ),
    Operation(
        "local",
        "clock",
        "host",
        "This machine's clock is compared with the Date of an answer (RFC 9110, 6.6.1).",
        {"ok": "", "skewed": "by more than two minutes"},
        (
            number("skew_s", "the peer's clock minus this machine's", "s"),
            text("date", "the header Date"),
            text("source", "what the answer answered"),
        ),
    ),
)

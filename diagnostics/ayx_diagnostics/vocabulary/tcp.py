"""What is observed of TCP connections."""

from __future__ import annotations

from ayx_diagnostics.vocabulary.http import HTTP_OUTCOMES
from ayx_diagnostics.vocabulary.kernel import ERRNO, ICMP, TCP_INFO
from ayx_diagnostics.vocabulary.sockets import CONNECT_FAILURES, STREAM_FAILURES
from ayx_diagnostics.vocabulary.terms import Key, ListOf, Operation, flag, number, records, text, whole

__all__ = ["CONNECT_EVIDENCE", "OPERATIONS"]

_PLACE = (text("address", "of the peer"), whole("port", "of the peer"))

CONNECT_EVIDENCE = (
    *_PLACE,
    whole("family", "4 or 6"),
    text("local_address", "this end's address"),
    *ERRNO,
    number("timeout_s", "how long was waited at most", "s"),
    number("rtt_ms", "until the peer accepted or refused", "ms"),
    ICMP,
    flag("sender_unknown", "true where the system has no error queue"),
    TCP_INFO,
    flag("immediate", "failed within 5 ms: no packet was needed"),
    whole("send_failures", "of a timeout: repeated packets that did not leave this machine meanwhile (Linux)"),
)

OPERATIONS = (
    Operation(
        "tcp",
        "connect",
        "address:port",
        "A connection to the Server is opened.",
        {"ok": "", **CONNECT_FAILURES},
        CONNECT_EVIDENCE,
    ),
    Operation(
        "tcp",
        "quiet",
        "address:port",
        "A connection is opened, and nothing said.",
        {"ok": "still open", "data": "the peer spoke first", **STREAM_FAILURES},
        (text("first_bytes", "what it said, escaped"), number("waited_s", "on the open connection", "s"), *ERRNO),
    ),
    Operation(
        "tcp",
        "path",
        "address:port",
        "SYNs, or datagrams, are sent with few hops to live: which routers say so?",
        {
            "ok": "the address itself answered (SYN/ACK, RST, port unreachable)",
            "silent": "it did not",
            "unsupported": "this system does not tell who sent an ICMP error",
        },
        (
            records(
                "hops",
                "one for each number of hops",
                Key("ttl", "whole", "", "hops"),
                Key("responder", "text", "who answered"),
                Key("errno_name", "text"),
                Key("icmp_type", "whole"),
                Key("icmp_code", "whole"),
                Key("ms", "number", "until the answer", "ms"),
            ),
            text("last_responder", "the last that answered"),
            whole("reached_ttl", "how far the address is", "hops"),
            whole("silent_from", "where silence begins", "hops"),
            text("transport", "datagrams show how far the host is where SYNs are stopped", "tcp", "udp"),
        ),
    ),
    Operation(
        "tcp",
        "control",
        "address:port",
        "A connect that separates causes.",
        {"ok": "", **CONNECT_FAILURES},
        CONNECT_EVIDENCE,
        {
            "other_port": "another port of the Server",
            "reference_host": "a host that is known to work",
            "nameserver": "a nameserver of this machine",
            "nobody": "an address that nobody has",
            "patience": "the Server's own port, waited for until a last router has said that nobody has the address",
            "published": "an address that only nameservers give",
        },
    ),
    Operation(
        "tcp",
        "idle",
        "address:port",
        "A call is made over a connection that was left alone.",
        HTTP_OUTCOMES,
        (*_PLACE, number("idle_s", "how long it was left alone", "s"), TCP_INFO),
    ),
    Operation(
        "tcp",
        "series",
        "address:port",
        "Several connects: how many of them need a repeated SYN?",
        {"ok": "one at least was answered", "timeout": "none was"},
        (
            *_PLACE,
            whole("attempts", "how many were made"),
            whole("answered", "how many were accepted or refused"),
            Key("repeats", ListOf("whole"), "SYNs that were repeated for each that was answered"),
            Key("rtt_ms", ListOf("number"), "until each answer", "ms"),
        ),
        {"server": "the Server's own port", "other_port": "another port of it"},
    ),
)

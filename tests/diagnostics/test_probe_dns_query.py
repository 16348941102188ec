"""One question to one nameserver, against nameservers on loopback that answer well, badly or not at all."""

from __future__ import annotations

import contextlib
import json
import socket
import struct
import sys
import threading
from collections.abc import Callable, Iterator
from typing import Any

import dns.flags
import dns.message
import dns.rcode
import dns.rrset
import pytest
from ayx_diagnostics.model import Observation
from ayx_diagnostics.network.system import SystemNetwork
from ayx_diagnostics.probes import dns_query
from ayx_diagnostics.probes.dns_message import make_query, read_reply
from ayx_simulator.peers.nameserver import FaultyNameserver
from hypothesis import given
from hypothesis import strategies as st

ZONE: dict[str, Any] = {
    "ok.test": {"a": ["192.0.2.1", "192.0.2.2"], "aaaa": ["2001:db8::1"]},
    "alias.test": "-> ok.test",
    "dangling.test": "-> gone.test",
    "gone.test": "nxdomain",
    "nx.test": "nxdomain",
    "nodata.test": "nodata",
    "v4only.test": "192.0.2.3",
    "servfail.test": {"behaviour": "servfail", "ede": "signature expired"},
    "bogus.test": {"behaviour": "servfail_unless_cd", "a": ["192.0.2.4"]},
    "refused.test": "refused",
    "formerr.test": {"behaviour": "formerr", "a": ["192.0.2.5"]},
    "notimp.test": "notimp",
    "silent.test": "timeout",
    "cut.test": {"behaviour": "truncated", "a": ["192.0.2.6"]},
    "spoofed.test": {"behaviour": "wrong_id", "a": ["192.0.2.7"]},
    "garbage.test": "malformed",
}


@pytest.fixture(scope="module")
def nameserver() -> Iterator[FaultyNameserver]:
    with FaultyNameserver(ZONE) as running:
        yield running


def ask(nameserver: FaultyNameserver, name: str, rdtype: str = "A", **options: Any) -> Observation:
    options.setdefault("timeout_s", 2.0)
    seen = dns_query.query(SystemNetwork(), name, rdtype, nameserver.host, port=nameserver.port, **options)
    json.dumps(dict(seen.evidence), allow_nan=False)
    return seen


@pytest.mark.parametrize(
    ("name", "rdtype", "outcome", "addresses"),
    [
        ("ok.test", "A", "ok", ["192.0.2.1", "192.0.2.2"]),
        ("OK.test.", "AAAA", "ok", ["2001:db8::1"]),
        ("alias.test", "A", "ok", ["192.0.2.1", "192.0.2.2"]),
        ("nx.test", "A", "nxdomain", []),
        ("dangling.test", "A", "nxdomain", []),
        ("nodata.test", "A", "nodata", []),
        ("v4only.test", "AAAA", "nodata", []),
        ("servfail.test", "A", "servfail", []),
        ("refused.test", "A", "refused", []),
        ("formerr.test", "A", "formerr", []),
        ("notimp.test", "A", "notimp", []),
        ("cut.test", "A", "truncated", []),
        ("garbage.test", "A", "malformed", []),
        ("a..test", "A", "label_invalid", []),
        ("x" * 64 + ".test", "A", "label_invalid", []),
    ],
)
def test_outcomes(nameserver: FaultyNameserver, name: str, rdtype: str, outcome: str, addresses: list[str]) -> None:
    seen = ask(nameserver, name, rdtype)
    assert seen.outcome == outcome
    assert sorted(seen.evidence["addresses"]) == addresses
    assert (seen.stage, seen.operation, seen.target) == ("dns", "query", f"{name} {rdtype} @{nameserver.host}")
    assert seen.duration_s < 1


def test_what_an_answer_says_besides_addresses(nameserver: FaultyNameserver) -> None:
    assert ask(nameserver, "alias.test").evidence["cnames"] == [["alias.test", "ok.test"]]
    dangling = ask(nameserver, "dangling.test").evidence
    assert dangling["cnames"] == [["dangling.test", "gone.test"]]
    assert dangling["cname_loop"] is False
    nowhere = ask(nameserver, "nx.test").evidence
    assert nowhere["rcode"] == "NXDOMAIN"
    assert nowhere["authority_soa"]
    assert nowhere["rtt_ms"] > 0


def test_an_extended_error_is_told(nameserver: FaultyNameserver) -> None:
    assert ask(nameserver, "servfail.test").evidence["ede"] == ["0 (other): signature expired"]


def test_the_follow_ups_that_separate_causes(nameserver: FaultyNameserver) -> None:
    assert ask(nameserver, "bogus.test").outcome == "servfail"
    assert ask(nameserver, "bogus.test", cd=True, purpose="cd_bit").outcome == "ok"
    assert ask(nameserver, "formerr.test", edns=False, purpose="no_edns").outcome == "ok"
    retried = ask(nameserver, "cut.test", transport="tcp", purpose="tcp_retry")
    assert (retried.outcome, retried.evidence["transport"], retried.evidence["purpose"]) == ("ok", "tcp", "tcp_retry")
    assert retried.evidence["addresses"] == ["192.0.2.6"]


def test_silence_takes_exactly_the_timeout(nameserver: FaultyNameserver) -> None:
    seen = ask(nameserver, "silent.test", timeout_s=0.2)
    assert seen.outcome == "timeout"
    assert 0.2 <= seen.duration_s < 0.5
    assert seen.evidence["rtt_ms"] is None


def test_a_reply_with_another_id_is_not_believed(nameserver: FaultyNameserver) -> None:
    seen = ask(nameserver, "spoofed.test", timeout_s=0.2)
    assert seen.outcome == "wrong_id"
    assert seen.evidence["addresses"] == []


@pytest.mark.parametrize("address", ["127.0.0.1", "::1"])
def test_a_closed_port_shows_at_once(address: str) -> None:
    with socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_DGRAM) as closed:
        closed.bind((address, 0))
        port = closed.getsockname()[1]
    for transport in ("udp", "tcp"):
        seen = dns_query.query(SystemNetwork(), "ok.test", "A", address, port=port, transport=transport, timeout_s=3)
        assert seen.outcome == "port_closed"
        assert seen.evidence["errno_name"] in ("ECONNREFUSED", "WSAECONNREFUSED", "WSAECONNRESET")
        if sys.platform == "linux":
            assert seen.duration_s < 0.5


def test_no_address_of_a_nameserver_is_unreachable() -> None:
    assert dns_query.query(SystemNetwork(), "ok.test", "A", "fe80::1%no-such", timeout_s=1).outcome == "unreachable"


# --- replies that no nameserver library would make -------------------------------------------------------------------


@contextlib.contextmanager
def replying(make_replies: Callable[[bytes], list[bytes]]) -> Iterator[int]:
    """A UDP port that answers one datagram with any datagrams."""
    with socket.socket(type=socket.SOCK_DGRAM) as sock:
        sock.bind(("127.0.0.1", 0))
        sock.settimeout(5)

        def serve() -> None:
            with contextlib.suppress(OSError):
                data, peer = sock.recvfrom(4096)
                for reply in make_replies(data):
                    sock.sendto(reply, peer)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield sock.getsockname()[1]
        thread.join(6)


def answer(data: bytes, *records: str, **changes: Any) -> bytes:
    reply = dns.message.make_response(dns.message.from_wire(data))
    for record in records:
        reply.answer.append(dns.rrset.from_text(*record.split(maxsplit=4)))  # type: ignore[arg-type]  # the TTL may be text
    for name, value in changes.items():
        setattr(reply, name, value)
    return reply.to_wire()


def ask_port(port: int, timeout_s: float = 0.3) -> Observation:
    return dns_query.query(SystemNetwork(), "a.test", "A", "127.0.0.1", port=port, timeout_s=timeout_s)


def flip_id(data: bytes) -> bytes:
    return bytes([data[0] ^ 0xFF]) + data[1:]


RIGHT = "a.test. 60 IN A 192.0.2.1"


@pytest.mark.parametrize(
    ("make_replies", "outcome"),
    [
        (lambda data: [flip_id(answer(data, "a.test. 60 IN A 192.0.2.66")), answer(data, RIGHT)], "ok"),
        (lambda data: [answer(data.replace(b"\x01a\x04test", b"\x01b\x04test"), RIGHT)], "wrong_id"),
        (lambda data: [data], "malformed"),
        (lambda _: [b""], "malformed"),
        (lambda data: [data[:11]], "malformed"),
        (lambda data: [answer(data, RIGHT)[:-2]], "malformed"),
        (lambda data: [answer(data, RIGHT, flags=dns.flags.QR | dns.flags.TC)[:-2]], "truncated"),
        (lambda data: [answer(data, flags=dns.flags.QR | dns.rcode.NOTAUTH)], "other_rcode"),
        (lambda data: [answer(data, "b.test. 60 IN A 192.0.2.1")], "nodata"),
        (lambda data: [answer(data, RIGHT) + b"trailing"], "ok"),
        (lambda data: [struct.pack("!HHHHHH", int.from_bytes(data[:2], "big"), 0x8181, 0, 0, 0, 0)], "formerr"),
    ],
    ids=[
        "spoofed-then-right",
        "other-question",
        "echo",
        "empty",
        "short",
        "cut",
        "cut-with-tc",
        "notauth",
        "answer-to-another-name",
        "trailing-bytes",
        "formerr-without-question",
    ],
)
def test_odd_replies(make_replies: Callable[[bytes], list[bytes]], outcome: str) -> None:
    with replying(make_replies) as port:
        seen = ask_port(port)
    assert seen.outcome == outcome
    assert seen.evidence["addresses"] == (["192.0.2.1"] if outcome == "ok" else [])


def test_aliases_in_a_circle() -> None:
    records = ["a.test. 60 IN CNAME b.test.", "b.test. 60 IN CNAME c.test.", "c.test. 60 IN CNAME b.test."]
    with replying(lambda data: [answer(data, *records)]) as port:
        seen = ask_port(port)
    assert seen.outcome == "nodata"
    assert seen.evidence["cname_loop"] is True
    assert seen.evidence["cnames"] == [["a.test", "b.test"], ["b.test", "c.test"], ["c.test", "b.test"]]


# --- TCP -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "then_close", "outcome"),
    [
        (b"", True, "closed"),
        (b"\0", True, "closed"),
        (b"\0\x20abc", True, "closed"),
        (b"\0\x03abc", False, "malformed"),
        (b"", False, "timeout"),
        (b"\0\x20abc", False, "timeout"),
    ],
)
def test_tcp_answers_that_are_none(said: bytes, then_close: bool, outcome: str) -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        done = threading.Event()

        def serve() -> None:
            accepted, _ = listener.accept()
            with accepted:
                accepted.recv(4096)
                accepted.sendall(said)
                if not then_close:
                    done.wait(5)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        port = listener.getsockname()[1]
        seen = dns_query.query(SystemNetwork(), "a.test", "A", "127.0.0.1", port=port, transport="tcp", timeout_s=0.3)
        done.set()
        thread.join(6)
    assert seen.outcome == outcome
    assert seen.duration_s < 0.6


# --- any bytes -----------------------------------------------------------------------------------------------------

QUESTION = make_query("a.test", "A")
FULL_REPLY = answer(
    QUESTION.to_wire(),
    "a.test. 60 IN CNAME b.test.",
    "b.test. 60 IN A 192.0.2.1",
    "b.test. 60 IN TXT some-text",
    "b.test. 60 IN SOA ns.test. admin.test. 1 2 3 4 5",
)
OUTCOMES = {"ok", "nxdomain", "nodata", "servfail", "refused", "formerr", "notimp", "other_rcode"} | {
    "truncated",
    "wrong_id",
    "malformed",
}


@given(st.binary(max_size=600), st.booleans())
def test_any_bytes_are_read_without_a_crash(data: bytes, right_id: bool) -> None:
    if right_id:
        data = QUESTION.id.to_bytes(2, "big") + data
    reply = read_reply(QUESTION, data)
    assert reply.outcome in OUTCOMES
    json.dumps(reply.evidence)


@given(st.lists(st.tuples(st.integers(2, len(FULL_REPLY) - 1), st.integers(0, 255)), max_size=6), st.data())
def test_a_damaged_reply_is_read_without_a_crash(damage: list[tuple[int, int]], data: st.DataObject) -> None:
    damaged = bytearray(FULL_REPLY)
    for position, value in damage:
        damaged[position] = value
    cut = data.draw(st.integers(0, len(damaged)))
    reply = read_reply(QUESTION, bytes(damaged[:cut]) if data.draw(st.booleans()) else bytes(damaged))
    assert reply.outcome in OUTCOMES
    json.dumps(reply.evidence)


@given(st.binary(max_size=40), st.integers(0, 30))
def test_any_extended_error_is_told(text: bytes, code: int) -> None:
    option = struct.pack("!HHH", 15, len(text) + 2, code) + text
    opt = b"\0" + struct.pack("!HHIH", 41, 1232, 0, len(option)) + option
    header = struct.pack("!HHHHHH", QUESTION.id, 0x8182, 1, 0, 0, 1)
    reply = read_reply(QUESTION, header + b"\x01a\x04test\0\0\x01\0\x01" + opt)
    assert reply.outcome in ("servfail", "malformed")
    if reply.outcome == "servfail":
        assert reply.evidence["ede"][0].startswith(str(code))


@given(st.text(max_size=80))
def test_any_name_is_asked_or_refused(name: str) -> None:
    try:
        question = make_query(name, "A")
    except ValueError:
        return
    assert 17 <= len(question.to_wire()) <= 12 + 255 + 4 + 11  # header, name, type and class, OPT record

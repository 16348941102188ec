"""The nameserver fails per name as nameservers and firewalls do."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import dns.exception
import dns.flags
import dns.message
import dns.query
import dns.rcode
import dns.rdatatype
import pytest
from ayx_simulator.peers.nameserver import BEHAVIOURS, Entry, FaultyNameserver, main, read_zone
from hypothesis import given
from hypothesis import strategies as st

TABLE = {
    "ok.test": ["127.0.0.1", "127.0.0.2", "::1"],
    "v4.test": "127.0.0.1",
    "alias.test": "-> ok.test",
    "chain.test": "-> alias.test",
    "dangling.test": "-> gone.test",
    "loop-a.test": "-> loop-b.test",
    "loop-b.test": "-> loop-a.test",
    "*.wild.test": "127.0.0.3",
    "nodata.test": "nodata",
    "servfail.test": {"behaviour": "servfail", "ede": "no reachable authority"},
    "dnssec.test": {"a": ["127.0.0.1"], "behaviour": "servfail_unless_cd"},
    "refused.test": "refused",
    "formerr.test": {"a": ["127.0.0.1"], "behaviour": "formerr"},
    "notimp.test": "notimp",
    "timeout.test": "timeout",
    "dropaaaa.test": {"a": ["127.0.0.1"], "behaviour": "timeout", "only": ["AAAA"]},
    "slowaaaa.test": {"a": ["127.0.0.1"], "aaaa": ["::1"], "delay_s": 0.4, "only": ["AAAA"]},
    "truncated.test": {"a": ["127.0.0.1"], "behaviour": "truncated"},
    "wrongid.test": {"a": ["127.0.0.1"], "behaviour": "wrong_id"},
    "malformed.test": "malformed",
    "many.test": [f"127.0.1.{number}" for number in range(1, 100)],
}


@pytest.fixture(scope="module")
def nameserver() -> Iterator[FaultyNameserver]:
    with FaultyNameserver(TABLE) as running:
        yield running


def ask(
    nameserver: FaultyNameserver,
    name: str,
    rdtype: str = "A",
    *,
    tcp: bool = False,
    edns: bool = True,
    cd: bool = False,
) -> dns.message.Message:
    query = dns.message.make_query(name, rdtype, use_edns=0 if edns else -1)
    if cd:
        query.flags |= dns.flags.CD
    send = dns.query.tcp if tcp else dns.query.udp
    return send(query, nameserver.host, timeout=0.5, port=nameserver.port)


def addresses(message: dns.message.Message) -> list[str]:
    kinds = (dns.rdatatype.A, dns.rdatatype.AAAA)
    return [record.address for rrset in message.answer if rrset.rdtype in kinds for record in rrset]


@pytest.mark.parametrize("tcp", [False, True], ids=["udp", "tcp"])
@pytest.mark.parametrize(
    ("name", "rdtype", "expected"),
    [
        ("ok.test", "A", ["127.0.0.1", "127.0.0.2"]),
        ("OK.test", "AAAA", ["::1"]),
        ("alias.test", "A", ["127.0.0.1", "127.0.0.2"]),
        ("chain.test", "AAAA", ["::1"]),
        ("deep.below.wild.test", "A", ["127.0.0.3"]),
        ("v4.test", "AAAA", []),
        ("dropaaaa.test", "A", ["127.0.0.1"]),
    ],
)
def test_addresses(nameserver: FaultyNameserver, name: str, rdtype: str, expected: list[str], tcp: bool) -> None:
    message = ask(nameserver, name, rdtype, tcp=tcp)
    assert (message.rcode(), addresses(message)) == (dns.rcode.NOERROR, expected)


@pytest.mark.parametrize(
    ("name", "rcode"),
    [
        ("absent.test", dns.rcode.NXDOMAIN),
        ("wild.test", dns.rcode.NXDOMAIN),
        ("servfail.test", dns.rcode.SERVFAIL),
        ("dnssec.test", dns.rcode.SERVFAIL),
        ("refused.test", dns.rcode.REFUSED),
        ("formerr.test", dns.rcode.FORMERR),
        ("notimp.test", dns.rcode.NOTIMP),
        ("nodata.test", dns.rcode.NOERROR),
    ],
)
def test_rcodes(nameserver: FaultyNameserver, name: str, rcode: dns.rcode.Rcode) -> None:
    message = ask(nameserver, name)
    assert (message.rcode(), addresses(message)) == (rcode, [])


@pytest.mark.parametrize("name", ["absent.test", "nodata.test", "v4.test"])
def test_negative_answers_carry_the_soa(nameserver: FaultyNameserver, name: str) -> None:
    message = ask(nameserver, name, "AAAA")
    assert [rrset.rdtype for rrset in message.authority] == [dns.rdatatype.SOA]


def test_dangling_alias_is_shown_with_the_missing_name(nameserver: FaultyNameserver) -> None:
    message = ask(nameserver, "dangling.test")
    assert message.rcode() == dns.rcode.NXDOMAIN
    assert message.answer[0][0].target.to_text() == "gone.test."


def test_loop_of_aliases_ends(nameserver: FaultyNameserver) -> None:
    message = ask(nameserver, "loop-a.test")
    assert [rrset.name.to_text() for rrset in message.answer] == ["loop-a.test.", "loop-b.test."]


def test_checking_disabled_spares_a_broken_signature(nameserver: FaultyNameserver) -> None:
    assert addresses(ask(nameserver, "dnssec.test", cd=True)) == ["127.0.0.1"]


def test_query_without_edns_is_understood(nameserver: FaultyNameserver) -> None:
    assert addresses(ask(nameserver, "formerr.test", edns=False)) == ["127.0.0.1"]


def test_extended_error_says_why(nameserver: FaultyNameserver) -> None:
    assert [option.text for option in ask(nameserver, "servfail.test").options] == ["no reachable authority"]


@pytest.mark.parametrize(("name", "rdtype"), [("timeout.test", "A"), ("dropaaaa.test", "AAAA")])
def test_silence(nameserver: FaultyNameserver, name: str, rdtype: str) -> None:
    with pytest.raises(dns.exception.Timeout):
        ask(nameserver, name, rdtype)


def test_one_type_is_slow(nameserver: FaultyNameserver) -> None:
    started = time.monotonic()
    assert addresses(ask(nameserver, "slowaaaa.test", "A")) == ["127.0.0.1"]
    assert time.monotonic() - started < 0.3
    assert addresses(ask(nameserver, "slowaaaa.test", "AAAA")) == ["::1"]
    assert time.monotonic() - started >= 0.4


def test_truncated_answer_is_whole_over_tcp(nameserver: FaultyNameserver) -> None:
    message = ask(nameserver, "truncated.test")
    assert (bool(message.flags & dns.flags.TC), addresses(message)) == (True, [])
    assert addresses(ask(nameserver, "truncated.test", tcp=True)) == ["127.0.0.1"]


def test_answer_beyond_the_size_of_a_datagram_is_truncated(nameserver: FaultyNameserver) -> None:
    assert ask(nameserver, "many.test", edns=False).flags & dns.flags.TC
    assert len(addresses(ask(nameserver, "many.test", tcp=True))) == 99


def test_closed_tcp_port() -> None:
    with FaultyNameserver(TABLE, tcp=False) as running:
        assert ask(running, "truncated.test").flags & dns.flags.TC
        with pytest.raises(ConnectionRefusedError):
            ask(running, "truncated.test", tcp=True)


def raw_answer(nameserver: FaultyNameserver, query: dns.message.Message) -> bytes:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.settimeout(2)
        client.sendto(query.to_wire(), (nameserver.host, nameserver.port))
        return client.recv(4096)


def test_wrong_id(nameserver: FaultyNameserver) -> None:
    query = dns.message.make_query("wrongid.test", "A")
    answer = dns.message.from_wire(raw_answer(nameserver, query))
    assert answer.id != query.id
    assert addresses(answer) == ["127.0.0.1"]


def test_malformed(nameserver: FaultyNameserver) -> None:
    octets = raw_answer(nameserver, dns.message.make_query("malformed.test", "A"))
    with pytest.raises(dns.exception.DNSException):
        dns.message.from_wire(octets)


def test_queries_are_remembered() -> None:
    with FaultyNameserver(TABLE) as running:
        ask(running, "ok.test", "AAAA")
        ask(running, "ok.test", "A", tcp=True)
        assert running.queries == [("ok.test", "AAAA", "udp"), ("ok.test", "A", "tcp")]


def test_default_for_unknown_names() -> None:
    with FaultyNameserver({}, default="refused") as running:
        assert ask(running, "anything.test").rcode() == dns.rcode.REFUSED


@pytest.mark.parametrize("entry", [{"behaviour": "nonsense"}, {"unknown": 1}, "not an address", ["1.2.3.4", "x"]])
def test_unreadable_entry_is_refused(entry: object) -> None:
    with pytest.raises(ValueError, match=r"nonsense|unknown|not an address|x"):
        read_zone({"name.test": entry})


@given(st.lists(st.ip_addresses().map(str), min_size=1))
def test_addresses_are_sorted_by_family(given_addresses: list[str]) -> None:
    entry = read_zone({"Name.Test.": given_addresses})["name.test"]
    assert sorted(entry.a + entry.aaaa) == sorted(given_addresses)
    assert all(":" not in address for address in entry.a)
    assert all(":" in address for address in entry.aaaa)


def test_table_survives_json() -> None:
    assert read_zone(json.loads(json.dumps(TABLE)))["dropaaaa.test"] == Entry(
        a=("127.0.0.1",), behaviour="timeout", only=("AAAA",)
    )


def test_command_line_lists_the_behaviours(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--list"]) == 0
    listed = capsys.readouterr().out
    assert all(name in listed for name in BEHAVIOURS)


def test_command_line_refuses_a_wrong_zone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    zone = tmp_path / "zone.json"
    zone.write_text('{"a.test": {"behaviour": "nonsense"}}', encoding="utf-8")
    with pytest.raises(SystemExit):
        main(["--zone", str(zone)])
    assert "no behaviour 'nonsense'" in capsys.readouterr().err

"""From a name to addresses, row by row: what each outcome of a lookup, and of a nameserver, makes worth asking next."""

from __future__ import annotations

import socket
from collections.abc import Callable
from typing import Any

import pytest
from ayx_diagnostics.model import Report
from ayx_diagnostics.network.fake import FakeMachine, FakeNetwork, Place, Resolution
from walk_world import ADDRESS, HOST, OTHER, World, observed, purposes, zone

AGAIN = Resolution(error=socket.gaierror(-3, "Temporary failure in name resolution"))
REFUSED = Place("refused")


def lost(**more: Any) -> FakeNetwork:
    """A network where the system's lookup fails at once."""
    return FakeNetwork(names={HOST: AGAIN}, **more)


def asked(report: Report) -> list[tuple[str, str, str]]:
    """Return record type, purpose and outcome of every question to a nameserver."""
    found = [seen for seen in report.observations if seen.operation == "query"]
    return sorted((seen.evidence["rdtype"], seen.evidence["purpose"], seen.outcome) for seen in found)


def test_a_name_that_resolves_at_once_asks_no_nameserver(world: World) -> None:
    network = FakeNetwork(names={HOST: [ADDRESS]}, places={(ADDRESS, 443): world.https()})
    report = world.walk(network)
    assert (network.looked_up, observed(report, "dns", "query")) == ([HOST], [])


def test_an_address_needs_no_lookup(world: World) -> None:
    network = FakeNetwork(places={(ADDRESS, 443): world.https()})
    report = world.walk(network, f"https://{ADDRESS}")
    assert (network.looked_up, observed(report, "dns")) == ([], [])


#: What a nameserver says -> what it is asked then. Silence is looked into for one record type: it is the same for both.
FOLLOW_UPS: list[tuple[str, Callable[[bytes], Any] | None, set[tuple[str, str]]]] = [
    ("an answer", zone(ADDRESS), set()),
    ("no such name", zone(rcode="NXDOMAIN"), set()),
    ("refused", zone(rcode="REFUSED"), set()),
    ("servfail", zone(rcode="SERVFAIL"), {("A", "cd_bit"), ("AAAA", "cd_bit")}),
    ("formerr", zone(rcode="FORMERR"), {("A", "no_edns"), ("AAAA", "no_edns")}),
    ("truncated", zone(ADDRESS, truncated=True), {("A", "tcp_retry"), ("AAAA", "tcp_retry")}),
    ("closed port", lambda _: ConnectionRefusedError(111, "Connection refused"), set()),
    ("silence", None, {("A", "tcp_retry"), ("A", "again")}),
]


@pytest.mark.parametrize(("reply", "then"), [row[1:] for row in FOLLOW_UPS], ids=[row[0] for row in FOLLOW_UPS])
def test_what_a_nameserver_is_asked_next(
    world: World, reply: Callable[[bytes], Any] | None, then: set[tuple[str, str]]
) -> None:
    report = world.walk(lost(nameservers={"10.0.0.53": reply} if reply is not None else {}))
    found = {(rdtype, purpose) for rdtype, purpose, _ in asked(report)}
    assert found == {("A", "address"), ("AAAA", "address")} | then


def test_no_more_than_three_nameservers_are_asked_as_the_c_library_does(world: World) -> None:
    machine = FakeMachine(nameservers=tuple(f"10.0.0.{number}" for number in range(50, 55)))
    report = world.walk(lost(machine=machine))
    assert {seen.evidence["nameserver"] for seen in report.observations if seen.operation == "query"} == {
        "10.0.0.50",
        "10.0.0.51",
        "10.0.0.52",
    }


@pytest.mark.parametrize(
    ("after_s", "replies", "ended", "took_s"),
    [
        (0.5, {}, "ok", 0.5),  # not slow enough to be looked into
        (4.0, {}, "ok", 4.0),
        (30.0, {}, "timeout", 6.0),  # every nameserver is silent: no longer than until that is known
        (30.0, {"10.0.0.53": zone(rcode="NXDOMAIN")}, "timeout", 20.0),  # one that speaks may yet be heard
    ],
)
def test_how_long_a_lookup_is_waited_for(world: World, after_s: float, replies: Any, ended: str, took_s: float) -> None:
    names = {HOST: Resolution([ADDRESS], after_s=after_s)}
    network = FakeNetwork(names=names, places={(ADDRESS, 443): world.https()}, nameservers=replies)
    report = world.walk(network)
    (seen,) = observed(report, "dns", "system_lookup")
    assert (seen.outcome, seen.duration_s) == (ended, pytest.approx(took_s, abs=0.1))
    assert bool(asked(report)) == (after_s > 1.0)


def test_a_slow_lookup_that_succeeds_still_tells_which_nameserver_is_silent(world: World) -> None:
    names = {HOST: Resolution([ADDRESS], after_s=1.5)}
    report = world.walk(FakeNetwork(names=names, places={(ADDRESS, 443): world.https()}))
    assert {outcome for _, _, outcome in asked(report)} == {"timeout"}
    assert [seen.ok for seen in observed(report, "api", "call")] == [True]


@pytest.mark.parametrize(("family", "tried"), [(None, [ADDRESS, "fd00::7"]), (4, [ADDRESS]), (6, ["fd00::7"])])
def test_addresses_of_another_family_than_the_user_wants_are_left_out(
    world: World, family: int | None, tried: list[str]
) -> None:
    places = {(ADDRESS, 443): world.https(), ("fd00::7", 443): world.https()}
    network = FakeNetwork(names={HOST: [ADDRESS, "fd00::7"]}, places=places)
    report = world.walk(network, family=family, skip=["tls"])
    assert [seen.evidence["address"] for seen in observed(report, "tcp", "connect")] == tried


def test_a_name_without_an_address_of_the_family_has_none(world: World) -> None:
    report = world.walk(FakeNetwork(names={HOST: [ADDRESS]}), family=6)
    (seen,) = observed(report, "dns", "system_lookup")
    assert (seen.outcome, seen.evidence["text"]) == ("nodata", f"no IPv6 address, only {ADDRESS}")


def test_no_more_than_64_addresses_of_a_name_are_tried(world: World) -> None:
    addresses = [f"10.1.{number // 250}.{number % 250 + 1}" for number in range(3000)]
    network = FakeNetwork(names={HOST: addresses})
    world.walk(network, skip=["tls"], connect_timeout=0.5)
    assert len({address for address, port, _, ttl in network.connects if port == 443 and ttl is None}) == 64


# --- after connections failed ----------------------------------------------------------------------------------------


def refused_everywhere(**more: Any) -> FakeNetwork:
    return FakeNetwork(names={HOST: [ADDRESS]}, places={(ADDRESS, 443): REFUSED, (OTHER, 443): Place()}, **more)


def test_after_failed_connections_the_address_itself_is_in_doubt(world: World) -> None:
    machine = FakeMachine(search=("a.test", "b.test", "c.test", "d.test"))
    report = world.walk(refused_everywhere(nameservers={"10.0.0.53": zone(OTHER)}, machine=machine))
    names = [seen.evidence["name"] for seen in report.observations if seen.evidence.get("purpose") == "search"]
    assert sorted(names) == [f"{HOST}.{domain}" for domain in ("a.test", "b.test", "c.test")]
    assert {"address", "random_label"} <= set(purposes(report, "dns"))


def test_an_address_that_nameservers_give_and_the_client_does_not_try_is_connected_to(world: World) -> None:
    report = world.walk(refused_everywhere(nameservers={"10.0.0.53": zone(OTHER)}))
    published = [seen for seen in observed(report, "tcp", "control") if seen.evidence["purpose"] == "published"]
    assert [(seen.evidence["address"], seen.outcome) for seen in published] == [(OTHER, "ok")]
    assert all(stream.closed for stream in world.network.streams)


def test_what_the_client_tries_itself_is_not_connected_to_again(world: World) -> None:
    report = world.walk(refused_everywhere(nameservers={"10.0.0.53": zone(ADDRESS)}))
    assert "published" not in purposes(report, "tcp")


def test_a_name_that_ends_in_a_dot_is_not_completed(world: World) -> None:
    machine = FakeMachine(search=("a.test",))
    network = FakeNetwork(
        names={f"{HOST}.": [ADDRESS]}, places={(ADDRESS, 443): REFUSED}, nameservers={"10.0.0.53": zone()},
        machine=machine,
    )  # fmt: skip
    assert "search" not in purposes(world.walk(network, f"https://{HOST}."), "dns")


def test_nameservers_are_asked_once(world: World) -> None:
    names = {HOST: Resolution([ADDRESS], after_s=2.0)}
    replies = {"10.0.0.53": zone(ADDRESS)}
    report = world.walk(FakeNetwork(names=names, places={(ADDRESS, 443): REFUSED}, nameservers=replies))
    assert purposes(report, "dns").count("address") == 1
    assert "random_label" not in purposes(report, "dns")

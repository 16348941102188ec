"""The way to the Server, row by row: which addresses, ports and proxies are tried, and when the walk goes on."""

from __future__ import annotations

from typing import Any

import pytest
from ayx_diagnostics.model import Report
from ayx_diagnostics.network.error_queue import IcmpError
from ayx_diagnostics.network.fake import SILENT, FakeMachine, FakeNetwork, Place
from ayx_diagnostics.walk.direct_route import _Race
from walk_world import ADDRESS, HOST, OTHER, Answer, Raw, World, observed, only, purposes, zone

REFUSED = Place("refused")
DENIED = Place("failed", after_s=0.02, number=113, icmp=IcmpError(113, "icmp", 3, 10, "10.0.0.1"))
PROXY = "10.0.0.80"


def connects(report: Report, stage: str = "tcp") -> dict[str, str]:
    """Return address -> outcome of the client's own connects."""
    return {seen.evidence["address"]: seen.outcome for seen in observed(report, stage, "connect")}


# --- direct ----------------------------------------------------------------------------------------------------------


def test_the_first_address_that_accepts_carries_the_walk_and_the_others_are_waited_for(world: World) -> None:
    places = {(ADDRESS, 443): SILENT, (OTHER, 443): world.https()}
    report = world.walk(FakeNetwork(names={HOST: [ADDRESS, OTHER]}, places=places), connect_timeout=5)
    assert connects(report) == {ADDRESS: "timeout", OTHER: "ok"}
    assert {seen.evidence["address"] for seen in observed(report, "api", "call")} == {OTHER}


def test_a_late_second_connection_is_closed(world: World) -> None:
    places = {(ADDRESS, 443): world.https(), (OTHER, 443): Place(after_s=3.0)}
    report = world.walk(FakeNetwork(names={HOST: [ADDRESS, OTHER]}, places=places))
    assert connects(report) == {ADDRESS: "ok", OTHER: "ok"}
    assert all(stream.closed for stream in world.network.streams)


@pytest.mark.parametrize("wanted", [True, False])
def test_of_connections_that_stand_at_once_only_one_is_kept(wanted: bool) -> None:
    from types import SimpleNamespace

    network = FakeNetwork(places={(ADDRESS, 443): Place(), (OTHER, 443): Place()})
    session = SimpleNamespace(network=network, begin=network.start, record=lambda seen: seen)
    race = _Race(session, [ADDRESS, OTHER], 443, 5.0)  # type: ignore[arg-type]  # as much of a session as a race asks
    network.finish()
    if wanted:
        assert race.winner(0.0) is not None
    else:
        race.give_up()
    assert [stream.closed for stream in network.streams].count(False) == int(wanted)


def test_an_answer_within_the_first_second_needs_no_controls(world: World) -> None:
    report = world.walk(only(world.https(after_s=0.9)))
    assert observed(report, "tcp", "path") == []


#: What becomes of the connect -> which controls are made.
CONTROLS: list[tuple[str, Place, set[str]]] = [
    ("silence", SILENT, {"path", "control"}),
    ("a late answer", Place(after_s=2.0), {"control"}),
    ("a refusal of the host", REFUSED, {"path", "control"}),
    ("a refusal of a router", DENIED, {"path", "control"}),
]


@pytest.mark.parametrize(("place", "made"), [row[1:] for row in CONTROLS], ids=[row[0] for row in CONTROLS])
def test_the_controls_of_a_connect_that_does_not_succeed_at_once(world: World, place: Place, made: set[str]) -> None:
    report = world.walk(FakeNetwork(names={HOST: [ADDRESS]}, places={(ADDRESS, 443): place}), connect_timeout=10)
    assert {seen.operation for seen in observed(report, "tcp")} - {"connect", "quiet", "series"} >= made
    assert "loopback_connect" in {seen.operation for seen in observed(report, "local")}


@pytest.mark.parametrize(("url", "control"), [(f"https://{HOST}", 80), (f"http://{HOST}", 443)])
def test_the_control_port_is_none_of_the_servers_own(world: World, url: str, control: int) -> None:
    report = world.walk(FakeNetwork(names={HOST: [ADDRESS]}), url)
    (seen,) = [each for each in observed(report, "tcp", "control") if each.evidence["purpose"] == "other_port"]
    assert seen.evidence["port"] == control


@pytest.mark.parametrize(("place", "departs", "udp"), [(REFUSED, True, True), (SILENT, False, False)])
def test_a_refusal_is_looked_for_in_this_machine_and_beyond_tcp(
    world: World, place: Place, departs: bool, udp: bool
) -> None:
    network = FakeNetwork(names={HOST: [ADDRESS]}, places={(ADDRESS, 443): place})
    report = world.walk(network)
    assert bool(observed(report, "local", "departure")) is departs
    assert any(transport == "udp" for _, _, transport, _ in network.connects) is udp


@pytest.mark.parametrize("others", [3, 2])
def test_a_last_router_is_given_time_to_say_that_nobody_is_there_but_not_for_many_addresses(
    world: World, others: int
) -> None:
    names = {HOST: [f"10.0.0.{number}" for number in range(7, 7 + others)]}
    report = world.walk(FakeNetwork(names=names), connect_timeout=1)
    patience_s = 4.2 + 0.25 + 0.05 if others <= 2 else 1.5 + 0.1
    assert report.duration_s == pytest.approx(patience_s, abs=0.3)


def test_only_ipv6_addresses_and_no_answer_make_ipv4_of_interest(world: World) -> None:
    report = world.walk(FakeNetwork(names={HOST: ["fd00::7"]}))
    asked = [seen.evidence["family"] for seen in observed(report, "local", "source_address")]
    assert asked == [6, 4]


def test_each_family_is_asked_for_its_route_once(world: World) -> None:
    network = FakeNetwork(
        names={HOST: ["fd00::7", "fd00::8", ADDRESS]},
        places={(ADDRESS, 443): world.https()},
        machine=FakeMachine(families=(4,)),
    )
    report = world.walk(network)
    asked = [(seen.evidence["family"], seen.ok) for seen in observed(report, "local", "source_address")]
    assert asked == [(6, False), (4, True)]


@pytest.mark.parametrize(
    ("reference", "port"), [("reference.test", 443), ("reference.test:8443", 8443), ("10.0.0.99:22", 22)]
)
def test_a_reference_host_is_connected_to_where_the_server_is_not_reached(
    world: World, reference: str, port: int
) -> None:
    names = {HOST: [ADDRESS], "reference.test": ["10.0.0.99"]}
    report = world.walk(FakeNetwork(names=names, places={("10.0.0.99", port): Place()}), reference_host=reference)
    found = [seen for seen in observed(report, "tcp", "control") if seen.evidence["purpose"] == "reference_host"]
    assert [(seen.evidence["port"], seen.ok) for seen in found] == [(port, True)]


@pytest.mark.parametrize("stage", ["dns", "tcp"])
def test_nothing_behind_the_last_stage_is_touched(world: World, stage: Any) -> None:
    network = only(world.https())
    world.walk(network, only=stage)
    assert bool(network.connects) is (stage == "tcp")
    assert world.asked == []


def test_a_walk_ends_with_its_budget(world: World) -> None:
    report = world.walk(FakeNetwork(names={HOST: [ADDRESS]}), max_time=3, connect_timeout=20)
    assert report.duration_s == pytest.approx(3.0, abs=0.01)
    assert connects(report) == {ADDRESS: "timeout"}


# --- lost packets ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("place", "counted"),
    [
        ({}, False),
        ({"tcp_info": {"state": "ESTABLISHED", "total_retrans": 1}}, True),
        ({"after_s": 0.9}, False),
    ],
)
def test_a_repeated_packet_makes_lost_ones_worth_counting(world: World, place: Any, counted: bool) -> None:
    report = world.walk(only(world.https(**place)))
    found = {seen.evidence["purpose"]: seen.evidence["attempts"] for seen in observed(report, "tcp", "series")}
    assert found == ({"server": 12, "other_port": 24} if counted else {})


def test_a_port_that_the_ladder_reaches_and_the_connect_did_not_comes_and_goes(world: World) -> None:
    network = FakeNetwork(names={HOST: [ADDRESS]}, places={(ADDRESS, 443): SILENT})
    begin, count = network.connect, 0

    def sometimes(address: str, port: int, **how: Any) -> Any:
        nonlocal count
        count += port == 443
        if count > 1:  # the first is the client's own
            network._places = {(ADDRESS, 443): Place(hops=("10.0.0.1",))}
        return begin(address, port, **how)

    network.connect = sometimes  # type: ignore[method-assign]  # a place that changes
    report = world.walk(network)
    assert {seen.evidence["purpose"] for seen in observed(report, "tcp", "series")} == {"server", "other_port"}


# --- through a proxy -------------------------------------------------------------------------------------------------


def tunnel(answer: bytes | OSError | None) -> Place:
    return Place(peer=lambda: Raw(answer))


DENIED_BY_PROXY = b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n"


def behind(place: Place, **more: Any) -> FakeNetwork:
    """A network whose only way leads through a proxy."""
    return FakeNetwork(
        names={"proxy.test": [PROXY], HOST: [ADDRESS], **more.pop("names", {})},
        places={(PROXY, 3128): place, **more.pop("places", {})},
        **more,
    )


def test_a_proxy_that_refuses_is_told_from_a_server_that_is_reachable_without_it(world: World) -> None:
    network = behind(tunnel(DENIED_BY_PROXY), places={(ADDRESS, 443): Place()})
    report = world.walk(network, proxy="http://proxy.test:3128")
    assert [seen.outcome for seen in observed(report, "proxy", "tunnel")] == ["status"]
    assert connects(report) == {ADDRESS: "ok"}
    assert report.verdict.code == "proxy.configured_but_unneeded"
    assert all(stream.closed for stream in network.streams)


#: How a proxy takes to its protocol -> the scheme that is tried then.
OTHER_SCHEMES: list[tuple[str, str, bytes | OSError | None, list[str]]] = [
    ("no HTTP", "http", b"\x15\x03\x01\x00\x02\x02\x0a", ["http", "https"]),
    ("closed", "http", None, ["http", "https"]),
    ("reset", "https", ConnectionResetError(104, "Connection reset by peer"), ["https", "http"]),
    ("no TLS", "https", b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n", ["https", "http"]),
    ("no SOCKS", "socks5", b"HTTP/1.1 400 Bad Request\r\n\r\n", ["socks5", "http"]),
    ("a refusal", "http", DENIED_BY_PROXY, ["http"]),
]


@pytest.mark.parametrize(
    ("scheme", "answer", "tried"), [row[1:] for row in OTHER_SCHEMES], ids=[row[0] for row in OTHER_SCHEMES]
)
def test_a_proxy_is_spoken_to_in_the_other_way_when_it_did_not_understand(
    world: World, scheme: str, answer: bytes | OSError | None, tried: list[str]
) -> None:
    report = world.walk(behind(tunnel(answer)), proxy=f"{scheme}://user:pass-word@proxy.test:3128")
    found = [seen.evidence["proxy"].partition(":")[0] for seen in observed(report, "proxy", "tunnel")]
    assert found == tried


def test_the_password_of_a_proxy_is_not_sent_where_it_is_spoken_to_in_the_other_way(world: World) -> None:
    heard: list[bytes] = []

    class Proxy(Raw):
        def hear(self, data: bytes) -> bytes | None:
            heard.append(data)
            return super().hear(data)

    world.walk(behind(Place(peer=lambda: Proxy(b"no TLS here"))), proxy="https://user:pass-word@proxy.test:3128")
    (plain,) = [data for data in heard if data.startswith(b"CONNECT ")]
    assert b"Authorization" not in plain


def test_a_proxy_whose_name_does_not_exist_is_not_connected_to(world: World) -> None:
    report = world.walk(behind(REFUSED), proxy="http://absent.test:3128")
    assert [seen.outcome for seen in observed(report, "proxy", "resolve")] == ["noname"]
    assert observed(report, "proxy", "connect") == []


def test_a_skipped_proxy_ends_the_walk_that_needs_one(world: World) -> None:
    network = behind(REFUSED)
    world.walk(network, proxy="http://proxy.test:3128", skip=["proxy"])
    assert (network.looked_up, network.connects) == ([], [])


def test_the_proxies_that_this_machine_knows_are_tried_where_the_direct_way_is_closed(world: World) -> None:
    environ = {"HTTP_PROXY": "http://proxy.test:3128"}  # for http:// addresses alone
    report = world.walk(behind(tunnel(b"HTTP/1.1 200 OK\r\n\r\n")), environ=environ)
    found = [(seen.evidence["candidate"], seen.outcome) for seen in observed(report, "proxy", "tunnel")]
    assert found == [(True, "ok")]


@pytest.mark.parametrize(("twin", "tried"), [("https_proxy", 1), ("HTTP_PROXY", 0)])
def test_beside_a_proxy_in_use_only_its_other_spelling_is_tried(world: World, twin: str, tried: int) -> None:
    environ = {"HTTPS_PROXY": "http://proxy.test:3128", twin: "http://other.test:3128"}
    network = behind(tunnel(DENIED_BY_PROXY), names={"other.test": ["10.0.0.81"]})
    report = world.walk(network, environ=environ)
    used = observed(report, "proxy", "select")[0].evidence["proxy"]
    candidates = [seen for seen in observed(report, "proxy", "tunnel") if seen.evidence["candidate"]]
    assert used.startswith("http://")
    assert len(candidates) == 0 or candidates[0].evidence["proxy"] != used
    assert len({address for address, port, _, _ in network.connects if port == 3128} - {PROXY}) == tried


SCRIPT = 'function FindProxyForURL(url, host) { return "PROXY proxy.test:3128; DIRECT"; }'


@pytest.mark.parametrize(("page", "tried"), [(SCRIPT, 1), ("<html>not found</html>", 0)])
def test_a_proxy_script_of_the_domain_is_searched_for_proxies(world: World, page: str, tried: int) -> None:
    network = behind(
        tunnel(b"HTTP/1.1 200 OK\r\n\r\n"),
        names={"wpad.a.test": ["10.0.0.90"]},
        places={("10.0.0.90", 80): world.http(lambda *_: Answer(document=page))},
        machine=FakeMachine(search=("a.test",)),
    )
    report = world.walk(network)
    assert world.pages == ["GET /wpad.dat"]
    assert len(observed(report, "proxy", "pac")) == len(observed(report, "proxy", "tunnel")) == tried


def test_plain_http_goes_to_the_proxy_itself_with_the_whole_url(world: World) -> None:
    network = behind(world.http())
    report = world.walk(network, f"http://{HOST}", proxy="http://proxy.test:3128", allow_http=True)
    assert [seen.ok for seen in observed(report, "api", "call")] == [True]
    assert {page.partition(" ")[2].partition("/webapi")[0] for page in world.pages} == {f"http://{HOST}"}
    assert observed(report, "proxy", "tunnel") == []


def test_nameservers_are_asked_about_a_server_behind_no_proxy_only(world: World) -> None:
    network = behind(world.http(), nameservers={"10.0.0.53": zone(ADDRESS)})
    report = world.walk(network, f"http://{HOST}", proxy="http://proxy.test:3128", allow_http=True)
    assert purposes(report, "dns") == []

"""What the network room promises, held for the operating system and for the fake alike; and how virtual time passes."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass

import pytest
from ayx_diagnostics.network.fake import SILENT, FakeMachine, FakeNetwork, Place, Resolution
from ayx_diagnostics.network.interface import Network
from ayx_diagnostics.network.system import SystemNetwork
from ayx_diagnostics.network.virtual_time import VirtualTime
from hypothesis import given
from hypothesis import strategies as st
from walk_world import Raw

LOOPBACK = "127.0.0.1"


@dataclass
class Room:
    """A network with a port that echoes once, and one that nobody listens on."""

    network: Network
    talking: int
    closed: int


def _real(stack: ExitStack) -> Room:
    listener = stack.enter_context(socket.create_server((LOOPBACK, 0)))
    with socket.socket() as nobody:
        nobody.bind((LOOPBACK, 0))
        closed = nobody.getsockname()[1]
    network = SystemNetwork()

    def serve() -> None:
        accepted, _ = listener.accept()
        with accepted:
            accepted.sendall(accepted.recv(100))

    network.start(serve)
    return Room(network, listener.getsockname()[1], closed)


def _fake(_: ExitStack) -> Room:
    class Echo(Raw):
        def hear(self, data: bytes) -> bytes | None:
            return None if self._said is None else self._echoed(data)

        def _echoed(self, data: bytes) -> bytes:
            self._said = None
            return data

    places = {
        (LOOPBACK, 1): Place(peer=lambda: Echo(b"")),
        (LOOPBACK, 2): Place("refused"),
    }
    return Room(FakeNetwork(names={"localhost": [LOOPBACK]}, places=places), 1, 2)


@pytest.fixture(params=[_real, _fake], ids=["system", "fake"])
def room(request: pytest.FixtureRequest) -> Iterator[Room]:
    with ExitStack() as stack:
        yield request.param(stack)


def test_a_connection_carries_bytes_both_ways(room: Room) -> None:
    attempt = room.network.connect(LOOPBACK, room.talking)
    room.network.wait([attempt], room.network.now() + 5)
    assert (attempt.outcome, attempt.evidence()["errno"]) == ("ok", None)
    assert attempt.stream is not None
    attempt.stream.send_all(b"hello", 5.0)
    assert attempt.stream.receive(100, 5.0) == b"hello"
    with pytest.raises(TimeoutError):
        attempt.stream.receive(100, 0.0)
    attempt.close()
    assert attempt.stream is None


def test_a_closed_port_refuses(room: Room) -> None:
    attempt = room.network.connect(LOOPBACK, room.closed)
    room.network.wait([attempt], room.network.now() + 5)
    assert (attempt.outcome, attempt.stream) == ("refused", None)
    assert attempt.evidence()["errno_name"] in ("ECONNREFUSED", "WSAECONNREFUSED")


def test_an_attempt_that_is_given_up_has_timed_out_without_an_error(room: Room) -> None:
    attempt = room.network.connect(LOOPBACK, room.closed)
    attempt.give_up()  # before anybody has waited for it
    assert attempt.outcome in ("timeout", "refused")  # loopback may have said so at once


def test_a_name_is_resolved_or_is_none(room: Room) -> None:
    assert LOOPBACK in room.network.resolve("localhost", 5.0)
    with pytest.raises(UnicodeError if isinstance(room.network, SystemNetwork) else socket.gaierror):
        room.network.resolve("a" * 70 + ".test", 5.0)


def test_this_machine_can_connect_to_itself(room: Room) -> None:
    attempt = room.network.connect_to_itself(1.0)
    assert attempt.outcome == "ok"
    attempt.close()


def test_tasks_go_on_beside_the_rest_and_hand_over_what_they_return_or_raise(room: Room) -> None:
    def fails() -> int:
        room.network.sleep(0.01)
        raise ZeroDivisionError

    good, bad = room.network.start(lambda: 1), room.network.start(fails)
    assert room.network.wait_for(lambda: good.done and bad.done, 5.0)
    assert good.result() == 1
    with pytest.raises(ZeroDivisionError):
        bad.result()


def test_what_does_not_come_to_be_so_is_waited_for_no_longer_than_wanted(room: Room) -> None:
    before_s = room.network.now()
    assert not room.network.wait_for(lambda: False, 0.05)
    assert 0.04 <= room.network.now() - before_s < 1.0
    assert room.network.wait_for(lambda: True, 0.0)


# --- the fake alone --------------------------------------------------------------------------------------------------


def test_a_late_lookup_times_out_and_an_error_is_raised() -> None:
    names = {"late.test": Resolution(["10.0.0.7"], after_s=9.0), "bad.test": Resolution(error=OSError(5, "EIO"))}
    network = FakeNetwork(names=names)
    with pytest.raises(TimeoutError):
        network.resolve("late.test", 2.0)
    assert network.now() == 2.0
    with pytest.raises(OSError, match="EIO"):
        network.resolve("bad.test", 2.0)


def test_a_packet_with_few_hops_to_live_ends_at_a_router() -> None:
    network = FakeNetwork(places={("10.0.0.7", 443): Place(hops=("10.0.0.1", "10.0.1.1"))})
    attempts = [network.connect("10.0.0.7", 443, ttl=ttl) for ttl in (1, 2, 3)]
    while any(attempt.outcome is None for attempt in attempts):
        network.wait(attempts, 5.0)
    assert [attempt.icmp.offender if attempt.icmp else None for attempt in attempts] == ["10.0.0.1", "10.0.1.1", None]
    assert [attempt.outcome for attempt in attempts] == ["host_unreachable", "host_unreachable", "ok"]


def test_a_nameserver_replies_refuses_or_is_silent() -> None:
    def refuses(_: bytes) -> OSError:
        return ConnectionRefusedError(111, "Connection refused")

    network = FakeNetwork(nameservers={"10.0.0.53": lambda question: question[::-1], "10.0.0.54": refuses})
    heard: list[object] = []
    for address in ("10.0.0.53", "10.0.0.54", "10.0.0.55"):
        with network.datagrams(address, 53) as datagrams:
            datagrams.send(b"abc")
            try:
                heard.append(datagrams.receive(1.0))
            except OSError as error:
                heard.append(type(error).__name__)
    assert heard == [(b"cba", None), "ConnectionRefusedError", "TimeoutError"]


def test_a_place_says_what_becomes_of_a_connect_or_is_refused() -> None:
    assert Place("timeout").after_s == SILENT.after_s == float("inf")
    for wrong in ({"answer": "failed"}, {"answer": "ok", "number": 5}):
        with pytest.raises(ValueError, match="the number of an error"):
            Place(**wrong)  # type: ignore[arg-type]  # wrong on purpose


def test_no_packet_leaves_to_a_family_that_the_machine_has_not() -> None:
    network = FakeNetwork(places={("fd00::7", 443): Place()}, machine=FakeMachine(families=(4,)))
    attempt = network.connect("fd00::7", 443)
    network.wait([attempt], 5.0)
    assert (attempt.outcome, attempt.duration_s) == ("net_unreachable", 0.0)


def test_names_are_the_same_in_either_case() -> None:
    assert FakeNetwork(names={"Server.TEST": ["10.0.0.7"]}).resolve("sERVER.test", 1.0) == ("10.0.0.7",)


def test_a_machine_without_a_family_has_no_route_to_it() -> None:
    machine = FakeMachine(families=(4,))
    assert machine.source_address("10.0.0.7", 443) == "10.0.0.2"
    with pytest.raises(OSError, match="unreachable"):
        machine.source_address("fd00::7", 443)


# --- virtual time ----------------------------------------------------------------------------------------------------


def test_an_hour_takes_no_time() -> None:
    started, clock = time.monotonic(), VirtualTime()
    clock.sleep(3600)
    assert clock.now() == 3600
    assert time.monotonic() - started < 5


@given(st.lists(st.floats(0, 100, allow_nan=False), max_size=8))
def test_tasks_end_in_the_order_of_their_times_whatever_the_order_in_which_they_began(times: list[float]) -> None:
    clock, ended = VirtualTime(), list[tuple[float, float]]()

    def sleeper(seconds: float) -> Callable[[], None]:
        def run() -> None:
            clock.sleep(seconds)
            ended.append((clock.now(), seconds))

        return run

    tasks = [clock.start(sleeper(seconds)) for seconds in times]
    assert clock.wait_for(lambda: all(task.done for task in tasks), 1000)
    assert [now for now, _ in ended] == sorted(times)
    assert all(now == seconds for now, seconds in ended)
    assert clock.now() == max(times, default=0.0)


def test_whoever_waits_for_something_goes_on_when_it_is_so_and_not_later() -> None:
    clock, box = VirtualTime(), list[int]()

    def puts() -> None:
        clock.sleep(3)
        box.append(1)
        clock.sleep(7)

    putting = clock.start(puts)
    assert clock.wait_for(lambda: bool(box), 60)
    assert (clock.now(), putting.done) == (3.0, False)
    clock.finish()
    assert (clock.now(), putting.done) == (10.0, True)

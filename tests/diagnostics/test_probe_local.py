"""Probes of this machine alone."""

from __future__ import annotations

import socket
import sys
from pathlib import Path

import pytest
from ayx_diagnostics.network.machine import SystemMachine
from ayx_diagnostics.network.system import SystemNetwork
from ayx_diagnostics.probes import local


@pytest.mark.parametrize(("address", "family"), [("127.0.0.1", 4), ("::1", 6)])
def test_source_address_names_the_address_that_packets_leave_from(address: str, family: int) -> None:
    seen = local.source_address(SystemNetwork(), address)
    assert (seen.stage, seen.operation, seen.target, seen.outcome) == ("local", "source_address", address, "ok")
    assert seen.evidence == {"address": address, "family": family, "local_address": address}


def test_source_address_for_no_address() -> None:
    seen = local.source_address(SystemNetwork(), "server.test")
    assert seen.outcome == "invalid_argument"
    assert "local_address" not in seen.evidence


def test_loopback_connect() -> None:
    seen = local.loopback_connect(SystemNetwork())
    assert (seen.stage, seen.operation, seen.target, seen.outcome) == ("local", "loopback_connect", "127.0.0.1", "ok")


@pytest.mark.parametrize(
    ("date", "outcome", "skew_s"),
    [
        ("Thu, 01 Jan 1970 00:16:40 GMT", "ok", 0.0),
        ("Thu, 01 Jan 1970 00:18:30 GMT", "ok", 110.0),
        ("Thu, 01 Jan 1970 00:31:40 GMT", "skewed", 900.0),
        ("Thu, 01 Jan 1970 00:00:00 GMT", "skewed", -1000.0),
        ("no date at all", "ok", 0.0),
        ("Thu, 99 Jan 99999 00:00:00 GMT", "ok", 0.0),
    ],
)
def test_the_date_of_an_answer_is_compared_with_this_machines_clock(date: str, outcome: str, skew_s: float) -> None:
    seen = local.clock_skew(SystemNetwork(), "ayx.example", date, source="POST", now=lambda: 1000.0)
    assert (seen.outcome, seen.evidence["skew_s"]) == (outcome, skew_s)


@pytest.mark.skipif(sys.platform != "linux", reason="needs Linux' counters of the network interfaces")
def test_refused_syns_on_loopback_never_leave_the_machine() -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        seen = local.departure(SystemNetwork(), "127.0.0.1", nobody.getsockname()[1])
    assert (seen.stage, seen.operation) == ("local", "departure")
    assert seen.evidence["sent"] == 5
    assert seen.evidence["looped"] >= 10  # the SYNs and their RSTs


def test_departure_without_counters(tmp_path: Path) -> None:
    seen = local.departure(SystemNetwork(SystemMachine(interface_counters=tmp_path / "dev")), "127.0.0.1", 9)
    assert (seen.outcome, seen.evidence) == ("unsupported", {})

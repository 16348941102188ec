"""The SYN hop ladder on loopback; with routers and firewalls see test_probe_path_netns."""

from __future__ import annotations

import socket
import sys
import time

import pytest
from ayx_diagnostics.network import error_queue
from ayx_diagnostics.network.system import SystemNetwork
from ayx_diagnostics.probes.path import path

linux_only = pytest.mark.skipif(sys.platform != "linux", reason="the ladder needs Linux's error queue")


@linux_only
@pytest.mark.parametrize("address", ["127.0.0.1", "::1"])
def test_an_open_port_of_this_machine_is_one_hop_away(address: str) -> None:
    with socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET) as listener:
        listener.bind((address, 0))
        listener.listen()
        seen = path(SystemNetwork(), address, listener.getsockname()[1], max_ttl=20, timeout_s=5)
    assert (seen.stage, seen.operation, seen.outcome) == ("tcp", "path", "ok")
    assert seen.evidence["reached_ttl"] == 1
    assert seen.evidence["silent_from"] is None
    assert [(hop["ttl"], hop["responder"], hop["errno_name"]) for hop in seen.evidence["hops"]] == [(1, address, None)]
    assert seen.duration_s < 0.3


@linux_only
def test_a_closed_port_is_reached_too() -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        seen = path(SystemNetwork(), "127.0.0.1", closed.getsockname()[1], max_ttl=20, timeout_s=5)
    assert seen.outcome == "ok"
    assert seen.evidence["last_responder"] == "127.0.0.1"
    assert seen.evidence["hops"][0]["errno_name"] == "ECONNREFUSED"


@linux_only
def test_silence_from_the_first_hop_on_takes_the_timeout_and_little_work() -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        port = listener.getsockname()[1]
        with socket.create_connection(("127.0.0.1", port), timeout=1):  # the accept queue is full: SYNs are dropped
            work_s = time.process_time()
            seen = path(SystemNetwork(), "127.0.0.1", port, max_ttl=4, timeout_s=0.6)
            work_s = time.process_time() - work_s
    assert seen.outcome == "silent"
    assert seen.evidence["silent_from"] == 1
    assert seen.evidence["last_responder"] is None
    assert [(hop["ttl"], hop["responder"], hop["ms"]) for hop in seen.evidence["hops"]] == [
        (ttl, None, None) for ttl in (1, 2, 3, 4)
    ]
    assert 0.6 <= seen.duration_s < 0.8
    assert work_s < 0.2


@linux_only
def test_an_address_that_is_none_is_not_reached() -> None:
    seen = path(SystemNetwork(), "fe80::1%no-such-interface", 443, max_ttl=20, timeout_s=5)
    assert seen.outcome == "silent"
    assert [hop["errno_name"] for hop in seen.evidence["hops"]] == ["EINVAL"]
    assert seen.duration_s < 0.3


def test_a_system_without_an_error_queue(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(error_queue, "enable", lambda _: False)
    seen = path(SystemNetwork(), "127.0.0.1", 9, max_ttl=20, timeout_s=5)
    assert seen.outcome == "unsupported"
    assert seen.evidence["hops"] == []
    assert seen.duration_s < 0.1

"""The lab itself: the table is sound, and every fault really shows to a plain script before anybody diagnoses it."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from lab.scenario import Scenario
from lab.scenarios import SCENARIOS

if TYPE_CHECKING:
    from lab.laboratory import Laboratory

PLAIN_CLIENT = str(Path(__file__).with_name("plain_client.py"))


def names(scenarios: Iterable[Scenario]) -> list[str]:
    return [scenario.name for scenario in scenarios]


def test_names_are_unique() -> None:
    assert len(set(names(SCENARIOS))) == len(SCENARIOS)


@pytest.mark.netns
@pytest.mark.parametrize("scenario", SCENARIOS, ids=names(SCENARIOS))
def test_fault_shows_to_a_plain_script(lab: Laboratory, scenario: Scenario) -> None:
    with ExitStack() as stack:
        for fault in scenario.faults:
            stack.enter_context(fault.applied(lab))
        ran = lab.run([PLAIN_CLIENT, scenario.url], lab.environment(scenario), under=scenario.under)
    assert ran.stdout.strip() in scenario.plain.split("|"), ran.stderr


@pytest.mark.netns
def test_faults_leave_nothing_behind(lab: Laboratory) -> None:
    ran = lab.run([PLAIN_CLIENT, "https://ayx.lab.test/webapi"], lab.environment(SCENARIOS[0]))
    assert ran.stdout == "ok\n", ran.stderr


@pytest.mark.netns
def test_nothing_leads_out(lab: Laboratory) -> None:
    ran = lab.run(["-c", "import socket; socket.create_connection(('192.0.2.1', 443), 0.5)"])
    assert "Network is unreachable" in ran.stderr or "timed out" in ran.stderr or "No route" in ran.stderr


@pytest.mark.netns
def test_nothing_of_our_environment_comes_in(lab: Laboratory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://outside.test:1")
    ran = lab.run(["-c", "import os; print(sorted(os.environ))"])
    assert ran.stdout.strip() == "['HOME', 'LANG', 'PATH']"


@pytest.mark.netns
def test_dead_run_is_cleaned_up(lab: Laboratory) -> None:
    import subprocess

    from lab.topology import remove_stale

    dead = subprocess.Popen(["true"])
    dead.wait()
    stale = f"ayxlab-{dead.pid}-client"
    subprocess.run(["ip", "netns", "add", stale], check=True)
    folder = Path("/etc/netns") / stale
    folder.mkdir(parents=True)
    remove_stale()
    assert not folder.exists()
    listed = subprocess.run(["ip", "netns", "list"], capture_output=True, text=True, check=True).stdout
    assert stale not in listed
    assert lab.topology.namespace("client") in listed
    assert f"-{os.getpid()}-" in lab.topology.namespace("client")


@pytest.mark.netns
def test_building_is_quick(lab: Laboratory) -> None:
    assert lab.opening_s < 3.0
    started = time.monotonic()
    lab.run(["-S", "-c", ""])
    assert time.monotonic() - started < 1.0

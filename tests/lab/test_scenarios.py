"""``ayxctl diagnose`` names the cause of every scenario, exits accordingly, and gives no secret away."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import pytest
from lab import goldens, scoreboard
from lab.scenario import Scenario
from lab.scenarios import SCENARIOS

if TYPE_CHECKING:
    from lab.laboratory import Laboratory

pytestmark = pytest.mark.netns


@pytest.mark.parametrize("scenario", SCENARIOS, ids=[scenario.name for scenario in SCENARIOS])
def test_verdict(
    lab: Laboratory,
    scenario: Scenario,
    request: pytest.FixtureRequest,
    record_property: Callable[[str, object], None],
) -> None:
    record_property(scoreboard.PROPERTY, scoreboard.played(scenario))
    if scenario.not_yet is not None:
        request.applymarker(pytest.mark.xfail(reason=scenario.not_yet))
    command = ["-m", "ayx_diagnostics", "diagnose", scenario.url, "--format", "json", *scenario.options]
    with ExitStack() as stack:
        for fault in scenario.faults:
            stack.enter_context(fault.applied(lab))
        started = time.monotonic()
        ran = lab.run(command, lab.environment(scenario), under=scenario.under)
        took_s = time.monotonic() - started
    printed = ran.stdout + ran.stderr
    assert [secret for secret in lab.secrets if secret in printed] == []
    assert ran.stdout.startswith("{"), printed
    document: dict[str, Any] = json.loads(ran.stdout)
    verdict = document["verdict"]
    record_property(scoreboard.PROPERTY, scoreboard.played(scenario, verdict, ran.returncode, took_s))
    reached = (verdict["status"], verdict["code"], verdict["stage"], ran.returncode)
    expected = (scenario.expected_status, scenario.code, scenario.stage, scenario.exit_code)
    assert reached == expected, f"{scenario.why}\n{verdict['sentence']}\n{ran.stderr}"
    assert scenario.finds is None or scenario.finds in [finding["code"] for finding in document["findings"]]
    if scenario.within_s is not None:
        assert took_s < scenario.within_s
    if request.config.getoption("--record-goldens", default=False):
        goldens.write(goldens.path_of(scenario.name), goldens.without_this_machine(document, lab.folder))

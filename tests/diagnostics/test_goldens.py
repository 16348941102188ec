"""The rules of today over what the probes saw in the lab: no network, no namespaces, every system."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

import pytest
from ayx_diagnostics.replay import replay
from lab import goldens
from lab.scenario import Scenario
from lab.scenarios import SCENARIOS

RIGHT_ONES = [scenario for scenario in SCENARIOS if scenario.not_yet is None]
RECORDED = sorted(goldens.FOLDER.glob("*.json"))
#: Characters of one golden.
LARGEST = 20_000


@pytest.mark.parametrize("scenario", RIGHT_ONES, ids=[scenario.name for scenario in RIGHT_ONES])
def test_rules_still_name_the_cause(scenario: Scenario) -> None:
    path = goldens.path_of(scenario.name)
    assert path.exists(), "record it: python -m pytest tests/lab/test_scenarios.py -k NAME --record-goldens"
    document, exit_code = replay(path)
    verdict = document["verdict"]
    reached = (verdict["status"], verdict["code"], verdict["stage"], exit_code)
    assert reached == (scenario.expected_status, scenario.code, scenario.stage, scenario.exit_code), scenario.why
    recorded = json.loads(path.read_text(encoding="utf-8"))
    changed = list(goldens.changes(recorded, json.loads(json.dumps(document))))
    assert changed == [], "on purpose? then `make record`, read what it shows, and commit the goldens with the rules"


def test_every_golden_has_its_scenario() -> None:
    known = {goldens.path_of(scenario.name) for scenario in SCENARIOS}
    assert [path.name for path in RECORDED if path not in known] == []
    assert len(known) == len(SCENARIOS), "two scenarios share a golden"


def test_goldens_are_small_and_of_no_machine() -> None:
    texts = {path.name: path.read_text(encoding="utf-8") for path in RECORDED}
    large = {name: len(text) for name, text in texts.items() if len(text) > LARGEST}
    assert large == {}, "does the scenario need all that it observes?"
    of_a_machine = re.compile(r"/tmp/|/home/|/root/|site-packages|ayxlab-|Users\\\\")
    assert [(name, found.group()) for name, text in texts.items() if (found := of_a_machine.search(text))] == []


def test_rules_are_not_asleep(tmp_path: Path) -> None:
    document = json.loads(goldens.path_of("SYN dropped at router 1").read_text(encoding="utf-8"))
    for observation in document["observations"]:
        if observation["stage"] == "tcp":
            observation["outcome"] = "refused"
    path = tmp_path / "edited.json"
    goldens.write(path, document)
    changed = goldens.judge_again(path)
    assert 'verdict.code: "tcp.syn_dropped" -> "tcp.refused_by_host"' in changed
    assert any(line.startswith("findings[0].because[0]: ") for line in changed)
    assert goldens.judge_again(path) == []


def test_a_change_says_where_it_is() -> None:
    before = {"findings": [{"fix": [{"owner": "server"}]}], "checks": []}
    after = {"findings": [{"fix": [{"owner": "network"}, {"owner": "you"}]}], "checks": []}
    assert list(goldens.changes(before, after)) == [
        'findings[0].fix[0].owner: "server" -> "network"',
        'findings[0].fix[1]: null -> {"owner": "you"}',
    ]
    assert list(goldens.changes(before, before)) == []


def test_recording_leaves_this_machine_out(tmp_path: Path) -> None:
    seen = {"tool": {"platform": "Linux 9"}, "observations": [{"target": f"{tmp_path}/root.pem", "python": sys.prefix}]}
    cleaned = goldens.without_this_machine(seen, tmp_path)
    assert cleaned["observations"] == [{"target": "/lab/root.pem", "python": "/python"}]
    assert "9" not in json.dumps(cleaned["tool"])

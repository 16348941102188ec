"""What belongs to a code is there: its entry, its rule, and the proof that the rule is right.

The proof is a fault that was reproduced, or observations and the reason why only so.

A fault is reproduced by a scenario of the lab (``tests/lab``) or by a test of this folder that runs it for real. The
rest is in ``recorded``: reports of ``ayxctl diagnose`` as JSON, named after the code, with one more key:
``why_recorded``.
"""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from ayx_diagnostics import catalogue
from ayx_diagnostics.replay import replay
from ayx_diagnostics.rules import RULES
from lab.scenarios import SCENARIOS

HERE = Path(__file__).parent
RECORDED = {path.stem: path for path in sorted((HERE / "recorded").glob("*.json"))}
IN_THE_LAB = {code for scenario in SCENARIOS if scenario.not_yet is None for code in (scenario.code, scenario.finds)}
#: code, or the stage of all codes -> the file of this folder whose test runs the fault for real.
BY_A_TEST = {
    "config": "test_command_line.py",
    "config.untrusted_file": "test_untrusted_file.py",
    "local.fd_limit": "test_leaking_process.py",
    "token.basic_not_urlencoded": "test_rare_token_endpoints.py",
    "token.invalid_scope": "test_rare_token_endpoints.py",
}
ENTRIES = {entry.code: entry for entry in catalogue.entries()}
CONCLUDED = {code for rules in RULES.values() for rule in rules for code in rule.codes}
ALL = sorted(ENTRIES.keys() | CONCLUDED | {code for code in IN_THE_LAB if code})


def is_proven(code: str) -> bool:
    test = BY_A_TEST.get(code) or BY_A_TEST.get(code.partition(".")[0])
    named = test is not None and f'"{code}"' in (HERE / test).read_text(encoding="utf-8")
    return named or code in IN_THE_LAB or code in RECORDED


def missing(code: str, entry: catalogue.Entry | None, *, concluded: bool, proven: bool) -> list[str]:
    """Return what a half-added code still needs, each with the place where it belongs."""
    stage, _, reason = code.partition(".")
    if entry is None:
        return [f"its entry: a table [{reason}] in diagnostics/ayx_diagnostics/catalogue/{stage}.toml"]
    if entry.not_concluded:
        return ["no `not_concluded` in its entry: a rule concludes it"] if concluded else []
    wanted = {
        f'its rule: a function with @rule("{code}") in diagnostics/ayx_diagnostics/rules/{stage}, named in '
        "rules/order.py; or `not_concluded` in its entry, if nothing we can see proves it": concluded,
        "its fault: a Scenario of tests/lab/scenarios*.py with this code; or a test of tests/diagnostics that runs it "
        "(BY_A_TEST); or, where no system here can have it, observations in tests/diagnostics/recorded": proven,
    }
    return [what for what, there in wanted.items() if not there]


@pytest.mark.parametrize("code", ALL)
def test_a_code_has_its_entry_its_rule_and_its_proof(code: str) -> None:
    lacks = missing(code, ENTRIES.get(code), concluded=code in CONCLUDED, proven=is_proven(code))
    assert not lacks, "\n".join(lacks)


def test_what_a_half_added_code_lacks_is_said() -> None:
    code = "tcp.made_up"
    entry = replace(ENTRIES["tcp.syn_dropped"], code=code)
    assert missing(code, None, concluded=True, proven=True) == [
        "its entry: a table [made_up] in diagnostics/ayx_diagnostics/catalogue/tcp.toml"
    ]
    said = missing(code, entry, concluded=False, proven=False)
    assert [line.partition(":")[0] for line in said] == ["its rule", "its fault"]
    assert missing(code, entry, concluded=True, proven=True) == []
    unseen = replace(entry, not_concluded="nobody can see it")
    assert missing(code, unseen, concluded=False, proven=False) == []
    assert missing(code, unseen, concluded=True, proven=False) != []


@pytest.mark.parametrize("code", [*RECORDED, *BY_A_TEST])
def test_the_second_best_proof_is_there_for_want_of_a_better(code: str) -> None:
    assert code not in IN_THE_LAB


@pytest.mark.parametrize("code", RECORDED)
def test_what_was_recorded_is_still_concluded(code: str) -> None:
    assert code in ALL
    recorded = json.loads(RECORDED[code].read_text(encoding="utf-8"))
    assert len(recorded["why_recorded"]) > 40  # a sentence, not a word
    document, _ = replay(RECORDED[code])
    assert document["findings"][0]["code"] == code

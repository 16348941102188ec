"""Every code of the catalogue is proven: by a fault that was reproduced, or by observations and the reason why only so.

A fault is reproduced by a scenario of the lab (``tests/lab``) or by a test of this folder that runs it for real. The
rest is in ``recorded``: reports of ``ayxctl diagnose`` as JSON, named after the code, with one more key:
``why_recorded``.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from ayx_diagnostics import catalogue
from ayx_diagnostics.replay import replay
from ayx_diagnostics.rules import NOT_YET_CONCLUDED
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
ALL = [entry.code for entry in catalogue.entries()]


def proofs(code: str) -> list[str]:
    test = BY_A_TEST.get(code) or BY_A_TEST.get(code.partition(".")[0])
    named = test is not None and f'"{code}"' in (HERE / test).read_text(encoding="utf-8")
    known = {"lab": code in IN_THE_LAB, test or "": named, "recorded": code in RECORDED}
    return [name for name, holds in known.items() if holds]


@pytest.mark.parametrize("code", ALL)
def test_a_code_is_proven(code: str) -> None:
    assert proofs(code) or code in NOT_YET_CONCLUDED, "no fault brings it about, and no observations were recorded"


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

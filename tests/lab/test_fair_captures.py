"""Which captured texts count, and what a measure of them counts."""

from __future__ import annotations

from typing import Any

import pytest
from lab.error_corpus import Meanings, report
from lab.fair_captures import fair, healthy_twins
from lab.scenarios import SCENARIOS

BY_NAME = {scenario.name: scenario for scenario in SCENARIOS}
REFUSED = "ConnectionRefusedError: [Errno 111] Connection refused"


def row(scenario: str, text: str, client: str = "requests", library: str | None = "requests") -> dict[str, Any]:
    code = BY_NAME[scenario].code
    return {
        "scenario": scenario,
        "code": code,
        "client": client,
        "library": library,
        "style": "message",
        "text": text,
    }


@pytest.mark.parametrize(
    ("scenario", "twins"),
    [
        ("nothing listens", []),
        ("the proxy is for http only", []),
        ("the proxy's port is closed", ["healthy through a proxy"]),
        (
            "the proxy wants another password",
            ["healthy through a proxy", "healthy through a proxy with a password"],
        ),
        ("a proxy refuses a plain request", ["healthy over plain HTTP through a proxy"]),
    ],
)
def test_a_scenario_needs_what_its_variables_say(scenario: str, twins: list[str]) -> None:
    assert list(healthy_twins(BY_NAME[scenario])) == ["healthy direct", *twins]


def test_who_fails_in_the_healthy_twin_says_nothing_of_the_fault() -> None:
    through_a_proxy = row("the proxy's port is closed", REFUSED, "mono")
    patiently = {**through_a_proxy, "client": "mono_patient"}
    direct = row("nothing listens", REFUSED, "mono")
    unfit = row("healthy through a proxy", "Connection timed out", "mono")
    assert fair([through_a_proxy, patiently, direct]) == [through_a_proxy, patiently, direct]
    assert fair([through_a_proxy, patiently, direct, unfit]) == [direct]


@pytest.mark.parametrize(
    "unfair",
    [
        row("no cipher in common", "KeyError: 'access_token'"),
        row("nothing listens", " \n"),
        row("a SOCKS proxy, and no package for it", REFUSED, "curl", "curl"),
    ],
)
def test_a_text_of_something_else_does_not_count(unfair: dict[str, Any]) -> None:
    assert fair([unfair]) == []


def test_each_text_or_each_code_has_one_vote() -> None:
    right = [row("nothing listens", REFUSED, f"client {number}") for number in range(3)]
    wrong = row("nothing listens", "something that nobody knows")
    meanings = Meanings([*right, wrong])
    every = meanings.measure([*right, wrong])
    assert (every.strict, every.attainable, every.no_match) == ((75.0, 75.0), (100.0, 100.0), 25.0)
    assert meanings.measure([*right, wrong], lambda one: str(one["text"])).strict == (50.0, 50.0)


def test_the_report_has_both_parts_and_every_library() -> None:
    rows = [row("nothing listens", REFUSED, f"client {number}") for number in range(12)]
    rows += [row("nothing listens", "dial tcp: connection refused", f"go {number}", None) for number in range(12)]
    starts = [line[:20].strip() for line in report(rows)]
    assert [start for start in starts if start in ("for tuning", "held back")] == ["for tuning", "held back"]
    assert (starts.count("go"), starts.count("requests")) == (2, 2)

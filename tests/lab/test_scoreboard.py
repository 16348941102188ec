"""The scoreboard counts what a run's reports say, and a test that gave no verdict as wrong."""

from __future__ import annotations

from types import SimpleNamespace

from lab.scenario import Scenario
from lab.scoreboard import PROPERTY, lines, of_reports, played

DROPPED = Scenario("dropped", "tcp.syn_dropped", "", "")
REFUSED = Scenario("refused", "tcp.refused_by_host", "", "")
TWO = Scenario("two faults: a certificate and a secret", "tls.cert_expired", "", "")
RIGHT = {"status": "broken", "code": "tcp.syn_dropped", "stage": "tcp"}


def report(*noted: dict[str, object], when: str = "call") -> SimpleNamespace:
    return SimpleNamespace(when=when, user_properties=[(PROPERTY, value) for value in noted])


def test_each_stage_has_its_line_and_two_faults_are_apart() -> None:
    expired = {"status": "broken", "code": "tls.cert_expired", "stage": "tls"}
    drawn = list(
        lines(
            of_reports(
                [
                    report(played(DROPPED), played(DROPPED, RIGHT, 1, 2.5)),
                    report(played(REFUSED), played(REFUSED, RIGHT, 0, 1.0)),
                    report(played(TWO), played(TWO, expired, 1, 0.5)),
                    report(played(TWO), when="teardown"),
                    SimpleNamespace(when="call", user_properties=[]),
                ]
            )
        )
    )
    table = {line[:15].strip(): line[15:].split() for line in drawn[1:4]}
    assert table == {"tcp": ["2", "1", "2", "1"], "two faults": ["1"] * 4, "total": ["3", "2", "3", "2"]}
    assert drawn[4:] == [
        "slowest: dropped 2.5 s, refused 1.0 s, two faults: a certificate and a secret 0.5 s",
        "not right: refused",
    ]


def test_no_verdict_counts_as_wrong() -> None:
    (score,) = of_reports([report(played(DROPPED))])
    assert (score.row, score.cause, score.stage, score.exit) == ("tcp", False, False, False)


def test_right_code_with_the_wrong_status_is_not_right() -> None:
    (score,) = of_reports([report(played(DROPPED, {**RIGHT, "status": "degraded"}, 1))])
    assert (score.cause, score.stage, score.exit) == (False, True, True)

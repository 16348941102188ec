"""The scoreboard of a lab run: stage by stage, how often the diagnosis was right."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ayx_diagnostics.model import STAGES
from lab.scenario import Scenario

__all__ = ["PROPERTY", "Score", "lines", "of_reports", "played"]

#: Under this name a test's report carries what it played; plain JSON, so that it also arrives from a worker process.
PROPERTY = "scoreboard"

_SLOWEST = 5
_HEALTHY = "healthy"
_SEVERAL = "two faults"


@dataclass(frozen=True)
class Score:
    """How the diagnosis of one scenario went.

    Attributes:
        name: The scenario's.
        row: The stage of its root cause, ``healthy``, or ``two faults``.
        cause: Whether the verdict's code and status were right.
        stage: Whether its stage was.
        exit: Whether the exit code was.
        took_s: Seconds from start to end of the program; 0 when it gave no verdict.
    """

    name: str
    row: str
    cause: bool
    stage: bool
    exit: bool
    took_s: float


def played(
    scenario: Scenario, verdict: Mapping[str, Any] | None = None, exit_code: int | None = None, took_s: float = 0.0
) -> dict[str, Any]:
    """Return what a test's report carries; without a verdict everything counts as wrong."""
    score = {"name": scenario.name, "row": _SEVERAL if scenario.has_several_faults else scenario.stage or _HEALTHY}
    if verdict is None:
        return {**score, "cause": False, "stage": False, "exit": False, "took_s": took_s}
    return {
        **score,
        "cause": (verdict["code"], verdict["status"]) == (scenario.code, scenario.expected_status),
        "stage": verdict["stage"] == scenario.stage,
        "exit": exit_code == scenario.exit_code,
        "took_s": round(took_s, 2),
    }


def of_reports(reports: Iterable[Any]) -> list[Score]:
    """Return the scores that pytest's reports carry: the last that each test noted."""
    found: dict[str, Score] = {}
    for report in reports:
        if getattr(report, "when", None) != "call":
            continue
        for name, value in report.user_properties:
            if name == PROPERTY:
                found[value["name"]] = Score(**value)
    return list(found.values())


def lines(scores: Iterable[Score]) -> Iterator[str]:
    """Draw the scoreboard: a line a stage, those with two faults apart, a total, and the slowest."""
    scores = list(scores)
    yield f"{'':15}{'scenarios':>10}{'root cause':>12}{'stage':>8}{'exit code':>11}"
    for row in (_HEALTHY, *STAGES, _SEVERAL):
        if of_row := [score for score in scores if score.row == row]:
            yield _line(row, of_row)
    yield _line("total", scores)
    slowest = sorted(scores, key=lambda score: -score.took_s)[:_SLOWEST]
    yield "slowest: " + ", ".join(f"{score.name} {score.took_s:.1f} s" for score in slowest)
    if wrong := [score.name for score in scores if not (score.cause and score.stage and score.exit)]:
        yield "not right: " + ", ".join(wrong)


def _line(label: str, scores: list[Score]) -> str:
    def right(of: Callable[[Score], bool]) -> int:
        return sum(map(of, scores))

    cause, stage, exit_code = right(lambda s: s.cause), right(lambda s: s.stage), right(lambda s: s.exit)
    return f"{label:15}{len(scores):>10}{cause:>12}{stage:>8}{exit_code:>11}"

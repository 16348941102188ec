"""The answer in one sentence, and the exit code that says the same to a shell."""

from __future__ import annotations

from collections.abc import Sequence

from ayx_diagnostics.catalogue import entry
from ayx_diagnostics.model import EXIT_CODE_BY_STAGE, Check, Finding, Target, Verdict
from ayx_diagnostics.report.checks import NOT_REACHED, TIME_WAS_UP

__all__ = ["exit_code", "verdict_of"]

#: Stages that may pass without a packet.
_READ_FROM_SETTINGS = frozenset({"config", "proxy"})


def verdict_of(findings: Sequence[Finding], checks: Sequence[Check], target: Target, *, out_of_time: bool) -> Verdict:
    """Return the verdict: the first error, else the first warning, else health, if anything was examined.

    Args:
        findings: Ordered, the root cause first.
        checks: One line a stage.
        target: What was examined.
        out_of_time: Whether the budget ended the walk.
    """
    error = next((finding for finding in findings if finding.severity == "error"), None)
    if error is not None:
        return Verdict("broken", error.stage, error.code, error.title)
    failed = next((check for check in checks if check.status in ("fail", "error")), None)
    if failed is not None:
        sentence = f"{failed.summary}; nothing seen explains it"
        if out_of_time:
            sentence = f"the time was up while {failed.stage} was being tested; raise --max-time"
        return Verdict("unknown", failed.stage, None, sentence)
    untested = next((check.stage for check in checks if check.summary in (NOT_REACHED, TIME_WAS_UP)), None)
    if untested is not None:
        sentence = f"{untested} could not be tested, and nothing seen says why"
        if out_of_time:
            sentence = f"the time was up before {untested} could be tested; raise --max-time"
        return Verdict("unknown", untested, None, sentence)
    warning = next((finding for finding in findings if finding.severity == "warning"), None)
    if warning is not None:
        return Verdict("degraded", warning.stage, warning.code, warning.title)
    beyond_settings = [check for check in checks if check.stage not in _READ_FROM_SETTINGS]
    if beyond_settings and all(check.status == "skip" for check in beyond_settings):
        return Verdict("unknown", None, None, "nothing was examined: every stage was left out")
    return Verdict("healthy", None, None, f"{target.web_api_address} can be reached and answers as it should")


def exit_code(verdict: Verdict, *, by_stage: bool) -> int:
    """Return the exit code of a verdict: 0 healthy or degraded, 2 configuration, 1 anything else that failed.

    Args:
        verdict: The verdict of a report.
        by_stage: Whether ``--exit-code-by-stage`` was given.
    """
    if verdict.status in ("healthy", "degraded"):
        return 0
    if by_stage and verdict.stage is not None:
        return EXIT_CODE_BY_STAGE[verdict.stage]
    gave_it = verdict.code is not None and entry(verdict.code).unusable_input
    return 2 if verdict.stage == "config" or gave_it else 1

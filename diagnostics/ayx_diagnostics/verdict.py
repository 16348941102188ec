"""The answer in one sentence, and the exit code that says the same to a shell."""

from __future__ import annotations

from collections.abc import Sequence

from ayx_diagnostics.checks import NOT_REACHED
from ayx_diagnostics.model import EXIT_CODE_BY_STAGE, Check, Finding, Target, Verdict

__all__ = ["exit_code", "verdict_of"]

#: Findings of other stages that are unusable input all the same: a file or an address that the user gave.
_UNUSABLE_INPUT = frozenset({"tls.ca_bundle_unreadable", "proxy.url_invalid"})


def verdict_of(findings: Sequence[Finding], checks: Sequence[Check], target: Target, *, out_of_time: bool) -> Verdict:
    """Return the verdict: the first error, else the first warning, else health.

    Args:
        findings: Ordered, the root cause first.
        checks: One line a stage.
        target: What was examined.
        out_of_time: Whether the budget ended the walk.
    """
    for severity, status in (("error", "broken"), ("warning", "degraded")):
        for finding in findings:
            if finding.severity == severity:
                return Verdict(status, finding.stage, finding.code, finding.title)  # type: ignore[arg-type]  # literal pairs above
    failed = next((check for check in checks if check.status in ("fail", "error")), None)
    if failed is not None:
        return Verdict("unknown", failed.stage, None, f"{failed.summary}; nothing seen explains it")
    missed = next((check for check in checks if check.status == "skip" and check.summary == NOT_REACHED), None)
    if out_of_time:
        stage = missed.stage if missed else None
        return Verdict("unknown", stage, None, "the time was up before every stage could be tested; raise --max-time")
    if missed is not None:
        return Verdict("unknown", missed.stage, None, f"{missed.stage} could not be tested, and nothing seen says why")
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
    return 2 if verdict.stage == "config" or verdict.code in _UNUSABLE_INPUT else 1

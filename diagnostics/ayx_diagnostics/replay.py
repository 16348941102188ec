"""Judge a saved report again, offline: the rules of today over the observations of then."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

from ayx_diagnostics.model import Stage, Target
from ayx_diagnostics.report.checks import checks_of
from ayx_diagnostics.report.serialise import finding_to_json, observations_from
from ayx_diagnostics.report.verdict import exit_code, verdict_of
from ayx_diagnostics.rules import find

__all__ = ["replay"]


def replay(path: Path) -> tuple[dict[str, Any], int]:
    """Run the rules over the observations of a saved report.

    Args:
        path: A file that ``ayxctl diagnose --format json`` wrote.

    Returns:
        The report with new findings, checks and verdict, and the exit code that goes with it.

    Raises:
        ReportError: The file is not such a report.
    """
    document, observations = observations_from(path)
    given = document["target"]
    target = Target(
        given=given["given"],
        web_api_address=given["web_api_address"],
        token_url=given["token_url"],
        scheme=given["web_api_address"].partition(":")[0],
        host=given["host"],
        port=given["port"],
        route=given["route"],
    )
    why_skipped: dict[Stage, str] = {
        check["stage"]: check["summary"] for check in document["checks"] if check["status"] == "skip"
    }
    findings = find(observations)
    checks = checks_of(observations, findings, why_skipped)
    verdict = verdict_of(findings, checks, target, out_of_time=False)
    return {
        **document,
        "verdict": asdict(verdict),
        "findings": [finding_to_json(finding) for finding in findings],
        "checks": [asdict(check) for check in checks],
    }, exit_code(verdict, by_stage=False)

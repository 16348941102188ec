"""A report as JSON, exactly as the public interface promises, and back."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from ayx_diagnostics.model import Finding, Observation, Report
from ayx_diagnostics.report.shape import CONCLUSIONS, OBSERVED, departure

__all__ = [
    "SCHEMA_PATH",
    "SCHEMA_VERSION",
    "ReportError",
    "finding_to_json",
    "observations_from",
    "observations_of",
    "to_json",
]

SCHEMA_VERSION = "1"

#: The JSON Schema that every emitted document validates against.
SCHEMA_PATH = Path(__file__).parent.parent / "schemas" / "report.schema.json"

_DIGITS = 4


class ReportError(ValueError):
    """A file is not a report of this tool; the message names the file and what is wrong with it."""


def _seconds(value: float) -> float:
    return round(max(0.0, value), _DIGITS)


def finding_to_json(finding: Finding) -> dict[str, Any]:
    """Return a finding as the public interface writes it."""
    return {
        "code": finding.code,
        "stage": finding.stage,
        "severity": finding.severity,
        "confidence": finding.confidence,
        "title": finding.title,
        "because": list(finding.because),
        "ruled_out": list(finding.ruled_out),
        "fix": [asdict(step) for step in finding.fix],
        "docs": finding.docs,
    }


def _observation(observation: Observation) -> dict[str, Any]:
    return {
        "id": observation.id,
        "stage": observation.stage,
        "operation": observation.operation,
        "target": observation.target,
        "started_s": _seconds(observation.started_s),
        "duration_s": _seconds(observation.duration_s),
        "outcome": observation.outcome,
        "evidence": dict(observation.evidence),
    }


def to_json(report: Report) -> dict[str, Any]:
    """Return the report as the JSON document of the public interface (``schema_version`` 1)."""
    target = asdict(report.target)
    del target["scheme"]
    return {
        "schema_version": SCHEMA_VERSION,
        "tool": asdict(report.tool),
        "target": target,
        "started_at": report.started_at,
        "duration_s": _seconds(report.duration_s),
        "verdict": asdict(report.verdict),
        "findings": [finding_to_json(finding) for finding in report.findings],
        "checks": [
            {**asdict(check), "started_s": _seconds(check.started_s), "duration_s": _seconds(check.duration_s)}
            for check in report.checks
        ],
        "observations": [_observation(observation) for observation in report.observations],
    }


def observations_from(path: Path, *, conclusions: bool = False) -> tuple[dict[str, Any], tuple[Observation, ...]]:
    """Read the observations of a saved report.

    Args:
        path: A file that ``ayxctl diagnose --format json`` wrote.
        conclusions: Whether its verdict and findings are needed too.

    Returns:
        The whole document and its observations.

    Raises:
        ReportError: The file cannot be read, is not JSON, or is no report of a known version, or an incomplete one.
    """
    try:
        document = json.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise ReportError(f"{path}: cannot be read ({error.strerror or error})") from error
    except (ValueError, RecursionError) as error:
        raise ReportError(f"{path}: is not JSON ({error})") from error
    if not isinstance(document, dict) or "observations" not in document:
        raise ReportError(f"{path}: is not a report of ayxctl diagnose (it has no observations)")
    if document.get("schema_version") != SCHEMA_VERSION:
        raise ReportError(f"{path}: has schema_version {document.get('schema_version')!r}, this version reads '1'")
    wrong = departure(document, OBSERVED) or (departure(document, CONCLUSIONS) if conclusions else None)
    if wrong:
        raise ReportError(f"{path}: is not a complete report of ayxctl diagnose ({wrong})")
    try:
        return document, observations_of(document)
    except (ValueError, OverflowError) as error:
        raise ReportError(f"{path}: holds a number that is none of a report ({error})") from error


def observations_of(document: Mapping[str, Any]) -> tuple[Observation, ...]:
    """Return the observations of a report's JSON document, which has the shape ``shape.OBSERVED``."""
    return tuple(
        Observation(
            stage=item["stage"],
            operation=item["operation"],
            target=item["target"],
            started_s=float(item["started_s"]),
            duration_s=float(item["duration_s"]),
            outcome=item["outcome"],
            evidence=dict(item["evidence"]),
            id=int(item["id"]),
        )
        for item in document["observations"]
    )

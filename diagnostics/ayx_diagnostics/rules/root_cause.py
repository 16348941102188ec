"""From every rule's conclusion to the findings of a report: the root cause first, and nothing that follows from it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from ayx_diagnostics.catalogue import entry
from ayx_diagnostics.evidence import Evidence, flag
from ayx_diagnostics.model import STAGES, Finding, Observation
from ayx_diagnostics.rules.order import RULES
from ayx_diagnostics.rules.rule import Rule

__all__ = ["find"]


def find(observations: Iterable[Observation]) -> tuple[Finding, ...]:
    """Return what the observations mean, the root cause first.

    The earliest failing stage wins; what follows from it is left out. A later error stays where it was seen past the
    first one, such as a wrong path seen over a connection whose certificate has expired. Warnings come after errors.

    Args:
        observations: Of one diagnosis, or of a saved report.
    """
    evidence = Evidence(observations)
    found = [_doubted(evidence, finding) for stage in STAGES for finding in _of_stage(evidence, RULES[stage])]
    found = _without_side_issues(evidence, found)
    errors = _independent([finding for finding in found if finding.severity == "error"])
    kept = [finding for finding in found if finding.severity != "error" and _matters(finding, errors)]
    ordered = [*errors, *sorted(kept, key=lambda finding: finding.severity != "warning")]
    first: dict[str, Finding] = {}
    for finding in ordered:
        if finding.stage == "config":
            first.setdefault(f"{finding.code} {finding.title}", finding)  # several settings may share a code
        else:
            first.setdefault(finding.code, finding)
    return tuple(first.values())


def _of_stage(evidence: Evidence, rules: Iterable[Rule]) -> Iterator[Finding]:
    """Return the conclusions of one stage: the first error, independent ones, and everything milder."""
    failed = False
    for rule in rules:
        concluded = rule.findings(evidence)
        for finding in concluded:
            if finding.severity != "error" or not failed or rule.independent:
                yield finding
        failed = failed or any(finding.severity == "error" for finding in concluded)


def _doubted(evidence: Evidence, finding: Finding) -> Finding:
    """Return a finding with what cannot be ruled out on a system without an error queue (Windows and macOS have none).

    Nothing tells there who sent a refusal, so of codes that only the sender tells apart, both are said.
    """
    other = entry(finding.code).without_sender
    if other is None or not any(flag(seen, "sender_unknown") for seen in evidence.first_hops):
        return finding
    doubt = f"This system does not tell who sent a refusal, so {other.code} ({other.differs}) is not ruled out."
    confidence = "likely" if finding.confidence == "certain" else finding.confidence
    return replace(finding, confidence=confidence, because=(*finding.because, doubt))


def _without_side_issues(evidence: Evidence, found: list[Finding]) -> list[Finding]:
    """Leave out what the client's own way does not meet."""
    codes = {finding.code for finding in found}
    found = [finding for finding in found if codes.isdisjoint(entry(finding.code).excused_by)]
    if evidence.route == "proxy":
        found = [finding for finding in found if finding.stage not in ("dns", "tcp")]
    return found


def _independent(errors: list[Finding]) -> list[Finding]:
    """Return the root cause and the errors that neither it nor one another explains."""
    kept: list[Finding] = []
    for error in errors:
        if all(_stands_beside(error, cause) for cause in kept):
            kept.append(error)
    return kept


def _stands_beside(error: Finding, root: Finding) -> bool:
    if error.stage == root.stage:
        return True  # the order within the stage has chosen
    visible, lets_see = entry(error.code).visible, entry(root.code).lets_see
    if root.stage == "config":
        return lets_see == "network" and error.stage not in ("token", "api")
    return visible == "always" or (visible is not None and visible == lets_see)


def _matters(finding: Finding, errors: list[Finding]) -> bool:
    """Whether a warning still says something beside the errors."""
    if not errors or entry(finding.code).visible == "always":
        return True
    return STAGES.index(finding.stage) <= STAGES.index(errors[0].stage)

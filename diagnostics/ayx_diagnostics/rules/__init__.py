"""The rules: pure functions from what was observed to what it means.

Every stage has a table of rules, the most telling first. ``find`` runs them all and keeps the root cause: the earliest
stage that fails, what is provably independent of it, and the warnings that still matter. It never touches the network,
the clock or the environment, so a saved report can be judged again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

from ayx_diagnostics.catalogue import entry
from ayx_diagnostics.evidence import Evidence
from ayx_diagnostics.model import STAGES, Finding, Observation, Stage
from ayx_diagnostics.rules.api import access, drift, smoke
from ayx_diagnostics.rules.conclusion import Conclusion, Rule
from ayx_diagnostics.rules.config import settings
from ayx_diagnostics.rules.dns import lookup_failures
from ayx_diagnostics.rules.http import wrong_peer
from ayx_diagnostics.rules.local import this_machine
from ayx_diagnostics.rules.proxy import reachability
from ayx_diagnostics.rules.tcp import unreachable
from ayx_diagnostics.rules.tls import handshakes
from ayx_diagnostics.rules.token import endpoint_errors
from ayx_diagnostics.rules.unknown_sender import doubted

__all__ = ["RULES", "find"]

RULES: Mapping[Stage, tuple[Rule, ...]] = {
    "config": settings.RULES,
    "local": this_machine.RULES,
    "proxy": reachability.RULES,
    "dns": lookup_failures.RULES,
    "tcp": unreachable.RULES,
    "tls": handshakes.RULES,
    "http": wrong_peer.RULES,
    "token": endpoint_errors.RULES,
    "api": (*access.RULES, *smoke.RULES, *drift.RULES),
}


def find(observations: Iterable[Observation]) -> tuple[Finding, ...]:
    """Return what the observations mean, the root cause first.

    The earliest failing stage wins; what follows from it is left out. A later error stays where it was seen past the
    first one, such as a wrong path seen over a connection whose certificate has expired. Warnings come after errors.

    Args:
        observations: Of one diagnosis, or of a saved report.
    """
    evidence = Evidence(observations)
    found = [doubted(evidence, finding) for stage in STAGES for finding in _of_stage(evidence, RULES[stage])]
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
        concluded = _listed(rule.conclude, evidence)
        for finding in concluded:
            if finding.severity != "error" or not failed or rule.independent:
                yield finding
        failed = failed or any(finding.severity == "error" for finding in concluded)


def _listed(rule: Callable[[Evidence], Conclusion], evidence: Evidence) -> tuple[Finding, ...]:
    concluded = rule(evidence)
    if concluded is None:
        return ()
    return (concluded,) if isinstance(concluded, Finding) else tuple(concluded)


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
        return True  # the stage's own table has chosen
    visible, lets_see = entry(error.code).visible, entry(root.code).lets_see
    if root.stage == "config":
        return lets_see == "network" and error.stage not in ("token", "api")
    return visible == "always" or (visible is not None and visible == lets_see)


def _matters(finding: Finding, errors: list[Finding]) -> bool:
    """Whether a warning still says something beside the errors."""
    if not errors or entry(finding.code).visible == "always":
        return True
    return STAGES.index(finding.stage) <= STAGES.index(errors[0].stage)

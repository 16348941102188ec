"""The smoke test itself: diagnose, then call every read-only operation with the client that users have."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ayx_connection.failures import AyxError
from ayx_connection.redaction import Redactor

from ayx_diagnostics.diagnosis import diagnose
from ayx_diagnostics.evidence import texts
from ayx_diagnostics.model import Check, CheckStatus, Finding, Observation, Report, without_secrets
from ayx_diagnostics.network.base import Clock
from ayx_diagnostics.network.clock import SystemClock
from ayx_diagnostics.report.anonymise.known_words import KnownWords
from ayx_diagnostics.report.checks import TIME_WAS_UP, checks_of
from ayx_diagnostics.report.plain_text import plain
from ayx_diagnostics.report.verdict import verdict_of
from ayx_diagnostics.rules import find
from ayx_diagnostics.smoke.answers import AnswerChecker
from ayx_diagnostics.smoke.large_answers import UnjudgedError, decoded, in_time
from ayx_diagnostics.smoke.operations import Operation, read_only_operations

if TYPE_CHECKING:
    import httpx
    from ayx_connection.api_document import Surface
    from ayx_connection.client import Server
    from ayx_connection.settings import Settings

__all__ = ["smoke"]

_OK, _NOT_FOUND = 200, 404
#: The Usage endpoint answers 404 when there is no file to fetch, and lists may be empty with 204.
_NOTHING_THERE = frozenset({204})
_LONGEST_START = 200
_REFUSED = frozenset({401, 403})


def smoke(
    settings: Settings,
    document: Mapping[str, Any],
    *,
    known: Surface | None = None,
    environ: Mapping[str, str] | None = None,
    progress: Callable[[str], None] = lambda _: None,
    redactor: Redactor | None = None,
) -> Report:
    """Diagnose, and if a token can be had, call every GET that needs no path parameter. Nothing is changed.

    Args:
        settings: The settings that scripts use too.
        document: OpenAPI 3 document of the Server.
        known: What the Server's own document is compared with; what the client was made from by default.
        environ: Environment variables for the diagnosis.
        progress: Told, in a few words, what is being done.
        redactor: Masks secrets in the report; one that is given learns those of this run.

    Returns:
        The diagnosis' report, with a check and an observation for every operation. Of what the Server wrote, it then
        holds only words that are nobody's: what a token opens is the customer's.
    """
    clock, redactor = SystemClock(), redactor or Redactor()
    report = diagnose(settings=settings, known=known, environ=environ, progress=progress, redactor=redactor)
    if not any(seen.evidence.get("has_access_token") for seen in report.observations):
        return report
    words = KnownWords(report.target.host, report.target.port)
    report = _in_known_words(report, words)
    from ayx_connection.client import connect

    ends_s = settings.max_time.value
    operations = list(read_only_operations(document))
    checker = AnswerChecker(document)
    observations: list[Observation] = list(report.observations)
    absent = {name for seen in observations if seen.operation == "read_document" for name in texts(seen, "missing")}
    within_s = max(0.0, ends_s - clock.now())
    with connect(settings=settings, redactor=redactor, within_s=within_s) as server:
        for operation in operations:
            seen = _out_of_time(operation, clock)
            if operation.missing:
                seen = _skipped(operation, clock, f"needs a value for {', '.join(operation.missing)}")
            elif f"GET {operation.path}" in absent:
                seen = _skipped(operation, clock, "this Server's own document does not have it")
            elif clock.now() < ends_s:
                progress(f"GET {operation.path}")
                seen = _call(server, operation, checker, words, clock=clock, ends_s=ends_s)
            evidence = plain(redactor.json(seen.evidence))
            observations.append(replace(seen, id=len(observations) + 1, evidence=evidence))
    return without_secrets(_judged(report, observations, clock.now()), redactor)


def _in_known_words(report: Report, words: KnownWords) -> Report:
    """Return a diagnosis whose conclusions are drawn from what is left of the Server's words."""
    observations = tuple(map(words.observation, report.observations))
    findings = find(observations)
    skipped = {check.stage: check.summary for check in report.checks if check.status == "skip"}
    checks = checks_of(observations, findings, skipped)
    verdict = report.verdict
    if verdict.code is not None:  # without a code, its sentence is made of stages and times
        verdict = verdict_of(findings, checks, report.target, out_of_time=False)
    return replace(report, observations=observations, findings=findings, checks=checks, verdict=verdict)


def _judged(report: Report, observations: list[Observation], duration_s: float) -> Report:
    findings = find(observations)
    checks = (*report.checks, *_checks(observations, findings))
    out_of_time = any(check.summary == TIME_WAS_UP for check in checks) and not any(
        check.status in ("fail", "error") for check in checks
    )
    verdict = verdict_of(findings, checks, report.target, out_of_time=out_of_time)
    return replace(
        report,
        observations=tuple(observations),
        findings=findings,
        checks=checks,
        verdict=verdict,
        duration_s=duration_s,
    )


def _call(
    server: Server,
    operation: Operation,
    checker: AnswerChecker,
    words: KnownWords,
    *,
    clock: Clock,
    ends_s: float,
) -> Observation:
    started_s = clock.now()
    evidence: dict[str, Any] = {"operation_id": operation.operation_id, "query": dict(operation.query)}
    outcome = "ok"
    try:
        response = server.request("GET", operation.path, params=operation.query)
        evidence |= in_time(lambda: _answer_evidence(response, operation, checker), ends_s - clock.now())
        evidence["content_type"] = words.text(evidence["content_type"])
    except AyxError as error:  # it may quote what came
        outcome, evidence["message"] = "other_error", words.text(str(error))
    except UnjudgedError as error:
        outcome, evidence["message"] = "other_error", str(error)
    return Observation("api", "smoke", f"GET {operation.path}", started_s, clock.now() - started_s, outcome, evidence)


def _answer_evidence(response: httpx.Response, operation: Operation, checker: AnswerChecker) -> dict[str, Any]:
    """Return what is known of an answer; never its content, which is the customer's."""
    content_type = response.headers.get("content-type", "")
    evidence: dict[str, Any] = {"status": response.status_code, "content_type": content_type, "problems": []}
    if response.status_code != _OK:
        return evidence
    if operation.schema is None:
        evidence["bytes"] = len(response.content)
        return evidence
    try:
        answer = decoded(response.content)
    except ValueError:
        evidence["json"] = False
        return evidence
    evidence["json"] = True
    evidence["items"] = len(answer) if isinstance(answer, list) else None
    # The documents of the older versions that come along are reconstructions: members may be missing in them.
    evidence["problems"] = checker.problems(answer, operation.schema, new_members=operation.path.startswith("/v3/"))
    return evidence


def _skipped(operation: Operation, clock: Clock, reason: str) -> Observation:
    evidence = {"operation_id": operation.operation_id, "reason": reason}
    return Observation("api", "smoke", f"GET {operation.path}", clock.now(), 0.0, "skipped", evidence)


def _out_of_time(operation: Operation, clock: Clock) -> Observation:
    return _skipped(operation, clock, TIME_WAS_UP)


def _checks(observations: Iterable[Observation], findings: Iterable[Finding]) -> list[Check]:
    """Return one check an operation. What a finding only warns of is a warning here too."""
    severities = {finding.code: finding.severity for finding in findings}
    checks = []
    for seen in observations:
        if (seen.stage, seen.operation) != ("api", "smoke"):
            continue
        status, summary = _judgement(seen, severities)
        check_id = f"smoke.{seen.evidence['operation_id']}"
        checks.append(Check(check_id, "api", status, summary, seen.started_s, seen.duration_s))
    return checks


def _judgement(seen: Observation, severities: Mapping[str, str]) -> tuple[CheckStatus, str]:
    if seen.outcome == "skipped":
        reason = str(seen.evidence["reason"])
        return "skip", reason if reason == TIME_WAS_UP else f"{seen.target}: {reason}"
    if seen.outcome != "ok":
        return "error", f"{seen.target}: {seen.evidence['message']}"
    if seen.evidence["status"] == _OK:
        return _judged_content(seen)
    return _judged_status(seen, severities)


def _judged_status(seen: Observation, severities: Mapping[str, str]) -> tuple[CheckStatus, str]:
    status = seen.evidence["status"]
    if status in _NOTHING_THERE or (status == _NOT_FOUND and "/usage" in seen.target):
        return "pass", f"{seen.target} answers {status}: there is nothing to fetch"
    if status in _REFUSED and severities.get("api.role_insufficient") == "warning":
        return "warn", f"{seen.target} answers {status}: the key's role may not call it"
    return "fail", f"{seen.target} answers {status}"


def _judged_content(seen: Observation) -> tuple[CheckStatus, str]:
    evidence = seen.evidence
    if evidence.get("json") is False:
        return "fail", f"{seen.target} answers {evidence['content_type'] or 'without a content type'}, not JSON"
    if evidence["problems"]:
        return "warn", f"{seen.target}: {'; '.join(evidence['problems'])[:_LONGEST_START]}"
    count = evidence.get("items")
    return "pass", f"{seen.target} answers as documented" + (f", {count} items" if count is not None else "")

"""The lines of a report: one positive sentence a stage, and whether it held."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ayx_diagnostics.evidence import mappings, texts
from ayx_diagnostics.evidence.facts import shows_token_endpoint
from ayx_diagnostics.model import STAGES, Check, CheckStatus, Finding, Observation, Stage

__all__ = ["NOT_REACHED", "TIME_WAS_UP", "checks_of"]

#: What a stage says that the walk did not get to, though nobody left it out.
NOT_REACHED = "not reached"
TIME_WAS_UP = "not tested: the time was up"


@dataclass(frozen=True, slots=True)
class _Line:
    """How one stage is read from its observations.

    Attributes:
        id: The stable id of the check.
        operations: The operations that decide it; controls and helpers of the stage do not.
        passed: The sentence when it held, made from the deciding observation.
    """

    id: str
    operations: frozenset[str]
    passed: Callable[[Observation], str]


def _milliseconds(observation: Observation) -> str:
    return f"{observation.duration_s * 1000:.0f} ms"


def _config(observation: Observation) -> str:
    return (
        "settings are usable, with an API key" if observation.evidence.get("has_credentials") else "settings are usable"
    )


def _proxy(observation: Observation) -> str:
    evidence = observation.evidence
    if observation.operation == "tunnel":
        return f"proxy {evidence.get('proxy')} opens a tunnel to {observation.target} ({_milliseconds(observation)})"
    match = evidence.get("no_proxy_match")
    return f"not used: NO_PROXY holds {match}" if match else "not used"


def _dns(observation: Observation) -> str:
    return f"{observation.target} is {', '.join(texts(observation, 'addresses'))} ({_milliseconds(observation)})"


def _tls(observation: Observation) -> str:
    evidence = observation.evidence
    leaf = next(iter(mappings(observation, "chain")), {})
    until = str(leaf.get("not_after") or "")[:10]
    issuer = leaf.get("issuer_common_name")
    parts = [
        str(evidence.get("version")),
        f"certificate by {issuer}" if issuer else "",
        f"valid until {until}" if until else "",
    ]
    return f"{', '.join(part for part in parts if part)} ({_milliseconds(observation)})"


def _http(observation: Observation) -> str:
    server = observation.evidence.get("server")
    return f"answers with status {observation.evidence.get('status')}" + (f" from {server}" if server else "")


def _token(observation: Observation) -> str:
    evidence = observation.evidence
    if evidence.get("has_access_token"):
        return f"token for {evidence.get('expires_in')} s ({_milliseconds(observation)})"
    return f"the token endpoint is there (status {evidence.get('status')} to a request without credentials)"


def _api(observation: Observation) -> str:
    return f"{observation.target} answers {observation.evidence.get('status')} ({_milliseconds(observation)})"


_LINES: dict[Stage, _Line] = {
    "config": _Line("config.settings", frozenset({"read_settings"}), _config),
    "local": _Line(
        "local.route",
        frozenset({"source_address"}),
        lambda seen: f"sends from {seen.evidence.get('local_address')}",
    ),
    "proxy": _Line("proxy.route", frozenset({"select", "tunnel"}), _proxy),
    "dns": _Line("dns.lookup", frozenset({"system_lookup"}), _dns),
    "tcp": _Line("tcp.connect", frozenset({"connect"}), lambda seen: f"{seen.target} accepts ({_milliseconds(seen)})"),
    "tls": _Line("tls.handshake", frozenset({"handshake"}), _tls),
    "http": _Line("http.answer", frozenset({"get"}), _http),
    "token": _Line("token.request", frozenset({"request"}), _token),
    "api": _Line("api.call", frozenset({"call"}), _api),
}

#: Outcomes that are an answer to what was asked, beside ``ok``.
_ANSWERS = frozenset({"ok", "direct", "proxy"})


_CONTROL_KEYS = ("candidate",)


def _held(stage: Stage, observation: Observation) -> bool:
    evidence = dict(observation.evidence)
    if observation.outcome not in _ANSWERS or any(evidence.get(key) for key in _CONTROL_KEYS):
        return False
    if stage == "token":
        return shows_token_endpoint(observation)
    if stage == "api":
        return evidence.get("status") == 200  # noqa: PLR2004  # HTTP OK
    return True


def _deciding(stage: Stage, observations: Sequence[Observation]) -> tuple[Observation | None, bool]:
    """Return the observation that decides a stage, and whether its sentence held."""
    line = _LINES[stage]
    mine = [seen for seen in observations if seen.stage == stage and seen.operation in line.operations]
    if stage == "http":
        # a token or API answer is an HTTP answer: a healthy run needs no request of its own for this stage
        mine = [seen for seen in observations if seen.stage in ("http", "token", "api") and seen.evidence.get("status")]
        mine = [seen for seen in mine if seen.evidence.get("purpose") != "plain_http"]
    held = [seen for seen in mine if _held(stage, seen) or (stage == "http" and seen.outcome == "ok")]
    if held:
        return held[-1] if stage == "proxy" else held[0], True
    return (mine[-1], False) if mine else (None, False)


def _stage_check(
    stage: Stage, observations: Sequence[Observation], findings: Sequence[Finding], why_skipped: str | None
) -> Check:
    line = _LINES[stage]
    own = [finding for finding in findings if finding.stage == stage]
    errors = [finding for finding in own if finding.severity == "error"]
    warnings = [finding for finding in own if finding.severity == "warning"]
    seen, held = _deciding(stage, observations)
    started, duration = (seen.started_s, seen.duration_s) if seen else (0.0, 0.0)

    def check(status: CheckStatus, summary: str) -> Check:
        return Check(line.id, stage, status, summary, started, duration)

    if errors:
        return check("fail", errors[0].title)
    if warnings:
        return check("warn", warnings[0].title)
    if seen is not None and held:
        return check("pass", line.passed(seen))
    if why_skipped is not None:
        return check("skip", why_skipped)
    if seen is not None and not findings:
        return check("fail", f"{seen.operation} {seen.target}: {seen.outcome}")
    return check("skip", NOT_REACHED)


def checks_of(
    observations: Sequence[Observation], findings: Sequence[Finding], why_skipped: dict[Stage, str]
) -> tuple[Check, ...]:
    """Return one check a stage, in the order of the stages.

    Args:
        observations: What the probes saw.
        findings: What the rules made of it.
        why_skipped: Why a stage was not examined, where there is a better reason than that it was not reached.
    """
    return tuple(_stage_check(stage, observations, findings, why_skipped.get(stage)) for stage in STAGES)

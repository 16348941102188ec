"""The nouns of a diagnosis: the whole vocabulary fits on this page.

Data flows one way: a :class:`Target` is probed, every probe returns one :class:`Observation`, rules turn the
observations into :class:`Finding` objects, and a :class:`Report` holds all of it for the renderers.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, is_dataclass, replace
from typing import TYPE_CHECKING, Any, Literal, TypeVar, cast

if TYPE_CHECKING:
    from ayx_connection.redaction import Redactor

T = TypeVar("T")

Stage = Literal["config", "local", "proxy", "dns", "tcp", "tls", "http", "token", "api"]
Severity = Literal["error", "warning", "info"]
Confidence = Literal["certain", "likely", "possible"]
Owner = Literal["you", "network", "server"]
CheckStatus = Literal["pass", "warn", "fail", "skip", "error"]
VerdictStatus = Literal["healthy", "degraded", "broken", "unknown"]
Route = Literal["direct", "proxy"]

#: The order in which a request meets the stages, and in which they are examined.
STAGES: tuple[Stage, ...] = ("config", "local", "proxy", "dns", "tcp", "tls", "http", "token", "api")

#: What ``--exit-code-by-stage`` returns instead of 1.
EXIT_CODE_BY_STAGE: Mapping[Stage, int] = {
    "config": 10,
    "local": 11,
    "proxy": 12,
    "dns": 13,
    "tcp": 14,
    "tls": 15,
    "http": 16,
    "token": 17,
    "api": 18,
}


@dataclass(frozen=True, slots=True)
class Target:
    """Whose health is examined: the Server's address as given, and what was derived from it.

    Attributes:
        given: The address as the user wrote it.
        web_api_address: ``https://host[:port]/webapi``, without a trailing slash.
        token_url: Where the token request goes.
        scheme: ``http`` or ``https``.
        host: Host name or IP address, without brackets.
        port: TCP port.
        route: Whether the client's own settings send the request through a proxy.
        address_origin: Which file or variable the address came from; None when it was given directly.
    """

    given: str
    web_api_address: str
    token_url: str
    scheme: str
    host: str
    port: int
    route: Route = "direct"
    address_origin: str | None = None


@dataclass(frozen=True, slots=True)
class Observation:
    """What one probe saw. It never says what that means.

    Attributes:
        stage: The stage that the operation belongs to.
        operation: What was done, e.g. ``connect``; the names and their evidence are listed in ``vocabulary``.
        target: What it was done to, e.g. ``10.0.0.7:443``.
        started_s: Seconds from the start of the diagnosis.
        duration_s: Seconds that it took.
        outcome: ``ok`` or a failure token from ``vocabulary``.
        evidence: JSON values only, free of secrets.
        id: Its number within the report, counted from 1; 0 until the recorder numbers it.
    """

    stage: Stage
    operation: str
    target: str
    started_s: float
    duration_s: float
    outcome: str
    evidence: Mapping[str, Any] = field(default_factory=dict)
    id: int = 0

    @property
    def ok(self) -> bool:
        """Whether the operation did what it set out to do."""
        return self.outcome == "ok"


@dataclass(frozen=True, slots=True)
class FixStep:
    """One thing to change, and who has to change it."""

    owner: Owner
    step: str


@dataclass(frozen=True, slots=True)
class Finding:
    """What the observations mean.

    Attributes:
        code: A stable code of the catalogue, ``stage.reason``.
        severity: ``error`` stops the user's work, ``warning`` should be acted on, ``info`` is worth knowing.
        confidence: How far the evidence reaches.
        title: One line, from the catalogue, with the names of this case filled in.
        because: The evidence for it, one sentence each.
        ruled_out: What it is not, and why not, one sentence each.
        fix: Steps with exact values, each with its owner.
        docs: The command that prints the page of this code offline.
    """

    code: str
    severity: Severity
    confidence: Confidence
    title: str
    because: tuple[str, ...] = ()
    ruled_out: tuple[str, ...] = ()
    fix: tuple[FixStep, ...] = ()

    @property
    def stage(self) -> Stage:
        """The stage that the code belongs to."""
        return self.code.partition(".")[0]  # type: ignore[return-value]  # codes are checked against the catalogue

    @property
    def docs(self) -> str:
        """The command that prints the page of this code."""
        return f"ayxctl explain {self.code}"


@dataclass(frozen=True, slots=True)
class Check:
    """One line of the report: a positive sentence that held, did not hold, or could not be tested."""

    id: str
    stage: Stage
    status: CheckStatus
    summary: str
    started_s: float
    duration_s: float


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer in one sentence."""

    status: VerdictStatus
    stage: Stage | None
    code: str | None
    sentence: str


@dataclass(frozen=True, slots=True)
class Tool:
    """Which program made the report."""

    name: str
    version: str
    python: str
    openssl: str
    platform: str


@dataclass(frozen=True, slots=True)
class Report:
    """Everything a diagnosis knows; the one input of every renderer."""

    tool: Tool
    target: Target
    started_at: str
    duration_s: float
    verdict: Verdict
    findings: tuple[Finding, ...]
    checks: tuple[Check, ...]
    observations: tuple[Observation, ...]


#: Fields that hold words of the toolkit's own and nothing of a peer: a secret that is such a word (a proxy's password
#: ``pass``) must not turn them into something that no reader of a report knows.
_OWN_WORDS = frozenset({"code", "confidence", "operation", "outcome", "owner", "route", "severity", "stage", "status"})


def without_secrets(value: T, redactor: Redactor) -> T:
    """Return a report, or a part of one, in which every text has passed the redactor, whoever wrote it."""
    if isinstance(value, str):
        return cast("T", redactor.text(value))
    if isinstance(value, tuple):
        return cast("T", tuple(without_secrets(item, redactor) for item in value))
    if is_dataclass(value) and not isinstance(value, type):
        return cast(
            "T",
            replace(
                value,
                **{
                    each.name: without_secrets(getattr(value, each.name), redactor)
                    for each in fields(value)
                    if each.name not in _OWN_WORDS
                },
            ),
        )
    return redactor.json(value) if isinstance(value, Mapping) else value

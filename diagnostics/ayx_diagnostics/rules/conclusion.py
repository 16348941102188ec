"""What a rule concludes: the one way to make a finding, and the words that findings share."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import chain

from ayx_diagnostics import catalogue
from ayx_diagnostics.evidence import Evidence, number, text, whole
from ayx_diagnostics.model import Confidence, Finding, FixStep, Observation, Severity

__all__ = [
    "Subject",
    "conclude",
    "endpoint",
    "errno_of",
    "network",
    "seconds",
    "server",
    "the_server",
    "where",
    "you",
]


@dataclass(frozen=True, slots=True)
class Subject:
    """What every finding about the same thing says: a lookup, a connect, an answer.

    Attributes:
        names: For the placeholders of the title.
        because: Sentences that follow the finding's own.
        ruled_out: Sentences that stand before the finding's own.
        also_ruled_out: Sentences that follow them.
    """

    names: Mapping[str, str] = field(default_factory=dict)
    because: Iterable[str | None] = ()
    ruled_out: Iterable[str | None] = ()
    also_ruled_out: Iterable[str | None] = ()


def conclude(
    code: str,
    subject: Subject | None = None,
    /,
    *,
    because: Iterable[str | None],
    ruled_out: Iterable[str | None] = (),
    fix: Iterable[FixStep | None] = (),
    confidence: Confidence = "certain",
    severity: Severity | None = None,
    title: str = "",
    **names: str,
) -> Finding:
    """Return a finding with the catalogue's title and severity: the one way to make one.

    Args:
        code: Of the catalogue.
        subject: What it is about, with the words that all findings about it share.
        because: Sentences; None for what was not seen.
        ruled_out: Sentences from observations; None for what was not tested.
        fix: Steps with the values of this case; the catalogue's own steps when there are none.
        confidence: How far the evidence reaches.
        severity: Where the case differs from the catalogue's default.
        title: Where the catalogue's does not fit the case.
        **names: For the placeholders of the title.
    """
    entry, subject = catalogue.entry(code), subject or Subject()
    steps = tuple(step for step in fix if step is not None)
    return Finding(
        code=code,
        severity=severity or entry.severity,
        confidence=confidence,
        title=title or entry.title_for({**subject.names, **names}),
        because=_said(because, subject.because),
        ruled_out=_said(subject.ruled_out, ruled_out, subject.also_ruled_out),
        fix=steps or entry.fix,
    )


def _said(*sentences: Iterable[str | None]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(filter(None, chain(*sentences))))


def you(step: str) -> FixStep:
    """Return a step for whoever runs the script."""
    return FixStep("you", step)


def network(step: str) -> FixStep:
    """Return a step for the people of the network."""
    return FixStep("network", step)


def server(step: str) -> FixStep:
    """Return a step for the people of the Server."""
    return FixStep("server", step)


def endpoint(observation: Observation | None) -> str:
    """Return ``address:port`` of a connection, with the brackets that an IPv6 address needs."""
    address, port = text(observation, "address"), whole(observation, "port")
    if not address or port is None:
        return observation.target if observation is not None else ""
    return f"[{address}]:{port}" if ":" in address else f"{address}:{port}"


def where(evidence: Evidence) -> str:
    """Return ``host:port`` of the Server as far as it is known."""
    host, port = evidence.host, evidence.port
    if not host:
        return "the Server"
    shown = f"[{host}]" if ":" in host else host
    return f"{shown}:{port}" if port else shown


def the_server(evidence: Evidence) -> str:
    """Return the Server's host name, or words that stand for it."""
    return evidence.host or "the Server"


def seconds(value: float | None) -> str:
    """Return a time as people write it: milliseconds below a second."""
    if value is None:
        return "the time allowed"
    return f"{value * 1000:.0f} ms" if value < 1 else f"{value:.1f} s"


def errno_of(observation: Observation | None) -> str:
    """Return ``ECONNREFUSED (errno 111)``, or the outcome where no number is known."""
    name, value = text(observation, "errno_name"), number(observation, "errno")
    if name and value is not None:
        return f"{name} (errno {value:.0f})"
    return name or (observation.outcome if observation is not None else "")

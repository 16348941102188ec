"""The token requests that were sent, and in words what they were answered with."""

from __future__ import annotations

from ayx_diagnostics.evidence import Evidence, text
from ayx_diagnostics.model import Observation
from ayx_diagnostics.rules.http.answer_evidence import another_host_answers, is_gateway, shown, status_of, token_good

__all__ = ["answer", "failed", "is_bare_refusal", "requests", "style_words"]

_UNAUTHORIZED = 401


def requests(evidence: Evidence) -> tuple[Observation, ...]:
    """Return the token requests that were sent."""
    return tuple(seen for seen in evidence.all("token", "request") if seen.outcome != "withheld")


def failed(evidence: Evidence) -> Observation | None:
    """Return the first token request if none of them brought what it should, else None."""
    if token_good(evidence) or another_host_answers(evidence) is not None:
        return None
    return next(iter(requests(evidence)), None)


def is_bare_refusal(seen: Observation) -> bool:
    """Whether the Server refuses with 401 and no word: the status that RFC 6749 (5.2) keeps for unknown clients."""
    silent = not text(seen, "error") and not text(seen, "body_start") and seen.evidence.get("json") is not True
    return status_of(seen) == _UNAUTHORIZED and silent and not is_gateway(seen)


def answer(seen: Observation) -> str:
    """Return in a sentence what a token request was answered with."""
    said = text(seen, "error")
    described = " ".join(text(seen, "error_description").split())
    detail = (f" and the error {said!r}" if said else "") + (f": {described.rstrip('.')}" if described else "")
    return f"{shown(seen)} ({style_words(seen)}) is answered with {status_of(seen)}{detail}."


def style_words(seen: Observation) -> str:
    """Return in words how a token request carried the credentials."""
    return {"body": "credentials in the form body", "basic": "credentials in the Authorization header"}.get(
        text(seen, "style"), "without credentials"
    )

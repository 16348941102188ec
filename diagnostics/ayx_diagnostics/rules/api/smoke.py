"""Conclusions about the answers of a smoke test: refused, missing or broken."""

from __future__ import annotations

from ayx_diagnostics.evidence import Evidence, text, whole
from ayx_diagnostics.model import Finding, Observation
from ayx_diagnostics.rules.conclusion import conclude, server, the_server, you
from ayx_diagnostics.rules.rule import rule

_OK, _NOT_FOUND = 200, 404
_FIRST_SERVER_ERROR = 500
_REFUSED = frozenset({401, 403})
_SHOWN = 5


def _calls(evidence: Evidence) -> tuple[Observation, ...]:
    return evidence.all("api", "smoke", outcome="ok")


def _listed(seen: list[Observation]) -> list[str]:
    """Return a sentence a call, and how many more there are."""
    sentences = [f"{one.target} answers {whole(one, 'status')}." for one in seen[:_SHOWN]]
    return [*sentences, f"So do {len(seen) - _SHOWN} more."] if len(seen) > _SHOWN else sentences


def _working(evidence: Evidence) -> str | None:
    count = sum(whole(seen, "status") == _OK for seen in _calls(evidence))
    return f"Not the token: {count} other calls with it are answered with 200." if count else None


@rule("api.server_error", independent=True)
def server_error(evidence: Evidence) -> Finding | None:
    """The Server fails at calls: from a 5xx with a good token."""
    failed = [seen for seen in _calls(evidence) if (whole(seen, "status") or 0) >= _FIRST_SERVER_ERROR]
    if not failed:
        return None
    return conclude(
        "api.server_error",
        because=_listed(failed),
        ruled_out=[_working(evidence)],
        host=the_server(evidence),
        status=str(whole(failed[0], "status")),
    )


@rule("api.not_found", independent=True)
def missing(evidence: Evidence) -> Finding | None:
    """The Server lacks operations: from 404 on a path that the document has, while other paths answer."""
    failed = [
        seen
        for seen in _calls(evidence)
        if whole(seen, "status") == _NOT_FOUND and "/usage" not in seen.target  # 404 there says: no file to fetch
    ]
    if not failed or not _working(evidence):
        return None
    return conclude(
        "api.not_found",
        because=_listed(failed),
        ruled_out=[_working(evidence)],
        fix=[you("regenerate the client from this Server's own document: make client SERVER=… or ayxctl spec fetch")],
        host=the_server(evidence),
    )


@rule("api.role_insufficient", independent=True)
def refused(evidence: Evidence) -> Finding | None:
    """The role is not enough for some calls: from 401 or 403 while others work with the same token."""
    failed = [seen for seen in _calls(evidence) if whole(seen, "status") in _REFUSED]
    if not failed or not _working(evidence):
        return None
    return conclude(
        "api.role_insufficient",
        because=_listed(failed),
        ruled_out=[_working(evidence)],
        fix=[server("raise the role of the API key's user"), you("or call only what the role may")],
        severity="warning",
        host=the_server(evidence),
    )


@rule("http.html_instead_of_json", independent=True)
def no_json(evidence: Evidence) -> Finding | None:
    """Something else answers: from a 200 without JSON where the document promises JSON."""
    failed = [seen for seen in _calls(evidence) if seen.evidence.get("json") is False]
    if not failed:
        return None
    types = sorted({text(seen, "content_type") or "no content type" for seen in failed})
    return conclude(
        "http.html_instead_of_json",
        because=[*_listed(failed), f"The answers are {', '.join(types)}, not JSON."],
        host=the_server(evidence),
    )

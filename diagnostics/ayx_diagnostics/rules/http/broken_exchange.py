"""Conclusions about HTTP answers that never came, or came in pieces."""

from __future__ import annotations

from collections.abc import Mapping

from ayx_diagnostics.evidence import Evidence, number, text, whole
from ayx_diagnostics.model import Finding, Observation
from ayx_diagnostics.rules.conclusion import conclude, seconds, server, the_server, you
from ayx_diagnostics.rules.http.answer_evidence import (
    all_well,
    cut_too_short,
    main_exchanges,
    shown,
    status_of,
    was_cut,
)
from ayx_diagnostics.rules.rule import rule

#: Outcome of an exchange -> its code, and what happened, for ``{what}`` in a sentence.
_OUTCOMES: Mapping[str, tuple[str, str]] = {
    "closed": ("http.no_response_fin", "the connection was closed (FIN) without an answer"),
    "reset": ("http.reset_after_request", "the connection was reset (RST) without an answer"),
    "body_cut": ("http.body_cut", "the answer's body ended too early"),
    "body_stall": ("http.body_stall", "the answer's body stopped in the middle"),
    "not_http": ("http.not_http1", "the answer is not HTTP/1"),
    "bad_encoding": ("http.bad_encoding", "the answer's body does not fit its Content-Encoding"),
    "header_too_large": ("http.header_too_large", "the answer's head is longer than clients accept"),
}
_TOO_LARGE_STATUS = 431
_TOO_LARGE_WORDS = ("header or cookie too large", "request too long", "request header field", "header is too long")


def _needed(evidence: Evidence) -> tuple[Observation, ...]:
    """Return the exchanges whose failure stops a client."""
    return () if all_well(evidence) else main_exchanges(evidence)


@rule(*(code for code, _ in _OUTCOMES.values()))
def broken(evidence: Evidence) -> Finding | None:
    """An exchange broke off: from where it ended, byte counts, and the first bytes."""
    seen = next((seen for seen in _needed(evidence) if seen.outcome in _OUTCOMES), None)
    quiet = evidence.first("tcp", "quiet")
    if seen is None or (
        seen.outcome in ("reset", "closed") and quiet is not None and quiet.outcome in ("reset", "closed")
    ):
        return None
    code, what = _OUTCOMES[seen.outcome]
    received = whole(seen, "bytes_received")
    whole_answer = next((item for item in evidence.exchanges if item.outcome == "ok"), None)
    first = text(seen, "first_bytes")
    return conclude(
        code,
        because=[
            f"{shown(seen)}: {what} after {seconds(number(seen, 'elapsed_s') or seen.duration_s)}"
            + (f" and {received} received bytes." if received is not None else "."),
            f"It begins with {first!r}." if first and seen.outcome == "not_http" else None,
            f"{shown(whole_answer)} is answered completely ({status_of(whole_answer)})." if whole_answer else None,
        ],
        ruled_out=[
            "Not the way there: the connection was up when the request was sent.",
            "Not TLS: the handshake succeeded." if any(item.ok for item in evidence.handshakes) else None,
            "Not an old connection from a pool: it was opened for this request."
            if seen.evidence.get("reused") is False
            else None,
        ],
        confidence="certain" if seen.evidence.get("reused") is not True else "likely",
        host=the_server(evidence),
        url=text(seen, "url") or seen.target,
    )


@rule("http.header_too_large")
def request_too_large(evidence: Evidence) -> Finding | None:
    """The Server finds the request's head too long: from status 431, or 400 with words to that effect."""
    for seen in _needed(evidence):
        status, body = status_of(seen), text(seen, "body_start").lower()
        if status == _TOO_LARGE_STATUS or (
            status in (400, 413, 414) and any(word in body for word in _TOO_LARGE_WORDS)
        ):
            return conclude(
                "http.header_too_large",
                because=[f"{shown(seen)} is answered with {status}: the request's header is too long for it."],
                host=the_server(evidence),
                url=text(seen, "url") or seen.target,
            )
    return None


@rule("http.read_timeout")
def read_timeout(evidence: Evidence) -> Finding | None:
    """The Server takes the request and does not answer: from a timer, on more than the token endpoint."""
    if all_well(evidence):
        return None
    slow = [seen for seen in main_exchanges(evidence) if seen.outcome == "timeout" and not cut_too_short(seen)]
    if not slow or all(seen.stage == "token" for seen in slow):
        return None
    seen = slow[0]
    waited = number(seen, "elapsed_s") or seen.duration_s
    quick = next((s for s in evidence.exchanges if s.outcome == "ok"), None)
    return conclude(
        "http.read_timeout",
        because=[
            *(
                f"{shown(item)} got no answer within {seconds(number(item, 'elapsed_s') or item.duration_s)}."
                for item in slow
            ),
            f"{shown(quick)} is answered in {seconds(number(quick, 'elapsed_s') or quick.duration_s)}."
            if quick
            else None,
        ],
        ruled_out=[
            "Not the connection: it was open"
            + (" and encrypted" if evidence.ok("tls", "handshake") else "")
            + " when the request was sent."
        ],
        fix=[
            server(f"check the Server's load and its log: it took a request and gave no answer for {seconds(waited)}"),
            you("raise --read-timeout if such calls are known to take longer"),
        ],
        confidence="possible" if was_cut(seen) else "certain",
        host=the_server(evidence),
        url=text(seen, "url") or seen.target,
    )

"""Conclusions from what a token endpoint itself says (RFC 6749, 5), and from what becomes of its token."""

from __future__ import annotations

from collections.abc import Mapping

from ayx_diagnostics.evidence import Evidence, flag, number, text
from ayx_diagnostics.model import Confidence, Finding, Observation
from ayx_diagnostics.rules.conclusion import conclude, server, the_server, you
from ayx_diagnostics.rules.http.answer_evidence import about_answer, answered, is_gateway, is_html, status_of
from ayx_diagnostics.rules.rule import rule
from ayx_diagnostics.rules.token.token_evidence import answer, failed, is_bare_refusal, requests, style_words

_OK, _UNAUTHORIZED, _FORBIDDEN, _TOO_MANY, _UNAVAILABLE = 200, 401, 403, 429, 503
#: Requests that connect() does not make.
_CONTROLS = frozenset({"unencoded", "authorization_header"})
_UNKNOWN_CLIENT = frozenset({"invalid_client", "unauthorized_client", "invalid_grant"})


def _with_credentials(evidence: Evidence) -> list[Observation]:
    """Return the requests that connect() makes: in each of the two styles, if it comes to that."""
    tried = [seen for seen in requests(evidence) if text(seen, "style") in ("body", "basic")]
    return [seen for seen in tried if text(seen, "purpose") not in _CONTROLS]


def _unencoded(evidence: Evidence) -> Observation | None:
    """Return the request that brought a token with key and secret unencoded in the Authorization header."""
    tried = requests(evidence)
    return next((s for s in tried if text(s, "purpose") == "unencoded" and flag(s, "has_access_token")), None)


@rule("token.basic_not_urlencoded")
def not_urlencoded(evidence: Evidence) -> Finding | None:
    """The Server takes the Authorization header unencoded alone: from trying both spellings (RFC 6749, 2.3.1)."""
    good = _unencoded(evidence)
    bad = next((seen for seen in _with_credentials(evidence) if text(seen, "style") == "basic"), None)
    if good is None or bad is None:
        return None
    body = next((s for s in _with_credentials(evidence) if flag(s, "has_access_token")), None)
    return conclude(
        "token.basic_not_urlencoded",
        about_answer(evidence, bad),
        because=[
            answer(bad),
            "Key or secret hold characters that form-encoding changes; sent without it, the same pair brings a token.",
            f"Sent the other way ({style_words(body)}), it brings a token too." if body else None,
        ],
        fix=[you("set --client-auth body (ALTERYX_CLIENT_AUTH=body)")],
        ruled_out=["Not the key and not the secret: they are accepted."],
        severity="warning" if body is not None and not text(body, "purpose") else "error",
    )


@rule("token.auth_style_mismatch")
def auth_style(evidence: Evidence) -> Finding | None:
    """Only one of the two ways to send the credentials works: from trying both."""
    tried = _with_credentials(evidence)
    good = next((seen for seen in tried if flag(seen, "has_access_token")), None)
    bad = next((s for s in tried if not flag(s, "has_access_token") and status_of(s) in (400, 401, 403)), None)
    if good is None or bad is None or _unencoded(evidence) is not None:
        return None
    style = text(good, "style")
    return conclude(
        "token.auth_style_mismatch",
        about_answer(evidence, bad),
        because=[answer(bad), f"The same credentials, sent the other way ({style_words(good)}), bring a token."],
        fix=[you(f"set --client-auth {style} (ALTERYX_CLIENT_AUTH={style})")],
        ruled_out=["Not the key and not the secret: they are accepted."],
        severity="error" if text(good, "purpose") == "other_style" else None,
    )


@rule("token.invalid_client")
def invalid_client(evidence: Evidence) -> Finding | None:
    """The key or the secret is not known: from invalid_client to every way of sending them."""
    seen = failed(evidence)
    tried = [s for s in _with_credentials(evidence) if s.outcome == "ok"]
    refused = [s for s in tried if text(s, "error") in _UNKNOWN_CLIENT or is_bare_refusal(s)]
    if seen is None or not refused:
        return None
    both = len({text(s, "style") for s in refused}) > 1
    return conclude(
        "token.invalid_client",
        about_answer(evidence, refused[0]),
        because=[answer(s) for s in refused],
        ruled_out=[
            "Not the way in which they are sent: form body and Authorization header are both refused."
            if both
            else None,
            "Not the address: this is the answer of a token endpoint.",
        ],
        confidence="certain" if both else "likely",
    )


_BY_ERROR: Mapping[str, tuple[str, Confidence]] = {
    "unsupported_grant_type": ("token.unsupported_grant_type", "certain"),
    "invalid_request": ("token.unsupported_grant_type", "possible"),
    "invalid_scope": ("token.invalid_scope", "certain"),
    "server_error": ("token.server_error", "certain"),  # RFC 6749, 4.1.2.1: meant for a browser, sent here as well
    "temporarily_unavailable": ("token.server_error", "certain"),
    "access_denied": ("token.forbidden", "likely"),
}


@rule(*dict.fromkeys(code for code, _ in _BY_ERROR.values()))
def by_error(evidence: Evidence) -> Finding | None:
    """The token endpoint objects to the request itself: from its error word."""
    if failed(evidence) is None:
        return None
    for seen in requests(evidence):
        if text(seen, "error") in _BY_ERROR:
            code, confidence = _BY_ERROR[text(seen, "error")]
            return conclude(
                code,
                about_answer(evidence, seen),
                because=[answer(seen)],
                ruled_out=["Not the address: this is the answer of a token endpoint."],
                confidence=confidence,
            )
    return None


@rule("token.throttled")
def throttled(evidence: Evidence) -> Finding | None:
    """Too many token requests: from 429, or from 503 with Retry-After."""
    for seen in requests(evidence):
        status, after = status_of(seen), text(seen, "retry_after")
        if status == _TOO_MANY or (status == _UNAVAILABLE and after and not is_gateway(seen) and not is_html(seen)):
            return conclude(
                "token.throttled",
                about_answer(evidence, seen),
                because=[answer(seen), f"It asks to wait: Retry-After: {after}." if after else None],
                fix=[you(f"fetch one token, use it until it expires, and wait {after or 'a while'} after this answer")],
            )
    return None


@rule("token.bad_lifetime")
def bad_lifetime(evidence: Evidence) -> Finding | None:
    """The token has no usable lifetime: from expires_in as it was sent (RFC 6749, 5.1: a number of seconds)."""
    seen = next((s for s in requests(evidence) if flag(s, "has_access_token")), None)
    if seen is None:
        return None
    sent, lifetime = seen.evidence.get("expires_in"), number(seen, "expires_in")
    if lifetime is not None and lifetime > 0:
        return None
    return conclude(
        "token.bad_lifetime",
        about_answer(evidence, seen),
        because=[
            f"The token comes with expires_in = {sent!r}."
            if sent is not None
            else "The token comes without expires_in."
        ],
        severity="error" if _refused_at_once(evidence) else "warning",
    )


def _refused_at_once(evidence: Evidence) -> bool:
    """Whether the API refuses the token that was just fetched."""
    refused = any(status_of(seen) == _UNAUTHORIZED for seen in evidence.all("api", "call"))
    return refused and not answered(evidence)


@rule("token.plaintext")
def plaintext(evidence: Evidence) -> Finding | None:
    """Credentials would travel in the clear: from an http:// address that is not loopback."""
    settings = evidence.settings
    if text(settings, "scheme") != "http" or settings is None or settings.evidence.get("is_loopback") is not False:
        return None
    withheld = evidence.first("token", "request", outcome="withheld")
    return conclude(
        "token.plaintext",
        because=[
            f"The address of {the_server(evidence)} begins with http://: key, secret and token can be read on the way.",
            f"Credentials were not sent: {text(withheld, 'withheld')}." if withheld else None,
        ],
        fix=[
            server("tick the TLS box in Alteryx System Settings (Server UI > Configuration) and bind a certificate"),
            you(f"then write https://{the_server(evidence)}/webapi"),
        ],
        host=the_server(evidence),
    )


@rule("token.node_bound")
def node_bound(evidence: Evidence) -> Finding | None:
    """A token counts on one node only: from the same call accepted once and refused another time, or elsewhere."""
    by_path: dict[str, list[Observation]] = {}
    for seen in evidence.all("api", "call"):
        by_path.setdefault(seen.target, []).append(seen)
    for path, calls in by_path.items():
        good = [seen for seen in calls if status_of(seen) == _OK]
        bad = [seen for seen in calls if status_of(seen) in (_UNAUTHORIZED, _FORBIDDEN)]
        if good and bad:
            return conclude(
                "token.node_bound",
                because=[_disagreement(path, good, bad)],
                ruled_out=["Not the key, not the role: the same token is accepted for the same call."],
                host=the_server(evidence),
            )
    return None


def _disagreement(path: str, good: list[Observation], bad: list[Observation]) -> str:
    """Return in a sentence where a call is accepted and where it is refused."""
    refusal = status_of(bad[0])
    here, there = ({text(seen, "address") for seen in calls} - {""} for calls in (good, bad))
    if here and there and not here & there:
        return (
            f"With the same token, {path} is answered with 200 by {', '.join(sorted(here))} and with {refusal} by "
            f"{', '.join(sorted(there))}."
        )
    return (
        f"With the same token, {path} is answered with 200 {len(good)} time{'s' * (len(good) > 1)} and with {refusal} "
        f"{len(bad)} time{'s' * (len(bad) > 1)}: nodes behind one address take turns."
    )

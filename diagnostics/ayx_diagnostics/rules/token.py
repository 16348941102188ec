"""Conclusions about the token endpoint (RFC 6749), as far as the answer comes from a token endpoint at all."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from ayx_diagnostics.evidence import Evidence, flag, number, text, whole
from ayx_diagnostics.model import Confidence, Finding, FixStep, Observation, Severity
from ayx_diagnostics.rules.answers import (
    alteryx_answers,
    answered,
    blocked,
    is_alteryx,
    is_gateway,
    is_html,
    is_windows,
    redirect_target,
    shown,
    status_of,
    swagger,
    token_good,
    who,
)
from ayx_diagnostics.rules.conclusion import Rule, conclude, network, seconds, server, the_server, you

__all__ = ["RULES"]

_OK, _UNAUTHORIZED, _FORBIDDEN, _NOT_FOUND, _NO_METHOD = 200, 401, 403, 404, 405
_TOO_MANY, _SERVER_ERROR, _UNAVAILABLE = 429, 500, 503
_GATEWAY_STATUSES = frozenset({502, 504})
_PATH = "/oauth2/token"


def _requests(evidence: Evidence) -> tuple[Observation, ...]:
    """Return the token requests that were sent."""
    return tuple(seen for seen in evidence.all("token", "request") if seen.outcome != "withheld")


def _failed(evidence: Evidence) -> Observation | None:
    """Return the first token request if none of them brought what it should, else None."""
    if token_good(evidence):
        return None
    return next(iter(_requests(evidence)), None)


def _with_credentials(evidence: Evidence) -> list[Observation]:
    return [seen for seen in _requests(evidence) if text(seen, "style") in ("body", "basic")]


def _finding(
    evidence: Evidence,
    code: str,
    seen: Observation,
    because: list[str | None],
    *,
    fix: tuple[FixStep | None, ...] = (),
    ruled_out: tuple[str | None, ...] = (),
    confidence: Confidence = "certain",
    severity: Severity | None = None,
) -> Finding:
    return conclude(
        code,
        because=[*because, who(seen)],
        ruled_out=[
            "Not the network and not TLS: a complete HTTP answer came back." if seen.outcome == "ok" else None,
            *ruled_out,
        ],
        fix=fix,
        confidence=confidence,
        severity=severity,
        host=the_server(evidence),
        url=text(seen, "url") or seen.target,
        status=str(whole(seen, "status") or ""),
    )


def _answer(seen: Observation) -> str:
    said = text(seen, "error")
    described = text(seen, "error_description")
    detail = (f" and the error {said!r}" if said else "") + (f": {described.rstrip('.')}" if described else "")
    return f"{shown(seen)} ({_style(seen)}) is answered with {status_of(seen)}{detail}."


def _style(seen: Observation) -> str:
    return {"body": "credentials in the form body", "basic": "credentials in the Authorization header"}.get(
        text(seen, "style"), "without credentials"
    )


def auth_style(evidence: Evidence) -> Finding | None:
    """Only one of the two ways to send the credentials works: from trying both."""
    tried = _with_credentials(evidence)
    good = next((seen for seen in tried if flag(seen, "has_access_token")), None)
    bad = next((s for s in tried if not flag(s, "has_access_token") and status_of(s) in (400, 401, 403)), None)
    if good is None or bad is None:
        return None
    style = text(good, "style")
    return _finding(
        evidence,
        "token.auth_style_mismatch",
        bad,
        [_answer(bad), f"The same credentials, sent the other way ({_style(good)}), bring a token."],
        fix=(you(f"set --client-auth {style} (ALTERYX_CLIENT_AUTH={style})"),),
        ruled_out=("Not the key and not the secret: they are accepted.",),
    )


def invalid_client(evidence: Evidence) -> Finding | None:
    """The key or the secret is not known: from invalid_client to every way of sending them."""
    seen = _failed(evidence)
    tried = [s for s in _with_credentials(evidence) if s.outcome == "ok"]
    refused = [s for s in tried if text(s, "error") in ("invalid_client", "unauthorized_client", "invalid_grant")]
    if seen is None or not refused:
        return None
    both = len({text(s, "style") for s in refused}) > 1
    return _finding(
        evidence,
        "token.invalid_client",
        refused[0],
        [_answer(s) for s in refused],
        ruled_out=(
            "Not the way in which they are sent: form body and Authorization header are both refused."
            if both
            else None,
            "Not the address: this is the answer of a token endpoint.",
        ),
        confidence="certain" if both else "likely",
    )


_BY_ERROR: Mapping[str, tuple[str, Confidence]] = {
    "unsupported_grant_type": ("token.unsupported_grant_type", "certain"),
    "invalid_request": ("token.unsupported_grant_type", "possible"),
    "invalid_scope": ("token.invalid_scope", "certain"),
}


def by_error(evidence: Evidence) -> Finding | None:
    """The token endpoint objects to the request itself: from its error word."""
    if _failed(evidence) is None:
        return None
    for seen in _requests(evidence):
        if text(seen, "error") in _BY_ERROR:
            code, confidence = _BY_ERROR[text(seen, "error")]
            return _finding(
                evidence,
                code,
                seen,
                [_answer(seen)],
                ruled_out=("Not the address: this is the answer of a token endpoint.",),
                confidence=confidence,
            )
    return None


def throttled(evidence: Evidence) -> Finding | None:
    """Too many token requests: from 429, or from 503 with Retry-After."""
    for seen in _requests(evidence):
        status, after = status_of(seen), text(seen, "retry_after")
        if status == _TOO_MANY or (status == _UNAVAILABLE and after and not is_gateway(seen) and not is_html(seen)):
            return _finding(
                evidence,
                "token.throttled",
                seen,
                [_answer(seen), f"It asks to wait: Retry-After: {after}." if after else None],
                fix=(
                    you(f"fetch one token, use it until it expires, and wait {after or 'a while'} after this answer"),
                ),
            )
    return None


def oauth1_only(evidence: Evidence) -> Finding | None:
    """The Server is older than OAuth2: from 404 at the token endpoint and the documentation of the old API."""
    seen = _failed(evidence)
    legacy = evidence.first("http", "get", purpose="legacy_docs")
    if seen is None or status_of(seen) not in (_NOT_FOUND, _NO_METHOD) or status_of(legacy) != _OK or legacy is None:
        return None
    base = swagger(evidence)
    if status_of(base) == _OK and base is not None and not is_html(base):
        return None
    root = evidence.first("http", "get", purpose="root")
    if not is_alteryx(legacy) and (status_of(root) == _OK and text(root, "title") == text(legacy, "title")):
        return None
    return _finding(
        evidence,
        "token.oauth1_only",
        seen,
        [_answer(seen), f"{shown(legacy)}, the documentation of the API before 2021.4, is there (200)."],
        confidence="certain" if is_alteryx(legacy) else "likely",
    )


def redirected(evidence: Evidence) -> Finding | None:
    """The token request is redirected, which loses it: from a redirection to another spelling of the endpoint."""
    seen = _failed(evidence)
    goal = redirect_target(seen) if seen is not None else None
    if seen is None or goal is None:
        return None
    url = goal[0]
    base = url.rstrip("/").removesuffix(_PATH)
    same = url.rstrip("/").lower().endswith(_PATH)
    return _finding(
        evidence,
        "token.method_changed_by_redirect",
        seen,
        [
            f"{shown(seen)} is answered with {status_of(seen)} to {url}.",
            (
                "On this status requests sends a GET there without the form, and httpx does not go on at all "
                "(RFC 9110, 15.4)."
            ),
        ],
        fix=(you(f"use {base if same else url} as the Server's address"),),
        confidence="certain" if same else "possible",
    )


def not_found(evidence: Evidence) -> Finding | None:
    """There is no token endpoint at this address: from 404 on a host that answers as Alteryx."""
    seen = _failed(evidence)
    if seen is None or status_of(seen) not in (_NOT_FOUND, _NO_METHOD, 410):
        return None
    alteryx = alteryx_answers(evidence)
    controls = evidence.all("http", "get")
    if controls and not alteryx and not is_windows(seen):
        return None  # nobody here is Alteryx Server: another rule's conclusion
    base = swagger(evidence)
    found = base if is_alteryx(base) else next(iter(alteryx), None)
    return _finding(
        evidence,
        "token.not_found",
        seen,
        [_answer(seen), f"The host answers as Alteryx Server: {shown(found)} ({status_of(found)})." if found else None],
        fix=(
            you("compare the address with the Web API address in Alteryx System Settings (Server UI)"),
            server("check that the Server is 2021.4 or later and that its Web API service is running"),
        ),
        ruled_out=("Not another host: Alteryx Server answers on it." if found else None,),
        confidence="certain" if found is base and base is not None else "likely",
    )


def not_json(evidence: Evidence) -> Finding | None:
    """The answer is no token: from 200 with a web page, or JSON without access_token."""
    seen = _failed(evidence)
    if seen is None or status_of(seen) not in (_OK, 201, 202, 204):
        return None
    title = text(seen, "title")
    return _finding(
        evidence,
        "token.not_json",
        seen,
        [
            f"{shown(seen)} is answered with {status_of(seen)} and "
            + (
                f"a web page{' titled ' + repr(title) if title else ''}."
                if is_html(seen)
                else "JSON without access_token."
                if seen.evidence.get("json") is True
                else "something that is no JSON."
            ),
        ],
        fix=(network(f"let POST requests to {text(seen, 'url') or seen.target} through to the Server unchanged"),),
        ruled_out=("Not the key and not the secret: a token endpoint refuses them with 400 or 401.",),
    )


def bad_lifetime(evidence: Evidence) -> Finding | None:
    """The token has no usable lifetime: from expires_in as it was sent (RFC 6749, 5.1: a number of seconds)."""
    seen = next((s for s in _requests(evidence) if flag(s, "has_access_token")), None)
    if seen is None:
        return None
    sent, lifetime = seen.evidence.get("expires_in"), number(seen, "expires_in")
    if lifetime is not None and lifetime > 0:
        return None
    return _finding(
        evidence,
        "token.bad_lifetime",
        seen,
        [f"The token comes with expires_in = {sent!r}." if sent is not None else "The token comes without expires_in."],
        severity="warning" if answered(evidence) or not evidence.all("api", "call") else "error",
    )


def server_error(evidence: Evidence) -> Finding | None:
    """The Server itself fails at the token: from a 5xx that no gateway made."""
    seen = _failed(evidence)
    status = status_of(seen)
    if seen is None or status is None or status < _SERVER_ERROR:
        return None
    if status in _GATEWAY_STATUSES and not is_windows(seen):
        return None
    if status == _UNAVAILABLE and not is_windows(seen) and (is_gateway(seen) or seen.evidence.get("json") is not True):
        return None
    base = swagger(evidence)
    return _finding(
        evidence,
        "token.server_error",
        seen,
        [_answer(seen), f"{shown(base)} is answered with {status_of(base)}." if status_of(base) and base else None],
        ruled_out=("Not the key and not the secret: those are refused with 400 or 401.",),
    )


def forbidden(evidence: Evidence) -> Finding | None:
    """Somebody in front of the endpoint refuses: from 403, or from a 401 that no token endpoint gives."""
    seen = _failed(evidence)
    status = status_of(seen)
    if seen is None or status not in (_FORBIDDEN, _UNAUTHORIZED) or text(seen, "error") or blocked(seen):
        return None
    base = swagger(evidence)
    wanted = text(seen, "www_authenticate")
    return _finding(
        evidence,
        "token.forbidden",
        seen,
        [
            _answer(seen),
            f"It asks for another kind of sign-in: {wanted}." if wanted else None,
            f"Another path of the same host is allowed: {shown(base)} ({status_of(base)})."
            if status_of(base) == _OK and base
            else None,
        ],
        fix=(network(f"allow POST {text(seen, 'url') or seen.target} from this machine in the gateway or web filter"),),
        ruled_out=("Not the key and not the secret: a token endpoint says invalid_client for those.",),
        confidence="certain" if status == _FORBIDDEN else "likely",
    )


def timed_out(evidence: Evidence) -> Finding | None:
    """Only the token endpoint hangs: from silence to the request, and an answer (or no word) from elsewhere."""
    seen = _failed(evidence)
    if seen is None or seen.outcome != "timeout":
        return None
    base = swagger(evidence)
    waited = number(seen, "elapsed_s") or seen.duration_s
    return _finding(
        evidence,
        "token.timeout",
        seen,
        [
            f"{shown(seen)} got no answer within {seconds(waited)}.",
            f"{shown(base)} is answered in {seconds(number(base, 'elapsed_s') or base.duration_s)}."
            if base is not None and base.outcome == "ok"
            else None,
        ],
        ruled_out=("Not the connection: it was open when the request was sent.",),
        confidence="certain" if base is not None and base.outcome == "ok" else "likely",
    )


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


def node_bound(evidence: Evidence) -> Finding | None:
    """A token counts on one node only: from the same call accepted at one address and refused at another."""
    by_path: dict[str, dict[str, int]] = {}
    for seen in evidence.all("api", "call"):
        status, address = status_of(seen), text(seen, "address")
        if status is not None and address:
            by_path.setdefault(seen.target, {})[address] = status
    for path, statuses in by_path.items():
        good = [address for address, status in statuses.items() if status == _OK]
        bad = [address for address, status in statuses.items() if status == _UNAUTHORIZED]
        if good and bad:
            return conclude(
                "token.node_bound",
                because=[
                    (
                        f"With the same token, {path} is answered with 200 by {', '.join(good)} and with 401 by "
                        f"{', '.join(bad)}."
                    )
                ],
                host=the_server(evidence),
            )
    return None


_TABLE: tuple[tuple[Callable[[Evidence], Finding | None], tuple[str, ...]], ...] = (
    (auth_style, ("token.auth_style_mismatch",)),
    (invalid_client, ("token.invalid_client",)),
    (by_error, tuple(dict.fromkeys(code for code, _ in _BY_ERROR.values()))),
    (throttled, ("token.throttled",)),
    (oauth1_only, ("token.oauth1_only",)),
    (redirected, ("token.method_changed_by_redirect",)),
    (not_found, ("token.not_found",)),
    (server_error, ("token.server_error",)),
    (forbidden, ("token.forbidden",)),
    (not_json, ("token.not_json",)),
    (timed_out, ("token.timeout",)),
    (bad_lifetime, ("token.bad_lifetime",)),
    (node_bound, ("token.node_bound",)),
    (plaintext, ("token.plaintext",)),
)

RULES: tuple[Rule, ...] = tuple(Rule(rule, codes) for rule, codes in _TABLE)

"""Conclusions from answers at the token endpoint's address that are none of a token endpoint (RFC 6749, 5)."""

from __future__ import annotations

from ayx_diagnostics.evidence import Evidence, number, text
from ayx_diagnostics.evidence.facts import OAUTH2_ERRORS
from ayx_diagnostics.model import Finding, Observation
from ayx_diagnostics.rules.conclusion import conclude, network, seconds, server, you
from ayx_diagnostics.rules.http.answer_evidence import (
    about_answer,
    alteryx_answers,
    blocked,
    cut_too_short,
    is_alteryx,
    is_first_api,
    is_gateway,
    is_html,
    is_web_api_driver,
    is_windows,
    legacy_documentation,
    redirect_target,
    shown,
    status_of,
    swagger,
    was_cut,
)
from ayx_diagnostics.rules.rule import rule
from ayx_diagnostics.rules.token.token_evidence import answer, failed

_OK, _BAD_REQUEST, _UNAUTHORIZED, _FORBIDDEN, _NOT_FOUND, _NO_METHOD = 200, 400, 401, 403, 404, 405
_SERVER_ERROR, _UNAVAILABLE = 500, 503
_GATEWAY_STATUSES = frozenset({502, 504})
#: Redirections after which a client that follows repeats the POST as it was (RFC 9110, 15.4.8 and 15.4.9).
_KEEP_METHOD = frozenset({307, 308})
_PATH = "/oauth2/token"


@rule("token.oauth1_only")
def oauth1_only(evidence: Evidence) -> Finding | None:
    """The Server is older than OAuth2: from 404 at the token endpoint and the documentation of the old API."""
    seen = failed(evidence)
    legacy = legacy_documentation(evidence)
    if seen is None or status_of(seen) not in (_NOT_FOUND, _NO_METHOD) or legacy is None:
        return None
    base = swagger(evidence)
    if status_of(base) == _OK and base is not None and not is_html(base):
        return None
    return conclude(
        "token.oauth1_only",
        about_answer(evidence, seen),
        because=[answer(seen), f"{shown(legacy)}, the documentation of the API before 2021.4, is there (200)."],
        confidence="certain" if is_first_api(legacy) else "likely",
    )


@rule("token.method_changed_by_redirect")
def redirected(evidence: Evidence) -> Finding | None:
    """The token request is redirected, which loses it: from a redirection to another spelling of the endpoint."""
    seen = failed(evidence)
    goal = redirect_target(seen) if seen is not None else None
    if seen is None or goal is None:
        return None
    url = goal[0]
    base = url.rstrip("/").removesuffix(_PATH)
    same = url.rstrip("/").lower().endswith(_PATH)
    return conclude(
        "token.method_changed_by_redirect",
        about_answer(evidence, seen),
        because=[
            f"{shown(seen)} is answered with {status_of(seen)} to {url}.",
            "httpx, and with it connect(), does not follow a redirection by itself."
            if status_of(seen) in _KEEP_METHOD
            else "On this status requests sends a GET there without the form, and httpx does not go on at all.",
        ],
        fix=[you(f"use {base if same else url} as the Server's address")],
        confidence="certain" if same else "possible",
    )


@rule("token.not_found")
def not_found(evidence: Evidence) -> Finding | None:
    """There is no token endpoint at this address: from 404 on a host that answers as Alteryx."""
    seen = failed(evidence)
    if seen is None or status_of(seen) not in (_NOT_FOUND, _NO_METHOD, 410):
        return None
    alteryx = alteryx_answers(evidence)
    controls = evidence.all("http", "get")
    if controls and not alteryx and not is_web_api_driver(seen):
        return None  # nobody here is Alteryx Server: another rule's conclusion
    base = swagger(evidence)
    found = base if is_alteryx(base) else next(iter(alteryx), None)
    return conclude(
        "token.not_found",
        about_answer(evidence, seen),
        because=[
            answer(seen),
            f"The host answers as Alteryx Server: {shown(found)} ({status_of(found)})." if found else None,
        ],
        fix=[
            you("compare the address with the Web API address in Alteryx System Settings (Server UI)"),
            server("check that the Server is 2021.4 or later and that its Web API service is running"),
        ],
        ruled_out=["Not another host: Alteryx Server answers on it." if found else None],
        confidence="certain" if found is base and base is not None else "likely",
    )


@rule("token.server_error")
def server_error(evidence: Evidence) -> Finding | None:
    """The Server itself fails at the token: from a 5xx that no gateway made."""
    seen = failed(evidence)
    status = status_of(seen)
    if seen is None or status is None or status < _SERVER_ERROR:
        return None
    if status in _GATEWAY_STATUSES and not is_windows(seen):
        return None
    if status == _UNAVAILABLE and not is_windows(seen) and (is_gateway(seen) or seen.evidence.get("json") is not True):
        return None
    base = swagger(evidence)
    return conclude(
        "token.server_error",
        about_answer(evidence, seen),
        because=[
            answer(seen),
            f"{shown(base)} is answered with {status_of(base)}." if status_of(base) and base else None,
        ],
        ruled_out=["Not the key and not the secret: those are refused with 400 or 401."],
    )


@rule("token.forbidden")
def forbidden(evidence: Evidence) -> Finding | None:
    """Somebody in front of the endpoint refuses: from 403, or from a 401 that no token endpoint gives."""
    seen = failed(evidence)
    status = status_of(seen)
    if seen is None or status not in (_FORBIDDEN, _UNAUTHORIZED) or text(seen, "error"):
        return None
    base = swagger(evidence)
    wanted = text(seen, "www_authenticate")
    return conclude(
        "token.forbidden",
        about_answer(evidence, seen),
        because=[
            answer(seen),
            f"It asks for another kind of sign-in: {wanted}." if wanted else None,
            f"Another path of the same host is allowed: {shown(base)} ({status_of(base)})."
            if status_of(base) == _OK and base
            else None,
        ],
        fix=[network(f"allow POST {text(seen, 'url') or seen.target} from this machine in the gateway or web filter")],
        ruled_out=["Not the key and not the secret: a token endpoint says invalid_client for those."],
        confidence="certain" if status == _FORBIDDEN else "likely",
    )


@rule("token.not_json")
def not_json(evidence: Evidence) -> Finding | None:
    """The answer is no token: from 200 with a web page, or JSON without access_token."""
    seen = failed(evidence)
    if seen is None or status_of(seen) not in (_OK, 201, 202, 204):
        return None
    title = text(seen, "title")
    return conclude(
        "token.not_json",
        about_answer(evidence, seen),
        because=[
            f"{shown(seen)} is answered with {status_of(seen)} and "
            + (
                f"a web page{' titled ' + repr(title) if title else ''}."
                if is_html(seen)
                else "JSON without access_token."
                if seen.evidence.get("json") is True
                else "something that is no JSON."
            )
        ],
        fix=[network(f"let POST requests to {text(seen, 'url') or seen.target} through to the Server unchanged")],
        ruled_out=["Not the key and not the secret: a token endpoint refuses them with 400 or 401."],
    )


#: Statuses that other rules read, some of them only together with what else answers on the host.
_READ_ELSEWHERE = frozenset({404, 405, 410, 421, 429, 431})


@rule("token.not_json")
def refused_oddly(evidence: Evidence) -> Finding | None:
    """A refusal that no token endpoint gives (RFC 6749, 5.2): from a client error without an OAuth2 error word."""
    seen = failed(evidence)
    status = status_of(seen)
    if seen is None or status is None or not _BAD_REQUEST <= status < _SERVER_ERROR or status in _READ_ELSEWHERE:
        return None
    if text(seen, "error") in OAUTH2_ERRORS or blocked(seen):
        return None
    if status == _BAD_REQUEST and _for_the_whole_host(evidence, seen):
        return None
    hint = _ODD_STATUSES.get(status)
    return conclude(
        "token.not_json",
        about_answer(evidence, seen),
        because=[
            answer(seen),
            f"Status {status} means that {hint}." if hint else None,
            "A token endpoint says in JSON what it objects to; this answer does not.",
        ],
        fix=[
            network(f"find out who answers POST {text(seen, 'url') or seen.target} so, and let it through unchanged"),
            server("look into the Web API's log for this request, in case it got there"),
        ],
        ruled_out=["Not the key and not the secret: a token endpoint says invalid_client for those."],
        confidence="likely",
    )


def _for_the_whole_host(evidence: Evidence, seen: Observation) -> bool:
    """Whether every request to this host is refused, under this name or by a foreign program: no token's matter."""
    if "hostname" in text(seen, "body_start").lower():
        return True
    controls = evidence.all("http", "get", outcome="ok")
    return bool(controls) and not alteryx_answers(evidence) and not is_windows(seen)


#: RFC 9110, 15.5.
_ODD_STATUSES = {
    406: "no kind of answer is left that both sides accept",
    411: "the request arrived without its Content-Length",
    413: "somebody finds the request too large, and it holds a few hundred bytes",
    414: "somebody finds the address too long",
    415: "the request did not arrive as a form (application/x-www-form-urlencoded)",
    426: "another version of HTTP is demanded",
}


@rule("token.timeout")
def timed_out(evidence: Evidence) -> Finding | None:
    """Only the token endpoint hangs: from silence to the request, and an answer (or no word) from elsewhere."""
    seen = failed(evidence)
    if seen is None or seen.outcome != "timeout":
        return None
    base = swagger(evidence)
    waited = number(seen, "elapsed_s") or seen.duration_s
    if cut_too_short(seen):
        return None  # nobody has waited long enough to say so
    return conclude(
        "token.timeout",
        about_answer(evidence, seen),
        because=[
            f"{shown(seen)} got no answer within {seconds(waited)}.",
            "The time for the whole run ended this wait; --max-time can make it longer." if was_cut(seen) else None,
            f"{shown(base)} is answered in {seconds(number(base, 'elapsed_s') or base.duration_s)}."
            if base is not None and base.outcome == "ok"
            else None,
        ],
        ruled_out=["Not the connection: it was open when the request was sent."],
        confidence="possible"
        if was_cut(seen)
        else "certain"
        if base is not None and base.outcome == "ok"
        else "likely",
    )

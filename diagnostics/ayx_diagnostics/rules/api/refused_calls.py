"""Conclusions from API calls that fail although the token is good: who may call what, and what is not there."""

from __future__ import annotations

import re

from ayx_diagnostics.evidence import Evidence, flag, text
from ayx_diagnostics.model import Finding, Observation
from ayx_diagnostics.rules.conclusion import conclude, network, server, the_server, you
from ayx_diagnostics.rules.http.answer_evidence import (
    about_answer,
    is_gateway,
    is_html,
    is_windows,
    shown,
    status_of,
    swagger,
    token_good,
)
from ayx_diagnostics.rules.rule import rule

_OK, _UNAUTHORIZED, _FORBIDDEN, _NOT_FOUND, _SERVER_ERROR = 200, 401, 403, 404, 500
_GATEWAY_STATUSES = frozenset({502, 503, 504})
_REFUSALS = (_UNAUTHORIZED, _FORBIDDEN)
_CLIENT_ERRORS = frozenset(range(400, 500))
_READ_ELSEWHERE = frozenset({401, 403, 404, 421, 429, 431, 451})
_VERSION = re.compile(r"/(v\d+)/")


def _calls(evidence: Evidence) -> list[Observation]:
    """Return the calls that were answered at the address in use."""
    made = evidence.all("api", "call", outcome="ok")
    return [seen for seen in made if text(seen, "purpose") != "other_address"]


def _answer(seen: Observation) -> str:
    message = text(seen, "message")
    return f"{seen.target} is answered with {status_of(seen)}{': ' + message if message else ''}".rstrip(".") + "."


@rule("api.role_insufficient")
def role(evidence: Evidence) -> Finding | None:
    """The user's role is too low: from a call that is refused while another one works with the same token."""
    calls = _calls(evidence)
    refused = [seen for seen in calls if status_of(seen) in _REFUSALS]
    good = next((seen for seen in calls if status_of(seen) == _OK and not is_html(seen)), None)
    same = good is not None and any(seen.target == good.target for seen in refused)
    if good is None or not refused or same:
        return None
    return conclude(
        "api.role_insufficient",
        about_answer(evidence, refused[0]),
        because=[*(_answer(seen) for seen in refused), f"With the same token, {good.target} is answered with 200."],
        ruled_out=[
            "Not the token and not its way to the Server: another call accepts it.",
            "Not the key: it brought the token.",
        ],
    )


@rule("api.unauthorized")
def unauthorized(evidence: Evidence) -> Finding | None:
    """A good token is refused: from 401 or 403 on every call, the one that any API user may make included."""
    calls = _calls(evidence)
    refused = [seen for seen in calls if status_of(seen) in _REFUSALS]
    if not refused or any(status_of(seen) == _OK for seen in calls):
        return None
    sent = any(flag(seen, "authorization_sent") for seen in refused)
    any_role = any(text(seen, "role_needed") == "any" for seen in refused)
    through_gateway = next((seen for seen in refused if text(seen, "via") or is_gateway(seen)), None)
    return conclude(
        "api.unauthorized",
        about_answer(evidence, refused[0]),
        because=[
            *(_answer(seen) for seen in refused),
            "The token was fetched a moment before and sent with each call." if sent else "No token was sent.",
            f"The answer came by way of {text(through_gateway, 'via') or text(through_gateway, 'server')}, which may "
            "have removed the Authorization header."
            if through_gateway and (text(through_gateway, "via") or text(through_gateway, "server"))
            else None,
        ],
        ruled_out=[
            "Not the key and not the secret: they brought a token." if token_good(evidence) else None,
            "Not the Curator role alone: a call that any API user may make is refused too." if any_role else None,
        ],
        confidence="certain" if any_role and sent else "likely",
    )


@rule("api.server_error")
def server_error(evidence: Evidence) -> Finding | None:
    """The Server fails at a call: from a 5xx with a good token that no gateway made."""
    for seen in (*_calls(evidence), *evidence.all("http", "get", purpose="swagger")):
        status = status_of(seen)
        if status is None or status < _SERVER_ERROR or (status in _GATEWAY_STATUSES and not is_windows(seen)):
            continue
        if seen.stage == "http" and (token_good(evidence) or evidence.all("token", "request")):
            continue
        good = next((item for item in _calls(evidence) if status_of(item) == _OK), None)
        return conclude(
            "api.server_error",
            about_answer(evidence, seen),
            because=[_answer(seen), f"{good.target} is answered with 200." if good else None],
            ruled_out=["Not the key: it brought a token." if seen.stage == "api" and token_good(evidence) else None],
        )
    return None


@rule("api.not_found")
def not_found(evidence: Evidence) -> Finding | None:
    """A V3 path is not there: from 404 with a good token."""
    calls = _calls(evidence)
    missing = [seen for seen in calls if status_of(seen) == _NOT_FOUND]
    good = [seen for seen in calls if status_of(seen) == _OK]
    versions = {_version(seen) for seen in missing}
    if not missing or not token_good(evidence) or any(_version(seen) in versions for seen in good):
        return None
    base = swagger(evidence)
    return conclude(
        "api.not_found",
        about_answer(evidence, missing[0]),
        because=[
            *(_answer(seen) for seen in missing),
            *(
                f"With the same token, {seen.target} is answered with 200: only this version is missing."
                for seen in good
            ),
            f"{shown(base)} is answered with {status_of(base)}." if base is not None and status_of(base) else None,
        ],
        ruled_out=["Not the base of the address: the token endpoint below it answers."],
    )


def _version(call: Observation) -> str:
    """Return the version in the path of a call: ``v3`` of ``GET /webapi/v3/users``."""
    found = _VERSION.search(call.target)
    return found.group(1) if found else ""


@rule("api.server_error")
def refused_oddly(evidence: Evidence) -> Finding | None:
    """A call fails in a way of its own: from a client error that no other rule reads, while no call succeeds."""
    calls = _calls(evidence)
    odd = [seen for seen in calls if (status_of(seen) or 0) in _CLIENT_ERRORS - _READ_ELSEWHERE]
    if not odd or not token_good(evidence) or any(status_of(seen) == _OK for seen in calls):
        return None
    return conclude(
        "api.server_error",
        about_answer(evidence, odd[0]),
        because=[*(_answer(seen) for seen in odd)],
        fix=[
            server(f"look into the Web API's log for {odd[0].target}; if nothing is there, a gateway refused it"),
            network(
                f"check the gateways in front of {the_server(evidence)} for a rule that answers {status_of(odd[0])}"
            ),
        ],
        ruled_out=["Not the key: it brought a token."],
        confidence="possible",
    )


@rule("api.auth_overridden")
def overridden(evidence: Evidence) -> Finding | None:
    """A netrc file puts Basic credentials in place of the token: from its entry for this host.

    This client does not read such files; scripts on ``requests`` do, unless told not to.
    """
    seen = evidence.first("api", "netrc")
    if seen is None:
        return None
    kind = "an entry for this host" if text(seen, "entry") == "machine" else "a default entry, which every host gets"
    return conclude(
        "api.auth_overridden",
        because=[
            f"{text(seen, 'path')} holds {kind}.",
            "requests sends its login as Authorization: Basic in place of the bearer token; httpx reads no such file.",
        ],
        fix=[
            you(f"take the entry for {seen.target} out of {text(seen, 'path')}"),
            you("or set trust_env = False on the requests session of the script"),
        ],
        severity="warning",
        host=the_server(evidence),
    )

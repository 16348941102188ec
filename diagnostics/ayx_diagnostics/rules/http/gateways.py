"""Conclusions from answers of somebody in front of the Server: a gateway, a filter, a page in place of JSON."""

from __future__ import annotations

from http import HTTPStatus

from ayx_diagnostics.evidence import Evidence, text
from ayx_diagnostics.model import Finding, Observation
from ayx_diagnostics.rules.conclusion import conclude, network, server, the_server, you
from ayx_diagnostics.rules.http.answer_evidence import (
    about_answer,
    all_well,
    alteryx_answers,
    blocked,
    is_gateway,
    is_html,
    is_windows,
    main_exchanges,
    shown,
    status_of,
)
from ayx_diagnostics.rules.rule import rule

_FOUND, _FORBIDDEN, _TOO_MANY, _LEGAL = 200, 403, 429, 451
_GATEWAY_STATUSES = frozenset({502, 503, 504})
_SUCCESSES = range(200, 300)
#: Refusals that a filter's page may come with: any of the client errors that no part of the API itself explains.
_FILTER_STATUSES = frozenset({200, 400, 401, 403, 405, 406, 418})


@rule("http.block_page")
def block_page(evidence: Evidence) -> Finding | None:
    """A filter answers in the Server's place: from the words of its page and its status."""
    if all_well(evidence):
        return None
    for seen in main_exchanges(evidence):
        status = status_of(seen)
        if seen.stage == "token" and status == _FORBIDDEN and alteryx_answers(evidence):
            continue  # the rest of the host is open: the token's matter
        if status == _LEGAL or (status in _FILTER_STATUSES and blocked(seen)):
            return conclude(
                "http.block_page",
                about_answer(evidence, seen),
                because=[f"{shown(seen)} is answered with {status} and a page of a filter."],
                fix=[network(f"allow {the_server(evidence)} in the filter that made this page (see its title)")],
                confidence="certain" if status != _FOUND else "likely",
            )
    return None


@rule("http.block_page")
def page_for_calls(evidence: Evidence) -> Finding | None:
    """A gateway forbids API calls although the token is good: from its pages where the Server would answer in JSON."""
    refused = [seen for seen in evidence.all("api", "call") if status_of(seen) == _FORBIDDEN]
    pages = [seen for seen in refused if is_html(seen) and is_gateway(seen)]
    if not pages or len(pages) < len(refused):
        return None
    return conclude(
        "http.block_page",
        about_answer(evidence, pages[0]),
        because=[f"{shown(seen)} is answered with 403 and a web page instead of JSON." for seen in pages],
        fix=[network(f"allow {the_server(evidence)}/webapi in the gateway that made this page")],
        ruled_out=["Not the user's role: Alteryx Server refuses calls with 401 and in JSON."],
    )


@rule("http.rate_limited")
def rate_limited(evidence: Evidence) -> Finding | None:
    """Too many requests: from status 429 outside the token endpoint."""
    seen = next((s for s in main_exchanges(evidence) if s.stage != "token" and status_of(s) == _TOO_MANY), None)
    if seen is None:
        return None
    after = text(seen, "retry_after")
    return conclude(
        "http.rate_limited",
        about_answer(evidence, seen),
        because=[f"{shown(seen)} is answered with 429.", f"It asks to wait: Retry-After: {after}." if after else None],
        fix=[
            you(f"call less often, and wait {after + ' s' if after.isdigit() else 'as Retry-After says'} after a 429")
        ],
    )


@rule("http.gateway_5xx")
def gateway_error(evidence: Evidence) -> Finding | None:
    """A gateway does not get an answer from the Server: from 502, 503 or 504 that the Server itself did not send."""
    for seen in main_exchanges(evidence):
        status = status_of(seen)
        maintenance = is_html(seen) and bool(text(seen, "retry_after"))
        if status not in _GATEWAY_STATUSES or (is_windows(seen) and not maintenance):
            continue
        if seen.stage == "http" and all_well(evidence):
            continue
        own_words = seen.evidence.get("json") is True or (seen.stage == "token" and text(seen, "retry_after"))
        if status == HTTPStatus.SERVICE_UNAVAILABLE and own_words and not is_gateway(seen) and not is_html(seen):
            continue
        after = text(seen, "retry_after")
        before = next((s for s in evidence.exchanges if (status_of(s) or 0) in _SUCCESSES), None)
        sometimes = before is not None and status == HTTPStatus.SERVICE_UNAVAILABLE
        return conclude(
            "http.gateway_5xx",
            about_answer(evidence, seen),
            because=[
                f"{shown(seen)} is answered with {status} {text(seen, 'reason')}".rstrip() + ".",
                f"It asks to wait: Retry-After: {after}." if after else None,
                f"In the same run, {shown(before)} is answered with {status_of(before)}." if before else None,
            ],
            fix=[
                server("if the gateway limits the rate of requests (many answer 503 for that), raise its limit")
                if sometimes
                else None,
                server("check that the Alteryx Server service is running behind the gateway that answered"),
                server("check the gateway's address and timeout for its backend"),
            ],
            ruled_out=["Not the API key: the gateway answered before the Server could look at it."],
            confidence="certain" if is_gateway(seen) else "likely",
        )
    return None


@rule("http.html_instead_of_json")
def html_instead(evidence: Evidence) -> Finding | None:
    """Something else comes where JSON is due: from every API answer that is a success and no JSON."""
    if all_well(evidence):
        return None
    candidates = [seen for seen in main_exchanges(evidence) if seen.stage != "token"]
    seen = next((s for s in candidates if _is_no_json(s)), None)
    if seen is None:
        return None
    return conclude(
        "http.html_instead_of_json",
        about_answer(evidence, seen),
        because=[
            f"{shown(item)} is answered with {status_of(item)} and {_contents(item)} instead of JSON."
            for item in main_exchanges(evidence)
            if _is_no_json(item)
        ],
        fix=[
            network(
                f"find out who made this page and let requests to {the_server(evidence)}/webapi through to the Server"
            ),
            you("check that the address is the Web API address of System Settings"),
        ],
        ruled_out=[
            "Not the token endpoint alone: the API's own document is replaced as well."
            if seen.stage == "http"
            else None
        ],
        confidence="certain" if is_html(seen) and not alteryx_answers(evidence) else "likely",
    )


def _is_no_json(seen: Observation) -> bool:
    return (status_of(seen) or 0) in _SUCCESSES and (is_html(seen) or seen.evidence.get("json") is False)


def _contents(seen: Observation) -> str:
    if is_html(seen):
        title = text(seen, "title")
        return f"a web page{' titled ' + repr(title) if title else ''}"
    return "another kind of text" if text(seen, "body_start") else "nothing"

"""Conclusions about HTTP: answers that break off, answers of somebody else, and the wrong address on the right host."""

from __future__ import annotations

from http import HTTPStatus

from ayx_diagnostics.evidence import Evidence, flag, number, text
from ayx_diagnostics.model import Finding, Observation
from ayx_diagnostics.rules.conclusion import conclude, network, seconds, server, the_server, you
from ayx_diagnostics.rules.http.answers import (
    about_answer,
    all_well,
    alteryx_answers,
    another_host_answers,
    blocked,
    cut_too_short,
    is_alteryx,
    is_first_api,
    is_gateway,
    is_html,
    is_windows,
    legacy_documentation,
    main_exchanges,
    shown,
    status_of,
    swagger,
    was_cut,
)
from ayx_diagnostics.rules.rule import rule

_GATEWAY_STATUSES = frozenset({502, 503, 504})
#: What nginx, Go, Apache and others say to plain HTTP on a port for TLS.
_SAYS_HTTPS = ("https port", "http request to an https server", "plain http", "ssl-enabled server port")
_SUCCESSES = range(200, 300)
#: Refusals that a filter's page may come with: any of the client errors that no part of the API itself explains.
_FILTER_STATUSES = frozenset({200, 400, 401, 403, 405, 406, 418})
_FOUND, _UNAUTHORIZED, _FORBIDDEN, _NOT_FOUND = 200, 401, 403, 404
_MISDIRECTED, _TOO_MANY, _LEGAL = 421, 429, 451


def _over_tls(url: str) -> str:
    """Return the Web API address of a request's URL, with https:// in front."""
    base = url.partition("/swagger/")[0].removesuffix("/oauth2/token")
    return base.replace("http://", "https://", 1)


@rule("http.http_to_https_port")
def https_port(evidence: Evidence) -> Finding | None:
    """Plain HTTP went to a port that speaks TLS: from an answer that says so, or a TLS record in its place."""
    for seen in main_exchanges(evidence):
        url = text(seen, "url")
        if not url.startswith("http://"):
            continue
        body = text(seen, "body_start").lower()
        said = any(words in body for words in _SAYS_HTTPS)
        record = text(seen, "first_bytes").startswith(("\\x15\\x03", "\x15\x03", "b'\\x15\\x03"))
        ended = seen.outcome in ("reset", "closed") and evidence.ok("tls", "handshake")
        odd = status_of(seen) == HTTPStatus.BAD_REQUEST and not text(seen, "error") and evidence.ok("tls", "handshake")
        if said or (seen.outcome == "not_http" and record) or ended or odd:
            return conclude(
                "http.http_to_https_port",
                because=[
                    f"The answer to {shown(seen)} says that this port speaks HTTPS." if said else None,
                    f"{shown(seen)} is answered with a TLS alert instead of HTTP." if record else None,
                    "A plain HTTP request is hung up on, and a TLS handshake on the same port works."
                    if ended
                    else None,
                    "A plain HTTP request is answered with 400, and a TLS handshake on the same port works."
                    if odd and not said
                    else None,
                ],
                ruled_out=["Not the network: the port answers."],
                fix=[you(f"write https:// instead of http:// in the address: {_over_tls(url)}")],
                confidence="certain" if said or record else "likely",
                host=the_server(evidence),
                url=url,
            )
    return None


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


#: Purposes of the controls that look for the API at another path of the host.
_OTHER_API_PATHS = frozenset({"usual_path", "without_webapi", "doubled"})


@rule("http.wrong_base_path")
def wrong_base_path(evidence: Evidence) -> Finding | None:
    """The address leads past the API: from 404 on API paths while another path of the host answers as Alteryx."""
    base = swagger(evidence)
    tokens = evidence.all("token", "request")
    main = [seen for seen in (*tokens, base) if seen is not None and status_of(seen) is not None]
    if not main or any(status_of(seen) not in (_NOT_FOUND, 405) for seen in main) or status_of(base) == _FOUND:
        return None
    better = next(
        (s for s in evidence.all("http", "get") if text(s, "purpose") in _OTHER_API_PATHS and _is_api(s)), None
    )
    near = next(
        (s for s in evidence.all("http", "get") if text(s, "purpose") in ("gallery", "root") and is_alteryx(s)), None
    )
    legacy = legacy_documentation(evidence)
    found = better or near
    if found is None or is_first_api(legacy):
        return None
    url = (text(found, "url") or found.target).partition("/swagger/")[0].rstrip("/")
    return conclude(
        "http.wrong_base_path",
        about_answer(evidence, main[0]),
        because=[
            *(f"{shown(seen)} is answered with {status_of(seen)}." for seen in main),
            f"On the same host, {text(found, 'url') or found.target} answers as Alteryx Server ({status_of(found)}).",
        ],
        fix=[
            you(f"use {url} as the Server's address")
            if better
            else you("ask for the Web API address in Alteryx System Settings (Server UI), and use exactly that")
        ],
        ruled_out=["Not another host: Alteryx Server answers on it."],
        confidence="certain" if better else "likely",
    )


def _is_api(seen: Observation) -> bool:
    return status_of(seen) == _FOUND and flag(seen, "swagger")


@rule("http.wrong_vhost")
def wrong_virtual_host(evidence: Evidence) -> Finding | None:
    """The request reached another site of the machine: from status 421, or from another name that is served there."""
    seen = next((s for s in main_exchanges(evidence) if status_of(s) == _MISDIRECTED), None)
    other = another_host_answers(evidence)
    if seen is None and other is not None:
        seen = next((s for s in main_exchanges(evidence) if status_of(s) is not None and is_gateway(s)), None)
    if seen is None:
        return None
    right = text(other, "host_header")
    return conclude(
        "http.wrong_vhost",
        about_answer(evidence, seen),
        because=[
            f"{shown(seen)} is answered with {status_of(seen)}: this host does not serve that name.",
            f"The same address answers as Alteryx Server to the Host {right}." if right else None,
        ],
        fix=[you(f"use https://{right}/webapi as the address")] if right else [],
    )


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

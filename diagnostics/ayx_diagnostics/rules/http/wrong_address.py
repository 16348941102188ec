"""Conclusions that the address is wrong on the right host: its scheme, its path or its name."""

from __future__ import annotations

from http import HTTPStatus

from ayx_diagnostics.evidence import Evidence, flag, text
from ayx_diagnostics.model import Finding, Observation
from ayx_diagnostics.rules.conclusion import conclude, the_server, you
from ayx_diagnostics.rules.http.answer_evidence import (
    about_answer,
    another_host_answers,
    is_alteryx,
    is_first_api,
    is_gateway,
    legacy_documentation,
    main_exchanges,
    shown,
    status_of,
    swagger,
)
from ayx_diagnostics.rules.rule import rule

_FOUND, _NOT_FOUND, _MISDIRECTED = 200, 404, 421
#: What nginx, Go, Apache and others say to plain HTTP on a port for TLS.
_SAYS_HTTPS = ("https port", "http request to an https server", "plain http", "ssl-enabled server port")


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

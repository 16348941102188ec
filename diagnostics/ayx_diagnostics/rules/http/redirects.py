"""Conclusions from redirections: to a sign-in page, in a circle, or to a host that gets no token."""

from __future__ import annotations

from ayx_diagnostics.evidence import Evidence, flag, mappings, text
from ayx_diagnostics.model import Finding, Observation
from ayx_diagnostics.rules.conclusion import conclude, network, the_server, you
from ayx_diagnostics.rules.http.answer_evidence import (
    about_answer,
    all_well,
    is_login,
    main_exchanges,
    redirect_target,
    shown,
    status_of,
)
from ayx_diagnostics.rules.rule import rule

_UNAUTHORIZED = 401
_ENDPOINT = "/oauth2/token"
_SEVERAL = 2


@rule("http.redirect_loop")
def redirect_loop(evidence: Evidence) -> Finding | None:
    """Redirections lead back to themselves: from their targets."""
    if all_well(evidence):
        return None
    targets: dict[str, list[Observation]] = {}
    for seen in evidence.exchanges:
        goal = redirect_target(seen)
        if goal is None or is_login(goal[0]):
            continue
        hops = [str(hop.get("location")) for hop in mappings(seen, "redirects")]
        if goal[0] == text(seen, "url") or len(hops) != len(set(hops)):
            return conclude(
                "http.redirect_loop",
                about_answer(evidence, seen),
                because=[f"{shown(seen)} redirects ({status_of(seen)}) to {goal[0]}, which is where it came from."],
            )
        targets.setdefault(goal[0], []).append(seen)
    if circle := _circle({text(seen, "url"): url for url, sources in targets.items() for seen in sources}):
        return conclude(
            "http.redirect_loop",
            about_answer(evidence, targets[circle[1]][0]),
            because=[f"The redirections lead in a circle: {' to '.join(circle)}."],
        )
    for url, sources in targets.items():
        if len({text(seen, "url") for seen in sources}) > _SEVERAL and not url.rstrip("/").endswith(_ENDPOINT):
            return conclude(
                "http.redirect_loop",
                about_answer(evidence, sources[0]),
                because=[
                    f"{len(sources)} different addresses of the host all redirect to {url}, and none gives an answer."
                ],
                confidence="possible",
            )
    return None


def _circle(leads_to: dict[str, str]) -> list[str] | None:
    """Return the addresses of a circle of redirections, the first one again at its end, or None without one."""
    for start in leads_to:
        way = [start]
        while (url := leads_to.get(way[-1])) is not None and url not in way:
            way.append(url)
        if url == start:
            return [*way, start]
    return None


@rule("http.redirect_to_login")
def redirect_to_login(evidence: Evidence) -> Finding | None:
    """Somebody wants a sign-in first: from a redirection of an API address to another host or a sign-in page."""
    if all_well(evidence):
        return None
    for seen in main_exchanges(evidence):
        goal = redirect_target(seen)
        if goal is None or goal[0].rstrip("/").lower().endswith(_ENDPOINT):
            continue
        url, host = goal
        if is_login(url) or (host and host.lower() != evidence.host.lower() and not _same_path(url, seen)):
            return conclude(
                "http.redirect_to_login",
                about_answer(evidence, seen),
                because=[f"{shown(seen)} is answered with {status_of(seen)} to {url}."],
                fix=[
                    network(
                        f"exempt {the_server(evidence)}/webapi from the sign-in (single sign-on gateway) at "
                        f"{host or url}"
                    ),
                    you(f"if {host or url} is a guest network's portal: open it in a browser and sign in"),
                ],
                ruled_out=["Not the API key: the Server's token endpoint does not redirect."],
                confidence="certain" if is_login(url) else "likely",
            )
    return None


def _same_path(url: str, seen: Observation) -> bool:
    """Whether a redirection keeps the path: the Server has moved, nobody wants a sign-in."""
    return url.partition("://")[2].partition("/")[2].rstrip("/") == (
        text(seen, "url").partition("://")[2].partition("/")[2].rstrip("/")
    )


@rule("http.auth_header_stripped")
def removed_on_the_way(evidence: Evidence) -> Finding | None:
    """Somebody removes the Authorization header: from an API and a token endpoint that both do without it alone.

    The pair is accepted in the form and not in the header; the token, which travels in the header only, is refused.
    """
    control = evidence.first("token", "request", outcome="ok", purpose="authorization_header")
    refused = [seen for seen in evidence.all("api", "call") if status_of(seen) == _UNAUTHORIZED]
    if control is None or flag(control, "has_access_token") or not refused or all_well(evidence):
        return None
    return conclude(
        "http.auth_header_stripped",
        about_answer(evidence, refused[0]),
        because=[
            f"{shown(refused[0])} is answered with 401 although a token was sent in the Authorization header.",
            (
                "Key and secret bring a token in the form body; in the Authorization header the same pair is answered "
                f"with {status_of(control)}."
            ),
        ],
        fix=[network(f"let the Authorization header through to {the_server(evidence)} in whatever stands before it")],
        ruled_out=["Not the key and not the secret: they brought a token."],
        confidence="likely",
    )


@rule("http.auth_header_stripped", "http.wrong_base_path")
def moved_api(evidence: Evidence) -> Finding | None:
    """API calls are redirected, which no client may follow with its token: from the answers to the calls."""
    calls = [seen for seen in evidence.all("api", "call") if redirect_target(seen)]
    seen = next(iter(calls), None)
    goal = redirect_target(seen) if seen is not None else None
    if seen is None or goal is None or all_well(evidence):
        return None
    url, host = goal
    elsewhere = bool(host) and host.lower() != evidence.host.lower()
    return conclude(
        "http.auth_header_stripped" if elsewhere else "http.wrong_base_path",
        about_answer(evidence, seen),
        because=[
            f"{shown(seen)} is answered with {status_of(seen)} to {url}.",
            "Clients do not send the token on to another host, so the call fails there." if elsewhere else None,
        ],
        fix=[you(f"use {url.partition('/v3/')[0]} as the Server's address, if it is yours")],
        confidence="likely",
    )


@rule("http.auth_header_stripped")
def auth_header_stripped(evidence: Evidence) -> Finding | None:
    """The token got lost on a redirection to another host: from the hops before a 401."""
    for seen in evidence.all("api", "call"):
        hops = [str(hop.get("location")) for hop in mappings(seen, "redirects")]
        if status_of(seen) == _UNAUTHORIZED and any("://" in hop and evidence.host not in hop for hop in hops):
            return conclude(
                "http.auth_header_stripped",
                about_answer(evidence, seen),
                because=[
                    f"{shown(seen)} is redirected to {hops[-1]}; clients do not send the token on to another host."
                ],
                fix=[you(f"use the address that it redirects to: {hops[-1]}")],
                confidence="likely",
            )
    return None

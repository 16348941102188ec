"""Conclusions that this host is not Alteryx Server's, or not by this name."""

from __future__ import annotations

from ayx_diagnostics.evidence import Evidence, ip_address, text
from ayx_diagnostics.model import Finding
from ayx_diagnostics.rules.conclusion import conclude, server, the_server, you
from ayx_diagnostics.rules.http.answer_evidence import (
    about_answer,
    alteryx_answers,
    another_host_answers,
    is_web_api_driver,
    redirect_target,
    shown,
    status_of,
    token_good,
)
from ayx_diagnostics.rules.rule import rule

_OK, _BAD_REQUEST, _FORBIDDEN, _NOT_FOUND = 200, 400, 403, 404
_INVALID_HOST = "invalid hostname"


@rule("api.host_not_allowed")
def host_not_allowed(evidence: Evidence) -> Finding | None:
    """The Server refuses this spelling of its name: from refusals that end when another Host is sent."""
    other = another_host_answers(evidence)
    asked = [
        seen
        for seen in evidence.exchanges
        if seen.evidence.get("purpose") != "other_host" and status_of(seen) is not None
    ]
    refused = [seen for seen in asked if status_of(seen) in (_BAD_REQUEST, _FORBIDDEN, _NOT_FOUND)]
    invalid = next((seen for seen in refused if _INVALID_HOST in text(seen, "body_start").lower()), None)
    if not refused or len(refused) != len(asked) or any(text(seen, "error") for seen in asked):
        return None
    by_address = ip_address(evidence.host) is not None
    if other is None and invalid is None:
        return None
    right = text(other, "host_header")
    return conclude(
        "api.host_not_allowed",
        about_answer(evidence, refused[0]),
        because=[
            f"Every request with the Host {the_server(evidence)} is refused ("
            + ", ".join(dict.fromkeys(str(status_of(seen)) for seen in refused))
            + ").",
            f"The same request with the Host {right or 'from the certificate'} is answered with {status_of(other)}."
            if other
            else None,
            "The answer says that the host name is invalid." if invalid else None,
            "The address is an IP address, which the Server's list of allowed hosts seldom holds."
            if by_address
            else None,
        ],
        fix=[
            you(
                f"use https://{right}/webapi as the address"
                if right
                else "use the host name of the Server's base address"
            ),
            server(f"or add {the_server(evidence)} to Allowed Hosts in the Server's admin settings"),
        ],
        confidence="certain" if other else "likely",
    )


@rule("api.not_alteryx")
def not_alteryx(evidence: Evidence) -> Finding | None:
    """Another program answers on this host: from complete answers of which none is Alteryx Server's."""
    seen = next(
        iter((*evidence.all("token", "request", outcome="ok"), *evidence.all("http", "get", outcome="ok"))), None
    )
    controls = [item for item in evidence.all("http", "get") if item.outcome == "ok"]
    status = status_of(seen)
    if seen is None or not controls or alteryx_answers(evidence) or token_good(evidence):
        return None
    if any(is_web_api_driver(item) or redirect_target(item) for item in (seen, *controls)):
        return None
    if status not in (_OK, _BAD_REQUEST, _NOT_FOUND, 405, 410, 501) or text(seen, "error"):
        return None
    return conclude(
        "api.not_alteryx",
        about_answer(evidence, seen),
        because=[
            f"{shown(seen)} is answered with {status}.",
            *(
                f"{shown(item)} is answered with {status_of(item)}, not as Alteryx Server would."
                for item in controls[:4]
            ),
        ],
        fix=[
            you(f"check the host name and the port: {the_server(evidence)} is not where Alteryx Server answers"),
            server("check the default site of the load balancer, if the name is right"),
        ],
        confidence="certain" if len(controls) > 1 else "likely",
    )

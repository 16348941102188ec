"""Conclusions about this machine: its routes, its own firewall, its limits and its clock."""

from __future__ import annotations

from ayx_diagnostics.evidence import Evidence, number, text
from ayx_diagnostics.model import Finding, Observation
from ayx_diagnostics.rules.conclusion import conclude, endpoint, errno_of, the_server
from ayx_diagnostics.rules.local.local_origin import hops_with, no_address
from ayx_diagnostics.rules.rule import rule
from ayx_diagnostics.rules.tls import certificates, verification

#: What the client itself would not do.
_CONTROLS = frozenset({"control", "path", "quiet", "loopback_connect"})
#: X509_V_ERR_CERT_NOT_YET_VALID and X509_V_ERR_CERT_HAS_EXPIRED.
_DATE_CODES = (9, 10)


@rule("local.sandbox_denied")
def sandbox(evidence: Evidence) -> Finding | None:
    """The program may not use the network at all: from a connect to its own loopback that is denied."""
    loopback = evidence.first("local", "loopback_connect")
    if loopback is None or loopback.outcome not in ("permission_denied", "not_permitted"):
        return None
    return conclude(
        "local.sandbox_denied",
        because=[
            f"Even a connection from this program to itself on {loopback.target} is denied with {errno_of(loopback)}.",
            *(_failed(seen) for seen in hops_with(evidence, loopback.outcome)),
        ],
        ruled_out=["Not a route or a remote firewall: a connection on loopback leaves no machine."],
        host=the_server(evidence),
    )


@rule("local.fd_limit")
def too_many_files(evidence: Evidence) -> Finding | None:
    """The process has no file descriptor left: from EMFILE or ENFILE at any socket."""
    hits = [seen for seen in evidence.first_hops if seen.outcome == "too_many_files"]
    if len(hits) != len(evidence.first_hops):
        return None  # what one connection gets, a client gets: it was the diagnosis that opened too many at once
    hits = hits or [seen for seen in evidence if seen.outcome == "too_many_files" and seen.operation not in _CONTROLS]
    seen = next(iter(hits), None)
    if seen is None:
        return None
    return conclude(
        "local.fd_limit",
        because=[f"{seen.stage} {seen.operation} to {seen.target} failed with {errno_of(seen)} before any packet."],
        host=the_server(evidence),
    )


@rule("local.ephemeral_ports_exhausted")
def no_port_left(evidence: Evidence) -> Finding | None:
    """No local port is left: from EADDRNOTAVAIL at a connect to an address that is not a wildcard."""
    seen = next((seen for seen in evidence if no_address(evidence, seen) is False), None)
    if seen is None or evidence.ok("tcp", "connect"):
        return None
    return conclude(
        "local.ephemeral_ports_exhausted",
        because=[f"Connecting to {endpoint(seen)} failed with {errno_of(seen)}: there is no free local port for it."],
        confidence="likely",
        host=the_server(evidence),
    )


@rule("local.clock_skew")
def clock(evidence: Evidence) -> Finding | None:
    """This machine's clock is wrong: from the Date header of an answer."""
    seen = evidence.first("local", "clock", outcome="skewed")
    skew = number(seen, "skew_s")
    if seen is None or skew is None:
        return None
    refused = verification.refused_certificate(evidence)
    failed = refused is not None and number(refused, "verify_code") in _DATE_CODES
    blamed = failed and certificates.clock_is_to_blame(evidence, verification.chain_of(refused))
    return conclude(
        "local.clock_skew",
        because=[
            (
                f"{seen.target} says it is {text(seen, 'date') or 'another time'}; this machine's clock is "
                f"{abs(skew):.0f} s {'behind' if skew > 0 else 'ahead'}."
            ),
            "A certificate was refused for its dates, and is valid at the time that the other side shows."
            if blamed
            else None,
        ],
        severity="error" if blamed else "warning",
        confidence="likely",
        host=the_server(evidence),
    )


def _failed(seen: Observation) -> str:
    return f"{endpoint(seen)} is denied with {errno_of(seen)} as well."

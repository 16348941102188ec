"""Conclusions about what this process may do and has left: its sandbox, file descriptors and local ports."""

from __future__ import annotations

from ayx_diagnostics.evidence import Evidence
from ayx_diagnostics.model import Finding, Observation
from ayx_diagnostics.rules.conclusion import conclude, endpoint, errno_of, the_server
from ayx_diagnostics.rules.local.local_origin import hops_with, no_address
from ayx_diagnostics.rules.rule import rule

#: What the client itself would not do.
_CONTROLS = frozenset({"control", "path", "quiet", "loopback_connect"})


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


def _failed(seen: Observation) -> str:
    return f"{endpoint(seen)} is denied with {errno_of(seen)} as well."


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

"""Conclusions about this machine's routes."""

from __future__ import annotations

from ayx_diagnostics.evidence import Evidence, mapping, text
from ayx_diagnostics.model import Finding
from ayx_diagnostics.rules.conclusion import conclude, endpoint, errno_of, seconds, the_server, you
from ayx_diagnostics.rules.local.local_origin import (
    explains,
    hops_with,
    loopback_works,
    never_left,
    no_address,
    refused_by_kernel,
)
from ayx_diagnostics.rules.rule import rule

_ROUTE_ERRORS = {
    "local.prohibit_route": "permission_denied",
    "local.blackhole_route": "invalid_argument",
    "local.unreachable_route": "host_unreachable",
}


@rule("local.no_interface_or_route")
def no_route(evidence: Evidence) -> Finding | None:
    """This machine has no way out: from ENETUNREACH at once, with no router that said so."""
    attempts = evidence.first_hops
    unreachable = [seen for seen in attempts if seen.outcome == "net_unreachable" and refused_by_kernel(seen)]
    if attempts:
        ipv4 = [seen for seen in attempts if ":" not in text(seen, "address")]
        if not unreachable or len(unreachable) != len(attempts) or (not ipv4 and _ipv4_works(evidence)):
            return None
        seen = unreachable[0]
        because = [
            f"Connecting to {endpoint(seen)} fails at once with {errno_of(seen)}: no route leads there from here.",
            _no_source(evidence, text(seen, "address")),
        ]
        ruled_out = ["Not a router on the way: no ICMP message came, the kernel refused before sending a packet."]
        shown = endpoint(seen)
    else:
        queries = never_left(evidence, "ENETUNREACH", "")
        if not queries or _something_works(evidence):
            return None
        nameservers = ", ".join(dict.fromkeys(text(seen, "nameserver") for seen in queries))
        because = [f"No nameserver ({nameservers}) can be reached: the kernel has no route to any of them."]
        ruled_out, shown = [], ""
    loopback = evidence.first("local", "loopback_connect")
    return conclude(
        "local.no_interface_or_route",
        because=[
            *because,
            f"Even loopback is down ({errno_of(loopback)})."
            if loopback is not None and loopback.outcome == "net_unreachable"
            else None,
        ],
        ruled_out=ruled_out,
        confidence="certain" if attempts else "likely",
        address=shown,
    )


@rule("local.no_ipv6_route")
def no_ipv6(evidence: Evidence) -> Finding | None:
    """The Server has IPv6 addresses and this machine has no IPv6 route: harmless where IPv4 is there too."""
    tried = (*evidence.first_hops, *evidence.all("local", "source_address"))
    dead = [
        seen
        for seen in tried
        if ":" in text(seen, "address")
        and not mapping(seen, "icmp")
        and (seen.outcome == "net_unreachable" or no_address(evidence, seen))
    ]
    others = [seen for seen in tried if ":" not in text(seen, "address") and seen.outcome != "net_unreachable"]
    if not dead or (not others and not _ipv4_works(evidence)):
        return None
    has_ipv4 = any(":" not in address for address in evidence.addresses)
    listed = ", ".join(dict.fromkeys(text(seen, "address") for seen in dead))
    return conclude(
        "local.no_ipv6_route",
        because=[
            f"{listed}: no IPv6 route from here ({errno_of(dead[0])} at once).",
            "Clients go on to the IPv4 address without delay." if has_ipv4 else "The Server has no IPv4 address.",
        ],
        severity="info" if has_ipv4 else "error",
        host=the_server(evidence),
    )


@rule(*_ROUTE_ERRORS)
def route_that_refuses(evidence: Evidence) -> Finding | None:
    """A route of this machine forbids the address: from its errno, at once and without any ICMP message."""
    for code, outcome in _ROUTE_ERRORS.items():
        hits = [seen for seen in hops_with(evidence, outcome) if refused_by_kernel(seen)]
        if not hits or not explains(evidence, hits):
            continue
        first = hits[0]
        kind = code.removeprefix("local.").removesuffix("_route")
        address = text(first, "address")
        return conclude(
            code,
            because=[
                (
                    f"Connecting to {endpoint(first)} fails with {errno_of(first)} after {seconds(first.duration_s)}, "
                    "before any packet could travel."
                ),
                _no_source(evidence, address),
                "No ICMP message stands behind it, so no other machine said this.",
            ],
            ruled_out=[loopback_works(evidence)],
            fix=[
                you(
                    f"look at `ip route get {address}`: remove the {kind} route that covers {address}, or "
                    "reconnect the "
                    "VPN whose kill switch set it"
                )
            ],
            address=endpoint(first),
        )
    return None


def _no_source(evidence: Evidence, address: str) -> str | None:
    seen = evidence.first("local", "source_address", address=address)
    if seen is None or seen.ok:
        return None
    return f"A UDP connect to {address}, which sends nothing, finds no usable route either ({errno_of(seen)})."


def _something_works(evidence: Evidence) -> bool:
    return any(seen.ok for seen in evidence if seen.operation in ("source_address", "connect", "control", "tunnel"))


def _ipv4_works(evidence: Evidence) -> bool:
    return any(
        seen.ok and ":" not in (text(seen, "address") or text(seen, "nameserver") or ":")
        for seen in evidence
        if seen.operation in ("source_address", "connect", "control", "query")
    )

"""Conclusions from ICMP errors: which router or filter on the way to the Server's port refused, and why."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise

from ayx_diagnostics.evidence import Evidence, ip_address, mapping, mappings, text, whole_of
from ayx_diagnostics.model import Finding, Observation
from ayx_diagnostics.rules.conclusion import conclude, endpoint, network, seconds, server, you
from ayx_diagnostics.rules.local.local_origin import at_once, is_local_offender
from ayx_diagnostics.rules.rule import rule
from ayx_diagnostics.rules.tcp.connect_evidence import (
    about_connect,
    answering_hops,
    failed,
    icmp_of,
    icmp_words,
    offender_of,
    to_open,
)

#: ICMP (type, code) by address family: RFC 792, RFC 1812 (5.2.7.1), RFC 4443 (3.1).
_ADMIN = frozenset({(4, 3, 9), (4, 3, 10), (4, 3, 13), (6, 1, 1), (6, 1, 5)})
_NO_ROUTE = frozenset({(4, 3, 0), (4, 3, 1), (4, 3, 6), (4, 3, 7), (6, 1, 0), (6, 1, 3), (6, 1, 6)})
_HOST_UNREACHABLE = frozenset({(4, 3, 1), (6, 1, 3)})
_TIME_EXCEEDED = frozenset({(4, 11, 0), (6, 3, 0)})
#: A last router that looks for a host in vain gives up after three requests, one a second (RFC 1122, 2.3.2.1).
_NEIGHBOUR_SEARCH_S = 2.0
_LOOP_VISITS = 3


def _from_ladder(evidence: Evidence, kinds: frozenset[tuple[int, int, int]]) -> tuple[Observation, str] | None:
    """Return a connect that met silence, and who refused a packet of its ladder of TTLs; routers limit those."""
    for seen in failed(evidence):
        hops = answering_hops(evidence, seen) if seen.outcome == "timeout" else []
        for hop in hops:
            if _kind(seen, hop) in kinds:
                return seen, str(hop["responder"])
    return None


def _from_another_port(evidence: Evidence) -> tuple[Observation, str] | None:
    """Return a connect that met silence, and which router has no route for another port of the address.

    A route is the same for every port, and a router that limits its ICMP errors tells it of one packet in many.
    """
    for seen in failed(evidence):
        address = text(seen, "address")
        if seen.outcome != "timeout":
            continue
        for control in evidence.all("tcp", "control", address=address):
            if icmp_of(control) in _NO_ROUTE - _HOST_UNREACHABLE and not is_local_offender(evidence, control):
                return seen, offender_of(control)
        for path in evidence.all("tcp", "path"):
            for hop in mappings(path, "hops") if _address_of(path) == address else ():
                if hop.get("responder") and _kind(seen, hop) in _NO_ROUTE - _HOST_UNREACHABLE:
                    return seen, str(hop["responder"])
    return None


def _address_of(path: Observation) -> str:
    return path.target.rpartition(":")[0].strip("[]")


def _from_outside(evidence: Evidence, kinds: frozenset[tuple[int, int, int]]) -> Observation | None:
    """Return the first failed connect whose ICMP error is of these kinds and was not sent by this machine."""
    for seen in failed(evidence):
        if icmp_of(seen) in kinds and not is_local_offender(evidence, seen):
            return seen
    return None


@rule("tcp.rejected_icmp_admin")
def rejected(evidence: Evidence) -> Finding | None:
    """A firewall refuses and says so: from an ICMP "administratively prohibited" and its sender."""
    seen = _from_outside(evidence, _ADMIN)
    found = (seen, offender_of(seen)) if seen else _from_ladder(evidence, _ADMIN)
    if found is None:
        return None
    told, (seen, who) = seen is not None, found
    return conclude(
        "tcp.rejected_icmp_admin",
        about_connect(evidence, seen),
        because=[
            f"The connection to {endpoint(seen)} is prohibited by an administrator: "
            + (icmp_words(seen) if told else f"{who} said so to a packet of the ladder of TTLs.")
        ],
        fix=[network(f"look at the filter on {who}, the device that sent the refusal"), to_open(evidence, seen)],
        ruled_out=["Not the Server's own answer: a server refuses with RST, not with this ICMP message."],
    )


@rule("tcp.dead_host")
def dead_host(evidence: Evidence) -> Finding | None:
    """Nothing has this address: from a last router (or this machine) that looked for it for seconds in vain."""
    for seen in failed(evidence):
        late = seen.outcome in ("host_unreachable", "timeout") and seen.duration_s >= _NEIGHBOUR_SEARCH_S
        hop = next((hop for hop in answering_hops(evidence, seen) if _kind(seen, hop) in _HOST_UNREACHABLE), None)
        told = icmp_of(seen) in _HOST_UNREACHABLE or seen.outcome == "host_unreachable"
        patient = _waited_longer(evidence, seen)
        if (late and told) or (seen.outcome == "timeout" and (hop or patient)):
            who = offender_of(seen) or str((hop or {}).get("responder") or "")
            return _nobody_there(evidence, patient or seen, who or (offender_of(patient) if patient else ""))
    return None


def _nobody_there(evidence: Evidence, seen: Observation, who: str) -> Finding:
    address = text(seen, "address")
    here = bool(who) and ip_address(who) == ip_address(text(seen, "local_address"))
    looked = f"(host unreachable, after {seconds(seen.duration_s)})"
    return conclude(
        "tcp.dead_host",
        about_connect(evidence, seen),
        because=[
            f"This machine looked for {address}, or the gateway to it, on its own network and found nobody {looked}."
            if here
            else f"{who or 'The last router'} looked for {address} on its own network and found nobody {looked}."
        ],
        fix=[
            you("check that this machine's gateway is up: `ip route` names it, `ip neigh` whether it answers")
            if here
            else None,
            server(f"check that the machine with {address} is up, and that this is its address"),
            None if here else network(f"check the network behind {who or 'the last router'}"),
        ],
        ruled_out=["Not a filter that refuses: that would answer at once, not after seconds."],
    )


def _waited_longer(evidence: Evidence, seen: Observation) -> Observation | None:
    """Return the attempt that went on when the client had given up, if it was told that nobody has the address."""
    return next(
        (
            item
            for item in evidence.all("tcp", "control", purpose="patience", outcome="host_unreachable")
            if text(item, "address") == text(seen, "address") and item.duration_s >= _NEIGHBOUR_SEARCH_S / 2
        ),
        None,
    )


def _kind(seen: Observation, hop: Mapping[str, object]) -> tuple[int, int | None, int | None]:
    return (6 if ":" in text(seen, "address") else 4, whole_of(hop, "icmp_type"), whole_of(hop, "icmp_code"))


@rule("tcp.no_route_icmp")
def no_route(evidence: Evidence) -> Finding | None:
    """A router knows no way: from ICMP "unreachable" at once, sent by a machine other than this one."""
    told = _from_outside(evidence, _NO_ROUTE)
    untold = (
        item
        for item in failed(evidence)
        if item.outcome in ("host_unreachable", "net_unreachable") and not mapping(item, "icmp") and not at_once(item)
    )
    seen, who = told or next(untold, None), offender_of(told) if told else ""
    if seen is None:
        found = _from_ladder(evidence, _NO_ROUTE - _HOST_UNREACHABLE) or _from_another_port(evidence)
        seen, who = found or (None, "")
    if seen is None:
        return None
    return conclude(
        "tcp.no_route_icmp",
        about_connect(evidence, seen),
        because=[
            f"A router on the way has no route to {text(seen, 'address')}: "
            + (f"{who} said so to a packet of the ladder of TTLs." if who and not told else icmp_words(seen))
        ],
        fix=[network(f"add a route to {text(seen, 'address')} on {who or 'the way'}, and the way back")],
        ruled_out=["Not this machine's own routes: the packet left it and a router answered." if told else None],
        confidence="certain" if told else "likely",
    )


@rule("tcp.routing_loop")
def routing_loop(evidence: Evidence) -> Finding | None:
    """Packets go in a circle: from time exceeded at full TTL, or from hops that come back again and again."""
    for seen in failed(evidence):
        hops = [str(hop["responder"]) for hop in answering_hops(evidence, seen)]
        repeated = sorted({hop for hop in hops if hops.count(hop) >= _LOOP_VISITS})
        looping = bool(repeated) and hops[-1] in repeated and _comes_back(evidence, seen, hops[-1])
        if icmp_of(seen) in _TIME_EXCEEDED or looping:
            return conclude(
                "tcp.routing_loop",
                about_connect(evidence, seen),
                because=[
                    f"A packet to {endpoint(seen)} with full TTL dies on the way: {icmp_words(seen)}"
                    if icmp_of(seen) in _TIME_EXCEEDED
                    else None,
                    f"The routers {' and '.join(repeated)} pass it to each other." if len(repeated) > 1 else None,
                    f"The router {repeated[0]} sees it again and again, each time with fewer hops left to live: a "
                    "router that keeps quiet sends it back."
                    if len(repeated) == 1
                    else None,
                ],
                fix=[
                    network(
                        f"correct the routes to {text(seen, 'address')} on "
                        f"{' and '.join(repeated) or offender_of(seen)}"
                    )
                ],
            )
    return None


def _comes_back(evidence: Evidence, seen: Observation, router: str) -> bool:
    """Whether a router answers again after other hops, instead of answering for every hop behind it."""
    ttls = [
        ttl for hop in answering_hops(evidence, seen) if hop["responder"] == router and (ttl := whole_of(hop, "ttl"))
    ]
    apart = [later - earlier for earlier, later in pairwise(ttls)]
    return len(ttls) >= _LOOP_VISITS and all(gap > 1 for gap in apart)


@rule("tcp.proto_unreachable")
def proto_unreachable(evidence: Evidence) -> Finding | None:
    """A filter rejects TCP as a protocol: from ENOPROTOOPT and the ICMP sender."""
    seen = next((seen for seen in failed(evidence) if seen.outcome == "protocol_unreachable"), None)
    if seen is None:
        return None
    return conclude(
        "tcp.proto_unreachable",
        about_connect(evidence, seen),
        because=[f"TCP to {endpoint(seen)} is answered with protocol unreachable: {icmp_words(seen)}"],
        fix=[network(f"look at the filter on {offender_of(seen) or 'the way'}"), to_open(evidence, seen)],
    )

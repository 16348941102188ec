"""Conclusions about this machine: its routes, its own firewall, its limits and its clock."""

from __future__ import annotations

from ayx_diagnostics.evidence import Evidence, ip_address, mapping, mappings, number, text, whole, whole_of
from ayx_diagnostics.model import Finding, Observation
from ayx_diagnostics.rules import certificates, unasked, verification
from ayx_diagnostics.rules.conclusion import Rule, conclude, endpoint, errno_of, network, seconds, the_server, you

__all__ = ["RULES", "at_once", "is_local_offender", "left_this_machine", "refused_by_kernel"]

_TIME_EXCEEDED = frozenset({11, 3})  # ICMP type 11, ICMPv6 type 3 (RFC 792, RFC 4443)
#: Faster than any packet that has to leave the machine.
_AT_ONCE_S = 0.005
#: A router or kernel that looks for a neighbour gives up after about 3 s; a filter answers at once.
_NEIGHBOUR_SEARCH_S = 1.0
_LISTED = 5
#: What the client itself would not do.
_CONTROLS = frozenset({"control", "path", "quiet", "loopback_connect"})
#: Windows: a filter of the machine forbids the connection.
_WSAEACCES = 10013
#: X509_V_ERR_CERT_NOT_YET_VALID and X509_V_ERR_CERT_HAS_EXPIRED.
_DATE_CODES = (9, 10)


def is_local_offender(evidence: Evidence, connect: Observation) -> bool:
    """Whether the ICMP error behind a failed connect was sent by this machine itself, at once."""
    offender = ip_address(mapping(connect, "icmp").get("offender"))
    if offender is None or connect.duration_s >= _NEIGHBOUR_SEARCH_S:
        return False
    own = [text(connect, "local_address")]
    own += [text(seen, "local_address") for seen in evidence.all("local", "source_address")]
    return any(offender == ip_address(address) for address in own)


def sandbox(evidence: Evidence) -> Finding | None:
    """The program may not use the network at all: from a connect to its own loopback that is denied."""
    loopback = evidence.first("local", "loopback_connect")
    if loopback is None or loopback.outcome not in ("permission_denied", "not_permitted"):
        return None
    return conclude(
        "local.sandbox_denied",
        because=[
            f"Even a connection from this program to itself on {loopback.target} is denied with {errno_of(loopback)}.",
            *(_failed(seen) for seen in _hops(evidence, loopback.outcome)),
        ],
        ruled_out=["Not a route or a remote firewall: a connection on loopback leaves no machine."],
        host=the_server(evidence),
    )


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


def no_port_left(evidence: Evidence) -> Finding | None:
    """No local port is left: from EADDRNOTAVAIL at a connect to an address that is not a wildcard."""
    seen = next((seen for seen in evidence if _no_address(evidence, seen) is False), None)
    if seen is None or evidence.ok("tcp", "connect"):
        return None
    return conclude(
        "local.ephemeral_ports_exhausted",
        because=[f"Connecting to {endpoint(seen)} failed with {errno_of(seen)}: there is no free local port for it."],
        confidence="likely",
        host=the_server(evidence),
    )


def _no_address(evidence: Evidence, seen: Observation) -> bool | None:
    """Whether EADDRNOTAVAIL means that this machine has no address of the family, instead of no free port.

    UDP has ports of its own: a UDP connect to the same address that fails alike found no address to send from.
    """
    if seen.outcome != "address_not_available":
        return None
    address = text(seen, "address")
    return ":" in address and any(
        ":" in text(source, "address") and source.outcome == "address_not_available"
        for source in evidence.all("local", "source_address")
    )


def rejected_here(evidence: Evidence) -> Finding | None:
    """This machine's own firewall refuses: from an ICMP error whose sender is our own address."""
    hits = [seen for seen in evidence.first_hops if is_local_offender(evidence, seen)]
    if not hits:
        return _reset_here(evidence)
    if not _explains(evidence, hits):
        return None
    first = hits[0]
    icmp = mapping(first, "icmp")
    return conclude(
        "local.firewall_reject",
        because=[
            f"Connecting to {endpoint(first)} failed with {errno_of(first)} after {seconds(first.duration_s)}.",
            (
                f"The ICMP error (type {icmp.get('type')}, code {icmp.get('code')}) was sent by "
                f"{icmp.get('offender')}, "
                "which is this machine's own address."
            ),
        ],
        ruled_out=["Not a firewall on the way and not the Server: the refusal did not come from outside."],
        fix=[
            you(
                f"allow outgoing TCP to {endpoint(first)} in this machine's firewall (nftables, iptables, "
                "endpoint agent)"
            )
        ],
        address=endpoint(first),
    )


def denied_here(evidence: Evidence) -> Finding | None:
    """This machine's security software refuses: from EPERM, or Windows' WSAEACCES, at once, with loopback allowed."""
    hits = [seen for seen in evidence.first_hops if _is_denied(seen) and refused_by_kernel(seen)]
    if not hits or not _explains(evidence, hits):
        return None
    first = hits[0]
    return conclude(
        "local.firewall_reject",
        because=[
            f"Connecting to {endpoint(first)} is denied with {errno_of(first)} before any packet could travel.",
        ],
        ruled_out=[
            unasked.loopback_works(evidence),
            "Not a firewall on the way and not the Server: nothing was sent.",
        ],
        fix=[
            you(
                f"allow this program outgoing TCP to {endpoint(first)} in this machine's firewall or endpoint agent "
                "(Windows Defender Firewall, Little Snitch, a container's network policy)"
            )
        ],
        confidence="likely",
        address=endpoint(first),
    )


def _is_denied(seen: Observation) -> bool:
    return seen.outcome == "not_permitted" or whole(seen, "errno") == _WSAEACCES


def _reset_here(evidence: Evidence) -> Finding | None:
    """The refusal is an RST of this machine's own: no SYN left it, while other ports lead to a first router."""
    stayed = evidence.first("local", "departure", outcome="stayed")
    hits = [seen for seen in evidence.first_hops if seen.outcome == "refused" and not mapping(seen, "icmp")]
    first = next((seen for seen in hits if stayed is not None and endpoint(seen) == stayed.target), None)
    if stayed is None or first is None or not _explains(evidence, hits):
        return None
    if (target := ip_address(text(first, "address"))) is None or str(target) == text(first, "local_address"):
        return None
    if target.is_loopback or target.is_unspecified:
        return None
    return conclude(
        "local.firewall_reject",
        because=[
            f"Connecting to {endpoint(first)} is refused with RST after {seconds(first.duration_s)}.",
            (
                f"Of {whole(stayed, 'sent')} such attempts, this machine's network interfaces sent "
                f"{whole(stayed, 'transmitted')} packets; the refusals came over loopback."
            ),
        ],
        ruled_out=["Not a firewall on the way and not the Server: the packets did not leave this machine."],
        fix=[you(f"allow outgoing TCP to {endpoint(first)} in this machine's firewall (nftables, iptables, agent)")],
        address=endpoint(first),
    )


def dropped_here(evidence: Evidence) -> Finding | None:
    """This machine's own firewall swallows the packets: from silence even at the first hop, which answers otherwise."""
    target = _silent_from_the_first_hop(evidence)
    if target is None or any(seen.outcome != "timeout" for seen in evidence.first_hops):
        return None
    stuck = max((whole(seen, "send_failures") or 0 for seen in evidence.first_hops), default=0)
    if not stuck and any(left_this_machine(seen) for seen in evidence.first_hops):
        return None
    others = [seen for seen in evidence.all("tcp", "path") if seen.target != target.target]
    telling = next((seen for seen in others if _first_router(seen)), None)
    alive = next((seen for seen in evidence.all("tcp", "control") if seen.outcome in ("ok", "refused")), None)
    if not stuck and ((others and telling is None) or _told_by_router(evidence)):
        return None
    shown = endpoint(evidence.first_hops[0])
    return conclude(
        "local.firewall_drop",
        because=[
            (
                f"{shown} does not answer, and a packet that may live for one hop only (TTL 1) brings no word from the "
                "first router either."
            ),
            "The kernel repeated the packet and counted that it could not be sent (TCPRetransFail)." if stuck else None,
            f"The same TTL 1 packet to {telling.target} is answered by {_first_router(telling)}." if telling else None,
            f"{endpoint(alive)} answers ({alive.outcome}), so packets do leave this machine." if alive else None,
        ],
        ruled_out=[
            "Not a firewall behind the first router: that router would have reported the expired packet."
            if telling
            else None
        ],
        fix=[
            you(f"allow outgoing TCP to {shown} in this machine's firewall (nftables, iptables, endpoint agent)"),
            None if stuck else network(f"if the machine's own rules are clean: look at its first router for {shown}"),
        ],
        confidence="certain" if stuck else "likely" if telling or alive else "possible",
        address=shown,
    )


def _told_by_router(evidence: Evidence) -> bool:
    """Whether a router refused a control: packets leave, and what refuses one port may swallow the other."""
    controls = evidence.all("tcp", "control")
    return any(mapping(seen, "icmp") and not is_local_offender(evidence, seen) for seen in controls)


def _silent_from_the_first_hop(evidence: Evidence) -> Observation | None:
    """Return the SYN ladder to the Server if no hop at all answered it, else None."""
    targets = {endpoint(seen) for seen in evidence.first_hops}
    for ladder in evidence.all("tcp", "path", outcome="silent"):
        hops = mappings(ladder, "hops")
        if ladder.target in targets and hops and not any(hop.get("responder") for hop in hops):
            return ladder
    return None


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
        queries = unasked.never_left(evidence, "ENETUNREACH", "")
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


def no_ipv6(evidence: Evidence) -> Finding | None:
    """The Server has IPv6 addresses and this machine has no IPv6 route: harmless where IPv4 is there too."""
    tried = (*evidence.first_hops, *evidence.all("local", "source_address"))
    dead = [
        seen
        for seen in tried
        if ":" in text(seen, "address")
        and not mapping(seen, "icmp")
        and (seen.outcome == "net_unreachable" or _no_address(evidence, seen))
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


_ROUTE_ERRORS = {
    "local.prohibit_route": "permission_denied",
    "local.blackhole_route": "invalid_argument",
    "local.unreachable_route": "host_unreachable",
}


def route_that_refuses(evidence: Evidence) -> Finding | None:
    """A route of this machine forbids the address: from its errno, at once and without any ICMP message."""
    for code, outcome in _ROUTE_ERRORS.items():
        if not evidence.first_hops and (found := unasked.route_that_refuses(evidence, code)):
            return found
        hits = [seen for seen in _hops(evidence, outcome) if refused_by_kernel(seen)]
        if not hits or not _explains(evidence, hits):
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
            ruled_out=[unasked.loopback_works(evidence)],
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


def _explains(evidence: Evidence, hits: list[Observation]) -> bool:
    """Whether what was seen of some addresses is why no address works: IPv4, where there is any, is what counts."""
    tried = evidence.first_hops
    ipv4 = [seen for seen in tried if ":" not in text(seen, "address")]
    counting = ipv4 or list(tried)
    return not any(seen.ok for seen in tried) and any(seen in hits for seen in counting)


def left_this_machine(seen: Observation) -> bool:
    """Whether the kernel repeated an unanswered SYN and could send it: what swallows it is not on this machine."""
    repeats = mapping(seen, "tcp_info").get("total_retrans")
    return whole(seen, "send_failures") == 0 and isinstance(repeats, int) and repeats > 0


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


def refused_by_kernel(seen: Observation) -> bool:
    """Whether this machine refused a connect by itself, without a packet that travelled."""
    if mapping(seen, "icmp") and mapping(seen, "icmp").get("origin") != "local":
        return False
    return at_once(seen)


def at_once(connect: Observation) -> bool:
    """Whether a connect failed faster than a packet could travel."""
    immediate = connect.evidence.get("immediate")
    return immediate if isinstance(immediate, bool) else connect.duration_s < _AT_ONCE_S


def _hops(evidence: Evidence, outcome: str) -> list[Observation]:
    return [seen for seen in evidence.first_hops if seen.outcome == outcome][:_LISTED]


def _failed(seen: Observation) -> str:
    return f"{endpoint(seen)} is denied with {errno_of(seen)} as well."


def _first_router(ladder: Observation) -> str:
    """Return the router that reported the expired TTL 1 packet of a ladder, or ``""``."""
    for hop in mappings(ladder, "hops"):
        if hop.get("ttl") == 1 and hop.get("responder") and whole_of(hop, "icmp_type") in _TIME_EXCEEDED:
            return str(hop["responder"])
    return ""


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


RULES: tuple[Rule, ...] = (
    Rule(sandbox, ("local.sandbox_denied",)),
    Rule(too_many_files, ("local.fd_limit",)),
    Rule(no_port_left, ("local.ephemeral_ports_exhausted",)),
    Rule(rejected_here, ("local.firewall_reject",)),
    Rule(denied_here, ("local.firewall_reject",)),
    Rule(unasked.stopped_here, ("local.firewall_drop", "local.firewall_reject")),
    Rule(unasked.loopback_down, ("local.no_interface_or_route",)),
    Rule(no_route, ("local.no_interface_or_route",)),
    Rule(route_that_refuses, tuple(_ROUTE_ERRORS)),
    Rule(dropped_here, ("local.firewall_drop",)),
    Rule(no_ipv6, ("local.no_ipv6_route",)),
    Rule(clock, ("local.clock_skew",)),
)

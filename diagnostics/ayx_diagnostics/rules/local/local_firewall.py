"""Conclusions about this machine's own firewall and security software."""

from __future__ import annotations

from ayx_diagnostics.evidence import Evidence, ip_address, mapping, mappings, text, whole, whole_of
from ayx_diagnostics.model import Finding, Observation
from ayx_diagnostics.rules.conclusion import conclude, endpoint, errno_of, network, seconds, you
from ayx_diagnostics.rules.local.local_origin import (
    explains,
    is_local_offender,
    left_this_machine,
    loopback_works,
    refused_by_kernel,
)
from ayx_diagnostics.rules.rule import rule

_TIME_EXCEEDED = frozenset({11, 3})  # ICMP type 11, ICMPv6 type 3 (RFC 792, RFC 4443)
#: Windows: a filter of the machine forbids the connection.
_WSAEACCES = 10013


@rule("local.firewall_reject")
def rejected_here(evidence: Evidence) -> Finding | None:
    """This machine's own firewall refuses: from an ICMP error whose sender is our own address."""
    hits = [seen for seen in evidence.first_hops if is_local_offender(evidence, seen)]
    if not hits:
        return _reset_here(evidence)
    if not explains(evidence, hits):
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


@rule("local.firewall_reject")
def denied_here(evidence: Evidence) -> Finding | None:
    """This machine's security software refuses: from EPERM, or Windows' WSAEACCES, at once, with loopback allowed."""
    hits = [seen for seen in evidence.first_hops if _is_denied(seen) and refused_by_kernel(seen)]
    if not hits or not explains(evidence, hits):
        return None
    first = hits[0]
    return conclude(
        "local.firewall_reject",
        because=[f"Connecting to {endpoint(first)} is denied with {errno_of(first)} before any packet could travel."],
        ruled_out=[loopback_works(evidence), "Not a firewall on the way and not the Server: nothing was sent."],
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
    if stayed is None or first is None or not explains(evidence, hits):
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


@rule("local.firewall_drop")
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


def _first_router(ladder: Observation) -> str:
    """Return the router that reported the expired TTL 1 packet of a ladder, or ``""``."""
    for hop in mappings(ladder, "hops"):
        if hop.get("ttl") == 1 and hop.get("responder") and whole_of(hop, "icmp_type") in _TIME_EXCEEDED:
            return str(hop["responder"])
    return ""

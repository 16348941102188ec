"""Conclusions about questions to nameservers that never left this machine: its firewall or a route of it stops them."""

from __future__ import annotations

from collections.abc import Sequence

from ayx_diagnostics.evidence import Evidence, ip_address, mapping, text
from ayx_diagnostics.model import Finding, Observation
from ayx_diagnostics.rules.conclusion import conclude, errno_of, you
from ayx_diagnostics.rules.local.local_origin import loopback_works, never_left
from ayx_diagnostics.rules.rule import rule


@rule("local.firewall_drop", "local.firewall_reject")
def stopped_here(evidence: Evidence) -> Finding | None:
    """This machine's own firewall stops DNS: from EPERM at sending every question, which no network can cause."""
    queries = never_left(evidence, "EPERM")
    if not queries:
        return None
    nameservers = ", ".join(dict.fromkeys(text(seen, "nameserver") for seen in queries))
    told = next((mapping(seen, "icmp") for seen in queries if mapping(seen, "icmp")), None)
    return conclude(
        "local.firewall_reject" if told else "local.firewall_drop",
        because=[
            f"Sending a question to the nameserver {nameservers} fails on this machine with EPERM.",
            (
                f"An ICMP error (type {told.get('type')}, code {told.get('code')}) comes with it, sent by "
                f"{told.get('offender') or 'this machine'}: the rule rejects instead of dropping."
            )
            if told
            else None,
        ],
        ruled_out=[
            "Not the nameserver and not the network: the packet did not leave this machine.",
            loopback_works(evidence),
        ],
        fix=[you(f"allow outgoing UDP and TCP port 53 to {nameservers} in this machine's firewall")],
        address=nameservers,
    )


_ROUTE_ERRNOS = {
    "local.prohibit_route": "EACCES",
    "local.blackhole_route": "EINVAL",
    "local.unreachable_route": "EHOSTUNREACH",
}


@rule(*_ROUTE_ERRNOS)
def route_that_refuses(evidence: Evidence) -> Finding | None:
    """A route of this machine forbids every nameserver: from the same errno, before a question leaves."""
    if evidence.first_hops:
        return None
    for code, errno_name in _ROUTE_ERRNOS.items():
        if queries := never_left(evidence, errno_name):
            return _refused_by_route(evidence, code, queries)
    return None


def _refused_by_route(evidence: Evidence, code: str, queries: Sequence[Observation]) -> Finding:
    nameservers = ", ".join(dict.fromkeys(text(seen, "nameserver") for seen in queries))
    kind = code.removeprefix("local.").removesuffix("_route")
    return conclude(
        code,
        because=[
            (
                f"Sending a question to the nameserver {nameservers} fails on this machine with "
                f"{errno_of(queries[0])}, before any packet could travel."
            )
        ],
        ruled_out=["Not the nameserver and not the network: no packet left this machine.", loopback_works(evidence)],
        fix=[
            you(
                f"look at `ip route get {text(queries[0], 'nameserver')}`: remove the {kind} route that covers it, or "
                "reconnect the VPN whose kill switch set it"
            )
        ],
        address=nameservers,
    )


@rule("local.no_interface_or_route")
def loopback_down(evidence: Evidence) -> Finding | None:
    """The nameserver is this machine and cannot be reached: from silence on its address and on loopback as a whole."""
    queries = evidence.address_queries
    loopback = evidence.first("local", "loopback_connect")
    if loopback is None or loopback.outcome not in ("timeout", "net_unreachable") or not queries:
        return None
    at_home = [address for seen in queries if (address := ip_address(text(seen, "nameserver"))) is not None]
    if evidence.route == "proxy" or evidence.ok("dns", "system_lookup"):
        return None
    if not all(address.is_loopback for address in at_home) or any(text(seen, "rcode") for seen in queries):
        return None
    return conclude(
        "local.no_interface_or_route",
        because=[
            (
                f"The nameserver {text(queries[0], 'nameserver')} is this machine itself, and gives no answer "
                f"({queries[0].outcome})."
            ),
            (
                f"A connection of this program to itself on {loopback.target} fails too ({loopback.outcome}): the "
                "loopback interface is down."
            ),
        ],
        ruled_out=["Not a firewall on the way: the question need not leave this machine."],
        fix=[you("bring the loopback interface up: `ip link set lo up`; in a container, start it with a network")],
    )

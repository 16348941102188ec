"""What never left this machine: the signs by which a refusal of its own is told from one that travelled."""

from __future__ import annotations

from ayx_diagnostics.evidence import Evidence, ip_address, mapping, text, whole
from ayx_diagnostics.model import Observation

__all__ = [
    "at_once",
    "explains",
    "hops_with",
    "is_local_offender",
    "left_this_machine",
    "loopback_works",
    "never_left",
    "no_address",
    "refused_by_kernel",
]

_MOST_LISTED = 5
#: Faster than any packet that has to leave the machine.
_AT_ONCE_S = 0.005
#: A router or kernel that looks for a neighbour gives up after about 3 s; a filter answers at once.
_NEIGHBOUR_SEARCH_S = 1.0
#: Faster than any answer that says where the error came from; used for reports that do not say it.
_QUESTION_AT_ONCE_S = 0.1


def is_local_offender(evidence: Evidence, connect: Observation) -> bool:
    """Whether the ICMP error behind a failed connect was sent by this machine itself, at once."""
    offender = ip_address(mapping(connect, "icmp").get("offender"))
    if offender is None or connect.duration_s >= _NEIGHBOUR_SEARCH_S:
        return False
    own = [text(connect, "local_address")]
    own += [text(seen, "local_address") for seen in evidence.all("local", "source_address")]
    return any(offender == ip_address(address) for address in own)


def left_this_machine(seen: Observation) -> bool:
    """Whether the kernel repeated an unanswered SYN and could send it: what swallows it is not on this machine."""
    repeats = mapping(seen, "tcp_info").get("total_retrans")
    return whole(seen, "send_failures") == 0 and isinstance(repeats, int) and repeats > 0


def refused_by_kernel(seen: Observation) -> bool:
    """Whether this machine refused a connect by itself, without a packet that travelled."""
    if mapping(seen, "icmp") and mapping(seen, "icmp").get("origin") != "local":
        return False
    return at_once(seen)


def at_once(connect: Observation) -> bool:
    """Whether a connect failed faster than a packet could travel."""
    immediate = connect.evidence.get("immediate")
    return immediate if isinstance(immediate, bool) else connect.duration_s < _AT_ONCE_S


def explains(evidence: Evidence, hits: list[Observation]) -> bool:
    """Whether what was seen of some addresses is why no address works: IPv4, where there is any, is what counts."""
    tried = evidence.first_hops
    ipv4 = [seen for seen in tried if ":" not in text(seen, "address")]
    counting = ipv4 or list(tried)
    return not any(seen.ok for seen in tried) and any(seen in hits for seen in counting)


def no_address(evidence: Evidence, seen: Observation) -> bool | None:
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


def hops_with(evidence: Evidence, outcome: str) -> list[Observation]:
    """Return a few of the client's own connects that ended so."""
    return [seen for seen in evidence.first_hops if seen.outcome == outcome][:_MOST_LISTED]


def never_left(evidence: Evidence, *errno_names: str) -> tuple[Observation, ...]:
    """Return the questions for the Server's addresses if this machine refused to send every one with these errors."""
    queries = evidence.address_queries
    if evidence.route == "proxy" or evidence.ok("dns", "system_lookup"):
        return ()
    for seen in queries:
        immediate = seen.evidence.get("immediate")
        here = immediate if isinstance(immediate, bool) else seen.duration_s < _QUESTION_AT_ONCE_S
        if seen.outcome != "unreachable" or text(seen, "errno_name") not in errno_names or not here:
            return ()
        if mapping(seen, "icmp") and "EPERM" not in errno_names:
            return ()
    return queries


def loopback_works(evidence: Evidence) -> str | None:
    """Return what a working connection on loopback rules out, if there was one."""
    return "Not a sandbox: a connection on loopback works." if evidence.ok("local", "loopback_connect") else None

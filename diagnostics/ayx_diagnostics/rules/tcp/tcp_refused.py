"""Conclusions about a refused connection: by the host itself, by this machine, or by a device in the Server's name."""

from __future__ import annotations

from ayx_diagnostics.evidence import Evidence, ip_address, mappings, text, whole, whole_of
from ayx_diagnostics.model import Finding, Observation
from ayx_diagnostics.rules.conclusion import conclude, endpoint, errno_of, network, seconds, server, you
from ayx_diagnostics.rules.local.local_origin import is_local_offender
from ayx_diagnostics.rules.rule import rule
from ayx_diagnostics.rules.tcp.connect_evidence import (
    about_connect,
    failed,
    icmp_words,
    ladder_of,
    offender_of,
    to_open,
)

#: The type of ICMP's "time exceeded" by version of IP (RFC 792; RFC 4443, 3.3).
_HOPS_USED_UP = {4: 11, 6: 3}


@rule("tcp.refused_localhost")
def refused_at_home(evidence: Evidence) -> Finding | None:
    """Nothing listens on this very machine: from a refusal by a loopback address."""
    for seen in failed(evidence):
        address = ip_address(text(seen, "address"))
        own = address is not None and address == ip_address(text(seen, "local_address"))
        if seen.outcome == "refused" and address and (address.is_loopback or address.is_unspecified or own):
            return conclude(
                "tcp.refused_localhost",
                about_connect(evidence, seen),
                because=[
                    f"{endpoint(seen)} refuses at once ({errno_of(seen)}, {seconds(seen.duration_s)}).",
                    f"{address} is this machine (or this container) itself, and nothing listens there.",
                ],
                ruled_out=["Not a firewall on the way: the packet left no machine."],
            )
    return None


@rule("tcp.refused_by_middlebox")
def refused_on_the_way(evidence: Evidence) -> Finding | None:
    """A device on the way refuses in the Server's name: from an ICMP sender or an RST that is nearer than the host."""
    for seen in failed(evidence):
        if seen.outcome != "refused":
            continue
        offender, address = ip_address(offender_of(seen)), ip_address(text(seen, "address"))
        if offender and address and offender != address and not is_local_offender(evidence, seen):
            return conclude(
                "tcp.refused_by_middlebox",
                about_connect(evidence, seen),
                because=[
                    f"The refusal of {endpoint(seen)} was sent by {offender}, not by the Server: {icmp_words(seen)}"
                ],
                fix=[network(f"look at the filter on {offender}"), to_open(evidence, seen)],
                ruled_out=[f"Not a closed port on the Server: {address} did not send the refusal."],
            )
        here, host = _reached(ladder_of(evidence, seen)), _distance(evidence, seen)
        if here is not None and host is not None and here < host:
            return conclude(
                "tcp.refused_by_middlebox",
                about_connect(evidence, seen),
                because=[
                    f"The RST for {endpoint(seen)} comes back from hop {here}; the host is no nearer than {host}.",
                    _hop_address(evidence, seen, here),
                ],
                fix=[network(f"look at the device at hop {here}"), to_open(evidence, seen)],
                ruled_out=["Not a closed port on the Server: the RST comes from nearer than the Server."],
            )
    return None


def _reached(path: Observation | None) -> int | None:
    return whole(path, "reached_ttl") if path is not None and path.ok else None


def _distance(evidence: Evidence, seen: Observation) -> int | None:
    """Return how many hops away the host is at least: where other packets to it are answered, or their hops used up."""
    mine = endpoint(seen)
    prefix = mine.rpartition(":")[0] + ":"
    others = [path for path in evidence.all("tcp", "path") if path.target != mine and path.target.startswith(prefix)]
    return max((hops for path in others if (hops := _reached(path) or _passed(path)) is not None), default=None)


def _passed(path: Observation) -> int | None:
    """Return the first hop behind the last router that reported a packet whose hops were used up."""
    used_up = _HOPS_USED_UP[6 if ":" in path.target.rpartition(":")[0] else 4]
    ttls = [whole_of(hop, "ttl") for hop in mappings(path, "hops") if whole_of(hop, "icmp_type") == used_up]
    return max((ttl + 1 for ttl in ttls if ttl is not None), default=None)


def _hop_address(evidence: Evidence, seen: Observation, ttl: int) -> str | None:
    for path in evidence.all("tcp", "path"):
        for hop in mappings(path, "hops"):
            if hop.get("ttl") == ttl and hop.get("responder") and path.target != endpoint(seen):
                return f"On the way to {path.target}, hop {ttl} is {hop['responder']}."
    return None


@rule("tcp.refused_by_host")
def refused(evidence: Evidence) -> Finding | None:
    """Nothing listens on the port: from an RST of the host itself, with no ICMP message behind it."""
    seen = next((seen for seen in failed(evidence) if seen.outcome == "refused"), None)
    if seen is None or is_local_offender(evidence, seen):
        return None
    here, host = _reached(ladder_of(evidence, seen)), _distance(evidence, seen)
    crossed = here is not None and here > 1  # a router forwards to the host what its own filter then answers
    open_port = next(
        (
            item
            for item in evidence.all("tcp", "control", outcome="ok")
            if text(item, "address") == text(seen, "address")
        ),
        None,
    )
    return conclude(
        "tcp.refused_by_host",
        about_connect(evidence, seen),
        because=[
            (
                f"{endpoint(seen)} refuses with RST after {seconds(seen.duration_s)} ({errno_of(seen)}): "
                "the host is up and "
                "nothing listens on this port."
            ),
            f"The RST comes from hop {here}, as far away as the host itself." if here and here == host else None,
            f"The same host accepts connections on {endpoint(open_port)}." if open_port else None,
            "A filter on the last router before the host would look the same (tcp.refused_by_middlebox)."
            if crossed
            else None,
        ],
        fix=[
            server(f"start the service that should listen on port {whole(seen, 'port')} of {text(seen, 'address')}"),
            you(f"or correct the port {whole(seen, 'port')} in the Server's address"),
        ],
        ruled_out=["Not silence: packets to the host and back get through."],
        confidence="likely" if crossed else "certain",
    )

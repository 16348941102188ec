"""Conclusions from silence: who swallows the SYN to the Server's port, and from where on."""

from __future__ import annotations

from ayx_diagnostics.evidence import Evidence, mappings, number, text, whole
from ayx_diagnostics.model import Finding, Observation
from ayx_diagnostics.rules.conclusion import conclude, endpoint, network, seconds, server, you
from ayx_diagnostics.rules.local.local_origin import left_this_machine
from ayx_diagnostics.rules.rule import rule
from ayx_diagnostics.rules.tcp.connect_evidence import about_connect, failed, ladder_of

#: After this long, a router that finds nobody has said so.
_PATIENCE_S = 4.0


@rule("tcp.syn_dropped")
def syn_dropped(evidence: Evidence) -> Finding | None:
    """Packets are swallowed: from a connect that only a timer ends, and the hop behind which it goes silent."""
    seen = next((seen for seen in failed(evidence) if seen.outcome == "timeout"), None)
    if seen is None:
        return None
    path = ladder_of(evidence, seen)
    last = text(path, "last_responder")
    walked = list(dict.fromkeys(str(hop["responder"]) for hop in mappings(path, "hops") if hop.get("responder")))
    source = text(seen, "local_address") or "this machine"
    wholly, sent = _silent_as_a_whole(evidence, seen), left_this_machine(seen)
    return conclude(
        "tcp.syn_dropped",
        about_connect(evidence, seen),
        because=[
            *(
                f"{endpoint(item)} gave no answer to the SYN within "
                f"{seconds(number(item, 'timeout_s') or item.duration_s)}: no SYN/ACK, no RST, no ICMP message."
                for item in failed(evidence)
                if item.outcome == "timeout"
            ),
            f"With a growing TTL, {' then '.join(walked)} answer{'s' if len(walked) == 1 else ''}; behind {last} there "
            "is silence, so the "
            f"packets are dropped by {last} or by the next device."
            if last
            else None,
            "A ladder of TTLs got through to the host afterwards: the loss comes and goes."
            if path is not None and path.ok
            else None,
            (
                "Not even the first hop reports an expired packet: the first router drops it, or keeps quiet."
                if sent
                else "Not even the first hop reports an expired packet: the drop may be on this machine, or routers "
                "here keep quiet."
            )
            if path is not None and not path.ok and not walked
            else None,
            "Another port of the same address is as silent. A last router says that nobody has an address only after "
            f"about {_PATIENCE_S:.0f} s: with --connect-timeout {_PATIENCE_S:.0f} or more a dead host could be told "
            "from a filter."
            if wholly
            else None,
        ],
        fix=[
            network(
                f"allow TCP from {source} to {endpoint(seen)}, and the answers back"
                + (f"; look at {last} and the device behind it" if last else "")
            ),
            server(f"allow {source} in the Server's own firewall or security group for port {whole(seen, 'port')}"),
        ],
        ruled_out=[
            "Not a closed port: that would be refused at once.",
            "Not a firewall that says no: no ICMP message came back.",
            f"Not this machine's own firewall: the packets get as far as {last}." if last else None,
            "Not this machine's own firewall: the kernel repeated the SYN and could send it."
            if sent and not last
            else None,
        ],
        confidence="certain" if last and not wholly and not (path is not None and path.ok) else "likely",
    )


def _silent_as_a_whole(evidence: Evidence, seen: Observation) -> bool:
    """Whether other ports are silent too and the wait was too short for a router's "nobody has this address"."""
    others = evidence.all("tcp", "control", address=text(seen, "address"), purpose="other_port")
    short = (number(seen, "timeout_s") or seen.duration_s) < _PATIENCE_S
    return short and bool(others) and all(item.outcome == "timeout" for item in others)


@rule("tcp.ipv6_blackhole")
def ipv6_blackhole(evidence: Evidence) -> Finding | None:
    """IPv6 is silent and IPv4 works: from the connects to the addresses of both families."""
    dead = [seen for seen in evidence.connects if ":" in text(seen, "address") and seen.outcome == "timeout"]
    alive = [seen for seen in evidence.connects if ":" not in text(seen, "address") and seen.ok]
    if not dead or not alive or any(seen.ok for seen in evidence.connects if ":" in text(seen, "address")):
        return None
    cost = sum(number(seen, "timeout_s") or seen.duration_s for seen in dead)
    return conclude(
        "tcp.ipv6_blackhole",
        about_connect(evidence, dead[0]),
        because=[
            (
                f"{endpoint(dead[0])} (IPv6) gives no answer; {endpoint(alive[0])} (IPv4) accepts in "
                f"{seconds(alive[0].duration_s)}."
            ),
            (
                "A client that tries the addresses one after another (requests, synchronous httpx) loses "
                "its whole connect "
                f"timeout, here {cost:.0f} s, on every new connection; asynchronous httpx and curl lose a "
                "quarter of a second."
            ),
        ],
        fix=[
            network(f"let IPv6 through to {endpoint(dead[0])}, or answer with a refusal instead of silence"),
            server(f"or take the AAAA record {text(dead[0], 'address')} out of DNS"),
            you("until then: use the asynchronous client, or let the script prefer IPv4"),
        ],
    )

"""Conclusions about a name that does resolve: slowly, or to an address that is not the Server's."""

from __future__ import annotations

from ayx_diagnostics.evidence import Evidence, ip_address, text, texts
from ayx_diagnostics.model import Finding, Observation
from ayx_diagnostics.rules.conclusion import Rule, conclude, endpoint, seconds, server, you

__all__ = ["RULES", "SLOW_S"]

#: A lookup that takes this long has waited for somebody who did not answer.
SLOW_S = 2.0


def _resolved(evidence: Evidence) -> Observation | None:
    return evidence.first("dns", "system_lookup", outcome="ok")


def _answers(evidence: Evidence) -> dict[str, set[str]]:
    """Return the addresses that each nameserver gave for the Server's name."""
    found: dict[str, set[str]] = {}
    for seen in evidence.all("dns", "query", outcome="ok"):
        if seen.evidence.get("purpose") in (None, "", "address"):
            found.setdefault(text(seen, "nameserver"), set()).update(texts(seen, "addresses"))
    return found


def _by_nameserver(evidence: Evidence, rdtype: str | None = None) -> dict[str, list[Observation]]:
    found: dict[str, list[Observation]] = {}
    for seen in evidence.all("dns", "query"):
        if seen.evidence.get("purpose") in (None, "", "address") and rdtype in (None, text(seen, "rdtype")):
            found.setdefault(text(seen, "nameserver"), []).append(seen)
    return found


def _works(evidence: Evidence) -> bool:
    """Whether the address that the name gave accepted a connection."""
    return evidence.ok("tcp", "connect")


def hosts_override(evidence: Evidence) -> Finding | None:
    """The hosts file says something else than DNS: from its line and the nameservers' answers."""
    hosts, lookup = evidence.first("dns", "hosts_file", outcome="ok"), _resolved(evidence)
    published = set().union(*_answers(evidence).values()) if _answers(evidence) else set()
    pinned = set(texts(hosts, "addresses"))
    if hosts is None or lookup is None or not published or not pinned or pinned & published:
        return None
    path = text(hosts, "path") or "the hosts file"
    return conclude(
        "dns.hosts_override",
        because=[
            f"{path} sends {lookup.target} to {', '.join(sorted(pinned))}.",
            f"The nameservers say {', '.join(sorted(published))}.",
        ],
        fix=[you(f"remove or correct the line of {lookup.target} in {path}")],
        confidence="certain" if _works(evidence) else "likely",
        severity="warning" if _works(evidence) else "error",
        host=lookup.target,
    )


def sinkhole(evidence: Evidence) -> Finding | None:
    """A DNS filter answers with a dead end: from an address that is this machine itself."""
    lookup = _resolved(evidence)
    if lookup is None or _works(evidence) or not evidence.connects or evidence.ok("dns", "hosts_file"):
        return None
    if lookup.target.rstrip(".").lower().endswith("localhost"):
        return None
    dead = [
        item for item in texts(lookup, "addresses") if (a := ip_address(item)) and (a.is_unspecified or a.is_loopback)
    ]
    if not dead or len(dead) != len(texts(lookup, "addresses")):
        return None
    told = [nameserver for nameserver, given in _answers(evidence).items() if given & set(dead)]
    return conclude(
        "dns.sinkhole",
        because=[
            f"{lookup.target} resolves to {', '.join(dead)}, which is this machine itself and no Server.",
            f"That answer comes from nameserver {', '.join(told)}." if told else None,
            f"Connecting to it fails ({evidence.connects[0].outcome}).",
        ],
        confidence="certain" if told else "likely",
        host=lookup.target,
    )


def hijack(evidence: Evidence) -> Finding | None:
    """Every name resolves: from a random label that has the same address as the Server."""
    lookup = _resolved(evidence)
    random = evidence.first("dns", "query", outcome="ok", purpose="random_label")
    if lookup is None or random is None or not set(texts(random, "addresses")) & set(texts(lookup, "addresses")):
        return None
    return conclude(
        "dns.nxdomain_hijack",
        because=[
            (
                f"A name that cannot exist ({text(random, 'name') or 'a random label'}) resolves to "
                f"{', '.join(texts(random, 'addresses'))}, the very address of {lookup.target}."
            ),
        ],
        confidence="possible" if _works(evidence) or not evidence.connects else "likely",
        severity="warning" if _works(evidence) or not evidence.connects else "error",
        host=lookup.target,
    )


def search_suffix(evidence: Evidence) -> Finding | None:
    """A search suffix turned the name into another one: from a different answer to the absolute name."""
    lookup = _resolved(evidence)
    absolute = evidence.first("dns", "query", purpose="absolute")
    if (
        lookup is None
        or absolute is None
        or absolute.outcome not in ("ok", "nxdomain")
        or evidence.ok("dns", "hosts_file")
    ):
        return None
    if absolute.ok and set(texts(absolute, "addresses")) & set(texts(lookup, "addresses")):
        return None
    search = texts(evidence.first("dns", "resolver_config"), "search")
    return conclude(
        "dns.search_suffix_trap",
        because=[
            f"The system resolves {lookup.target} to {', '.join(texts(lookup, 'addresses'))}.",
            f"The absolute name {lookup.target.rstrip('.')}. "
            + ("does not exist." if not absolute.ok else f"is {', '.join(texts(absolute, 'addresses'))}."),
            f"The search list is {', '.join(search)}." if search else None,
        ],
        confidence="likely",
        severity="warning",
        host=lookup.target,
    )


def split_horizon(evidence: Evidence) -> Finding | None:
    """Nameservers disagree about the Server: from answers of one that are private and of another that are public."""
    lookup, answers = _resolved(evidence), _answers(evidence)
    kinds = {
        nameserver: {address.is_private for item in given if (address := ip_address(item))}
        for nameserver, given in answers.items()
    }
    private = [nameserver for nameserver, kind in kinds.items() if kind == {True}]
    public = [nameserver for nameserver, kind in kinds.items() if kind == {False}]
    if lookup is None or not private or not public:
        return None
    return conclude(
        "dns.split_horizon_mismatch",
        because=[
            f"Nameserver {nameserver} says {', '.join(sorted(answers[nameserver]))}."
            for nameserver in (*private, *public)
        ],
        confidence="likely",
        severity="warning",
        host=lookup.target,
    )


def partly_dead(evidence: Evidence) -> Finding | None:
    """Some of the name's addresses do not answer: from connects of one family that differ."""
    for ipv6 in (False, True):
        tried = [seen for seen in evidence.connects if (":" in text(seen, "address")) is ipv6]
        alive = {text(seen, "address") for seen in tried if seen.ok}
        dead = [seen for seen in tried if text(seen, "address") not in alive and seen.outcome in ("timeout", "refused")]
        if alive and dead:
            return conclude(
                "dns.stale_or_partial_set",
                because=[
                    *(f"{endpoint(seen)} does not accept connections ({seen.outcome})." for seen in dead),
                    f"{', '.join(sorted(alive))} does.",
                ],
                fix=[server(f"repair {endpoint(seen)}, or take its address out of DNS") for seen in dead],
                host=evidence.host,
            )
    return None


def first_nameserver_dead(evidence: Evidence) -> Finding | None:
    """The first nameserver is silent and the next one answers: every lookup waits for the first."""
    order = texts(evidence.first("dns", "resolver_config"), "nameservers")
    asked = _by_nameserver(evidence)
    lookup = evidence.first("dns", "system_lookup")
    if not order or order[0] not in asked or lookup is None:
        return None
    if any(seen.outcome != "timeout" for seen in asked[order[0]]):
        return None
    alive = next((item for item in order[1:] if any(seen.ok for seen in asked.get(item, ()))), None)
    if alive is None or (lookup.ok and lookup.duration_s < SLOW_S / 2):
        return None
    return conclude(
        "dns.first_ns_dead",
        because=[
            f"Nameserver {order[0]}, the first in the list, does not answer; {alive} does.",
            f"The system's own lookup took {seconds(lookup.duration_s)}" + ("." if lookup.ok else " and gave up."),
        ],
        fix=[you(f"remove {order[0]} from the list of nameservers, or put {alive} before it")],
        severity="warning" if lookup.ok else "error",
        host=lookup.target,
    )


def slow_aaaa(evidence: Evidence) -> Finding | None:
    """Only the question for IPv6 is dropped: from one nameserver that answers A and is silent on AAAA."""
    lookup = _resolved(evidence)
    fast, silent = _by_nameserver(evidence, "A"), _by_nameserver(evidence, "AAAA")
    for nameserver, queries in silent.items():
        if all(seen.outcome == "timeout" for seen in queries) and any(seen.ok for seen in fast.get(nameserver, ())):
            return conclude(
                "dns.slow_aaaa",
                because=[
                    f"Nameserver {nameserver} answers the question for A and is silent on AAAA.",
                    f"The system's own lookup took {seconds(lookup.duration_s)}." if lookup else None,
                ],
                severity="warning" if lookup else "error",
                host=evidence.host,
            )
    return None


RULES: tuple[Rule, ...] = (
    Rule(hosts_override, ("dns.hosts_override",)),
    Rule(sinkhole, ("dns.sinkhole",)),
    Rule(slow_aaaa, ("dns.slow_aaaa",)),
    Rule(first_nameserver_dead, ("dns.first_ns_dead",)),
    Rule(hijack, ("dns.nxdomain_hijack",)),
    Rule(search_suffix, ("dns.search_suffix_trap",)),
    Rule(split_horizon, ("dns.split_horizon_mismatch",)),
    Rule(partly_dead, ("dns.stale_or_partial_set",)),
)

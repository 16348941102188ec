"""Conclusions about nameservers that do not answer, or so late that the lookup fails or drags."""

from __future__ import annotations

from ayx_diagnostics.evidence import Evidence, ip_address, mapping, number, text, texts
from ayx_diagnostics.model import Finding, Observation
from ayx_diagnostics.rules.conclusion import conclude, errno_of, network, seconds, you
from ayx_diagnostics.rules.dns.dns_evidence import (
    about_lookup,
    answers_that_say,
    lookup_fails,
    per_nameserver,
    questions,
    resolved,
)
from ayx_diagnostics.rules.rule import rule

#: A lookup that takes this long has waited for somebody who did not answer.
_SLOW_S = 2.0
#: A system whose patience was cut down (resolv.conf(5), ``timeout``) waits for a second at least.
_LATE_MS = 900.0
#: No word of the nameserver itself.
_SILENT = ("timeout", "unreachable")
#: How a question over TCP fails that never got an answer.
_NO_TCP = ("timeout", "unreachable", "port_closed", "closed")
#: What makes the system wait for a nameserver before it asks the next one.
_WAITED_FOR = frozenset({"timeout", "wrong_id", "unreachable"})


@rule("dns.no_resolver_config")
def no_resolver_config(evidence: Evidence) -> Finding | None:
    """This machine knows no nameserver: from an empty resolver configuration and a failed lookup."""
    config = evidence.first("dns", "resolver_config", outcome="empty")
    if config is None or not lookup_fails(evidence):
        return None
    source = text(config, "source") or "the system's resolver configuration"
    return conclude("dns.no_resolver_config", about_lookup(evidence), because=[f"{source} names no nameserver."])


@rule("dns.tcp53_blocked")
def tcp53_blocked(evidence: Evidence) -> Finding | None:
    """Long answers get lost: from a truncated answer over UDP and a failed question over TCP."""
    hits = answers_that_say(evidence, "truncated")
    retry = next((seen for seen in evidence.all("dns", "query", purpose="tcp_retry") if seen.outcome in _NO_TCP), None)
    if not hits or retry is None or not lookup_fails(evidence):
        return None
    nameserver = text(retry, "nameserver")
    return conclude(
        "dns.tcp53_blocked",
        about_lookup(evidence),
        because=[
            *per_nameserver(hits, "answers over UDP that the answer is too long (TC bit)"),
            f"The same question over TCP to {nameserver} port 53 fails ({retry.outcome}).",
        ],
        fix=[network(f"allow TCP port 53 to {nameserver}, not only UDP (RFC 7766)")],
    )


@rule("dns.timeout")
def too_slow(evidence: Evidence) -> Finding | None:
    """A nameserver answers, but later than the system waits for it: from the time that its answer took."""
    lookup = evidence.first("dns", "system_lookup")
    hits = [seen for seen in answers_that_say(evidence, "ok") if (number(seen, "rtt_ms") or 0) >= _LATE_MS]
    if not hits or not lookup_fails(evidence) or lookup is None or lookup.outcome not in ("again", "timeout"):
        return None
    return conclude(
        "dns.timeout",
        about_lookup(evidence),
        because=[
            f"Nameserver {text(seen, 'nameserver')} answers the question for {text(seen, 'rdtype')}, but only after "
            f"{seconds(seen.duration_s)}."
            for seen in hits
        ],
        fix=[
            you("raise the resolver's patience (options timeout:5 attempts:3 in resolv.conf) until it is faster"),
            network(f"find out why {text(hits[0], 'nameserver')} takes so long"),
        ],
        confidence="likely",
    )


@rule("dns.port_closed")
def port_closed(evidence: Evidence) -> Finding | None:
    """Nothing listens where the nameserver should: from a refused connected UDP socket."""
    hits = answers_that_say(evidence, "port_closed")
    if not hits or not lookup_fails(evidence):
        return None
    nameservers = list(dict.fromkeys(text(seen, "nameserver") for seen in hits))
    stub = any((address := ip_address(item)) is not None and address.is_loopback for item in nameservers)
    listed = ", ".join(nameservers)
    return conclude(
        "dns.port_closed",
        about_lookup(evidence),
        because=[
            f"{item} port 53 refuses at once (ICMP port unreachable, ECONNREFUSED): no nameserver listens there."
            for item in nameservers
        ],
        fix=[
            you(f"start the local resolver on {listed} (systemd-resolved, dnsmasq), or name another nameserver")
            if stub
            else you(f"replace {listed} in the resolver configuration by a nameserver that is running")
        ],
        ruled_out=["Not a firewall that swallows packets: the refusal comes back."],
    )


@rule("dns.timeout")
def timeout(evidence: Evidence) -> Finding | None:
    """No nameserver answers: from silence of every one, or, where none was asked, from a lookup that dragged."""
    speaking = {text(seen, "nameserver") for seen in questions(evidence) if seen.outcome not in _SILENT}
    hits = [seen for seen in answers_that_say(evidence, *_SILENT) if text(seen, "nameserver") not in speaking]
    lookup = evidence.first("dns", "system_lookup")
    untold = (
        not questions(evidence)
        and lookup is not None
        and (lookup.outcome == "timeout" or (lookup.outcome == "again" and lookup.duration_s >= _SLOW_S))
    )
    answers = any(seen.ok for seen in questions(evidence))
    if not lookup_fails(evidence) or answers or not (hits or untold):
        return None
    nameservers = ", ".join(dict.fromkeys(text(seen, "nameserver") for seen in hits)) or "the nameserver"
    retries = evidence.all("dns", "query", purpose="tcp_retry")
    over_tcp = ", ".join(dict.fromkeys(text(seen, "nameserver") for seen in retries if text(seen, "rcode")))
    return conclude(
        "dns.timeout",
        about_lookup(evidence),
        because=[
            *[
                f"Nameserver {text(seen, 'nameserver')} gave no answer to the question for {text(seen, 'rdtype')} "
                f"within {seconds(seen.duration_s)}."
                if seen.outcome == "timeout"
                else _unreached(seen)
                for seen in hits
            ],
            *([f"Over TCP {over_tcp} does answer: only UDP port 53 gets lost."] if over_tcp else []),
            *([f"TCP port 53 of {nameservers} does not answer either."] if retries and not over_tcp else []),
        ],
        fix=[
            network(f"allow UDP port 53 from this machine to {over_tcp}, and its answers back")
            if over_tcp
            else network(f"allow UDP and TCP port 53 from this machine to {nameservers}"),
            you(f"if {nameservers} belongs to a VPN or an old network, connect to it or name another nameserver"),
        ],
        confidence="certain" if hits else "likely",
    )


def _unreached(seen: Observation) -> str:
    """Return why a question did not get to its nameserver: the word of a router, or of this machine."""
    icmp, nameserver = mapping(seen, "icmp"), text(seen, "nameserver")
    if not icmp:
        return f"Nameserver {nameserver} cannot be reached from here ({errno_of(seen)})."
    return (
        f"Nameserver {nameserver} cannot be reached: {icmp.get('offender') or 'a router'} says so (ICMP type "
        f"{icmp.get('type')}, code {icmp.get('code')}, after {seconds(seen.duration_s)})."
    )


@rule("dns.first_ns_dead")
def first_nameserver_dead(evidence: Evidence) -> Finding | None:
    """The first nameserver is silent and the next one answers: every lookup waits for the first."""
    order = texts(evidence.first("dns", "resolver_config"), "nameservers")
    asked = _by_nameserver(evidence)
    lookup = evidence.first("dns", "system_lookup")
    if not order or order[0] not in asked or lookup is None:
        return None
    useless = {seen.outcome for seen in asked[order[0]]}
    if not useless <= _WAITED_FOR:
        return None
    alive = next((item for item in order[1:] if any(seen.ok for seen in asked.get(item, ()))), None)
    if alive is None or (lookup.ok and lookup.duration_s < _SLOW_S / 2):
        return None
    return conclude(
        "dns.first_ns_dead",
        because=[
            f"Nameserver {order[0]}, the first in the list, "
            + ("sends replies that do not belong to the question" if "wrong_id" in useless else "does not answer")
            + f"; {alive} does.",
            f"The system's own lookup took {seconds(lookup.duration_s)}" + ("." if lookup.ok else " and gave up."),
        ],
        fix=[you(f"remove {order[0]} from the list of nameservers, or put {alive} before it")],
        severity="warning" if lookup.ok else "error",
        host=lookup.target,
    )


@rule("dns.slow_aaaa")
def slow_aaaa(evidence: Evidence) -> Finding | None:
    """Only the question for IPv6 is dropped: from one nameserver that answers A and is silent on AAAA."""
    lookup = resolved(evidence)
    fast, silent = _by_nameserver(evidence, "A"), _by_nameserver(evidence, "AAAA")
    for nameserver, queries in silent.items():
        answered = any(seen.outcome in ("ok", "nodata") and not _drags(seen) for seen in fast.get(nameserver, ()))
        if all(seen.outcome == "timeout" or _drags(seen) for seen in queries) and answered:
            return conclude(
                "dns.slow_aaaa",
                because=[
                    f"Nameserver {nameserver} answers the question for A and is silent on AAAA."
                    if queries[0].outcome == "timeout"
                    else f"Nameserver {nameserver} answers the question for A at once and the one for AAAA after "
                    f"{seconds(queries[0].duration_s)}.",
                    f"The system's own lookup took {seconds(lookup.duration_s)}." if lookup else None,
                    f"The name has no IPv4 address, so that everything depends on {nameserver}'s word on IPv6."
                    if not lookup and not any(seen.ok for seen in fast.get(nameserver, ()))
                    else None,
                ],
                severity="warning" if lookup else "error",
                host=evidence.host,
            )
    return None


def _drags(seen: Observation) -> bool:
    """Whether an answer took so long that the whole lookup waits for it."""
    return (number(seen, "rtt_ms") or 0.0) >= _SLOW_S * 1000


def _by_nameserver(evidence: Evidence, rdtype: str | None = None) -> dict[str, list[Observation]]:
    found: dict[str, list[Observation]] = {}
    for seen in evidence.address_queries:
        if rdtype in (None, text(seen, "rdtype")):
            found.setdefault(text(seen, "nameserver"), []).append(seen)
    return found

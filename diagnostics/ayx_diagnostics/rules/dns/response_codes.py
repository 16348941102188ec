"""Conclusions about a name that does not resolve, from what nameservers answer (RFC 1035, 4.1.1; RFC 2308)."""

from __future__ import annotations

from ayx_diagnostics.evidence import Evidence, flag, text, texts
from ayx_diagnostics.model import Finding, FixStep, Observation
from ayx_diagnostics.rules.conclusion import conclude, network, server, you
from ayx_diagnostics.rules.dns.dns_evidence import (
    about_lookup,
    answers_that_say,
    asked_name,
    lookup_fails,
    per_nameserver,
    questions,
)
from ayx_diagnostics.rules.rule import rule

_MOST_CNAMES_SHOWN = 6


@rule("dns.cname_to_nowhere")
def cname_to_nowhere(evidence: Evidence) -> Finding | None:
    """An alias leads to a name that does not exist: from NXDOMAIN below a chain of CNAME records."""
    hits = [seen for seen in answers_that_say(evidence, "nxdomain", "nodata") if _cnames(seen)]
    if not hits or not lookup_fails(evidence):
        return None
    if flag(hits[0], "cname_loop"):
        return None
    chain = _cnames(hits[0])
    shown = " -> ".join([chain[0][0], *(target for _, target in chain[:_MOST_CNAMES_SHOWN])])
    last = chain[-1][1]
    return conclude(
        "dns.cname_to_nowhere",
        about_lookup(evidence),
        because=[
            f"{shown}: the last name has no address ({hits[0].outcome.upper()} from {text(hits[0], 'nameserver')})."
        ],
        fix=[server(f"publish an address for {last}, or point {chain[-1][0]} at a name that exists")],
        ruled_out=[f"Not a typing mistake: {chain[0][0]} itself exists, as an alias."],
    )


def _cnames(seen: Observation) -> list[tuple[str, str]]:
    value = seen.evidence.get("cnames")
    if not isinstance(value, list | tuple):
        return []
    pairs = [pair for pair in value if isinstance(pair, list | tuple)]
    return [(str(pair[0]), str(pair[-1])) for pair in pairs if pair]


@rule("dns.cname_loop")
def cname_loop(evidence: Evidence) -> Finding | None:
    """Aliases lead in a circle: from a CNAME chain that meets itself."""
    hit = next((seen for seen in questions(evidence) if flag(seen, "cname_loop")), None)
    if hit is None or not lookup_fails(evidence):
        return None
    chain = _cnames(hit)
    shown = " -> ".join([owner for owner, _ in chain[:_MOST_CNAMES_SHOWN]] + [chain[-1][1]] if chain else [])
    return conclude(
        "dns.cname_loop",
        about_lookup(evidence),
        because=[f"The aliases lead in a circle{': ' + shown if shown else ''}."],
    )


def _known_elsewhere(evidence: Evidence) -> list[str]:
    """Return which nameservers do know the name: the system believes the first answer, whatever the next would say."""
    return [
        f"Nameserver {text(seen, 'nameserver')} does know it ({', '.join(texts(seen, 'addresses'))}), but the system "
        "believes the first answer that it gets."
        for seen in answers_that_say(evidence, "ok")
    ]


def _ask_the_right_one(evidence: Evidence) -> tuple[FixStep, ...]:
    right = list(dict.fromkeys(text(seen, "nameserver") for seen in answers_that_say(evidence, "ok")))
    if not right:
        return ()
    return (you(f"put {right[0]} first in the resolver configuration, or use only the nameservers of that network"),)


@rule("dns.nxdomain")
def nxdomain(evidence: Evidence) -> Finding | None:
    """The name does not exist: from response code 3, or, where no nameserver was asked, from the system's word."""
    hits = answers_that_say(evidence, "nxdomain")
    lookup = evidence.first("dns", "system_lookup")
    untold = not questions(evidence) and lookup is not None and lookup.outcome == "noname"
    if not lookup_fails(evidence) or not (hits or untold):
        return None
    name = asked_name(evidence)
    zone = next((text(seen, "authority_soa") for seen in hits if text(seen, "authority_soa")), "")
    return conclude(
        "dns.nxdomain",
        about_lookup(evidence),
        because=[
            *per_nameserver(hits, "answers that the name does not exist (NXDOMAIN, response code 3)"),
            *([f"The answer comes with the SOA record of {zone}, so that zone was consulted."] if zone else []),
            *_known_elsewhere(evidence),
        ],
        fix=[
            *_ask_the_right_one(evidence),
            you(
                f"check the spelling of {name}; if it is an internal name, connect to the VPN whose nameservers know it"
            ),
            server(f"publish {name} in DNS{' (zone ' + zone + ')' if zone else ''}"),
        ],
        confidence="certain" if hits else "likely",
    )


@rule("dns.nodata")
def nodata(evidence: Evidence) -> Finding | None:
    """The name exists without an address: from an empty answer with response code 0."""
    hits = answers_that_say(evidence, "nodata")
    lookup = evidence.first("dns", "system_lookup")
    untold = not questions(evidence) and lookup is not None and lookup.outcome == "nodata"
    if not lookup_fails(evidence) or not (hits or untold):
        return None
    if {text(seen, "rdtype") for seen in hits} == {"AAAA"} and any(
        text(seen, "rdtype") == "A" for seen in questions(evidence)
    ):
        return None  # an empty answer for AAAA is normal; why A fails is the question
    empty = {text(seen, "nameserver") for seen in hits}
    if any(text(seen, "nameserver") in empty for seen in answers_that_say(evidence, "servfail", "timeout")):
        return None  # one family has no address, and of the other one nobody knows
    return conclude(
        "dns.nodata",
        about_lookup(evidence),
        because=[
            *per_nameserver(hits, "answers that the name exists but has no address (no error, empty answer)"),
            *_known_elsewhere(evidence),
        ],
        fix=[*_ask_the_right_one(evidence), server(f"publish an A (or AAAA) record for {asked_name(evidence)}")],
        confidence="certain" if hits else "likely",
    )


@rule("dns.servfail")
def servfail(evidence: Evidence) -> Finding | None:
    """The nameserver could not find out: from response code 2, with the CD bit telling DNSSEC apart."""
    hits = answers_that_say(evidence, "servfail")
    if not hits or not lookup_fails(evidence):
        return None
    without_dnssec = evidence.first("dns", "query", outcome="ok", purpose="cd_bit")
    still = evidence.first("dns", "query", outcome="servfail", purpose="cd_bit")
    notes = [note for seen in evidence.all("dns", "query") for note in texts(seen, "ede")]
    nameservers = ", ".join(dict.fromkeys(text(seen, "nameserver") for seen in hits))
    return conclude(
        "dns.servfail",
        about_lookup(evidence),
        because=[
            *per_nameserver(hits, "answers SERVFAIL (response code 2)"),
            *(
                ["With checking disabled (CD bit) the same nameserver answers: DNSSEC validation fails."]
                if without_dnssec
                else []
            ),
            *([f"The nameserver says why (RFC 8914): {'; '.join(dict.fromkeys(notes))}."] if notes else []),
        ],
        fix=[
            server(f"repair DNSSEC of the zone of {asked_name(evidence)} (DS record, expired signatures)")
            if without_dnssec
            else network(
                f"find out why {nameservers} cannot resolve {asked_name(evidence)}: "
                "its forwarders or the zone's servers"
            )
        ],
        ruled_out=["Not DNSSEC: with checking disabled (CD bit) the answer is the same." if still else None],
    )


@rule("dns.refused")
def refused(evidence: Evidence) -> Finding | None:
    """The nameserver does not serve this client: from response code 5."""
    hits = answers_that_say(evidence, "refused")
    if not hits or not lookup_fails(evidence):
        return None
    nameservers = ", ".join(dict.fromkeys(text(seen, "nameserver") for seen in hits))
    return conclude(
        "dns.refused",
        about_lookup(evidence),
        because=per_nameserver(hits, "refuses to answer this client (REFUSED, response code 5)"),
        fix=[
            you(f"use a nameserver meant for this network instead of {nameservers}, or connect to its VPN"),
            network(f"let {nameservers} answer queries from this machine's network"),
        ],
    )


@rule("dns.formerr_or_notimp")
def formerr_or_notimp(evidence: Evidence) -> Finding | None:
    """The nameserver does not understand the question: from response code 1 or 4, and an answer without EDNS."""
    hits = answers_that_say(evidence, "formerr", "notimp")
    if not hits or not lookup_fails(evidence):
        return None
    plain = evidence.first("dns", "query", outcome="ok", purpose="no_edns")
    return conclude(
        "dns.formerr_or_notimp",
        about_lookup(evidence),
        because=[
            *per_nameserver(hits, f"answers {hits[0].outcome.upper()}"),
            *([f"Without EDNS, {text(plain, 'nameserver')} answers: it does not cope with EDNS."] if plain else []),
        ],
    )


@rule("dns.wrong_id_or_spoof")
def wrong_id(evidence: Evidence) -> Finding | None:
    """Answers do not belong to the question: from replies with another id, or that cannot be read."""
    hits = answers_that_say(evidence, "wrong_id", "malformed")
    hits += evidence.all("dns", "query", purpose="tcp_retry", outcome="malformed")
    if not hits or not lookup_fails(evidence):
        return None
    elsewhere = {text(seen, "nameserver"): text(seen, "replied_from") for seen in hits if text(seen, "replied_from")}
    strange = [seen for seen in hits if not text(seen, "replied_from")]
    return conclude(
        "dns.wrong_id_or_spoof",
        about_lookup(evidence),
        because=[
            *per_nameserver(strange, "sends a reply that does not belong to the question, or cannot be read,"),
            *(
                f"The reply of nameserver {nameserver} comes from {sender} instead, and no resolver takes it."
                for nameserver, sender in elsewhere.items()
            ),
        ],
        confidence="likely",
    )


@rule("dns.servfail")
def unexplained(evidence: Evidence) -> Finding | None:
    """A lookup fails and no nameserver says why: from EAI_AGAIN or EAI_FAIL, which stand for many causes."""
    lookup = evidence.first("dns", "system_lookup")
    if lookup is None or not lookup_fails(evidence) or lookup.outcome not in ("again", "fail", "other_error"):
        return None
    return conclude(
        "dns.servfail",
        about_lookup(evidence),
        because=[
            (
                "The system reports a failure of the nameserver without saying which (SERVFAIL, REFUSED and a "
                "closed port look alike)."
            )
        ],
        confidence="possible",
    )

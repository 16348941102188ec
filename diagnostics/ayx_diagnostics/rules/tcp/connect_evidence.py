"""Failed direct connects to the Server, and the words that findings about them share."""

from __future__ import annotations

from ayx_diagnostics.evidence import Evidence, mapping, mappings, text, texts, whole_of
from ayx_diagnostics.model import FixStep, Observation
from ayx_diagnostics.rules.conclusion import Subject, endpoint, errno_of, network, seconds

__all__ = ["about_connect", "answering_hops", "failed", "icmp_of", "icmp_words", "ladder_of", "offender_of", "to_open"]

_MOST_SHOWN = 6


def failed(evidence: Evidence) -> tuple[Observation, ...]:
    """Return the failed direct connects that count if none succeeded and the client goes direct.

    Where a name has addresses of both families, IPv4 is what counts: that is what still has to work when IPv6 does not.
    """
    if evidence.route != "direct" or any(seen.ok for seen in evidence.connects):
        return ()
    return tuple(seen for seen in evidence.connects if ":" not in text(seen, "address")) or evidence.connects


def icmp_of(seen: Observation) -> tuple[int, int | None, int | None] | None:
    """Return family, type and code of the ICMP error behind a failed connect."""
    icmp = mapping(seen, "icmp")
    if not icmp or icmp.get("origin") == "local":
        return None
    family = 6 if icmp.get("origin") == "icmp6" or ":" in text(seen, "address") else 4
    return (family, whole_of(icmp, "type"), whole_of(icmp, "code"))


def offender_of(seen: Observation) -> str:
    """Return who sent the ICMP error, or ``""``."""
    return str(mapping(seen, "icmp").get("offender") or "")


def icmp_words(seen: Observation) -> str:
    """Return the ICMP error behind a failed connect in words."""
    icmp = mapping(seen, "icmp")
    version = "ICMPv6" if ":" in text(seen, "address") else "ICMP"
    return (
        f"{version} type {icmp.get('type')}, code {icmp.get('code')}, from {offender_of(seen) or 'an unnamed sender'}, "
        f"{seconds(seen.duration_s)} after the SYN ({errno_of(seen)})."
    )


def _other_answers(evidence: Evidence) -> list[str]:
    """Return which nameservers give other addresses than those of the same family that were tried."""
    families = {":" in address for address in evidence.addresses}
    return [
        f"Nameserver {text(seen, 'nameserver')} gives other addresses for the name: "
        f"{', '.join(texts(seen, 'addresses'))}."
        for seen in evidence.all("dns", "query", outcome="ok", purpose="address")
        if (given := set(texts(seen, "addresses")))
        and {":" in address for address in given} & families
        and not given & set(evidence.addresses)
    ]


def _named(evidence: Evidence) -> str | None:
    lookup = evidence.first("dns", "system_lookup", outcome="ok")
    if lookup is None or _other_answers(evidence):
        return None
    return f"Not DNS: {lookup.target} resolves to {', '.join(evidence.addresses)}."


def _others(evidence: Evidence) -> list[str]:
    """Return what the controls that connected rule out."""
    words = {
        "other_port": "Not the whole host",
        "reference_host": "Not this machine's network as a whole",
        "nameserver": "Not this machine's network as a whole",
    }
    return [
        f"{words[purpose]}: {endpoint(seen)} answers ({'accepts' if seen.ok else 'refuses'})."
        for seen in evidence.all("tcp", "control")
        if (purpose := text(seen, "purpose")) in words and seen.outcome in ("ok", "refused")
    ]


def to_open(evidence: Evidence, seen: Observation) -> FixStep:
    """Return the step that asks for the connection to be allowed, with this machine's address."""
    source = text(seen, "local_address") or next(
        (
            text(item, "local_address")
            for item in evidence.all("local", "source_address")
            if text(item, "local_address")
        ),
        "this machine",
    )
    return network(f"allow TCP from {source} to {endpoint(seen)}")


def about_connect(evidence: Evidence, seen: Observation) -> Subject:
    """Return what findings about a connect share, with what the controls rule out."""
    return Subject(
        {"address": endpoint(seen), "host": evidence.host},
        because=[*_otherwise(evidence, seen), *_other_answers(evidence)],
        ruled_out=[_named(evidence)],
        also_ruled_out=_others(evidence),
    )


def _otherwise(evidence: Evidence, seen: Observation) -> list[str]:
    """Return how the other addresses of the name failed, where they failed in another way."""
    mine = seen.outcome if seen in failed(evidence) else None
    different = [item for item in evidence.connects if mine and not item.ok and item.outcome != mine]
    return [f"{endpoint(item)} fails in another way: {errno_of(item)}." for item in different[:_MOST_SHOWN]]


def ladder_of(evidence: Evidence, seen: Observation) -> Observation | None:
    """Return the ladder of TTLs to the same address and port."""
    return next((path for path in evidence.all("tcp", "path") if path.target == endpoint(seen)), None)


def answering_hops(evidence: Evidence, seen: Observation) -> list[dict[str, object]]:
    """Return the hops of that ladder that answered."""
    return [dict(hop) for hop in mappings(ladder_of(evidence, seen), "hops") if hop.get("responder")]

"""What was asked about a name, and what nameservers and the system said: the words that DNS conclusions share."""

from __future__ import annotations

from ayx_diagnostics.evidence import Evidence, number, text
from ayx_diagnostics.model import Observation
from ayx_diagnostics.rules.conclusion import Subject, seconds

__all__ = ["about_lookup", "answers_that_say", "asked_name", "lookup_fails", "per_nameserver", "questions", "resolved"]


def lookup_fails(evidence: Evidence) -> bool:
    """Whether the name that the client itself has to resolve does not resolve."""
    if evidence.route == "proxy":
        return False  # the proxy resolves the name
    lookups = evidence.all("dns", "system_lookup")
    if lookups:
        return not any(seen.ok for seen in lookups)
    queries = questions(evidence)
    return bool(queries) and not any(seen.ok for seen in queries)


def questions(evidence: Evidence) -> tuple[Observation, ...]:
    """The plain questions for the Server's addresses, without the controls; a late answer stands for the silence."""
    late = {seen.target: seen for seen in evidence.all("dns", "query", purpose="again") if seen.outcome != "timeout"}
    return tuple(
        late.get(seen.target, seen) if seen.outcome == "timeout" else seen for seen in evidence.address_queries
    )


def answers_that_say(evidence: Evidence, *outcomes: str) -> list[Observation]:
    """Return the answers to the plain questions that have one of these outcomes."""
    return [seen for seen in questions(evidence) if seen.outcome in outcomes]


def asked_name(evidence: Evidence) -> str:
    """Return the name that the client itself has to resolve."""
    lookup = evidence.first("dns", "system_lookup")
    return lookup.target if lookup is not None else evidence.host or text(next(iter(questions(evidence)), None), "name")


def per_nameserver(queries: list[Observation], words: str) -> list[str]:
    """Return a sentence a nameserver, with the record types that it was asked for."""
    nameservers: dict[str, list[str]] = {}
    for seen in queries:
        kinds = nameservers.setdefault(text(seen, "nameserver") or seen.target, [])
        kinds.append(text(seen, "rdtype"))
    return [
        f"Nameserver {nameserver} {words} for "
        f"{' and '.join(dict.fromkeys(kind for kind in kinds if kind)) or 'the name'}."
        for nameserver, kinds in nameservers.items()
    ]


def _system_says(evidence: Evidence) -> str | None:
    """Return what the system's own lookup said, if it failed."""
    lookup = evidence.first("dns", "system_lookup")
    if lookup is None or lookup.ok:
        return None
    said = text(lookup, "text") or lookup.outcome
    return (
        f"The system's own lookup (getaddrinfo) of {lookup.target} failed after {seconds(lookup.duration_s)}: {said}."
    )


def _not_in_hosts(evidence: Evidence) -> str | None:
    """Return that the hosts file does not list the name, if it was looked at."""
    seen = evidence.first("dns", "hosts_file", outcome="absent")
    return f"Not the hosts file: {text(seen, 'path') or 'it'} does not list the name." if seen is not None else None


def _nameservers_answer(evidence: Evidence) -> str | None:
    """Return that the nameservers do answer, if they do."""
    alive = [seen for seen in questions(evidence) if seen.outcome not in ("timeout", "port_closed", "unreachable")]
    if not alive:
        return None
    rtt = number(alive[0], "rtt_ms")
    took = f" (in {rtt:.0f} ms)" if rtt is not None else ""
    return f"Not the way to the nameserver: {text(alive[0], 'nameserver')} answers{took}."


def about_lookup(evidence: Evidence) -> Subject:
    """Return what findings about the lookup share: its name, and what the system said."""
    return Subject(
        {"host": asked_name(evidence)},
        because=[_system_says(evidence)],
        also_ruled_out=[_nameservers_answer(evidence), _not_in_hosts(evidence)],
    )


def resolved(evidence: Evidence) -> Observation | None:
    """Return the system's own lookup of the Server's name if it succeeded, else None."""
    return evidence.first("dns", "system_lookup", outcome="ok")

"""Conclusions about a name that resolves to addresses that are not the Server's, or not all of them."""

from __future__ import annotations

import ipaddress

from ayx_diagnostics.evidence import Evidence, flag, ip_address, number, text, texts, whole
from ayx_diagnostics.evidence.facts import speaks_as_server
from ayx_diagnostics.model import Finding, Observation
from ayx_diagnostics.rules.conclusion import conclude, endpoint, errno_of, network, server, you
from ayx_diagnostics.rules.dns.dns_evidence import resolved
from ayx_diagnostics.rules.local.local_origin import is_local_offender, refused_by_kernel
from ayx_diagnostics.rules.rule import rule
from ayx_diagnostics.rules.tls.certificate_evidence import is_for_another_host

_MOST_SHOWN = 6
_ERRORS, _SERVER_ERRORS = 400, 500
#: RFC 1918, RFC 6598, RFC 4193, and what never leaves a link or a machine.
_INTERNAL = tuple(
    ipaddress.ip_network(net)
    for net in (
        "10.0.0.0/8",
        "172.16.0.0/12",
        "192.168.0.0/16",
        "100.64.0.0/10",
        "169.254.0.0/16",
        "127.0.0.0/8",
        "fc00::/7",
        "fe80::/10",
        "::1/128",
    )
)
#: How a connect to an address that no longer works fails.
_DEAD = frozenset({"timeout", "refused", "host_unreachable", "net_unreachable", "permission_denied"})


def _answers(evidence: Evidence) -> dict[str, set[str]]:
    """Return the addresses that each nameserver gave for the Server's name."""
    found: dict[str, set[str]] = {}
    for seen in evidence.address_queries:
        if seen.ok:
            found.setdefault(text(seen, "nameserver"), set()).update(texts(seen, "addresses"))
    return found


def _works(evidence: Evidence) -> bool:
    """Whether the address that the name gave accepted a connection, and nothing says that it is another machine's."""
    return evidence.ok("tcp", "connect") and not _somebody_else(evidence)


def _somebody_else(evidence: Evidence) -> bool:
    """Whether what answers is not the Server: from its certificate, its protocol, or its answers to every request."""
    if is_for_another_host(evidence):
        return True
    if any(seen.outcome == "not_tls" for seen in evidence.handshakes):
        return True
    answers = [seen for seen in evidence.exchanges if seen.ok]
    return bool(answers) and not any(_is_alteryx(seen) for seen in answers)


def _is_alteryx(seen: Observation) -> bool:
    """Whether only the Server, or a gateway that knows it, answers like that."""
    status = whole(seen, "status") or 0
    as_others_do = seen.stage == "api" or status >= _SERVER_ERRORS or (flag(seen, "json") and status < _ERRORS)
    return speaks_as_server(seen) or as_others_do


def _published(evidence: Evidence) -> str | None:
    """Return that an address which the nameservers give, and the client did not try, accepts connections."""
    alive = evidence.first("tcp", "control", purpose="published", outcome="ok")
    return f"{endpoint(alive)}, which the nameservers give, accepts connections." if alive is not None else None


@rule("dns.hosts_override")
def hosts_override(evidence: Evidence) -> Finding | None:
    """The hosts file says something else than DNS: from its line and the nameservers' answers."""
    hosts, lookup = evidence.first("dns", "hosts_file", outcome="ok"), resolved(evidence)
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
            _published(evidence),
        ],
        fix=[you(f"remove or correct the line of {lookup.target} in {path}")],
        confidence="certain" if _works(evidence) else "likely",
        severity="warning" if _works(evidence) else "error",
        host=lookup.target,
    )


@rule("dns.sinkhole")
def sinkhole(evidence: Evidence) -> Finding | None:
    """A DNS filter answers with a dead end: from an address that is this machine itself."""
    lookup = resolved(evidence)
    if lookup is None or not evidence.connects or evidence.ok("dns", "hosts_file"):
        return None
    if any(seen.ok and _is_alteryx(seen) for seen in evidence.exchanges):
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
            f"Connecting to it fails ({evidence.connects[0].outcome})."
            if not evidence.ok("tcp", "connect")
            else "Something on this machine accepts connections there, and does not answer as the Server does.",
        ],
        confidence="certain" if told else "likely",
        host=lookup.target,
    )


@rule("dns.nxdomain_hijack")
def hijack(evidence: Evidence) -> Finding | None:
    """Every name resolves: from a random label that has the same address as the Server."""
    lookup = resolved(evidence)
    random = evidence.first("dns", "query", outcome="ok", purpose="random_label")
    if lookup is None or random is None or not set(texts(random, "addresses")) & set(texts(lookup, "addresses")):
        return None
    return conclude(
        "dns.nxdomain_hijack",
        because=[
            (
                f"A name that cannot exist ({text(random, 'name') or 'a random label'}) resolves to "
                f"{', '.join(texts(random, 'addresses'))}, the very address of {lookup.target}."
            )
        ],
        confidence="possible" if _works(evidence) or not evidence.connects else "likely",
        severity="warning" if _works(evidence) or not evidence.connects else "error",
        host=lookup.target,
    )


@rule("dns.search_suffix_trap")
def search_suffix(evidence: Evidence) -> Finding | None:
    """A search suffix turned the name into another one: from a different answer to the absolute name."""
    lookup = resolved(evidence)
    if lookup is None or evidence.ok("dns", "hosts_file"):
        return None
    addresses = set(texts(lookup, "addresses"))
    longer = next(
        (seen for seen in evidence.all("dns", "query", outcome="ok", purpose="search") if addresses & _given(seen)),
        None,
    )
    absolute = evidence.first("dns", "query", purpose="absolute")
    if longer is not None:
        asked = [seen for seen in evidence.all("dns", "query", purpose="address") if text(seen, "rdtype") == "A"]
        absolute = absolute or next((seen for seen in asked if seen.outcome in ("ok", "nxdomain", "nodata")), None)
    if absolute is None or absolute.outcome not in ("ok", "nxdomain", "nodata"):
        return None
    if (absolute.ok and addresses & _given(absolute)) or any(
        addresses & given for given in _answers(evidence).values()
    ):
        return None
    search = texts(evidence.first("dns", "resolver_config"), "search")
    return conclude(
        "dns.search_suffix_trap",
        because=[
            f"The system resolves {lookup.target} to {', '.join(texts(lookup, 'addresses'))}.",
            f"The absolute name {lookup.target.rstrip('.')}. "
            + ("does not exist." if not absolute.ok else f"is {', '.join(texts(absolute, 'addresses'))}."),
            f"{text(longer, 'name')} is {', '.join(texts(longer, 'addresses'))}: that is what was looked up."
            if longer
            else None,
            f"The search list is {', '.join(search)}." if search else None,
        ],
        fix=[
            you(f"write the name with a dot at its end ({lookup.target.rstrip('.')}.) to see the difference"),
            you(f"take {', '.join(search) or 'the suffix'} out of the search list, or lower ndots in its options"),
            network(f"remove the wildcard record that answers for {text(longer, 'name')}") if longer else None,
        ],
        confidence="certain" if longer else "likely",
        severity="warning" if _works(evidence) or not evidence.connects else "error",
        host=lookup.target,
    )


def _given(seen: Observation) -> set[str]:
    return set(texts(seen, "addresses"))


@rule("dns.split_horizon_mismatch")
def split_horizon(evidence: Evidence) -> Finding | None:
    """Nameservers disagree about the Server: from answers of one that are private and of another that are public."""
    lookup, answers = resolved(evidence), _answers(evidence)
    kinds = {
        nameserver: {_is_internal(address) for item in given if (address := ip_address(item))}
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
        ]
        + ([told] if (told := _published(evidence)) and not _works(evidence) else []),
        confidence="likely",
        severity="error" if told and evidence.connects and not _works(evidence) else "warning",
        host=lookup.target,
    )


def _is_internal(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    """Whether an address belongs to networks that the internet does not route."""
    return any(address.version == net.version and address in net for net in _INTERNAL)


@rule("dns.stale_or_partial_set")
def partly_dead(evidence: Evidence) -> Finding | None:
    """Some of the name's addresses do not work: from connects that differ, and fail for no reason of this machine."""
    alive = {text(seen, "address") for seen in evidence.connects if seen.ok}
    dead = {
        text(seen, "address"): seen
        for seen in evidence.connects
        if text(seen, "address") not in alive and seen.outcome in _DEAD and not _stopped_here(evidence, seen)
    }
    families = {":" in address for address in alive}
    dead = {  # a network without IPv6 is not the address's fault, and costs no time when it says so
        address: seen
        for address, seen in dead.items()
        if (":" in address) in families or seen.outcome not in ("net_unreachable", "permission_denied")
    }
    if not any(":" in address for address in alive) and all(
        ":" in address and seen.outcome == "timeout" for address, seen in dead.items()
    ):
        return None  # IPv6 as a whole is swallowed
    if not alive or not dead:
        return None
    waits = sum(number(seen, "timeout_s") or seen.duration_s for seen in dead.values() if seen.outcome == "timeout")
    listed = list(dead.values())[:_MOST_SHOWN]
    return conclude(
        "dns.stale_or_partial_set",
        because=[
            *(f"{endpoint(seen)} does not accept connections ({errno_of(seen)})." for seen in listed),
            f"{len(dead) - len(listed)} more addresses do not either." if len(dead) > len(listed) else None,
            f"{', '.join(sorted(alive)[:_MOST_SHOWN])} {'do' if len(alive) > 1 else 'does'}.",
            f"A client that tries the addresses one after another may wait {waits:.0f} s before it gets through."
            if waits
            else None,
        ],
        ruled_out=["Not this machine: it reaches another address of the same name."],
        fix=[server(f"repair {endpoint(seen)}, or take its address out of DNS") for seen in listed],
        host=evidence.host,
    )


def _stopped_here(evidence: Evidence, seen: Observation) -> bool:
    """Whether a connect failed for a reason of this machine: its route, its firewall."""
    unsent = seen.outcome != "refused" and refused_by_kernel(seen)
    return unsent or is_local_offender(evidence, seen) or (whole(seen, "send_failures") or 0) > 0

"""Questions to each nameserver of this machine: does it answer, and what it makes of the name."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from ayx_diagnostics.evidence import Evidence, text, texts
from ayx_diagnostics.model import Observation
from ayx_diagnostics.probes import local
from ayx_diagnostics.probes.dns_query import query
from ayx_diagnostics.probes.dns_system import hosts_file, resolver_config
from ayx_diagnostics.walk.control_connect import connect_as_control

if TYPE_CHECKING:
    from ayx_diagnostics.walk.session import Session

__all__ = ["ask_nameservers", "check_addresses", "is_silence"]

#: As long as the system itself waits for a nameserver; after a part of it, the silence is looked into.
_QUERY_S = 5.0
_SILENCE_S = 2.5
_CONTROL_QUERY_S = 3.0
_GRACE_S = 0.5
_SILENT = ("timeout", "port_closed")
#: The C library asks no more than the first three, and completes names with no more suffixes than is useful to ask.
_MOST_NAMESERVERS = 3
_MOST_SUFFIXES = 3
_TCP_RETRY_S = 1.0
_AGAIN_S = 2.5
#: How many addresses that the client does not try are connected to as a control, and for how long.
_MOST_PUBLISHED = 3
_PUBLISHED_S = 1.5

#: What one answer of a nameserver makes worth asking it next: keyword arguments of ``dns_query.query``.
FOLLOW_UPS: Mapping[str, tuple[Mapping[str, Any], ...]] = {
    "servfail": ({"purpose": "cd_bit", "cd": True},),
    "formerr": ({"purpose": "no_edns", "edns": False},),
    "truncated": ({"purpose": "tcp_retry", "transport": "tcp"},),
    "timeout": (
        {"purpose": "tcp_retry", "transport": "tcp", "timeout_s": _TCP_RETRY_S},
        # a nameserver that waits for another one may answer late; a reply from elsewhere is no timeout
        {"purpose": "again", "any_source": True, "timeout_s": _AGAIN_S},
    ),
}


def is_silence(answers: Sequence[Observation]) -> bool:
    """Whether no nameserver said anything that the system's own lookup could use."""
    return bool(answers) and all(seen.outcome in _SILENT for seen in answers)


def ask_nameservers(session: Session, host: str) -> list[Observation]:
    """Ask every nameserver of this machine for a name's addresses, side by side; return what each is worth."""
    session.progress(f"asking each nameserver for {host}")
    nameservers = _nameservers(session, host)
    parts: list[Callable[[], list[Observation]]] = [
        partial(_ask, session, host, rdtype, nameserver) for nameserver in nameservers for rdtype in ("A", "AAAA")
    ]
    parts.append(partial(_loopback, session))
    answers = session.side_by_side(parts, session.within_budget(_QUERY_S) + _CONTROL_QUERY_S)
    return [answer for group in answers if group for answer in group]


def _nameservers(session: Session, host: str) -> tuple[str, ...]:
    """Record where this machine looks names up; return its nameservers."""
    config = session.record(resolver_config(session.network))
    session.record(hosts_file(session.network, host))
    return texts(config, "nameservers")[:_MOST_NAMESERVERS]


def _loopback(session: Session) -> list[Observation]:
    """See whether this program may use the network at all; this is no answer of a nameserver."""
    session.record(local.loopback_connect(session.network))
    return []


def _ask(session: Session, host: str, rdtype: str, nameserver: str) -> list[Observation]:
    """Ask one nameserver, and once more in another way where its answer, or its silence, calls for it."""
    asking = session.begin(partial(_ask_once, session, host, rdtype, nameserver, {"timeout_s": _QUERY_S}))
    first = session.join([asking], _SILENCE_S)[0]
    outcome = first.outcome if first is not None else "timeout"
    later: list[Observation | None] = []
    if outcome != "timeout" or rdtype == "A":  # silence is the same for both types
        again = [partial(_ask_once, session, host, rdtype, nameserver, how) for how in FOLLOW_UPS.get(outcome, ())]
        later = session.side_by_side(again, _CONTROL_QUERY_S + _GRACE_S)
    first = session.join([asking], min(_QUERY_S, session.remaining_s))[0]
    return [_telling(first, [seen for seen in later if seen is not None])] if first is not None else []


def _ask_once(session: Session, host: str, rdtype: str, nameserver: str, how: Mapping[str, Any]) -> Observation:
    timeout_s = session.within_budget(how.get("timeout_s", _CONTROL_QUERY_S))
    return session.record(query(session.network, host, rdtype, nameserver, **{**how, "timeout_s": timeout_s}))


def _telling(first: Observation, later: list[Observation]) -> Observation:
    """Return what the system itself would make of a nameserver: a truncated answer is worth what TCP brings."""
    if first.outcome == "truncated":
        return next(iter(later), first)
    return next((seen for seen in later if text(seen, "purpose") == "again" and text(seen, "rcode")), first)


# --- after connections failed ----------------------------------------------------------------------------------------


def check_addresses(session: Session) -> None:
    """After connections failed: is the address what the nameservers say, and do they say it of any name?"""
    host, evidence = session.target.host, Evidence(session.observations)
    if not evidence.all("dns", "system_lookup") or evidence.all("dns", "query"):
        return  # an address needs no lookup; and what was asked already is not asked again
    parent = host.partition(".")[2]
    stray = f"ayxctl-{secrets.token_hex(6)}.{parent}" if parent else f"ayxctl-{secrets.token_hex(6)}"
    nameservers = _nameservers(session, host)
    timeout_s = session.within_budget(_CONTROL_QUERY_S)
    parts: list[Callable[[], object]] = [
        partial(_ask, session, host, rdtype, nameserver) for nameserver in nameservers for rdtype in ("A", "AAAA")
    ]
    for nameserver in nameservers[:1]:
        # a nameserver that knows a name that nobody has makes answers up
        parts.append(partial(_ask_control, session, stray, nameserver, "random_label", timeout_s))
        parts += [
            partial(_ask_control, session, f"{host}.{suffix}", nameserver, "search", timeout_s)
            for suffix in _suffixes(session, host)
        ]
    session.side_by_side(parts, timeout_s + _GRACE_S)
    _try_published(session)


def _ask_control(session: Session, name: str, nameserver: str, purpose: str, timeout_s: float) -> None:
    session.record(query(session.network, name, "A", nameserver, timeout_s=timeout_s, purpose=purpose))


def _suffixes(session: Session, host: str) -> tuple[str, ...]:
    """Return what the search list may have made of the Server's name."""
    config = Evidence(session.observations).first("dns", "resolver_config")
    return () if host.endswith(".") else texts(config, "search")[:_MOST_SUFFIXES]


def _try_published(session: Session) -> None:
    """Connect to addresses that a nameserver gives and that the client does not try."""
    evidence = Evidence(session.observations)
    tried = [address for seen in evidence.all("dns", "system_lookup") for address in texts(seen, "addresses")]
    answers = evidence.all("dns", "query", outcome="ok", purpose="address")
    given = dict.fromkeys(address for seen in answers for address in texts(seen, "addresses"))
    others = [address for address in given if address not in tried and session.matches_family(address)]
    if tried and others:
        timeout_s = session.within_budget(_PUBLISHED_S)
        parts = [
            partial(connect_as_control, session, address, session.target.port, "published", timeout_s)
            for address in others[:_MOST_PUBLISHED]
        ]
        session.side_by_side(parts, timeout_s + _GRACE_S)

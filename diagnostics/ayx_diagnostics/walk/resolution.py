"""From a host name to addresses, and, where that fails or drags, to the nameserver that is to blame."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from ayx_diagnostics.model import Observation
from ayx_diagnostics.probes import local, resolver, tcp
from ayx_diagnostics.walk.session import Session, side_by_side

__all__ = ["check_addresses", "is_ip_address", "resolve"]

#: A lookup that takes longer than this is examined while it runs.
_SLOW_S = 1.0
#: The longest that a lookup is waited for: glibc gives up on one dead nameserver after two attempts of 5 s.
_LOOKUP_S = 20.0
#: As long as the system itself waits for a nameserver; after a part of it, the silence is looked into.
_QUERY_S = 5.0
_SILENCE_S = 2.5
_CONTROL_QUERY_S = 3.0
#: Addresses of a name that are tried: each takes a thread, and a nameserver may name thousands.
MOST_ADDRESSES = 64
#: glibc's default: so long it waits for the first nameserver before it asks the next (resolv.conf(5), ``timeout``).
_FIRST_ATTEMPT_S = 5.1
_POLL_S = 0.05
#: What a question that ends with the budget needs to leave its observation.
_GRACE_S = 0.2
_SILENT = ("timeout", "port_closed")
#: The C library asks no more than the first three, and completes names with no more suffixes than is useful to ask.
_MOST_NAMESERVERS = 3
_MOST_SUFFIXES = 3
_TCP_RETRY_S = 1.0
_AGAIN_S = 2.5
#: How many addresses that the client does not try are connected to as a control, and for how long.
_MOST_PUBLISHED = 3
_PUBLISHED_S = 1.5

#: What one answer of a nameserver makes worth asking it next: keyword arguments of ``resolver.query``.
_FOLLOW_UPS: dict[str, tuple[dict[str, object], ...]] = {
    "servfail": ({"purpose": "cd_bit", "cd": True},),
    "formerr": ({"purpose": "no_edns", "edns": False},),
    "truncated": ({"purpose": "tcp_retry", "transport": "tcp"},),
    "timeout": (
        {"purpose": "tcp_retry", "transport": "tcp", "timeout_s": _TCP_RETRY_S},
        # a nameserver that waits for another one may answer late; a reply from elsewhere is no timeout
        {"purpose": "again", "any_source": True, "timeout_s": _AGAIN_S},
    ),
}


def is_ip_address(host: str) -> bool:
    """Whether a host is an address already, so that there is no name to resolve."""
    import ipaddress

    try:
        ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return False
    return True


def resolve(
    session: Session, host: str, background: Callable[[threading.Thread], object] = lambda _: None
) -> tuple[str, ...]:
    """Look a name up as the client does, and ask each nameserver when that fails or takes long.

    Args:
        session: The diagnosis.
        host: A host name or an IP address.
        background: Told of the thread that still asks nameservers when a slow lookup succeeds after all.

    Returns:
        Its addresses in the order in which the client would try them; none when the name does not resolve.
    """
    if is_ip_address(host):
        return (host,)
    session.progress(f"resolving {host}")
    lookup = _Lookup(session, host)
    seen = lookup.wait(_SLOW_S)
    if seen is None or not seen.ok:
        questions = _Questions(session, host)
        seen = lookup.wait_for(questions) or lookup.give_up()
        if seen.ok:
            background(questions.thread)
        else:
            questions.thread.join(max(_GRACE_S, session.remaining_s))
    seen = session.record(_of_family(session, seen))
    return tuple(seen.evidence.get("addresses", ())[:MOST_ADDRESSES])


def _of_family(session: Session, seen: Observation) -> Observation:
    """Leave out the addresses that the user does not want; none left is as if the name had none."""
    found = tuple(seen.evidence.get("addresses", ()))
    wanted = [address for address in found if session.matches_family(address)]
    if wanted or not found:
        return replace(seen, evidence={**seen.evidence, "addresses": wanted})
    text = f"no IPv{session.family} address, only {', '.join(found)}"
    return replace(seen, outcome="nodata", evidence={**seen.evidence, "addresses": [], "text": text})


class _Lookup:
    """The system's own lookup, running in the background since it cannot be interrupted."""

    def __init__(self, session: Session, host: str) -> None:
        self._session, self._host = session, host
        self._started_s = session.clock.now()
        self._result: list[Observation] = []
        timeout_s = session.within_budget(_LOOKUP_S)
        self._thread = threading.Thread(target=self._run, args=(timeout_s,), daemon=True, name="lookup")
        self._thread.start()

    def _run(self, timeout_s: float) -> None:
        self._result.append(resolver.system_lookup(self._session.clock, self._host, timeout_s=timeout_s))

    def wait(self, timeout_s: float) -> Observation | None:
        """Return the lookup's observation, or None when it is not there in time."""
        self._thread.join(max(0.0, min(timeout_s, self._session.remaining_s)))
        return self._result[0] if self._result else None

    def wait_for(self, questions: _Questions) -> Observation | None:
        """Return the lookup's observation; None when it is not there in time or can only time out.

        When every nameserver is silent, the lookup is waited for no longer than the system's first attempt may take.
        """
        while True:
            seen = self.wait(_POLL_S)
            waited_s = self._session.clock.now() - self._started_s
            if seen is not None or waited_s >= _LOOKUP_S or self._session.remaining_s <= 0:
                return seen
            if waited_s >= _FIRST_ATTEMPT_S and not questions.thread.is_alive() and questions.all_silent:
                return None

    def give_up(self) -> Observation:
        """Return the observation of a lookup that is no longer waited for."""
        now = self._session.clock.now()
        return Observation(
            "dns",
            "system_lookup",
            self._host,
            self._started_s,
            now - self._started_s,
            "timeout",
            {"addresses": [], "text": f"no answer after {now - self._started_s:.1f} s"},
        )


class _Questions:
    """The questions to every nameserver of this machine, asked in the background while the lookup goes on."""

    def __init__(self, session: Session, host: str) -> None:
        self._answers: list[Observation] = []
        session.progress(f"asking each nameserver for {host}")
        self.thread = threading.Thread(target=self._ask, args=(session, host), daemon=True, name="nameservers")
        self.thread.start()

    def _ask(self, session: Session, host: str) -> None:
        with session.until_out_of_time():
            self._answers += _ask_nameservers(session, host)

    @property
    def all_silent(self) -> bool:
        """Whether no nameserver said anything that the system's own lookup could use."""
        return bool(self._answers) and all(seen.outcome in _SILENT for seen in self._answers)


def check_addresses(session: Session) -> None:
    """After connections failed: is the address what the nameservers say, and do they say it of any name?"""
    host = session.target.host
    if is_ip_address(host) or any(seen.operation == "query" for seen in session.observations):
        return
    parent = host.partition(".")[2]
    stray = f"ayxctl-{secrets.token_hex(6)}.{parent}" if parent else f"ayxctl-{secrets.token_hex(6)}"
    nameservers = _nameservers(session, host)
    timeout_s = session.within_budget(_CONTROL_QUERY_S)
    tasks: list[Callable[[], object]] = [
        partial(_ask, session, host, rdtype, nameserver) for nameserver in nameservers for rdtype in ("A", "AAAA")
    ]
    tasks += [partial(_ask_for_nothing, session, stray, nameserver, timeout_s) for nameserver in nameservers[:1]]
    tasks += [
        partial(_ask_with_suffix, session, f"{host}.{suffix}", nameserver, timeout_s)
        for nameserver in nameservers[:1]
        for suffix in ([] if host.endswith(".") else _search_list(session))
    ]
    side_by_side(tasks, timeout_s=timeout_s + 0.5)
    _try_published(session)


def _try_published(session: Session) -> None:
    """Connect to addresses that a nameserver gives and that the client does not try."""
    tried = [
        address
        for seen in session.observations
        if seen.operation == "system_lookup"
        for address in seen.evidence["addresses"]
    ]
    given = [
        address
        for seen in session.observations
        if seen.operation == "query" and seen.ok and seen.evidence.get("purpose") == "address"
        for address in seen.evidence["addresses"]
    ]
    others = [item for item in dict.fromkeys(given) if item not in tried and session.matches_family(item)]
    if tried and others:
        tasks = [partial(_connect, session, address) for address in others[:_MOST_PUBLISHED]]
        side_by_side(tasks, timeout_s=session.within_budget(_PUBLISHED_S) + 0.2)


def _connect(session: Session, address: str) -> None:
    timeout_s = session.within_budget(_PUBLISHED_S)
    seen, sock = tcp.connect(session.clock, address, session.target.port, timeout_s=timeout_s, operation="control")
    if sock:
        sock.close()
    session.record(replace(seen, evidence={**seen.evidence, "purpose": "published"}))


def _ask_for_nothing(session: Session, stray: str, nameserver: str, timeout_s: float) -> None:
    """Ask for a name that nobody has: a nameserver that knows it makes answers up."""
    session.record(resolver.query(session.clock, stray, "A", nameserver, timeout_s=timeout_s, purpose="random_label"))


def _ask_with_suffix(session: Session, name: str, nameserver: str, timeout_s: float) -> None:
    """Ask for the name that the search list may have made of the Server's."""
    session.record(resolver.query(session.clock, name, "A", nameserver, timeout_s=timeout_s, purpose="search"))


def _search_list(session: Session) -> list[str]:
    config = next((seen for seen in session.observations if seen.operation == "resolver_config"), None)
    return list(config.evidence.get("search", ())[:_MOST_SUFFIXES]) if config is not None else []


def _nameservers(session: Session, host: str) -> list[str]:
    """Record where this machine looks names up; return its nameservers."""
    config = session.record(resolver.resolver_config(session.clock))
    session.record(resolver.hosts_file(session.clock, host))
    return list(config.evidence.get("nameservers", ())[:_MOST_NAMESERVERS])


def _ask_nameservers(session: Session, host: str) -> list[Observation]:
    """Ask every nameserver of this machine for the name's addresses, side by side."""
    session.progress(f"asking each nameserver for {host}")
    nameservers = _nameservers(session, host)
    tasks: list[Callable[[], list[Observation]]] = [
        partial(_ask, session, host, rdtype, nameserver) for nameserver in nameservers for rdtype in ("A", "AAAA")
    ]
    tasks.append(partial(_loopback, session))
    answers = side_by_side(tasks, timeout_s=session.within_budget(_QUERY_S) + _CONTROL_QUERY_S)
    return [answer for group in answers if group for answer in group]


def _loopback(session: Session) -> list[Observation]:
    """See whether this program may use the network at all; this is no answer of a nameserver."""
    session.record(local.loopback_connect(session.clock))
    return []


def _ask(session: Session, host: str, rdtype: str, nameserver: str) -> list[Observation]:
    """Ask one nameserver, and once more in another way where its answer calls for it."""
    answers: list[Observation] = []

    def ask_first() -> None:
        with session.until_out_of_time():
            timeout_s = session.within_budget(_QUERY_S)
            answers.append(session.record(resolver.query(session.clock, host, rdtype, nameserver, timeout_s=timeout_s)))

    asking = threading.Thread(target=ask_first, daemon=True, name=f"query-{rdtype}-{nameserver}")
    asking.start()
    asking.join(_SILENCE_S)
    outcome = answers[0].outcome if answers else "timeout"
    later: list[Observation | None] = []
    if outcome != "timeout" or rdtype == "A":  # silence is the same for both types
        tasks = [
            partial(_ask_again, session, host, rdtype, nameserver, options) for options in _FOLLOW_UPS.get(outcome, ())
        ]
        later = side_by_side(tasks, timeout_s=_CONTROL_QUERY_S + 0.5)
    asking.join(max(0.0, min(_QUERY_S, session.remaining_s)))
    return [_telling(first, [seen for seen in later if seen is not None]) for first in answers]


def _ask_again(session: Session, host: str, rdtype: str, nameserver: str, options: Mapping[str, Any]) -> Observation:
    timeout_s = session.within_budget(options.get("timeout_s", _CONTROL_QUERY_S))
    return session.record(
        resolver.query(session.clock, host, rdtype, nameserver, **{**options, "timeout_s": timeout_s})
    )


def _telling(first: Observation, later: list[Observation]) -> Observation:
    """Return what the system itself would make of a nameserver: a truncated answer is worth what TCP brings."""
    if first.outcome == "truncated":
        return next(iter(later), first)
    return next((seen for seen in later if seen.evidence["purpose"] == "again" and seen.evidence.get("rcode")), first)

"""From a host name to addresses, and, where that fails or drags, to the nameserver that is to blame."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable
from functools import partial

from ayx_diagnostics.model import Observation
from ayx_diagnostics.planner.session import Session, side_by_side
from ayx_diagnostics.probes import resolver

__all__ = ["check_addresses", "is_ip_address", "resolve"]

#: A lookup that takes longer than this is examined while it runs.
_SLOW_S = 1.0
#: The longest that a lookup is waited for: glibc gives up on one dead nameserver after two attempts of 5 s.
_LOOKUP_S = 20.0
_QUERY_S = 3.0
_MOST_NAMESERVERS = 4

#: What one answer of a nameserver makes worth asking it next: keyword arguments of ``resolver.query``.
_FOLLOW_UPS: dict[str, dict[str, object]] = {
    "servfail": {"purpose": "cd_bit", "cd": True},
    "formerr": {"purpose": "no_edns", "edns": False},
    "truncated": {"purpose": "tcp_retry", "transport": "tcp"},
}


def is_ip_address(host: str) -> bool:
    """Whether a host is an address already, so that there is no name to resolve."""
    import ipaddress

    try:
        ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return False
    return True


def resolve(session: Session, host: str) -> tuple[str, ...]:
    """Look a name up as the client does, and ask each nameserver when that fails or takes long.

    Args:
        session: The diagnosis.
        host: A host name or an IP address.

    Returns:
        Its addresses in the order in which the client would try them; none when the name does not resolve.
    """
    if is_ip_address(host):
        return (host,)
    session.progress(f"resolving {host}")
    lookup = _Lookup(session, host)
    seen = lookup.wait(_SLOW_S)
    if seen is None or not seen.ok:
        answers = _ask_nameservers(session, host)
        if seen is None and answers and all(answer.outcome in ("timeout", "port_closed") for answer in answers):
            seen = lookup.give_up()  # every nameserver is silent: the system's own lookup can only time out
        seen = seen or lookup.wait(_LOOKUP_S) or lookup.give_up()
    session.record(seen)
    return tuple(address for address in seen.evidence.get("addresses", ()) if session.matches_family(address))


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


def check_addresses(session: Session) -> None:
    """After connections failed: is the address what the nameservers say, and do they say it of any name?"""
    host = session.target.host
    if is_ip_address(host) or any(seen.operation == "query" for seen in session.observations):
        return
    parent = host.partition(".")[2]
    stray = f"ayxctl-{secrets.token_hex(6)}.{parent}" if parent else f"ayxctl-{secrets.token_hex(6)}"
    nameservers = _nameservers(session, host)
    timeout_s = session.within_budget(_QUERY_S)
    tasks: list[Callable[[], object]] = [
        partial(_ask, session, host, rdtype, nameserver, timeout_s)
        for nameserver in nameservers
        for rdtype in ("A", "AAAA")
    ]
    tasks += [partial(_ask_for_nothing, session, stray, nameserver, timeout_s) for nameserver in nameservers[:1]]
    side_by_side(tasks, timeout_s=timeout_s + 0.5)


def _ask_for_nothing(session: Session, stray: str, nameserver: str, timeout_s: float) -> None:
    """Ask for a name that nobody has: a nameserver that knows it makes answers up."""
    session.record(resolver.query(session.clock, stray, "A", nameserver, timeout_s=timeout_s, purpose="random_label"))


def _nameservers(session: Session, host: str) -> list[str]:
    """Record where this machine looks names up; return its nameservers."""
    config = session.record(resolver.resolver_config(session.clock))
    session.record(resolver.hosts_file(session.clock, host))
    return list(config.evidence.get("nameservers", ())[:_MOST_NAMESERVERS])


def _ask_nameservers(session: Session, host: str) -> list[Observation]:
    """Ask every nameserver of this machine for the name's addresses, side by side."""
    session.progress(f"asking each nameserver for {host}")
    nameservers = _nameservers(session, host)
    timeout_s = session.within_budget(_QUERY_S)
    tasks: list[Callable[[], list[Observation]]] = [
        partial(_ask, session, host, rdtype, nameserver, timeout_s)
        for nameserver in nameservers
        for rdtype in ("A", "AAAA")
    ]
    answers = side_by_side(tasks, timeout_s=2 * timeout_s + 0.5)
    return [answer for group in answers if group for answer in group]


def _ask(session: Session, host: str, rdtype: str, nameserver: str, timeout_s: float) -> list[Observation]:
    """Ask one nameserver, and once more in another way where its answer calls for it."""
    first = session.record(resolver.query(session.clock, host, rdtype, nameserver, timeout_s=timeout_s))
    follow_up = _FOLLOW_UPS.get(first.outcome)
    if follow_up:
        session.record(
            resolver.query(session.clock, host, rdtype, nameserver, timeout_s=timeout_s, **follow_up)  # type: ignore[arg-type]  # the table above holds its keywords
        )
    return [first]

"""From a host name to addresses, and, where that fails or drags, to the nameservers that are to blame."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from ayx_diagnostics.model import Observation
from ayx_diagnostics.probes.dns_system import system_lookup
from ayx_diagnostics.walk.nameservers import ask_nameservers, is_silence

if TYPE_CHECKING:
    from ayx_diagnostics.network.base import Task
    from ayx_diagnostics.walk.session import Session

__all__ = ["MOST_ADDRESSES", "is_ip_address", "resolve"]

#: A lookup that takes longer than this is examined while it runs.
_SLOW_S = 1.0
#: The longest that a lookup is waited for: glibc gives up on one dead nameserver after two attempts of 5 s.
_LOOKUP_S = 20.0
#: glibc's default: so long it waits for the first nameserver before it asks the next (resolv.conf(5), ``timeout``).
_FIRST_ATTEMPT_S = 5.1
#: What a question that ends with the budget needs to leave its observation.
_GRACE_S = 0.2
#: Addresses of a name that are tried: each takes a thread, and a nameserver may name thousands.
MOST_ADDRESSES = 64


def is_ip_address(host: str) -> bool:
    """Whether a host is an address already, so that there is no name to resolve."""
    try:
        ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return False
    return True


def resolve(
    session: Session, host: str, background: Callable[[Task[object]], object] = lambda _: None
) -> tuple[str, ...]:
    """Look a name up as the client does, and ask each nameserver when that fails or takes long.

    Args:
        session: The diagnosis.
        host: A host name or an IP address.
        background: Told of the task that still asks nameservers when a slow lookup succeeds after all.

    Returns:
        Its addresses in the order in which the client would try them; none when the name does not resolve.
    """
    if is_ip_address(host):
        return (host,)
    session.progress(f"resolving {host}")
    lookup = _Lookup(session, host)
    seen = lookup.wait(_SLOW_S)
    if seen is None or not seen.ok:
        questions = session.begin(partial(ask_nameservers, session, host))
        seen = lookup.wait_beside(questions) or lookup.give_up()
        if seen.ok:
            background(questions)
        else:
            session.join([questions], max(_GRACE_S, session.remaining_s))
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
    """The system's own lookup, beside the rest since it cannot be interrupted."""

    def __init__(self, session: Session, host: str) -> None:
        self._session, self._host = session, host
        self._started_s = session.network.now()
        timeout_s = session.within_budget(_LOOKUP_S)
        self._task = session.begin(partial(system_lookup, session.network, host, timeout_s=timeout_s))

    @property
    def _waited_s(self) -> float:
        return self._session.network.now() - self._started_s

    def wait(self, timeout_s: float) -> Observation | None:
        """Return the lookup's observation, or None when it is not there in time."""
        return self._session.join([self._task], min(timeout_s, self._session.remaining_s))[0]

    def wait_beside(self, questions: Task[list[Observation] | None]) -> Observation | None:
        """Return the lookup's observation; None when it is not there in time or can only time out.

        When every nameserver is silent, the lookup is waited for no longer than the system's first attempt may take.
        """
        network = self._session.network
        if (seen := self.wait(_FIRST_ATTEMPT_S - self._waited_s)) is not None:
            return seen
        left_s = min(_LOOKUP_S - self._waited_s, self._session.remaining_s)
        network.wait_for(lambda: self._task.done or (questions.done and is_silence(questions.result() or [])), left_s)
        return self.wait(0.0)

    def give_up(self) -> Observation:
        """Return the observation of a lookup that is no longer waited for."""
        took_s = self._waited_s
        evidence = {"addresses": [], "text": f"no answer after {took_s:.1f} s"}
        return Observation("dns", "system_lookup", self._host, self._started_s, took_s, "timeout", evidence)

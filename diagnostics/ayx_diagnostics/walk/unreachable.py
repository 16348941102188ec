"""Why no address of the Server accepts a connection: controls that are made while the client still waits."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from ayx_diagnostics.evidence import Evidence, texts
from ayx_diagnostics.probes import local, path
from ayx_diagnostics.probes.dns_system import system_lookup
from ayx_diagnostics.walk.control_connect import connect_as_control
from ayx_diagnostics.walk.nameservers import check_addresses
from ayx_diagnostics.walk.resolution import is_ip_address

if TYPE_CHECKING:
    from ayx_diagnostics.network.base import Transport
    from ayx_diagnostics.walk.session import Session

__all__ = ["CONTROL_PORTS", "CONTROL_S", "PATIENCE_S", "examine", "may_be_nobody"]

#: Hops of the SYN ladder: enough to leave a large company network.
_MAX_TTL = 20
#: Ports that are asked as a control, whichever is not the Server's own.
CONTROL_PORTS = (80, 443)
CONTROL_S = 2.0
#: A last router that looks for a host in vain has said so after this long; so have controls that waited for it.
PATIENCE_S = 4.2
#: As many silent addresses may all be dead hosts.
_FEW = 2
#: Where a datagram meets nobody on a host (the port that traceroute begins with).
_UDP_PORT = 33434
_LEAST_S, _GRACE_S = 0.1, 0.2
#: An address that the default route leads to (RFC 5737); it is never sent anything.
_SOME_IPV4 = "192.0.2.1"


def examine(
    session: Session, addresses: Sequence[str], within_s: float, besides: Sequence[Callable[[], object]] = ()
) -> None:
    """Ask, side by side, everything that tells why no address answers.

    Args:
        session: The diagnosis.
        addresses: The Server's addresses, in the order in which the client tries them.
        within_s: How long the client itself goes on waiting, in seconds.
        besides: What else to do meanwhile.
    """
    port = session.target.port
    control_port = next(number for number in CONTROL_PORTS if number != port)
    first_of_family = {(":" in address): address for address in reversed(addresses)}
    refused = [address for address in first_of_family.values() if _is_refused(session, address)]
    for address in refused:  # alone, for it counts packets
        session.record(local.departure(session.network, address, port))
    patience_s = PATIENCE_S if session.settings.connect_timeout.value < PATIENCE_S else 0.0
    tasks: list[Callable[[], object]] = [
        partial(connect_as_control, session, address, port, "patience", min(patience_s, session.remaining_s))
        for address in first_of_family.values()
        if patience_s and address not in refused
    ]
    tasks += [
        *besides,
        partial(_loopback, session),
        partial(check_addresses, session),
    ]
    for address in first_of_family.values():
        tasks += [
            partial(_ladder, session, address, port, within_s),
            partial(_ladder, session, address, control_port, within_s),
            partial(connect_as_control, session, address, control_port, "other_port", min(CONTROL_S, within_s)),
        ]
    tasks += [
        partial(_ladder, session, address, _UDP_PORT, min(CONTROL_S, within_s), transport="udp") for address in refused
    ]
    if all(":" in address for address in addresses):
        tasks.append(partial(_ipv4_route, session))
    if session.reference_host:
        tasks.append(partial(_reference, session, min(CONTROL_S, within_s)))
    # a ladder of hops ends with its time, and leaves its observation a moment later
    session.side_by_side(tasks, max(_LEAST_S, min(max(within_s, patience_s) + _GRACE_S, session.remaining_s)))


def _is_refused(session: Session, address: str) -> bool:
    """Whether the Server's port at an address of somebody else was refused with RST."""
    seen = Evidence(session.observations).first("tcp", "connect", address=address)
    return seen is not None and seen.outcome == "refused" and "icmp" not in seen.evidence


def may_be_nobody(session: Session, addresses: Sequence[str]) -> bool:
    """Whether it is worth waiting for a last router to say that nobody has an address, which takes it about 3 s.

    Not where the host answered on another port, and not where many addresses are silent: so many dead hosts at once are
    less likely than a filter.
    """
    evidence = Evidence(session.observations)
    others = evidence.all("tcp", "control", purpose="other_port")
    silent = evidence.all("tcp", "connect", outcome="timeout")
    return len(silent) <= _FEW and all(seen.outcome == "timeout" for seen in others) and len(addresses) == len(silent)


def _loopback(session: Session) -> None:
    session.record(local.loopback_connect(session.network))


def _ipv4_route(session: Session) -> None:
    """See whether this machine has IPv4 at all, where the Server has none; nothing is sent."""
    session.record(local.source_address(session.network, _SOME_IPV4))


def _ladder(session: Session, address: str, port: int, timeout_s: float, *, transport: Transport = "tcp") -> None:
    session.record(
        path.path(session.network, address, port, max_ttl=_MAX_TTL, timeout_s=timeout_s, transport=transport)
    )


def _reference(session: Session, timeout_s: float) -> None:
    host, _, port = (session.reference_host or "").rpartition(":")
    if not host or not port.isdigit():
        host, port = session.reference_host or "", "443"
    looked_up = system_lookup(session.network, host, timeout_s=timeout_s)
    addresses = [host] if is_ip_address(host) else list(texts(looked_up, "addresses"))
    if addresses:
        connect_as_control(session, addresses[0], int(port), "reference_host", timeout_s)

"""The way through a proxy: its name, a connection to it, and the tunnel that it opens."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from ayx_diagnostics.model import Observation
from ayx_diagnostics.probes import proxy, tcp
from ayx_diagnostics.probes.dns_system import system_lookup
from ayx_diagnostics.walk.resolution import MOST_ADDRESSES, is_ip_address
from ayx_diagnostics.walk.route import OpenRoute
from ayx_diagnostics.walk.session import OutOfTime, Session

if TYPE_CHECKING:
    from ayx_connection.proxy import ProxyAddress

    from ayx_diagnostics.network.base import Stream

__all__ = ["find_proxy_route", "try_proxy"]

#: How long the proxy's own name is looked up, in seconds.
_LOOKUP_PROXY_S = 10.0


def find_proxy_route(session: Session, proxy_address: ProxyAddress) -> OpenRoute | None:
    """Go through the proxy that the client's settings name.

    Returns:
        The route behind the opened tunnel (for an http:// Server: to the proxy itself), or None.
    """
    session.progress(f"connecting to proxy {proxy_address.without_password}")
    stream = _open(session, proxy_address, record=True)
    if stream is None:
        return None
    target = session.target
    again = partial(_open, session, proxy_address, record=False)
    return OpenRoute(stream, f"{target.host}:{target.port}", again, proxy=proxy_address)


def try_proxy(session: Session, address: ProxyAddress) -> None:
    """See whether a proxy that the client's settings do not use opens a tunnel."""
    stream = _connected(session, address, record=False)
    if stream is not None:
        timeout_s = _or_closed(session, stream, session.settings.connect_timeout.value)
        seen, tunnel = _tunnel(session, stream, address, timeout_s, candidate=True)
        session.record(seen)
        if tunnel is not None:
            tunnel.close()


def _open(session: Session, address: ProxyAddress, *, record: bool) -> Stream | None:
    """Open a connection through the proxy; a further one, for a control, leaves no observation."""
    stream = _connected(session, address, record=record)
    if stream is None or session.target.scheme == "http":
        return stream  # requests go to the proxy in absolute form
    # httpx waits for the answer to CONNECT as long as for any answer
    timeout_s = _or_closed(session, stream, session.settings.read_timeout.value)
    seen, tunnel = _tunnel(session, stream, address, timeout_s, candidate=False)
    if record:
        session.record(seen)
    return tunnel


def _connected(session: Session, address: ProxyAddress, *, record: bool) -> Stream | None:
    """Resolve the proxy's name, and connect to the first of its addresses that accepts."""

    def keep(seen: Observation) -> None:
        if record:
            session.record(seen)

    addresses: Sequence[str] = (address.host,)
    if not is_ip_address(address.host):
        seen = system_lookup(session.network, address.host, timeout_s=session.within_budget(_LOOKUP_PROXY_S))
        keep(replace(seen, stage="proxy", operation="resolve"))
        addresses = seen.evidence.get("addresses", ())[:MOST_ADDRESSES]
    first: Stream | None = None
    attempts = tcp.connect_all(session.network, addresses, address.port, timeout_s=session.connect_timeout_s)
    for seen, stream in attempts:
        keep(replace(seen, stage="proxy"))
        if first is None:
            first = stream
        elif stream is not None:
            stream.close()
    return first


def _or_closed(session: Session, stream: Stream, timeout_s: float) -> float:
    """Return the timeout within the budget; without any budget left, the stream is closed."""
    try:
        return session.within_budget(timeout_s)
    except OutOfTime:
        stream.close()
        raise


def _tunnel(
    session: Session, stream: Stream, address: ProxyAddress, timeout_s: float, *, candidate: bool
) -> tuple[Observation, Stream | None]:
    return proxy.tunnel(
        session.network,
        stream,
        address,
        session.target.host,
        session.target.port,
        timeout_s=timeout_s,
        until_s=session.max_time_s,
        candidate=candidate,
    )

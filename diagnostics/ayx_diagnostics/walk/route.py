"""The way to the Server: a connection, direct or through a proxy, that can be opened again for controls."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING

from ayx_diagnostics.model import Observation
from ayx_diagnostics.network.streams import SocketStream, Stream
from ayx_diagnostics.probes import local, proxy, resolver, tcp
from ayx_diagnostics.walk.packet_loss import count_losses
from ayx_diagnostics.walk.proxy_script import try_script
from ayx_diagnostics.walk.resolution import MOST_ADDRESSES, is_ip_address, resolve
from ayx_diagnostics.walk.session import OutOfTime, Session, side_by_side
from ayx_diagnostics.walk.unreachable import CONTROL_S, PATIENCE_S, examine, may_be_nobody

if TYPE_CHECKING:
    import socket

    from ayx_connection.proxy import ProxyAddress

__all__ = ["Road", "find_direct_road", "find_proxy_road", "try_candidates", "try_direct", "try_other_scheme"]

#: A connect without an answer for this long (or a quarter of its timeout) is examined while it is waited for.
_SUSPICIOUS_S = 1.0
#: How long the proxy's own name is looked up, in seconds.
_LOOKUP_PROXY_S = 10.0


@dataclass(frozen=True)
class Road:
    """A way to the Server that was found to work.

    Attributes:
        stream: The open connection.
        target: What it leads to, as the report names it.
        reopen: Opens a further connection for a control; None when that fails.
        address: The Server's address, or None where a proxy hides it.
        proxy: The proxy that it leads through.
    """

    stream: Stream
    target: str
    reopen: Callable[[], Stream | None]
    address: str | None = None
    proxy: ProxyAddress | None = None


class _Race:
    """Connects to every address side by side: the first success wins, whatever the others do later."""

    def __init__(self, session: Session, addresses: Sequence[str], port: int, timeout_s: float) -> None:
        self._session, self._port, self._timeout_s = session, port, timeout_s
        self._arrivals: queue.Queue[tuple[str, Observation, socket.socket | None]] = queue.Queue()
        self.threads = [
            threading.Thread(target=self._connect, args=(address,), daemon=True, name=f"connect-{address}")
            for address in addresses
        ]
        self._waiting = len(self.threads)
        self._won = threading.Event()
        for thread in self.threads:
            thread.start()

    def _connect(self, address: str) -> None:
        seen, sock = tcp.connect(self._session.clock, address, self._port, timeout_s=self._timeout_s)
        seen = self._session.record(seen)
        if sock is not None and self._won.is_set():
            sock.close()  # too late to be of use; the observation counts all the same
            sock = None
        self._arrivals.put((address, seen, sock))

    def winner(self, within_s: float) -> tuple[str, socket.socket] | None:
        """Return the first connection of those still running, or None when there is none in time."""
        until = self._session.clock.now() + within_s
        while self._waiting and (left := until - self._session.clock.now()) > 0:
            try:
                address, _, sock = self._arrivals.get(timeout=left)
            except queue.Empty:
                return None
            self._waiting -= 1
            if sock is not None:
                self._won.set()
                return address, sock
        return None

    @property
    def over(self) -> bool:
        """Whether every address has given its answer."""
        return self._waiting == 0


def find_direct_road(session: Session) -> tuple[Road | None, list[threading.Thread]]:
    """Resolve the Server's name and connect to it without a proxy.

    Returns:
        The road, or None when no address accepts; and the threads that still try the other addresses.
    """
    target = session.target
    stragglers: list[threading.Thread] = []
    addresses = resolve(session, target.host, stragglers.append)
    if not addresses or not session.wants("tcp"):
        if not addresses:
            try_candidates(session)
        return None, stragglers
    for family in dict.fromkeys(":" in address for address in addresses):
        first = next(address for address in addresses if (":" in address) == family)
        session.record(local.source_address(session.clock, first, target.port))
    session.progress(f"connecting to {target.host}:{target.port}")
    timeout_s = session.connect_timeout_s
    race = _Race(session, addresses, target.port, timeout_s)
    suspicious_s = min(_SUSPICIOUS_S, timeout_s / 4)
    won = race.winner(suspicious_s)
    if won is None:
        examined = race.over
        left_s = timeout_s if examined else timeout_s - suspicious_s
        suspicions = threading.Thread(
            target=examine, args=(session, addresses, left_s, [partial(try_candidates, session)]), daemon=True
        )
        suspicions.start()
        won = race.winner(left_s + 0.3)
        if won is None:
            patience_s = 0.5
            if examined:
                patience_s = CONTROL_S
            elif timeout_s < PATIENCE_S and may_be_nobody(session, addresses):
                patience_s = suspicious_s + PATIENCE_S - timeout_s
            suspicions.join(min(patience_s, max(session.remaining_s, 0.0)))
            count_losses(session, addresses[0])
            return None, [*race.threads, *stragglers]
    address, sock = won
    return _direct(session, address, target.port, sock), [*race.threads, *stragglers]


def _direct(session: Session, address: str, port: int, sock: socket.socket) -> Road:
    def reopen() -> Stream | None:
        _, again = tcp.connect(session.clock, address, port, timeout_s=session.connect_timeout_s)
        return SocketStream(again) if again else None

    name = f"[{address}]:{port}" if ":" in address else f"{address}:{port}"
    return Road(SocketStream(sock), name, reopen, address=address)


def find_proxy_road(session: Session, proxy_address: ProxyAddress) -> Road | None:
    """Go through the proxy that the client's settings name.

    Returns:
        The road behind the opened tunnel (for an http:// Server: to the proxy itself), or None.
    """
    session.progress(f"connecting to proxy {proxy_address.without_password}")
    stream = _open_tunnel(session, proxy_address, record=True)
    if stream is None:
        return None
    target = session.target
    return Road(
        stream,
        f"{target.host}:{target.port}",
        lambda: _open_tunnel(session, proxy_address, record=False),
        proxy=proxy_address,
    )


def _open_tunnel(
    session: Session, proxy_address: ProxyAddress, *, record: bool, candidate: bool = False
) -> Stream | None:
    """Resolve, connect and CONNECT; a control leaves nothing but its tunnel's observation."""

    def keep(seen: Observation) -> Observation:
        return session.record(seen) if record else seen

    host, port = proxy_address.host, proxy_address.port
    addresses: Sequence[str] = (host,)
    if not is_ip_address(host):
        seen = resolver.system_lookup(session.clock, host, timeout_s=session.within_budget(_LOOKUP_PROXY_S))
        keep(replace(seen, stage="proxy", operation="resolve"))
        addresses = seen.evidence.get("addresses", ())[:MOST_ADDRESSES]
    sock = None
    attempts = tcp.connect_all(session.clock, addresses, port, timeout_s=session.connect_timeout_s)
    for seen, opened in attempts:
        keep(replace(seen, stage="proxy"))
        if opened is not None and sock is None:
            sock = opened
        elif opened is not None:
            opened.close()
    if sock is None:
        return None
    if session.target.scheme == "http" and not candidate:
        return SocketStream(sock)  # requests go to the proxy in absolute form
    try:
        # httpx waits for the answer to CONNECT as long as for any answer; a candidate is no more than a control
        timeout_s = session.connect_timeout_s if candidate else session.read_timeout_s
    except OutOfTime:
        sock.close()
        raise
    seen, stream = proxy.tunnel(
        session.clock,
        SocketStream(sock),
        proxy_address,
        session.target.host,
        session.target.port,
        timeout_s=timeout_s,
        until_s=session.max_time_s,
        candidate=candidate,
    )
    if record or candidate:
        session.record(seen)
    return stream


def try_candidates(session: Session) -> None:
    """Try the proxies that this machine knows and the client's settings do not use."""
    from ayx_connection.proxy import ProxyError, parse_proxy

    selected = next((seen for seen in session.observations if seen.operation == "select"), None)
    if selected is None:
        return
    tasks: list[Callable[[], None]] = []
    for candidate in selected.evidence.get("candidates", ()):
        twin = f"environment {candidate.get('variable')}".lower() == str(selected.evidence.get("origin")).lower()
        if selected.outcome != "direct" and not twin:
            continue  # beside the proxy in use, only the same variable in the other case is of interest
        raw = session.environ.get(str(candidate.get("variable") or ""), "") or candidate["proxy"]
        try:
            address = parse_proxy(raw)
        except ProxyError:
            continue
        tasks.append(partial(_try_candidate, session, address))
    if selected.outcome == "direct":
        tasks.append(partial(try_script, session, _try_candidate))
    side_by_side(tasks, timeout_s=max(0.1, min(session.settings.connect_timeout.value, session.remaining_s)))


def _try_candidate(session: Session, address: ProxyAddress) -> None:
    try:
        stream = _open_tunnel(session, address, record=False, candidate=True)
    except OutOfTime:
        return
    if stream is not None:
        stream.close()


#: How a proxy takes to being spoken to in the wrong protocol, and which one is worth a try then.
_WRONG_PROTOCOL = frozenset(
    {"timeout", "closed", "reset", "not_http", "not_tls", "not_socks", "protocol_error", "alert"}
)
_OTHER_SCHEME = {"http": "https", "https": "http", "socks5": "http", "socks5h": "http", "socks4": "http"}


def try_other_scheme(session: Session, address: ProxyAddress) -> None:
    """After a proxy did not answer as one: whether it does when it is spoken to in the other way.

    The proxy's credentials are left out: nobody allowed to send them in the clear.
    """
    last = next((seen for seen in reversed(session.observations) if seen.operation == "tunnel"), None)
    if last is None and session.target.scheme == "http":  # no tunnel: the first request shows it
        sent = (seen for seen in session.observations if seen.operation == "request" and seen.outcome != "withheld")
        last = next(sent, None)
        if last is not None and _wants_tls(last):
            last = replace(last, outcome="not_http")
    scheme = _OTHER_SCHEME.get(address.scheme)
    if last is not None and last.outcome in _WRONG_PROTOCOL and scheme is not None:
        _try_candidate(session, replace(address, scheme=scheme, username=None, password=None))


def _wants_tls(seen: Observation) -> bool:
    """Whether a web server's page may say that it got plain HTTP on a port for TLS."""
    page = str(seen.evidence.get("body_start")).lower()
    return seen.evidence.get("status") == HTTPStatus.BAD_REQUEST and ("https" in page or "ssl" in page)


def try_direct(session: Session) -> None:
    """After a proxy failed: whether the Server answers without it."""
    addresses = resolve(session, session.target.host)
    if not addresses:
        return
    timeout_s = session.connect_timeout_s
    for seen, sock in tcp.connect_all(session.clock, addresses, session.target.port, timeout_s=timeout_s):
        session.record(seen)
        if sock:
            sock.close()

"""The direct way: the Server's name, its addresses, and the first of them that accepts."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from ayx_diagnostics.network.attempt import endpoint
from ayx_diagnostics.probes import local, tcp
from ayx_diagnostics.walk.other_proxies import try_candidates
from ayx_diagnostics.walk.packet_loss import count_losses
from ayx_diagnostics.walk.resolution import resolve
from ayx_diagnostics.walk.route import OpenRoute
from ayx_diagnostics.walk.unreachable import CONTROL_S, PATIENCE_S, examine, may_be_nobody

if TYPE_CHECKING:
    from ayx_diagnostics.network.base import Stream, Task
    from ayx_diagnostics.walk.session import Session

__all__ = ["find_direct_route", "try_direct"]

#: A connect without an answer for this long (or a quarter of its timeout) is examined while it is waited for.
_SUSPICIOUS_S = 1.0
#: The last moment at which an attempt says that its time is up.
_GRACE_S = 0.3
#: How long controls may go on once the last address has given up.
_CONTROLS_S = 0.5


class _Race:
    """Connects to every address side by side: the first success wins, whatever the others do later."""

    def __init__(self, session: Session, addresses: Sequence[str], port: int, timeout_s: float) -> None:
        self._session, self._port, self._timeout_s = session, port, timeout_s
        self._lock = threading.Lock()
        self._connected: list[tuple[str, Stream]] = []
        self._over = False
        self.tasks = [session.begin(partial(self._connect, address)) for address in addresses]

    def _connect(self, address: str) -> None:
        seen, stream = tcp.connect(self._session.network, address, self._port, timeout_s=self._timeout_s)
        self._session.record(seen)
        if stream is None:
            return
        with self._lock:
            if self._over:
                stream.close()  # too late to be of use; the observation counts all the same
            else:
                self._connected.append((address, stream))

    def winner(self, within_s: float) -> tuple[str, Stream] | None:
        """Return the first connection, or None when there is none in time."""
        self._session.network.wait_for(lambda: self.is_over or bool(self._connected), within_s)
        with self._lock:
            if not self._connected:
                return None
            won, *losers = self._connected
            self._over = True
        for _, stream in losers:
            stream.close()
        return won

    def give_up(self) -> None:
        """Want no connection any more."""
        with self._lock:
            self._over = True
            late, self._connected = self._connected, []
        for _, stream in late:
            stream.close()

    @property
    def is_over(self) -> bool:
        """Whether every address has given its answer."""
        for task in self.tasks:
            if task.done:
                task.result()  # a defect is raised here, where it is looked at
        return all(task.done for task in self.tasks)


def find_direct_route(session: Session) -> tuple[OpenRoute | None, list[Task[object]]]:
    """Resolve the Server's name and connect to it without a proxy.

    Returns:
        The route, or None when no address accepts; and the tasks that still try the other addresses.
    """
    target = session.target
    stragglers: list[Task[object]] = []
    addresses = resolve(session, target.host, stragglers.append)
    if not addresses or not session.wants("tcp"):
        if not addresses:
            try_candidates(session)
        return None, stragglers
    for family in dict.fromkeys(":" in address for address in addresses):
        first = next(address for address in addresses if (":" in address) == family)
        session.record(local.source_address(session.network, first, target.port))
    session.progress(f"connecting to {target.host}:{target.port}")
    timeout_s = session.connect_timeout_s
    race = _Race(session, addresses, target.port, timeout_s)
    suspicious_s = min(_SUSPICIOUS_S, timeout_s / 4)
    won = race.winner(suspicious_s) or _wait_and_examine(session, race, addresses, timeout_s, suspicious_s)
    if won is None:
        count_losses(session, addresses[0])
    return _direct(session, *won) if won is not None else None, [*race.tasks, *stragglers]


def _wait_and_examine(
    session: Session, race: _Race, addresses: Sequence[str], timeout_s: float, suspicious_s: float
) -> tuple[str, Stream] | None:
    """Go on waiting for a connection, after the first moment, and meanwhile find out why there is none."""
    was_over = race.is_over
    left_s = timeout_s if was_over else timeout_s - suspicious_s
    examining = session.begin(partial(examine, session, addresses, left_s, [partial(try_candidates, session)]))
    won = race.winner(left_s + _GRACE_S)
    if won is None:
        race.give_up()
        patience_s = _CONTROLS_S
        if was_over:
            patience_s = CONTROL_S + _GRACE_S  # for what takes all of that
        elif timeout_s < PATIENCE_S and may_be_nobody(session, addresses):
            patience_s = suspicious_s + PATIENCE_S - timeout_s
        session.join([examining], min(patience_s, session.remaining_s))
    return won


def _direct(session: Session, address: str, stream: Stream) -> OpenRoute:
    port = session.target.port

    def reopen() -> Stream | None:
        return tcp.connect(session.network, address, port, timeout_s=session.connect_timeout_s)[1]

    return OpenRoute(stream, endpoint(address, port), reopen, address=address)


def try_direct(session: Session) -> None:
    """After a proxy failed: whether the Server answers without it."""
    addresses = resolve(session, session.target.host)
    if not addresses:
        return
    timeout_s = session.connect_timeout_s
    for seen, stream in tcp.connect_all(session.network, addresses, session.target.port, timeout_s=timeout_s):
        session.record(seen)
        if stream is not None:
            stream.close()

"""The other addresses of the Server's name: whether each shows the same good certificate and takes the same token."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ayx_diagnostics.evidence import text
from ayx_diagnostics.network.streams import SocketStream
from ayx_diagnostics.probes import api, tcp, tls
from ayx_diagnostics.probes.http import HttpConnection
from ayx_diagnostics.walk.session import OutOfTime

if TYPE_CHECKING:
    from ayx_connection.redaction import Secret

    from ayx_diagnostics.network.streams import Stream
    from ayx_diagnostics.walk.route import Road
    from ayx_diagnostics.walk.session import Session

__all__ = ["Elsewhere"]

_MOST = 3
_EACH_S = 5.0


@dataclass(frozen=True)
class Elsewhere:
    """Calls the API at the other addresses, beside the walk itself.

    Attributes:
        session: The diagnosis.
        road: The way that the walk took.
        context: The client's own trust; a Server that it does not accept gets no token. None without TLS.
    """

    session: Session
    road: Road
    context: ssl.SSLContext | None

    def call(self, path: str, bearer: Secret, role_needed: str) -> Callable[[], None]:
        """Begin to make the same call at each of them; the result waits until all have answered, or not for long."""
        addresses = self._addresses()
        threads = [
            threading.Thread(target=self._call_at, args=(address, path, bearer, role_needed), daemon=True)
            for address in addresses
        ]
        for thread in threads:
            thread.start()

        def wait() -> None:
            until = self.session.clock.now() + min(_EACH_S, max(self.session.remaining_s, 0.0))
            for thread in threads:
                thread.join(max(0.0, until - self.session.clock.now()))

        return wait

    def _addresses(self) -> list[str]:
        """Return the addresses that accepted a connection, less the one in use."""
        if self.road.address is None:
            return []
        seen = [item for item in self.session.observations if (item.stage, item.operation) == ("tcp", "connect")]
        found = dict.fromkeys(text(item, "address") for item in seen if item.ok)
        return [address for address in found if address != self.road.address][:_MOST]

    def _call_at(self, address: str, path: str, bearer: Secret, role_needed: str) -> None:
        session = self.session
        try:
            stream = self._open(address)
            if stream is None:
                return
            with closing(HttpConnection(stream)) as connection:
                seen = api.call(
                    session.clock,
                    connection,
                    session.target.web_api_address + path,
                    bearer,
                    timeout_s=session.within_budget(_EACH_S),
                    role_needed=role_needed,
                    address=address,
                )
            session.record(replace(seen, evidence={**seen.evidence, "purpose": "other_address"}))
        except OutOfTime:
            return

    def _open(self, address: str) -> Stream | None:
        session, timeout_s = self.session, self.session.within_budget(_EACH_S)
        _, sock = tcp.connect(session.clock, address, session.target.port, timeout_s=timeout_s)
        if sock is None:
            return None
        if self.context is None:
            return SocketStream(sock)
        name = f"[{address}]:{session.target.port}" if ":" in address else f"{address}:{session.target.port}"
        seen, stream, _ = tls.handshake(
            session.clock,
            SocketStream(sock),
            self.context,
            session.target.host,
            target=name,
            timeout_s=timeout_s,
            purpose="other_address",
        )
        session.record(seen)
        return stream

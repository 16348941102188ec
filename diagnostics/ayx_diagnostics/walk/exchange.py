"""Requests to the Server over the way that was found: one kept connection, and further ones for controls."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from dataclasses import InitVar, dataclass, field, replace
from typing import TYPE_CHECKING

from ayx_diagnostics.model import Observation
from ayx_diagnostics.probes import http
from ayx_diagnostics.probes.proxy import basic_credentials
from ayx_diagnostics.walk.handshake_controls import SMALL_SEGMENTS
from ayx_diagnostics.walk.tls_handshake import handshake_again, open_anywhere, open_small

if TYPE_CHECKING:
    from ayx_diagnostics.network.base import Stream
    from ayx_diagnostics.walk.route import OpenRoute
    from ayx_diagnostics.walk.session import Session

__all__ = ["CONTROL_S", "Exchange"]

#: How long a control is waited for, in seconds.
CONTROL_S = 5.0


@dataclass
class Exchange:
    """Where requests go, and over what.

    Attributes:
        session: The diagnosis.
        route: The way to the Server.
        stream: The route's connection that requests go over from now on.
        context: The trust of its connections; None for plain HTTP.
        verified: Whether the peer proved who it is; credentials go nowhere else, and nowhere in the clear unasked.
        connection: The connection of the walk itself, kept alive.
    """

    session: Session
    route: OpenRoute
    stream: InitVar[Stream]
    context: ssl.SSLContext | None
    verified: bool
    connection: http.HttpConnection = field(init=False)
    _opened: list[http.HttpConnection] = field(default_factory=list)

    def __post_init__(self, stream: Stream) -> None:
        self.connection = self._speak(stream)

    def _speak(self, stream: Stream) -> http.HttpConnection:
        """Speak HTTP to the Server itself, or, without TLS, to a proxy that is told the whole URL."""
        if self.context is None and self.route.proxy is not None:
            return http.HttpConnection(stream, absolute_form=True, headers=basic_credentials(self.route.proxy))
        return http.HttpConnection(stream)

    def again(self, route: OpenRoute | None = None) -> http.HttpConnection | None:
        """Open a further connection as the client's own; None where that fails."""
        stream = handshake_again(self.session, route or self.route, self.context)
        return self._kept(self._speak(stream)) if stream is not None else None

    def again_small(self) -> http.HttpConnection | None:
        """Open a further connection with small TCP segments."""
        small = replace(self.route, reopen=lambda: open_small(self.session, self.route, SMALL_SEGMENTS[-1]))
        return self.again(small)

    def open_url(self, url: str) -> http.HttpConnection | None:
        """Open a connection for a URL of the same host, by whichever scheme and port; nothing secret may go over it."""
        stream = open_anywhere(self.session, self.route, url)
        return self._kept(http.HttpConnection(stream)) if stream is not None else None

    def _kept(self, connection: http.HttpConnection) -> http.HttpConnection:
        self._opened.append(connection)
        return connection

    def close(self) -> None:
        """Close the further connections; whoever opened the route closes its own."""
        for connection in self._opened:
            connection.close()

    def get(
        self, connection: http.HttpConnection, url: str, purpose: str, headers: Mapping[str, str] | None = None
    ) -> Observation:
        """Ask for a page without credentials; what came of it is not recorded yet."""
        return http.exchange(
            self.session.network,
            connection,
            "GET",
            url,
            timeout_s=self.session.within_budget(CONTROL_S),
            headers=headers or {},
            purpose=purpose,
            verified=self.verified,
            address=self.route.address,
        )

    def in_full_or_cut_short(self, timeout_s: float, seen: Observation) -> Observation:
        """Mark a wait that the budget of the run ended before the client itself would have given up."""
        if seen.outcome != "timeout" or timeout_s >= self.session.settings.read_timeout.value:
            return seen
        self.session.ran_out_of_time = True
        return replace(seen, evidence={**seen.evidence, "cut_short": True})

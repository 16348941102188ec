"""Peers that mean harm: answers without end, bombs, drips, and texts that attack whoever prints them.

In a test: ``with HostileServer("endless_headers") as server: … server.port``. Every attack is bounded on this side by
the client's going away or by the end of the context.
"""

from __future__ import annotations

import ssl
from pathlib import Path

from .http_attacks import ATTACKS, ESCAPES, GRANT, json_answer
from .listener import Connection, Listener, Peer
from .tls_attacks import TLS_ATTACKS

__all__ = ["ATTACKS", "ESCAPES", "TLS_ATTACKS", "HostileServer"]


class HostileServer(Peer):
    """A server with one attack, as a context manager.

    Args:
        attack: A name of ``ATTACKS`` or ``TLS_ATTACKS``.
        certificate: Chain to present, leaf first (PEM); without it an attack of ``ATTACKS`` is over plain HTTP.
        key: The private key of the leaf (PEM).
        only: What the request line of those requests holds that are attacked (``/v3/users``); the token endpoint then
            gives a token, and everything else is an empty list.
    """

    def __init__(
        self, attack: str, *, certificate: Path | None = None, key: Path | None = None, only: str = ""
    ) -> None:
        self._only = only.encode()
        self._context: ssl.SSLContext | None = None
        if certificate is not None:
            self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self._context.load_cert_chain(certificate, key)
        self._attack = attack
        self._listener = Listener(self._serve)

    def _serve(self, connection: Connection) -> None:
        if self._attack in TLS_ATTACKS:
            TLS_ATTACKS[self._attack](self._context or ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER))(connection)
            return
        if self._context is not None:
            connection.start_tls(self._context)
        asked = connection.receive_request().partition(b"\r\n")[0]
        attack = ATTACKS[self._attack] if self._only in asked else _POLITE[b"/oauth2/token" in asked]
        attack(connection)


#: Whether it is a token that is asked for -> the answer of a Server that means well.
_POLITE = {True: json_answer(GRANT % 3600), False: json_answer("[]")}

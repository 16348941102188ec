"""What peers that mean harm send instead of a TLS handshake."""

from __future__ import annotations

import os
import ssl
from collections.abc import Callable, Mapping

from .http_attacks import ESCAPES, drip, send_for_ever
from .listener import Connection

__all__ = ["TLS_ATTACKS"]

_RECORD_SIZE = 16384


def _server_hello_only(context: ssl.SSLContext) -> Callable[[Connection], None]:
    def act(connection: Connection) -> None:
        flight = _first_flight(connection, context)
        connection.send(flight[: 5 + int.from_bytes(flight[3:5], "big")])
        connection.hold()

    return act


def _flight_drip(context: ssl.SSLContext) -> Callable[[Connection], None]:
    def act(connection: Connection) -> None:
        flight = _first_flight(connection, context)
        drip(connection, (flight[at : at + 1] for at in range(len(flight))))

    return act


def _first_flight(connection: Connection, context: ssl.SSLContext) -> bytes:
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    incoming.write(connection.receive())
    try:
        context.wrap_bio(incoming, outgoing, server_side=True).do_handshake()
    except ssl.SSLWantReadError:
        return outgoing.read()
    raise ConnectionResetError


def _records(kind: int) -> Callable[[Connection], None]:
    """Records of garbage, their type and length as they should be."""

    def act(connection: Connection) -> None:
        connection.receive()
        send_for_ever(connection, bytes([kind, 3, 3, _RECORD_SIZE >> 8, 0]) + os.urandom(_RECORD_SIZE))

    return act


def _raw(data: bytes) -> Callable[[Connection], None]:
    def act(connection: Connection) -> None:
        connection.receive()
        send_for_ever(connection, data)

    return act


#: name -> what is sent instead of a handshake; those that need the server's context make one with it.
TLS_ATTACKS: Mapping[str, Callable[[ssl.SSLContext], Callable[[Connection], None]]] = {
    "server_hello_only": _server_hello_only,
    "handshake_drip": _flight_drip,
    "handshake_records": lambda _: _records(22),
    "data_records": lambda _: _records(23),
    "warning_alerts": lambda _: _raw(bytes([21, 3, 3, 0, 2, 1, 90]) * 5000),
    "empty_records": lambda _: _raw(bytes([22, 3, 3, 0, 0]) * 5000),
    "cipher_changes": lambda _: _raw(bytes([20, 3, 3, 0, 1, 1]) * 5000),
    "garbage": lambda _: _raw(b"\xff" * 65536),
    "not_tls_escapes": lambda _: _raw(ESCAPES.encode()),
    "closed_at_once": lambda _: Connection.finish,
}

"""The server name that a TLS ClientHello asks for (RFC 8446 4.1.2, RFC 6066 3)."""

from __future__ import annotations

__all__ = ["server_name_of"]

_HANDSHAKE_RECORD = 22
_CLIENT_HELLO = 1
_SERVER_NAME_EXTENSION = 0


class _Reader:
    """Takes fields off the front of a buffer; a missing octet raises ``IndexError``."""

    def __init__(self, data: bytes) -> None:
        self.data = data

    def take(self, count: int) -> bytes:
        if count > len(self.data):
            raise IndexError(count)
        taken, self.data = self.data[:count], self.data[count:]
        return taken

    def number(self, octets: int) -> int:
        return int.from_bytes(self.take(octets))

    def vector(self, octets: int) -> bytes:
        """Take a vector whose length stands before it in so many octets."""
        return self.take(self.number(octets))


def server_name_of(record: bytes) -> str | None:
    """Return the host name in the first record of a connection, or ``None`` if it names none or is no ClientHello."""
    try:
        return _server_name(_Reader(record))
    except (IndexError, UnicodeDecodeError):
        return None


def _server_name(reader: _Reader) -> str | None:
    if reader.number(1) != _HANDSHAKE_RECORD:
        return None
    reader.take(2)  # legacy_record_version
    hello = _Reader(reader.vector(2))
    if hello.number(1) != _CLIENT_HELLO:
        return None
    body = _Reader(hello.vector(3))
    body.take(2 + 32)  # legacy_version, random
    body.vector(1)  # legacy_session_id
    body.vector(2)  # cipher_suites
    body.vector(1)  # legacy_compression_methods
    extensions = _Reader(body.vector(2))
    while extensions.data:
        kind, content = extensions.number(2), extensions.vector(2)
        if kind == _SERVER_NAME_EXTENSION:
            names = _Reader(_Reader(content).vector(2))
            names.take(1)  # name_type host_name, the only one there is
            return names.vector(2).decode("ascii")
    return None

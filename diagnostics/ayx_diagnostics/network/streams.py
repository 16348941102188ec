"""Byte streams that tell a FIN from an RST from silence, whatever lies beneath: a socket, TLS, TLS inside TLS.

``ssl.SSLSocket`` reports an RST as a clean end on some versions of Python. Here TLS runs over ``ssl.MemoryBIO``, so
every byte passes through our own hands and the operating system's error arrives as it was.
"""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, Protocol

from ayx_diagnostics.network.tcp_info import read_tcp_info

__all__ = ["PrefixedStream", "SocketStream", "Stream", "TlsStream"]

#: How much is asked of the layer below at once.
CHUNK = 65536
#: How long to look for an alert after the peer has reset the connection.
_LAST_WORDS_S = 0.2


class Stream(Protocol):
    """A two-way stream of bytes. Errors of the operating system pass through as ``OSError``."""

    def send_all(self, data: bytes, timeout_s: float) -> None:
        """Send all of the data.

        Raises:
            TimeoutError: It was not taken within ``timeout_s`` seconds.
            OSError: What the operating system reported, e.g. ``ConnectionResetError`` for an RST.
        """

    def receive(self, limit: int, timeout_s: float) -> bytes:
        """Return at least one and at most ``limit`` bytes, or ``b""`` once the peer has ended the stream (FIN).

        Raises:
            TimeoutError: Nothing came within ``timeout_s`` seconds.
            ssl.SSLError: The peer of a TLS stream sent an alert or broke the protocol.
            OSError: What the operating system reported.
        """

    def close(self) -> None:
        """Close the stream and what lies beneath; never raises."""

    def tcp_info(self) -> Mapping[str, Any] | None:
        """Return the kernel's view of the TCP connection, or None where it gives none."""


class SocketStream:
    """A stream over a connected socket, which it owns from now on."""

    def __init__(self, sock: socket.socket) -> None:
        self._socket = sock

    def send_all(self, data: bytes, timeout_s: float) -> None:
        """See :meth:`Stream.send_all`."""
        self._limit_to(timeout_s)
        self._socket.sendall(data)  # the timeout bounds the whole call

    def receive(self, limit: int, timeout_s: float) -> bytes:
        """See :meth:`Stream.receive`."""
        self._limit_to(timeout_s)
        return self._socket.recv(limit)

    def _limit_to(self, timeout_s: float) -> None:
        if timeout_s <= 0:  # 0 would make the socket non-blocking
            raise TimeoutError
        self._socket.settimeout(timeout_s)

    def close(self) -> None:
        """See :meth:`Stream.close`."""
        with suppress(OSError):  # an RST in the meantime: closed all the same
            self._socket.close()

    def tcp_info(self) -> Mapping[str, Any] | None:
        """See :meth:`Stream.tcp_info`."""
        return read_tcp_info(self._socket)


class PrefixedStream:
    """A stream whose first bytes were already read by somebody else."""

    def __init__(self, prefix: bytes, inner: Stream) -> None:
        self._prefix = prefix
        self._inner = inner

    def send_all(self, data: bytes, timeout_s: float) -> None:
        """See :meth:`Stream.send_all`."""
        self._inner.send_all(data, timeout_s)

    def receive(self, limit: int, timeout_s: float) -> bytes:
        """See :meth:`Stream.receive`."""
        if self._prefix:
            data, self._prefix = self._prefix[:limit], self._prefix[limit:]
            return data
        return self._inner.receive(limit, timeout_s)

    def close(self) -> None:
        """See :meth:`Stream.close`."""
        self._inner.close()

    def tcp_info(self) -> Mapping[str, Any] | None:
        """See :meth:`Stream.tcp_info`."""
        return self._inner.tcp_info()


class TlsStream:
    """A stream over TLS whose handshake is done.

    Args:
        inner: The stream that carries the TLS records.
        tls: The TLS object.
        incoming: The object's memory buffer for bytes from the peer.
        outgoing: The object's memory buffer for bytes to the peer.
    """

    def __init__(self, inner: Stream, tls: ssl.SSLObject, incoming: ssl.MemoryBIO, outgoing: ssl.MemoryBIO) -> None:
        self._inner = inner
        self._tls = tls
        self._incoming = incoming
        self._outgoing = outgoing

    def send_all(self, data: bytes, timeout_s: float) -> None:
        """See :meth:`Stream.send_all`.

        Raises:
            ssl.SSLError: The peer had sent an alert, e.g. ``certificate_required``, before it closed the connection.
            OSError: As for any stream.
        """
        deadline = time.monotonic() + timeout_s
        view = memoryview(data)
        while view:
            try:
                view = view[self._tls.write(view) :]
            except ssl.SSLWantReadError:  # a renegotiation of TLS 1.2 wants the peer's word first
                self._flush(deadline)
                self._fill(deadline)
        try:
            self._flush(deadline)
        except TimeoutError:
            raise
        except OSError:
            self._raise_last_words()
            raise

    def _raise_last_words(self) -> None:
        """Raise the alert that the peer sent before it reset the connection; it may still wait to be read."""
        deadline = time.monotonic() + _LAST_WORDS_S
        try:
            while True:
                self._fill(deadline)
                self._tls.read(CHUNK)
        except (ssl.SSLWantReadError, ssl.SSLZeroReturnError, ssl.SSLEOFError):
            return
        except ssl.SSLError:
            raise
        except OSError:
            return  # nothing more came: the error of the sending stands

    def receive(self, limit: int, timeout_s: float) -> bytes:
        """See :meth:`Stream.receive`."""
        deadline = time.monotonic() + timeout_s
        while True:
            try:
                return self._tls.read(limit)
            except ssl.SSLWantReadError:
                self._flush(deadline)
                self._fill(deadline)
            except (ssl.SSLZeroReturnError, ssl.SSLEOFError):
                return b""  # close_notify, or a FIN without one

    def _flush(self, deadline: float) -> None:
        if data := self._outgoing.read():
            self._inner.send_all(data, deadline - time.monotonic())

    def _fill(self, deadline: float) -> None:
        if data := self._inner.receive(CHUNK, deadline - time.monotonic()):
            self._incoming.write(data)
        else:
            self._incoming.write_eof()

    def close(self) -> None:
        """Close without waiting for the peer's close_notify."""
        with suppress(OSError, ValueError):  # SSLWantReadError as a rule: our own close_notify is written by now
            self._tls.unwrap()
        with suppress(OSError):  # the peer may have gone already
            if data := self._outgoing.read():
                self._inner.send_all(data, _LAST_WORDS_S)
        self._inner.close()

    def tcp_info(self) -> Mapping[str, Any] | None:
        """See :meth:`Stream.tcp_info`."""
        return self._inner.tcp_info()

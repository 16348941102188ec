"""Byte streams that tell a FIN from an RST from silence, whatever lies beneath: a socket, TLS, TLS inside TLS.

``ssl.SSLSocket`` reports an RST as a clean end on some versions of Python. Here TLS runs over ``ssl.MemoryBIO``, so
every byte passes through our own hands and the operating system's error arrives as it was.
"""

from __future__ import annotations

import socket
import ssl
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from ayx_diagnostics.network.base import Clock, Stream
from ayx_diagnostics.network.tcp_info import read_tcp_info

__all__ = ["PrefixedStream", "SocketStream", "TlsStream"]

#: How much is asked of the layer below at once.
CHUNK = 65536
#: How long to look for an alert after the peer has reset the connection.
_LAST_WORDS_S = 0.2


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
        clock: The clock of the diagnosis.
        inner: The stream that carries the TLS records.
        tls: The TLS object.
        incoming: The object's memory buffer for bytes from the peer.
        outgoing: The object's memory buffer for bytes to the peer.
    """

    def __init__(
        self, clock: Clock, inner: Stream, tls: ssl.SSLObject, incoming: ssl.MemoryBIO, outgoing: ssl.MemoryBIO
    ) -> None:
        self._clock = clock
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
        deadline = self._clock.now() + timeout_s
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
        deadline = self._clock.now() + _LAST_WORDS_S
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
        deadline = self._clock.now() + timeout_s
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
            self._inner.send_all(data, deadline - self._clock.now())

    def _fill(self, deadline: float) -> None:
        if data := self._inner.receive(CHUNK, deadline - self._clock.now()):
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

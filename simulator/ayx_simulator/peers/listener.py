"""A TCP listener, one thread per connection, made to misbehave exactly: FIN, RST or silence, nothing by chance."""

from __future__ import annotations

import contextlib
import select
import socket
import ssl
import struct
import sys
import threading
from collections.abc import Callable
from typing import Self

__all__ = ["Connection", "Handler", "Listener", "Peer"]

#: ``struct linger {on, seconds}``: Windows declares both fields as u_short, everybody else as int.
_LINGER_ZERO = struct.pack("hh" if sys.platform == "win32" else "ii", 1, 0)
#: Upper bound of everything that waits for a peer, so that no thread outlives a forgotten client for long.
_PATIENCE_S = 120.0


class Connection:
    """One accepted connection: what arrived on it, and the ways to end it.

    Attributes:
        socket: The TCP socket, or the TLS socket after :meth:`start_tls`.
        closing: Set when the listener is being closed.
        received: Every byte the peer sent; after :meth:`start_tls` the decrypted ones are appended.
    """

    def __init__(self, accepted: socket.socket, closing: threading.Event) -> None:
        self.socket = accepted
        self.closing = closing
        self.received = bytearray()
        accepted.settimeout(_PATIENCE_S)

    def receive(self, limit: int = 65536) -> bytes:
        """Return what arrived next; ``b""`` when the peer said FIN."""
        data = self.socket.recv(limit)
        self.received += data
        return data

    def receive_until(self, mark: bytes, limit: int = 1 << 20) -> bytes:
        """Return bytes up to at least the end of ``mark``; fewer when the peer said FIN or ``limit`` was reached."""
        data = b""
        while mark not in data and len(data) < limit:
            more = self.receive()
            if not more:
                break
            data += more
        return data

    def receive_request(self) -> bytes:
        """Return an HTTP request with the body that it announces; less of it when the peer said FIN."""
        request = self.receive_until(b"\r\n\r\n")
        head, _, body = request.partition(b"\r\n\r\n")
        announced = 0
        for line in head.split(b"\r\n")[1:]:
            field, _, value = line.partition(b":")
            if field.strip().lower() == b"content-length":
                with contextlib.suppress(ValueError):
                    announced = int(value)
        missing = announced - len(body)
        while missing > 0 and (more := self.receive()):
            request += more
            missing -= len(more)
        return request

    def send(self, data: bytes) -> None:
        """Send all of ``data``."""
        self.socket.sendall(data)

    def start_tls(self, context: ssl.SSLContext) -> None:
        """Handshake as the server.

        Raises:
            ssl.SSLError: The handshake failed; the alert that says so has been sent.
        """
        tls = context.wrap_socket(self.socket, server_side=True, do_handshake_on_connect=False)
        self.socket = tls
        tls.do_handshake()

    def reset(self) -> None:
        """End the connection with RST (SO_LINGER with a time of zero)."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_ZERO)
        self.socket.close()

    def finish(self) -> None:
        """End our direction with FIN, and read on until the peer ends its own.

        Closing at once would turn into RST if bytes of the peer were still on their way.
        """
        with contextlib.suppress(OSError):
            self.socket.shutdown(socket.SHUT_WR)
            self.hold()

    def hold(self) -> None:
        """Keep the connection open without a word until the peer ends it or the listener is closed."""
        with contextlib.suppress(OSError):
            while not self.closing.is_set() and self.receive():
                pass

    def interrupt(self) -> None:
        """Wake the thread that waits on this connection."""
        with contextlib.suppress(OSError):
            self.socket.shutdown(socket.SHUT_RDWR)


Handler = Callable[[Connection], None]


class Listener:
    """Listens on one address and hands every connection to ``handler`` in a thread of its own.

    Usable as a context manager; the port is open when ``with`` is entered.

    Args:
        handler: What to do with a connection; it is closed with FIN when the handler returns. An ``OSError`` means that
            the peer went away and is ignored. ``None``: never accept, with a full queue, so that the kernel drops SYNs.
        host: Address to bind; ``::`` accepts IPv4 as well.
        port: Port to bind; 0 lets the kernel choose.

    Attributes:
        connections: Every connection so far, in the order of acceptance.
    """

    def __init__(self, handler: Handler | None, host: str = "127.0.0.1", port: int = 0) -> None:
        self.host = host
        self.port = port
        self.connections: list[Connection] = []
        self.closing = threading.Event()
        self._handler = handler
        self._threads: list[threading.Thread] = []
        self._fillers: list[socket.socket] = []

    def __enter__(self) -> Self:
        family = socket.AF_INET6 if ":" in self.host else socket.AF_INET
        self._socket = socket.socket(family, socket.SOCK_STREAM)
        if sys.platform != "win32":  # there it would let another program take the port
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            self._socket.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0 if self.host == "::" else 1)
        try:
            self._socket.bind((self.host, self.port))
            self._socket.listen(0 if self._handler is None else 128)
        except OSError:
            self._socket.close()
            raise
        self.port = self._socket.getsockname()[1]
        if self._handler is None:
            self._fill_queue()
        else:
            self._wake_reader, self._wake_writer = socket.socketpair()
            self._start(self._accept, ())
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Stop listening, end every open connection, and wait for their threads (at most 2 s each)."""
        if self.closing.is_set():
            return
        self.closing.set()
        if self._handler is not None:
            self._wake_writer.close()
            self._threads[0].join(2.0)
            self._wake_reader.close()
        self._socket.close()
        for connection in self.connections:
            connection.interrupt()
        for thread in self._threads[1:]:
            thread.join(2.0)
        for filler in self._fillers:
            filler.close()

    def _start(self, target: Callable[..., None], arguments: tuple[Connection, ...]) -> None:
        thread = threading.Thread(target=target, args=arguments, daemon=True, name=f"listener-{self.port}")
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while True:
            readable, _, _ = select.select([self._socket, self._wake_reader], [], [])
            if self._wake_reader in readable:
                return
            try:
                accepted, _ = self._socket.accept()
            except OSError:  # the peer took its connection back before it was accepted
                continue
            connection = Connection(accepted, self.closing)
            self.connections.append(connection)
            self._start(self._serve, (connection,))

    def _serve(self, connection: Connection) -> None:
        handler = self._handler
        try:
            with contextlib.suppress(OSError):
                if handler is not None:
                    handler(connection)
        finally:
            connection.socket.close()

    def _fill_queue(self) -> None:
        """Occupy the places of the accept queue ourselves, so that the next SYN finds none."""
        target = (self.host if self.host not in {"0.0.0.0", "::"} else "127.0.0.1", self.port)  # noqa: S104  # compared
        for _ in range(3):
            filler = socket.socket(self._socket.family, socket.SOCK_STREAM)
            filler.setblocking(False)
            filler.connect_ex(target)
            self._fillers.append(filler)


class Peer:
    """What serves every connection in one way, as a context manager; the port is open when ``with`` is entered."""

    _listener: Listener

    @property
    def host(self) -> str:
        """The address that is listened on."""
        return self._listener.host

    @property
    def port(self) -> int:
        """The port that is listened on, once the context was entered."""
        return self._listener.port

    @property
    def received(self) -> list[bytes]:
        """What each connection brought so far, decrypted where the peer spoke TLS; not what a tunnel carried."""
        return [bytes(connection.received) for connection in self._listener.connections]

    def __enter__(self) -> Self:
        self._listener.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.close()

"""The sockets beneath httpcore, each of whose waits is measured and ends in time.

httpcore takes a network backend but httpx hands none on, so ``bounded`` wraps the one that its transport has made. The
timeouts that arrive here are those of the request (``bounds.Timeout``), which know what it has left.
"""

from __future__ import annotations

import queue
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import partial
from typing import Any, TypeVar

import httpcore
import httpx

from ayx_connection.transport.bounds import Exchange, Timeout

__all__ = ["bounded"]

_Transport = TypeVar("_Transport", httpx.HTTPTransport, httpx.AsyncHTTPTransport)
_T = TypeVar("_T")

#: What is handed to the socket at once where there is an end of time: each piece gets what is left of it.
_PIECE = 16384


def bounded(transport: _Transport) -> _Transport:
    """Return an httpx transport whose connections keep to the ``Exchange`` of each request."""
    pool = transport._pool  # noqa: SLF001 -- httpx offers no other way to httpcore's backend
    kind = _Backend if isinstance(transport, httpx.HTTPTransport) else _AsyncBackend
    pool._network_backend = kind(pool._network_backend)  # noqa: SLF001 -- as above
    return transport


class _Backend(httpcore.NetworkBackend):
    def __init__(self, inner: httpcore.NetworkBackend) -> None:
        self._inner = inner

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        connect = partial(self._inner.connect_tcp, local_address=local_address, socket_options=socket_options)
        if not isinstance(timeout, Timeout):
            return connect(host, port, timeout=timeout)
        exchange = timeout.exchange
        if not exchange.has_end:
            return _Stream(connect(host, port, timeout=exchange.left(timeout)), exchange)
        error: Exception | None = None
        for address in _looked_up(host, port, exchange.left(None)):
            try:
                return _Stream(connect(address, port, timeout=exchange.left(timeout)), exchange)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as failed:
                error = failed
        raise error or httpcore.ConnectError("the name has no address")

    def sleep(self, seconds: float) -> None:
        self._inner.sleep(seconds)


def _looked_up(host: str, port: int, seconds: float | None) -> list[str]:
    """Return the addresses of a name, in time: the system's resolver knows no timeout."""
    answers: queue.SimpleQueue[list[str] | Exception] = queue.SimpleQueue()

    def look_up() -> None:
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except Exception as error:  # noqa: BLE001 -- raised where the answer is waited for
            answers.put(error)
        else:
            answers.put([str(address[0]) for *_, address in found])

    threading.Thread(target=look_up, daemon=True, name="lookup").start()
    try:
        answer = answers.get(timeout=seconds)
    except queue.Empty:
        raise httpcore.ConnectTimeout("the name was not looked up in time") from None
    if isinstance(answer, OSError):
        raise httpcore.ConnectError(str(answer)) from answer
    if isinstance(answer, Exception):
        raise answer
    return answer


class _Stream(httpcore.NetworkStream):
    """A stream that counts what comes; reads and writes without a timeout of their own belong to the connecting."""

    def __init__(self, inner: httpcore.NetworkStream, exchange: Exchange) -> None:
        self._inner = inner
        self._exchange = exchange

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        exchange = timeout.exchange if isinstance(timeout, Timeout) else self._exchange
        seconds = exchange.read_s()
        data, ended, began = b"", None, time.monotonic()
        try:
            data = self._inner.read(max_bytes, seconds)
        except httpcore.ReadTimeout as error:
            ended = error
        if ended is not None:  # outside of the handler: what is raised here is no consequence
            exchange.check_wait()
            raise ended
        exchange.took(data, time.monotonic() - began)
        return data

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        exchange = timeout.exchange if isinstance(timeout, Timeout) else self._exchange
        if not exchange.has_end:
            self._inner.write(buffer, exchange.left(timeout))
            return
        for start in range(0, len(buffer), _PIECE):
            self._inner.write(buffer[start : start + _PIECE], exchange.left(timeout))

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        exchange = timeout.exchange if isinstance(timeout, Timeout) else self._exchange
        seconds = exchange.left(timeout)
        if self._inner.get_extra_info("ssl_object") is None:
            return _Stream(self._inner.start_tls(ssl_context, server_hostname, seconds), exchange)
        return _Stream(_TlsInTls(self._inner, ssl_context, server_hostname, seconds), exchange)

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)


class _TlsInTls(httpcore.NetworkStream):
    """TLS to the Server inside the TLS to a proxy; a step ends in time, however many records it takes.

    httpcore's own starts the time anew with every record, so that a drip of them has no end.
    """

    def __init__(
        self, carrier: httpcore.NetworkStream, context: ssl.SSLContext, hostname: str | None, timeout: float | None
    ) -> None:
        self._carrier = carrier
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._incoming, self._outgoing, server_hostname=hostname)
        try:
            self._step(self._tls.do_handshake, timeout)
        except ssl.SSLError as error:
            carrier.close()
            raise httpcore.ConnectError(str(error)) from error
        except BaseException:
            carrier.close()
            raise

    def _step(self, step: Callable[[], _T], timeout: float | None) -> _T:
        until = None if timeout is None else time.monotonic() + timeout
        while True:
            try:
                result = step()
            except ssl.SSLWantReadError:
                self._flush(until)
                if data := self._carrier.read(_PIECE, _left(until)):
                    self._incoming.write(data)
                else:
                    self._incoming.write_eof()
            else:
                self._flush(until)
                return result

    def _flush(self, until: float | None) -> None:
        if data := self._outgoing.read():
            self._carrier.write(data, _left(until))

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        try:
            return self._step(partial(self._tls.read, max_bytes), timeout)
        except ssl.SSLError as error:
            raise httpcore.ReadError(str(error)) from error

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        try:
            while buffer:
                buffer = buffer[self._step(partial(self._tls.write, buffer), timeout) :]
        except ssl.SSLError as error:
            raise httpcore.WriteError(str(error)) from error

    def close(self) -> None:
        with suppress(OSError):
            self._carrier.close()

    def get_extra_info(self, info: str) -> Any:
        return self._tls if info == "ssl_object" else self._carrier.get_extra_info(info)


def _left(until: float | None) -> float | None:
    if until is None:
        return None
    left_s = until - time.monotonic()
    if left_s <= 0:
        raise httpcore.ReadTimeout("timed out")
    return left_s


class _AsyncBackend(httpcore.AsyncNetworkBackend):
    def __init__(self, inner: httpcore.AsyncNetworkBackend) -> None:
        self._inner = inner

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        exchange = timeout.exchange if isinstance(timeout, Timeout) else None
        seconds = exchange.left(timeout) if exchange else timeout
        stream = await self._inner.connect_tcp(host, port, seconds, local_address, socket_options)
        return _AsyncStream(stream, exchange) if exchange else stream

    async def sleep(self, seconds: float) -> None:
        await self._inner.sleep(seconds)


class _AsyncStream(httpcore.AsyncNetworkStream):
    """The asyncio twin of ``_Stream``; anyio's timeouts hold for all of a step."""

    def __init__(self, inner: httpcore.AsyncNetworkStream, exchange: Exchange) -> None:
        self._inner = inner
        self._exchange = exchange

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        exchange = timeout.exchange if isinstance(timeout, Timeout) else self._exchange
        seconds = exchange.read_s()
        data, ended, began = b"", None, time.monotonic()
        try:
            data = await self._inner.read(max_bytes, seconds)
        except httpcore.ReadTimeout as error:
            ended = error
        if ended is not None:  # outside of the handler: what is raised here is no consequence
            exchange.check_wait()
            raise ended
        exchange.took(data, time.monotonic() - began)
        return data

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:
        exchange = timeout.exchange if isinstance(timeout, Timeout) else self._exchange
        await self._inner.write(buffer, exchange.left(timeout))

    async def aclose(self) -> None:
        await self._inner.aclose()

    async def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.AsyncNetworkStream:
        exchange = timeout.exchange if isinstance(timeout, Timeout) else self._exchange
        return _AsyncStream(await self._inner.start_tls(ssl_context, server_hostname, exchange.left(timeout)), exchange)

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)

"""The body of an answer, with an end: so many bytes and no more, packed or unpacked, whatever the peer sends.

httpx unpacks each piece as a whole, however much comes out of it. So the body is unpacked here, in small steps, and
httpx never sees that it was packed.
"""

from __future__ import annotations

import io
import zlib
from collections.abc import AsyncIterator, Callable, Iterator
from typing import cast

import httpx

from ayx_connection.transport.bounds import AnswerRefusedError, Exchange

__all__ = ["ACCEPT_ENCODING", "bound_body"]

#: The codings (RFC 9110, 8.4.1) that are asked for, and all that are understood.
ACCEPT_ENCODING = "gzip, deflate"
_CODINGS = frozenset({"gzip", "x-gzip", "deflate"})
#: How much comes out of one step of unpacking, in bytes.
_STEP = 65536


def bound_body(
    response: httpx.Response,
    exchange: Exchange,
    limit: int | None,
    failed: Callable[[httpx.RequestError | OSError], Exception],
    *,
    setting: str = "",
) -> None:
    """Replace the body of a response, not yet read, by one that ends and is unpacked.

    Args:
        response: The response; what its headers say of a packed body is dropped.
        exchange: What is counted along.
        limit: Longest body in bytes, packed and unpacked; None for any length, which then is given out as it comes.
        failed: Makes what is raised of what reading the body raised.
        setting: Name of the setting that allows more.
    """
    response.stream = _Body(response, exchange, limit, failed, setting=setting)
    if response.headers.pop("Content-Encoding", None):
        response.headers.pop("Content-Length", None)  # that of the packed body


class _Unpacker:
    """Undoes one coding in steps; a gzip body may consist of several members (RFC 1952, 2.2)."""

    def __init__(self, coding: str) -> None:
        self._coding = coding
        self._inflater: zlib._Decompress | None = None

    def unpack(self, data: bytes) -> Iterator[bytes]:
        """Yield what comes out of the next bytes.

        Raises:
            httpx.DecodingError: They are not packed as they should be.
        """
        try:
            while data:
                if self._inflater is None or self._inflater.eof:
                    if self._inflater and (self._coding == "deflate" or data[0] != _GZIP):
                        return  # padding behind the end
                    self._inflater = zlib.decompressobj(self._window(data))
                if piece := self._inflater.decompress(data, _STEP):
                    yield piece
                data = self._inflater.unconsumed_tail or self._inflater.unused_data
        except zlib.error as error:
            raise httpx.DecodingError(str(error)) from error

    def _window(self, data: bytes) -> int:
        if self._coding != "deflate":
            return zlib.MAX_WBITS | 16
        # RFC 9110, 8.4.1.2: "deflate" is the zlib format; some servers send the bare data all the same
        is_zlib = data[0] & 0x0F == zlib.DEFLATED and (len(data) == 1 or int.from_bytes(data[:2]) % 31 == 0)
        return zlib.MAX_WBITS if is_zlib else -zlib.MAX_WBITS

    def finish(self) -> None:
        """Make sure that the end was reached.

        Raises:
            httpx.DecodingError: It was not.
        """
        if self._inflater is not None and not self._inflater.eof:
            raise httpx.DecodingError("the packed data ends in the middle")


_GZIP = 0x1F  # the first byte of every member


class _Body(httpx.SyncByteStream, httpx.AsyncByteStream):
    def __init__(
        self,
        response: httpx.Response,
        exchange: Exchange,
        limit: int | None,
        failed: Callable[[httpx.RequestError | OSError], Exception],
        *,
        setting: str,
    ) -> None:
        self._inner = response.stream
        self._exchange = exchange
        self._limit = limit
        self._advice = f" ({setting} allows more)" if setting else ""
        self._failed = failed
        coding = response.headers.get("Content-Encoding", "").strip().lower()
        self._coding = "" if coding == "identity" else coding
        self._unpacker = _Unpacker(coding) if coding in _CODINGS else None
        self._unpacked = 0
        #: Of an ordinary answer nothing is given out before its end: a million pieces of one byte fill the memory.
        self._whole = None if limit is None else io.BytesIO()

    def __iter__(self) -> Iterator[bytes]:
        try:
            for part in cast("httpx.SyncByteStream", self._inner):
                yield from self._taken(part)
            yield from self._rest()
        except _FAILURES as error:
            raise self._failed(error) from error

    async def __aiter__(self) -> AsyncIterator[bytes]:
        try:
            async for part in cast("httpx.AsyncByteStream", self._inner):
                for piece in self._taken(part):
                    yield piece
            for piece in self._rest():
                yield piece
        except _FAILURES as error:
            raise self._failed(error) from error

    def close(self) -> None:
        self._release()
        cast("httpx.SyncByteStream", self._inner).close()

    async def aclose(self) -> None:
        self._release()
        await cast("httpx.AsyncByteStream", self._inner).aclose()

    def _release(self) -> None:
        """Let go of what was taken in: the traceback of an error may live on, and holds everything beneath it."""
        if self._whole is not None:
            self._whole = io.BytesIO()

    def _taken(self, part: bytes) -> Iterator[bytes]:
        """Count a part of the body; yield what may be given out of it."""
        self._exchange.payload += len(part)
        self._exchange.left(None)
        self._check(self._exchange.payload)
        if self._unpacker is None:
            if self._coding and part:
                raise AnswerRefusedError(f"its body is packed as {self._coding[:_SHOWN]!r}, which was not asked for")
            pieces: Iterator[bytes] = iter((part,))
        else:
            pieces = self._unpacker.unpack(part)
        for piece in pieces:
            self._unpacked += len(piece)
            self._check(self._unpacked)
            if self._whole is None:
                yield piece
            else:
                self._whole.write(piece)

    def _check(self, size: int) -> None:
        if self._limit is not None and size > self._limit:
            raise AnswerRefusedError(f"its body has more than {self._limit} bytes{self._advice}")

    def _rest(self) -> Iterator[bytes]:
        if self._unpacker is not None:
            self._unpacker.finish()
        if self._whole is not None:
            yield self._whole.getvalue()


_SHOWN = 20
#: What goes wrong while a body is read. httpcore lets some errors of asyncio's TLS through as they are.
_FAILURES = (httpx.TransportError, httpx.DecodingError, OSError)

"""The body of a token answer, with an end: a few kilobytes, in the time of one read, whatever the peer sends."""

from __future__ import annotations

import time
import zlib
from collections.abc import AsyncIterator, Iterator
from typing import cast

import httpx

from ayx_connection.errors import DIAGNOSE, TokenError

__all__ = ["bound_body"]

#: A token answer has a few kilobytes; an error page in its place, a few hundred at most.
LIMIT = 1_000_000
_DEFAULT_READ_S = 30.0
_CODINGS = ("gzip", "x-gzip", "deflate")


def bound_body(request: httpx.Request, response: httpx.Response) -> None:
    """Replace the body of a response, not yet read, by one that ends.

    Reading it raises ``TokenError`` when it grows beyond ``LIMIT`` bytes, packed or unpacked, or when it is not
    complete after the read timeout of the request. (httpx's own timeout starts anew with every byte, and httpx unpacks
    without limit.)

    Args:
        request: The token request.
        response: Its response.
    """
    timeouts = request.extensions.get("timeout") or {}
    seconds = timeouts.get("read") or _DEFAULT_READ_S
    response.stream = _BoundedBody(response, seconds)
    response.headers.pop("Content-Encoding", None)


class _BoundedBody(httpx.SyncByteStream, httpx.AsyncByteStream):
    def __init__(self, response: httpx.Response, seconds: float) -> None:
        self._inner = response.stream
        self._status = response.status_code
        self._seconds = seconds
        self._until = time.monotonic() + seconds
        self._taken = 0
        coding = response.headers.get("Content-Encoding", "identity").strip().lower()
        self._unpacker = zlib.decompressobj(zlib.MAX_WBITS | 32) if coding in _CODINGS else None
        self._unknown = "" if coding in ("", "identity", *_CODINGS) else coding

    def __iter__(self) -> Iterator[bytes]:
        for part in cast("httpx.SyncByteStream", self._inner):
            yield self._checked(part)

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for part in cast("httpx.AsyncByteStream", self._inner):
            yield self._checked(part)

    def close(self) -> None:
        cast("httpx.SyncByteStream", self._inner).close()

    async def aclose(self) -> None:
        await cast("httpx.AsyncByteStream", self._inner).aclose()

    def _checked(self, part: bytes) -> bytes:
        """Return the next part, unpacked."""
        if self._unknown:
            raise self._error("it is packed in a way that was not asked for")
        if time.monotonic() > self._until:
            raise self._error(f"it was not complete after {self._seconds:g} s")
        if self._unpacker is not None:
            try:
                part = self._unpacker.decompress(part, LIMIT + 1)
            except zlib.error:
                raise self._error("it says that it is compressed, and is not") from None
        self._taken += len(part)
        if self._taken > LIMIT:
            raise self._error(f"it has more than {LIMIT} bytes")
        return part

    def _error(self, why: str) -> TokenError:
        message = f"no token: the answer was not read to its end, {why} (HTTP {self._status}) [stage token]: {DIAGNOSE}"
        return TokenError(message, status=self._status)

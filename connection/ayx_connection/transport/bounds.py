"""How much of an answer is taken in, and for how long it is waited for.

httpx bounds each wait for the next bytes and nothing else: a byte now and then keeps a call alive for ever, interim
answers (1xx) may follow one another without end, and a body has any size. Here every call has an end:

- the head of an answer comes within the read timeout, counted over all waits, with at most ``MOST_INTERIM`` interim
  answers before it and ``MOST_FIELDS`` fields in it;
- a body may take a read timeout and one second more for every ``LEAST_PACE`` bytes, and has at most
  ``Bounds.answer_bytes``; what is streamed has any size;
- the whole call ends when its time is up, where it has one.
"""

from __future__ import annotations

import math
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx

__all__ = ["AnswerRefusedError", "Bounds", "Exchange", "SlowAnswerError", "Timeout"]

#: Interim answers (RFC 9110, 15.2) before the answer proper, and fields of its head.
MOST_INTERIM, MOST_FIELDS = 20, 256
#: Bytes of one head with its interim answers. A read may bring 64 kB of the body along; h11 allows 100 kB for the head.
_HEAD_BYTES = 262_144
#: Bytes a second that a body brings at least, once the read timeout is used up.
LEAST_PACE = 1024
#: Longest body of an answer that is no success: words about an error, and nobody's data.
_ERROR_BYTES = 5_000_000
#: Bytes around a body (chunk sizes and their extensions, RFC 9112, 7.1) that are taken beyond twice those of the body;
#: more than h11 allows for one line, which it calls by its name.
_FRAMING_BYTES = 131_072

_INTERIM = re.compile(rb"HTTP/1\.[0-9] 1")
_FINAL = re.compile(rb"HTTP/1\.[0-9] [2-9]")
_LINE_START = 16  # bytes of a line that tell what it is
_STREAMED = "ayx_streamed"
_UNTIL = "until"


class AnswerRefusedError(httpx.RemoteProtocolError):
    """An answer is not taken in any further: it is too large, or not what was asked for."""


class SlowAnswerError(httpx.ReadTimeout):
    """An answer goes on, but too slowly to be waited for."""


@dataclass(frozen=True)
class Bounds:
    """What the calls of one client may cost.

    Attributes:
        answer_bytes: Longest body of an answer in bytes, packed and unpacked; a successful one that is streamed has no
            such limit.
        call_s: Seconds for one call with everything that belongs to it, such as getting a token; None for no limit.
            Where the answer is streamed, it does not count.
        until: When all calls end (``time.monotonic()``), None for never.
    """

    answer_bytes: int
    call_s: float | None = None
    until: float | None = None

    def apply(self, request: httpx.Request, *, streamed: bool) -> None:
        """Have a request, and the token requests that it causes, end in time.

        Args:
            request: The request, not yet sent.
            streamed: Whether its answer goes to somebody who takes it piece by piece.
        """
        ends = [] if self.until is None else [self.until]
        if self.call_s is not None and not streamed:
            ends.append(time.monotonic() + self.call_s)
        timeouts = {**(request.extensions.get("timeout") or {}), _UNTIL: min(ends, default=math.inf)}
        request.extensions = {**request.extensions, "timeout": timeouts, _STREAMED: streamed}

    def limit_of(self, response: httpx.Response, request: httpx.Request) -> int | None:
        """Return how long the body of an answer may be, None for any length."""
        if not response.is_success:
            return min(self.answer_bytes, _ERROR_BYTES)
        return None if request.extensions.get(_STREAMED) else self.answer_bytes


class Timeout(float):
    """A timeout that knows the exchange it belongs to: httpcore hands timeouts to the network stream as they are."""

    exchange: Exchange

    @classmethod
    def of(cls, seconds: float | None, exchange: Exchange) -> Timeout:
        """Make one; None for no limit is infinite."""
        made = cls(math.inf if seconds is None else seconds)
        made.exchange = exchange
        return made


class Exchange:
    """What one request has left: time, and bytes of the head and around the body of its answer.

    Args:
        timeouts: The request's timeouts as httpx has them, and ``until``.
        pace: Bytes of a body that earn a second more of waiting.

    Attributes:
        payload: Bytes of the body so far, without what frames them.
    """

    def __init__(self, timeouts: Mapping[str, Any], pace: float = LEAST_PACE) -> None:
        self._until: float = timeouts.get(_UNTIL, math.inf)
        self._read_s: float | None = timeouts.get("read")
        self._given = timeouts
        self._pace = pace
        self._phase_s: float | None = timeouts.get("connect")  # a SOCKS proxy's word is part of connecting
        self._phase = "connecting"
        self._begin(self._phase)
        self._allowed_s = math.inf
        self.payload = 0

    def timeouts(self) -> dict[str, float | None]:
        """Return the timeouts for httpcore.

        Raises:
            httpx.ReadTimeout: The time for everything is up.
        """
        known = {name: Timeout.of(self._given.get(name), self) for name in ("connect", "read", "write")}
        return {**known, "pool": self.left(self._given.get("pool"))}  # the wait for a free connection knows no stream

    @property
    def has_end(self) -> bool:
        """Whether there is a time at which everything ends."""
        return self._until != math.inf

    def saw(self, event: str) -> None:
        """Note an event of httpcore's ``trace``."""
        if event == "http11.receive_response_headers.started":
            self._begin("head")
        elif event == "http11.receive_response_body.started":
            self._begin("body")

    def _begin(self, phase: str) -> None:
        self._phase, self._waited_s, self._bytes = phase, 0.0, 0
        self._interim = 0
        self._line: bytes | None = b""  # the last one, not complete; None once the answer proper has begun
        if phase != "connecting":
            self._phase_s = self._read_s

    def left(self, seconds: float | None) -> float | None:
        """Return the seconds that a wait may take, None for any number.

        Args:
            seconds: What it may take by itself.

        Raises:
            httpx.ReadTimeout: The time for everything is up.
        """
        if self._until == math.inf:
            return None if seconds == math.inf else seconds
        left_s = self._until - time.monotonic()
        if left_s <= 0:
            raise httpx.ReadTimeout("the time for the whole call is up")
        return left_s if seconds is None else min(left_s, seconds)

    def read_s(self) -> float | None:
        """Return the seconds that the next bytes may take.

        Raises:
            AnswerRefusedError: What came frames a body and is none.
            SlowAnswerError: What came, came in drips.
            httpx.ReadTimeout: The time for everything is up.
        """
        if self._phase == "body" and self._bytes > _FRAMING_BYTES + 2 * self.payload:
            raise AnswerRefusedError("its body is hardly anything but chunk headers")
        if self._phase_s is None:
            return self.left(None)
        earned_s = self._bytes / self._pace if self._phase == "body" else 0.0
        self._allowed_s = min(self._phase_s, self._phase_s + earned_s - self._waited_s)
        if self._allowed_s <= 0:
            raise self._too_slow()
        return self.left(self._allowed_s)

    def _too_slow(self) -> SlowAnswerError:
        return SlowAnswerError(f"it was not complete after {self._waited_s + max(0.0, self._allowed_s):.2g} s")

    def check_wait(self) -> None:
        """Say why a wait for the next bytes ended, unless it had all the time that one may have.

        Raises:
            SlowAnswerError: Waits before it had used the time up.
            httpx.ReadTimeout: The time for everything is up.
        """
        self.left(None)
        if self._phase_s is not None and self._allowed_s < self._phase_s:
            raise self._too_slow()

    def took(self, data: bytes, waited_s: float) -> None:
        """Count bytes that came.

        Args:
            data: The bytes.
            waited_s: For how long they were waited for.

        Raises:
            AnswerRefusedError: The head of the answer has no end.
        """
        self._waited_s += waited_s
        self._bytes += len(data)
        if self._phase != "head":
            return
        self._count_interim(data)
        if self._bytes > _HEAD_BYTES:
            raise AnswerRefusedError(f"its head has more than {_HEAD_BYTES} bytes")

    def _count_interim(self, data: bytes) -> None:
        """Count the status lines of interim answers, which httpcore reads away without a word."""
        if self._line is None:
            return
        text = self._line + data
        if _FINAL.match(text):
            self._line = None
            return
        *lines, last = text.split(b"\n")
        self._line = last[:_LINE_START]
        for line in lines:
            if _FINAL.match(line):
                self._line = None
                break
            self._interim += _INTERIM.match(line) is not None
        if self._interim > MOST_INTERIM:
            raise AnswerRefusedError(f"more than {MOST_INTERIM} interim answers (1xx) came before it")

    def check_fields(self, response: httpx.Response) -> None:
        """Make sure that a head is no flood.

        Raises:
            AnswerRefusedError: It has too many fields.
        """
        if len(response.headers.raw) > MOST_FIELDS:
            raise AnswerRefusedError(f"its head has more than {MOST_FIELDS} fields")

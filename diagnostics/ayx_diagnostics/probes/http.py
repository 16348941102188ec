"""HTTP/1.1 with every byte in our own hands: one request, one answer, nothing followed, nothing unbounded."""

from __future__ import annotations

import ssl
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

import h11

from ayx_diagnostics.model import Observation, Stage
from ayx_diagnostics.network.streams import CHUNK, PrefixedStream
from ayx_diagnostics.probes.http_answer import Answer, evidence_of, redactor_for, shown_url
from ayx_diagnostics.probes.tls_records import alert_of_reason, reason_of
from ayx_diagnostics.vocabulary import errno_name, socket_outcome

if TYPE_CHECKING:
    from ayx_diagnostics.network.base import Clock, Stream

__all__ = ["BODY_LIMIT", "HttpConnection", "converse", "exchange"]

#: Longest header block, in bytes.
HEAD_LIMIT = 65536
#: Longest body that is read, in bytes.
BODY_LIMIT = 1_000_000
_FIRST_BYTES = 128
_STATUS_LINE_START = b"HTTP/"
_HEADER_TOO_LARGE = 431
#: Interim answers (1xx) that are put up with before the answer proper.
_MOST_INTERIM = 20
_DEFAULT_PORTS = {"http": 80, "https": 443}
#: What a path or query may hold as it is (RFC 3986, 3.3 and 3.4), an existing percent-encoding included.
_UNQUOTED = "/?%:@!$&'()*+,;=~-._"
_USER_AGENT = "alteryx-server-toolkit"


class _Closed(Exception):  # noqa: N818  # not an error of ours: the peer's FIN
    """The peer ended the stream where bytes were due."""


class _NotHttp(Exception):  # noqa: N818  # not an error of ours: what the peer is
    """The peer speaks something else."""


#: Outcomes after which the kernel knows whether the peer got what was sent.
_STALLED = ("timeout", "body_stall")


class HttpConnection:
    """A connection that carries one exchange after another.

    Args:
        stream: The stream beneath, owned from now on.
        absolute_form: Whether requests name the whole URL, as a proxy needs it for an ``http://`` target (RFC 9112,
            3.2.2).
        headers: Sent with every request: the proxy's credentials, where requests go to it. Never recorded.

    Attributes:
        reused: Whether an exchange has been completed on it before.
    """

    def __init__(
        self, stream: Stream, *, absolute_form: bool = False, headers: Mapping[str, str] | None = None
    ) -> None:
        self.headers = headers or {}
        self._stream = stream
        self.absolute_form = absolute_form
        self.reused = False
        self._protocol = h11.Connection(h11.CLIENT, max_incomplete_event_size=HEAD_LIMIT)

    @property
    def reusable(self) -> bool:
        """Whether another request may be sent: the last exchange ended properly and the peer keeps the connection."""
        return self._protocol.our_state is h11.IDLE and self._protocol.their_state is h11.IDLE

    def close(self) -> None:
        """Close the connection and the stream beneath."""
        self._stream.close()

    def tcp_info(self) -> Mapping[str, Any] | None:
        """Return the kernel's view of the connection beneath, or None where it gives none."""
        return self._stream.tcp_info()

    def detach(self) -> Stream:
        """Return the stream with whatever the peer sent behind its answer; for the time after CONNECT."""
        left_over, _ = self._protocol.trailing_data
        return PrefixedStream(left_over, self._stream) if left_over else self._stream

    def ask(
        self, clock: Clock, request: h11.Request, content: bytes, *, timeout_s: float, body_limit: int = BODY_LIMIT
    ) -> Answer:
        """Send a request and take in the answer.

        Args:
            clock: The diagnosis' clock.
            request: The request's head.
            content: Its body.
            timeout_s: Bound of the whole exchange.
            body_limit: Longest body that is read, in bytes.

        Returns:
            The answer as far as it came; its ``outcome`` says how it ended.
        """
        deadline_s = clock.now() + timeout_s
        answer = Answer()
        try:
            self._send(clock, request, content, deadline_s, answer)
            self._read_body(clock, deadline_s, answer, body_limit)
        except (OSError, h11.ProtocolError, _Closed, _NotHttp) as error:
            answer.error = error
            answer.outcome = _outcome(error, answer)
        answer.decode_content(body_limit)
        if self._protocol.our_state is h11.DONE and self._protocol.their_state is h11.DONE:
            self._protocol.start_next_cycle()
            self.reused = True
        return answer

    def _send(self, clock: Clock, request: h11.Request, content: bytes, deadline_s: float, answer: Answer) -> None:
        """Send the request and read the answer's head, even when the sending was cut: it may say why."""
        pieces = [self._protocol.send(request)]
        if content:
            pieces.append(self._protocol.send(h11.Data(data=content)))
        pieces.append(self._protocol.send(h11.EndOfMessage()))
        unsent: OSError | None = None
        try:
            self._stream.send_all(b"".join(piece for piece in pieces if piece), deadline_s - clock.now())
        except (TimeoutError, ssl.SSLError):
            raise
        except OSError as error:
            unsent = error
        try:
            self._read_head(clock, deadline_s, answer)
        except (OSError, _Closed):
            if unsent is not None:
                raise unsent from None
            raise

    def _read_head(self, clock: Clock, deadline_s: float, answer: Answer) -> None:
        interim = 0
        while interim <= _MOST_INTERIM:
            event = self._protocol.next_event()
            if event is h11.NEED_DATA:
                if not self._feed(clock, deadline_s, answer):
                    raise _Closed
            elif isinstance(event, h11.Response):
                answer.status = event.status_code
                answer.reason = event.reason.decode("latin-1")
                answer.headers = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in event.headers]
                return
            elif isinstance(event, h11.InformationalResponse):
                interim += 1
            else:
                break
        raise _NotHttp

    def _read_body(self, clock: Clock, deadline_s: float, answer: Answer, body_limit: int) -> None:
        while True:
            event = self._protocol.next_event()
            if event is h11.NEED_DATA:
                self._feed(clock, deadline_s, answer)  # h11 knows whether the end was due here
            elif isinstance(event, h11.Data):
                answer.raw_body += event.data
                if len(answer.raw_body) > body_limit:
                    del answer.raw_body[body_limit:]
                    answer.truncated = True
                    return
            else:
                return  # the end, or a tunnel that begins here

    def _feed(self, clock: Clock, deadline_s: float, answer: Answer) -> bool:
        """Take more bytes from the stream; return False at its end."""
        data = self._stream.receive(CHUNK, deadline_s - clock.now())
        answer.bytes_received += len(data)
        if len(answer.first_bytes) < _FIRST_BYTES:
            answer.first_bytes += data[: _FIRST_BYTES - len(answer.first_bytes)]
        if not _STATUS_LINE_START.startswith(answer.first_bytes[: len(_STATUS_LINE_START)]):
            raise _NotHttp
        self._protocol.receive_data(data)
        return bool(data)


def _outcome(error: Exception, answer: Answer) -> str:
    """Return the outcome token for what ended an exchange early; where it ended matters as much as how."""
    in_body = answer.status is not None
    if isinstance(error, ssl.SSLError):
        return "alert" if alert_of_reason(reason_of(error)) else "protocol_error"
    if isinstance(error, h11.RemoteProtocolError) and error.error_status_hint == _HEADER_TOO_LARGE and not in_body:
        return "header_too_large"
    if isinstance(error, h11.ProtocolError | _NotHttp):
        if not in_body:
            return "not_http"
        return "body_cut" if "closed connection" in str(error) else "bad_encoding"
    ended = "closed" if isinstance(error, _Closed) else socket_outcome(error) if isinstance(error, OSError) else ""
    if in_body:
        return "body_stall" if ended == "timeout" else "body_cut"
    return ended


def exchange(clock: Clock, connection: HttpConnection, method: str, url: str, **options: Any) -> Observation:
    """Make one exchange and return its observation alone; the options are those of :func:`converse`."""
    return converse(clock, connection, method, url, **options)[0]


def converse(
    clock: Clock,
    connection: HttpConnection,
    method: str,
    url: str,
    *,
    timeout_s: float,
    headers: Iterable[tuple[str, str]] | Mapping[str, str] = (),
    content: bytes = b"",
    stage: Stage = "http",
    operation: str = "get",
    target: str | None = None,
    purpose: str = "",
    verified: bool = True,
    address: str | None = None,
    redirects: Sequence[Mapping[str, Any]] = (),
    with_body: bool = True,
    body_limit: int = BODY_LIMIT,
) -> tuple[Observation, Answer]:
    """Make one exchange. Redirects are not followed: each hop is an observation of its own.

    Args:
        clock: The diagnosis' clock.
        connection: Must be ``reusable``; otherwise the outcome is ``invalid_argument``, as for a URL without a host.
        method: HTTP method.
        url: The whole URL.
        timeout_s: Bound of the whole exchange.
        headers: Request headers beyond ``Host``, ``User-Agent``, ``Accept`` and ``Accept-Encoding``, which they may
            replace. They are never recorded.
        content: Request body; never recorded.
        stage: The observation's stage.
        operation: Its operation.
        target: Its target; the URL unless given.
        purpose: Why this is asked, see ``vocabulary``.
        verified: Whether the Server's certificate was verified on this connection.
        address: The Server's address that the connection leads to.
        redirects: The hops that led here, for the evidence.
        with_body: Whether the start of the answer's body may stand in the evidence.
        body_limit: Longest body that is read, in bytes.

    Returns:
        The observation, and the answer itself for callers that need what must not be recorded.
    """
    started_s = clock.now()
    headers = [*(headers.items() if isinstance(headers, Mapping) else headers), *connection.headers.items()]
    redactor = redactor_for(headers, content)
    reused = connection.reused
    problem: str | None = None
    try:
        request = _request(connection, method, url, headers, content)
    except (h11.LocalProtocolError, ValueError):  # its text may hold the secret: it goes no further
        answer, problem = Answer(outcome="invalid_argument"), "UNSENDABLE_REQUEST"
    else:
        answer = connection.ask(clock, request, content, timeout_s=timeout_s, body_limit=body_limit)
    elapsed_s = clock.now() - started_s
    evidence: dict[str, Any] = {
        "method": method,
        "url": shown_url(url),
        "purpose": purpose,
        "verified": verified,
        "address": address,
        "redirects": [dict(hop) for hop in redirects],
        "reused": reused,
        "elapsed_s": elapsed_s,
        **evidence_of(answer, redactor, with_body=with_body),
        **_error_evidence(answer, problem),
    }
    if answer.outcome in _STALLED:
        evidence["tcp_info"] = connection.tcp_info()
    return Observation(
        stage, operation, target or shown_url(url), started_s, elapsed_s, answer.outcome, evidence
    ), answer


def _error_evidence(answer: Answer, problem: str | None) -> dict[str, Any]:
    """Return what is known about an exchange's end beyond its outcome."""
    error = answer.error
    if isinstance(error, ssl.SSLError):
        alert = alert_of_reason(reason_of(error))
        return {"tls_reason": reason_of(error), "alerts": [alert.as_evidence("received")] if alert else []}
    if isinstance(error, OSError):
        return {"errno_name": errno_name(error.errno)}
    return {"errno_name": problem} if problem else {}


def _request(
    connection: HttpConnection, method: str, url: str, headers: Sequence[tuple[str, str]], content: bytes
) -> h11.Request:
    """Return the head of a request.

    Raises:
        ValueError: The connection is used up, the URL has no host, or a header value is not latin-1.
        h11.LocalProtocolError: A header holds a character that no header may hold.
    """
    parts = urlsplit(url)
    host, port = parts.hostname, parts.port
    if not host or not connection.reusable:
        raise ValueError(url)
    authority = f"[{host}]" if ":" in host else host.encode("idna").decode("ascii")
    if port is not None and port != _DEFAULT_PORTS.get(parts.scheme):
        authority = f"{authority}:{port}"
    target = quote(parts.path or "/", safe=_UNQUOTED)
    if parts.query:
        target = f"{target}?{quote(parts.query, safe=_UNQUOTED)}"
    if connection.absolute_form:
        target = f"{parts.scheme}://{authority}{target}"
    defaults = {
        "Host": authority,
        "User-Agent": _USER_AGENT,
        "Accept": "application/json, */*;q=0.1",
        "Accept-Encoding": "identity",
    }
    given = {name.lower() for name, _ in headers}
    sent = [(name, value) for name, value in defaults.items() if name.lower() not in given] + list(headers)
    if (content or method in ("POST", "PUT", "PATCH")) and "content-length" not in given:
        sent.append(("Content-Length", str(len(content))))
    return h11.Request(
        method=method,
        target=target,
        headers=[(name.encode("latin-1"), value.encode("latin-1")) for name, value in sent],
    )

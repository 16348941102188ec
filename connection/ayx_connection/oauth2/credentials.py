"""OAuth2 client credentials for httpx: one token for everybody, renewed before it expires, sent to one Server only.

A 401 of this Server means "not permitted" as often as "bad token". So a 401 makes the token be renewed and the request
be repeated once, but the same is not tried again for every further 401: not while the token that such a renewal
brought is younger than ``REJECTION_PAUSE_S``.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import AsyncGenerator, Callable, Generator
from concurrent.futures import Future
from concurrent.futures import wait as wait_for_futures
from contextlib import closing
from dataclasses import dataclass

import httpx

from ayx_connection.failures import AyxError, CredentialsWithheldError, TokenError
from ayx_connection.oauth2.answer import Token, read_token_answer
from ayx_connection.oauth2.request import Style, token_request
from ayx_connection.oauth2.sending import is_token_request, to_httpx
from ayx_connection.oauth2.withholding import why_withheld
from ayx_connection.redaction import Redactor, Secret
from ayx_connection.settings import parse_address

__all__ = ["ClientCredentials"]

#: A token is renewed this long before it expires, or a tenth of its life where that is less.
MARGIN_S, MARGIN_SHARE = 60.0, 0.1
#: For so long after a renewal that a 401 caused, further 401s cause none.
REJECTION_PAUSE_S = 60.0
#: For so long somebody waits for another's token request before making one of their own.
_PATIENCE_S = 60.0
_UNAUTHORIZED = 401


@dataclass(frozen=True)
class _Held:
    """The token in use, with the time it was asked for and whether a 401 was the reason."""

    token: Token
    asked_at: float
    after_rejection: bool

    def is_due(self, now: float) -> bool:
        """Whether it is time to renew it."""
        lifetime = self.token.lifetime_s
        return now >= self.asked_at + lifetime - min(MARGIN_S, MARGIN_SHARE * lifetime)

    def is_proven(self, now: float) -> bool:
        """Whether a 401 cannot be its fault, because a 401 brought it a moment ago."""
        return self.after_rejection and now < self.asked_at + REJECTION_PAUSE_S


#: A token request that somebody is making: in the end the token, why there is none, or None if they gave up.
_Renewal = Future[Token | AyxError | None]
#: The one flow yields requests to be sent and renewals to be waited for; it is sent the responses.
_Flow = Generator[httpx.Request | _Renewal, httpx.Response | None, None]
_TokenFlow = Generator[httpx.Request | _Renewal, httpx.Response | None, Token]


class ClientCredentials(httpx.Auth):
    """Adds ``Authorization: Bearer …`` to every request to one Server; for ``httpx.Client`` and ``AsyncClient``.

    One instance may be shared by any number of threads and asyncio tasks: they share one token, and only one of them
    asks for it. Credentials go to the token URL only, the token to its origin only.

    Args:
        token_url: The token endpoint (``ServerAddress.token_url``).
        client_id: API access key.
        client_secret: API access secret; as a ``Secret``, it stands among the variables of no traceback.
        client_auth: ``body``, ``basic``, or ``auto``: body first, the other once if the pair is refused.
        verify: Whether the client that this is given to verifies certificates.
        allow_http: Whether credentials may be sent over plain http to another machine.
        clock: Monotonic seconds.
        redactor: Masks secrets in messages; it learns those of this instance.

    Raises:
        TokenError: From any request, when the token endpoint gives no token.
        CredentialsWithheldError: From any request, when sending the secret or the token would expose it.
    """

    def __init__(
        self,
        token_url: str,
        client_id: str,
        client_secret: str | Secret,
        client_auth: str = "auto",
        *,
        verify: bool = True,
        allow_http: bool = False,
        clock: Callable[[], float] = time.monotonic,
        redactor: Redactor | None = None,
    ) -> None:
        self._token_url = token_url
        self._pair = (client_id, client_secret if isinstance(client_secret, Secret) else Secret(client_secret))
        self._redactor = redactor or Redactor()
        self._redactor.add(self._pair[1])
        self._styles: tuple[Style, ...] = _STYLES[client_auth]
        self._permission = {"verify": verify, "allow_http": allow_http}
        self._clock = clock
        self._lock = threading.Lock()  # guards what follows; nobody sends or waits while holding it
        self._held: _Held | None = None
        self._renewal: _Renewal | None = None
        self._was_rejected = False

    def __repr__(self) -> str:
        return f"ClientCredentials({self._token_url!r})"

    def sync_auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """Send a request with a token (called by ``httpx.Client``)."""
        with closing(self._flow(request)) as flow:
            step = _advance(flow, None)
            while step is not None:
                response = None
                if isinstance(step, httpx.Request):
                    response = yield step
                    if is_token_request(step):
                        response.read()
                else:
                    wait_for_futures([step], _PATIENCE_S)
                step = _advance(flow, response)

    async def async_auth_flow(self, request: httpx.Request) -> AsyncGenerator[httpx.Request, httpx.Response]:
        """Send a request with a token (called by ``httpx.AsyncClient``); needs asyncio."""
        with closing(self._flow(request)) as flow:
            step = _advance(flow, None)
            while step is not None:
                response = None
                if isinstance(step, httpx.Request):
                    response = yield step
                    if is_token_request(step):
                        await response.aread()
                else:
                    await _wait_in_loop(step)
                step = _advance(flow, response)

    def _flow(self, request: httpx.Request) -> _Flow:
        try:
            yield from self._calls(request)
        finally:
            # whoever keeps the request, as every response and exception does, keeps no token
            request.headers.pop("Authorization", None)

    def _calls(self, request: httpx.Request) -> _Flow:
        """Send a request with the token in use, and once more with another one where that may cure a 401."""
        self._check_destination(request)
        token = yield from self._obtain(request)
        response = yield self._with_token(request, token)
        assert response is not None  # noqa: S101 -- both drivers answer a request with its response
        if self._may_be_cured(response) and self._reject(token) and _can_be_sent_again(request):
            token = yield from self._obtain(request)
            response = yield self._with_token(request, token)
            assert response is not None  # noqa: S101 -- as above
        response.history = [earlier for earlier in response.history if not is_token_request(earlier.request)]

    def _may_be_cured(self, response: httpx.Response) -> bool:
        """Whether an answer is a 401 of the Server itself, not of where it redirected to."""
        return response.status_code == _UNAUTHORIZED and self._is_servers(response.request.url)

    def _is_servers(self, url: httpx.URL) -> bool:
        ours = httpx.URL(self._token_url)
        return (ours.scheme, ours.host, ours.port) == (url.scheme, url.host, url.port)

    def _check_destination(self, request: httpx.Request) -> None:
        if error := why_withheld(parse_address(self._token_url), **self._permission):
            raise error
        if not self._is_servers(request.url):
            message = f"the Server's token was not sent to another place ({request.url.scheme}://{request.url.host})"
            raise CredentialsWithheldError(message)

    def _with_token(self, request: httpx.Request, token: Token) -> httpx.Request:
        request.headers["Authorization"] = f"Bearer {token.access_token.reveal()}"
        return request

    def _obtain(self, request: httpx.Request) -> _TokenFlow:
        """Return the token in use; ask for one if it is due, or wait while somebody else does."""
        with self._lock:
            if self._held is not None and not self._held.is_due(self._clock()):
                return self._held.token
            others = self._renewal
            if others is None:
                mine = self._renewal = _Renewal()
                mine.set_running_or_notify_cancel()  # from here on no waiting task can cancel it
        if others is None:
            return (yield from self._lead(mine, request))
        yield others
        outcome = others.result() if others.done() else None
        if isinstance(outcome, AyxError):
            raise outcome
        return outcome or (yield from self._ask(request))  # who asked gave up, or takes too long

    def _lead(self, renewal: _Renewal, request: httpx.Request) -> _TokenFlow:
        """Ask for a token while others wait for the outcome, whatever it is."""
        outcome: Token | AyxError | None = None
        try:
            outcome = yield from self._ask(request)
        except AyxError as error:
            outcome = error
            raise
        finally:
            with self._lock:
                self._renewal = None
            renewal.set_result(outcome)
        return outcome

    def _ask(self, request: httpx.Request) -> _TokenFlow:
        """Ask for a token and keep it; remember which style of client authentication worked."""
        refusal: TokenError | None = None
        for style in self._styles:
            asked_at = self._clock()
            response = yield to_httpx(token_request(self._token_url, *self._pair, style), request)
            assert response is not None  # noqa: S101 -- as above
            try:
                token = read_token_answer(response.status_code, response.headers, response.content, self._redactor)
            except TokenError as error:
                refusal = refusal or error
                if error.code == "token.invalid_client" or error.status == _UNAUTHORIZED:
                    continue
                break
            with self._lock:
                self._held = _Held(token, asked_at, self._was_rejected)
                self._was_rejected = False
                self._styles = (style,)
            return token
        assert refusal is not None  # noqa: S101 -- there is at least one style
        raise refusal.with_traceback(None)  # whose frames hold the answer as it came

    def _reject(self, token: Token) -> bool:
        """Give up a token that met a 401; return whether another one is worth a try."""
        with self._lock:
            if self._held is None or self._held.token is not token:
                return True  # somebody else gave it up already
            if self._held.is_proven(self._clock()):
                return False
            self._held, self._was_rejected = None, True
            return True


_STYLES: dict[str, tuple[Style, ...]] = {"body": ("body",), "basic": ("basic",), "auto": ("body", "basic")}


def _advance(flow: _Flow, response: httpx.Response | None) -> httpx.Request | _Renewal | None:
    """Return the next step of a flow, or None at its end."""
    try:
        return flow.send(response)
    except StopIteration:
        return None


async def _wait_in_loop(renewal: _Renewal) -> None:
    """Wait for a renewal, which may be going on in another thread, without blocking the event loop."""
    waiting = asyncio.wrap_future(renewal)
    try:
        await asyncio.wait([waiting], timeout=_PATIENCE_S)
    finally:
        waiting.cancel()


def _can_be_sent_again(request: httpx.Request) -> bool:
    """Whether a request's body is still there; one that was streamed is not."""
    try:
        return request.content is not None
    except httpx.RequestNotRead:
        return False

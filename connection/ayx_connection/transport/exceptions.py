"""Making our errors of httpx's: one sentence, the code or the stage, and still what ``except httpx.…`` catches."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TypeVar, cast

import httpx

from ayx_connection.answers import who_answered, words_of
from ayx_connection.failures import DIAGNOSE, AyxError, ConnectionFailedError, ContentError, StatusError
from ayx_connection.failures.failure_reading import Progress, read_failure
from ayx_connection.failures.signs import sign_of_status
from ayx_connection.oauth2.sending import is_token_request
from ayx_connection.proxy import Route
from ayx_connection.redaction import Redactor
from ayx_connection.transport.bounds import AnswerRefusedError, SlowAnswerError
from ayx_connection.transport.exception_contents import hide_secrets, picklable, shown, without_credentials

__all__ = ["json_of", "progress_of", "raise_for_status", "reading", "refuse", "request_failed"]

_Ours = TypeVar("_Ours", bound=AyxError)

_LONGEST_REASON = 500
_STAGES_IN_WORDS = {
    "config": "before anything was sent",
    "local": "on this machine",
    "proxy": "at the proxy",
    "dns": "looking up its name",
    "tcp": "connecting",
    "tls": "in the TLS handshake",
    "http": "waiting for its answer",
    "token": "waiting for a token",
}


def request_failed(
    error: httpx.RequestError | OSError, request: httpx.Request, route: Route, progress: Progress, redactor: Redactor
) -> ConnectionFailedError:
    """Say in our words what an httpx exception is, as an exception of both kinds.

    The exception that it was, which becomes the cause of ours, loses whatever could show a secret.

    Args:
        error: What httpx raised, or let through.
        request: The request that failed.
        route: The way it took.
        progress: How far it got.
        redactor: Knows what must not be shown.

    Returns:
        An instance of ``ConnectionFailedError`` and of the class of ``error``; of ``httpx.ReadError`` for what is none
        of httpx's.
    """
    failure = read_failure(error, progress)
    where = request.url.netloc.decode("ascii", "replace")
    way = f" through proxy {route.proxy.without_password}" if route.proxy else ""
    meaning = f": {failure.meaning}" if failure.meaning else ""
    said = words_of(failure.said, redactor, longest=_LONGEST_REASON) or type(error).__name__
    whole = "complete " if isinstance(error, AnswerRefusedError | SlowAnswerError) else ""
    proven = failure.code or f"stage {failure.stage}"
    message = (
        f"no {whole}answer from {where}{way}: failed {_STAGES_IN_WORDS[failure.stage]}{meaning} ({said}) "
        f"[{proven}]: {DIAGNOSE}"
    )
    theirs = type(error) if isinstance(error, httpx.RequestError) else httpx.ReadError
    made = _both(ConnectionFailedError, theirs)(message, stage=failure.stage, code=failure.code)
    cast("httpx.RequestError", made).request = without_credentials(request)
    hide_secrets(error, redactor, progress.handled_before)
    return made


def progress_of(request: httpx.Request, route: Route) -> Progress:
    """Return how far a request got that has yet to be sent."""
    return Progress("token" if is_token_request(request) else "http", through_proxy=route.proxy is not None)


@contextmanager
def reading(request: httpx.Request, route: Route, redactor: Redactor) -> Iterator[None]:
    """Turn what httpx finds wrong with an answer (it does not unpack, it redirects for ever) into our error."""
    progress = progress_of(request, route)
    progress.saw("http11.receive_response_body.started", {})
    try:
        yield
    except httpx.RequestError as error:
        if isinstance(error, AyxError):
            raise
        raise request_failed(error, request, route, progress, redactor) from error


def raise_for_status(response: httpx.Response) -> httpx.Response:
    """Return a response that is a success; its body must have been read.

    Raises:
        StatusError: It is none; also an ``httpx.HTTPStatusError``.
    """
    handled_before = sys.exception()
    try:
        return response.raise_for_status()
    except httpx.HTTPStatusError as error:
        refusal = _refused(response, error)
        hide_secrets(error, _redactor(response), handled_before)
        raise refusal from error


def refuse(response: httpx.Response, error: Exception | None = None) -> None:
    """Raise our error for an answer that ``ayx_client`` cannot use (the extension ``refuse`` of a response).

    Args:
        response: The answer, whose body was read.
        error: What would be raised otherwise (``ErrorResponse``, ``UnexpectedContent``); ours is of its class as well.

    Raises:
        StatusError: The answer is no success.
        ContentError: It is one, and is not JSON.
    """
    if error is None and not response.is_success:
        raise_for_status(response)
        return
    ours = _not_json(response, error) if response.is_success else _refused(response, cast("Exception", error))
    if error is not None:
        hide_secrets(error, _redactor(response), sys.exception())
    raise ours from error


def json_of(response: httpx.Response) -> Any:
    """Return the JSON of a response that is a success; its body must have been read.

    Raises:
        StatusError: It is no success.
        ContentError: It is not JSON.
    """
    raise_for_status(response)
    try:
        return json.loads(response.content.decode("utf-8-sig"))
    except ValueError:
        problem = _not_json(response)
    except RecursionError:
        problem = _not_json(response, what="JSON that is nested too deeply")
    raise problem  # outside of the handler: the error of the parser carries the whole text


def _not_json(response: httpx.Response, error: Exception | None = None, what: str = "") -> ContentError:
    content_type = words_of(response.headers.get("content-type"), _redactor(response)) or ""
    answered_by = _answered_by(response)
    what = what or f"not {getattr(error, 'expected', 'JSON')}"
    message = (
        f"{_call(response)}: the answer is {what} (HTTP {response.status_code}, "
        f"{content_type or 'no content type'}{_who(answered_by)}) [stage http]: {DIAGNOSE}"
    )
    ours = ContentError(message, status=response.status_code, content_type=content_type, answered_by=answered_by)
    return ours if error is None else _also(error, ours, _redactor(response))


def _refused(response: httpx.Response, error: Exception) -> StatusError:
    status = response.status_code
    sign = sign_of_status("status", status)
    stage, code, meaning = (sign.stage or "http", sign.code, sign.meaning) if sign else ("http", None, "no success")
    answered_by = _answered_by(response)
    says = _message(response)
    message = (
        f"{_call(response)}: {meaning} (HTTP {status}{f': {says}' if says else ''}{_who(answered_by)}) "
        f"[{code or f'stage {stage}'}]: {DIAGNOSE}"
    )
    ours = StatusError(message, status=status, answered_by=answered_by, stage=stage, code=code)
    return _also(error, ours, _redactor(response))


def _call(response: httpx.Response) -> str:
    return f"{response.request.method} {words_of(response.request.url.path, _redactor(response))}"


def _answered_by(response: httpx.Response) -> str:
    return who_answered(response.headers, response.content, _redactor(response))


def _who(answered_by: str) -> str:
    return f", answered by {answered_by}" if answered_by else ""


def _message(response: httpx.Response) -> str | None:
    """Return what the Server says in a JSON error, or None."""
    try:
        answer = json.loads(response.content[:65536])
    except (ValueError, RecursionError):
        return None
    if not isinstance(answer, dict):
        return None
    return words_of(answer.get("message") or answer.get("Message"), _redactor(response))  # .NET's own spelling as well


def _redactor(response: httpx.Response) -> Redactor:
    """Return what knows the secrets that were sent, should the answer repeat them."""
    known = response.extensions.get("redactor")
    if isinstance(known, Redactor):
        return known
    return Redactor(response.request.headers.get("Authorization", "").split()[1:])


def _both(ours: type[_Ours], theirs: type[Exception]) -> type[_Ours]:
    """Return the class of exceptions that are ours and httpx's, so that ``except httpx.ConnectTimeout`` still works."""
    if (ours, theirs) not in _BOTH:

        def reduce(self: AyxError) -> tuple[Any, ...]:
            return _restored, (ours, theirs, self.args, picklable(self.__dict__))

        members = {
            "__module__": ours.__module__,
            "__doc__": theirs.__doc__,
            "__reduce__": reduce,
            "__str__": Exception.__str__,
        }
        _BOTH[ours, theirs] = type(ours.__name__, (ours, theirs), members)
    return cast("type[_Ours]", _BOTH[ours, theirs])


def _also(theirs: Exception, ours: _Ours, redactor: Redactor) -> _Ours:
    """Return an error of ours that is of another class as well, with its attributes."""
    state = {name: shown(value, redactor) for name, value in vars(theirs).items()}
    return _both(type(ours), type(theirs))._restore(ours.args, {**state, **vars(ours)})  # noqa: SLF001


_BOTH: dict[tuple[type[AyxError], type[Exception]], type[AyxError]] = {}


def _restored(ours: type[AyxError], theirs: type[Exception], args: tuple[Any, ...], state: dict[str, Any]) -> AyxError:
    return _both(ours, theirs)._restore(args, state)  # noqa: SLF001 -- the other half of __reduce__

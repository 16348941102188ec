"""What an exception carries besides its message: nothing of it may hold a secret, however it is looked at.

Error reporters print the chain of exceptions with their arguments and attributes, and the variables of every frame of
their tracebacks; those of httpx, httpcore and h11 hold the request as it was sent and the answer as it came. Pickled
exceptions travel to other processes and into files.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from functools import wraps
from typing import Any, ParamSpec, TypeVar

import httpx
from ayx_client.types import Response

from ayx_connection.failures import AyxError
from ayx_connection.oauth2.sending import is_token_request
from ayx_connection.redaction import Redactor

__all__ = ["alone", "errors_alone", "hide_secrets", "picklable", "shown", "without_credentials"]

P = ParamSpec("P")
T = TypeVar("T")

#: So much of an answer is kept in an error, in octets.
_LARGEST = 250_000
_CREDENTIALS = (b"authorization", b"proxy-authorization", b"cookie")


def alone(error: AyxError) -> AyxError:
    """Return an error without what httpx adds on its way: the request as it was sent, and frames with the answer."""
    if isinstance(error, httpx.RequestError):
        error.request = without_credentials(error.request)
    return error.with_traceback(None)


def errors_alone(function: Callable[P, T]) -> Callable[P, T]:
    """Have errors leave a function without the frames inside it, whose variables hold answers as they came."""

    @wraps(function)
    def call(*arguments: P.args, **options: P.kwargs) -> T:
        try:
            return function(*arguments, **options)
        except AyxError as error:
            raise alone(error)  # noqa: B904 -- it is the same one

    return call


def hide_secrets(error: BaseException, redactor: Redactor, handled_before: BaseException | None = None) -> None:
    """Take from an exception, and from what it came from, whatever could show a secret; its frames with it.

    Args:
        error: An exception of a library, which nobody else has seen yet.
        redactor: Knows the secrets.
        handled_before: What the caller was handling before any of this; it and what it came from stay as they are.
    """
    for one in _chain(error, handled_before):
        one.__traceback__ = None
        one.args = tuple(shown(value, redactor) for value in one.args)
        if isinstance(one, OSError) and isinstance(one.strerror, str):
            one.strerror = redactor.text(one.strerror)
        for name, value in list(vars(one).items()):
            setattr(one, name, shown(value, redactor))


def _chain(error: BaseException, handled_before: BaseException | None) -> Iterator[BaseException]:
    seen = {id(handled_before), id(None)}
    waiting: list[BaseException | None] = [error]
    while waiting:
        one = waiting.pop()
        if one is None or id(one) in seen:
            continue
        seen.add(id(one))
        yield one
        waiting += (one.__cause__, one.__context__)
        if isinstance(one, BaseExceptionGroup):
            waiting += one.exceptions


def shown(value: Any, redactor: Redactor) -> Any:
    """Return what an exception carries, without secrets; a value of a kind that shows none as it is."""
    if type(value) in (list, tuple):
        return type(value)(shown(item, redactor) for item in value)
    if type(value) is dict:
        return {shown(name, redactor): shown(item, redactor) for name, item in value.items()}
    clean = next((clean for kind, clean in _CLEANERS.items() if isinstance(value, kind)), None)
    return clean(value, redactor) if clean else value


def without_credentials(request: httpx.Request) -> httpx.Request:
    """Return a request that can be sent again, by a client that adds its credentials anew; a token request cannot."""
    headers = [(name, value) for name, value in request.headers.raw if name.lower() not in _CREDENTIALS]
    stream = None if is_token_request(request) else request.stream
    return httpx.Request(request.method, request.url, headers=headers, stream=stream, extensions=request.extensions)


def _kept(content: bytes, redactor: Redactor) -> bytes:
    return redactor.octets(content) if len(content) <= _LARGEST else redactor.octets(content[:_LARGEST], cut=True)


def _answer(response: httpx.Response, redactor: Redactor) -> httpx.Response:
    """Return an answer whose headers and content repeat no secret, and whose request holds none."""
    made = copy.copy(response)
    made.headers = httpx.Headers(
        [(redactor.octets(name), redactor.octets(value)) for name, value in response.headers.raw]
    )
    if hasattr(response, "_content"):  # else it was not read, and is not kept
        made._content = _kept(response.content, redactor)  # noqa: SLF001 -- httpx has no way to change it
    made.request = without_credentials(response.request)
    made.history = [_answer(earlier, redactor) for earlier in response.history]
    return made


def _client_answer(response: Response[Any], redactor: Redactor) -> Response[Any]:
    """Return the client's own form of an answer likewise; what was read from content that repeats one is left out."""
    made = copy.copy(response)
    made.content = _kept(response.content, redactor)
    if response.raw is not None:
        made.raw = _answer(response.raw, redactor)
        made.headers = made.raw.headers
    if made.content is not response.content:
        made.parsed, made.deviations = None, ()
    return made


_CLEANERS: dict[type, Callable[[Any, Redactor], Any]] = {
    str: lambda text, redactor: redactor.text(text),
    bytes: _kept,
    httpx.Request: lambda request, _: without_credentials(request),
    httpx.Response: _answer,
    Response: _client_answer,
}


def picklable(state: dict[str, Any]) -> dict[str, Any]:
    """Return the attributes of an error as they may be pickled: of a request its address, and no open connection."""
    return {name: _alone(value) for name, value in state.items()}


def _alone(value: Any) -> Any:
    if isinstance(value, httpx.Request):
        return httpx.Request(value.method, value.url)
    if isinstance(value, httpx.Response):
        alone = copy.copy(value)
        alone.request, alone.extensions = _alone(value.request), {}
        return alone
    if isinstance(value, Response):
        without_raw = copy.copy(value)
        without_raw.raw = None  # the httpx.Response that it was read from
        return without_raw
    return value

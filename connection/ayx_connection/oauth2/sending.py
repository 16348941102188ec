"""Sending a token request through httpx, so that the secret reaches the token endpoint and nobody else."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import httpx

from ayx_connection.failures import CredentialsWithheldError
from ayx_connection.oauth2.request import TokenRequest

__all__ = ["is_token_request", "to_httpx"]

_EXTENSION = "ayx_token_request"
_DEFAULT_TIMEOUT = {"connect": 5.0, "read": 30.0, "write": 30.0, "pool": 30.0}


def is_token_request(request: httpx.Request) -> bool:
    """Whether a request is one that ``ClientCredentials`` made to get a token."""
    return bool(request.extensions.get(_EXTENSION))


def to_httpx(made: TokenRequest, cause: httpx.Request) -> httpx.Request:
    """Make a token request ready for httpx.

    Args:
        made: The token request.
        cause: The request that needs the token; its timeout and User-Agent are used.

    Returns:
        A request that ``is_token_request`` knows and that cannot carry the secret along a redirect.
    """
    url = httpx.URL(made.url)
    headers = {
        "Host": url.netloc.decode("ascii"),
        "User-Agent": cause.headers.get("User-Agent", "ayx_connection"),
        "Content-Length": str(len(made.content)),
        "Accept-Encoding": "identity",
        **made.headers,
    }
    timeout = cause.extensions.get("timeout") or _DEFAULT_TIMEOUT
    extensions = {"timeout": timeout, _EXTENSION: True}
    return httpx.Request("POST", url, headers=headers, stream=_OnceOnly(made.content), extensions=extensions)


class _OnceOnly(httpx.SyncByteStream, httpx.AsyncByteStream):
    """A body that can be sent once: a client that follows redirects cannot carry the secret to another place."""

    def __init__(self, content: bytes) -> None:
        self._content: bytes | None = content

    def _take(self) -> bytes:
        if self._content is None:
            message = "the token endpoint redirects; the secret was not sent on: give the final address"
            raise CredentialsWithheldError(message, code="token.method_changed_by_redirect")
        content, self._content = self._content, None
        return content

    def __iter__(self) -> Iterator[bytes]:
        yield self._take()

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield self._take()

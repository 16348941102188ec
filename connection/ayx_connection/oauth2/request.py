"""The token request (RFC 6749 section 4.4), without any network; the diagnosis sends the same."""

from __future__ import annotations

import base64
import urllib.parse
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, NoReturn

from ayx_connection.redaction import Secret, revealed

__all__ = ["Style", "TokenRequest", "empty_token_request", "token_request"]

Style = Literal["body", "basic"]


@dataclass(frozen=True)
class TokenRequest:
    """A POST to the token endpoint; ``repr`` shows neither headers nor content, which hold the secret.

    It cannot be pickled for the same reason.
    """

    url: str
    headers: Mapping[str, str] = field(repr=False)
    content: bytes = field(repr=False)

    def __reduce__(self) -> NoReturn:
        raise TypeError("a token request is not pickled: it holds the secret")


def token_request(token_url: str, client_id: str, client_secret: str | Secret, style: Style) -> TokenRequest:
    """Make the request that exchanges the key pair for a token.

    Args:
        token_url: The token endpoint.
        client_id: API access key.
        client_secret: API access secret.
        style: ``body`` sends the pair as form fields, ``basic`` in the Authorization header, form-encoded first
            (RFC 6749 section 2.3.1).

    Returns:
        The request.
    """
    if style == "body":
        return _request(token_url, {"client_id": client_id, "client_secret": revealed(client_secret)})
    pair = f"{urllib.parse.quote_plus(client_id)}:{urllib.parse.quote_plus(revealed(client_secret))}"
    return _request(token_url, {}, {"Authorization": f"Basic {base64.b64encode(pair.encode()).decode()}"})


def empty_token_request(token_url: str) -> TokenRequest:
    """Make a request without credentials: whoever answers it as a token endpoint does, is one."""
    return _request(token_url, {})


def _request(token_url: str, fields: Mapping[str, str], headers: Mapping[str, str] | None = None) -> TokenRequest:
    content = urllib.parse.urlencode({"grant_type": "client_credentials", **fields}).encode()
    form = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
    return TokenRequest(token_url, {**form, **(headers or {})}, content)

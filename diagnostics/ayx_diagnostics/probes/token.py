"""The token request. The token goes to the caller; the observation knows only its length."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ayx_connection.oauth2 import token_request
from ayx_connection.redaction import Secret, revealed

from ayx_diagnostics.model import Observation
from ayx_diagnostics.probes.http import converse
from ayx_diagnostics.probes.http_answer import redactor_for, shown_url

if TYPE_CHECKING:
    from ayx_connection.oauth2 import TokenRequest

    from ayx_diagnostics.network.base import Clock
    from ayx_diagnostics.probes.http import HttpConnection

__all__ = ["request", "unencoded_basic", "withheld"]

_LONGEST_TEXT = 300
#: Fields of RFC 6749 (5.1, 5.2) that are recorded as sent; all of them are free of secrets.
_PLAIN_FIELDS = ("token_type", "expires_in", "error")


def request(
    clock: Clock,
    connection: HttpConnection,
    token_request: TokenRequest,
    *,
    style: str,
    timeout_s: float,
    address: str | None = None,
    verified: bool = True,
) -> tuple[Observation, Secret | None]:
    """Ask the token endpoint for an access token (RFC 6749, 4.4).

    Args:
        clock: The diagnosis' clock.
        connection: A connection to the Server that may see the credentials.
        token_request: The request, built by the connection room.
        style: How the client authenticates: ``body``, ``basic`` or ``none`` (without credentials).
        timeout_s: Bound of the exchange.
        address: The Server's address that the connection leads to.
        verified: Whether the Server's certificate was verified.

    Returns:
        The observation, and the token when there is one.
    """
    headers = list(token_request.headers.items())
    seen, answer = converse(
        clock,
        connection,
        "POST",
        token_request.url,
        timeout_s=timeout_s,
        headers=headers,
        content=token_request.content,
        stage="token",
        operation="request",
        address=address,
        verified=verified,
    )
    document = answer.document if answer.status is not None else None
    evidence: dict[str, Any] = {**seen.evidence, "style": style, "has_access_token": False}
    token: Secret | None = None
    if isinstance(document, Mapping):
        redactor = redactor_for(headers, token_request.content)
        said = {str(name).lower(): value for name, value in document.items()} if "access_token" not in document else {}
        fields = {**said, **document}  # an error is read in whichever case a gateway writes it
        evidence |= {name: _plain(fields[name], redactor.beginning) for name in _PLAIN_FIELDS if name in fields}
        if isinstance(fields.get("error_description"), str):
            evidence["error_description"] = redactor.beginning(fields["error_description"], _LONGEST_TEXT)
        found = document.get("access_token")
        if isinstance(found, str) and found:
            token = Secret(found)
            evidence |= {"has_access_token": True, "token_length": len(token)}
    if token is not None or (isinstance(document, Mapping) and "access_token" in document):
        evidence.pop("body_start", None)  # nothing of a body that holds a token is shown, whatever its spelling
    return replace(seen, evidence=evidence), token


def unencoded_basic(token_url: str, client_id: str, client_secret: str | Secret) -> TokenRequest:
    """Make a token request with key and secret in the Authorization header as they are.

    RFC 6749 (2.3.1) wants both form-encoded first, as ``connect()`` does; servers that follow RFC 7617 alone take the
    characters that this changes for others.
    """
    made = token_request(token_url, client_id, client_secret, "basic")
    pair = base64.b64encode(f"{client_id}:{revealed(client_secret)}".encode()).decode("ascii")
    return replace(made, headers={**made.headers, "Authorization": f"Basic {pair}"})


def _plain(value: Any, clean: Any) -> Any:
    """Return a JSON scalar as sent, texts cleaned and cut; anything else as its kind."""
    if isinstance(value, str):
        return str(clean(value, _LONGEST_TEXT))
    return value if isinstance(value, int | float | None) else type(value).__name__


def withheld(clock: Clock, token_url: str, reason: str) -> Observation:
    """Return the observation that stands for a token request that was not sent.

    Args:
        clock: The diagnosis' clock.
        token_url: Where the request would have gone.
        reason: Why credentials were not sent, e.g. ``the certificate could not be verified``.
    """
    return Observation("token", "request", shown_url(token_url), clock.now(), 0.0, "withheld", {"withheld": reason})

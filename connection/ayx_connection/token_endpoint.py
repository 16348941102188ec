"""The token request (RFC 6749 section 4.4) and what its answer means, without any network.

The diagnosis uses the same code.
"""

from __future__ import annotations

import base64
import json
import math
import re
import urllib.parse
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from ayx_connection.errors import DIAGNOSE, TokenError

__all__ = ["Style", "Token", "TokenRequest", "empty_token_request", "read_token_answer", "token_request"]

Style = Literal["body", "basic"]

#: What is assumed where the answer does not say (sensibly) how long the token lives: the Server's 60 minutes.
ASSUMED_LIFETIME_S = 3600.0
#: What an Authorization header can carry (RFC 9110 section 5.5).
_TOKEN = re.compile(r"[!-~]+")
_MAX_WORDS = 200
_REDIRECT, _CLIENT_ERROR, _SERVER_ERROR, _OK = 300, 400, 500, 200


@dataclass(frozen=True)
class TokenRequest:
    """A POST to the token endpoint; ``repr`` shows neither headers nor content, which hold the secret."""

    url: str
    headers: Mapping[str, str] = field(repr=False)
    content: bytes = field(repr=False)


@dataclass(frozen=True)
class Token:
    """An access token.

    Attributes:
        access_token: The opaque bearer token; not in ``repr``.
        lifetime_s: Seconds that it lives, as far as the Server said so, else ``ASSUMED_LIFETIME_S``.
    """

    access_token: str = field(repr=False)
    lifetime_s: float


def token_request(token_url: str, client_id: str, client_secret: str, style: Style) -> TokenRequest:
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
        return _request(token_url, {"client_id": client_id, "client_secret": client_secret})
    pair = f"{urllib.parse.quote_plus(client_id)}:{urllib.parse.quote_plus(client_secret)}"
    return _request(token_url, {}, {"Authorization": f"Basic {base64.b64encode(pair.encode()).decode()}"})


def empty_token_request(token_url: str) -> TokenRequest:
    """Make a request without credentials: whoever answers it as a token endpoint does, is one."""
    return _request(token_url, {})


def _request(token_url: str, fields: Mapping[str, str], headers: Mapping[str, str] | None = None) -> TokenRequest:
    content = urllib.parse.urlencode({"grant_type": "client_credentials", **fields}).encode()
    form = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
    return TokenRequest(token_url, {**form, **(headers or {})}, content)


def read_token_answer(status: int, headers: Mapping[str, str], content: bytes, secrets: tuple[str, ...] = ()) -> Token:
    """Read the answer of the token endpoint.

    Args:
        status: HTTP status.
        headers: Response headers, names in any case if the mapping is case-insensitive, else in lower case.
        content: The whole body.
        secrets: Values that must not appear in an error, should the answer repeat them.

    Returns:
        The token.

    Raises:
        TokenError: The answer holds none.
    """
    answer = _json_object(content)
    access_token = answer.get("access_token")
    if status == _OK and isinstance(access_token, str) and _TOKEN.fullmatch(access_token):
        return Token(access_token, _lifetime(answer.get("expires_in")))
    raise _token_error(status, headers, content, answer, secrets)


def _json_object(content: bytes) -> Mapping[str, object]:
    try:
        answer = json.loads(content.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        return {}
    return answer if isinstance(answer, dict) else {}


def _lifetime(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ASSUMED_LIFETIME_S
    try:
        seconds = float(value)
    except (ValueError, OverflowError):
        return ASSUMED_LIFETIME_S
    return seconds if math.isfinite(seconds) and seconds > 0 else ASSUMED_LIFETIME_S


#: Errors of RFC 6749 section 5.2 that prove a cause by themselves.
_CODES_BY_ERROR = {
    "invalid_client": "token.invalid_client",
    "unsupported_grant_type": "token.unsupported_grant_type",
    "invalid_scope": "token.invalid_scope",
}
_CODES_BY_STATUS = {403: "token.forbidden", 404: "token.not_found", 429: "token.throttled"}
_MEANINGS = {
    "token.invalid_client": "the Server does not know this key and secret: take both from My Profile > Keys",
    "token.unsupported_grant_type": "the form did not reach the token endpoint whole",
    "token.invalid_scope": "the Server refuses the scope",
    "token.forbidden": "asking for a token is forbidden from here",
    "token.not_found": "there is no token endpoint at this address",
    "token.throttled": "too many tokens were asked for",
    "token.method_changed_by_redirect": "the token endpoint redirects, which is not followed: give the final address",
    "token.not_json": "what answered is no token endpoint",
    "token.server_error": "the Server failed",
}


def _token_error(
    status: int, headers: Mapping[str, str], content: bytes, answer: Mapping[str, object], secrets: tuple[str, ...]
) -> TokenError:
    error, description = (_words(answer.get(key), secrets) for key in ("error", "error_description"))
    code = _code(status, headers, error)
    answered_by = who_answered(headers, content, secrets)
    says = f" {error}" if error else ""
    says += f" ({description})" if description else ""
    meaning = _MEANINGS.get(code or "", "no token came back")
    who = f", answered by {answered_by}" if answered_by else ""
    message = f"no token: {meaning} [HTTP {status}{says}{who}]: {DIAGNOSE}"
    return TokenError(message, status=status, error=error, description=description, answered_by=answered_by, code=code)


def _code(status: int, headers: Mapping[str, str], error: str | None) -> str | None:
    if status in {400, 401} and error in _CODES_BY_ERROR:
        return _CODES_BY_ERROR[error]
    if status == 503 and headers.get("retry-after"):  # noqa: PLR2004 -- Service Unavailable
        return "token.throttled"
    ranges = ((_OK, _REDIRECT, "token.not_json"), (_REDIRECT, _CLIENT_ERROR, "token.method_changed_by_redirect"))
    by_range = next((code for first, end, code in ranges if first <= status < end), None)
    return _CODES_BY_STATUS.get(status) or by_range or ("token.server_error" if status == _SERVER_ERROR else None)


def who_answered(headers: Mapping[str, str], content: bytes, secrets: tuple[str, ...] = ()) -> str:
    """Say in words who sent an answer, as far as its headers and an HTML page's title tell."""
    signs = [f"{name} {words!r}" for name in ("Server", "Via") if (words := _words(headers.get(name.lower()), secrets))]
    title = re.search(rb"<title[^<>]*>(.{1,400}?)</title", content[:65536], re.IGNORECASE | re.DOTALL)
    if title and (words := _words(title[1].decode("utf-8", "replace"), secrets)):
        signs.append(f"a page titled {words!r}")
    return ", ".join(signs)


def _words(value: object, secrets: tuple[str, ...]) -> str | None:
    """Return text of a stranger as one short line of printable characters without any secret in it."""
    if not isinstance(value, str) or not value.strip():
        return None
    for secret in secrets:
        for form in (secret, urllib.parse.quote_plus(secret), urllib.parse.quote(secret, safe="")):
            value = value.replace(form, "***") if form else value
    line = " ".join("".join(c if c.isprintable() else " " for c in value).split())
    return line if len(line) <= _MAX_WORDS else f"{line[:_MAX_WORDS]}…"

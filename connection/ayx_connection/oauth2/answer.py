"""What the answer of the token endpoint means (RFC 6749 section 5), without any network."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ayx_connection.answers import who_answered, words_of
from ayx_connection.failures import DIAGNOSE, TokenError
from ayx_connection.failures.signs import Sign, sign_named, sign_of_status
from ayx_connection.redaction import Redactor, Secret

__all__ = ["Token", "read_token_answer"]

#: What is assumed where the answer does not say (sensibly) how long the token lives: the Server's 60 minutes.
ASSUMED_LIFETIME_S = 3600.0
#: What an Authorization header can carry (RFC 9110 section 5.5).
_TOKEN = re.compile(r"[!-~]+")
_OK, _TOO_MANY, _UNAVAILABLE = 200, 429, 503


@dataclass(frozen=True)
class Token:
    """An access token.

    Attributes:
        access_token: The opaque bearer token.
        lifetime_s: Seconds that it lives, as far as the Server said so, else ``ASSUMED_LIFETIME_S``.
    """

    access_token: Secret
    lifetime_s: float


def read_token_answer(
    status: int, headers: Mapping[str, str], content: bytes, redactor: Redactor | None = None
) -> Token:
    """Read the answer of the token endpoint.

    Args:
        status: HTTP status.
        headers: Response headers, names in any case if the mapping is case-insensitive, else in lower case.
        content: The whole body.
        redactor: Knows what must not appear in an error, should the answer repeat it, and learns the token.

    Returns:
        The token.

    Raises:
        TokenError: The answer holds none.
    """
    redactor = redactor or Redactor()
    answer = _json_object(content)
    access_token = answer.get("access_token")
    if status == _OK and isinstance(access_token, str) and _TOKEN.fullmatch(access_token):
        token = Token(Secret(access_token), _lifetime(answer.get("expires_in")))
        redactor.add_token(token.access_token)
        return token
    redactor.add(*_tokens_in(answer))
    raise _token_error(status, headers, content, answer, redactor)


def _json_object(content: bytes) -> Mapping[str, object]:
    try:
        answer = json.loads(content.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        return {}
    return answer if isinstance(answer, dict) else {}


def _tokens_in(answer: Mapping[str, object]) -> Iterator[str]:
    """Yield what may be a token in an answer that is none of RFC 6749: below a name that says so, however deep."""
    waiting: list[tuple[object, bool]] = [(answer, False)]
    while waiting:
        value, is_token = waiting.pop()
        if isinstance(value, dict):
            waiting += [
                (item, is_token or "token" in key.lower()) for key, item in value.items() if key != "token_type"
            ]
        elif isinstance(value, list):
            waiting += [(item, is_token) for item in value]
        elif is_token and isinstance(value, str):
            yield value


def _lifetime(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ASSUMED_LIFETIME_S
    try:
        seconds = float(value)
    except (ValueError, OverflowError):
        return ASSUMED_LIFETIME_S
    return seconds if math.isfinite(seconds) and seconds > 0 else ASSUMED_LIFETIME_S


def _token_error(
    status: int, headers: Mapping[str, str], content: bytes, answer: Mapping[str, object], redactor: Redactor
) -> TokenError:
    error, description = (words_of(answer.get(key), redactor) for key in ("error", "error_description"))
    sign = _sign(status, headers, error)
    answered_by = who_answered(headers, content, redactor)
    says = f" {error}" if error else ""
    says += f" ({description})" if description else ""
    meaning = sign.meaning if sign else "no token came back"
    code = sign.code if sign else None
    who = f", answered by {answered_by}" if answered_by else ""
    message = f"no token: {meaning} (HTTP {status}{says}{who}) [{code or 'stage token'}]: {DIAGNOSE}"
    return TokenError(message, status=status, error=error, description=description, answered_by=answered_by, code=code)


def _sign(status: int, headers: Mapping[str, str], error: str | None) -> Sign | None:
    """Return what an answer without a token shows."""
    if status in {400, 401} and error and (sign := sign_named("token_error", error)):
        return sign
    if status == _UNAVAILABLE and headers.get("retry-after"):
        status = _TOO_MANY
    return sign_of_status("token_status", status)

"""The token endpoint: client credentials over a form, answered as Katana's OAuth server does (RFC 6749 4.4)."""

from __future__ import annotations

import base64
import binascii
import hmac
import random
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import unquote_plus

from werkzeug.wrappers import Request, Response

from ayx_simulator.faults import Faults

from .http_errors import json_response
from .records import ApiUser

__all__ = ["TokenEndpoint"]

#: How every DPAPI blob begins (version 1, then the provider's GUID df9d8cd0-1501-11d1-8c7a-00c04fc297eb).
_DPAPI_BLOB = bytes.fromhex("01000000d08c9ddf0115d1118c7a00c04fc297eb01000000")
_BLOB_LENGTH = 310
_NO_STORE = {"Cache-Control": "no-cache", "Pragma": "no-cache", "Expires": "-1"}
_FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True, slots=True)
class _Token:
    user: ApiUser
    expires_at_s: float
    node: str


class TokenEndpoint:
    """Issues tokens and knows which are good.

    Args:
        users: Who has API access.
        faults: The simulator's switches.
        now_s: Seconds since the epoch on the simulator's clock.
        lifetime_s: How long a token is good.
    """

    def __init__(self, users: Iterable[ApiUser], faults: Faults, now_s: Callable[[], float], lifetime_s: float) -> None:
        self._users = {user.client_id: user for user in users}
        self._faults = faults
        self._now_s = now_s
        self.lifetime_s = lifetime_s
        self._tokens: dict[str, _Token] = {}
        self._random = random.SystemRandom()
        self._lock = threading.Lock()

    def revoke_all(self) -> None:
        """Forget every token, as a restart of the service does when its machine key changes."""
        with self._lock:
            self._tokens.clear()

    def user_of(self, authorization: str, node: str) -> ApiUser | None:
        """Return whose token an ``Authorization`` value holds; ``None`` if it is none that is good here and now."""
        scheme, _, value = authorization.partition(" ")
        with self._lock:
            token = self._tokens.get(value.strip())
        if scheme.lower() != "bearer" or token is None or token.expires_at_s <= self._now_s():
            return None
        if token.node != node and self._faults.met("token.node_bound", "/") is not None:
            return None
        return token.user

    def answer(self, request: Request, path: str, node: str) -> Response:
        """Answer one request to the endpoint.

        Args:
            request: The request; anything but a POST is answered as an unfit grant.
            path: Its path, for the faults.
            node: The address of this host that was called.
        """
        form = request.form if request.method == "POST" and request.mimetype == _FORM else None
        if form is None or self._faults.met("token.unsupported_grant_type", path) is not None:
            return _error("unsupported_grant_type")
        user, refusal = self._client(request, path)
        grant_type = form.get("grant_type", "")
        # Katana looks at the client first, but a request that names no client is told about its grant.
        if grant_type != "client_credentials" and not (refusal and grant_type):
            return _error("unsupported_grant_type")
        if user is None:
            return _error("invalid_client", refusal)
        if form.get("scope") and self._faults.met("token.invalid_scope", path) is not None:
            return _error("invalid_scope")
        return self._issue(user, path, node)

    def _client(self, request: Request, path: str) -> tuple[ApiUser | None, int]:
        """Return the client that the request names and proves to be, or the status to refuse it with."""
        refuse_all = self._faults.met("token.invalid_client", path)
        status = int(refuse_all or HTTPStatus.BAD_REQUEST)
        only = self._faults.met("token.auth_style_mismatch", path)
        decode = self._faults.met("token.basic_not_urlencoded", path) is not None
        basic = _basic_credentials(request.headers.get("Authorization", ""), decode)
        in_body = (request.form.get("client_id", ""), request.form.get("client_secret", ""))
        style, (client_id, secret) = ("basic", basic) if basic else ("body", in_body)
        user = self._users.get(client_id)
        if refuse_all is not None or user is None or (only is not None and only != style):
            return None, status
        if not hmac.compare_digest(user.client_secret.encode(), secret.encode()):
            return None, status
        return user, 0

    def _issue(self, user: ApiUser, path: str, node: str) -> Response:
        blob = _DPAPI_BLOB + self._random.randbytes(_BLOB_LENGTH)
        token = base64.urlsafe_b64encode(blob).rstrip(b"=").decode()
        with self._lock:
            self._tokens[token] = _Token(user, self._now_s() + self.lifetime_s, node)
        # Katana cuts the fraction off what is left of the lifetime when it writes the answer: an hour becomes 3599.
        body: dict[str, object] = {
            "access_token": token,
            "token_type": "bearer",
            "expires_in": max(int(self.lifetime_s - 0.001), 0),
        }
        wrong = self._faults.met("token.bad_lifetime", path)
        if wrong == "missing":
            del body["expires_in"]
        elif wrong is not None:
            body["expires_in"] = {"zero": 0, "negative": -3600, "text": "one hour"}[wrong]
        return json_response(body, headers=_NO_STORE)


def _error(code: str, status: int = HTTPStatus.BAD_REQUEST) -> Response:
    """RFC 6749 5.2; the status is 400 unless a fault says otherwise."""
    response = json_response({"error": code}, status, _NO_STORE)
    if status == HTTPStatus.UNAUTHORIZED:
        response.headers["WWW-Authenticate"] = "Basic"
    return response


def _basic_credentials(authorization: str, urlencoded: bool) -> tuple[str, str] | None:
    """Read RFC 7617 credentials; ``None`` if there are none."""
    scheme, _, value = authorization.partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        client_id, _, secret = base64.b64decode(value.strip(), validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return "", ""
    return (unquote_plus(client_id), unquote_plus(secret)) if urlencoded else (client_id, secret)

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

from werkzeug.wrappers import Request, Response

from .http_errors import NO_STORE, json_response, oauth2_error
from .places import CLIENT, OTHER_NODE, SCOPE, TOKEN, TOKEN_FORM, ClientAuthentication
from .records import ApiUser
from .switches import Switches

__all__ = ["TokenEndpoint"]

#: How every DPAPI blob begins (version 1, then the provider's GUID df9d8cd0-1501-11d1-8c7a-00c04fc297eb).
_DPAPI_BLOB = bytes.fromhex("01000000d08c9ddf0115d1118c7a00c04fc297eb01000000")
_BLOB_LENGTH = 310
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

    def __init__(
        self, users: Iterable[ApiUser], faults: Switches, now_s: Callable[[], float], lifetime_s: float
    ) -> None:
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
        if token.node != node and self._faults.instead(OTHER_NODE, node, "/"):
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
        if form is None:
            return oauth2_error("unsupported_grant_type")
        if (lost := self._faults.instead(TOKEN_FORM, form, path)) is not None:
            return lost
        user, refusal = self._client(request, path)
        grant_type = form.get("grant_type", "")
        # Katana looks at the client first, but a request that names no client is told about its grant.
        if grant_type != "client_credentials" and not (refusal and grant_type):
            return oauth2_error("unsupported_grant_type")
        if user is None:
            return oauth2_error("invalid_client", refusal)
        scope = form.get("scope", "")
        if scope and (refused := self._faults.instead(SCOPE, scope, path)) is not None:
            return refused
        return self._issue(user, path, node)

    def _client(self, request: Request, path: str) -> tuple[ApiUser | None, int]:
        """Return the client that the request names and proves to be, or the status to refuse it with."""
        basic = _basic_credentials(request.headers.get("Authorization", ""))
        in_body = (request.form.get("client_id", ""), request.form.get("client_secret", ""))
        said = ClientAuthentication("basic", *basic) if basic else ClientAuthentication("body", *in_body)
        said = self._faults.change(CLIENT, said, path)
        user = self._users.get(said.client_id)
        if user is None or said.refused_with:
            return None, said.refused_with or HTTPStatus.BAD_REQUEST
        if not hmac.compare_digest(user.client_secret.encode(), said.secret.encode()):
            return None, HTTPStatus.BAD_REQUEST
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
        return json_response(self._faults.change(TOKEN, body, path), headers=NO_STORE)


def _basic_credentials(authorization: str) -> tuple[str, str] | None:
    """Read RFC 7617 credentials; ``None`` if there are none."""
    scheme, _, value = authorization.partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        client_id, _, secret = base64.b64decode(value.strip(), validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return "", ""
    return client_id, secret

"""What the Server answers: the token endpoint, one API call, and the controls when either fails."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from ayx_diagnostics.model import Observation
from ayx_diagnostics.planner.session import side_by_side
from ayx_diagnostics.probes import api, http, local, token

if TYPE_CHECKING:
    from ayx_connection.oauth2 import TokenRequest
    from ayx_connection.token_endpoint import Style

    from ayx_diagnostics.planner.session import Session

__all__ = ["Asker"]

#: A call that only a Curator may make, with a filter that keeps the answer small, and one that any API user may make.
_CURATOR_CALL = "/v3/users?email=ayxctl%40diagnose.invalid"
_ANY_CALL = "/v3/workflows"
_V1_CALL = "/v1/workflows/subscription?limit=1"
_CONTROL_S = 5.0
_OK, _UNAUTHORIZED, _FORBIDDEN, _NOT_FOUND = 200, 401, 403, 404
_CLIENT_ERRORS = frozenset({400, 401})


@dataclass(frozen=True)
class Asker:
    """Sends requests over one kept-alive connection, and controls over connections of their own.

    Attributes:
        session: The diagnosis.
        connection: The connection of the walk itself.
        verified: Whether the peer proved who it is; credentials go nowhere else.
        again: Opens a further connection for a control.
        address: The Server's address, where it is known.
    """

    session: Session
    connection: http.HttpConnection
    verified: bool
    again: Callable[[], http.HttpConnection | None]
    address: str | None = None

    def walk(self) -> None:
        """Ask for a token and make one API call; where either fails, find out what does answer."""
        session = self.session
        if not session.wants("token"):
            if session.wants("http"):
                self._get(self.connection, "swagger")
            return
        seen, bearer = self._request_token()
        if date := seen.evidence.get("date"):
            session.record(local.clock_skew(session.clock, session.target.host, date, source=seen.target))
        if bearer is not None:
            if session.wants("api"):
                self._call_api(bearer)
        elif not _proves_endpoint(seen):
            self._find_what_answers(seen)

    # --- token ---------------------------------------------------------------------------------------------------

    def _request_token(self) -> tuple[Observation, str | None]:
        from ayx_connection.oauth2 import empty_token_request, token_request

        session, url = self.session, self.session.target.token_url
        credentials = session.settings.credentials
        session.progress(f"asking {url} for a token")
        why_not = self._why_credentials_stay(credentials is not None)
        if credentials is None or why_not:
            if why_not:
                session.record(token.withheld(session.clock, url, why_not))
            seen, _ = self._send(empty_token_request(url), "none", self.connection)
            return seen, None
        styles: tuple[Style, Style] = ("body", "basic")
        first, second = reversed(styles) if session.settings.client_auth.value == "basic" else styles
        seen, bearer = self._send(token_request(url, *credentials, first), first, self.connection)
        if bearer is None and _refuses_client(seen):
            # the other style tells wrong credentials from a gateway that spoils one of the two
            connection = self.again()
            if connection is not None:
                second_seen, second_bearer = self._send(token_request(url, *credentials, second), second, connection)
                connection.close()
                if second_bearer is not None:
                    return second_seen, second_bearer  # connect() goes on with it as well
        return seen, bearer

    def _why_credentials_stay(self, have_credentials: bool) -> str | None:
        """Return why credentials must not be sent over this connection, or None when they may."""
        if not have_credentials:
            return None
        session = self.session
        if session.target.scheme == "https":
            return None if self.verified else "the Server's certificate was not verified"
        through_proxy = session.target.route == "proxy"  # then the request leaves this machine, wherever it leads
        if session.settings.allow_http.value or (session.settings.address.is_loopback and not through_proxy):
            return None
        return "the address is http:// and not loopback; --allow-http permits it"

    def _send(
        self, request: TokenRequest, style: str, connection: http.HttpConnection
    ) -> tuple[Observation, str | None]:
        seen, bearer = token.request(
            self.session.clock,
            connection,
            request,
            style=style,
            timeout_s=self.session.read_timeout_s,
            address=self.address,
            verified=self.verified,
        )
        self.session.redactor.add(bearer)
        return self.session.record(seen), bearer

    # --- api -----------------------------------------------------------------------------------------------------

    def _call_api(self, bearer: str) -> None:
        """One call that only a Curator may make; when it is refused, the ones that a lower role may make."""
        self.session.progress("calling the API")
        connection: http.HttpConnection | None = self.connection
        for path, role in ((_CURATOR_CALL, "curator"), (_ANY_CALL, "any"), (_V1_CALL, "artisan")):
            connection = self._usable(connection)
            if connection is None:
                return
            seen = self.session.record(
                api.call(
                    self.session.clock,
                    connection,
                    self.session.target.web_api_address + path,
                    bearer,
                    timeout_s=self.session.read_timeout_s,
                    role_needed=role,
                    address=self.address,
                    verified=self.verified,
                )
            )
            if seen.evidence.get("status") not in (_UNAUTHORIZED, _FORBIDDEN, _NOT_FOUND):
                break
        last = seen.evidence.get("status")
        if last != _OK:
            self._control_gets(("swagger",))

    def _usable(self, connection: http.HttpConnection | None) -> http.HttpConnection | None:
        """Return the connection if the peer left it open, else a new one."""
        if connection is not None and connection.reusable:
            return connection
        return self.again()

    # --- controls ------------------------------------------------------------------------------------------------

    def _find_what_answers(self, seen: Observation) -> None:
        """Ask the addresses that tell a wrong path, a wrong host and a broken Server apart."""
        status = seen.evidence.get("status")
        if seen.outcome != "ok" or (isinstance(status, int) and status >= 500):  # noqa: PLR2004  # server errors
            self._control_gets(("swagger",))
        elif status not in _CLIENT_ERRORS or not seen.evidence.get("error"):
            usual = () if self._url("usual_path") == self._url("swagger") else ("usual_path",)
            self._control_gets(("swagger", "root", "gallery", "legacy_docs", "without_webapi", *usual))

    def _control_gets(self, purposes: tuple[str, ...]) -> None:
        tasks = [partial(self._control_get, purpose) for purpose in purposes]
        timeout_s = self.session.within_budget(_CONTROL_S)
        side_by_side(tasks, timeout_s=timeout_s + self.session.settings.connect_timeout.value)

    def _control_get(self, purpose: str) -> None:
        connection = self.again()
        if connection is not None:
            self._get(connection, purpose)
            connection.close()

    def _get(self, connection: http.HttpConnection, purpose: str) -> Observation:
        session = self.session
        seen = http.exchange(
            session.clock,
            connection,
            "GET",
            self._url(purpose),
            timeout_s=session.within_budget(_CONTROL_S),
            purpose=purpose,
            verified=self.verified,
            address=self.address,
        )
        return session.record(seen)

    def _url(self, purpose: str) -> str:
        base = self.session.target.web_api_address
        parts = urlsplit(base)
        root = f"{parts.scheme}://{parts.netloc}"
        return {
            "swagger": f"{base}/swagger/docs/3",
            "root": f"{root}/",
            "gallery": f"{root}/gallery/",
            "legacy_docs": f"{root}/gallery/api-docs/",
            "without_webapi": f"{root}/swagger/docs/3",
            "usual_path": f"{root}/webapi/swagger/docs/3",
        }[purpose]


def _refuses_client(seen: Observation) -> bool:
    """Whether the answer says that the client is not known, in whichever words a gateway puts it."""
    return seen.outcome == "ok" and seen.evidence.get("status") in _CLIENT_ERRORS


def _proves_endpoint(seen: Observation) -> bool:
    """Whether the answer to a request without credentials is that of an OAuth2 token endpoint (RFC 6749, 5.2)."""
    evidence = seen.evidence
    if evidence.get("has_access_token"):
        return True
    return evidence.get("style") == "none" and bool(evidence.get("error")) and evidence.get("status") in _CLIENT_ERRORS

"""What the Server answers: the token endpoint, one API call, and the controls when either fails."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from ayx_diagnostics.model import Observation
from ayx_diagnostics.probes import api, http, local, netrc, token
from ayx_diagnostics.walk import denied_calls, idle
from ayx_diagnostics.walk.api_document_check import DocumentBeside
from ayx_diagnostics.walk.session import side_by_side

if TYPE_CHECKING:
    from ayx_connection.oauth2 import Style, TokenRequest
    from ayx_connection.redaction import Secret

    from ayx_diagnostics.walk.other_addresses import Elsewhere
    from ayx_diagnostics.walk.session import Session

__all__ = ["Asker"]

#: A call that only a Curator may make, and one that any API user may make. The filter keeps the first answer small, and
#: leaves the caller in it, complete: something to hold against the document.
_CURATOR_CALL = "/v3/users?role=Curator&view=Full"
_ANY_CALL = "/v3/workflows"
_V1_CALL = "/v1/workflows/subscription?limit=1"
_CALLS = ((_CURATOR_CALL, "curator"), (_ANY_CALL, "any"), (_V1_CALL, "artisan"))
_CONTROL_S = 5.0
#: Octets that make a request longer than one packet of any path.
_LARGE = 1500
_OK, _UNAUTHORIZED, _FORBIDDEN, _NOT_FOUND = 200, 401, 403, 404
_CLIENT_ERRORS = frozenset({400, 401})
#: How a host is refused whose name is not to be served (RFC 9110, 15.5).
_NO_SUCH_HOST = frozenset({400, _FORBIDDEN, _NOT_FOUND, 421})
_REFUSALS = frozenset({_UNAUTHORIZED, _FORBIDDEN})
#: How a kept connection ends that the peer has closed meanwhile.
_STALE = frozenset({"closed", "reset"})
#: Characters that form-encoding changes (RFC 6749, 2.3.1), and with it the Authorization header.
_ENCODED = re.compile(r"[^A-Za-z0-9_.~-]")


@dataclass
class Asker:
    """Sends requests over one kept-alive connection, and controls over connections of their own.

    Attributes:
        session: The diagnosis.
        connection: The connection of the walk itself.
        verified: Whether the peer proved who it is; credentials go nowhere else.
        again: Opens a further connection for a control.
        open_url: Opens a connection for a URL of the same host, by whichever scheme and port; None without one.
        elsewhere: Makes a call at the other addresses of the name.
        address: The Server's address, where it is known.
        again_small: As ``again``, with small TCP segments.
        beside: Reads the Server's own document while calls are made.
    """

    session: Session
    connection: http.HttpConnection
    verified: bool
    again: Callable[[], http.HttpConnection | None]
    open_url: Callable[[str], http.HttpConnection | None]
    elsewhere: Elsewhere | None = None
    address: str | None = None
    again_small: Callable[[], http.HttpConnection | None] = lambda: None
    beside: DocumentBeside | None = None

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

    def _request_token(self) -> tuple[Observation, Secret | None]:
        from ayx_connection.oauth2 import empty_token_request, token_request
        from ayx_connection.redaction import revealed

        session, url = self.session, self.session.target.token_url
        credentials = session.settings.credentials
        session.progress(f"asking {url} for a token")
        why_not = self._why_credentials_stay(credentials is not None)
        if credentials is None or why_not:
            if why_not:
                session.record(token.withheld(session.clock, url, why_not))
            seen, _ = self.send(empty_token_request(url), "none", self.connection)
            return seen, None
        styles: tuple[Style, Style] = ("body", "basic")
        wanted = session.settings.client_auth.value
        first, second = reversed(styles) if wanted == "basic" else styles
        seen, bearer = self.send(token_request(url, *credentials, first), first, self.connection)
        if bearer is None and _refuses_client(seen):
            # the other style tells wrong credentials from a gateway that spoils one of the two
            purpose = "" if wanted == "auto" else "other_style"  # connect() would not try it
            second_seen, second_bearer = self._send_anew(token_request(url, *credentials, second), second, purpose)
            by_header = seen if first == "basic" else second_seen
            if (
                by_header is not None
                and _refuses_client(by_header)
                and any(_ENCODED.search(revealed(half)) for half in credentials)
            ):
                self._send_anew(token.unencoded_basic(url, *credentials), "basic", "unencoded")
            if second_seen is not None and second_bearer is not None:
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

    def send(
        self, request: TokenRequest, style: str, connection: http.HttpConnection, purpose: str = ""
    ) -> tuple[Observation, Secret | None]:
        """Send a token request and record what came of it; the token is a secret from now on."""
        timeout_s = self.session.read_timeout_s
        seen, bearer = token.request(
            self.session.clock,
            connection,
            request,
            style=style,
            timeout_s=timeout_s,
            address=self.address,
            verified=self.verified,
        )
        if bearer is not None:
            self.session.redactor.add_token(bearer)
        evidence = {**seen.evidence, "purpose": purpose}
        return self.session.record(self._within(timeout_s, replace(seen, evidence=evidence))), bearer

    def _send_anew(self, request: TokenRequest, style: str, purpose: str) -> tuple[Observation | None, Secret | None]:
        connection = self.again()
        if connection is None:
            return None, None
        sent = self.send(request, style, connection, purpose)
        connection.close()
        return sent

    def _within(self, timeout_s: float, seen: Observation) -> Observation:
        """Mark a wait that the budget of the run ended before the client itself would have given up."""
        if seen.outcome != "timeout" or timeout_s >= self.session.settings.read_timeout.value:
            return seen
        self.session.ran_out_of_time = True
        return replace(seen, evidence={**seen.evidence, "cut_short": True})

    # --- api -----------------------------------------------------------------------------------------------------

    def _call_api(self, bearer: Secret) -> None:
        """Call the API, with the Server's own document read beside."""
        self.session.progress("calling the API")
        self.beside = DocumentBeside(self.session, self.again, self.url("swagger"), self.verified, self.address)
        overriding = netrc.entry(self.session.clock, self.session.target.host, self.session.environ)
        if overriding is not None:
            self.session.record(overriding)
        wait = self.elsewhere.call(_CURATOR_CALL, bearer, "curator") if self.elsewhere else None
        statuses: list[int | None] = []
        first: Observation | None = None
        for path, role in _CALLS:
            seen = self._call(bearer, path, role)
            if seen is None:
                return
            first = first or seen
            statuses.append(seen.evidence.get("status"))
            if statuses[-1] not in (*_REFUSALS, _NOT_FOUND):
                break
        self.beside.finish()
        if first is not None and statuses[0] in _REFUSALS:
            denied_calls.ask_once_more(self, bearer, first, _CURATOR_CALL)
        if _OK not in statuses:
            if statuses[0] in _REFUSALS:
                denied_calls.send_basic(self)
            self._control_gets(("swagger", *(_sizes(first) if first is not None else ())))
        if wait is not None:
            wait()
        idle_s = self.session.idle_s
        if statuses[-1] == _OK and self.address is not None and idle_s is not None:
            call = partial(self._probe, bearer, path, role)
            idle.use_after_idling(self.session, self.address, self.again(), call, idle_s=idle_s)

    def _call(self, bearer: Secret, path: str, role: str) -> Observation | None:
        """Make a call, and once more over a new connection if the kept one was closed meanwhile, as clients do."""
        reusable = self.connection.reusable
        connection = self.connection if reusable else self.again()
        if connection is None:
            return None
        self.connection = connection
        seen = self.record_call(connection, bearer, path, role)
        if seen.outcome in _STALE and seen.evidence.get("reused") and not seen.evidence.get("bytes_received"):
            fresh = self.again()
            if fresh is not None:
                self.connection = fresh
                seen = self.record_call(fresh, bearer, path, role)
        return seen

    def record_call(self, connection: http.HttpConnection, bearer: Secret, path: str, role: str) -> Observation:
        """Make one call over a connection and record what came of it."""
        return self.session.record(self._probe(bearer, path, role, connection))

    def _probe(self, bearer: Secret, path: str, role: str, connection: http.HttpConnection) -> Observation:
        timeout_s = self.session.read_timeout_s
        seen = api.call(
            self.session.clock,
            connection,
            self.session.target.web_api_address + path,
            bearer,
            timeout_s=timeout_s,
            role_needed=role,
            check=partial(self.beside.problems, path) if self.beside is not None else None,
            address=self.address,
            verified=self.verified,
        )
        return self._within(timeout_s, seen)

    # --- controls ------------------------------------------------------------------------------------------------

    def _find_what_answers(self, seen: Observation) -> None:
        """Ask the addresses that tell a wrong path, a wrong host and a broken Server apart."""
        status = seen.evidence.get("status")
        if seen.outcome != "ok" or (isinstance(status, int) and status >= 500):  # noqa: PLR2004  # server errors
            self._control_gets(("swagger", *_sizes(seen)))
        elif status not in _CLIENT_ERRORS or not seen.evidence.get("error"):
            usual = () if self.url("usual_path") == self.url("swagger") else ("usual_path",)
            self._control_gets(("swagger", "root", "gallery", "legacy_docs", "without_webapi", *usual))
            if status in _NO_SUCH_HOST:
                denied_calls.ask_another_host(self)
            if seen.evidence.get("location"):
                denied_calls.follow_redirection(self, seen)

    def _control_gets(self, purposes: tuple[str, ...]) -> None:
        tasks = [partial(self._control_get, purpose) for purpose in purposes]
        timeout_s = self.session.within_budget(_CONTROL_S)
        side_by_side(tasks, timeout_s=timeout_s + self.session.settings.connect_timeout.value)

    def _control_get(self, purpose: str) -> None:
        connection = self.again_small() if purpose == "large_in_small_segments" else self.again()
        if connection is not None:
            self._get(connection, purpose)
            connection.close()

    def _get(self, connection: http.HttpConnection, purpose: str) -> Observation:
        session = self.session
        seen = http.exchange(
            session.clock,
            connection,
            "GET",
            self.url(purpose),
            timeout_s=session.within_budget(_CONTROL_S),
            headers={"X-Padding": "x" * _LARGE} if purpose.startswith("large") else {},
            purpose=purpose,
            verified=self.verified,
            address=self.address,
        )
        return session.record(seen)

    def url(self, purpose: str) -> str:
        """Return the address that is asked for a purpose."""
        base = self.session.target.web_api_address
        parts = urlsplit(base)
        root = f"{parts.scheme}://{parts.netloc}"
        if purpose.startswith("large"):
            purpose = "swagger"
        return {
            "swagger": f"{base}/swagger/docs/3",
            "root": f"{root}/",
            "gallery": f"{root}/gallery/",
            "legacy_docs": f"{root}/gallery/api-docs/",
            "without_webapi": f"{root}/swagger/docs/3",
            "usual_path": f"{root}/webapi/swagger/docs/3",
        }[purpose]


def _sizes(seen: Observation) -> tuple[str, ...]:
    """Return what to ask for next when a request was never acknowledged: is it the size, or the path as a whole?"""
    unacknowledged = (seen.evidence.get("tcp_info") or {}).get("unacked")
    return ("large_request", "large_in_small_segments") if unacknowledged else ()


def _refuses_client(seen: Observation) -> bool:
    """Whether the answer says that the client is not known, in whichever words a gateway puts it."""
    return seen.outcome == "ok" and seen.evidence.get("status") in _CLIENT_ERRORS


def _proves_endpoint(seen: Observation) -> bool:
    """Whether the answer to a request without credentials is that of an OAuth2 token endpoint (RFC 6749, 5.2)."""
    evidence = seen.evidence
    if evidence.get("has_access_token"):
        return True
    return evidence.get("style") == "none" and bool(evidence.get("error")) and evidence.get("status") in _CLIENT_ERRORS

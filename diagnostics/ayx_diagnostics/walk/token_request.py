"""The token request, as the client sends it and, where that is refused, in the other ways that tell why."""

from __future__ import annotations

import re
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING

from ayx_connection.oauth2 import empty_token_request, token_request
from ayx_connection.redaction import revealed

from ayx_diagnostics.evidence.facts import refuses_client
from ayx_diagnostics.model import Observation
from ayx_diagnostics.probes import token

if TYPE_CHECKING:
    from ayx_connection.oauth2 import Style, TokenRequest
    from ayx_connection.redaction import Secret

    from ayx_diagnostics.probes.http import HttpConnection
    from ayx_diagnostics.walk.exchange import Exchange

__all__ = ["request_token", "send_basic"]

#: Characters that form-encoding changes (RFC 6749, 2.3.1), and with it the Authorization header.
_ENCODED = re.compile(r"[^A-Za-z0-9_.~-]")

Answer = tuple[Observation, "Secret | None"]


def request_token(exchange: Exchange) -> Answer:
    """Ask for a token over the connection that stands; return the answer that the client goes on with."""
    session, url = exchange.session, exchange.session.target.token_url
    credentials = session.settings.credentials
    session.progress(f"asking {url} for a token")
    why_not = why_credentials_stay(exchange)
    if credentials is None or why_not:
        if why_not:
            session.record(token.withheld(session.network, url, why_not))
        seen, _ = _send(exchange, empty_token_request(url), "none", exchange.connection)
        return seen, None
    first, second = _styles(exchange)
    seen, bearer = _send(exchange, token_request(url, *credentials, first), first, exchange.connection)
    if bearer is not None or not refuses_client(seen):
        return seen, bearer
    # the other style tells wrong credentials from a gateway that spoils one of the two
    purpose = "" if session.settings.client_auth.value == "auto" else "other_style"  # connect() would not try it
    other = _send_anew(exchange, token_request(url, *credentials, second), second, purpose)
    by_header = seen if first == "basic" else other[0] if other is not None else None
    if by_header is not None and refuses_client(by_header) and _has_encoded(exchange):
        _send_anew(exchange, token.unencoded_basic(url, *credentials), "basic", "unencoded")
    return other if other is not None and other[1] is not None else (seen, bearer)


def _styles(exchange: Exchange) -> tuple[Style, Style]:
    """Return how the client authenticates, and the other way."""
    return ("basic", "body") if exchange.session.settings.client_auth.value == "basic" else ("body", "basic")


def _has_encoded(exchange: Exchange) -> bool:
    """Whether the credentials have characters that form-encoding changes."""
    return any(_ENCODED.search(revealed(half)) for half in exchange.session.settings.credentials or ())


def why_credentials_stay(exchange: Exchange) -> str | None:
    """Return why credentials must not be sent over this connection, or None when they may, or there are none."""
    session = exchange.session
    if session.settings.credentials is None:
        return None
    if session.target.scheme == "https":
        return None if exchange.verified else "the Server's certificate was not verified"
    through_proxy = session.target.route == "proxy"  # then the request leaves this machine, wherever it leads
    if session.settings.allow_http.value or (session.settings.address.is_loopback and not through_proxy):
        return None
    return "the address is http:// and not loopback; --allow-http permits it"


def send_basic(exchange: Exchange) -> None:
    """Ask for one more token with the key and secret in the Authorization header, to see whether that header arrives.

    Alteryx Server takes them there as well as in the form; if it does not know them there, somebody removed the header.
    """
    session = exchange.session
    if session.settings.credentials is not None:
        request = token_request(session.target.token_url, *session.settings.credentials, "basic")
        _send_anew(exchange, request, "basic", "authorization_header")


def _send_anew(exchange: Exchange, request: TokenRequest, style: str, purpose: str) -> Answer | None:
    connection = exchange.again()
    if connection is None:
        return None
    with closing(connection):
        return _send(exchange, request, style, connection, purpose)


def _send(
    exchange: Exchange, request: TokenRequest, style: str, connection: HttpConnection, purpose: str = ""
) -> Answer:
    """Send a token request and record what came of it; the token is a secret from now on."""
    session, timeout_s = exchange.session, exchange.session.read_timeout_s
    seen, bearer = token.request(
        session.network,
        connection,
        request,
        style=style,
        timeout_s=timeout_s,
        address=exchange.route.address,
        verified=exchange.verified,
    )
    if bearer is not None:
        session.redactor.add_token(bearer)
    seen = replace(seen, evidence={**seen.evidence, "purpose": purpose})
    return session.record(exchange.in_full_or_cut_short(timeout_s, seen)), bearer

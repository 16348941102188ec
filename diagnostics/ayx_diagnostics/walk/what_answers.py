"""What answers where no token endpoint did: pages that tell a wrong path, a wrong host and a broken Server apart."""

from __future__ import annotations

from contextlib import closing
from functools import partial
from typing import TYPE_CHECKING, Literal
from urllib.parse import urlsplit

from ayx_diagnostics.evidence import mapping, text, whole, whole_of
from ayx_diagnostics.evidence.facts import refuses_client
from ayx_diagnostics.model import Observation
from ayx_diagnostics.walk import denied_calls
from ayx_diagnostics.walk.exchange import CONTROL_S

if TYPE_CHECKING:
    from ayx_diagnostics.probes.http import HttpConnection
    from ayx_diagnostics.walk.exchange import Exchange

__all__ = ["find_what_answers", "get_document", "get_side_by_side", "kind_of", "sizes"]

#: Octets that make a request longer than one packet of any path.
_LARGE = 1500
_SERVER_ERRORS = 500
#: How a host is refused whose name is not to be served (RFC 9110, 15.5).
_NO_SUCH_HOST = frozenset({400, 403, 404, 421})

Kind = Literal["no answer", "server error", "error of the endpoint", "something else"]

#: What became of the token request -> what is asked for next.
QUESTIONS: dict[Kind, tuple[str, ...]] = {
    "no answer": ("swagger",),
    "server error": ("swagger",),
    "error of the endpoint": (),
    "something else": ("swagger", "root", "gallery", "legacy_docs", "without_webapi", "usual_path"),
}


def kind_of(seen: Observation) -> Kind:
    """Return what became of a token request that brought no token."""
    if not seen.ok:
        return "no answer"
    if (whole(seen, "status") or 0) >= _SERVER_ERRORS:
        return "server error"
    return "error of the endpoint" if refuses_client(seen) and text(seen, "error") else "something else"


def find_what_answers(exchange: Exchange, seen: Observation) -> None:
    """Ask for what tells the causes of a token request's answer apart."""
    kind = kind_of(seen)
    purposes = QUESTIONS[kind]
    if _url(exchange, "usual_path") == _url(exchange, "swagger"):
        purposes = tuple(purpose for purpose in purposes if purpose != "usual_path")
    get_side_by_side(exchange, (*purposes, *(sizes(seen) if kind == "no answer" else ())))
    if kind == "something else":
        if whole(seen, "status") in _NO_SUCH_HOST:
            denied_calls.ask_another_host(exchange, _url(exchange, "swagger"))
        if text(seen, "location"):
            denied_calls.follow_redirection(exchange, seen)


def sizes(seen: Observation) -> tuple[str, ...]:
    """Return what to ask for next when a request was never acknowledged: is it the size, or the path as a whole?"""
    unacknowledged = whole_of(mapping(seen, "tcp_info"), "unacked")
    return ("large_request", "large_in_small_segments") if unacknowledged else ()


def get_document(exchange: Exchange) -> None:
    """Ask for the API's document over the connection that stands: an answer of HTTP, and no more."""
    exchange.session.record(_asked(exchange, exchange.connection, "swagger"))


def get_side_by_side(exchange: Exchange, purposes: tuple[str, ...]) -> None:
    """Ask for pages, each over a connection of its own."""
    session = exchange.session
    if purposes:
        within_s = session.within_budget(CONTROL_S) + session.settings.connect_timeout.value
        session.side_by_side([partial(_get, exchange, purpose) for purpose in purposes], within_s)


def _get(exchange: Exchange, purpose: str) -> None:
    connection = exchange.again_small() if purpose == "large_in_small_segments" else exchange.again()
    if connection is not None:
        with closing(connection):
            exchange.session.record(_asked(exchange, connection, purpose))


def _asked(exchange: Exchange, connection: HttpConnection, purpose: str) -> Observation:
    padding = {"X-Padding": "x" * _LARGE} if purpose.startswith("large") else None
    return exchange.get(connection, _url(exchange, purpose), purpose, padding)


def _url(exchange: Exchange, purpose: str) -> str:
    """Return the address that is asked for a purpose."""
    base = exchange.session.target.web_api_address
    parts = urlsplit(base)
    root = f"{parts.scheme}://{parts.netloc}"
    document = f"{base}/swagger/docs/3"
    return {
        "swagger": document,
        "large_request": document,
        "large_in_small_segments": document,
        "root": f"{root}/",
        "gallery": f"{root}/gallery/",
        "legacy_docs": f"{root}/gallery/api-docs/",
        "without_webapi": f"{root}/swagger/docs/3",
        "usual_path": f"{root}/webapi/swagger/docs/3",
    }[purpose]

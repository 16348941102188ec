"""After a refusal: the same question asked once more in another way, to tell who refuses, and what."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from ayx_diagnostics.evidence import Evidence, flag, ip_address, mappings, text, whole
from ayx_diagnostics.model import Observation

if TYPE_CHECKING:
    from ayx_diagnostics.probes.http import HttpConnection
    from ayx_diagnostics.walk.exchange import Exchange

__all__ = ["ask_another_host", "ask_once_more", "follow_redirection"]

#: A balancer that takes turns among this many nodes has shown each of them by then.
_REPEATS = 3
_MOST_HOSTS = 3
_OK = 200
_MOST_HOPS = 5


def ask_once_more(exchange: Exchange, call: Callable[[HttpConnection], Observation]) -> None:
    """Repeat a refused call with the same token over new connections, until one of them is accepted.

    Behind a load balancer a token may be readable on the node alone that made it; then some of them accept it.
    """
    for _ in range(_REPEATS):
        connection = exchange.again()
        if connection is None:
            return
        with closing(connection):
            if whole(call(connection), "status") == _OK:
                return


def ask_another_host(exchange: Exchange, url: str) -> None:
    """Ask for the API's document under the other names of the Server's certificate, at the same address.

    A Server that refuses this spelling of its name alone, or another site of the same machine, shows itself by that.
    """
    session = exchange.session
    for name in other_names(session.observations, session.target.host):
        connection = exchange.again()
        if connection is None:
            return
        with closing(connection):
            seen = exchange.get(connection, url, "other_host", {"Host": name})
        session.record(replace(seen, evidence={**seen.evidence, "host_header": name}))
        if flag(seen, "swagger"):
            return


def other_names(observations: Sequence[Observation], host: str) -> list[str]:
    """Return the host names of the Server's certificate, less the one in use."""
    shaken = Evidence(observations).first("tls", "handshake", outcome="ok")
    names = [str(name) for leaf in mappings(shaken, "chain")[:1] for name in leaf.get("san") or ()]
    usable = [name for name in names if not name.startswith("*") and ip_address(name) is None]
    return [name for name in dict.fromkeys(usable) if name.lower() != host.lower()][:_MOST_HOSTS]


def follow_redirection(exchange: Exchange, seen: Observation) -> None:
    """Go after a redirection by GET, without credentials and on this host alone, to see where it ends."""
    location, url = text(seen, "location"), exchange.session.target.token_url
    for _ in range(_MOST_HOPS):
        try:
            url = urljoin(url, location)
            same_host = (urlsplit(url).hostname or "").lower() == exchange.session.target.host.lower()
        except ValueError:
            return
        connection = exchange.open_url(url) if same_host and location else None
        if connection is None:
            return
        with closing(connection):
            answer = exchange.session.record(exchange.get(connection, url, "redirected"))
        location = text(answer, "location")

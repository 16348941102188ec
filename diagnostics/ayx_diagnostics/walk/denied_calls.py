"""After a refusal: the same question asked once more in another way, to tell who refuses, and what."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING

from ayx_diagnostics.evidence import ip_address, mappings, text
from ayx_diagnostics.model import Observation
from ayx_diagnostics.probes import http

if TYPE_CHECKING:
    from ayx_connection.redaction import Secret

    from ayx_diagnostics.walk.server_calls import Asker

__all__ = ["ask_another_host", "ask_once_more", "follow_redirection", "send_basic"]

#: A balancer that takes turns among this many nodes has shown each of them by then.
_REPEATS = 3
_MOST_HOSTS = 3
_CONTROL_S = 5.0
_OK = 200
_MOST_HOPS = 5


def ask_once_more(asker: Asker, bearer: Secret, refused: Observation, path: str) -> None:
    """Repeat a refused call with the same token over new connections, until one of them is accepted.

    Behind a load balancer a token may be readable on the node alone that made it; then some of them accept it.
    """
    for _ in range(_REPEATS):
        connection = asker.again()
        if connection is None:
            return
        with closing(connection):
            seen = asker.record_call(connection, bearer, path, text(refused, "role_needed"))
        if seen.evidence.get("status") == _OK:
            return


def send_basic(asker: Asker) -> None:
    """Ask for one more token with the key and secret in the Authorization header, to see whether that header arrives.

    Alteryx Server takes them there as well as in the form; if it does not know them there, somebody removed the header.
    """
    from ayx_connection.oauth2 import token_request

    credentials, tried = asker.session.settings.credentials, asker.session.observations
    styles = {text(seen, "style") for seen in tried if (seen.stage, seen.operation) == ("token", "request")}
    if credentials is None or "basic" in styles:
        return
    connection = asker.again()
    if connection is None:
        return
    with closing(connection):
        request = token_request(asker.session.target.token_url, *credentials, "basic")
        asker.send(request, "basic", connection, purpose="authorization_header")


def ask_another_host(asker: Asker) -> None:
    """Ask for the API's document under the other names of the Server's certificate, at the same address.

    A Server that refuses this spelling of its name alone, or another site of the same machine, shows itself by that.
    """
    for name in _other_names(asker.session.observations, asker.session.target.host):
        connection = asker.again()
        if connection is None:
            return
        with closing(connection):
            seen = http.exchange(
                asker.session.clock,
                connection,
                "GET",
                asker.url("swagger"),
                timeout_s=asker.session.within_budget(_CONTROL_S),
                headers={"Host": name},
                purpose="other_host",
                verified=asker.verified,
                address=asker.address,
            )
        asker.session.record(replace(seen, evidence={**seen.evidence, "host_header": name}))
        if seen.evidence.get("swagger"):
            return


def _other_names(observations: Sequence[Observation], host: str) -> list[str]:
    """Return the host names of the Server's certificate, less the one in use."""
    shaken = next((seen for seen in observations if seen.operation == "handshake" and seen.ok), None)
    names = [str(name) for leaf in mappings(shaken, "chain")[:1] for name in leaf.get("san") or ()]
    usable = [name for name in names if not name.startswith("*") and ip_address(name) is None]
    return [name for name in dict.fromkeys(usable) if name.lower() != host.lower()][:_MOST_HOSTS]


def follow_redirection(asker: Asker, seen: Observation) -> None:
    """Go after a redirection by GET, without credentials and on this host alone, to see where it ends."""
    from urllib.parse import urljoin, urlsplit

    location, url = text(seen, "location"), asker.session.target.token_url
    for _ in range(_MOST_HOPS):
        try:
            url = urljoin(url, location)
            parts = urlsplit(url)
            same_host = (parts.hostname or "").lower() == asker.session.target.host.lower()
        except ValueError:
            return
        connection = asker.open_url(url) if same_host and location else None
        if connection is None:
            return
        with closing(connection):
            answer = http.exchange(
                asker.session.clock,
                connection,
                "GET",
                url,
                timeout_s=asker.session.within_budget(_CONTROL_S),
                purpose="redirected",
                verified=asker.verified,
                address=asker.address,
            )
        asker.session.record(answer)
        location = text(answer, "location")

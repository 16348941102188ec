"""Proxies that the client's settings do not use: does one of them open a tunnel, where the client's own way fails?"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING

from ayx_connection.proxy import ProxyError, parse_proxy

from ayx_diagnostics.evidence import Evidence, mappings, text, whole
from ayx_diagnostics.model import Observation
from ayx_diagnostics.walk.proxy_route import try_proxy
from ayx_diagnostics.walk.proxy_script import try_script

if TYPE_CHECKING:
    from ayx_connection.proxy import ProxyAddress

    from ayx_diagnostics.walk.session import Session

__all__ = ["try_candidates", "try_other_scheme"]

_LEAST_S = 0.1


def try_candidates(session: Session) -> None:
    """Try the proxies that this machine knows and the client's settings do not use."""
    selected = Evidence(session.observations).first("proxy", "select")
    if selected is None:
        return
    parts: list[Callable[[], None]] = [
        partial(try_proxy, session, address) for address in _candidates(selected, session.environ.get)
    ]
    if selected.outcome == "direct":
        parts.append(partial(try_script, session))
    session.side_by_side(parts, max(_LEAST_S, min(session.settings.connect_timeout.value, session.remaining_s)))


def _candidates(selected: Observation, variable: Callable[[str], str | None]) -> Iterator[ProxyAddress]:
    for candidate in mappings(selected, "candidates"):
        name = str(candidate.get("variable") or "")
        twin = f"environment {name}".lower() == text(selected, "origin").lower()
        if selected.outcome != "direct" and not twin:
            continue  # beside the proxy in use, only the same variable in the other case is of interest
        try:
            yield parse_proxy(variable(name) or str(candidate["proxy"]))
        except ProxyError:
            continue


#: How a proxy takes to being spoken to in the wrong protocol, and which one is worth a try then.
_WRONG_PROTOCOL = frozenset(
    {"timeout", "closed", "reset", "not_http", "not_tls", "not_socks", "protocol_error", "alert"}
)
_OTHER_SCHEME = {"http": "https", "https": "http", "socks5": "http", "socks5h": "http", "socks4": "http"}


def try_other_scheme(session: Session, address: ProxyAddress) -> None:
    """After a proxy did not answer as one: whether it does when it is spoken to in the other way.

    The proxy's credentials are left out: nobody allowed to send them in the clear.
    """
    scheme = _OTHER_SCHEME.get(address.scheme)
    if scheme is not None and _was_wrong_protocol(session):
        try_proxy(session, replace(address, scheme=scheme, username=None, password=None))


def _was_wrong_protocol(session: Session) -> bool:
    evidence = Evidence(session.observations)
    last = evidence.last("proxy", "tunnel")
    if last is None and session.target.scheme == "http":  # no tunnel: the first request shows it
        last = next((seen for seen in evidence.all("token", "request") if seen.outcome != "withheld"), None)
        if last is not None and _wants_tls(last):
            return True
    return last is not None and last.outcome in _WRONG_PROTOCOL


def _wants_tls(seen: Observation) -> bool:
    """Whether a web server's page may say that it got plain HTTP on a port for TLS."""
    page = text(seen, "body_start").lower()
    return whole(seen, "status") == HTTPStatus.BAD_REQUEST and ("https" in page or "ssl" in page)

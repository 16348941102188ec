"""The tunnel that the client's own proxy refused, and the words that findings about it share."""

from __future__ import annotations

from http import HTTPStatus

from ayx_diagnostics.evidence import Evidence, text, whole
from ayx_diagnostics.model import Observation
from ayx_diagnostics.rules.conclusion import Subject

__all__ = ["about_tunnel", "failed", "proxy_of"]

_ENDED = frozenset({"closed", "reset", "not_http"})


def failed(evidence: Evidence) -> Observation | None:
    """Return what the client's own proxy refused, or None where it does its work.

    That is the last tunnel if none could be opened; else the first request that the proxy answered itself: one to an
    ``http://`` Server, which needs no tunnel, or one within TLS that the proxy has opened for inspection.
    """
    tunnels = evidence.tunnels
    if tunnels and not any(seen.ok for seen in tunnels):
        return tunnels[-1]
    if evidence.route != "proxy":
        return None
    own = next((seen for seen in evidence.exchanges if _of_the_proxy(seen)), None)
    return own or (_unanswered(evidence) if evidence.scheme == "http" else None)


def _unanswered(evidence: Evidence) -> Observation | None:
    """Return the first plain request if the proxy ended the connection on it: for a dead Server it would say 502.

    A port for TLS may also say that it got plain HTTP; then the same port opens a tunnel when it is spoken to in TLS.
    """
    seen = next(iter(evidence.exchanges), None)
    if seen is None or seen.outcome in _ENDED:
        return seen
    in_tls = evidence.first("proxy", "tunnel", candidate=True, outcome="ok")
    other = text(in_tls, "proxy").partition("://")[0]
    return seen if whole(seen, "status") == HTTPStatus.BAD_REQUEST and other == "https" else None


def _of_the_proxy(seen: Observation) -> bool:
    """Whether a proxy says of itself that it made this answer instead of passing one on."""
    if seen.outcome != "ok":
        return False
    failed_there = "error=" in text(seen, "proxy_status")  # RFC 9209, 2.1.1
    by_status = whole(seen, "status") == HTTPStatus.PROXY_AUTHENTICATION_REQUIRED
    return by_status or failed_there or bool(text(seen, "x_squid_error"))


def proxy_of(evidence: Evidence, tunnel: Observation | None) -> str:
    """Return the address of the proxy that a tunnel goes through, without its password."""
    return text(tunnel, "proxy") or text(evidence.last("proxy", "select"), "proxy")


def about_tunnel(evidence: Evidence, tunnel: Observation) -> Subject:
    """Return what findings about a tunnel share: its proxy, and what the answer says of who gave it."""
    headers = {"Server": text(tunnel, "server"), "Via": text(tunnel, "via")}
    who = ", ".join(f"{name}: {value}" for name, value in headers.items() if value)
    return Subject(
        {"proxy": proxy_of(evidence, tunnel), "host": evidence.host},
        because=[f"The answer carries {who}." if who else None],
        ruled_out=[
            "Not the way to the proxy: the connection to it is up." if evidence.ok("proxy", "connect") else None
        ],
    )

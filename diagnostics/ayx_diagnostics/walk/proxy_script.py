"""A proxy script (PAC) that browsers find by themselves, where the direct way is closed: which proxies it names.

Browsers ask for ``http://wpad.DOMAIN/wpad.dat`` in the domains that this machine completes names with (WPAD). The
script is a program; it is shown and searched for proxies, not run.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from ayx_connection.proxy import parse_proxy

from ayx_diagnostics.evidence import texts
from ayx_diagnostics.model import Observation
from ayx_diagnostics.probes import tcp
from ayx_diagnostics.probes.dns_system import resolver_config, system_lookup
from ayx_diagnostics.probes.http import HttpConnection, converse
from ayx_diagnostics.walk.proxy_route import try_proxy

if TYPE_CHECKING:
    from ayx_diagnostics.walk.session import Session

__all__ = ["try_script"]

_FUNCTION = "FindProxyForURL"
#: What the function returns: ``PROXY host:port; DIRECT`` and, of newer browsers, ``HTTPS host:port``.
_PROXY = re.compile(r"\b(PROXY|HTTPS?)\s+([A-Za-z0-9.-]+:\d{1,5})\b")
_MOST_DOMAINS, _MOST_PROXIES = 3, 3
_EACH_S = 2.0
_OK = 200


def try_script(session: Session) -> None:
    """Look for a script, and try the proxies that it names."""
    for url in _places(session):
        seen = _fetch(session, url)
        if seen is not None:
            session.record(seen)
            for proxy in texts(seen, "proxies"):
                try_proxy(session, parse_proxy(proxy))
            return


def _places(session: Session) -> Iterator[str]:
    search = texts(resolver_config(session.network), "search")
    for domain in search[:_MOST_DOMAINS]:
        yield f"http://wpad.{domain.strip('.')}/wpad.dat"


def _fetch(session: Session, url: str) -> Observation | None:
    """Return what was found at an address, or None where no script is."""
    host, network = urlsplit(url).hostname or "", session.network
    found = system_lookup(network, host, timeout_s=session.within_budget(_EACH_S))
    addresses = texts(found, "addresses")
    if not addresses:
        return None
    _, stream = tcp.connect(network, addresses[0], 80, timeout_s=session.within_budget(_EACH_S))
    if stream is None:
        return None
    with closing(HttpConnection(stream)) as connection:
        seen, answer = converse(
            network, connection, "GET", url, timeout_s=_EACH_S, stage="proxy", operation="pac", purpose="pac"
        )
    if answer.status != _OK or _FUNCTION not in answer.text:
        return None
    schemes = {"PROXY": "http", "HTTP": "http", "HTTPS": "https"}
    named = dict.fromkeys(f"{schemes[kind]}://{place}" for kind, place in _PROXY.findall(answer.text))
    return replace(seen, evidence={**seen.evidence, "proxies": list(named)[:_MOST_PROXIES]})

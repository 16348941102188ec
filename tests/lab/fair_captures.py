"""Which captures tell of their scenario's fault: judged by what the client can do, never by what ``explain`` answers.

A client that does not meet the fault shows the text of something else, or of nothing:

- It fails where nothing is wrong. ``capture_errors.py --healthy`` shows who fails in the healthy twin of a scenario's
  configuration: without a proxy, through one, through one that wants a password, over plain HTTP through one.
- It gets past the fault, because its library does not mind: older TLS settings accept the cipher, and the answer of a
  server that has nothing but its fault to offer is not JSON.
- The fault is a Python package that is missing, and the client is not Python.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from lab.laboratory import PROXY_PASSWORD
from lab.scenario import Scenario
from lab.scenarios import SCENARIOS

Row = dict[str, Any]

#: What a client says that came to the page of a server whose fault lies below HTTP.
_GOT_PAST = re.compile(
    r"no access_token in|KeyError: u?'access_token'|JSONDecodeError|is not valid JSON|invalid character '"
)
_BEFORE_HTTP = ("local", "dns", "tcp", "tls", "proxy")
_PYTHON = ("requests", "httpx", "urllib", "aiohttp")
_PATIENT = "_patient"


def healthy_twins(scenario: Scenario) -> Iterator[str]:
    """Yield the names of the healthy scenarios that a client has to succeed in before this one says anything of it."""
    yield "healthy direct"
    scheme = scenario.url.partition(":")[0].upper()
    proxies = [
        value for name, value in scenario.environment.items() if name.upper() in (f"{scheme}_PROXY", "ALL_PROXY")
    ]
    if proxies:
        yield "healthy through a proxy" if scheme == "HTTPS" else "healthy over plain HTTP through a proxy"
    if any(PROXY_PASSWORD in proxy for proxy in proxies):
        yield "healthy through a proxy with a password"


def fair(rows: Sequence[Row]) -> list[Row]:
    """Return the captures that count; those of healthy scenarios, whose code is ``None``, say which do not."""
    scenarios = {scenario.name: scenario for scenario in SCENARIOS}
    unfit = {(row["client"], row["scenario"]) for row in rows if row["code"] is None}
    return [row for row in _with_text(rows) if _counts(row, scenarios[row["scenario"]], unfit)]


def _with_text(rows: Iterable[Row]) -> Iterator[Row]:
    return (row for row in rows if row["code"] is not None and row["text"].strip())


def _counts(row: Row, scenario: Scenario, unfit: set[tuple[str, str]]) -> bool:
    client = row["client"].removesuffix(_PATIENT)
    if any((client, twin) in unfit for twin in healthy_twins(scenario)):
        return False
    if "PYTHONPATH" in scenario.environment and row["library"] not in _PYTHON and client != "http_client":
        return False
    return not (scenario.stage in _BEFORE_HTTP and _GOT_PAST.search(row["text"]))

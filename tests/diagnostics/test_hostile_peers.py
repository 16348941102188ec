"""Peers that mean harm: the diagnosis ends in time, stays small, and hands nothing on that acts or is secret."""

from __future__ import annotations

import base64
import html
import json
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote, quote_plus
from xml.etree import ElementTree as ET

import jsonschema
import pytest
from ayx_diagnostics import diagnose
from ayx_diagnostics.report.renderers import FORMATS, render
from ayx_diagnostics.report.serialise import SCHEMA_PATH, to_json
from ayx_simulator.peers.certificates import CertificateFactory
from ayx_simulator.peers.hostile_peer import ATTACKS, TLS_ATTACKS, HostileServer

CLIENT_ID = "KEY-0123456789"
SECRET = 'Sup3r/S3cr3t+Value&<42>"'
PROXY_PASSWORD = "Pr0xy+Passw0rd"  # a test's own
MAX_TIME_S = 0.35
LONGEST_AFTER_S = 1.0  # what the run may take beyond its budget
LARGEST_REPORT = 1_000_000
#: What a terminal acts upon, and what turns the direction of a text around.
ACTING = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
SCHEMA = json.loads(SCHEMA_PATH.read_text(encoding="utf-8"))


@pytest.fixture(autouse=True)
def _no_outside_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("ayx_connection.settings.sources.user_file_path", lambda: tmp_path / "no-such-file.toml")


@pytest.fixture(scope="session")
def factory(tmp_path_factory: pytest.TempPathFactory) -> CertificateFactory:
    return CertificateFactory(tmp_path_factory.mktemp("hostile"), hosts=("127.0.0.1", "localhost"))


def spellings(secret: str, user: str) -> Iterator[str]:
    for one in (secret, quote(secret, safe=""), quote_plus(secret), html.escape(secret), json.dumps(secret)[1:-1]):
        yield one
        yield re.sub("%..", lambda found: found.group().lower(), one)
        yield base64.b64encode(one.encode()).decode()
        yield base64.b64encode(f"{user}:{one}".encode()).decode()
        yield base64.b64encode(f"{quote_plus(user)}:{one}".encode()).decode()


FORBIDDEN = (*spellings(SECRET, CLIENT_ID), *spellings(PROXY_PASSWORD, "user"))


def run(url: str, **options: Any) -> dict[str, Any]:
    """Diagnose within the time, and return the document."""
    options = {"max_time": MAX_TIME_S, "client_id": CLIENT_ID, "client_secret": SECRET, **options}
    started = time.monotonic()
    report = diagnose(url, environ={}, **options)
    took_s = time.monotonic() - started
    assert took_s <= options["max_time"] + LONGEST_AFTER_S, f"took {took_s:.1f} s"
    return to_json(report)


def check(document: dict[str, Any]) -> None:
    """Every format can hold the report, none holds a secret or anything that acts."""
    text = json.dumps(document, allow_nan=False)
    assert len(text) < LARGEST_REPORT
    jsonschema.validate(json.loads(text), SCHEMA)
    for kind in FORMATS:
        rendered = render(document, kind, **({"verbose": True} if kind == "text" else {}))
        rendered.encode("utf-8")
        assert not (found := ACTING.search(rendered)), (kind, rendered[max(0, found.start() - 80) : found.end() + 80])
        assert not [spelling for spelling in FORBIDDEN if spelling in html.unescape(rendered)], kind
        assert not [spelling for spelling in FORBIDDEN if spelling in rendered], kind
    ET.fromstring(render(document, "junit"))  # our own
    assert "<b>&amp;" not in render(document, "html").replace("&lt;b&gt;", "")


@pytest.mark.parametrize("attack", ATTACKS)
def test_over_http(attack: str) -> None:
    with HostileServer(attack) as server:
        check(run(f"http://127.0.0.1:{server.port}"))


@pytest.mark.parametrize("attack", TLS_ATTACKS)
def test_instead_of_a_handshake(attack: str, factory: CertificateFactory) -> None:
    certificate = factory.server("good")
    with HostileServer(attack, certificate=certificate.chain, key=certificate.key) as server:
        document = run(f"https://127.0.0.1:{server.port}", ca_bundle=factory.root)
    check(document)
    assert document["verdict"]["status"] in ("broken", "unknown")
    assert not any(SECRET.encode() in received for received in server.received)


@pytest.mark.parametrize(
    "attack",
    [
        *("escapes_in_challenge", "challenge_then_stream", "open_then_stream", "endless_headers", "header_drip"),
        *("echo", "echo_raw", "echo_redirect", "echo_json", "gzip_bomb", "slow_authorization"),
    ],
)
@pytest.mark.parametrize("scheme", ["https", "http"])
def test_as_a_proxy(attack: str, scheme: str) -> None:
    with HostileServer(attack) as proxy:
        address = f"http://user:{quote(PROXY_PASSWORD, safe='')}@127.0.0.1:{proxy.port}"
        document = run(f"{scheme}://127.0.0.1:1", proxy=address, max_time=0.35)
    check(document)
    assert document["verdict"]["status"] in ("broken", "unknown")
    assert document["target"]["route"] == "proxy"

"""No secret in any report: every fault of the simulator, servers and proxies that fail, every format, all details."""

from __future__ import annotations

import base64
import html
import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote, quote_plus

import pytest
from ayx_connection.redaction import Redactor
from ayx_diagnostics import diagnose
from ayx_diagnostics.report.plain_text import plain
from ayx_diagnostics.report.renderers import FORMATS, render
from ayx_diagnostics.report.serialise import to_json
from ayx_simulator import FAULTS, Simulator
from ayx_simulator.peers.certificates import CertificateFactory
from ayx_simulator.peers.faulty_peer import FaultyServer
from ayx_simulator.peers.hostile_peer import HostileServer
from ayx_simulator.peers.listener import Connection, Listener
from ayx_simulator.peers.proxy import FaultyProxy

USER, PASSWORD = "proxy-user", "Pr0xy:Passw0rd/+&%"  # a test's own
KEY, SECRET = "KEY-0123456789", 'Sup3r/S3cr3t+Value&<42>"'
MAX_TIME_S = 1.5
SERVERS = (
    *("http_status:500", "http_status:401", "http_login_page", "http_redirect:https://user:pw@login.test/?a=b"),
    *("http_garbage", "http_2_only", "http_body_cut", "http_bad_gzip", "http_huge_header", "tls_then_reset"),
)
PROXIES = ("denied", "web_server", "login_redirect", "ssh_banner", "tunnel_html", "working", "upstream_dns_fail")


@pytest.fixture(autouse=True)
def _no_outside_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("ayx_connection.settings.sources.user_file_path", lambda: tmp_path / "no-such-file.toml")


@pytest.fixture(scope="module")
def simulator() -> Iterator[Simulator]:
    with Simulator() as running:
        yield running


@pytest.fixture(scope="module")
def factory(tmp_path_factory: pytest.TempPathFactory) -> CertificateFactory:
    return CertificateFactory(tmp_path_factory.mktemp("secrets"), hosts=("127.0.0.1", "localhost"))


def spellings(secret: str, users: Iterable[str]) -> Iterator[str]:
    """Yield a secret as it may stand in a text: plain, for a URL, for a page, for JSON, in Base64, with its user."""
    yield from (html.escape(secret), json.dumps(secret)[1:-1])
    for one in {secret, quote(secret, safe=""), quote_plus(secret)}:
        yield one
        yield re.sub("%..", lambda found: found.group().lower(), one)
        yield base64.b64encode(one.encode()).decode()
        for user in users:
            yield base64.b64encode(f"{user}:{one}".encode()).decode()


def assert_silent(document: dict[str, Any], *secrets: str, users: Iterable[str] = (KEY, USER)) -> None:
    forbidden = {spelling for secret in secrets for spelling in spellings(secret, users)}
    for kind in FORMATS:
        rendered = render(document, kind, **({"verbose": True} if kind == "text" else {}))
        for text in (rendered, rendered.replace("\n", "").replace(" ", ""), html.unescape(rendered)):
            assert not [spelling for spelling in forbidden if spelling in text], kind


def run(url: str, **options: Any) -> dict[str, Any]:
    given = {"client_id": KEY, "client_secret": SECRET, "max_time": MAX_TIME_S, **options}
    return to_json(diagnose(url, environ={}, **given))


@pytest.mark.parametrize(
    ("fault", "style"),
    [*((fault, "body") for fault in ("", *FAULTS)), *((fault, "basic") for fault in FAULTS if fault[:5] == "token")],
)
def test_faults_of_the_simulator(fault: str, style: str, simulator: Simulator) -> None:
    simulator.reset()
    if fault:
        simulator.faults.set(fault)
    document = run(
        simulator.web_api_address,
        ca_bundle=simulator.ca_bundle,
        client_id=simulator.client_id,
        client_secret=simulator.client_secret,
        client_auth=style,
        max_time=MAX_TIME_S,
    )
    simulator.faults.clear()
    assert any(seen["operation"] == "request" for seen in document["observations"])
    assert_silent(document, simulator.client_secret, users=(simulator.client_id,))
    assert "Bearer e" not in json.dumps(document)


@pytest.mark.parametrize(
    "word", ["pass", "fail", "certain", "proxy", "broken", "network", "ok", "tcp.refused_localhost"]
)
def test_a_secret_that_is_a_word_of_the_report_breaks_no_report(word: str) -> None:
    """It is masked where it may be the secret, and the words that say what was found stay what they are."""
    report = diagnose("https://127.0.0.1:1", environ={}, client_id=KEY, client_secret=word, max_time=MAX_TIME_S)
    document = to_json(report)
    assert (document["verdict"]["code"], document["verdict"]["status"]) == ("tcp.refused_localhost", "broken")
    assert {check["status"] for check in document["checks"]} <= {"pass", "warn", "fail", "skip", "error"}
    assert all(render(document, kind) for kind in FORMATS)


@pytest.mark.parametrize("behaviour", SERVERS)
def test_servers_that_fail(behaviour: str, factory: CertificateFactory) -> None:
    certificate = factory.server("good")
    with FaultyServer(behaviour, certificate=certificate.chain, key=certificate.key) as server:
        document = run(f"https://127.0.0.1:{server.port}", ca_bundle=factory.root)
        assert SECRET.encode() in b"".join(server.received) or server.received
    assert_silent(document, SECRET)


@pytest.mark.parametrize("behaviour", PROXIES)
@pytest.mark.parametrize("scheme", ["https", "http"])
def test_proxies_that_fail(behaviour: str, scheme: str) -> None:
    credentials = (USER, PASSWORD) if behaviour == "working" else None
    with FaultyProxy(behaviour, credentials=credentials) as proxy:
        address = f"http://{USER}:{quote(PASSWORD, safe='')}@127.0.0.1:{proxy.port}"
        document = run(f"{scheme}://127.0.0.1:1", proxy=address)
    assert document["target"]["route"] == "proxy"
    assert_silent(document, SECRET, PASSWORD)


def test_a_proxy_of_the_environment() -> None:
    with HostileServer("echo") as proxy:
        address = f"http://{USER}:{quote(PASSWORD, safe='')}@127.0.0.1:{proxy.port}"
        report = diagnose("http://127.0.0.2:1", environ={"HTTP_PROXY": address, "http_proxy": address}, max_time=1)
    assert report.target.route == "proxy"
    assert_silent(to_json(report), PASSWORD)


@pytest.mark.parametrize("attack", ["echo", "echo_redirect", "echo_unauthorized", "echo_json", "echo_raw"])
@pytest.mark.parametrize("style", ["body", "basic"])
def test_servers_that_repeat_what_they_hear(attack: str, style: str) -> None:
    with HostileServer(attack) as server:
        document = run(f"http://127.0.0.1:{server.port}", client_auth=style)
        assert any(
            base64.b64encode(f"{quote_plus(KEY)}:{quote_plus(SECRET)}".encode()) in received
            or quote_plus(SECRET).encode() in received
            for received in server.received
        )
    assert_silent(document, SECRET)


def test_a_server_that_remembers_the_token() -> None:
    """The token of one answer comes back in the next one's error, title and headers, when nobody sent it with that."""
    token = "eyJtb2NrIjoi-t0ken_with.dots~42"

    def serve(connection: Connection) -> None:
        request = connection.receive_until(b"\r\n\r\n")
        if b"oauth2/token" in request:
            body = json.dumps({"access_token": token, "token_type": "bearer", "expires_in": 3600}).encode()
            head = "200 OK\r\nContent-Type: application/json"
        else:
            body = f"<title>{token}</title>{quote(token)} {base64.b64encode(token.encode()).decode()}".encode()
            head = f"500 {token}\r\nServer: {token}\r\nLocation: https://{token}@x.test/?{token}"
        connection.send(f"HTTP/1.1 {head}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n".encode() + body)
        connection.finish()

    with Listener(serve) as server:
        document = run(f"http://127.0.0.1:{server.port}", max_time=3)
    assert any(seen["stage"] == "api" for seen in document["observations"])
    assert_silent(document, token)


def test_a_secret_cut_by_the_end_of_the_first_bytes() -> None:
    """What is shown of a peer that speaks no HTTP may end in the middle of an echoed secret."""

    def serve(connection: Connection) -> None:
        connection.receive_until(b"client_secret=")
        connection.send(b"x" * (128 - len(SECRET) + 6) + SECRET.encode())
        connection.finish()

    with Listener(serve) as server:
        document = run(f"http://127.0.0.1:{server.port}")
    assert "xxxx" in json.dumps(document)
    assert SECRET[:8] not in json.dumps(document)


@pytest.mark.parametrize("url", [f"https://key:{SECRET}@127.0.0.1:1", f"https://127.0.0.1:1/?client_secret={SECRET}"])
def test_a_secret_in_the_address_itself(url: str) -> None:
    document = run(url)
    assert_silent(document, SECRET)


@pytest.mark.parametrize("url", ["https://key:0ther-secret@127.0.0.1:1", "key:0ther-secret@127.0.0.1:1"])
def test_a_password_in_the_address(url: str) -> None:
    assert_silent(run(url), "0ther-secret")


@pytest.mark.parametrize("spelling", sorted(set(spellings(SECRET, [KEY]))))
def test_every_spelling_is_known(spelling: str) -> None:
    assert spelling not in Redactor([SECRET], [(KEY, SECRET)]).text(f"before {spelling} after")


def test_plain_text_keeps_what_json_can_hold() -> None:
    value = {"a": [1, 2.5, None, True, "tab\tline\r\nend ü 漢 🎉"], "b": {}}
    assert plain(value) == value

"""``max_time`` holds whatever the network does, and the report says what was not tested for want of time."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from ayx_diagnostics import diagnose
from ayx_diagnostics.model import Observation, Report
from ayx_diagnostics.network.base import ResolverSettings
from ayx_diagnostics.network.interface import Network
from ayx_diagnostics.network.machine import SystemMachine
from ayx_diagnostics.network.system import SystemNetwork
from ayx_diagnostics.probes import dns_query
from ayx_diagnostics.walk import nameservers
from ayx_simulator.peers.certificates import CertificateFactory
from ayx_simulator.peers.faulty_peer import FaultyServer
from ayx_simulator.peers.listener import Connection, Listener
from ayx_simulator.peers.proxy import FaultyProxy

NAMESERVER = "127.0.0.1"
MAX_TIME_S = 0.6


@pytest.fixture(autouse=True)
def _no_outside_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("ayx_connection.settings.sources.user_file_path", lambda: tmp_path / "no-such-file.toml")


@pytest.fixture(scope="module")
def factory(tmp_path_factory: pytest.TempPathFactory) -> CertificateFactory:
    return CertificateFactory(tmp_path_factory.mktemp("time"), hosts=("127.0.0.1", "localhost", "server.test"))


def within(max_time_s: float, url: str, **options: Any) -> Report:
    """Diagnose, and check that it took no longer than it may."""
    started = time.monotonic()
    report = diagnose(url, environ={}, max_time=max_time_s, **options)
    took_s = time.monotonic() - started
    assert took_s <= max_time_s + 1.0, f"took {took_s:.1f} s"
    return report


@pytest.mark.parametrize(
    "behaviour",
    ["never_accepts", "silent", "hello_then_silence", "tls_then_silence", "http_silence", "http_body_stall"],
)
def test_a_silent_server(behaviour: str, factory: CertificateFactory) -> None:
    certificate = factory.server("good")
    with FaultyServer(behaviour, certificate=certificate.chain, key=certificate.key) as server:
        report = within(MAX_TIME_S, f"https://127.0.0.1:{server.port}", ca_bundle=factory.root)
    assert report.verdict.status in ("broken", "unknown")
    assert not any(check.status == "pass" for check in report.checks if check.stage in ("token", "api"))


@pytest.mark.parametrize("behaviour", ["silent", "tunnel_silence"])
def test_a_silent_proxy(behaviour: str) -> None:
    with FaultyProxy(behaviour) as proxy:
        report = within(MAX_TIME_S, "https://127.0.0.1:1", proxy=f"http://127.0.0.1:{proxy.port}")
    assert report.verdict.status in ("broken", "unknown")


def test_a_proxy_that_takes_its_time_twice(factory: CertificateFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """The handshake with an https:// proxy and CONNECT are within one budget, not within one each."""
    certificate = factory.server("good")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate.chain, certificate.key)
    trusting = ssl.create_default_context(cafile=factory.root)
    monkeypatch.setattr("truststore.SSLContext", lambda _: trusting)

    def serve(connection: Connection) -> None:
        connection.closing.wait(1.0)
        connection.start_tls(context)
        connection.hold()

    with Listener(serve) as proxy:
        report = within(1.2, "https://127.0.0.1:1", proxy=f"https://127.0.0.1:{proxy.port}")
    tunnel = next(seen for seen in report.observations if seen.operation == "tunnel")
    assert (tunnel.outcome, tunnel.evidence["phase"]) == ("timeout", "request")
    assert tunnel.duration_s < 1.5


def test_a_peer_that_refuses_once_and_then_says_nothing() -> None:
    """The four handshakes that ask for its versions share what is left."""
    first = threading.Event()

    def serve(connection: Connection) -> None:
        connection.receive()
        if not first.is_set():
            first.set()
            connection.send(bytes([21, 3, 3, 0, 2, 2, 40]))
            connection.finish()
        connection.hold()

    with Listener(serve) as server:
        report = within(MAX_TIME_S, f"https://127.0.0.1:{server.port}")
    assert report.verdict.stage == "tls"


def _resolver(monkeypatch: pytest.MonkeyPatch, *nameservers: str) -> None:
    settings = ResolverSettings(nameservers, source="here")
    monkeypatch.setattr(SystemMachine, "resolver", lambda _: settings)


@pytest.fixture
def dead_lookup(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A system lookup that does not return, and one nameserver."""
    over = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: over.wait(20) and [])  # it cannot be interrupted
    _resolver(monkeypatch, NAMESERVER)
    yield
    over.set()


@pytest.mark.parametrize("outcome", ["timeout", "servfail", "formerr", "truncated", "malformed"])
@pytest.mark.usefixtures("dead_lookup")
def test_a_nameserver_that_takes_all_the_time(outcome: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def query(network: Network, name: str, rdtype: str, _: str, *, timeout_s: float, **given: Any) -> Observation:
        network.sleep(timeout_s * 0.95)
        known = {"name": name, "rdtype": rdtype, "nameserver": NAMESERVER, "transport": "udp", "addresses": []}
        known["purpose"] = given.get("purpose", "address")
        return Observation("dns", "query", f"{name} {rdtype} @{NAMESERVER}", network.now(), 0.0, outcome, known)

    monkeypatch.setattr(nameservers, "query", query)
    report = within(1.4, "https://server.test")
    assert report.verdict.status in ("broken", "unknown")
    assert report.verdict.stage == "dns"


def test_a_flood_of_malformed_answers_ends_with_the_query() -> None:
    """A nameserver that answers every question with thousands of packets of nonsense."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as flood:
        flood.bind((NAMESERVER, 0))
        flood.settimeout(5)
        over = threading.Event()

        def answer() -> None:
            _, asker = flood.recvfrom(4096)
            while not over.is_set():
                try:
                    flood.sendto(b"\xff" * 512, asker)
                except OSError:
                    return

        thread = threading.Thread(target=answer, daemon=True)
        thread.start()
        started = time.monotonic()
        try:
            seen = dns_query.query(
                SystemNetwork(),
                "server.test",
                "A",
                NAMESERVER,
                port=flood.getsockname()[1],
                timeout_s=0.5,
                purpose="address",
            )
        finally:
            over.set()
            thread.join(5)
    assert time.monotonic() - started < 1.0
    assert seen.outcome in ("wrong_id", "malformed")


def test_thousands_of_addresses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever answers for the name decides how many addresses it has, not how many threads there are."""
    addresses = [f"127.1.{number // 250}.{number % 250 + 1}" for number in range(3000)]
    most = 0

    start: Callable[[threading.Thread], None] = threading.Thread.start

    def counted(thread: threading.Thread) -> None:
        nonlocal most
        start(thread)
        most += 1

    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 0)) for address in addresses]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)
    _resolver(monkeypatch)
    monkeypatch.setattr(threading.Thread, "start", counted)
    with FaultyServer("silent") as server:
        report = within(2.0, f"https://server.test:{server.port}")
    assert most < 100
    assert len([seen for seen in report.observations if seen.operation == "connect"]) <= 64
    assert report.verdict.status == "broken"


def test_what_was_not_tested_for_want_of_time_is_said() -> None:
    report = diagnose("https://127.0.0.1:1", environ={}, max_time=0.001)
    assert report.verdict.status == "unknown"
    assert "time was up" in report.verdict.sentence
    assert [check.stage for check in report.checks if "time was up" in check.summary][-2:] == ["token", "api"]

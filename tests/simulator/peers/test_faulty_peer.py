"""Every faulty server shows its fault to a plain client."""

from __future__ import annotations

import json
import os
import signal
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import httpx
import pytest
from ayx_simulator.peers.certificates import CertificateFactory, ServerCertificate
from ayx_simulator.peers.client_hello import server_name_of
from ayx_simulator.peers.faulty_peer import BEHAVIOURS, FaultyServer
from hypothesis import given
from hypothesis import strategies as st

HELLO_LIMIT_S = 0.3


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> ServerCertificate:
    return CertificateFactory(tmp_path_factory.mktemp("faulty"), hosts=("localhost",)).server("good")


def trusting(certificate: ServerCertificate) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(certificate.root))


def handshake(port: int, context: ssl.SSLContext, name: str = "localhost", timeout_s: float = 5) -> ssl.SSLSocket:
    with socket.create_connection(("127.0.0.1", port), timeout_s) as connection:
        return context.wrap_socket(connection, server_hostname=name)


@contextmanager
def serving(behaviour: str, certificate: ServerCertificate | None = None) -> Iterator[FaultyServer]:
    chain, key = (None, None) if certificate is None else (certificate.chain, certificate.key)
    with FaultyServer(behaviour, certificate=chain, key=key) as server:
        yield server


def test_queue_that_is_full_leaves_a_syn_unanswered() -> None:
    if not sys.platform.startswith("linux"):
        pytest.skip("other kernels refuse or accept where Linux drops the SYN")
    with serving("never_accepts") as server, pytest.raises(TimeoutError):
        socket.create_connection(("127.0.0.1", server.port), 0.3)


def test_reset_after_accept() -> None:
    with (
        serving("reset_after_accept") as server,
        pytest.raises(ConnectionResetError),
        socket.create_connection(("127.0.0.1", server.port), 5) as connection,
    ):
        connection.recv(1)


def test_fin_after_accept() -> None:
    with serving("fin_after_accept") as server, socket.create_connection(("127.0.0.1", server.port), 5) as connection:
        assert connection.recv(1) == b""


@pytest.mark.parametrize("behaviour", ["silent", "hello_then_silence", "name_silence:localhost"])
def test_silence_after_the_client_hello(behaviour: str, certificate: ServerCertificate) -> None:
    with serving(behaviour) as server, pytest.raises(TimeoutError):
        handshake(server.port, trusting(certificate), timeout_s=HELLO_LIMIT_S)


@pytest.mark.parametrize(
    ("behaviour", "error", "text"),
    [
        ("hello_then_reset", ConnectionResetError, "reset"),
        ("name_reset:localhost", ConnectionResetError, "reset"),
        ("name_reset:other", ssl.SSLError, "UNRECOGNIZED_NAME"),
        ("hello_then_fin", ssl.SSLEOFError, "EOF"),
        ("plain_http", ssl.SSLError, "WRONG_VERSION_NUMBER|HTTP_REQUEST|RECORD_LAYER"),
        ("ssh_banner", ssl.SSLError, "WRONG_VERSION_NUMBER|RECORD_LAYER"),
        ("smtp_banner", ssl.SSLError, "WRONG_VERSION_NUMBER|RECORD_LAYER"),
        ("alert:40", ssl.SSLError, "HANDSHAKE_FAILURE"),
        ("alert:49", ssl.SSLError, "ACCESS_DENIED"),
        ("alert:70", ssl.SSLError, "PROTOCOL_VERSION"),
        ("alert:80", ssl.SSLError, "INTERNAL_ERROR"),
        ("alert:112", ssl.SSLError, "UNRECOGNIZED_NAME"),
        ("tls_1_1_only", ssl.SSLError, "PROTOCOL_VERSION"),
        ("outdated_cipher", ssl.SSLError, "HANDSHAKE_FAILURE"),
        ("client_certificate_1_2", ssl.SSLError, "HANDSHAKE_FAILURE"),
        ("known_name_only:other", ssl.SSLError, "UNRECOGNIZED_NAME"),
    ],
)
def test_handshake_fails(behaviour: str, error: type[OSError], text: str, certificate: ServerCertificate) -> None:
    needs_certificate = BEHAVIOURS[behaviour.partition(":")[0]].layer == "tls"
    with serving(behaviour, certificate if needs_certificate else None) as server, pytest.raises(error, match=text):
        handshake(server.port, trusting(certificate))


def test_client_certificate_is_demanded_after_a_tls_1_3_handshake(certificate: ServerCertificate) -> None:
    with serving("client_certificate_1_3", certificate) as server:
        connection = handshake(server.port, trusting(certificate))
        with connection, pytest.raises(ssl.SSLError, match="CERTIFICATE_REQUIRED"):
            connection.recv(1)


@pytest.mark.parametrize("tls", [False, True], ids=["plain", "tls"])
@pytest.mark.parametrize(
    ("behaviour", "error", "text"),
    [
        ("http_silence", httpx.ReadTimeout, None),
        ("http_fin", httpx.RemoteProtocolError, "without sending a response"),
        ("http_garbage", httpx.RemoteProtocolError, "illegal"),
        ("http_2_only", httpx.RemoteProtocolError, "illegal|without sending"),
        ("http_body_cut", httpx.RemoteProtocolError, "incomplete|without sending complete"),
        ("http_body_stall", httpx.ReadTimeout, None),
        ("http_bad_gzip", httpx.DecodingError, None),
        ("http_huge_header", httpx.RemoteProtocolError, "too long|too large"),
        ("http_redirect_loop", httpx.TooManyRedirects, None),
    ],
)
def test_http_fails(
    behaviour: str, error: type[Exception], text: str | None, tls: bool, certificate: ServerCertificate
) -> None:
    with serving(behaviour, certificate if tls else None) as server, pytest.raises(error, match=text):
        fetch(server, certificate, tls)


def fetch(server: FaultyServer, certificate: ServerCertificate, tls: bool) -> httpx.Response:
    timeout = httpx.Timeout(5, read=HELLO_LIMIT_S)
    with httpx.Client(
        verify=trusting(certificate), trust_env=False, timeout=timeout, follow_redirects=True, max_redirects=3
    ) as client:
        return client.get(f"http{'s' if tls else ''}://localhost:{server.port}/webapi/")


@pytest.mark.parametrize(
    ("behaviour", "status", "text"),
    [("http_ok", 200, "stand_in"), ("http_status:503", 503, "503"), ("http_login_page", 200, "Sign in")],
)
def test_http_answers(behaviour: str, status: int, text: str, certificate: ServerCertificate) -> None:
    with serving(behaviour, certificate) as server:
        answer = fetch(server, certificate, tls=True)
        assert (answer.status_code, text in answer.text) == (status, True)
        assert b"GET /webapi/ HTTP/1.1" in server.received[0]


def test_clock_of_another_world(certificate: ServerCertificate) -> None:
    from email.utils import parsedate_to_datetime

    with serving("http_other_clock:7200", certificate) as server:
        date = parsedate_to_datetime(fetch(server, certificate, tls=True).headers["Date"])
    assert date.timestamp() - time.time() == pytest.approx(7200, abs=5)


def test_reset_after_the_request() -> None:
    with serving("http_reset") as server, pytest.raises((httpx.ReadError, httpx.RemoteProtocolError)):
        httpx.get(f"http://127.0.0.1:{server.port}/", trust_env=False)


def test_unknown_behaviour_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match="no behaviour 'nonsense'"):
        FaultyServer("nonsense")


def test_tls_behaviour_without_a_certificate_is_refused() -> None:
    with pytest.raises(ValueError, match="needs a certificate"):
        FaultyServer("tls_then_fin")


def test_closing_ends_open_connections_at_once() -> None:
    started = time.monotonic()
    with serving("silent") as server:
        connection = socket.create_connection(("127.0.0.1", server.port), 5)
        while not server.received:  # until it was accepted: what waits in the queue is reset
            time.sleep(0.01)
    with connection:
        assert connection.recv(1) == b""
    assert time.monotonic() - started < 1.5


@cache
def client_hello(name: str) -> bytes:
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    with pytest.raises(ssl.SSLWantReadError):
        ssl.create_default_context().wrap_bio(incoming, outgoing, server_hostname=name).do_handshake()
    return outgoing.read()


@pytest.mark.parametrize("name", ["a.test", "very-long-" * 6 + "x.lab.test"])
def test_server_name_is_read_from_a_real_client_hello(name: str) -> None:
    assert server_name_of(client_hello(name)) == name


def test_address_sends_no_server_name() -> None:
    assert server_name_of(client_hello("127.0.0.1")) is None


@given(st.binary(max_size=600))
def test_any_octets_are_read_without_an_error(octets: bytes) -> None:
    assert server_name_of(octets) is None or octets[:1] == b"\x16"


@given(st.data())
def test_cut_client_hello_names_nobody_or_the_right_one(data: st.DataObject) -> None:
    hello = client_hello("cut.test")
    cut = data.draw(st.integers(0, len(hello) - 1))
    assert server_name_of(hello[:cut]) is None


def test_process_announces_its_port_and_ends_on_request(tmp_path: Path) -> None:
    ready = tmp_path / "ready.json"
    process = subprocess.Popen(
        [sys.executable, "-m", "ayx_simulator.faulty", "fin_after_accept", "--ready-file", str(ready)],
        env={**os.environ, "PYTHONWARNINGS": "error"},
    )
    try:
        deadline = time.monotonic() + 10
        while not ready.exists() and time.monotonic() < deadline:
            time.sleep(0.02)
        place = json.loads(ready.read_text(encoding="utf-8"))
        with socket.create_connection((place["host"], place["port"]), 5) as connection:
            assert connection.recv(1) == b""
        process.send_signal(signal.SIGTERM)
        status = process.wait(5)
        assert status == (1 if sys.platform == "win32" else 0)
    finally:
        process.kill()
        process.wait(5)

"""CONNECT against proxies that refuse, lie, hang or are none."""

from __future__ import annotations

import base64
import contextlib
import json
import socket
import ssl
import threading
import time

import pytest
from ayx_connection.proxy import ProxyAddress, parse_proxy
from ayx_diagnostics.model import Observation
from ayx_diagnostics.network.clock import SystemClock
from ayx_diagnostics.network.streams import SocketStream, Stream
from ayx_diagnostics.probes.http import HttpConnection, exchange
from ayx_diagnostics.probes.proxy import basic_credentials, tunnel
from ayx_diagnostics.probes.tls import handshake, unverified_context
from ayx_simulator.peers.certificates import CertificateFactory
from ayx_simulator.peers.faulty_peer import FaultyServer
from ayx_simulator.peers.listener import Connection, Listener
from ayx_simulator.peers.proxy import FaultyProxy
from fast import examples
from hypothesis import given, settings
from hypothesis import strategies as st

HOST = "ayx.lab.test"


@pytest.fixture(scope="module")
def factory(tmp_path_factory: pytest.TempPathFactory) -> CertificateFactory:
    return CertificateFactory(tmp_path_factory.mktemp("certificates"), (HOST, "127.0.0.1"))


def dial(port: int) -> SocketStream:
    return SocketStream(socket.create_connection(("127.0.0.1", port), timeout=5))


def ask(
    proxy: ProxyAddress, *, port: int = 443, timeout_s: float = 0.5, context: ssl.SSLContext | None = None
) -> tuple[Observation, Stream | None]:
    seen, stream = tunnel(SystemClock(), dial(proxy.port), proxy, HOST, port, timeout_s=timeout_s, context=context)
    assert (seen.stage, seen.operation, seen.target) == ("proxy", "tunnel", f"{HOST}:{port}")
    assert seen.ok == (stream is not None)
    json.dumps(dict(seen.evidence))
    return seen, stream


@pytest.mark.parametrize(
    ("behaviour", "outcome", "status", "error"),
    [
        ("denied", "status", 403, "ERR_ACCESS_DENIED 0"),
        ("upstream_dns_fail", "status", 503, "ERR_DNS_FAIL 0"),
        ("upstream_timeout", "status", 503, "ERR_CONNECT_FAIL 110"),
        ("bad_gateway", "status", 502, "ERR_SECURE_CONNECT_FAIL 71"),
        ("web_server", "status", 405, None),
        ("login_redirect", "status", 302, None),
        ("silent", "timeout", None, None),
        ("fin", "closed", None, None),
        ("reset", "reset", None, None),
        ("ssh_banner", "not_http", None, None),
    ],
)
def test_each_refusal_has_its_outcome(behaviour: str, outcome: str, status: int | None, error: str | None) -> None:
    with FaultyProxy(behaviour) as server:
        seen, _ = ask(parse_proxy(server.url))
    evidence = seen.evidence
    assert (seen.outcome, evidence["status"], evidence.get("x_squid_error")) == (outcome, status, error)
    assert (evidence["phase"], evidence["candidate"], evidence["proxy"]) == ("request", False, server.url)
    if behaviour == "denied":
        assert "Access Denied" in evidence["body_start"]
        assert evidence["server"] == "squid/5.7"
        assert evidence["via"]
    if behaviour == "login_redirect":
        assert evidence["location"] == "https://portal.lab.test/login"
    if behaviour == "ssh_banner":
        assert evidence["first_bytes"].startswith("SSH-2.0")


def test_every_challenge_of_a_407_is_kept() -> None:
    challenges = ("Negotiate", "NTLM", 'Basic realm="proxy"')
    with FaultyProxy("working", credentials=("alice", "right"), challenges=challenges) as server:
        seen, _ = ask(parse_proxy(server.url))
        wrong, _ = ask(parse_proxy(server.url.replace("//", "//alice:wr0ng-secret@")))
    assert (seen.outcome, seen.evidence["status"]) == ("status", 407)
    assert seen.evidence["proxy_authenticate"] == list(challenges)
    assert wrong.evidence["status"] == 407
    assert "wr0ng" not in repr(wrong)
    assert wrong.evidence["proxy"].startswith("http://alice@")


def test_a_tunnel_carries_tls_to_the_server(factory: CertificateFactory) -> None:
    good = factory.server("good")
    with FaultyServer("http_ok", certificate=good.chain, key=good.key) as server:
        names = {HOST: "127.0.0.1"}
        with FaultyProxy("working", names=names, credentials=("al ice", "p@ss:word")) as middle:
            proxy = parse_proxy(middle.url.replace("//", "//al%20ice:p%40ss%3Aword@"))
            seen, stream = ask(proxy, port=server.port, timeout_s=3)
            assert stream is not None
            shaken, secured, _ = handshake(
                SystemClock(), stream, unverified_context(), HOST, target="t", timeout_s=3, via_proxy=True
            )
            assert secured is not None
            connection = HttpConnection(secured)
            answer = exchange(SystemClock(), connection, "GET", f"https://{HOST}/", timeout_s=3)
            connection.close()
            assert b"Proxy-Authorization: Basic " in middle.received[0]
    assert shaken.evidence["via_proxy"] is True
    assert answer.evidence["status"] == 200
    assert "p@ss" not in repr(seen)
    assert base64.b64encode(b"al ice:p@ss:word").decode() not in repr(seen)


@pytest.mark.parametrize(
    ("behaviour", "outcome"),
    [("tunnel_reset", "reset"), ("tunnel_fin", "closed"), ("tunnel_silence", "timeout"), ("tunnel_html", "not_tls")],
)
def test_what_happens_in_the_tunnel_is_the_handshake_s_matter(behaviour: str, outcome: str) -> None:
    with FaultyProxy(behaviour) as server:
        _, stream = ask(parse_proxy(server.url))
        assert stream is not None
        seen, _, _ = handshake(SystemClock(), stream, unverified_context(), HOST, target="t", timeout_s=0.4)
    assert seen.outcome == outcome


def test_bytes_behind_the_answer_are_not_lost() -> None:
    def eager(connection: Connection) -> None:
        connection.receive_until(b"\r\n\r\n")
        connection.send(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nSSH-2.0-early")
        connection.hold()

    with Listener(eager) as server:
        seen, stream = ask(ProxyAddress("http", "127.0.0.1", server.port))
        assert stream is not None
        assert stream.receive(100, 1) == b"SSH-2.0-early"
        stream.close()
    assert seen.evidence["status"] == 200


def test_a_refusal_whose_page_never_ends_is_a_refusal() -> None:
    def stall(connection: Connection) -> None:
        connection.receive_until(b"\r\n\r\n")
        connection.send(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 9999\r\n\r\n<html>blocked by policy")
        connection.hold()

    with Listener(stall) as server:
        started = time.monotonic()
        seen, _ = ask(ProxyAddress("http", "127.0.0.1", server.port), timeout_s=0.3)
    assert (seen.outcome, seen.evidence["status"]) == ("status", 403)
    assert seen.evidence["body_start"] == "<html>blocked by policy"
    assert time.monotonic() - started < 2


def _https_proxy(context: ssl.SSLContext, upstream_port: int) -> Listener:
    """A proxy inside TLS that leads every tunnel to one local port."""

    def serve(connection: Connection) -> None:
        try:
            connection.start_tls(context)
        except ssl.SSLError:
            return
        connection.receive_until(b"\r\n\r\n")
        connection.send(b"HTTP/1.1 200 Connection established\r\n\r\n")
        with socket.create_connection(("127.0.0.1", upstream_port), timeout=5) as upstream:
            back = threading.Thread(target=_copy, args=(upstream, connection.socket), daemon=True)
            back.start()
            _copy(connection.socket, upstream)
            back.join(5)

    return Listener(serve)


def _copy(source: socket.socket, sink: socket.socket) -> None:
    try:
        while data := source.recv(65536):
            sink.sendall(data)
        sink.shutdown(socket.SHUT_WR)
    except OSError:
        return


def test_tls_inside_tls_through_an_https_proxy(factory: CertificateFactory) -> None:
    good = factory.server("good")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(good.chain, good.key)
    trusted = ssl.create_default_context(cafile=good.root)
    trusted.verify_flags &= ~ssl.VERIFY_X509_STRICT
    with contextlib.ExitStack() as stack:
        server = stack.enter_context(FaultyServer("http_ok", certificate=good.chain, key=good.key))
        middle = stack.enter_context(_https_proxy(context, server.port))
        proxy = ProxyAddress("https", "127.0.0.1", middle.port)
        _, stream = ask(proxy, port=server.port, timeout_s=3, context=trusted)
        assert stream is not None
        seen, secured, _ = handshake(SystemClock(), stream, trusted, HOST, target="t", timeout_s=3)
        assert secured is not None
        connection = HttpConnection(secured)
        answer = exchange(SystemClock(), connection, "GET", f"https://{HOST}/", timeout_s=3)
        connection.close()
    assert seen.ok
    assert answer.evidence["status"] == 200


def test_an_https_proxy_that_is_not_trusted(factory: CertificateFactory) -> None:
    good = factory.server("good")
    with FaultyServer("http_ok", certificate=good.chain, key=good.key) as server:
        seen, _ = ask(ProxyAddress("https", "127.0.0.1", server.port), timeout_s=2)
    assert (seen.outcome, seen.evidence["phase"]) == ("verify_failed", "tls")
    assert seen.evidence["verify_message"]


@pytest.mark.parametrize(
    ("behaviour", "outcome"),
    [("plain_http", "not_tls"), ("hello_then_silence", "timeout"), ("hello_then_reset", "reset")],
)
def test_an_https_url_for_a_proxy_without_tls(behaviour: str, outcome: str) -> None:
    with FaultyServer(behaviour) as server:
        seen, _ = ask(ProxyAddress("https", "127.0.0.1", server.port), timeout_s=0.3)
    assert (seen.outcome, seen.evidence["phase"]) == (outcome, "tls")


SOCKS_OK = b"\x05\x00" + b"\x05\x00\x00\x01" + bytes(6)
SOCKS_NAMED = b"\x05\x00" + b"\x05\x00\x00\x03\x04host" + bytes(2)


def socks(reply: bytes, proxy: ProxyAddress, host: str = HOST) -> tuple[Observation, Stream | None]:
    seen, stream = tunnel(SystemClock(), Replay(reply), proxy, host, 443, timeout_s=1)
    assert seen.ok == (stream is not None)
    assert "sock-secret" not in repr(seen)
    json.dumps(dict(seen.evidence))
    return seen, stream


SOCKS = ProxyAddress("socks5", "proxy.test", 1080)
SOCKS_USER = ProxyAddress("socks5h", "proxy.test", 1080, "user", "sock-secret")


@pytest.mark.parametrize(
    ("reply", "proxy", "outcome", "status", "reason"),
    [
        (SOCKS_OK, SOCKS, "ok", None, ""),
        (SOCKS_NAMED, SOCKS, "ok", None, ""),
        (b"\x05\x02\x01\x00" + SOCKS_OK[2:], SOCKS_USER, "ok", None, ""),
        (b"\x05\x02\x01\x01", SOCKS_USER, "status", None, "user name or password refused"),
        (b"\x05\xff", SOCKS, "status", 255, "no acceptable authentication method"),
        (b"\x05\x00\x05\x05\x00\x01" + bytes(6), SOCKS, "status", 5, "Connection refused"),
        (b"\x05\x00\x05\x63\x00\x01" + bytes(6), SOCKS, "status", 99, "unassigned"),
        (b"\x05\x00\x05\x00\x00\x07" + bytes(6), SOCKS, "not_socks", None, ""),
        (b"HTTP/1.1 400 Bad Request", SOCKS, "not_socks", None, ""),
        (b"\x05\x00\x05\x00", SOCKS, "closed", None, ""),
        (b"", SOCKS, "closed", None, ""),
    ],
)
def test_the_replies_of_a_socks_proxy(
    reply: bytes, proxy: ProxyAddress, outcome: str, status: int | None, reason: str
) -> None:
    seen, _ = socks(reply, proxy)
    assert (seen.outcome, seen.evidence["status"], seen.evidence["reason"]) == (outcome, status, reason)


def test_what_a_socks_proxy_is_sent_and_what_follows_its_answer() -> None:
    def serve(connection: Connection) -> None:
        while len(connection.received) < 4:
            connection.receive()
        connection.send(b"\x05\x02")
        connection.receive()
        connection.send(b"\x01\x00")
        connection.receive()
        connection.send(SOCKS_OK[2:] + b"SSH-2.0-early")
        connection.finish()

    with Listener(serve) as server:
        proxy = ProxyAddress("socks5", "127.0.0.1", server.port, "user", "sock-secret")
        seen, stream = ask(proxy, timeout_s=2)
        assert stream is not None
        assert stream.receive(100, 1) == b"SSH-2.0-early"
        stream.close()
        sent = bytes(server.connections[0].received)
    assert seen.ok
    assert sent == b"\x05\x02\x00\x02" + b"\x01\x04user\x0bsock-secret" + b"\x05\x01\x00\x03\x0cayx.lab.test\x01\xbb"


def test_a_socks_proxy_that_stays_silent() -> None:
    with Listener(Connection.hold) as server:
        seen, _ = ask(ProxyAddress("socks5", "127.0.0.1", server.port), timeout_s=0.2)
    assert seen.outcome == "timeout"


@pytest.mark.parametrize("host", ["x" * 70 + ".test", "a." * 200 + "test"])
def test_a_name_that_socks_cannot_carry(host: str) -> None:
    assert socks(SOCKS_OK, SOCKS, host)[0].outcome == "invalid_argument"


@settings(max_examples=examples(200), deadline=None)
@given(start=st.sampled_from([b"", b"\x05", b"\x05\x00\x05\x00\x00\x03", b"\x05\x02\x01"]), rest=st.binary(max_size=60))
def test_whatever_a_socks_proxy_says_there_is_an_outcome(start: bytes, rest: bytes) -> None:
    assert socks(start + rest, SOCKS_USER)[0].outcome in {"ok", "status", "not_socks", "closed"}


def test_an_http_server_through_a_proxy_is_asked_in_absolute_form() -> None:
    with (
        FaultyServer("http_ok") as server,
        FaultyProxy("working", names={HOST: "127.0.0.1"}, credentials=("u", "pass-word")) as middle,
    ):
        proxy = parse_proxy(middle.url.replace("//", "//u:pass-word@"))
        connection = HttpConnection(dial(middle.port), absolute_form=True)
        url = f"http://{HOST}:{server.port}/webapi/"
        seen = exchange(SystemClock(), connection, "GET", url, timeout_s=3, headers=basic_credentials(proxy))
        refused = HttpConnection(dial(middle.port), absolute_form=True)
        without = exchange(SystemClock(), refused, "GET", url, timeout_s=3)
        connection.close()
        refused.close()
        assert middle.targets[0] == url
    assert seen.evidence["status"] == 200
    assert (without.evidence["status"], without.evidence["proxy_authenticate"]) == (407, 'Basic realm="proxy"')
    assert "pass-word" not in repr(seen)


def test_an_ipv6_target_is_bracketed() -> None:
    with FaultyProxy("denied") as server:
        seen, _ = tunnel(SystemClock(), dial(server.port), parse_proxy(server.url), "fd00::7", 443, timeout_s=1)
        assert server.targets == ["[fd00::7]:443"]
    assert seen.target == "[fd00::7]:443"


class Replay:
    """A proxy that has said everything already."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    def send_all(self, _data: bytes, _timeout_s: float) -> None:
        pass

    def receive(self, limit: int, _timeout_s: float) -> bytes:
        taken, self._data = self._data[:limit], self._data[limit:]
        return taken

    def close(self) -> None:
        pass

    def tcp_info(self) -> None:
        return None


_STARTS = st.sampled_from(
    [
        b"",
        b"HTTP/1.1 200 OK\r\n",
        b"HTTP/1.1 200 OK\r\n\r\n",
        b"HTTP/1.0 407\r\nProxy-Authenticate: ",
        b"HTTP/1.1 1",
        b"HTTP/1.1 403 No\r\n\r\n",
    ]
)


@settings(max_examples=examples(150), deadline=None)
@given(start=_STARTS, rest=st.binary(max_size=200))
def test_whatever_a_proxy_says_there_is_an_outcome(start: bytes, rest: bytes) -> None:
    proxy = ProxyAddress("http", "proxy.test", 3128, "user", "the-password")
    seen, stream = tunnel(SystemClock(), Replay(start + rest), proxy, HOST, 443, timeout_s=2)
    assert seen.outcome in {"ok", "status", "not_http", "closed", "header_too_large"}
    assert (stream is not None) == seen.ok
    json.dumps(dict(seen.evidence))

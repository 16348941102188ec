"""The proxy tunnels, forwards and refuses as forward proxies do."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest
from ayx_simulator import Simulator
from ayx_simulator.peers.certificates import CertificateFactory, ServerCertificate
from ayx_simulator.peers.faulty_peer import FaultyServer
from ayx_simulator.peers.proxy import BEHAVIOURS, FaultyProxy

HOST = "server.lab.test"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> ServerCertificate:
    return CertificateFactory(tmp_path_factory.mktemp("proxy"), hosts=(HOST,)).server("good")


@pytest.fixture(scope="module")
def origin(certificate: ServerCertificate) -> Iterator[FaultyServer]:
    with FaultyServer("http_ok", certificate=certificate.chain, key=certificate.key) as server:
        yield server


@contextmanager
def client(
    proxy: FaultyProxy, certificate: ServerCertificate, userinfo: str = "", timeout_s: float = 5
) -> Iterator[httpx.Client]:
    url = proxy.url.replace("//", f"//{userinfo}@") if userinfo else proxy.url
    context = ssl.create_default_context(cafile=str(certificate.root))
    with httpx.Client(proxy=url, verify=context, trust_env=False, timeout=timeout_s) as opened:
        yield opened


def test_tunnel_reaches_a_host_that_no_dns_knows(origin: FaultyServer, certificate: ServerCertificate) -> None:
    with FaultyProxy(names={HOST: f"127.0.0.1:{origin.port}"}) as proxy, client(proxy, certificate) as http:
        assert http.get(f"https://{HOST}/webapi/").json() == {"stand_in": True}
        assert proxy.targets == [f"{HOST}:443"]


def test_plain_request_is_forwarded_in_origin_form() -> None:
    with FaultyServer("http_ok") as origin, FaultyProxy() as proxy:
        with httpx.Client(proxy=proxy.url, trust_env=False) as http:
            assert http.get(f"http://127.0.0.1:{origin.port}/a?b=c").status_code == 200
        assert origin.received[0].startswith(b"GET /a?b=c HTTP/1.1\r\n")
        assert b"Via: 1.1 proxy" in origin.received[0]
        assert proxy.targets == [f"http://127.0.0.1:{origin.port}/a?b=c"]


def test_credentials_open_the_tunnel(origin: FaultyServer, certificate: ServerCertificate) -> None:
    names = {f"{HOST}:443": f"127.0.0.1:{origin.port}"}
    with FaultyProxy(names=names, credentials=("user", "p:ss")) as proxy:
        with client(proxy, certificate, "user:p%3Ass") as http:
            assert http.get(f"https://{HOST}/").status_code == 200
        with client(proxy, certificate, "user:wrong") as http, pytest.raises(httpx.ProxyError, match="407"):
            http.get(f"https://{HOST}/")


def test_challenges_are_sent_as_given() -> None:
    with FaultyProxy(credentials=("u", "p"), challenges=("Negotiate", "NTLM")) as proxy:
        reply = raw_connect(proxy)
    assert reply.startswith(b"HTTP/1.1 407 ")
    assert b"Proxy-Authenticate: Negotiate\r\nProxy-Authenticate: NTLM\r\n" in reply


def raw_connect(proxy: FaultyProxy, target: str = f"{HOST}:443") -> bytes:
    with socket.create_connection((proxy.host, proxy.port), 5) as connection:
        connection.sendall(f"CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n\r\n".encode())
        reply = b""
        while more := connection.recv(65536):
            reply += more
    return reply


@pytest.mark.parametrize(
    ("behaviour", "status", "mark"),
    [
        ("denied", 403, b"X-Squid-Error: ERR_ACCESS_DENIED 0"),
        ("upstream_dns_fail", 503, b"X-Squid-Error: ERR_DNS_FAIL 0"),
        ("upstream_refused", 503, b"X-Squid-Error: ERR_CONNECT_FAIL 111"),
        ("upstream_timeout", 503, b"X-Squid-Error: ERR_CONNECT_FAIL 110"),
        ("gateway_timeout", 504, b"X-Squid-Error: ERR_READ_TIMEOUT 0"),
        ("bad_gateway", 502, b"X-Squid-Error: ERR_SECURE_CONNECT_FAIL 71"),
        ("cannot_forward", 500, b"X-Squid-Error: ERR_CANNOT_FORWARD 0"),
        ("web_server", 405, b"Server: nginx"),
        ("login_redirect", 302, b"Location: https://portal.lab.test/login"),
    ],
)
def test_refusals(behaviour: str, status: int, mark: bytes) -> None:
    with FaultyProxy(behaviour) as proxy:
        reply = raw_connect(proxy)
    assert reply.startswith(f"HTTP/1.1 {status} ".encode())
    assert mark + b"\r\n" in reply


def test_name_that_the_proxy_does_not_know_fails_as_its_dns_would() -> None:
    with FaultyProxy() as proxy:
        assert b"ERR_DNS_FAIL" in raw_connect(proxy, "unknown.lab.test:443")


def test_target_that_refuses_is_reported_with_its_error_number(free_port: int) -> None:
    with FaultyProxy() as proxy:
        assert b"ERR_CONNECT_FAIL 111" in raw_connect(proxy, f"127.0.0.1:{free_port}")


@pytest.fixture
def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as reserved:
        return int(reserved.getsockname()[1])


@pytest.mark.parametrize(
    ("behaviour", "error", "text"),
    [
        ("silent", httpx.ReadTimeout, None),
        ("fin", httpx.RemoteProtocolError, "disconnected"),
        ("reset", httpx.ReadError, "reset|104|10054|54"),
        ("ssh_banner", httpx.RemoteProtocolError, "illegal|disconnected"),
        ("tunnel_reset", httpx.ConnectError, "reset|104|10054|54"),
        ("tunnel_fin", httpx.ConnectError, "EOF"),
        ("tunnel_silence", httpx.ConnectTimeout, None),
        ("tunnel_html", httpx.ConnectError, "WRONG_VERSION_NUMBER|RECORD_LAYER"),
    ],
)
def test_endings(behaviour: str, error: type[Exception], text: str | None, certificate: ServerCertificate) -> None:
    with (
        FaultyProxy(behaviour) as proxy,
        client(proxy, certificate, timeout_s=0.4) as http,
        pytest.raises(error, match=text),
    ):
        http.get(f"https://{HOST}/")


def test_tls_spoken_to_a_plain_proxy_is_met_with_silence() -> None:
    with (
        FaultyProxy() as proxy,
        socket.create_connection((proxy.host, proxy.port), 0.4) as connection,
        pytest.raises(TimeoutError),
    ):
        ssl.create_default_context().wrap_socket(connection, server_hostname="proxy.lab.test")


def test_every_behaviour_is_described() -> None:
    assert all(BEHAVIOURS.values())
    with pytest.raises(ValueError, match="no behaviour 'nonsense'"):
        FaultyProxy("nonsense")


def test_a_client_may_use_a_plain_proxy_for_several_requests() -> None:
    with Simulator(plain_http=True) as server, FaultyProxy(names={server.host: f"127.0.0.1:{server.port}"}) as proxy:
        with httpx.Client(proxy=proxy.url, trust_env=False) as http:
            answers = [http.get(server.web_api_address) for _ in range(3)]
        assert [answer.headers["Connection"] for answer in answers] == ["close"] * 3
        assert len(proxy.targets) == 3

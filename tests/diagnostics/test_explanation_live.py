"""``explain(exc)`` on what real libraries raise at real faults on loopback."""

from __future__ import annotations

import asyncio
import http.client
import pickle
import socket
import ssl
import traceback
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest
import requests
from ayx_connection import AyxError, connect
from ayx_diagnostics.explanation import Explanation, understand
from ayx_simulator.peers.certificates import CertificateFactory
from ayx_simulator.peers.faulty_peer import FaultyServer
from ayx_simulator.peers.proxy import FaultyProxy

TIMEOUT_S = 0.5


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> CertificateFactory:
    return CertificateFactory(tmp_path_factory.mktemp("certificates"), ("localhost", "127.0.0.1"))


@pytest.fixture
def closed_port() -> Iterator[int]:
    with closing(socket.socket()) as unused:
        unused.bind(("127.0.0.1", 0))
        yield unused.getsockname()[1]


def with_requests(url: str, bundle: str | bool = True, proxy: str | None = None) -> None:
    proxies = {"http": proxy, "https": proxy} if proxy else {}
    with requests.Session() as session:
        session.trust_env = False
        session.get(url, timeout=TIMEOUT_S, verify=bundle, proxies=proxies).raise_for_status()


def with_httpx(url: str, bundle: str | bool = True, proxy: str | None = None) -> None:
    context = ssl.create_default_context(cafile=bundle if isinstance(bundle, str) else None)
    with httpx.Client(verify=context, timeout=TIMEOUT_S, proxy=proxy, trust_env=False) as client:
        client.get(url).raise_for_status()


def with_httpx_async(url: str, bundle: str | bool = True, proxy: str | None = None) -> None:
    async def get() -> None:
        context = ssl.create_default_context(cafile=bundle if isinstance(bundle, str) else None)
        async with httpx.AsyncClient(verify=context, timeout=TIMEOUT_S, proxy=proxy, trust_env=False) as client:
            (await client.get(url)).raise_for_status()

    asyncio.run(get())


def with_urllib(url: str, bundle: str | bool = True, proxy: str | None = None) -> None:
    context = ssl.create_default_context(cafile=bundle if isinstance(bundle, str) else None)
    handlers = [urllib.request.ProxyHandler({"https": proxy, "http": proxy} if proxy else {})]
    opener = urllib.request.build_opener(*handlers, urllib.request.HTTPSHandler(context=context))
    with opener.open(url, timeout=TIMEOUT_S):
        pass


CLIENTS = {"requests": with_requests, "httpx": with_httpx, "httpx async": with_httpx_async, "urllib": with_urllib}
each_client = pytest.mark.parametrize("get", CLIENTS.values(), ids=CLIENTS)


def explained(get: Callable[..., None], *arguments: Any) -> Explanation:
    with pytest.raises(Exception) as caught:  # noqa: PT011  # whatever a library raises
        get(*arguments)
    found = understand(caught.value)
    library = {with_requests: "requests", with_urllib: "urllib"}.get(get, "httpx")
    assert found.library in (library, None)
    return found


def codes(found: Explanation) -> list[str]:
    return [match.code for match in found.matches[:3]]


@each_client
def test_a_closed_port(get: Callable[..., None], closed_port: int) -> None:
    assert codes(explained(get, f"https://127.0.0.1:{closed_port}/"))[0] in (
        "tcp.refused_localhost",
        "tcp.refused_by_host",
    )


@each_client
@pytest.mark.parametrize(
    ("variant", "code"),
    [("expired", "tls.cert_expired"), ("self_signed", "tls.self_signed"), ("wrong_host", "tls.hostname_mismatch")],
)
def test_a_bad_certificate(get: Callable[..., None], certificates: CertificateFactory, variant: str, code: str) -> None:
    made = certificates.server(variant)
    with FaultyServer("http_ok", certificate=made.chain, key=made.key) as server:
        found = explained(get, f"https://localhost:{server.port}/", str(certificates.root))
    assert codes(found)[0] == code


@each_client
@pytest.mark.parametrize(
    ("behaviour", "code"),
    [
        ("plain_http", "tls.plaintext_http"),
        ("hello_then_fin", "tls.fin_on_clienthello"),
        ("hello_then_reset", "tls.rst_on_clienthello"),
        ("alert:70", "tls.protocol_version"),
        ("alert:112", "tls.unrecognized_name"),
    ],
)
def test_a_broken_handshake(get: Callable[..., None], behaviour: str, code: str) -> None:
    with FaultyServer(behaviour) as server:
        assert code in codes(explained(get, f"https://127.0.0.1:{server.port}/"))


@pytest.mark.parametrize("get", [with_requests, with_httpx, with_urllib])
def test_a_silent_handshake_is_told_from_a_slow_answer_by_the_stack(get: Callable[..., None]) -> None:
    with FaultyServer("hello_then_silence") as server:
        assert codes(explained(get, f"https://127.0.0.1:{server.port}/"))[0] == "tls.silent_on_clienthello"
    with FaultyServer("silent") as server:
        assert codes(explained(get, f"http://127.0.0.1:{server.port}/"))[0] == "http.read_timeout"


@each_client
@pytest.mark.parametrize(
    ("behaviour", "code"),
    [("denied", "proxy.denied"), ("bad_gateway", "proxy.bad_gateway"), ("login_redirect", "proxy.connect_redirect")],
)
def test_a_proxy_that_refuses(get: Callable[..., None], behaviour: str, code: str) -> None:
    with FaultyProxy(behaviour) as proxy:
        found = explained(get, "https://ayx.lab.test/", True, f"http://127.0.0.1:{proxy.port}")
    assert codes(found)[0] == code


@pytest.mark.parametrize("get", [with_requests, with_httpx, with_httpx_async])
def test_a_dead_proxy_is_known_as_the_proxy(get: Callable[..., None], closed_port: int) -> None:
    found = explained(get, "https://ayx.lab.test/", True, f"http://127.0.0.1:{closed_port}")
    assert codes(found)[0] == "proxy.refused_or_unreachable"


def test_what_the_standard_library_raises_by_itself(closed_port: int) -> None:
    def connect_socket() -> None:
        socket.create_connection(("127.0.0.1", closed_port), TIMEOUT_S)

    def ask_an_ssh_server() -> None:
        with (
            FaultyServer("ssh_banner") as server,
            closing(http.client.HTTPConnection("127.0.0.1", server.port)) as client,
        ):
            client.request("GET", "/")
            client.getresponse()

    def look_up() -> None:
        socket.getaddrinfo("a..b", 443)

    assert codes(explained(connect_socket))[0] == "tcp.refused_by_host"
    assert codes(explained(ask_an_ssh_server))[0] == "http.not_http1"
    assert codes(explained(look_up)) == ["config.host_label_invalid"]


def test_a_bundle_that_is_not_there(tmp_path: Path) -> None:
    for get in (with_requests, with_httpx):
        assert codes(explained(get, "https://localhost:1/", str(tmp_path / "no.pem"))) == ["tls.ca_bundle_unreadable"]


def test_the_toolkits_own_errors_say_their_code(certificates: CertificateFactory) -> None:
    made = certificates.server("expired")
    with FaultyServer("http_ok", certificate=made.chain, key=made.key) as server:
        settings = {"base_url": f"https://localhost:{server.port}", "ca_bundle": certificates.root}
        keys = {"client_id": "8DA0", "client_secret": "5ec2e7" * 10}
        with pytest.raises(AyxError) as caught, connect(**settings, **keys) as client:
            client.get_httpx_client().get("/v3/workflows")
    (first, *_) = understand(caught.value).matches
    assert (first.code, first.confidence) == ("tls.cert_expired", "certain")


@pytest.mark.parametrize(
    ("settings", "code"),
    [
        ({"base_url": ""}, "config.url_missing"),
        ({"base_url": "https://a b"}, "config.whitespace"),
        ({"base_url": "https://https://ayx"}, "config.url_as_host"),
        ({"client_secret": ""}, "config.credentials_missing"),
        ({"proxy": "http://robot:p@ss@:x"}, "proxy.url_invalid"),
        ({"ca_bundle": "/no/such/file.pem"}, "tls.ca_bundle_unreadable"),
        ({"base_url": "http://ayx.example"}, "token.plaintext"),
    ],
)
def test_what_connect_refuses_to_send_names_its_code(settings: dict[str, str], code: str) -> None:
    given = {"base_url": "https://ayx.example", "client_id": "8DA0", "client_secret": "5ec2e7" * 10, **settings}
    with pytest.raises(AyxError) as caught, connect(**given) as server:
        server.request("GET", "/v3/workflows")
    for error in (caught.value, pickle.loads(pickle.dumps(caught.value))):
        printed = "".join(traceback.format_exception(error))
        assert "run `ayxctl diagnose`" in printed
        assert codes(understand(error)) == codes(understand(printed)) == [code]


@pytest.mark.parametrize("behaviour", ["silent", "fin", "reset", "ssh_banner", "denied"])
@pytest.mark.parametrize("get", [with_requests, with_httpx, with_httpx_async])
def test_a_live_exception_says_what_its_traceback_says(get: Callable[..., None], behaviour: str) -> None:
    with FaultyProxy(behaviour) as proxy, pytest.raises(Exception) as caught:  # noqa: PT011  # whatever a library raises
        get("https://ayx.lab.test/webapi/v3/users", True, f"http://127.0.0.1:{proxy.port}")
    found = [understand(caught.value), understand("".join(traceback.format_exception(caught.value)))]
    assert found[0].library == found[1].library
    assert codes(found[0])[:1] == codes(found[1])[:1] != []  # the rest may differ: a suppressed context is not printed


def test_the_innermost_entries_of_a_deep_stack_are_read() -> None:
    def deep(depth: int) -> None:
        if depth:
            deep(depth - 1)
        with FaultyServer("hello_then_silence") as server:
            with_httpx(f"https://127.0.0.1:{server.port}/")

    assert codes(explained(lambda: deep(300)))[0] == "tls.silent_on_clienthello"

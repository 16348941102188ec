"""Every answer and every wait of ``connect()`` has an end: bytes, heads, drips, time; directly and through proxies."""

from __future__ import annotations

import asyncio
import gzip
import select
import socket
import ssl
import subprocess
import sys
import threading
import time
import zlib
from collections.abc import Callable
from contextlib import ExitStack
from itertools import pairwise
from pathlib import Path

import httpx
import pytest
from ayx_connection import connect
from ayx_connection.failures import AyxError, ConnectionFailedError, ContentError, StatusError, TokenError
from ayx_connection.transport import AnswerRefusedError, Exchange, json_of
from ayx_connection.transport.body import _STEP, _Unpacker
from ayx_simulator.peers.certificates import CertificateFactory
from ayx_simulator.peers.hostile_peer import ATTACKS, TLS_ATTACKS, HostileServer
from ayx_simulator.peers.listener import Connection, Listener
from ayx_simulator.peers.raw_answers import response
from hypothesis import given
from hypothesis import strategies as st

PAIR = {"client_id": "key", "client_secret": "secret"}
TIMEOUT_S = 0.4
SLACK_S = 1.0
#: An attack behind a good token, and what is said of it.
ENDS = {
    "endless_headers": "headers are too large",
    "many_headers": "more than 256 fields",
    "many_cookies": "more than 256 fields",
    "header_drip": "not complete after",
    "status_line_drip": "not complete after",
    "endless_interim": "more than 20 interim answers",
    "interim_drip": "not complete after",
    "endless_chunks": "more than 50000000 bytes (max_answer_bytes allows more)",
    "tiny_chunks": "hardly anything but chunk headers",
    "chunk_extensions": "hardly anything but chunk headers",
    "long_chunk_header": "headers are too large",
    "chunk_size_drip": "not complete after",
    "endless_trailers": "headers are too large",
    "body_drip": "not complete after",
    "event_stream": "not complete after",
    "endless_body": "more than 50000000 bytes",
    "gzip_bomb": "more than 50000000 bytes",
    "bare_deflate_bomb": "more than 50000000 bytes",
    "nested_gzip_bomb": "packed as 'gzip, gzip, gzip', which was not asked for",
    "unknown_coding": "packed as 'br', which was not asked for",
    "cut_gzip": "ends in the middle",
}


@pytest.fixture(scope="module", autouse=True)
def _bombs() -> None:
    """Pack the bombs before anybody waits for them."""
    from ayx_simulator.peers.http_attacks import _zeros_in_gzip

    _zeros_in_gzip(1)
    _zeros_in_gzip(3)


def failure(url: str, *, asynchronously: bool = False, **options: object) -> tuple[AyxError, float]:
    """Return how a call failed, and after how many seconds."""
    settings = {**PAIR, "connect_timeout": TIMEOUT_S, "read_timeout": TIMEOUT_S, **options}

    async def ask() -> None:
        async with connect(url, **settings) as server:
            await server.arequest("GET", "/v3/x")

    def ask_here() -> None:
        with connect(url, **settings) as server:
            server.request("GET", "/v3/x")

    started = time.monotonic()
    with pytest.raises(AyxError) as caught:
        asyncio.run(ask()) if asynchronously else ask_here()
    assert str(caught.value).count("\n") == 0
    return caught.value, time.monotonic() - started


@pytest.mark.parametrize("asynchronously", [False, True], ids=["sync", "async"])
@pytest.mark.parametrize("attack", ENDS)
def test_every_attack_ends(attack: str, asynchronously: bool) -> None:
    with HostileServer(attack, only="/v3/") as server:
        error, took_s = failure(f"http://127.0.0.1:{server.port}", asynchronously=asynchronously, read_timeout=0.8)
    assert isinstance(error, ConnectionFailedError)
    assert isinstance(error, httpx.TransportError | httpx.DecodingError)
    assert ENDS[attack] in str(error)
    assert took_s < 0.8 + 2 * SLACK_S


@pytest.mark.parametrize("asynchronously", [False, True], ids=["sync", "async"])
@pytest.mark.parametrize("attack", ["header_drip", "body_drip", "interim_drip", "chunk_size_drip", "event_stream"])
@pytest.mark.parametrize("only", ["/v3/", ""], ids=["behind the token", "from the token on"])
def test_a_call_that_has_a_time_ends_in_it(attack: str, asynchronously: bool, only: str) -> None:
    with HostileServer(attack, only=only) as server:
        url = f"http://127.0.0.1:{server.port}"
        error, took_s = failure(url, asynchronously=asynchronously, read_timeout=30, max_time=0.5)
    assert isinstance(error, ConnectionFailedError | TokenError)
    assert took_s < 0.5 + SLACK_S


def test_all_calls_of_a_client_together_have_an_end() -> None:
    with HostileServer("huge_token", only="/v3/") as peer:
        server = connect(f"http://127.0.0.1:{peer.port}", **PAIR, within_s=0.6)
        assert server.request("GET", "/v3/x").is_success
        time.sleep(0.6)
        with pytest.raises(httpx.ReadTimeout, match="the time for the whole call is up"):
            server.request("GET", "/v3/x")


def test_a_time_that_nobody_set_is_none() -> None:
    assert connect("http://127.0.0.1", **PAIR)._bounds.call_s is None
    assert connect("http://127.0.0.1", **PAIR, max_time=7)._bounds.call_s == 7


def test_a_lookup_that_takes_too_long(monkeypatch: pytest.MonkeyPatch) -> None:
    over = threading.Event()

    def look_up(*_: object, **__: object) -> list[object]:
        over.wait(20)
        return []

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    try:
        error, took_s = failure("https://server.test", max_time=0.4)
    finally:
        over.set()
    assert "looked up in time" in str(error)
    assert took_s < 0.4 + SLACK_S


def test_many_addresses_share_the_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever answers for the name decides how many addresses it has; each may be silent."""
    silent = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (f"127.0.0.{n}", 9)) for n in range(2, 30)]
    look_up = socket.getaddrinfo
    monkeypatch.setattr(
        socket, "getaddrinfo", lambda host, *a, **k: silent if host == "server.test" else look_up(host, *a, **k)
    )

    def connecting(address: object, timeout: float, **_: object) -> socket.socket:
        time.sleep(timeout)
        raise TimeoutError(address)

    monkeypatch.setattr(socket, "create_connection", connecting)
    error, took_s = failure("https://server.test", max_time=0.4, connect_timeout=0.15)
    assert isinstance(error, ConnectionFailedError)
    assert took_s < 0.4 + SLACK_S


# Proxies


@pytest.fixture(scope="module")
def factory(tmp_path_factory: pytest.TempPathFactory) -> CertificateFactory:
    return CertificateFactory(tmp_path_factory.mktemp("bounds"), hosts=("127.0.0.1", "localhost"))


@pytest.mark.parametrize("asynchronously", [False, True], ids=["sync", "async"])
@pytest.mark.parametrize("attack", ["endless_headers", "header_drip", "endless_interim", "interim_drip", "long_header"])
def test_an_answer_to_connect_ends(attack: str, asynchronously: bool) -> None:
    with HostileServer(attack) as proxy:
        address = f"http://127.0.0.1:{proxy.port}"
        error, took_s = failure("https://127.0.0.1:1", asynchronously=asynchronously, proxy=address)
    assert "at the proxy" in str(error)
    assert took_s < TIMEOUT_S + SLACK_S


@pytest.mark.parametrize("asynchronously", [False, True], ids=["sync", "async"])
@pytest.mark.parametrize("attack", ["handshake_drip", "server_hello_only", "warning_alerts", "empty_records"])
def test_a_handshake_inside_the_tls_of_a_proxy_ends(
    attack: str, asynchronously: bool, factory: CertificateFactory
) -> None:
    """Each octet of the Server's handshake comes in a record of the proxy's."""
    certificate = factory.server("good")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate.chain, certificate.key)

    def serve(connection: Connection) -> None:
        connection.start_tls(context)
        connection.receive_until(b"\r\n\r\n")
        connection.send(b"HTTP/1.1 200 OK\r\n\r\n")
        TLS_ATTACKS[attack](context)(connection)

    with Listener(serve) as proxy:
        options = {"proxy": f"https://127.0.0.1:{proxy.port}", "ca_bundle": factory.root}
        error, took_s = failure("https://127.0.0.1:1", asynchronously=asynchronously, **options)
    assert "in the TLS handshake" in str(error)
    assert took_s < TIMEOUT_S + 2 * SLACK_S


@pytest.mark.parametrize("asynchronously", [False, True], ids=["sync", "async"])
def test_a_socks_proxy_that_says_nothing(asynchronously: bool) -> None:
    with Listener(Connection.hold) as proxy:
        address = f"socks5://127.0.0.1:{proxy.port}"
        error, took_s = failure("https://127.0.0.1:1", asynchronously=asynchronously, proxy=address)
    assert "at the proxy" in str(error)
    assert took_s < TIMEOUT_S + SLACK_S


@pytest.mark.parametrize("asynchronously", [False, True], ids=["sync", "async"])
@pytest.mark.parametrize(
    "said", [b"\x05", b"\x05\xff", b"\x04\x00", b"HTTP/1.1 400 No\r\n\r\n", b"", b"\x05\x00" * 40_000]
)
def test_a_socks_proxy_that_talks_nonsense(said: bytes, asynchronously: bool) -> None:
    def serve(connection: Connection) -> None:
        connection.receive()
        connection.send(said)
        connection.finish()

    with Listener(serve) as proxy:
        address = f"socks5://127.0.0.1:{proxy.port}"
        error, _ = failure("https://127.0.0.1:1", asynchronously=asynchronously, proxy=address)
    assert "at the proxy" in str(error)


def test_a_call_through_the_tls_of_a_proxy(factory: CertificateFactory) -> None:
    """TLS inside TLS is the house's own: a body larger than a record comes through it, and so does one that is sent."""
    certificate = factory.server("good")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate.chain, certificate.key)
    sent = bytes(range(256)) * 1000

    def serve(connection: Connection) -> None:
        head = connection.receive_until(b"\r\n\r\n")
        body = b'{"access_token": "abcdefgh", "expires_in": 60}'
        if b"oauth2/token" not in head:
            body = head.partition(b"\r\n\r\n")[2]
            while len(body) < len(sent):
                body += connection.receive()
        connection.send(response(200, body, content_type="application/json"))
        connection.finish()

    with Listener(_behind_tls(context, serve)) as peer, Listener(_tunnel(context)) as proxy:
        options = {"proxy": f"https://127.0.0.1:{proxy.port}", "ca_bundle": factory.root}
        with connect(f"https://127.0.0.1:{peer.port}", **PAIR, **options) as server:
            assert server.request("POST", "/v3/x", content=sent).content == sent


def _behind_tls(context: ssl.SSLContext, serve: Callable[[Connection], None]) -> Callable[[Connection], None]:
    def act(connection: Connection) -> None:
        connection.start_tls(context)
        serve(connection)

    return act


def _tunnel(context: ssl.SSLContext) -> Callable[[Connection], None]:
    """A proxy over TLS that carries octets both ways."""

    def act(connection: Connection) -> None:
        connection.start_tls(context)
        host, port = connection.receive_until(b"\r\n\r\n").split()[1].decode().split(":")
        tls = connection.socket
        assert isinstance(tls, ssl.SSLSocket)
        with socket.create_connection((host, int(port)), timeout=5) as onward:
            connection.send(b"HTTP/1.1 200 OK\r\n\r\n")
            while readable := [tls] if tls.pending() else select.select([tls, onward], [], [], 5)[0]:
                for source, sink in ((tls, onward), (onward, tls)):
                    if source in readable:
                        if not (data := source.recv(65536)):
                            return
                        sink.sendall(data)

    return act


# Sizes


def _serving(body: bytes, status: int = 200, *headers: str) -> Callable[[Connection], None]:
    answer = response(status, body, *headers, content_type="application/octet-stream")

    def serve(connection: Connection) -> None:
        head = connection.receive_until(b"\r\n\r\n")
        token = b'{"access_token": "abcdefgh", "expires_in": 60}'
        connection.send(response(200, token) if b"oauth2/token" in head else answer)
        connection.finish()

    return serve


def test_the_largest_answer_can_be_set() -> None:
    with Listener(_serving(b"x" * 1000)) as peer:
        url = f"http://127.0.0.1:{peer.port}"
        with connect(url, **PAIR, max_answer_bytes=1000) as server:
            assert len(server.request("GET", "/v3/x").content) == 1000
        error, _ = failure(url, max_answer_bytes=999)
    assert "more than 999 bytes" in str(error)


@pytest.mark.parametrize("given", [0, -1, "a", True, 1.5, "9" * 5000])
def test_a_largest_answer_that_is_none(given: object) -> None:
    with pytest.raises(AyxError, match="it must be a number of bytes above 0"):
        connect("http://127.0.0.1", **PAIR, max_answer_bytes=given)


def test_what_goes_to_a_file_has_any_size_but_a_refusal_has_not(tmp_path: Path) -> None:
    from ayx_connection import save_package

    archive = b"PK" + b"x" * 100_000 + b"PK\x05\x06" + bytes(18)
    with (
        Listener(_serving(gzip.compress(archive), 200, "Content-Encoding: gzip")) as peer,
        connect(f"http://127.0.0.1:{peer.port}", **PAIR, max_answer_bytes=50) as server,
    ):
        assert save_package(server, "id", tmp_path / "a.yxzp").read_bytes() == archive
    with (
        Listener(_serving(b"x" * 1000, 500)) as peer,
        connect(f"http://127.0.0.1:{peer.port}", **PAIR, max_answer_bytes=50) as strict,
        connect(f"http://127.0.0.1:{peer.port}", **PAIR) as server,
    ):
        with pytest.raises(ConnectionFailedError, match="more than 50 bytes"):
            save_package(strict, "id", tmp_path / "b.yxzp")
        with pytest.raises(StatusError):
            save_package(server, "id", tmp_path / "b.yxzp")
    assert [file.name for file in tmp_path.iterdir()] == ["a.yxzp"]


def test_whoever_takes_a_stream_slowly_is_not_taken_for_a_slow_server() -> None:
    sizes: list[int] = []
    with (
        Listener(_serving(b"x" * 10_000_000)) as peer,
        connect(f"http://127.0.0.1:{peer.port}", **PAIR, read_timeout=0.2) as server,
        server.get_httpx_client().stream("GET", "/v3/x") as answer,
    ):
        for part in answer.iter_bytes():
            time.sleep(0.25 if len(sizes) < 3 else 0)
            sizes.append(len(part))
    assert sum(sizes) == 10_000_000


def test_cookies_do_not_pile_up() -> None:
    def serve(connection: Connection) -> None:
        connection.receive_until(b"\r\n\r\n")
        number = len(listener.connections)
        connection.send(response(200, b"[]", *[f"Set-Cookie: c{number}-{n}=v" for n in range(70)]))

    with Listener(serve) as listener, connect(f"http://127.0.0.1:{listener.port}", **PAIR) as server:
        for _ in range(3):
            server.request("GET", "/v3/x", auth=None)
        assert len(server.get_httpx_client().cookies.jar) == 100


def test_json_that_is_nested_too_deeply_is_told_from_what_is_none() -> None:
    with Listener(_serving(b"[" * 100_000 + b"]" * 100_000)) as peer:
        with connect(f"http://127.0.0.1:{peer.port}", **PAIR) as server:
            answer = server.request("GET", "/v3/x")
        with pytest.raises(ContentError, match="nested too deeply"):
            json_of(answer)


#: Meets one peer after the other, with asyncio or without; prints the most that its memory grew.
MEASURE = """
import asyncio, re, sys
from pathlib import Path
from ayx_connection import connect

async def ask(url, **settings):
    async with connect(url, **settings) as server:
        await server.arequest("GET", "/v3/x")

def ask_here(url, **settings):
    with connect(url, **settings) as server:
        server.request("GET", "/v3/x")

def peak():
    return int(re.search(r"VmHWM:\\s+(\\d+) kB", Path("/proc/self/status").read_text())[1]) * 1024

def meet(port):
    settings = {"client_id": "key", "client_secret": "secret", "read_timeout": 5, "no_proxy_at_all": True}
    try:
        url = "http://127.0.0.1:" + port
        asyncio.run(ask(url, **settings)) if sys.argv[1] == "async" else ask_here(url, **settings)
    except Exception:
        return
    raise SystemExit("an answer was taken")

meet("1")
before = peak()
for port in sys.argv[2:]:
    meet(port)
print(peak() - before)
"""
FLOODS = (
    *("endless_headers", "many_headers", "endless_interim", "endless_chunks", "tiny_chunks", "chunk_extensions"),
    *("endless_trailers", "endless_body", "gzip_bomb", "bare_deflate_bomb", "nested_gzip_bomb"),
)


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="reads the peak of memory from /proc")
@pytest.mark.parametrize("way", ["sync", "async"])
def test_memory_stays_small(way: str) -> None:
    with ExitStack() as servers:
        ports = [str(servers.enter_context(HostileServer(attack, only="/v3/")).port) for attack in FLOODS]
        ended = subprocess.run(
            [sys.executable, "-c", MEASURE, way, *ports], capture_output=True, text=True, timeout=60, check=False
        )
    assert ended.returncode == 0, ended.stderr[-2000:]
    assert 0 < int(ended.stdout) < 100_000_000


# The parts


def _packed(content: bytes, coding: str) -> bytes:
    if coding == "gzip":
        return gzip.compress(content[: len(content) // 2]) + gzip.compress(content[len(content) // 2 :])
    packer = zlib.compressobj(wbits=zlib.MAX_WBITS if coding == "deflate" else -zlib.MAX_WBITS)
    return packer.compress(content) + packer.flush()


@given(
    content=st.binary(max_size=3000),
    repeated=st.integers(1, 300),
    coding=st.sampled_from(["gzip", "deflate", "bare"]),
    cuts=st.lists(st.integers(0, 4000), max_size=6),
)
def test_whatever_was_packed_is_unpacked_in_small_steps(
    content: bytes, repeated: int, coding: str, cuts: list[int]
) -> None:
    whole = content * repeated
    packed = _packed(whole, coding)
    unpacker = _Unpacker("gzip" if coding == "gzip" else "deflate")
    edges = [0, *sorted(min(cut, len(packed)) for cut in cuts), len(packed)]
    pieces = [piece for start, end in pairwise(edges) for piece in unpacker.unpack(packed[start:end])]
    unpacker.finish()
    assert b"".join(pieces) == whole
    assert all(0 < len(piece) <= _STEP for piece in pieces)


@given(data=st.binary(min_size=1, max_size=300), coding=st.sampled_from(["gzip", "deflate"]))
def test_what_was_not_packed_is_an_error_of_its_own_kind(data: bytes, coding: str) -> None:
    unpacker = _Unpacker(coding)
    try:
        unpacked = b"".join(unpacker.unpack(data))
        unpacker.finish()
    except httpx.DecodingError:
        return
    assert zlib.decompressobj(-zlib.MAX_WBITS if coding == "deflate" else 31).decompress(data) == unpacked


def _head(exchange: Exchange, data: bytes, size: int) -> None:
    exchange.saw("http11.receive_response_headers.started")
    for start in range(0, len(data), size):
        exchange.read_s()
        exchange.took(data[start : start + size], 0.0)


@given(size=st.integers(1, 100), count=st.integers(0, 25), fields=st.sampled_from([b"", b"Link: </HTTP/1.1 103>\r\n"]))
def test_interim_answers_are_counted_however_they_are_cut(size: int, count: int, fields: bytes) -> None:
    data = (b"HTTP/1.1 103 Early Hints\r\n" + fields + b"\r\n") * count + b"HTTP/1.1 200 OK\r\n\r\nHTTP/1.1 100\n" * 30
    exchange = Exchange({"read": 1.0})
    if count > 20:
        with pytest.raises(AnswerRefusedError, match="interim"):
            _head(exchange, data, size)
    else:
        _head(exchange, data, size)


@pytest.mark.parametrize("attack", ["endless_interim", "endless_body"])
def test_an_answer_that_is_refused_is_not_asked_for_again(attack: str) -> None:
    """A GET is sent once more over a new connection where the old one was dead; this one was not."""
    assert attack in ATTACKS
    with HostileServer(attack, only="/v3/") as server:
        failure(f"http://127.0.0.1:{server.port}")
        assert sum(b"/v3/x" in received for received in server.received) == 1

"""``connect()`` among hostile peers: it ends, with an exception of its own kind, and keeps the secret to itself."""

from __future__ import annotations

import asyncio
import base64
import json
import logging
import time
import traceback
from collections.abc import Callable
from urllib.parse import quote, quote_plus

import pytest
from ayx_connection import connect
from ayx_connection.failures import AyxError, TokenError
from ayx_simulator.peers.hostile_peer import ATTACKS, TLS_ATTACKS, HostileServer
from ayx_simulator.peers.http_attacks import _zeros_in_gzip
from ayx_simulator.peers.listener import Connection, Listener

KEY, SECRET, PASSWORD = "KEY-0123456789", 'Sup3r/S3cr3t+Value&<42>"', "Pr0xy+Passw0rd"
TIMEOUT_S = 0.4
TOKENS = {"infinite_number", "not_a_number", "huge_number", "negative_number"}


@pytest.fixture(scope="module", autouse=True)
def _bombs() -> None:
    """Pack the bombs before anybody waits for them."""
    _zeros_in_gzip(1)
    _zeros_in_gzip(3)


def call(port: int, **options: object) -> BaseException | None:
    """Make one call and return what it raised."""
    given = {"client_id": KEY, "client_secret": SECRET, "connect_timeout": TIMEOUT_S, "read_timeout": TIMEOUT_S}
    started = time.monotonic()
    try:
        with connect(f"http://127.0.0.1:{port}", **{**given, **options}) as server:
            server.request("GET", "/v3/workflows")
    except Exception as error:  # noqa: BLE001  # the test judges whatever it is
        return error
    finally:
        assert time.monotonic() - started < 5 * TIMEOUT_S + 1
    return None


def forbidden(secret: str, user: str) -> set[str]:
    plain = {secret, quote(secret, safe=""), quote_plus(secret)}
    return plain | {base64.b64encode(f"{start}{one}".encode()).decode() for one in plain for start in ("", f"{user}:")}


def assert_silent(error: BaseException, *more: str) -> None:
    chain: list[BaseException] = []
    current: BaseException | None = error
    while current is not None:
        chain.append(current)
        current = current.__cause__ or current.__context__
    texts = ["".join(traceback.format_exception(error)), *more]
    texts += [text for one in chain for text in (str(one), repr(one), repr(vars(one)))]
    for text in texts:
        assert not [one for one in (*forbidden(SECRET, KEY), *forbidden(PASSWORD, "user")) if one in text]


@pytest.mark.parametrize("attack", sorted(ATTACKS))
def test_a_hostile_token_endpoint(attack: str) -> None:
    with HostileServer(attack) as server:
        error = call(server.port)
    if attack in TOKENS:
        assert error is None  # a token all the same; its lifetime is assumed
        return
    assert isinstance(error, AyxError)
    assert str(error).isprintable(), str(error)
    assert len(str(error)) < 2000
    assert_silent(error)


@pytest.mark.parametrize("attack", TLS_ATTACKS)
def test_no_handshake(attack: str) -> None:
    started = time.monotonic()
    with (
        HostileServer(attack) as server,
        connect(
            f"https://127.0.0.1:{server.port}",
            client_id=KEY,
            client_secret=SECRET,
            connect_timeout=TIMEOUT_S,
            read_timeout=TIMEOUT_S,
        ) as client,
    ):
        with pytest.raises(AyxError) as caught:
            client.request("GET", "/v3/workflows")
        assert not any(SECRET.encode() in received for received in server.received)
    assert_silent(caught.value)
    assert time.monotonic() - started < 5


@pytest.mark.parametrize(
    "attack", ["escapes_in_challenge", "challenge_then_stream", "endless_headers", "echo", "echo_raw"]
)
def test_a_hostile_proxy(attack: str) -> None:
    with HostileServer(attack) as proxy:
        address = f"http://user:{quote(PASSWORD, safe='')}@127.0.0.1:{proxy.port}"
        with (
            connect(
                "https://127.0.0.1:1", client_id=KEY, client_secret=SECRET, proxy=address, read_timeout=TIMEOUT_S
            ) as client,
            pytest.raises(AyxError) as caught,
        ):
            client.request("GET", "/v3/workflows")
    assert_silent(caught.value)
    assert "\x1b" not in str(caught.value)


def test_a_proxy_that_repeats_the_credentials() -> None:
    def serve(connection: Connection) -> None:
        request = connection.receive_until(b"\r\n\r\n")
        pair = request.split(b"Proxy-Authorization: Basic ")[1].split(b"\r\n")[0]
        connection.send(b"HTTP/1.1 407 %s %s\r\nContent-Length: 0\r\n\r\n" % (pair, PASSWORD.encode()))
        connection.finish()

    with Listener(serve) as proxy:
        address = f"http://user:{quote(PASSWORD, safe='')}@127.0.0.1:{proxy.port}"
        with (
            connect("https://127.0.0.1:1", client_id=KEY, client_secret=SECRET, proxy=address) as client,
            pytest.raises(AyxError) as caught,
        ):
            client.request("GET", "/v3/workflows")
    assert "407 *** ***" in str(caught.value)
    assert not [one for one in forbidden(PASSWORD, "user") if one in str(caught.value) + repr(caught.value)]


def _token_server(answer: str, head: str = "200 OK") -> Callable[[Connection], None]:
    """Answer the token request with that, every other with the Authorization that it brought."""

    def serve(connection: Connection) -> None:
        request = connection.receive_until(b"\r\n\r\n")
        if b"oauth2/token" in request:
            body, status = answer.encode(), head
        else:
            body, status = b"{}", "200 OK"
        connection.send(
            f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n".encode() + body
        )
        connection.finish()

    return serve


@pytest.mark.parametrize(
    "token", ["a\nb", "a\r\nX-Injected: 1", "a b", "ä", "\x00", "", 5, None, ["t"], "t" * 2_000_000]
)
def test_a_token_that_no_header_can_hold(token: object) -> None:
    with Listener(_token_server(json.dumps({"access_token": token, "expires_in": 3600}))) as server:
        error = call(server.port)
        assert isinstance(error, TokenError)
        assert not any(b"Injected" in connection.received for connection in server.connections)


@pytest.mark.parametrize(
    "lifetime", ["1e308", "1e999", "-1e999", "NaN", "-1", "0", '"soon"', "null", "true", "[]", "9" * 300]
)
def test_a_lifetime_that_is_none(lifetime: str) -> None:
    answer = f'{{"access_token": "abcdefgh", "expires_in": {lifetime}}}'
    with Listener(_token_server(answer)) as server:
        assert call(server.port) is None
        with connect(f"http://127.0.0.1:{server.port}", client_id=KEY, client_secret=SECRET) as client:
            for _ in range(3):
                assert client.request("GET", "/v3/workflows").status_code == 200
        asked = sum(b"oauth2/token" in connection.received for connection in server.connections)
    assert asked == 2  # once for each client: the token is kept


@pytest.mark.parametrize("attack", ["body_drip", "endless_body", "nested_gzip_bomb", "gzip_bomb"])
def test_a_hostile_token_endpoint_asynchronously(attack: str) -> None:
    async def ask(port: int) -> None:
        async with connect(
            f"http://127.0.0.1:{port}", client_id=KEY, client_secret=SECRET, read_timeout=TIMEOUT_S
        ) as client:
            await client.arequest("GET", "/v3/workflows")

    with HostileServer(attack) as server, pytest.raises(TokenError, match="not read to its end"):
        asyncio.run(asyncio.wait_for(ask(server.port), 5))


@pytest.mark.parametrize("style", ["body", "basic"])
@pytest.mark.parametrize(
    "attack", ["echo", "echo_redirect", "echo_unauthorized", "echo_json", "echo_raw", "infinite_number"]
)
def test_no_secret_in_the_logs_of_any_library(attack: str, style: str, caplog: pytest.LogCaptureFixture) -> None:
    """httpx and httpcore log at DEBUG what they send and receive."""
    caplog.set_level(logging.DEBUG)
    with HostileServer(attack) as proxy:
        error = call(proxy.port, client_auth=style)
    logged = "\n".join(f"{record.getMessage()} {record.args!r}" for record in caplog.records)
    assert "httpcore" in {record.name.partition(".")[0] for record in caplog.records}
    assert_silent(error or AyxError(), logged)

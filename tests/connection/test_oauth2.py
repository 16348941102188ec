from __future__ import annotations

import asyncio
import logging
import ssl
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest
from ayx_connection.failures import CredentialsWithheldError, TokenError
from ayx_connection.oauth2 import credentials as oauth2_credentials
from ayx_connection.oauth2 import why_withheld
from ayx_connection.oauth2.credentials import ClientCredentials
from ayx_connection.settings import parse_address

StandIn = Any  # the class stands in conftest.py, which tests cannot import from
CLIENT_ID = "8DA0000000000000"
CLIENT_SECRET = "5ec2e7" * 10


class FakeClock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def context(ca_file: Path) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(ca_file))


@pytest.fixture
def credentials(stand_in: StandIn, clock: FakeClock) -> ClientCredentials:
    return ClientCredentials(stand_in.token_url, CLIENT_ID, CLIENT_SECRET, clock=clock)


@pytest.fixture
def client(stand_in: StandIn, credentials: ClientCredentials, context: ssl.SSLContext) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=stand_in.base_url, auth=credentials, verify=context, trust_env=False) as client:
        yield client


def asynchronous(stand_in: StandIn, auth: httpx.Auth, context: ssl.SSLContext) -> httpx.AsyncClient:
    return httpx.AsyncClient(base_url=stand_in.base_url, auth=auth, verify=context, trust_env=False, timeout=20)


def test_a_call_carries_a_token_and_the_next_one_the_same(client: httpx.Client, stand_in: StandIn) -> None:
    for _ in range(3):
        assert client.get("/webapi/v3/x").status_code == 200
    assert len(stand_in.token_requests) == 1
    assert {call.headers["authorization"] for call in stand_in.calls} == {"Bearer token-1"}
    form = stand_in.token_requests[0].form
    assert form == {"grant_type": "client_credentials", "client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}


def test_the_token_request_does_not_show_in_the_history(client: httpx.Client) -> None:
    assert client.get("/webapi/v3/x").history == []


@pytest.mark.parametrize(
    ("client_auth", "accepted", "asked"),
    [
        ("body", {"body"}, 1),
        ("basic", {"basic"}, 1),
        ("auto", {"body", "basic"}, 1),
        ("auto", {"basic"}, 2),
    ],
)
def test_styles_of_client_authentication(
    client_auth: str, accepted: set[str], asked: int, stand_in: StandIn, context: ssl.SSLContext
) -> None:
    clock = FakeClock()
    stand_in.styles = frozenset(accepted)
    auth = ClientCredentials(stand_in.token_url, CLIENT_ID, CLIENT_SECRET, client_auth, clock=clock)
    with httpx.Client(base_url=stand_in.base_url, auth=auth, verify=context, trust_env=False) as client:
        assert client.get("/webapi/v3/x").status_code == 200
        assert len(stand_in.token_requests) == asked
        clock.now += 3600
        assert client.get("/webapi/v3/x").status_code == 200
    assert len(stand_in.token_requests) == asked + 1  # the style that worked is remembered


@pytest.mark.parametrize(("client_auth", "asked"), [("auto", 2), ("body", 1), ("basic", 1)])
def test_a_refused_pair_is_a_token_error(
    client_auth: str, asked: int, stand_in: StandIn, context: ssl.SSLContext
) -> None:
    auth = ClientCredentials(stand_in.token_url, CLIENT_ID, "wrong", client_auth)
    client = httpx.Client(base_url=stand_in.base_url, auth=auth, verify=context, trust_env=False)
    with client, pytest.raises(TokenError) as caught:
        client.get("/webapi/v3/x")
    error = caught.value
    assert (error.status, error.error, error.code) == (400, "invalid_client", "token.invalid_client")
    assert len(stand_in.token_requests) == asked
    assert stand_in.calls == []


def test_another_error_than_a_refusal_is_not_tried_in_the_other_style(client: httpx.Client, stand_in: StandIn) -> None:
    stand_in.token_answer = (500, {}, b"")
    with pytest.raises(TokenError) as caught:
        client.get("/webapi/v3/x")
    assert caught.value.status == 500
    assert len(stand_in.token_requests) == 1


@pytest.mark.parametrize(("expires_in", "margin"), [(3600, 60.0), (100, 10.0), ("3600", 60.0), (None, 60.0), (0, 60.0)])
def test_a_token_is_renewed_before_it_expires(
    expires_in: object, margin: float, client: httpx.Client, stand_in: StandIn, clock: FakeClock
) -> None:
    stand_in.expires_in = expires_in
    lifetime = 100.0 if expires_in == 100 else 3600.0
    client.get("/webapi/v3/x")
    clock.now += lifetime - margin - 1
    client.get("/webapi/v3/x")
    assert len(stand_in.token_requests) == 1
    clock.now += 1
    assert client.get("/webapi/v3/x").status_code == 200
    assert len(stand_in.token_requests) == 2
    assert stand_in.calls[-1].headers["authorization"] == "Bearer token-2"


# 401


def test_a_401_is_cured_by_one_new_token_and_one_repetition(client: httpx.Client, stand_in: StandIn) -> None:
    client.get("/webapi/v3/x")
    stand_in.valid.clear()  # as when the Server restarts with another key
    response = client.put("/webapi/v3/x", json={"a": 1})
    assert response.status_code == 200
    assert len(stand_in.token_requests) == 2
    assert [call.headers["authorization"] for call in stand_in.calls[1:]] == ["Bearer token-1", "Bearer token-2"]
    assert [call.body for call in stand_in.calls[1:]] == [b'{"a":1}', b'{"a":1}']


def test_a_401_that_means_not_permitted_does_not_ask_for_tokens_for_ever(
    client: httpx.Client, stand_in: StandIn, clock: FakeClock
) -> None:
    stand_in.answers["/webapi/v3/users"] = (401, {}, b"")
    for _ in range(10):
        assert client.get("/webapi/v3/users").status_code == 401
        assert client.get("/webapi/v3/x").status_code == 200
        clock.now += 1
    assert len(stand_in.token_requests) == 2
    assert len([call for call in stand_in.calls if call.path == "/webapi/v3/users"]) == 11
    clock.now += oauth2_credentials.REJECTION_PAUSE_S
    assert client.get("/webapi/v3/users").status_code == 401
    assert len(stand_in.token_requests) == 3  # by now the token could have become bad after all


def test_many_calls_that_are_not_permitted_at_once_share_one_renewal(client: httpx.Client, stand_in: StandIn) -> None:
    stand_in.answers["/webapi/v3/users"] = (401, {}, b"")
    client.get("/webapi/v3/x")
    with ThreadPoolExecutor(8) as pool:
        statuses = list(pool.map(lambda _: client.get("/webapi/v3/users").status_code, range(16)))
    assert statuses == [401] * 16
    assert len(stand_in.token_requests) == 2


def test_a_streamed_body_is_not_sent_twice(client: httpx.Client, stand_in: StandIn) -> None:
    client.get("/webapi/v3/x")
    stand_in.valid.clear()
    assert client.post("/webapi/v3/x", content=iter([b"abc"]), headers={"Content-Length": "3"}).status_code == 401
    assert client.get("/webapi/v3/x").status_code == 200  # with a new token
    assert len(stand_in.token_requests) == 2


# Sharing


def test_twenty_threads_ask_for_one_token(client: httpx.Client, stand_in: StandIn) -> None:
    stand_in.token_delay_s = 0.1
    barrier = threading.Barrier(20)

    def call(_number: int) -> int:
        barrier.wait(timeout=10)
        return client.get("/webapi/v3/x").status_code

    with ThreadPoolExecutor(20) as pool:
        assert list(pool.map(call, range(20))) == [200] * 20
    assert len(stand_in.token_requests) == 1


def test_twenty_tasks_ask_for_one_token_and_the_loop_keeps_turning(
    stand_in: StandIn, credentials: ClientCredentials, context: ssl.SSLContext
) -> None:
    stand_in.token_delay_s = 0.2
    turns: list[float] = []

    async def tick() -> None:
        while True:
            turns.append(time.monotonic())
            await asyncio.sleep(0.01)

    async def run() -> list[int]:
        async with asynchronous(stand_in, credentials, context) as client:
            ticking = asyncio.create_task(tick())
            responses = await asyncio.gather(*(client.get("/webapi/v3/x") for _ in range(20)))
            ticking.cancel()
            return [response.status_code for response in responses]

    assert asyncio.run(run()) == [200] * 20
    assert len(stand_in.token_requests) == 1
    assert len([turn for turn in turns if turn < turns[0] + 0.2]) > 5


def test_threads_and_event_loops_share_the_token(
    stand_in: StandIn, credentials: ClientCredentials, client: httpx.Client, context: ssl.SSLContext
) -> None:
    stand_in.token_delay_s = 0.1

    async def run() -> int:
        async with asynchronous(stand_in, credentials, context) as asynchronous_client:
            responses = await asyncio.gather(*(asynchronous_client.get("/webapi/v3/x") for _ in range(3)))
            return sum(response.status_code == 200 for response in responses)

    with ThreadPoolExecutor(6) as pool:
        loops = [pool.submit(lambda: asyncio.run(run())) for _ in range(3)]
        threads = [pool.submit(lambda: client.get("/webapi/v3/x").status_code) for _ in range(3)]
        assert [loop.result(timeout=20) for loop in loops] == [3, 3, 3]
        assert [thread.result(timeout=20) for thread in threads] == [200, 200, 200]
    assert len(stand_in.token_requests) == 1


def test_all_who_wait_learn_that_the_pair_is_refused(stand_in: StandIn, context: ssl.SSLContext) -> None:
    stand_in.token_delay_s = 0.2
    auth = ClientCredentials(stand_in.token_url, CLIENT_ID, "wrong", "body")

    async def run() -> list[Any]:
        async with asynchronous(stand_in, auth, context) as client:
            return await asyncio.gather(*(client.get("/webapi/v3/x") for _ in range(5)), return_exceptions=True)

    assert [type(outcome) for outcome in asyncio.run(run())] == [TokenError] * 5
    assert len(stand_in.token_requests) == 1


def test_a_task_that_is_cancelled_while_asking_leaves_nobody_waiting(
    stand_in: StandIn, credentials: ClientCredentials, context: ssl.SSLContext
) -> None:
    stand_in.token_delay_s = 0.3

    async def run() -> int:
        async with asynchronous(stand_in, credentials, context) as client:
            first = asyncio.create_task(client.get("/webapi/v3/x"))
            await asyncio.sleep(0.1)
            second = asyncio.create_task(client.get("/webapi/v3/x"))
            await asyncio.sleep(0.1)
            first.cancel()
            return (await asyncio.wait_for(second, 10)).status_code

    assert asyncio.run(run()) == 200


def test_a_waiting_task_that_is_cancelled_disturbs_nobody(
    stand_in: StandIn, credentials: ClientCredentials, context: ssl.SSLContext
) -> None:
    stand_in.token_delay_s = 0.3

    async def run() -> int:
        async with asynchronous(stand_in, credentials, context) as client:
            first = asyncio.create_task(client.get("/webapi/v3/x"))
            await asyncio.sleep(0.1)
            second = asyncio.create_task(client.get("/webapi/v3/x"))
            await asyncio.sleep(0.1)
            second.cancel()
            return (await asyncio.wait_for(first, 10)).status_code

    assert asyncio.run(run()) == 200
    assert len(stand_in.token_requests) == 1


def test_who_waits_too_long_asks_himself(
    client: httpx.Client, credentials: ClientCredentials, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(oauth2_credentials, "_PATIENCE_S", 0.05)
    credentials._renewal = oauth2_credentials._Renewal()  # somebody who will never come back
    assert client.get("/webapi/v3/x").status_code == 200


def test_a_dead_token_endpoint_fails_for_all_at_once_and_not_one_after_another(context: ssl.SSLContext) -> None:
    with ThreadPoolExecutor(5) as pool, __import__("socket").create_server(("127.0.0.1", 0)) as silent:
        url = f"https://localhost:{silent.getsockname()[1]}"
        auth = ClientCredentials(f"{url}/webapi/oauth2/token", CLIENT_ID, CLIENT_SECRET)
        with httpx.Client(base_url=url, auth=auth, verify=context, trust_env=False, timeout=0.4) as client:

            def call(_number: int) -> bool:
                with pytest.raises(httpx.TransportError):
                    client.get("/webapi/v3/x")
                return True

            started = time.monotonic()
            assert all(pool.map(call, range(5)))
        assert time.monotonic() - started < 1.6  # 5 x 0.4 s would be 2 s


# Where the secret and the token may go


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("style", ["body", "basic"])
def test_a_redirect_of_the_token_endpoint_never_carries_the_secret_along(
    status: int, style: str, start: Callable[..., StandIn], stand_in: StandIn, context: ssl.SSLContext
) -> None:
    thief = start(None)
    stand_in.token_answer = (status, {"Location": thief.token_url}, b"")
    auth = ClientCredentials(stand_in.token_url, CLIENT_ID, CLIENT_SECRET, style)
    for follow in (False, True):
        with (
            httpx.Client(
                base_url=stand_in.base_url, auth=auth, verify=context, trust_env=False, follow_redirects=follow
            ) as client,
            pytest.raises((TokenError, CredentialsWithheldError)),
        ):
            client.get("/webapi/v3/x")
    received = " ".join(f"{thing.headers} {thing.body!r}" for thing in thief.received)
    assert CLIENT_SECRET not in received
    assert "authorization" not in received.lower()


def test_a_redirect_of_a_call_never_carries_the_token_to_another_host(
    start: Callable[..., StandIn], client: httpx.Client, stand_in: StandIn, server_context: ssl.SSLContext
) -> None:
    thief = start(server_context)
    stand_in.answers["/webapi/v3/moved"] = (307, {"Location": f"{thief.base_url}/webapi/v3/moved"}, b"")
    assert client.get("/webapi/v3/moved").status_code == 307
    client.get("/webapi/v3/moved", follow_redirects=True)
    assert [thing.headers.get("authorization") for thing in thief.received] == [None]


def test_the_token_is_not_sent_to_another_place(client: httpx.Client, stand_in: StandIn) -> None:
    for url in ("https://localhost:1/x", "https://127.0.0.1/x", f"http://localhost:{stand_in.port}/x"):
        with pytest.raises(CredentialsWithheldError, match="another place"):
            client.get(url)
    assert stand_in.received == []


@pytest.mark.parametrize(
    ("address", "verify", "allow_http", "code"),
    [
        ("http://host", True, False, "token.plaintext"),
        ("http://host", False, False, "token.plaintext"),
        ("https://host", False, True, None),
        ("https://localhost", False, False, None),
    ],
)
def test_credentials_are_withheld(address: str, verify: bool, allow_http: bool, code: str | None) -> None:
    error = why_withheld(parse_address(address), verify=verify, allow_http=allow_http)
    assert isinstance(error, CredentialsWithheldError)
    assert error.code == code
    auth = ClientCredentials(f"{address}/webapi/oauth2/token", "k", CLIENT_SECRET, verify=verify, allow_http=allow_http)
    with httpx.Client(auth=auth, trust_env=False) as client, pytest.raises(CredentialsWithheldError):
        client.get(f"{address}/webapi/v3/x")


@pytest.mark.parametrize(
    ("address", "allow_http"), [("http://localhost", False), ("http://127.0.0.1", False), ("http://host", True)]
)
def test_plain_http_is_permitted_on_loopback_and_on_request(address: str, allow_http: bool) -> None:
    assert why_withheld(parse_address(address), verify=False, allow_http=allow_http) is None


def test_nothing_that_can_be_printed_or_logged_holds_a_secret(
    client: httpx.Client, stand_in: StandIn, credentials: ClientCredentials, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        response = client.get("/webapi/v3/x")
        stand_in.token_answer = (
            400,
            {},
            f'{{"error": "invalid_client", "error_description": "{CLIENT_SECRET}"}}'.encode(),
        )
        stand_in.valid.clear()
        with pytest.raises(TokenError) as caught:
            client.get("/webapi/v3/x")
    texts = [caplog.text, repr(credentials), repr(response), repr(response.request.headers), repr(response.request)]
    texts += [str(caught.value), repr(caught.value), repr(vars(caught.value)), repr(credentials._held)]
    for text in texts:
        assert CLIENT_SECRET not in text
        assert "token-1" not in text


def test_a_body_is_sent_once_in_both_worlds() -> None:
    from ayx_connection.oauth2 import token_request
    from ayx_connection.oauth2.sending import is_token_request, to_httpx

    made = token_request("https://host/webapi/oauth2/token", "k", "s", "body")

    async def collect(stream: AsyncIterator[bytes]) -> bytes:
        return b"".join([part async for part in stream])

    for _ in range(2):
        request = to_httpx(made, httpx.Request("GET", "https://host/"))
        assert is_token_request(request)
        assert asyncio.run(collect(request.stream.__aiter__())) == made.content  # type: ignore[union-attr]  # it is both
        with pytest.raises(CredentialsWithheldError):
            list(request.stream)  # type: ignore[arg-type]  # it is both

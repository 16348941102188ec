"""Whatever ``connect()`` raises, and however it is looked at, shows no secret that a peer repeats.

A peer that puts what it was sent into every place that an answer has, in many spellings; every way in which a call can
fail; and everything that error reporters print: messages, arguments, attributes, the whole chain, the variables of
every frame of the tracebacks, pickles, warnings and log records.
"""

from __future__ import annotations

import asyncio
import json
import logging
import pickle
import traceback
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from ayx_connection import connect
from ayx_connection.client import Server
from ayx_connection.failures import AyxError
from ayx_connection.redaction import Secret
from ayx_connection.settings import Settings
from ayx_connection.work import run_workflow, save_package, wait_for_job
from ayx_simulator.peers.echo import KEY, PLACES, SPELLINGS, Place, http
from ayx_simulator.peers.listener import Connection, Listener

SECRET = 'Sup3r/S3cr3t+Value&<42>"'
TOKEN = "tOk3n-AbCdEf0123456789XyZ.~_"
PASSWORD = "Pr0xy/Passw0rd+&"
EVERY_SPELLING = tuple(SPELLINGS)


def echoes(sent: str) -> str:
    """Return everything secret, in every spelling."""
    return " | ".join(SPELLINGS[name](secret) for name in EVERY_SPELLING for secret in (SECRET, TOKEN, PASSWORD)) + sent


def peer(place: Place, status: str, *, at_token: bool) -> Callable[[Connection], None]:
    def serve(connection: Connection) -> None:
        request = connection.receive_until(b"\r\n\r\n")
        if b"oauth2/token" in request and not at_token:
            connection.send(http(body=json.dumps({"access_token": TOKEN, "expires_in": 3600})))
        else:
            connection.send(place(status, echoes(request.decode("latin-1"))[:60_000]))
        connection.finish()

    return serve


FORBIDDEN = sorted(
    {
        spelt
        for name in EVERY_SPELLING
        for secret in (SECRET, TOKEN, PASSWORD)
        if len(spelt := SPELLINGS[name](secret)) >= 12
    }
)


def assert_silent(text: str) -> None:
    leaked = [spelt for spelt in FORBIDDEN if spelt in text]
    assert not leaked, f"{leaked[:3]} in …{text[max(0, text.index(leaked[0]) - 200) :][:400]}"


def chain(error: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    waiting: list[BaseException | None] = [error]
    while waiting:
        one = waiting.pop()
        if one is not None and id(one) not in seen:
            seen.add(id(one))
            yield one
            waiting += [one.__cause__, one.__context__, *getattr(one, "exceptions", ())]


def everything_of(error: BaseException) -> Iterator[str]:
    """Yield what error reporters print of an exception."""
    yield "".join(traceback.format_exception(error))
    for one in chain(error):
        yield from (str(one), repr(one), repr(one.args), repr(vars(one)), repr(getattr(one, "__notes__", ())))
        for frame, _ in traceback.walk_tb(one.__traceback__):
            if frame.f_code.co_filename != __file__:
                yield from map(repr, frame.f_locals.values())
        for value in vars(one).values():
            for name in ("content", "headers", "raw", "request", "url") if not isinstance(value, httpx.Request) else ():
                yield repr(getattr(value, name, ""))
            for request in (value, getattr(value, "request", None)):
                yield repr(dict(request.headers) if isinstance(request, httpx.Request) else "")
        yield pickle.dumps(one).decode("latin-1")


USES: dict[str, Callable[[Server, Any], object]] = {
    "request": lambda server, _: server.request("GET", "/v3/users"),
    "method": lambda server, _: server.users.get_users(),
    "a method of one object": lambda server, _: server.users.get_user("1"),
    "job": lambda server, _: run_workflow(server, "1"),
    "waiting": lambda server, _: wait_for_job(server, "1", deadline_s=0.1),
    "download": lambda server, folder: save_package(server, "1", folder / "a.yxzp"),
    "document": lambda server, _: server.api_document(),
    "asynchronously": lambda server, _: asyncio.run(_asynchronously(server)),
}


async def _asynchronously(server: Server) -> object:
    async with server:
        return await server.users.aget_users()


@pytest.mark.parametrize("at_token", [True, False], ids=["token", "api"])
@pytest.mark.parametrize("status", ["400", "200", "500"])
@pytest.mark.parametrize("place", PLACES)
def test_no_exception_shows_a_secret(
    place: str, status: str, at_token: bool, tmp_path: Any, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    found = 0
    with Listener(peer(PLACES[place], status, at_token=at_token)) as listener:
        address = f"http://127.0.0.1:{listener.port}"
        for use in USES.values() if not at_token else [USES["request"], USES["asynchronously"]]:
            for style in ("body", "basic") if at_token else ("auto",):
                given: dict[str, Any] = {"client_id": KEY, "client_secret": SECRET, "client_auth": style}
                with warnings.catch_warnings(record=True) as told, connect(address, **given, read_timeout=2) as server:
                    warnings.simplefilter("always")
                    server.redactor.add(PASSWORD, TOKEN)  # a token that was given once
                    try:
                        use(server, tmp_path)
                    except (KeyError, TypeError):
                        continue  # an answer after all, and the caller's own mistake
                    except Exception as error:  # noqa: BLE001  # whatever it is
                        found += 1
                        for text in everything_of(error):
                            assert_silent(text)
                for warning in told:
                    assert_silent(f"{warning.message} {warning.message!r}")
    assert_silent("\n".join(record.getMessage() for record in caplog.records))
    assert found or (status == "200" and not at_token)


@pytest.mark.parametrize("userinfo", ["user:{}", "{}", "{}:"])
def test_a_proxys_credentials_are_shown_by_nothing(userinfo: str) -> None:
    """A token is often given as the user name."""
    from urllib.parse import quote

    def serve(connection: Connection) -> None:
        request = connection.receive_until(b"\r\n\r\n").decode("latin-1")
        connection.send(http(f"407 {PASSWORD} {quote(PASSWORD)}", request, f"Via: {PASSWORD}"))
        connection.finish()

    with Listener(serve) as proxy:
        address = f"http://{userinfo.format(quote(PASSWORD, safe=''))}@127.0.0.1:{proxy.port}"
        given: dict[str, Any] = {"client_id": KEY, "client_secret": SECRET, "proxy": address}
        with connect("https://127.0.0.1:1", **given) as server, pytest.raises(AyxError) as caught:
            server.request("GET", "/v3/users")
        assert any(b"Proxy-Authorization" in connection.received for connection in proxy.connections)
    for text in (*everything_of(caught.value), repr(server), repr(server.route), repr(vars(server.route))):
        assert_silent(text)


def test_an_error_about_settings_shows_no_argument() -> None:
    with pytest.raises(TypeError) as unknown:
        connect("https://host", client_id=KEY, client_secret=SECRET, no_such_setting=1)
    with pytest.raises(AyxError) as unusable:
        connect("https://host", client_id=KEY, client_secret=SECRET, ca_bundle="/no/such/file")
    for error in (unknown.value, unusable.value):
        for text in everything_of(error):
            assert_silent(text)


def test_a_secret_shows_nothing() -> None:
    secret = Secret(SECRET)
    shown = (str(secret), repr(secret), f"{secret}", f"{secret:>40}", repr([secret]), repr(vars(Secret)))
    for text in (*shown, pickle.dumps(secret).decode("latin-1"), json.dumps({"secret": str(secret)})):
        assert_silent(text)
    assert not hasattr(secret, "__dict__")
    assert (secret.reveal(), bool(secret), len(secret)) == (SECRET, True, len(SECRET))
    assert secret == Secret(SECRET)
    assert secret == SECRET
    assert secret not in (Secret("other"), SECRET.upper(), None)
    assert len({secret, Secret(SECRET)}) == 1
    assert pickle.loads(pickle.dumps(secret)) == ""


def test_settings_are_pickled_without_secrets() -> None:
    import copy

    given = {"base_url": "https://host", "client_id": KEY, "client_secret": SECRET}
    settings = Settings.load({**given, "proxy": f"http://user:{SECRET[:4]}{PASSWORD[:5]}@proxy:1"}, {}, None, None)
    again = pickle.loads(pickle.dumps(settings))
    assert_silent(pickle.dumps(settings).decode("latin-1"))
    assert PASSWORD[:5] not in pickle.dumps(settings).decode("latin-1")
    assert (again.base_url, again.client_id, again.credentials) == (settings.base_url, settings.client_id, None)
    assert copy.deepcopy(settings).credentials == settings.credentials == (KEY, SECRET)

"""The token and API probes: what they learn, and what must never be in an observation."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import pytest
from ayx_diagnostics.model import Observation
from ayx_diagnostics.network.clock import SystemClock
from ayx_diagnostics.network.streams import SocketStream
from ayx_diagnostics.probes import api, token
from ayx_diagnostics.probes.http import HttpConnection
from ayx_simulator.peers.listener import Connection, Listener

TOKEN = "AQAAANCMnd8BFdERjHoAwE_" + "x" * 200
SECRET = "s3cr3t+with/odd=chars"
TOKEN_URL = "http://ayx.lab.test/webapi/oauth2/token"


@dataclass(frozen=True)
class Request:
    url: str
    headers: Mapping[str, str]
    content: bytes


FORM = Request(
    TOKEN_URL,
    {"Content-Type": "application/x-www-form-urlencoded"},
    b"grant_type=client_credentials&client_id=8DKEY&client_secret=s3cr3t%2Bwith%2Fodd%3Dchars",
)
BASIC = Request(
    TOKEN_URL,
    {
        "Authorization": "Basic OERLRVk6czNjcjN0K3dpdGgvb2RkPWNoYXJz",
        "Content-Type": "application/x-www-form-urlencoded",
    },
    b"grant_type=client_credentials",
)


def answer(status: str, body: bytes, content_type: str = "application/json") -> bytes:
    head = f"HTTP/1.1 {status}\r\nContent-Type: {content_type}\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


def conversation(reply: bytes, act: Callable[[HttpConnection], Any]) -> tuple[Any, bytes]:
    def serve(connection: Connection) -> None:
        head = connection.receive_until(b"\r\n\r\n")
        length = next((int(line[15:]) for line in head.split(b"\r\n") if line.startswith(b"Content-Length:")), 0)
        while len(head.partition(b"\r\n\r\n")[2]) < length:
            head += connection.receive()
        connection.send(reply)
        connection.finish()

    with Listener(serve) as peer:
        connection = HttpConnection(SocketStream(socket.create_connection(("127.0.0.1", peer.port), timeout=5)))
        result = act(connection)
        connection.close()
        return result, bytes(peer.connections[0].received)


def ask(reply: bytes, request: Request = FORM, style: str = "body") -> tuple[Observation, str | None, bytes]:
    (seen, found), sent = conversation(
        reply,
        lambda connection: token.request(
            SystemClock(),
            connection,
            request,
            style=style,
            timeout_s=2,
            address="127.0.0.1",  # type: ignore[arg-type]  # same shape
        ),
    )
    json.dumps(dict(seen.evidence))
    return seen, found, sent


def test_a_token_goes_to_the_caller_and_not_into_the_observation() -> None:
    body = json.dumps({"access_token": TOKEN, "token_type": "bearer", "expires_in": 3599}).encode()
    seen, found, sent = ask(answer("200 OK", body))
    assert found == TOKEN
    assert sent.startswith(b"POST /webapi/oauth2/token HTTP/1.1\r\n")
    assert sent.endswith(FORM.content)
    evidence = seen.evidence
    assert (seen.stage, seen.operation, seen.target) == ("token", "request", TOKEN_URL)
    assert evidence["has_access_token"] is True
    assert (evidence["token_type"], evidence["token_length"], evidence["expires_in"]) == ("bearer", len(TOKEN), 3599)
    assert (evidence["style"], evidence["address"], evidence["status"]) == ("body", "127.0.0.1", 200)
    assert "body_start" not in evidence
    assert TOKEN[:20] not in repr(seen)
    assert SECRET not in repr(seen)


@pytest.mark.parametrize("body", [f'{{"access_token": ["{TOKEN}"]}}', f'{{"access_token": "{TOKEN}", "x": 1e999}}'])
def test_an_odd_token_document_does_not_leak(body: str) -> None:
    seen, _, _ = ask(answer("200 OK", body.encode()))
    assert TOKEN[:20] not in repr(seen)


@pytest.mark.parametrize("lifetime", [0, -5, "3600", None, 1.5, {"a": 1}])
def test_the_lifetime_is_recorded_as_sent(lifetime: object) -> None:
    body = json.dumps({"access_token": TOKEN, "expires_in": lifetime}).encode()
    seen, _, _ = ask(answer("200 OK", body))
    assert seen.evidence["expires_in"] == (lifetime if not isinstance(lifetime, dict) else "dict")


@pytest.mark.parametrize(("request_", "style"), [(FORM, "body"), (BASIC, "basic")])
def test_a_refusal_keeps_its_words_and_loses_the_secret_that_it_echoes(request_: Request, style: str) -> None:
    described = f"client 8DKEY with {SECRET} is unknown"
    body = json.dumps({"error": "invalid_client", "error_description": described}).encode()
    seen, found, _ = ask(answer("400 Bad Request", body), request_, style)
    assert found is None
    assert seen.evidence["error"] == "invalid_client"
    assert seen.evidence["error_description"] == "client 8DKEY with *** is unknown"
    assert seen.evidence["has_access_token"] is False
    assert SECRET not in repr(seen)


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"<html><title>Login</title>", "text/html"),
        (b"[]", "application/json"),
        (b"", "application/json"),
        (b"null", "application/json"),
    ],
)
def test_an_answer_without_a_token(body: bytes, content_type: str) -> None:
    seen, found, _ = ask(answer("200 OK", body, content_type))
    assert (seen.outcome, found, seen.evidence["has_access_token"]) == ("ok", None, False)


def test_no_answer_at_all() -> None:
    seen, found, _ = ask(b"")
    assert (seen.outcome, found, seen.evidence["status"]) == ("closed", None, None)


def test_withheld_credentials() -> None:
    seen = token.withheld(SystemClock(), TOKEN_URL, "the certificate was not verified")
    assert (seen.stage, seen.operation, seen.outcome) == ("token", "request", "withheld")
    assert seen.evidence == {"withheld": "the certificate was not verified"}


def call(reply: bytes, bearer: str | None = TOKEN, **options: Any) -> tuple[Observation, bytes]:
    url = "http://ayx.lab.test/webapi/v3/users?email=x"
    seen, sent = conversation(
        reply,
        lambda connection: api.call(
            SystemClock(), connection, url, bearer, **{"timeout_s": 2, "role_needed": "curator", **options}
        ),
    )
    assert TOKEN[:20] not in repr(seen)
    return seen, sent


def test_a_successful_call_is_counted_and_not_recorded() -> None:
    body = json.dumps([{"email": "somebody@example.test"}] * 3).encode()
    seen, sent = call(answer("200 OK", body))
    assert (seen.stage, seen.operation, seen.target) == ("api", "call", "GET /webapi/v3/users")
    assert f"Authorization: Bearer {TOKEN}".encode() in sent
    evidence = seen.evidence
    assert (evidence["items"], evidence["role_needed"], evidence["authorization_sent"]) == (3, "curator", True)
    assert "somebody" not in repr(seen)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (
            b'{"message": "Authorization has been denied for this request."}',
            "Authorization has been denied for this request.",
        ),
        (b'{"Message": "No"}', "No"),
        (b'"plain"', "plain"),
        (b'{"message": {"deep": 1}}', None),
        (b"", None),
    ],
)
def test_the_message_of_an_error(body: bytes, message: str | None) -> None:
    seen, _ = call(answer("401 Unauthorized", body))
    assert seen.evidence.get("message") == message
    assert seen.evidence["status"] == 401


def test_a_call_without_a_token_and_with_another_host() -> None:
    seen, sent = call(answer("401 Unauthorized", b""), None, headers={"Host": "other.test"}, role_needed="any")
    assert b"Authorization" not in sent
    assert b"Host: other.test\r\n" in sent
    assert seen.evidence["authorization_sent"] is False


def test_a_token_that_comes_back_in_an_error_is_masked() -> None:
    seen, _ = call(answer("400 Bad Request", json.dumps({"message": f"bad token {TOKEN}"}).encode()))
    assert seen.evidence["message"] == "bad token ***"

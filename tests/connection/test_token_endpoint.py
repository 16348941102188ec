from __future__ import annotations

import base64
import json
import urllib.parse

import httpx
import pytest
from ayx_connection.failures import TokenError
from ayx_connection.oauth2 import empty_token_request, read_token_answer, token_request
from ayx_connection.oauth2.answer import ASSUMED_LIFETIME_S
from ayx_connection.redaction import Redactor
from hypothesis import given
from hypothesis import strategies as st

URL = "https://host/webapi/oauth2/token"
SECRET = "geh+im&=%"


def read(status: int, content: object, headers: dict[str, str] | None = None) -> TokenError:
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    with pytest.raises(TokenError) as caught:
        read_token_answer(status, httpx.Headers(headers or {}), body, Redactor([SECRET]))
    return caught.value


def test_body_style_sends_a_form() -> None:
    request = token_request(URL, "key", SECRET, "body")
    assert dict(urllib.parse.parse_qsl(request.content.decode())) == {
        "grant_type": "client_credentials",
        "client_id": "key",
        "client_secret": SECRET,
    }
    assert request.headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert request.headers["Accept"] == "application/json"
    assert "Authorization" not in request.headers


@given(st.text(max_size=20), st.text(max_size=20))
def test_basic_style_encodes_the_pair_as_rfc_6749_wants(key: str, secret: str) -> None:
    request = token_request(URL, key, secret, "basic")
    assert request.content == b"grant_type=client_credentials"
    scheme, _, encoded = request.headers["Authorization"].partition(" ")
    first, _, second = base64.b64decode(encoded).decode().partition(":")
    assert (scheme, urllib.parse.unquote_plus(first), urllib.parse.unquote_plus(second)) == ("Basic", key, secret)


def test_the_empty_request_has_no_credentials() -> None:
    request = empty_token_request(URL)
    assert (request.content, "Authorization" in request.headers) == (b"grant_type=client_credentials", False)


@pytest.mark.parametrize("style", ["body", "basic"])
def test_a_request_does_not_show_the_secret(style: str) -> None:
    shown = repr(token_request(URL, "key", SECRET, style))  # type: ignore[arg-type]  # both are styles
    assert shown == f"TokenRequest(url={URL!r})"


@pytest.mark.parametrize(
    ("expires_in", "lifetime"),
    [
        (3599, 3599.0),
        ("120", 120.0),
        (1.5, 1.5),
        ([], ASSUMED_LIFETIME_S),
        *((bad, ASSUMED_LIFETIME_S) for bad in (None, 0, -1, "soon", True, float("inf"), float("nan"), "1e999")),
    ],
)
def test_how_long_a_token_lives(expires_in: object, lifetime: float) -> None:
    body = json.dumps({"access_token": "abc", "expires_in": expires_in}).encode()
    token = read_token_answer(200, {}, b"\xef\xbb\xbf" + body)
    assert (token.access_token, token.lifetime_s) == ("abc", lifetime)
    assert "abc" not in repr(token)


@pytest.mark.parametrize(
    ("status", "content", "code"),
    [
        (400, {"error": "invalid_client"}, "token.invalid_client"),
        (401, {"error": "invalid_client"}, "token.invalid_client"),
        (400, {"error": "unsupported_grant_type"}, "token.unsupported_grant_type"),
        (400, {"error": "invalid_scope"}, "token.invalid_scope"),
        (400, {}, None),
        (401, b"", None),
        (403, b"", "token.forbidden"),
        (404, b"", "token.not_found"),
        (429, b"", "token.throttled"),
        (302, b"", "token.method_changed_by_redirect"),
        (307, b"", "token.method_changed_by_redirect"),
        (500, b"", "token.server_error"),
        (502, b"", None),
        (200, b"<html><title>Sign in</title>", "token.not_json"),
        (200, {}, "token.not_json"),
        (200, {"access_token": ""}, "token.not_json"),
        (200, {"access_token": "a\nb"}, "token.not_json"),
        (200, {"access_token": 5}, "token.not_json"),
        (200, ["access_token"], "token.not_json"),
        (200, b"[" * 100000, "token.not_json"),
        (204, b"", "token.not_json"),
    ],
)
def test_an_answer_without_a_token(status: int, content: object, code: str | None) -> None:
    error = read(status, content)
    assert (error.status, error.code) == (status, code)
    assert str(error).endswith("run `ayxctl diagnose`")
    assert "\n" not in str(error)


def test_503_with_retry_after_is_throttling() -> None:
    assert read(503, b"", {"Retry-After": "5"}).code == "token.throttled"
    assert read(503, b"").code is None


def test_the_error_says_what_the_server_said_and_who_it_was() -> None:
    error = read(
        400, {"error": "invalid_client", "error_description": "no\r\nsuch client"}, {"Server": "IIS", "Via": "1.1 p"}
    )
    assert (error.error, error.description) == ("invalid_client", "no such client")
    assert error.answered_by == "Server 'IIS', Via '1.1 p'"
    page = read(200, b"<html><head><title>\n Log&nbsp;in </title>")
    assert page.answered_by == "a page titled 'Log&nbsp;in'"


def test_a_secret_that_the_answer_repeats_is_blanked() -> None:
    forms = " ".join((SECRET, urllib.parse.quote_plus(SECRET)))
    error = read(400, {"error": "invalid_client", "error_description": f"got {forms}"}, {"Server": SECRET})
    assert error.description == "got *** ***"
    assert SECRET not in f"{error} {error.answered_by}"


@given(st.integers(100, 599), st.binary(max_size=200))
def test_any_answer_is_a_token_or_a_token_error(status: int, content: bytes) -> None:
    assert read(status, content).status == status

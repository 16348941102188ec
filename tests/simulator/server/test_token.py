from __future__ import annotations

import base64
import re
import ssl
from collections.abc import Callable

import httpx
import pytest
from ayx_simulator import ApiUser, Simulator

GRANT = {"grant_type": "client_credentials"}


def in_body(server: Simulator) -> dict[str, str]:
    return {**GRANT, "client_id": server.client_id, "client_secret": server.client_secret}


def test_form_credentials_get_an_opaque_token_as_katana_gives_it(ayx_simulator: Simulator, web: httpx.Client) -> None:
    answer = web.post("/oauth2/token", data=in_body(ayx_simulator))
    token = answer.json()
    assert answer.status_code == 200
    assert (token["token_type"], token["expires_in"]) == ("bearer", 3599)
    assert re.fullmatch(r"AQAAANCMnd8BFdER[\w-]{300,}", token["access_token"])
    assert answer.headers["cache-control"] == "no-cache"
    assert answer.headers["pragma"] == "no-cache"
    assert answer.headers["content-type"].startswith("application/json")


def test_basic_credentials_work_too(ayx_simulator: Simulator, web: httpx.Client) -> None:
    basic = (ayx_simulator.client_id, ayx_simulator.client_secret)
    assert web.post("/oauth2/token", data=GRANT, auth=basic).status_code == 200


@pytest.mark.parametrize("extra", [{"scope": "user"}, {"scope": "admin"}, {"resource": "https://localhost"}])
def test_what_callers_send_by_habit_is_tolerated(
    ayx_simulator: Simulator, web: httpx.Client, extra: dict[str, str]
) -> None:
    assert web.post("/oauth2/token", data=in_body(ayx_simulator) | extra).status_code == 200


@pytest.mark.parametrize(
    ("form", "error"),
    [
        ({**GRANT, "client_id": "x", "client_secret": "y"}, "invalid_client"),
        (GRANT, "invalid_client"),
        ({}, "unsupported_grant_type"),
        ({"client_id": "x", "client_secret": "y"}, "unsupported_grant_type"),
    ],
)
def test_refusals(web: httpx.Client, form: dict[str, str], error: str) -> None:
    answer = web.post("/oauth2/token", data=form)
    assert (answer.status_code, answer.json()) == (400, {"error": error})


def test_another_grant_is_refused(ayx_simulator: Simulator, web: httpx.Client) -> None:
    answer = web.post("/oauth2/token", data=in_body(ayx_simulator) | {"grant_type": "password"})
    assert (answer.status_code, answer.json()) == (400, {"error": "unsupported_grant_type"})


def test_json_is_no_form(ayx_simulator: Simulator, web: httpx.Client) -> None:
    answer = web.post("/oauth2/token", json=in_body(ayx_simulator))
    assert (answer.status_code, answer.json()) == (400, {"error": "unsupported_grant_type"})


def test_a_wrong_secret_is_refused_like_an_unknown_key(ayx_simulator: Simulator, web: httpx.Client) -> None:
    answer = web.post("/oauth2/token", data=in_body(ayx_simulator) | {"client_secret": "0" * 64})
    assert answer.json() == {"error": "invalid_client"}


def test_garbled_basic_credentials_are_refused(web: httpx.Client) -> None:
    answer = web.post("/oauth2/token", data=GRANT, headers={"Authorization": "Basic !!"})
    assert (answer.status_code, answer.json()) == (400, {"error": "invalid_client"})


def test_no_token_and_a_false_token_are_401_in_the_servers_words(web: httpx.Client) -> None:
    for headers in ({}, {"Authorization": "Bearer nonsense"}, {"Authorization": "Basic nonsense"}):
        answer = web.get("/v3/workflows", headers=headers)
        assert answer.status_code == 401
        assert answer.json() == {"message": "Authorization has been denied for this request."}
        assert answer.headers["www-authenticate"] == "Bearer"


def test_a_token_expires(ayx_simulator: Simulator, api: httpx.Client) -> None:
    assert api.get("/v3/workflows").status_code == 200
    ayx_simulator.advance(3599)
    assert api.get("/v3/workflows").status_code == 200
    ayx_simulator.advance(2)
    assert api.get("/v3/workflows").status_code == 401


def test_tokens_can_be_revoked(ayx_simulator: Simulator, api: httpx.Client) -> None:
    ayx_simulator.tokens.revoke_all()
    assert api.get("/v3/workflows").status_code == 401


def test_the_scheme_is_matched_without_regard_to_case(api: httpx.Client) -> None:
    token = api.headers["Authorization"].removeprefix("Bearer ")
    assert api.get("/v3/workflows", headers={"Authorization": f"bearer {token}"}).status_code == 200


def test_credentials_have_the_servers_shape_and_no_repr_of_the_secret(ayx_simulator: Simulator) -> None:
    assert re.fullmatch(r"8DA[0-9A-F]{61}", ayx_simulator.client_id)
    assert re.fullmatch(r"[0-9a-f]{64}", ayx_simulator.client_secret)
    for user in ayx_simulator.users.values():
        assert user.client_secret not in repr(user)
    assert len({user.client_id for user in ayx_simulator.users.values()}) == 3


def test_the_log_holds_no_secret(ayx_simulator: Simulator, api_as: Callable[[ApiUser], httpx.Client]) -> None:
    api_as(ayx_simulator.artisan).get("/v3/workflows?name=x")
    logged = [(each.method, each.path, each.status, each.content_type) for each in ayx_simulator.requests]
    assert logged == [
        ("POST", "/webapi/oauth2/token", 200, "application/x-www-form-urlencoded"),
        ("GET", "/webapi/v3/workflows", 200, ""),
    ]


def test_given_credentials_are_the_curators() -> None:
    with Simulator(client_id="key", client_secret="sec:ret+%/@") as server:
        context = ssl.create_default_context(cafile=server.ca_bundle)
        with httpx.Client(verify=context, trust_env=False) as client:
            raw = base64.b64encode(b"key:sec:ret+%/@").decode()
            encoded = base64.b64encode(b"key:sec%3Aret%2B%25%2F%40").decode()
            url = f"{server.web_api_address}/oauth2/token"

            def status(credentials: str) -> int:
                headers = {"Authorization": f"Basic {credentials}"}
                return client.post(url, data=GRANT, headers=headers).status_code

            assert [status(raw), status(encoded)] == [200, 400]
            with server.faults.injected("token.basic_not_urlencoded"):
                assert [status(raw), status(encoded)] == [400, 200]

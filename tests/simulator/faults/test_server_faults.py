"""What each fault of the stand-in Server does to a client, and the switches for them."""

from __future__ import annotations

import email.utils
import socket
import time
from typing import Any

import httpx
import pytest
from ayx_simulator import FAULTS, Faults, Simulator, UnknownFaultError
from hypothesis import given
from hypothesis import strategies as st

GRANT = {"grant_type": "client_credentials"}


def ask_for_token(server: Simulator, web: httpx.Client, **more: Any) -> httpx.Response:
    form = {**GRANT, "client_id": server.client_id, "client_secret": server.client_secret}
    return web.post("/oauth2/token", data=form, **more)


def title(answer: httpx.Response) -> str:
    assert answer.headers["content-type"].startswith("text/html")
    return answer.text.partition("<title>")[2].partition("</title>")[0]


# The switches


def test_every_fault_has_a_sentence_and_a_known_default() -> None:
    for name, fault in FAULTS.items():
        assert fault.name == name
        assert fault.sentence.endswith(".")
        assert not fault.arguments or fault.default in fault.arguments


@given(st.text())
def test_unknown_names_are_refused(name: str) -> None:
    faults = Faults()
    if name not in FAULTS:
        with pytest.raises(UnknownFaultError):
            faults.set(name)
    assert faults.active == {}


def test_unknown_arguments_are_refused() -> None:
    with pytest.raises(UnknownFaultError, match="502 or 503 or 504"):
        Faults().set("http.gateway_5xx", 500)


def test_faults_can_be_limited_in_number_and_place(ayx_simulator: Simulator, api: httpx.Client) -> None:
    ayx_simulator.faults.set("http.gateway_5xx", 503, path="/v3/", times=2)
    assert api.get("/swagger/docs/3").status_code == 200
    assert [api.get("/v3/workflows").status_code for _ in range(3)] == [503, 503, 200]
    assert ayx_simulator.faults.active == {}


def test_reset_clears_everything(ayx_simulator: Simulator, api: httpx.Client) -> None:
    ayx_simulator.faults.set("api.not_found")
    api.post("/v3/collections", json={"name": "Gone"})
    ayx_simulator.advance(100)
    ayx_simulator.reset()
    assert ayx_simulator.faults.active == {}
    assert len(ayx_simulator.requests) == 0
    assert [each["name"] for each in ayx_simulator.state.collections.values()] == ["Reports"]
    assert abs(ayx_simulator.state.now().timestamp() - time.time()) < 5
    assert api.get("/v3/workflows").status_code == 401


# Token endpoint


@pytest.mark.parametrize(
    ("fault", "argument", "answered"),
    [
        ("token.invalid_client", None, (400, {"error": "invalid_client"})),
        ("token.invalid_client", "401", (401, {"error": "invalid_client"})),
        ("token.auth_style_mismatch", "basic", (400, {"error": "invalid_client"})),
        ("token.unsupported_grant_type", None, (400, {"error": "unsupported_grant_type"})),
    ],
)
def test_oauth2_errors(
    ayx_simulator: Simulator, web: httpx.Client, fault: str, argument: str | None, answered: tuple[int, Any]
) -> None:
    with ayx_simulator.faults.injected(fault, argument):
        answer = ask_for_token(ayx_simulator, web)
        assert (answer.status_code, answer.json()) == answered
    assert ask_for_token(ayx_simulator, web).status_code == 200


@pytest.mark.parametrize(("accepted", "statuses"), [("body", [200, 400]), ("basic", [400, 200])])
def test_only_one_client_authentication_style(
    ayx_simulator: Simulator, web: httpx.Client, accepted: str, statuses: list[int]
) -> None:
    ayx_simulator.faults.set("token.auth_style_mismatch", accepted)
    body = ask_for_token(ayx_simulator, web)
    basic = web.post("/oauth2/token", data=GRANT, auth=(ayx_simulator.client_id, ayx_simulator.client_secret))
    assert [body.status_code, basic.status_code] == statuses


def test_a_scope_can_be_refused(ayx_simulator: Simulator, web: httpx.Client) -> None:
    ayx_simulator.faults.set("token.invalid_scope")
    form = {**GRANT, "client_id": ayx_simulator.client_id, "client_secret": ayx_simulator.client_secret}
    assert web.post("/oauth2/token", data=form | {"scope": "user"}).json() == {"error": "invalid_scope"}
    assert ask_for_token(ayx_simulator, web).status_code == 200


def test_a_missing_token_endpoint_on_a_host_that_is_alteryx(ayx_simulator: Simulator, web: httpx.Client) -> None:
    ayx_simulator.faults.set("token.not_found")
    assert ask_for_token(ayx_simulator, web).status_code == 404
    assert web.get("/swagger/docs/3").status_code == 200


def test_a_server_before_the_web_api(ayx_simulator: Simulator, web: httpx.Client) -> None:
    ayx_simulator.faults.set("token.oauth1_only")
    missing = ask_for_token(ayx_simulator, web)
    assert (missing.status_code, "HTTP Error 404" in missing.text) == (404, True)
    assert web.get("/swagger/docs/3").status_code == 404
    assert web.get(f"{ayx_simulator.origin}/gallery/api-docs/").status_code == 200


@pytest.mark.parametrize("status", [301, 302])
def test_a_redirect_turns_the_post_into_a_get(ayx_simulator: Simulator, web: httpx.Client, status: int) -> None:
    ayx_simulator.faults.set("token.method_changed_by_redirect", status)
    first = ask_for_token(ayx_simulator, web)
    assert (first.status_code, first.headers["location"]) == (status, "/webapi/oauth2/token/")
    followed = ask_for_token(ayx_simulator, web, follow_redirects=True)
    assert (followed.status_code, followed.request.method) == (400, "GET")
    form = {**GRANT, "client_id": ayx_simulator.client_id, "client_secret": ayx_simulator.client_secret}
    assert web.post(first.headers["location"].removeprefix("/webapi"), data=form).status_code == 200


def test_no_token_in_the_answer(ayx_simulator: Simulator, web: httpx.Client) -> None:
    ayx_simulator.faults.set("token.not_json")
    page = ask_for_token(ayx_simulator, web)
    assert (page.status_code, title(page)) == (200, "Sign in to your account")
    ayx_simulator.faults.set("token.not_json", "json")
    assert "access_token" not in ask_for_token(ayx_simulator, web).json()


@pytest.mark.parametrize(("kind", "value"), [("missing", None), ("zero", 0), ("negative", -3600), ("text", "one hour")])
def test_lifetimes_that_are_none(ayx_simulator: Simulator, web: httpx.Client, kind: str, value: Any) -> None:
    ayx_simulator.faults.set("token.bad_lifetime", kind)
    assert ask_for_token(ayx_simulator, web).json().get("expires_in") == value


@pytest.mark.parametrize(
    ("fault", "argument", "answered"),
    [
        ("token.server_error", None, (500, "Microsoft-HTTPAPI/2.0")),
        ("token.throttled", None, (429, "Microsoft-HTTPAPI/2.0")),
        ("token.throttled", "503", (503, "Microsoft-HTTPAPI/2.0")),
        ("token.forbidden", None, (403, "nginx")),
    ],
)
def test_status_of_the_token_endpoint(
    ayx_simulator: Simulator, web: httpx.Client, fault: str, argument: str | None, answered: tuple[int, str]
) -> None:
    ayx_simulator.faults.set(fault, argument)
    answer = ask_for_token(ayx_simulator, web)
    assert (answer.status_code, answer.headers["server"]) == answered
    assert ("retry-after" in answer.headers) == (fault == "token.throttled")
    assert web.get("/swagger/docs/3").status_code == 200


def test_a_token_endpoint_that_never_answers(ayx_simulator: Simulator, web: httpx.Client) -> None:
    ayx_simulator.faults.set("token.timeout")
    with pytest.raises(httpx.ReadTimeout):
        ask_for_token(ayx_simulator, web, timeout=0.2)
    assert web.get("/swagger/docs/3").status_code == 200
    assert [each.status for each in ayx_simulator.requests] == [0, 200]


@pytest.mark.skipif(not socket.has_ipv6, reason="the second node is the IPv6 loopback address")
def test_a_token_bound_to_its_node(ayx_simulator: Simulator, web: httpx.Client) -> None:
    ayx_simulator.faults.set("token.node_bound")
    port = ayx_simulator.port
    here, there = (f"https://{host}:{port}/webapi" for host in ("127.0.0.1", "[::1]"))
    form = {**GRANT, "client_id": ayx_simulator.client_id, "client_secret": ayx_simulator.client_secret}
    headers = {"Authorization": f"Bearer {web.post(f'{here}/oauth2/token', data=form).json()['access_token']}"}
    assert [web.get(f"{node}/v3/workflows", headers=headers).status_code for node in (here, there)] == [200, 401]
    ayx_simulator.faults.clear()
    assert web.get(f"{there}/v3/workflows", headers=headers).status_code == 200


# API


def test_a_good_token_that_is_refused(ayx_simulator: Simulator, api: httpx.Client) -> None:
    for fault in ("api.unauthorized", "http.auth_header_stripped"):
        with ayx_simulator.faults.injected(fault):
            assert api.get("/v3/workflows").status_code == 401
            assert api.get("/swagger/docs/3").status_code == 200


def test_a_role_that_is_too_low(ayx_simulator: Simulator, api: httpx.Client) -> None:
    ayx_simulator.faults.set("api.role_insufficient")
    assert [api.get(path).status_code for path in ("/v3/workflows", "/v3/users")] == [200, 401]


def test_allowed_hosts(ayx_simulator: Simulator, api: httpx.Client) -> None:
    ayx_simulator.faults.set("api.host_not_allowed", "alteryx.example.com")
    refused = api.get("/v3/workflows")
    assert (refused.status_code, "Invalid Hostname" in refused.text) == (400, True)
    assert api.get("/v3/workflows", headers={"Host": "ALTERYX.example.com"}).status_code == 200
    assert api.get("/v3/workflows", headers={"Host": "alteryx.example.com:8443"}).status_code == 200
    assert api.get("/v3/workflows", headers={"Host": "[::1]:8443"}).status_code == 400


@pytest.mark.parametrize(("fault", "status"), [("api.server_error", 500), ("api.not_found", 404)])
def test_resources_fail_while_the_rest_works(
    ayx_simulator: Simulator, web: httpx.Client, api: httpx.Client, fault: str, status: int
) -> None:
    ayx_simulator.faults.set(fault)
    assert api.get("/v3/workflows").status_code == status
    assert api.get("/swagger/docs/3").status_code == 200
    assert ask_for_token(ayx_simulator, web).status_code == 200


def test_another_product_altogether(ayx_simulator: Simulator, web: httpx.Client) -> None:
    ayx_simulator.faults.set("api.not_alteryx")
    assert title(web.get(f"{ayx_simulator.origin}/")) == "Welcome to nginx!"
    assert {web.get(path).status_code for path in ("/swagger", "/v3/users", "/oauth2/token")} == {404}


def test_schema_drift(ayx_simulator: Simulator, api: httpx.Client) -> None:
    good = api.get("/v3/users", params={"view": "Full"}).json()[0]
    drift: dict[str, dict[str, Any]] = {}
    for kind in ("field", "enum", "required", "all"):
        ayx_simulator.faults.set("api.schema_drift", kind)
        drift[kind] = api.get("/v3/users", params={"view": "Full"}).json()[0]
    assert set(drift["field"]) - set(good) == {"addedByAnUpgrade"}
    assert drift["enum"] == good | {"role": "AddedByAnUpgrade"}
    assert set(good) - set(drift["required"]) == {"canManageGenericVaultsDcm"}
    assert drift["all"] == {
        name: value
        for name, value in (good | {"role": "AddedByAnUpgrade", "addedByAnUpgrade": True}).items()
        if name != "canManageGenericVaultsDcm"
    }
    assert api.post("/v3/collections", json={"name": "Drift"}).json().isalnum()


# HTTP


@pytest.mark.parametrize("status", [502, 503, 504])
def test_a_gateway_without_its_server(ayx_simulator: Simulator, web: httpx.Client, status: int) -> None:
    ayx_simulator.faults.set("http.gateway_5xx", status)
    answer = web.get("/swagger/docs/3")
    assert (answer.status_code, answer.headers["server"]) == (status, "nginx")
    assert "gateway" in answer.headers["via"]


@pytest.mark.parametrize(
    ("fault", "status", "expected"),
    [
        ("http.html_instead_of_json", 200, "Company portal"),
        ("http.block_page", 403, "Access Denied"),
        ("http.maintenance", 503, "Scheduled maintenance"),
        ("http.rate_limited", 429, "429 Too Many Requests"),
    ],
)
def test_pages_instead_of_everything(
    ayx_simulator: Simulator, web: httpx.Client, fault: str, status: int, expected: str
) -> None:
    ayx_simulator.faults.set(fault)
    answers = [ask_for_token(ayx_simulator, web), web.get("/v3/users"), web.get(f"{ayx_simulator.origin}/gallery/")]
    assert {(each.status_code, title(each)) for each in answers} == {(status, expected)}
    assert ("retry-after" in answers[0].headers) == (status in (429, 503))


def test_the_api_under_another_path(ayx_simulator: Simulator, web: httpx.Client) -> None:
    ayx_simulator.faults.set("http.wrong_base_path", "/ayx/webapi")
    assert web.get("/v3/workflows").status_code == 404
    assert ask_for_token(ayx_simulator, web).status_code == 404
    assert title(web.get(f"{ayx_simulator.origin}/gallery/")) == "Alteryx Server"
    assert web.get(f"{ayx_simulator.origin}/ayx/webapi/swagger/docs/3").status_code == 200


def test_a_redirect_to_a_sign_in_page(ayx_simulator: Simulator, web: httpx.Client) -> None:
    ayx_simulator.faults.set("http.redirect_to_login")
    answer = web.get("/v3/users", follow_redirects=True)
    assert (answer.status_code, title(answer), len(answer.history)) == (200, "Sign in to your account", 1)


def test_a_redirect_loop(ayx_simulator: Simulator, web: httpx.Client) -> None:
    ayx_simulator.faults.set("http.redirect_loop")
    with pytest.raises(httpx.TooManyRedirects):
        web.get("/v3/users", follow_redirects=True)


@pytest.mark.parametrize(
    ("fault", "error", "text"),
    [
        ("http.body_cut", httpx.RemoteProtocolError, "without sending complete message body"),
        ("http.body_stall", httpx.ReadTimeout, None),
        ("http.read_timeout", httpx.ReadTimeout, None),
        ("http.no_response_fin", httpx.RemoteProtocolError, "without sending a response"),
        ("http.bad_encoding", httpx.DecodingError, None),
    ],
)
def test_answers_that_do_not_arrive_whole(
    ayx_simulator: Simulator, web: httpx.Client, fault: str, error: type[Exception], text: str | None
) -> None:
    ayx_simulator.faults.set(fault)
    with pytest.raises(error, match=text):
        web.get("/swagger/docs/3", timeout=0.3)
    ayx_simulator.faults.clear()
    assert web.get("/swagger/docs/3").status_code == 200


def exchange_over_tcp(server: Simulator) -> bytes:
    with socket.create_connection(("127.0.0.1", server.port), timeout=5) as connection:
        connection.sendall(b"GET /webapi/swagger HTTP/1.1\r\nHost: localhost\r\n\r\n")
        return connection.recv(1)


def test_a_reset_after_the_request() -> None:
    with Simulator(plain_http=True) as server:
        server.faults.set("http.reset_after_request")
        with pytest.raises(ConnectionResetError):
            exchange_over_tcp(server)
        server.faults.set("http.no_response_fin")
        server.faults.clear("http.reset_after_request")
        assert exchange_over_tcp(server) == b""


def test_a_reset_after_the_request_over_tls(ayx_simulator: Simulator, web: httpx.Client) -> None:
    ayx_simulator.faults.set("http.reset_after_request")
    with pytest.raises((httpx.ReadError, httpx.RemoteProtocolError)):
        web.get("/swagger")


def test_a_header_field_that_is_too_large(ayx_simulator: Simulator, web: httpx.Client) -> None:
    ayx_simulator.faults.set("http.header_too_large")
    with pytest.raises(httpx.RemoteProtocolError):
        web.get("/swagger/docs/3")


@pytest.mark.parametrize("seconds", [900, -86400])
def test_a_clock_that_is_off(ayx_simulator: Simulator, web: httpx.Client, seconds: int) -> None:
    ayx_simulator.faults.set("local.clock_skew", seconds)
    date = email.utils.parsedate_to_datetime(web.get("/swagger/docs/3").headers["date"])
    assert abs(date.timestamp() - time.time() - seconds) < 5

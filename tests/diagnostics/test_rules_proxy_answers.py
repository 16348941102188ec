"""What a client's own proxy says, in a tunnel's place or to a request that needs none."""

from __future__ import annotations

from typing import Any

import pytest
from ayx_diagnostics.model import Observation
from ayx_diagnostics.rules import find

HOST, PROXY = "server.lab.test", "http://proxy.lab.test:3128"
PLAIN_URL = f"http://{HOST}/webapi/oauth2/token"


def o(what: str, outcome: str = "ok", target: str = "", **evidence: Any) -> Observation:
    stage, _, operation = what.partition(".")
    return Observation(stage, operation, target, 0.0, 0.1, outcome, evidence)  # type: ignore[arg-type]  # stage by name


def through(proxy: str, *seen: Observation) -> list[Observation]:
    return [o("proxy.select", "proxy", proxy=proxy, origin="HTTPS_PROXY"), o("proxy.connect"), *seen]


def tunnel(outcome: str, proxy: str, **more: Any) -> Observation:
    return o("proxy.tunnel", outcome, f"{HOST}:443", **{"proxy": proxy, "candidate": False} | more)


def plain_request(status: int, **more: Any) -> list[Observation]:
    settings = o("config.read_settings", scheme="http", host=HOST, is_loopback=False)
    evidence = {"method": "POST", "url": PLAIN_URL, "status": status, "style": "none", "verified": False}
    return [settings, *through(PROXY, o("token.request", "ok", PLAIN_URL, **evidence | more))]


@pytest.mark.parametrize(
    ("status", "more", "code"),
    [
        (407, {"proxy_authenticate": 'Basic realm="x"'}, "proxy.auth_required"),
        (403, {"x_squid_error": "ERR_ACCESS_DENIED 0"}, "proxy.denied"),
        (503, {"x_squid_error": "ERR_CONNECT_FAIL 111"}, "proxy.upstream_timeout"),
        (503, {"x_squid_error": "ERR_DNS_FAIL 0"}, "proxy.upstream_dns_fail"),
        (502, {"proxy_status": "px; error=connection_refused"}, "proxy.bad_gateway"),
        (504, {"proxy_status": "px; error=connection_timeout"}, "proxy.upstream_timeout"),
    ],
)
def test_a_proxy_that_refuses_a_plain_request_is_the_cause(status: int, more: dict[str, Any], code: str) -> None:
    found = find(plain_request(status, **more))[0]
    assert found.code == code
    assert f"answers POST {PLAIN_URL}" in found.because[0]


@pytest.mark.parametrize(
    ("status", "more", "code"),
    [
        (403, {}, "token.forbidden"),
        (502, {"server": "nginx"}, "http.gateway_5xx"),
        (502, {"proxy_status": "cache; hit", "server": "nginx"}, "http.gateway_5xx"),
    ],
)
def test_what_it_passes_on_is_no_fault_of_the_proxy(status: int, more: dict[str, Any], code: str) -> None:
    assert find(plain_request(status, **more))[0].code == code


@pytest.mark.parametrize(
    ("given", "outcome", "right", "answer"),
    [
        ("socks5://proxy.lab.test:3128", "timeout", PROXY, "ok"),
        ("https://proxy.lab.test:3128", "not_tls", PROXY, "status"),
        (PROXY, "closed", "https://proxy.lab.test:3128", "verify_failed"),
    ],
)
def test_a_port_that_answers_in_another_way_has_the_wrong_scheme(
    given: str, outcome: str, right: str, answer: str
) -> None:
    found = find(through(given, tunnel(outcome, given), tunnel(answer, right, candidate=True)))[0]
    assert (found.code, found.confidence) == ("proxy.scheme_mismatch", "certain")
    assert found.fix[0].step == f"write the proxy as {right}"
    assert given in found.title


def test_another_proxy_that_answers_says_nothing_about_the_scheme() -> None:
    other = tunnel("ok", "https://other.lab.test:3128", candidate=True)
    assert find(through(PROXY, tunnel("closed", PROXY), other))[0].code == "proxy.closes_after_connect"


def test_silence_to_a_socks_greeting_may_be_an_http_proxys() -> None:
    given = "socks5://proxy.lab.test:3128"
    found = find(through(given, tunnel("timeout", given)))[0]
    assert found.code == "proxy.connect_silent"
    assert found.fix[0].step.endswith(PROXY)

"""The proxy that each client chooses: our rules against the real clients, and what the probe makes of them."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import urllib.request
from collections.abc import Iterator, Mapping
from unittest import mock

import httpx
import pytest
import requests
from ayx_connection.settings import Settings
from ayx_diagnostics.model import Observation
from ayx_diagnostics.network.clock import SystemClock
from ayx_diagnostics.probes import proxy
from ayx_diagnostics.probes.no_proxy import DIRECT, by_library, without_password
from ayx_simulator.peers.listener import Connection, Listener
from fast import examples
from hypothesis import example, given, settings
from hypothesis import strategies as st

NAME = "https://ayx01.corp.example/webapi"
PROXY = "http://proxy.test:3128"
ON = {"HTTPS_PROXY": PROXY}

#: Variables, URL: what stands in the field's bug reports.
CASES: list[tuple[dict[str, str], str]] = [
    ({}, NAME),
    (ON, NAME),
    ({"https_proxy": PROXY}, NAME),
    ({"HTTP_PROXY": PROXY}, NAME),
    ({"HTTP_PROXY": PROXY}, "http://ayx01.corp.example/"),
    ({"http_proxy": PROXY}, "http://ayx01.corp.example/"),
    ({"http_proxy": PROXY, "REQUEST_METHOD": "GET"}, "http://ayx01.corp.example/"),
    ({"HTTP_PROXY": PROXY, "REQUEST_METHOD": "GET"}, "http://ayx01.corp.example/"),
    ({"ALL_PROXY": PROXY}, NAME),
    ({"all_proxy": PROXY}, NAME),
    ({"HTTPS_PROXY": PROXY, "https_proxy": "http://lower.test:1"}, NAME),
    ({"HTTPS_PROXY": PROXY, "https_proxy": ""}, NAME),
    ({"HTTPS_PROXY": "proxy.test:3128"}, NAME),
    ({"HTTPS_PROXY": PROXY, "ALL_PROXY": "http://all.test:2"}, NAME),
    *(
        ({**ON, "NO_PROXY": value}, url)
        for url in (
            NAME,
            "https://corp.example/",
            "https://ayx01/",
            "https://ayx01.corp.example:8443/",
            "https://10.1.2.3/",
            "https://[fd00::7]/",
            "https://localhost/",
            "https://notcorp.example/",
        )
        for value in (
            "ayx01.corp.example",
            "corp.example",
            ".corp.example",
            "*",
            "AYX01.CORP.EXAMPLE",
            " a.test , corp.example ",
            "*.corp.example",
            "ayx01.corp.example:443",
            "ayx01.corp.example:8443",
            "a.test;corp.example",
            "a.test corp.example",
            "https://ayx01.corp.example",
            "10.0.0.0/8",
            "10.1.2.3",
            "10.*",
            "10.",
            "10.1.2.3/32",
            "10.0.0.0/255.0.0.0",
            "corp.example.",
            "localhost",
            "fd00::7",
            "fd00::/8",
            "[fd00::7]",
            "a,*",
            ",,",
        )
    ),
    ({**ON, "NO_PROXY": ".corp.example", "no_proxy": ""}, NAME),
    ({**ON, "NO_PROXY": "corp.example", "no_proxy": "other.example"}, NAME),
]


def real_httpx(url: str) -> str:
    try:
        client = httpx.Client(verify=False)
    except (httpx.InvalidURL, ValueError):
        return "error"
    with client:
        pool = client._transport_for_url(httpx.URL(url))._pool  # type: ignore[attr-defined]  # where httpx keeps it
        chosen = getattr(pool, "_proxy_url", None)
    return DIRECT if chosen is None else f"{chosen.scheme.decode()}://{chosen.host.decode()}:{chosen.port}"


def real_requests(url: str) -> str:
    with requests.Session() as session:
        merged = session.merge_environment_settings(url, {}, None, None, None)["proxies"]
    chosen = requests.utils.select_proxy(url, merged)
    return DIRECT if chosen is None else requests.utils.prepend_scheme_if_needed(chosen, "http")


def real_urllib(url: str) -> str:
    handler, request = urllib.request.ProxyHandler(), urllib.request.Request(url)
    chosen = handler.proxies.get(request.type)
    if chosen is not None:
        handler.proxy_open(request, chosen, request.type)
    used = request.has_proxy() or getattr(request, "_tunnel_host", None)
    return f"http://{request.host}" if used else DIRECT


REAL = {"httpx": real_httpx, "requests": real_requests, "urllib": real_urllib}


def assert_same(variables: Mapping[str, str], url: str) -> None:
    ours = by_library(url, variables)
    with mock.patch.dict(os.environ, variables, clear=True):
        for name, real in REAL.items():
            expected = real(url)
            seen = "error" if ours[name].startswith("error") else ours[name]
            assert seen == expected, (name, variables, url)


@pytest.mark.skipif(sys.platform == "win32", reason="variables are not case-sensitive there")
def test_our_rules_are_those_of_the_real_clients() -> None:
    for variables, url in CASES:
        assert_same(variables, url)


_TOKENS = st.sampled_from(
    [
        *("corp.example", ".example", "ayx01", "*", "*.example", "10.1.2.3", "10.0.0.0/8", "10.0.0.0/0", "10.1.2.3/33"),
        *("::1", "[::1]", "fd00::/8", "https://ayx01.corp.example", "http://", "all://", "ayx01:443", "a:b"),
        *("localhost", "", " ", "é.test"),
    ]
)


@pytest.mark.skipif(sys.platform == "win32", reason="variables are not case-sensitive there")
@settings(max_examples=examples(60), deadline=None)
@example(tokens=["https://ayx01.corp.example", "é.test"], separator=" ", url=NAME, both=False)
@example(tokens=["corp.example", "10.0.0.0/8", "é.test"], separator=" ", url=NAME, both=False)
@example(tokens=["é.test"], separator=",", url=NAME, both=False)
@given(
    tokens=st.lists(_TOKENS, max_size=4),
    separator=st.sampled_from([",", ", ", " ", ";"]),
    url=st.sampled_from(
        [NAME, "https://10.1.2.3/", "https://[::1]/", "https://localhost:8443/", "http://corp.example/"]
    ),
    both=st.booleans(),
)
def test_our_rules_follow_the_real_clients_for_any_exceptions(
    tokens: list[str], separator: str, url: str, *, both: bool
) -> None:
    variables = {**ON, "NO_PROXY": separator.join(tokens), **({"ALL_PROXY": "http://all.test:2"} if both else {})}
    assert_same(variables, url)


@pytest.fixture
def curl() -> str:
    found = shutil.which("curl")
    if found is None:
        pytest.skip("no curl on this machine")
    return found


@pytest.fixture
def listeners() -> Iterator[tuple[Listener, Listener]]:
    def refuse(connection: Connection) -> None:
        connection.receive()

    with Listener(refuse) as server, Listener(refuse) as through:
        yield server, through


def test_our_rules_are_those_of_the_real_curl(curl: str, listeners: tuple[Listener, Listener]) -> None:
    version = subprocess.run([curl, "--version"], capture_output=True, text=True, check=True).stdout.split()[1]
    if tuple(int(part) for part in version.split(".")[:2]) < (7, 86):
        pytest.skip(f"curl {version} has older rules")
    server, through = listeners
    place = f"http://127.0.0.1:{through.port}"
    for variables, url in CASES:
        if variables.get("HTTPS_PROXY", PROXY) != PROXY or variables.get("https_proxy"):
            continue
        if "localhost" in url or "notcorp" in url or ":8443" in url:
            continue  # nothing that the other URLs do not show, and every curl is a process
        moved = {name: place if value == PROXY else value for name, value in variables.items()}
        before = len(through.connections)
        subprocess.run(
            [curl, "--silent", "--max-time", "3", "--connect-to", f"::127.0.0.1:{server.port}", url],
            env={"PATH": os.environ["PATH"], **moved},
            check=False,
            capture_output=True,
        )
        used = place if len(through.connections) > before else DIRECT
        assert by_library(url, moved)["curl"] == used, (variables, url)


# --- the probe ------------------------------------------------------------------------------------------------------


def select(environ: Mapping[str, str], url: str = NAME, **options: object) -> Observation:
    loaded = Settings.load({"base_url": "https://ayx01.corp.example", **options}, environ, None, None)
    seen = proxy.select(SystemClock(), url, loaded, environ)
    json.dumps(dict(seen.evidence))
    return seen


def test_no_proxy_anywhere() -> None:
    seen = select({})
    assert (seen.stage, seen.operation, seen.target, seen.outcome) == ("proxy", "select", NAME, "direct")
    assert seen.evidence["candidates"] == []
    assert set(seen.evidence["by_library"].values()) == {DIRECT}


def test_a_proxy_from_the_environment_without_its_password() -> None:
    seen = select({"HTTPS_PROXY": "http://alice:p%40ssw0rd@proxy.test:3128", "NO_PROXY": "other.example"})
    evidence = seen.evidence
    assert seen.outcome == "proxy"
    assert (evidence["proxy"], evidence["origin"]) == ("http://alice@proxy.test:3128", "environment HTTPS_PROXY")
    assert (evidence["scheme"], evidence["proxy_host"], evidence["proxy_port"]) == ("http", "proxy.test", 3128)
    assert (evidence["has_credentials"], evidence["no_proxy"]) == (True, "other.example")
    assert evidence["candidates"] == []
    assert "ssw0rd" not in repr(seen)


def test_an_exception_leaves_the_proxy_as_a_candidate() -> None:
    seen = select({"HTTPS_PROXY": PROXY, "https_proxy": PROXY, "HTTP_PROXY": "web.test:80", "NO_PROXY": "corp.example"})
    evidence = seen.evidence
    assert (seen.outcome, evidence["no_proxy_match"]) == ("direct", "corp.example")
    assert evidence["no_proxy_origin"] == "environment NO_PROXY"
    assert [(item["proxy"], item["variable"]) for item in evidence["candidates"]] == [
        (PROXY, "HTTPS_PROXY"),
        ("http://web.test:80", "HTTP_PROXY"),
    ]


def test_what_the_client_s_own_setting_chooses_is_no_candidate() -> None:
    seen = select({"HTTPS_PROXY": PROXY, "ALL_PROXY": "http://all.test:2"}, proxy=PROXY)
    assert (seen.outcome, seen.evidence["origin"]) == ("proxy", "option --proxy")
    assert [item["proxy"] for item in seen.evidence["candidates"]] == ["http://all.test:2"]


@pytest.mark.parametrize("value", ["http://user:pa#ss@proxy.test:3128", "htp://proxy.test", "http://u:p4ssw0rd@"])
def test_an_unusable_proxy_is_told_without_its_password(value: str) -> None:
    seen = select({"HTTPS_PROXY": value})
    assert seen.outcome == "invalid"
    assert seen.evidence["code"] == "proxy.url_invalid"
    assert "HTTPS_PROXY" in seen.evidence["message"]
    assert seen.evidence["by_library"]["httpx"].startswith("error: ")
    assert "pa#ss" not in repr(seen)
    assert "p4ssw0rd" not in repr(seen)


def test_an_entry_that_stops_httpx_is_told() -> None:
    seen = select({"HTTPS_PROXY": PROXY, "NO_PROXY": "[::1]"})
    assert seen.evidence["by_library"]["httpx"].startswith("error: ")
    assert seen.evidence["by_library"]["requests"] == PROXY


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("http://u:p@h:1", "http://u@h:1"),
        ("u:p@h:1", "http://u@h:1"),
        ("h:1", "http://h:1"),
        ("http://u:p#x@h", "http://h"),
        ("u:p#x@h", "h"),
        ("nonsense:x", "nonsense:x"),
    ],
)
def test_a_proxy_setting_without_its_password(value: str, shown: str) -> None:
    assert without_password(value) == shown


@settings(max_examples=examples(200), deadline=None)
@given(password=st.text(alphabet="abc#/@%:? \n", min_size=1, max_size=12))
def test_no_password_survives(password: str) -> None:
    marked = f"<{password}>"
    assert f"{marked}" not in without_password(f"http://user:{marked}@proxy.test:3128")

"""A call goes below the Web API address of its Server, however it is written, and nowhere else."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest
from ayx_connection.client import connect
from ayx_connection.settings import parse_address
from ayx_connection.transport import call_target
from hypothesis import given
from hypothesis import strategies as st

StandIn = Any  # the class stands in conftest.py, which tests cannot import from
SERVER = parse_address("https://ayx.corp.example/alteryx/webapi")
BAD = (
    *("", " ", "//x", "///x", "//ayx.corp.example/alteryx/webapi/v3", "https://evil.example/v3/x", "https:/x", "x:y"),
    *("http://ayx.corp.example/alteryx/webapi/v3", "https://ayx.corp.example/other", "https://ayx.corp.example:8443/x"),
    *("https://u:p@ayx.corp.example/alteryx/webapi/v3", "https://ayx.corp.example@evil.example/alteryx/webapi/v3"),
    *(
        "https://ayx.corp.example/alteryx/webapi/../x",
        "https://ayx.corp.example.evil.example/alteryx/webapi",
        "https://[",
    ),
    *("..", "/..", "/v3/..", "/v3/../x", "/v3/./x", "/v3/%2e%2E/x", "/v3/x%2f..%2f..", "/v3/%252e%252e", "/v3/..;/x"),
    *("/webapi/../x", "/webapi//x", "/v3//x", "/v3/x//", "/v3/\uff0e\uff0e/x", "/%2fevil.example", "/v3/%5c..%5c/x"),
    *(
        "\\\\evil.example",
        "/v3\\..\\x",
        "/\\evil.example",
        "/v3/x\r\nHost: evil",
        "/v3/x\0",
        "/v3/%00",
        "/v3/x#y",
        "/v3/x ",
    ),
)


@pytest.mark.parametrize(
    "path",
    [
        *(
            "/v3/x",
            "v3/x",
            "/webapi/v3/x",
            "webapi/v3/x",
            "/WebAPI/v3/x",
            "/alteryx/webapi/v3/x",
            "alteryx/webapi/v3/x",
        ),
        *("https://ayx.corp.example/alteryx/webapi/v3/x", "HTTPS://AYX.corp.example:443/alteryx/webapi/v3/x"),
    ],
)
@pytest.mark.parametrize("query", ["", "?view=Full&q=a/../b"])
def test_one_path_in_many_spellings(path: str, query: str) -> None:
    assert call_target(SERVER, path + query) == (f"/v3/x{query}", None)


@pytest.mark.parametrize(
    ("path", "below"),
    [
        ("/", "/"),
        ("/webapi", "/"),
        ("/v1/jobs/", "/v1/jobs/"),
        ("/v3/a%2Fb", "/v3/a%2Fb"),
        ("/v3/a b/ä", "/v3/a b/ä"),
        ("/v3/webapi", "/v3/webapi"),
        ("/webapis/v3", "/webapis/v3"),
    ],
)
def test_what_is_left_as_it_is(path: str, below: str) -> None:
    assert call_target(SERVER, path) == (below, None)


@pytest.mark.parametrize("path", BAD, ids=ascii)
def test_what_leads_elsewhere(path: str) -> None:
    with pytest.raises(ValueError, match=r"^the path ") as caught:
        call_target(SERVER, path)

    assert str(caught.value).isprintable()
    assert "u:p" not in str(caught.value)


def test_a_query_in_the_path_stays_beside_params() -> None:
    assert call_target(SERVER, "/v3/x?a=1", {"b": 2, "a": [3]}) == ("/v3/x", [("a", "1"), ("b", "2"), ("a", "3")])
    assert call_target(SERVER, "/v3/x?a=1", {}) == ("/v3/x?a=1", None)
    assert call_target(SERVER, "/v3/x", {"b": 2}) == ("/v3/x", {"b": 2})


@given(st.text(st.sampled_from("/.\\%2e5fcx:?#@;webapi ")) | st.text())
def test_no_path_leaves_the_web_api(path: str) -> None:
    try:
        below, _ = call_target(SERVER, path)
    except ValueError:
        return
    url = httpx.Client(base_url=SERVER.web_api_address).build_request("GET", below).url
    assert (url.scheme, url.host, url.port) == ("https", "ayx.corp.example", None)
    assert url.path.startswith("/alteryx/webapi/")


def test_nothing_is_sent(plain: StandIn) -> None:
    async def ask(path: str) -> None:
        async with connect(plain.base_url, client_id="8DA0000000000000", client_secret="5ec2e7" * 10) as server:
            await server.arequest("GET", path)

    with connect(plain.base_url, client_id="8DA0000000000000", client_secret="5ec2e7" * 10) as server:
        for path in BAD:
            with pytest.raises(ValueError, match=r"^the path "):
                server.request("DELETE", path)
            with pytest.raises(ValueError, match=r"^the path "):
                asyncio.run(ask(path))
        assert plain.received == []
        answer = server.request("GET", f"{plain.base_url}/webapi/v3/x?a=1", params={"b": "2"})
        assert answer.json() == {"path": "/webapi/v3/x?a=1&b=2"}

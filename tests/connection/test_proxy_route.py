from __future__ import annotations

import urllib.request
from collections.abc import Mapping

import httpx
import pytest
from ayx_connection.failures import ProxyError
from ayx_connection.proxy import ProxyAddress, Route, parse_proxy, select_route
from ayx_connection.proxy import route as route_module
from ayx_connection.settings import Setting, Settings
from fast import examples
from hypothesis import HealthCheck, example, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

PROXY = "http://proxy:3128"
TARGET = "https://ayx01.corp.example"


def route(environ: Mapping[str, str], url: str = TARGET, settings: Settings | None = None) -> Route:
    return select_route(url, settings or Settings(), environ)


def httpx_choice(environ: Mapping[str, str], url: str, monkeypatch: pytest.MonkeyPatch) -> str | None:
    """Ask a real httpx client which proxy it would use; ``fails`` when it cannot even be made."""
    with monkeypatch.context() as patch:
        for name in list(__import__("os").environ):
            if name.lower().endswith("_proxy") or name == "REQUEST_METHOD":
                patch.delenv(name)
        for name, value in environ.items():
            patch.setenv(name, value)
        try:
            with httpx.Client(verify=False) as client:  # a context costs 20 ms, and no connection is made
                pool = client._transport_for_url(httpx.URL(url))._pool  # type: ignore[attr-defined]
        except httpx.InvalidURL:
            return "fails"
    chosen = getattr(pool, "_proxy_url", None)
    return None if chosen is None else f"{chosen.scheme.decode()}://{chosen.host.decode()}:{chosen.port}"


def our_choice(environ: Mapping[str, str], url: str) -> str | None:
    chosen = route(environ, url)
    return chosen.proxy.address if chosen.proxy else None


MATRIX: list[tuple[dict[str, str], str, str]] = [
    ({}, TARGET, "direct"),
    ({"HTTPS_PROXY": PROXY}, TARGET, "proxy"),
    ({"https_proxy": PROXY}, TARGET, "proxy"),
    ({"HTTP_PROXY": PROXY}, TARGET, "direct"),
    ({"HTTP_PROXY": PROXY}, "http://ayx01.corp.example", "proxy"),
    ({"HTTP_PROXY": PROXY, "REQUEST_METHOD": "GET"}, "http://ayx01.corp.example", "direct"),
    ({"http_proxy": PROXY, "REQUEST_METHOD": "GET"}, "http://ayx01.corp.example", "proxy"),
    ({"ALL_PROXY": PROXY}, TARGET, "proxy"),
    ({"ALL_PROXY": "http://other:1", "HTTPS_PROXY": PROXY}, TARGET, "proxy"),
    ({"https_proxy": PROXY, "HTTPS_PROXY": "http://upper:1"}, TARGET, "proxy"),
    ({"https_proxy": "", "HTTPS_PROXY": PROXY}, TARGET, "direct"),
    ({"HTTPS_PROXY": "proxy:3128"}, TARGET, "proxy"),
    ({"HTTPS_PROXY": "http://proxy:3128/ "}, TARGET, "proxy"),
    ({"HTTPS_PROXY": "https://proxy"}, TARGET, "proxy"),
    ({"ALL_PROXY": "socks5://proxy:1080"}, TARGET, "proxy"),
]
MATRIX += [
    ({"HTTPS_PROXY": PROXY, "NO_PROXY": exceptions}, url, kind)
    for exceptions, url, kind in [
        ("ayx01.corp.example", TARGET, "direct"),
        ("corp.example", TARGET, "direct"),
        (".corp.example", TARGET, "direct"),
        (".corp.example", "https://corp.example", "proxy"),
        ("corp.example", "https://corp.example", "direct"),
        ("corp.example", "https://xcorp.example", "proxy"),
        ("*", TARGET, "direct"),
        ("a,*", TARGET, "direct"),
        ("AYX01.CORP.EXAMPLE", TARGET, "direct"),
        ("other, ayx01.corp.example ", TARGET, "direct"),
        ("*.corp.example", TARGET, "proxy"),
        ("ayx01.corp.example:443", TARGET, "proxy"),
        ("ayx01.corp.example:8443", "https://ayx01.corp.example:8443", "direct"),
        ("ayx01.corp.example:8443", TARGET, "proxy"),
        ("x;ayx01.corp.example", TARGET, "proxy"),
        ("x ayx01.corp.example", TARGET, "proxy"),
        ("https://ayx01.corp.example", TARGET, "direct"),
        ("http://ayx01.corp.example", TARGET, "proxy"),
        ("all://ayx01.corp.example", TARGET, "direct"),
        ("https://ayx01.corp.example:443", TARGET, "direct"),
        ("10.0.0.0/8", "https://10.1.2.3", "proxy"),
        ("10.1.2.3/8", "https://10.1.2.3", "direct"),
        ("10.1.2.3", "https://10.1.2.3", "direct"),
        ("10.0.0.0/8", TARGET, "proxy"),
        ("10.*", "https://10.1.2.3", "proxy"),
        ("10.", "https://10.1.2.3", "proxy"),
        ("::1", "https://[::1]", "direct"),
        (".corp.example", "https://ayx01", "proxy"),
        ("", "https://localhost", "proxy"),
        ("localhost", "https://localhost", "direct"),
        ("LOCALHOST", "https://localhost", "direct"),
        ("localhost", "https://x.localhost", "proxy"),
        ("127.0.0.1", "http://127.0.0.1:8080", "direct"),
        ("https://", TARGET, "direct"),
        ("all://", TARGET, "proxy"),
        (",,", TARGET, "proxy"),
        ("ayx01.corp.example.", TARGET, "proxy"),
    ]
]
MATRIX += [({"HTTPS_PROXY": PROXY, "no_proxy": "", "NO_PROXY": ".corp.example"}, TARGET, "proxy")]


@pytest.mark.parametrize(("environ", "url", "kind"), MATRIX)
def test_the_measured_matrix_and_httpx_itself(
    environ: dict[str, str], url: str, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert route(environ, url).kind == kind
    choice = httpx_choice(environ, url, monkeypatch)
    ours = our_choice(environ, url)
    assert (ours is None) == (choice is None)
    if choice is not None and ours is not None:
        assert ours.removesuffix(":443").removesuffix(":None") == choice.removesuffix(":None")


tokens = st.one_of(
    st.text(st.sampled_from("abx.*:/-0189[]@ ;~"), max_size=12),
    st.sampled_from(["*", "localhost", "x.b", ".b", "b", "*.b", "x.b:8443", "https://x.b", "http://", "all://b"]),
    st.ip_addresses().map(str),
    st.builds("{}/{}".format, st.ip_addresses(), st.integers(0, 32)),
)
targets = st.sampled_from(
    [
        "https://x.b",
        "https://b",
        "http://x.b",
        "https://x.b:8443",
        "https://10.1.2.3",
        "https://[::1]:8443",
        "http://localhost",
    ]
)
variables = st.fixed_dictionaries(
    {},
    optional={
        name: st.sampled_from(["", "http://one:1", "two:2", "https://three:3", "socks5://four:4"])
        for name in ("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy")
    },
)


@hypothesis_settings(
    max_examples=examples(200), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(environ=variables, exceptions=st.lists(tokens, max_size=3), url=targets)
@example(environ={"HTTPS_PROXY": "http://one:1"}, exceptions=["*."], url="https://b")
@example(environ={"HTTPS_PROXY": "http://one:1"}, exceptions=["**"], url="https://b")
@example(environ={"HTTPS_PROXY": "http://one:1"}, exceptions=["*b", ".b"], url="https://b")
def test_every_choice_is_the_one_of_httpx(
    environ: dict[str, str], exceptions: list[str], url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    environ = {**environ, "NO_PROXY": ",".join(exceptions)}
    choice = httpx_choice(environ, url, monkeypatch)
    ours = route(environ, url)
    assert (choice == "fails") == bool(ours.no_proxy_unreadable)
    if choice != "fails":
        assert (ours.proxy.address if ours.proxy else None) == choice


def test_exceptions_on_which_httpx_fails_are_named_and_match_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    environ = {"HTTPS_PROXY": PROXY, "NO_PROXY": "[::1],fd00::/8,ayx01.corp.example"}
    assert httpx_choice(environ, TARGET, monkeypatch) == "fails"
    chosen = route(environ)
    assert chosen.kind == "direct"
    assert chosen.no_proxy_unreadable == ("[::1]", "fd00::/8")


def test_who_decided_is_named() -> None:
    through = route({"HTTPS_PROXY": PROXY, "no_proxy": "x"})
    assert (through.origin, through.no_proxy, through.no_proxy_origin) == (
        "environment HTTPS_PROXY",
        "x",
        "environment no_proxy",
    )
    around = route({"HTTPS_PROXY": PROXY, "NO_PROXY": "x, .corp.example"})
    assert (around.kind, around.origin, around.no_proxy_match) == ("direct", "environment NO_PROXY", ".corp.example")
    assert route({"HTTPS_PROXY": PROXY, "NO_PROXY": "*"}).no_proxy_match == "*"
    assert route({}).origin == "default"


def test_a_proxy_for_us_alone_goes_before_everything_but_no_proxy() -> None:
    ours = Settings(proxy=Setting("http://ours:1", "environment ALTERYX_PROXY"))
    chosen = route({"HTTPS_PROXY": PROXY, "NO_PROXY": "*"}, "https://localhost", ours)
    assert (chosen.proxy, chosen.origin) == (ProxyAddress("http", "ours", 1), "environment ALTERYX_PROXY")
    off = Settings(proxy=Setting("http://ours:1", "x"), no_proxy_at_all=Setting(True, "option --no-proxy"))
    assert route({"HTTPS_PROXY": PROXY}, settings=off) == Route("direct", None, "option --no-proxy")


def test_the_operating_systems_proxy_counts_where_the_environment_says_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(urllib.request, "getproxies", lambda: {"https": "http://registry:8080"})
    for name in ("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "NO_PROXY", "FTP_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    chosen = select_route(TARGET, Settings())
    assert (str(chosen.proxy), chosen.origin) == ("http://registry:8080", "operating system settings")
    monkeypatch.setenv("HTTPS_PROXY", PROXY)
    assert select_route(TARGET, Settings()).origin == "environment HTTPS_PROXY"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("http://proxy", ProxyAddress("http", "proxy", 80)),
        ("HTTP://Proxy:3128/", ProxyAddress("http", "proxy", 3128)),
        ("https://proxy", ProxyAddress("https", "proxy", 443)),
        ("socks5h://proxy", ProxyAddress("socks5h", "proxy", 1080)),
        ("http://[::1]:3128", ProxyAddress("http", "::1", 3128)),
        ("http://me:p%40ss@proxy:1", ProxyAddress("http", "proxy", 1, "me", "p@ss")),
        ("http://me:p:s@proxy:1", ProxyAddress("http", "proxy", 1, "me", "p:s")),
        ("http://me@proxy:1", ProxyAddress("http", "proxy", 1, "me", None)),
        ("http://dom%5Cme:x@proxy:1", ProxyAddress("http", "proxy", 1, "dom\\me", "x")),
    ],
)
def test_proxy_addresses(text: str, expected: ProxyAddress) -> None:
    proxy = parse_proxy(text)
    assert proxy == expected
    assert httpx.Proxy(proxy.without_password).url.port in {proxy.port, None}
    if expected.password:
        theirs = httpx.Proxy(text)
        assert theirs.auth == (expected.username, expected.password)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("proxy:3128", "no scheme"),
        ("htp://proxy:3128", "'htp'"),
        ("socks4://proxy", "'socks4'"),
        ("http://", "no host"),
        ("http://:3128", "no host"),
        ("http://proxy:port", "port is no number"),
        ("http://proxy:0", "out of range"),
        ("http://proxy:99999", "out of range"),
        ("http://[::g]:1", "no IPv6 address"),
        ("http://proxy:3128\n", "line feed"),
        (" http://proxy:3128", "space (U+0020) at the beginning"),
        ("http://wpad/wpad.dat", "auto-configuration"),
        ("http://me:GEHE@IM@proxy:3128", "%40"),
        ("http://me:GEHE#IM@proxy:3128", "%23"),
        ("http://me:12#IM@proxy:3128", "%23"),
        ("http://me:GEHE/IM@proxy:3128", "%2F"),
        ("http://me:GEHE?IM@proxy:3128", "%3F"),
        ("http://me:GEHEIM", "port is no number"),
    ],
)
def test_a_proxy_address_that_cannot_be_used_is_explained_without_its_password(text: str, named: str) -> None:
    with pytest.raises(ProxyError) as caught:
        select_route(TARGET, Settings(proxy=Setting(text, "environment ALTERYX_PROXY")), {})
    assert caught.value.code == "proxy.url_invalid"
    assert caught.value.origin == "environment ALTERYX_PROXY"
    assert named in str(caught.value)
    assert "ALTERYX_PROXY" in str(caught.value)
    for secret in ("GEHE", "IM", "12"):
        assert secret not in str(caught.value)


def test_a_proxy_that_is_not_used_need_not_be_right() -> None:
    assert route({"HTTP_PROXY": "nonsense://", "HTTPS_PROXY": "", "NO_PROXY": ""}).kind == "direct"


def test_socks_without_its_package_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(route_module, "find_spec", lambda _name: None)
    with pytest.raises(ProxyError, match=r"httpx\[socks\]") as caught:
        route({"ALL_PROXY": "socks5://proxy:1080"})
    assert caught.value.code == "proxy.socks_dep_missing"


def test_a_password_is_in_no_representation() -> None:
    chosen = route({"HTTPS_PROXY": "http://me:geheim@proxy:1"})
    assert chosen.proxy is not None
    assert chosen.proxy.password == "geheim"
    assert "geheim" not in f"{chosen!r} {chosen.proxy} {chosen.proxy!r} {chosen.proxy.without_password}"
    assert chosen.proxy.without_password == "http://me@proxy:1"


@given(st.text(st.characters(codec="ascii"), max_size=30).map("http://me:geheim@{}".format) | st.text(max_size=30))
def test_any_text_is_a_proxy_address_or_a_proxy_error(text: str) -> None:
    try:
        proxy = parse_proxy(text)
    except ProxyError as error:
        shown = str(error)
    else:
        shown = str(proxy)
        assert 0 < proxy.port <= 65535
    assert "geheim" not in shown

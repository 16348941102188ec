from __future__ import annotations

import ipaddress

import httpx
import pytest
from ayx_connection.failures import AddressError, SettingsError
from ayx_connection.settings import ServerAddress, parse_address
from hypothesis import given
from hypothesis import strategies as st


@pytest.mark.parametrize(
    ("given", "web_api_address"),
    [
        ("ayx.example.com", "https://ayx.example.com/webapi"),
        ("ayx.example.com:8443", "https://ayx.example.com:8443/webapi"),
        ("ayx01", "https://ayx01/webapi"),
        ("ayx_01", "https://ayx_01/webapi"),
        ("https://ayx.example.com", "https://ayx.example.com/webapi"),
        ("https://ayx.example.com/", "https://ayx.example.com/webapi"),
        ("https://ayx.example.com:443/", "https://ayx.example.com/webapi"),
        ("https://ayx.example.com:/", "https://ayx.example.com/webapi"),
        ("https://ayx.example.com./", "https://ayx.example.com/webapi"),
        ("http://ayx.example.com:80", "http://ayx.example.com/webapi"),
        ("http://ayx.example.com:443", "http://ayx.example.com:443/webapi"),
        ("http://localhost/webapi/", "http://localhost/webapi"),
        ("https://ayx.example.com/webapi", "https://ayx.example.com/webapi"),
        ("https://ayx.example.com/WebAPI/", "https://ayx.example.com/webapi"),
        ("https://ayx.example.com/webapi/v3", "https://ayx.example.com/webapi"),
        ("https://ayx.example.com/webapi//v3/collections?view=Full", "https://ayx.example.com/webapi"),
        ("https://ayx.example.com//webapi//swagger/docs/3", "https://ayx.example.com/webapi"),
        ("https://ayx.example.com/gallery", "https://ayx.example.com/webapi"),
        ("https://ayx.example.com/gallery/#!/app/x", "https://ayx.example.com/webapi"),
        ("https://ayx.example.com/gallery/api/v1/", "https://ayx.example.com/webapi"),
        ("https://ayx.example.com/webapi/swagger/ui/index#!/Users", "https://ayx.example.com/webapi"),
        ("https://ayx.example.com/webapi/oauth2/token", "https://ayx.example.com/webapi"),
        ("ayx.example.com/oauth2/token", "https://ayx.example.com/webapi"),
        ("ayx.example.com/v3/users", "https://ayx.example.com/webapi"),
        ("https://host/alteryx/webapi/v3", "https://host/alteryx/webapi"),
        ("https://host/a/B/gallery", "https://host/a/B/webapi"),
        ("https://host/alteryx", "https://host/alteryx/webapi"),
        ("HTTPS://AYX.Example.COM/WEBAPI", "https://ayx.example.com/webapi"),
        ("https://[2001:DB8::1]/webapi", "https://[2001:db8::1]/webapi"),
        ("https://[2001:db8::1]:8443", "https://[2001:db8::1]:8443/webapi"),
        ("::1", "https://[::1]/webapi"),
        ("10.1.2.3:8080", "https://10.1.2.3:8080/webapi"),
        ("https://bücher.example/webapi", "https://xn--bcher-kva.example/webapi"),
        ("https://BÜCHER。example", "https://xn--bcher-kva.example/webapi"),
        ("http:8080", "https://http:8080/webapi"),
    ],
)
def test_what_people_paste_becomes_the_web_api_address(given: str, web_api_address: str) -> None:
    address = parse_address(given)
    assert address.web_api_address == web_api_address
    assert address.token_url == f"{web_api_address}/oauth2/token"


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ("", "url_missing"),
        (" \t", "url_missing"),
        ("https://host ", "whitespace"),
        ("https://host\n", "whitespace"),
        ("https://ho st/webapi", "whitespace"),
        ("\ufeffhttps://host", "whitespace"),
        ("https://ho\u200bst", "whitespace"),
        ("https://host\u00a0", "whitespace"),
        ("“https://host”", "url_invalid"),
        ('"https://host"', "url_invalid"),
        ("'host'", "url_invalid"),
        ("https://host\\webapi", "url_invalid"),
        ("https://host\x00", "url_invalid"),
        ("ftp://host", "url_invalid"),
        ("https:/host", "url_invalid"),
        ("https:host", "url_invalid"),
        ("https//host", "url_invalid"),
        ("http:", "url_invalid"),
        ("https://", "url_invalid"),
        ("https:///webapi", "url_invalid"),
        ("/webapi", "url_invalid"),
        (":443", "url_invalid"),
        ("https://:443", "url_invalid"),
        ("host:0", "url_invalid"),
        ("host:65536", "url_invalid"),
        ("host:" + "9" * 5000, "url_invalid"),
        ("host:port", "url_invalid"),
        ("host:\uff14\uff14\uff13", "url_invalid"),
        ("https://[::1", "url_invalid"),
        ("https://[::1]x", "url_invalid"),
        ("https://[::g]", "url_invalid"),
        ("https://[fe80::1%25eth0]", "url_invalid"),
        ("fe80::1%eth0", "url_as_host"),
        ("https://ho%20st", "url_invalid"),
        ("https://{{server}}/webapi", "url_invalid"),
        ("https://host/../webapi", "url_invalid"),
        ("300.1.1.1", "url_invalid"),
        ("127.1", "url_invalid"),
        ("010.0.0.1", "url_invalid"),
        ("0x7f000001", "url_invalid"),
        ("https://https://host", "url_as_host"),
        ("https://http:/host", "url_as_host"),
        ("host:443:443", "url_as_host"),
        ("https://host:https://x", "url_as_host"),
        ("a..b", "host_label_invalid"),
        (".host", "host_label_invalid"),
        ("host..", "host_label_invalid"),
        ("x" * 64 + ".example", "host_label_invalid"),
        ("ü" * 64 + ".example", "host_label_invalid"),
        (".".join(["x" * 60] * 5), "host_label_invalid"),
        ("https://us1.alteryxcloud.com/v4", "wrong_product"),
        ("alteryxcloud.com", "wrong_product"),
    ],
)
def test_what_is_no_address_is_refused_with_its_code(given: str, code: str) -> None:
    with pytest.raises(AddressError) as caught:
        parse_address(given)
    assert caught.value.code == f"config.{code}"
    assert "\n" not in str(caught.value)


def test_an_address_error_is_a_value_error_and_a_settings_error() -> None:
    assert issubclass(AddressError, ValueError)
    assert issubclass(AddressError, SettingsError)


@pytest.mark.parametrize("given", ["https://user:geheim@host", "user:geheim@host/webapi", "https://u:gehe/im@host"])
def test_a_password_in_the_address_is_refused_and_not_repeated(given: str) -> None:
    with pytest.raises(AddressError) as caught:
        parse_address(given)
    assert caught.value.code == "config.url_invalid"
    assert "gehe" not in str(caught.value)


def test_the_message_names_the_stray_character_and_its_place() -> None:
    with pytest.raises(AddressError, match=r"carriage return \(U\+000D\) at the end"):
        parse_address("https://host\r")


def test_what_was_given_is_kept_without_query_and_fragment() -> None:
    assert parse_address("HOST/gallery?token=geheim#x").given == "HOST/gallery"


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        *((host, True) for host in ("localhost", "127.9.9.9", "[::1]", "[::ffff:127.0.0.1]")),
        *((host, False) for host in ("10.0.0.1", "localhost.example.com", "evil.localhost", "ayx", "[::2]")),
    ],
)
def test_loopback(host: str, expected: bool) -> None:
    assert parse_address(f"http://{host}").is_loopback is expected


label = st.from_regex(r"[a-z]([a-z0-9-]{0,20}[a-z0-9])?", fullmatch=True)
hosts = st.one_of(
    st.lists(label, min_size=1, max_size=4).map(".".join).filter(lambda h: not h.endswith("alteryxcloud.com")),
    st.ip_addresses(v=4).map(str),
    st.ip_addresses(v=6).map(lambda a: f"[{a}]"),
)
addresses = st.builds(
    "{}://{}{}{}{}".format,
    st.sampled_from(["http", "https", "HTTPS"]),
    hosts,
    st.one_of(st.just(""), st.integers(1, 65535).map(":{}".format)),
    st.sampled_from(["", "/x", "/x/y"]),
    st.sampled_from(["", "/", "/webapi", "/webapi/", "/webapi/v3", "/gallery", "//webapi//v1/x?y#z"]),
)


@given(addresses)
def test_normalising_twice_changes_nothing_and_httpx_reads_it_the_same(text: str) -> None:
    address = parse_address(text)
    again = parse_address(address.web_api_address)
    assert again.web_api_address == address.web_api_address
    assert parse_address(address.token_url).web_api_address == address.web_api_address
    url = httpx.URL(address.web_api_address)
    assert (url.scheme, url.port or {"http": 80, "https": 443}[url.scheme]) == (address.scheme, address.port)
    assert url.raw_host.decode() == address.host


@given(st.text(max_size=80))
def test_any_text_is_an_address_or_an_address_error(text: str) -> None:
    try:
        address = parse_address(text)
    except AddressError as error:
        refusal: AddressError | None = error
    else:
        refusal = None
        assert isinstance(address, ServerAddress)
        assert httpx.URL(address.web_api_address).raw_path.endswith(b"/webapi")
    if refusal is not None:
        assert refusal.code.startswith("config.")
        assert "\n" not in str(refusal)


@given(st.text(st.characters(codec="ascii"), max_size=40))
def test_any_host_that_passes_can_be_looked_up(text: str) -> None:
    try:
        host = parse_address(f"https://{text}/webapi").host
    except AddressError:
        return
    if ":" in host:
        assert ipaddress.IPv6Address(host)
    else:
        assert host.encode("idna")
        assert host == host.lower()

from __future__ import annotations

import base64
import json
from urllib.parse import quote

import pytest
from ayx_connection.redaction import MASK, Redactor
from hypothesis import given
from hypothesis import strategies as st

SECRET = 'p@ss/w:rd "1"'


@pytest.mark.parametrize(
    "spelling",
    [
        SECRET,
        quote(SECRET, safe=""),
        json.dumps(SECRET),
        base64.b64encode(SECRET.encode()).decode(),
        base64.b64encode(f"key:{SECRET}".encode()).decode(),
    ],
)
def test_every_spelling_of_a_secret_is_masked(spelling: str) -> None:
    cleaned = Redactor([SECRET], [("key", SECRET)]).text(f"before {spelling} after")
    assert cleaned.replace('"', "") == f"before {MASK} after"


@given(st.text(alphabet=st.characters(codec="utf-8"), min_size=4), st.text(), st.text())
def test_no_secret_survives_in_any_json_value(secret: str, before: str, after: str) -> None:
    redactor = Redactor([secret])
    cleaned = redactor.json({"list": [before + secret + after], secret: 1})
    assert secret not in "".join(cleaned["list"]).replace(MASK, "\0")
    assert all(secret not in key.replace(MASK, "\0") for key in cleaned)


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        ("Authorization: Bearer abcdefghij", "abcdefghij"),
        ("authorization: Basic a2V5OnNlY3JldA==", "a2V5OnNlY3JldA=="),
        ("Set-Cookie: session=0123456789", "0123456789"),
        ("http://user:hunter22@proxy:3128", "hunter22"),
        ('{"access_token": "AQAAANCMnd8"}', "AQAAANCMnd8"),
        ("client_id=a&client_secret=abcdef&x=1", "abcdef"),
    ],
)
def test_what_looks_like_a_secret_is_masked_though_it_is_not_known(text: str, secret: str) -> None:
    assert secret not in Redactor([]).text(text)


def test_a_token_learnt_later_is_masked() -> None:
    redactor = Redactor(["first-secret"])
    redactor.add("the-token", None)
    assert redactor.text("first-secret the-token") == f"{MASK} {MASK}"


def test_ordinary_text_is_left_alone() -> None:
    text = "10.0.0.7:443 did not answer 3 SYNs; password rules are at https://host/path"
    assert Redactor(["s3cret-value"]).text(text) == text


@pytest.mark.parametrize(
    "address",
    [
        "http://user:Hunter2-Passw0rd@proxy:1",
        "http://user:Hunter2-Passw0rd%40proxy:1",
        "http://user:Hunter2-Passw0rd\uff20proxy:1",
        "http://user:Hunter2-Passw0rd",
        "user:Hunter2-Passw0rd",
        "http://Hunter2-Passw0rd@proxy:1",
        "http://Hunter2-Passw0rd:@proxy:1",
        "http://proxy:1/?password=Hunter2-Passw0rd",
        "http://proxy:1;user=Hunter2-Passw0rd",
    ],
)
def test_a_password_in_an_address_is_learnt_and_not_shown(address: str) -> None:
    from ayx_connection.redaction import passwords_in
    from ayx_connection.settings import without_userinfo

    assert "Hunter2" not in without_userinfo(address)
    assert "Hunter2" not in Redactor(passwords_in([address])).text("they said Hunter2-Passw0rd")


@pytest.mark.parametrize(
    "address", ["https://host", "host:8443/webapi/v3", "https://[::1]:443/webapi", "http://proxy:1/"]
)
def test_an_address_without_a_password_is_shown(address: str) -> None:
    from ayx_connection.redaction import passwords_in
    from ayx_connection.settings import without_userinfo

    assert without_userinfo(address) == address
    assert list(passwords_in([address])) == []


def test_a_text_that_is_cut_is_told_so() -> None:
    from ayx_connection.answers import words_of

    secret = "6d4fQ-x2b9a8e7f-6d4f0c2b9Zq8"
    for missing in (1, 5, 20):
        text = " " * (65536 - len(secret) + missing) + secret
        assert secret[:6] not in str(words_of(text, Redactor([secret])))
    assert secret[:12].encode() not in Redactor([secret]).octets(b" " * 900_000 + secret[:-1].encode(), cut=True)

"""A secret is found however it is spelt, and what is no secret is left alone."""

from __future__ import annotations

import json
import re
from itertools import pairwise, product

import pytest
from ayx_connection.redaction import MASK, Redactor
from ayx_connection.redaction.escapes import ESCAPES
from ayx_connection.redaction.spellings import Needles
from ayx_simulator.peers.echo import SPELLINGS
from hypothesis import given, settings
from hypothesis import strategies as st

SECRET, TOKEN = 'Sup3r/S3cr3t+Value&<42>"', "eyJhbGciOiJIUzI1NiJ9.t0k-en_with~dots"


@pytest.mark.parametrize("secret", [SECRET, TOKEN, "pässwörd-ключ-漢字", "%2F%5c-as-it-is", "a b+c d=e f"])
@pytest.mark.parametrize("spelling", SPELLINGS)
def test_every_spelling_is_masked(spelling: str, secret: str) -> None:
    spelt = SPELLINGS[spelling](secret)
    cleaned = Redactor([secret]).text(f'"before" {spelt} "after"')
    assert spelt not in cleaned
    assert cleaned.startswith('"before" ')
    assert cleaned.endswith('"after"')
    assert MASK in cleaned
    assert len(re.sub(r"\W", "", cleaned.replace("before", "").replace("after", ""))) <= 12


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_every_spelling_is_found_in_octets_that_come_in_pieces(spelling: str) -> None:
    spelt = SPELLINGS[spelling](SECRET).encode()
    content = b"~" * 262_130 + b"\n" + spelt + b"\n" + b"~" * 70_000  # across the end of what is looked at together
    cleaned = b"".join(Redactor([SECRET]).pieces(content[at : at + 65_521] for at in range(0, len(content), 65_521)))
    assert spelt not in cleaned
    assert 0 <= cleaned.count(b"~") - 332_130 <= spelt.count(b"~")


@pytest.mark.parametrize("spelling", ["plain", "percent", "Base64", "hexadecimal", "JSON, every character"])
@pytest.mark.parametrize("share", [0.5, 0.7, 0.9])
def test_half_a_secret_at_the_end_of_a_cut_text(spelling: str, share: float) -> None:
    spelt = SPELLINGS[spelling](TOKEN)
    part = spelt[: int(len(spelt) * share)]
    assert part[:12] not in Redactor([TOKEN]).text(f"token: {part}", cut=True)


@pytest.mark.parametrize("end", ["", "=", "==", "4", "=4", "==4", "==4 "])
def test_a_text_that_is_cut_behind_base64_is_read_to_its_end(end: str) -> None:
    text = f"{SPELLINGS['Base64']('nothing secret')[:-2]}{end}"
    assert Redactor([SECRET]).text(text, cut=True) == text


@given(st.text(max_size=200))
def test_text_without_a_secret_stays_as_it_is(text: str) -> None:
    clean = Redactor(["no-text-holds-this-one-0123456789"]).text(text)
    assert clean == text or MASK in clean  # what looks like a password is masked, whosever it is


#: Spellings in which a letter's case counts: whoever changes it has lost the text, too.
WITH_CASE = {name for name in SPELLINGS if "Base64" in name} | {"behind control characters"}
PAIRS = [
    (inner, outer)
    for inner, outer in product(SPELLINGS, SPELLINGS)
    if not (inner in WITH_CASE and outer == "upper case") and not inner == outer == "Base64 of Base64"
]


def spelt_twice(secret: str, inner: str, outer: str) -> str:
    spelt = secret
    for name in (inner, outer):
        spelt = SPELLINGS[name](spelt) if spelt.isascii() or name in ("plain", "percent", "JSON", "Base64") else spelt
    return spelt


@pytest.mark.parametrize("secret", [SECRET, TOKEN, "000000"])
def test_every_spelling_inside_every_other(secret: str) -> None:
    redactor = Redactor([secret])
    assert [pair for pair in PAIRS if MASK not in redactor.text(f"before {spelt_twice(secret, *pair)} after")] == []


@given(
    st.text(alphabet=st.characters(codec="utf-8", min_codepoint=33, exclude_characters="\\"), min_size=6, max_size=30),
    st.sampled_from(PAIRS),
    st.text(max_size=30),
)
@settings(deadline=None)
def test_spellings_inside_each_other(secret: str, pair: tuple[str, str], around: str) -> None:
    assert MASK in Redactor([secret]).text(f"{around} {spelt_twice(secret, *pair)} {around}")


@given(st.binary(max_size=400), st.binary(min_size=4, max_size=20))
def test_spans_are_in_order_and_inside(content: bytes, secret: bytes) -> None:
    spans = Needles([secret.decode("latin-1")]).spans(content + secret + content)
    assert all(0 <= begin < end <= 2 * len(content) + len(secret) for begin, end in spans)
    assert all(first[1] <= second[0] for first, second in pairwise(spans))
    assert any(begin < len(content) + len(secret) and end > len(content) for begin, end in spans)


#: Escapes, characters that are not seen, and every octet that may begin one.
PIECES = (
    *(b"%41", b"%u0041", b"&#x41;", b"&amp;", b"\\u0041", b"\\x41", b"\\101", b"=41", b"=\r\n", b"<b>", b"\x1b[0m"),
    *map(str.encode, "\xa0\xad\u034f\u061c\u115f\u17b4\u180b\u200b\u2060\u3000\u3164\ufe0f\ufeff\uffa0\ufff9"),
    *("\U000e0041".encode(), b"\xc3\xa2\xc2\x80\xc2\x8b"),
    *(bytes([octet]) for octet in range(256)),
)


@given(st.lists(st.sampled_from(PIECES), max_size=30).map(b"".join))
def test_no_escape_is_passed_over_for_what_it_begins_with(content: bytes) -> None:
    for kind in ESCAPES:
        found, all_of_them = kind.found_in(content), kind.pattern.finditer(content)
        assert [one.span() for one in found] == [one.span() for one in all_of_them]


def test_content_without_a_secret_is_not_copied() -> None:
    content = json.dumps([{"id": str(number), "name": 'A "name"\n'} for number in range(1000)]).encode()
    assert Redactor([SECRET]).octets(content) is content


@pytest.mark.parametrize(
    "content", [b"A" * 600_000, b"%41" * 200_000, b"\\" * 300_000, b"&" * 300_000, b"=0" * 200_000]
)
def test_what_a_peer_sends_takes_linear_time(content: bytes) -> None:
    assert b"".join(Redactor([SECRET]).pieces([content])) == content


def test_a_word_longer_than_any_window_ends() -> None:
    content = b"A" * 300_000 + SPELLINGS["Base64"]("xy" + SECRET).encode() + b"A" * 700_000
    cleaned = b"".join(Redactor([SECRET]).pieces([content]))
    assert SPELLINGS["Base64"]("xy" + SECRET).encode() not in cleaned


def test_only_the_last_tokens_are_remembered() -> None:
    from ayx_connection.redaction import Secret

    redactor = Redactor()
    for number in range(100):
        redactor.add_token(Secret(f"token-number-{number:03}"))
    assert redactor.text("token-number-099 token-number-000") == f"{MASK} token-number-000"


def test_what_would_take_too_long_is_not_shown_at_all() -> None:
    secret = "6d4f0c2b9a8e7f6d"
    hard = "%25".join("%41" * 5_000) + secret
    assert Redactor([secret]).text(hard * 20) == MASK
    assert secret.encode() not in b"".join(Redactor([secret]).pieces([(hard * 20).encode()]))

"""The name in a Content-Disposition: its last part, and nothing that a file system or a terminal takes for more."""

from __future__ import annotations

import unicodedata

import pytest
from ayx_client.file_names import name_in, usable
from hypothesis import given
from hypothesis import strategies as st


@pytest.mark.parametrize(
    ("disposition", "name"),
    [
        ('attachment; filename="flow.yxzp"', "flow.yxzp"),
        ("attachment; filename=flow.yxzp", "flow.yxzp"),
        ('ATTACHMENT; FileName = "a b; c.yxzp"', "a b; c.yxzp"),
        ("attachment; filename=plain.yxzp; filename*=UTF-8''na%C3%AFve.yxzp", "naïve.yxzp"),
        ("attachment; filename*=UTF-8'de'%E2%82%AC%20rates.csv; filename=rates.csv", "€ rates.csv"),
        ("attachment; filename*=iso-8859-1'en'%A3.csv", "£.csv"),
        ('attachment; filename="=?utf-8?B?ZmzDtncueXh6cA==?="', "flöw.yxzp"),
        ('attachment; filename="../../etc/passwd"', "passwd"),
        ('attachment; filename="C:\\\\temp\\\\flow.yxzp"', "flow.yxzp"),
        ("attachment; filename*=UTF-8''..%2F..%5Cevil.yxzp", "evil.yxzp"),
        ("attachment; filename*=UTF-8''a%00b%0Ac%1B%5B31m.txt", "abc[31m.txt"),
        ('attachment; filename="exe.\u202ecod.yxzp"', "exe.cod.yxzp"),
        ('attachment; filename=".bashrc"', "bashrc"),
        ('attachment; filename="flow.yxzp. . "', "flow.yxzp"),
        ('attachment; filename="CON"', "_CON"),
        ('attachment; filename="nul.tar.gz"', "_nul.tar.gz"),
        ('attachment; filename="COM1 .txt"', "_COM1 .txt"),
        ('attachment; filename="a:stream<>|?*.txt"', "a_stream_____.txt"),
        ('attachment; filename=".."', None),
        ('attachment; filename="dir/"', None),
        ('attachment; filename=""', None),
        ("attachment; filename*0=a; filename*=UTF-8''b", None),
        ("inline", None),
        ("", None),
        (";;;=", None),
    ],
)
def test_names(disposition: str, name: str | None) -> None:
    assert name_in(disposition) == name


def test_a_long_name_keeps_its_suffix() -> None:
    name = usable("ö" * 300 + ".yxzp")

    assert name is not None
    assert name.endswith("ö.yxzp")
    assert len(name.encode()) <= 255


@given(st.text() | st.text(st.sampled_from("./\\ :CONnul1*'%2Fe=?;\"\u202e\0\n")))
def test_no_name_is_a_path(text: str) -> None:
    for name in (
        usable(text),
        name_in(f'attachment; filename="{text}"'),
        name_in(f"attachment; filename*=UTF-8''{text}"),
        name_in(text),
    ):
        if name is None:
            continue
        assert not set(name) & set('/\\<>:"|?*')
        assert not any(unicodedata.category(character)[0] == "C" for character in name)
        assert name == name.strip(". ")
        assert name.partition(".")[0].strip().upper() not in {"CON", "NUL", "PRN", "AUX", "COM1", "LPT1"}
        assert 0 < len(name.encode()) <= 255

"""``explain`` repeats nothing, believes nothing, and comes to an end."""

from __future__ import annotations

import base64
import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ayx_diagnostics.explanation import explain, understand
from ayx_diagnostics.explanation.paste import MOST_TEXT, pieces
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

Program = Callable[..., "subprocess.CompletedProcess[str]"]

SECRETS = {
    "client secret": "5ec2e75ec2e75ec2e7",
    "access token": "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJlLXZhbHVl",
    "proxy password": "pr0xy-Pa55word",
    "basic": base64.b64encode(b"8DA0000000000000:5ec2e75ec2e7").decode(),
    "cookie": "ASP.NET_SessionId=q1w2e3r4t5",
    "cloud key": "AKIAIOSFODNN7EXAMPLE",
    "host": "ayx01.internal.corp.example",
}
LEAKY = f"""\
> POST /webapi/oauth2/token HTTP/1.1
> Host: {SECRETS["host"]}
> Authorization: Basic {SECRETS["basic"]}
> Proxy-Authorization: Basic {SECRETS["basic"]}
> Cookie: {SECRETS["cookie"]}
grant_type=client_credentials&client_id=8DA0000000000000&client_secret={SECRETS["client secret"]}
aws_access_key_id = {SECRETS["cloud key"]}
{{"access_token":"{SECRETS["access token"]}","token_type":"bearer"}}
< Set-Cookie: {SECRETS["cookie"]}; path=/
requests.exceptions.ProxyError: HTTPSConnectionPool(host='{SECRETS["host"]}', port=443): Max retries exceeded \
(Caused by ProxyError('Cannot connect to proxy http://robot:{SECRETS["proxy password"]}@proxy', \
OSError('Tunnel connection failed: 407 Proxy Authentication Required')))
"""


def assert_clean(shown: str) -> None:
    assert [name for name, secret in SECRETS.items() if secret in shown] == []


@pytest.mark.parametrize("format_", ["text", "json"])
def test_nothing_of_the_text_is_repeated(ayxctl: Program, format_: str) -> None:
    done = ayxctl("explain", "-", "--format", format_, stdin=LEAKY)
    assert done.returncode == 0
    assert "proxy.auth_required" in done.stdout
    assert_clean(done.stdout + done.stderr)


@pytest.mark.parametrize("secret", SECRETS.values(), ids=SECRETS)
def test_a_secret_alone_is_no_match_and_not_repeated(ayxctl: Program, secret: str) -> None:
    done = ayxctl("explain", f"my secret is {secret} {secret}")
    assert done.returncode == 1
    assert_clean(done.stdout + done.stderr)
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize("secret", ["5ec2e7/5ec2+e7==", "folder/5ec2e75ec2e7", "token.5ec2e75ec2e7", "/5ec2e7+x="])
def test_a_secret_that_looks_like_a_path_or_a_code_is_not_repeated(ayxctl: Program, secret: str) -> None:
    done = ayxctl("explain", secret)
    assert done.returncode == 1
    assert "5ec2e7" not in done.stdout + done.stderr


def test_an_exception_with_secrets_is_explained_without_them() -> None:
    error = OSError(f"Tunnel connection failed: 407 for http://robot:{SECRETS['proxy password']}@proxy")
    assert_clean(repr(explain(error)))
    assert explain(error)


@pytest.mark.parametrize(
    ("stdin", "code"),
    [
        ("", 2),
        ("\n \t\n", 2),
        ("\ufeff", 2),
        ("no error at all", 1),
        ("\x00\x01\x02\x03" * 1000, 1),
    ],
)
def test_what_is_no_error_ends_in_one_line(ayxctl: Program, stdin: str, code: int) -> None:
    done = ayxctl("explain", "-", stdin=stdin)
    assert done.returncode == code
    assert len(done.stderr.strip().splitlines()) == 1
    assert done.stdout == ""


def test_binary_files_are_no_match(ayxctl: Program, tmp_path: Path) -> None:
    path = tmp_path / "core.out"
    path.write_bytes(os.urandom(200_000))
    done = ayxctl("explain", path)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr


def test_no_match_is_a_document_too(ayxctl: Program) -> None:
    done = ayxctl("explain", "no error at all", "--format", "json")
    assert done.returncode == 1
    assert json.loads(done.stdout) == {"matches": [], "library": None}


def test_words_without_their_cause_name_the_library_only(ayxctl: Program) -> None:
    done = ayxctl("explain", "TypeError: fetch failed")
    assert done.returncode == 1
    assert "node" in done.stderr
    assert understand("TypeError: fetch failed").library == "node"


def test_of_a_huge_text_the_end_is_read() -> None:
    found = [len(piece) for piece in pieces("x" * (MOST_TEXT * 2))]
    assert sum(found) < MOST_TEXT * 1.3
    assert max(found) < MOST_TEXT / 8


def test_ten_megabytes_come_to_an_end() -> None:
    noise = (
        "2026-11-25 10:00:00 ERROR request 10061 failed: socket connect error (see https://ayx/webapi) status code\n"
    )
    assert explain(noise * (10 * 2**20 // len(noise)))[:1] == explain(noise)[:1]


class _Hostile(Exception):  # noqa: N818  # it is about what its str() does
    def __str__(self) -> str:
        raise RuntimeError("no text for you")


def test_an_exception_that_cannot_be_printed_is_survived() -> None:
    assert explain(_Hostile()) == []


def test_a_circle_of_causes_is_survived() -> None:
    one, two = ConnectionRefusedError(111, "Connection refused"), RuntimeError("outer")
    one.__context__, two.__cause__ = two, one
    assert explain(two)[0].code == "tcp.refused_by_host"


PARTS = st.sampled_from(
    [
        *(
            "Traceback (most recent call last):\n",
            '  File "x.py", line 1, in f\n    g()\n',
            "Caused by: ",
            " ---> ",
            "\n",
        ),
        *("During handling of the above exception, another exception occurred:\n", "[cause]: ", "2026-01-01 ERROR "),
        *(
            "[Errno 111] Connection refused",
            "certificate has expired",
            "timed out",
            "<html>",
            "HTTP/1.1 502 Bad Gateway",
        ),
        *("[WinError 10060] x", "0x80090325", "curl: (7) ", "\x1b[0m", "&lt;", "\\n", "\ud800", "\u202e", "psycopg2"),
    ]
)


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(PARTS | st.text(max_size=20), max_size=25).map("".join))
def test_any_text_is_answered_from_the_tables(text: str) -> None:
    found = understand(text)
    document: dict[str, Any] = found.as_document()
    json.dumps(document).encode("ascii")
    codes = [match.code for match in found.matches]
    assert len(codes) == len(set(codes))


def test_a_long_log_is_not_read_from_the_middle_of_a_line() -> None:
    line = "2026-11-25 10:00:00 INFO nothing happened, the report on https://ayx/webapi says: timed out\n"
    assert all(piece.startswith("2026-") for piece in pieces(line * 20_000))


def test_what_a_status_hides_is_still_said() -> None:
    text = "2026-11-25 10:00:00 ERROR request failed: status 200, connection error https://ayx/webapi timed out"
    assert explain(text)


@pytest.mark.parametrize(
    "typed", ["--5ec2e75ec2e7", "-p5ec2e75ec2e7", "--client_secret=5ec2e7", "-u user:5ec2e7", "-H: 5ec2e7"]
)
def test_what_is_no_option_is_not_repeated(ayxctl: Program, typed: str) -> None:
    done = ayxctl("explain", typed)
    assert done.returncode in (1, 2)
    assert "5ec2e7" not in done.stdout + done.stderr

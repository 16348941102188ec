"""``ayxctl explain`` as people and scripts call it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

Program = Callable[..., "subprocess.CompletedProcess[str]"]

ERROR = (
    "requests.exceptions.ConnectTimeout: HTTPSConnectionPool(host='ayx', port=443): Max retries exceeded with url: / \
(Caused by ConnectTimeoutError(<HTTPSConnection(host='ayx', port=443) at 0x7f>, 'Connection to ayx timed out.'))"
)


def test_the_first_sentence_says_what_it_means_and_then_how_to_prove_it(ayxctl: Program) -> None:
    done = ayxctl("explain", ERROR)
    assert done.returncode == 0
    sentence = " ".join(done.stdout.split("\n\n", maxsplit=1)[0].split())
    assert sentence.startswith("This most likely means that a firewall drops connections to the Server's address.")
    assert "requests" in sentence
    assert "1. tcp.syn_dropped (likely)" in done.stdout
    assert "2. proxy.not_configured_but_needed (likely)" in done.stdout
    assert "Prove it: ayxctl diagnose --only tcp" in done.stdout
    assert all(len(line) <= 100 for line in done.stdout.splitlines())


@pytest.mark.parametrize(
    "text", [f"{'x' * 300} {ERROR}", "ConnectionRefusedError: [Errno 111] refused" + " " * 5000, " " * 300 + "dns"]
)
def test_one_argument_may_be_longer_than_any_name_of_a_file(ayxctl: Program, text: str) -> None:
    done = ayxctl("explain", text)
    assert done.returncode in (0, 1)
    assert "defect" not in done.stderr


def test_lines_fit_a_narrow_terminal(ayxctl: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    assert all(len(line) <= 60 for line in ayxctl("explain", ERROR).stdout.splitlines())


def test_what_no_probe_can_see_is_proven_by_hand(ayxctl: Program) -> None:
    document = json.loads(ayxctl("explain", "--format", "json", "tls.ocsp_crl_blocked").stdout)
    assert document["matches"][0]["next"][0] == "ayxctl explain tls.ocsp_crl_blocked"


def test_words_of_a_text_may_be_arguments_of_their_own(ayxctl: Program) -> None:
    assert "tcp.refused_by_host" in ayxctl("explain", "Connection", "refused").stdout


@pytest.mark.parametrize("arguments", [("-",), ()])
def test_standard_input_is_read(ayxctl: Program, arguments: tuple[str, ...]) -> None:
    done = ayxctl("explain", *arguments, "--format", "json", stdin=ERROR)
    document = json.loads(done.stdout)
    assert document["library"] == "requests"
    assert document["matches"][0]["code"] == "tcp.syn_dropped"


def test_a_file_is_read(ayxctl: Program, tmp_path: Path) -> None:
    path = tmp_path / "job.log"
    path.write_text(f"starting\n{ERROR}\n", encoding="utf-16")
    assert ayxctl("explain", path, "--format", "json").returncode == 0


@pytest.mark.parametrize("name", ["missing.log", "folder/missing.txt", "/nowhere/at/all"])
def test_a_missing_file_is_named(ayxctl: Program, name: str) -> None:
    done = ayxctl("explain", name)
    assert done.returncode == 2
    assert name in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_a_code_is_a_document_too(ayxctl: Program) -> None:
    document = json.loads(ayxctl("explain", "tcp.syn_dropped", "--format", "json").stdout)
    (match,) = document["matches"]
    assert (match["code"], match["confidence"]) == ("tcp.syn_dropped", "certain")
    assert document["library"] is None


@pytest.mark.parametrize("typed", ["tcp.syn_droped", "tpc.syn_dropped", "tcp.no_such_thing"])
def test_a_mistyped_code_is_no_text(ayxctl: Program, typed: str) -> None:
    done = ayxctl("explain", typed)
    assert done.returncode == 1
    assert typed in done.stderr
    assert "no code of the catalogue" in done.stderr


@pytest.mark.parametrize(
    "typed",
    ["TLS.CERT_EXPIRED", " tls.cert_expired\n", "[tls.cert_expired]", "`tls.cert_expired`.", "tls.cert-expired"],
)
def test_a_code_is_known_however_it_was_copied(ayxctl: Program, typed: str) -> None:
    done = ayxctl("explain", typed)
    assert done.returncode == 0
    assert "tls.cert_expired" in done.stdout


def test_a_stage_names_its_codes(ayxctl: Program) -> None:
    done = ayxctl("explain", "dns", "--format", "json")
    assert done.returncode == 1
    assert "dns.nxdomain" in done.stderr
    assert json.loads(done.stdout) == {"matches": [], "library": None}


@pytest.mark.parametrize(
    "arguments",
    [
        ("-bash: curl: (7) Failed to connect to ayx port 443: Connection refused",),
        ("-bash:", "[Errno 111]", "Connection", "refused"),
        ("- requests.exceptions.ConnectionError: [Errno 111] Connection refused", "--format", "text"),
        ("--> ConnectionRefusedError: [Errno 111] Connection refused",),
        ("--format=text", "-x [Errno 111] Connection refused"),
    ],
)
def test_a_text_may_begin_with_a_hyphen(ayxctl: Program, arguments: tuple[str, ...]) -> None:
    done = ayxctl("explain", *arguments)
    assert done.returncode == 0, done.stderr
    assert "tcp.refused_by_host" in done.stdout


def test_a_mistyped_option_is_still_one(ayxctl: Program) -> None:
    done = ayxctl("explain", "[Errno 111] Connection refused", "--fromat=json")
    assert done.returncode == 2
    assert "--fromat" in done.stderr


@pytest.mark.parametrize("text", ["urllib.error", "java.net", "ETIMEDOUT 10.0.0.7:443", "https://ayx/webapi"])
def test_a_text_is_not_taken_for_a_code_or_a_file(ayxctl: Program, text: str) -> None:
    done = ayxctl("explain", text)
    assert "no code" not in done.stderr
    assert "cannot be read" not in done.stderr


def test_a_format_for_reports_is_refused(ayxctl: Program) -> None:
    done = ayxctl("explain", ERROR, "--format", "junit")
    assert done.returncode == 2
    assert "text or json" in done.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="pseudo-terminals are POSIX's own")
def test_what_is_typed_ends_with_one_ctrl_d(tmp_path: Path) -> None:
    import pty

    keyboard, terminal = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-m", "ayx_diagnostics", "explain", "-"],
        stdin=terminal,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=tmp_path,
    ) as program:
        os.write(keyboard, b"[Errno 111] Connection refused\n\x04")
        shown, said = program.communicate(timeout=30)
    os.close(keyboard)
    os.close(terminal)
    assert b"tcp.refused_by_host" in shown
    assert b"Ctrl-D" in said

"""Every command that talks to a peer, among hostile ones: it ends in time, stays small, and says one line.

One process a command meets one attack after the other; the peak of its memory is that of the worst.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest
from ayx_simulator.peers.hostile_peer import ATTACKS, HostileServer

MAX_TIME_S = 0.6
#: The smoke test comes to the operations only behind a diagnosis.
SMOKE_S = 2.0
LONGEST_AFTER_S = 1.0
MOST_GROWTH = 100_000_000
#: What floods, drips and bombs; the others attack whoever prints what they say.
HEAVY = (
    *("endless_headers", "many_headers", "many_cookies", "long_header", "long_status_line", "header_drip"),
    *("status_line_drip", "endless_interim", "interim_drip", "endless_chunks", "tiny_chunks", "long_chunk_header"),
    *("chunk_extensions", "chunk_size_drip", "endless_trailers", "body_drip", "event_stream", "endless_body"),
    *("gzip_bomb", "nested_gzip_bomb", "bare_deflate_bomb", "unknown_coding", "cut_gzip", "redirect_loop"),
    *("huge_token", "deep_list", "wide_list", "deep_object", "longest_number", "challenge_then_stream"),
)
#: Runs the command once for each port, after a first time that meets nobody; prints what each took and left behind.
PROGRAM = """
import gc, io, json, re, sys, time
from pathlib import Path
from ayx_diagnostics.command_line import main

def peak():
    # getrusage() would begin with what the parent had
    status = Path("/proc/self/status")
    return int(re.search(r"VmHWM:\\s+(\\d+) kB", status.read_text())[1]) * 1024 if status.exists() else 0

class Output(io.TextIOWrapper):
    def __init__(self):
        super().__init__(io.BytesIO(), encoding="utf-8")

def run(port):
    sys.argv = ["ayxctl", *(word.replace("PORT", port) for word in words)]
    output, errors = sys.stdout, sys.stderr = Output(), Output()
    code, started = 0, time.monotonic()
    try:
        main()
    except SystemExit as end:
        code = end.code
    took_s = time.monotonic() - started
    sys.stdout, sys.stderr = sys.__stdout__, sys.__stderr__
    gc.collect()  # what one command leaves behind is not there when another begins
    output.flush(); errors.flush()
    return code, took_s, len(output.buffer.getvalue()), errors.buffer.getvalue().decode()

words = json.loads(sys.argv[1])
ports = sys.argv[2:]
run("1")
before = peak()
for port in ports:
    code, took_s, written, errors = run(port)
    print(json.dumps([code, took_s, written, errors, peak() - before]), flush=True)
"""


@dataclass(frozen=True)
class Seen:
    """How a command ended."""

    code: int
    took_s: float
    written: int
    errors: str
    grown: int


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    """An environment without the developer's settings and proxies, with a key."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.upper().startswith("ALTERYX_") and not name.upper().endswith("_PROXY")
    }
    own = {"ALTERYX_CLIENT_ID": "key", "ALTERYX_CLIENT_SECRET": "Sup3rS3cr3t"}
    return {**kept, **own, "HOME": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path)}


def met(
    words: tuple[str, ...],
    environ: Mapping[str, str],
    folder: Path,
    *,
    attacks: tuple[str, ...] = HEAVY,
    only: str = "",
    max_time_s: float = MAX_TIME_S,
) -> Iterator[tuple[str, Seen]]:
    """Yield each attack and how a command ended that met it: in time, small, and without a word too much."""
    with ExitStack() as servers:
        ports = [str(servers.enter_context(HostileServer(attack, only=only)).port) for attack in attacks]
        ended = subprocess.run(
            [sys.executable, "-c", PROGRAM, json.dumps([*words, f"--max-time={max_time_s}"]), *ports],
            env=environ,
            cwd=folder,
            capture_output=True,
            text=True,
            timeout=180,
            check=False,
        )
    assert ended.returncode == 0, ended.stderr[-2000:]
    for attack, line in zip(attacks, ended.stdout.splitlines(), strict=True):
        seen = Seen(*json.loads(line))
        assert seen.took_s < max_time_s + LONGEST_AFTER_S, (attack, seen)
        assert seen.grown < MOST_GROWTH, (attack, seen)
        assert "Traceback" not in seen.errors, (attack, seen)
        assert "Sup3rS3cr3t" not in seen.errors
        yield attack, seen


@pytest.fixture(scope="module", autouse=True)
def _bombs() -> None:
    """Pack the bombs before anybody waits for them."""
    from ayx_simulator.peers.http_attacks import _zeros_in_gzip

    _zeros_in_gzip(1)
    _zeros_in_gzip(3)
    assert set(HEAVY) <= set(ATTACKS)


#: What ``api`` hands on as it came: answers of an ordinary size that end.
HANDED_ON = {"redirect_loop", "huge_token", "deep_list", "wide_list", "deep_object", "longest_number"}


@pytest.mark.parametrize("only", ["", "/v3/"], ids=["from the token on", "behind the token"])
def test_api(only: str, environ: dict[str, str], tmp_path: Path) -> None:
    words = ("api", "GET", "/v3/workflows", "--url", "http://127.0.0.1:PORT")
    for attack, seen in met(words, environ, tmp_path, only=only):
        if only and attack in HANDED_ON:
            in_time = "before the whole answer was written" not in seen.errors  # a slow machine, many small values
            assert seen.code == (0 if in_time else 1), (attack, seen)
            continue
        assert seen.code == 1, (attack, seen)
        assert seen.errors.count("\n") == 1, (attack, seen)
        assert seen.written == 0, (attack, seen)


def test_spec_fetch(environ: dict[str, str], tmp_path: Path) -> None:
    words = ("spec", "fetch", "http://127.0.0.1:PORT", "-o", "kept.json")
    for attack, seen in met(words, environ, tmp_path):
        assert seen.code in (1, 2), (attack, seen)
        assert seen.errors.count("\n") == 1, (attack, seen)
    assert [file.name for file in tmp_path.iterdir() if "kept" in file.name] == []


def test_smoke(environ: dict[str, str], tmp_path: Path) -> None:
    """Behind a diagnosis that finds nothing, one of the operations is attacked."""
    words = ("smoke", "http://127.0.0.1:PORT")
    for attack, seen in met(words, environ, tmp_path, only="/v3/workflows", max_time_s=SMOKE_S):
        # a text of 5 MB is an answer that departs from the document: no more than a warning
        assert seen.code == (0 if attack == "huge_token" else 1), (attack, seen)
        assert seen.errors == "", (attack, seen)


#: What a proxy can do before anything comes of the Server.
OF_A_PROXY = (
    *("endless_headers", "many_headers", "header_drip", "status_line_drip", "endless_interim", "interim_drip"),
    *("challenge_then_stream", "endless_body", "body_drip"),
)


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_through_a_proxy(scheme: str, environ: dict[str, str], tmp_path: Path) -> None:
    words = ("spec", "fetch", f"{scheme}://127.0.0.1:1", "--proxy", "http://127.0.0.1:PORT", "-o", "kept.json")
    for attack, seen in met(words, environ, tmp_path, attacks=OF_A_PROXY):
        assert seen.code in (1, 2), (attack, seen)
        assert seen.errors.count("\n") == 1, (attack, seen)


def test_diagnose(environ: dict[str, str], tmp_path: Path) -> None:
    for attack, seen in met(("diagnose", "http://127.0.0.1:PORT"), environ, tmp_path):
        assert seen.code in (0, 1), (attack, seen)
        assert seen.errors == "", (attack, seen)

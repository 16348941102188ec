"""The command as a process among hostile peers: its memory, and what Ctrl+C leaves behind."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from ayx_simulator.peers.hostile_peer import ATTACKS, HostileServer

MEGABYTE = 1_000_000
MOST_GROWTH = 100 * MEGABYTE
#: Runs one diagnosis after the other in one process; prints what the worst of them added to its memory.
MEASURE = """
import re, sys
from pathlib import Path
from ayx_diagnostics import diagnose

def peak():
    return int(re.search(r"VmHWM:\\s+(\\d+) kB", Path("/proc/self/status").read_text())[1]) * 1024

diagnose("http://127.0.0.1:1", max_time=1, environ={})  # everything is imported
before = peak()
for port in sys.argv[1:]:
    diagnose(f"http://127.0.0.1:{port}", max_time=1, environ={})
    print(peak() - before, flush=True)
"""
#: Says when the program's own code begins: what happens before is the interpreter's start.
STARTED = """
import sys
from ayx_diagnostics.command_line import main
print("begins", file=sys.stderr, flush=True)
main()
"""
HEAVY = (
    *("endless_headers", "endless_chunks", "tiny_chunks", "endless_body", "gzip_bomb", "nested_gzip_bomb"),
    *("huge_token", "deep_list", "deep_object", "longest_number", "open_then_stream"),
)


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    """An environment without the developer's settings and proxies."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.upper().startswith("ALTERYX_") and not name.upper().endswith("_PROXY")
    }
    return {**kept, "HOME": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path)}


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="reads the peak of memory from /proc")
def test_memory_stays_small(environ: dict[str, str]) -> None:
    servers = [HostileServer(attack) for attack in HEAVY]
    try:
        ports = [str(server.__enter__().port) for server in servers]
        ended = subprocess.run(
            [sys.executable, "-c", MEASURE, *ports],
            env=environ,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    finally:
        for server in servers:
            server.__exit__()
    assert ended.returncode == 0, ended.stderr[-2000:]
    grown = dict(zip(HEAVY, map(int, ended.stdout.split()), strict=True))
    assert max(grown.values()) < MOST_GROWTH, grown
    assert ended.stderr == ""


@pytest.mark.parametrize("attack", ["endless_headers", "escapes_in_head", "lone_surrogates", "infinite_number", "echo"])
def test_the_command_ends_well(attack: str, environ: dict[str, str]) -> None:
    assert attack in ATTACKS
    with HostileServer(attack) as server:
        ended = subprocess.run(
            [
                sys.executable,
                "-m",
                "ayx_diagnostics",
                "diagnose",
                f"http://127.0.0.1:{server.port}",
                "-v",
                "--max-time=2",
            ],
            env={**environ, "ALTERYX_CLIENT_ID": "key", "ALTERYX_CLIENT_SECRET": "Sup3rS3cr3t", "FORCE_COLOR": ""},
            capture_output=True,
            timeout=30,
            check=False,
        )
    assert ended.returncode in (0, 1)
    assert ended.stderr == b""
    assert b"\x1b" not in ended.stdout
    assert b"Sup3rS3cr3t" not in ended.stdout


@pytest.fixture(scope="module")
def slow_server() -> Iterator[HostileServer]:
    with HostileServer("body_drip") as server:
        yield server


def _hear_interrupts() -> None:
    """Undo what a shell does to a job in its background: there SIGINT is ignored, and children inherit that."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@pytest.mark.skipif(sys.platform == "win32", reason="a process cannot send Ctrl+C to another one alone")
@pytest.mark.parametrize("moment", range(10))
def test_interrupted_at_any_moment(moment: int, slow_server: HostileServer, environ: dict[str, str]) -> None:
    wait_s = random.Random(moment).uniform(0, 0.8)
    command = [sys.executable, "-c", STARTED, "diagnose", f"http://127.0.0.1:{slow_server.port}", "--format", "json"]
    with subprocess.Popen(
        command,
        env=environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        preexec_fn=_hear_interrupts,  # noqa: PLW1509 -- nothing of ours runs in a thread yet
    ) as running:
        assert running.stderr is not None
        watchdog = threading.Timer(20, running.kill)
        watchdog.start()
        try:
            assert running.stderr.readline() == b"begins\n"
            time.sleep(wait_s)
            running.send_signal(signal.SIGINT)
            output, errors = running.communicate()
        finally:
            watchdog.cancel()
    assert running.returncode == 130, errors
    assert b"Traceback" not in errors
    with pytest.raises(ValueError, match="Expecting value"):
        json.loads(output)

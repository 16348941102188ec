"""A program that has leaked its file descriptors is told so, not that settings, nameserver or Server fail."""

from __future__ import annotations

import subprocess
import sys

import pytest

resource = pytest.importorskip("resource", reason="limits of open files are those of POSIX systems")

PROGRAM = """
import os, resource, sys
from ayx_diagnostics import catalogue, diagnose
diagnose("https://localhost:1", environ={})  # imports all, as a program did before its leak
catalogue.entries()
resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))
try:
    while True:
        os.open(os.devnull, os.O_RDONLY)
except OSError:
    pass
print(diagnose(sys.argv[1], environ={}).verdict.code)
"""


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "ayx.invalid"])
def test_a_process_without_a_free_descriptor(host: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, f"https://{host}:1"], capture_output=True, text=True, check=False, timeout=60
    )
    assert done.stdout.split() == ["local.fd_limit"], done.stderr

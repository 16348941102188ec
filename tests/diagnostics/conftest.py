from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

Program = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def ayxctl(tmp_path: Path) -> Program:
    """Run ``ayxctl`` in an empty folder, with nothing of this machine's settings."""

    def run(*arguments: str | Path, stdin: str = "") -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "ayx_diagnostics", *map(str, arguments)],
            env={name: value for name, value in os.environ.items() if not name.startswith("ALTERYX_")},
            cwd=tmp_path,
            input=stdin,
            capture_output=True,
            encoding="utf-8",
            check=False,
            timeout=60,
        )

    return run

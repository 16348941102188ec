"""Runs Python beside a generated package, in an interpreter of its own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

__all__ = ["run_beside"]

_LIMIT_S = 300


def run_beside(package: Path, *arguments: str, standard_input: str | None = None) -> subprocess.CompletedProcess[str]:
    """Run our own interpreter in the folder that holds the package.

    Args:
        package: The package's folder.
        *arguments: Of the interpreter; a module needs ``-P`` before it, for packages have modules called like Python's.
        standard_input: What it reads, if anything.

    Raises:
        subprocess.TimeoutExpired: It was still running after five minutes.
    """
    return subprocess.run(  # noqa: S603 - our own interpreter, with arguments of ours
        [sys.executable, *arguments],
        input=standard_input,
        cwd=package.parent,
        capture_output=True,
        text=True,
        encoding="utf-8",
        errors="replace",
        timeout=_LIMIT_S,
        check=False,
    )

"""The other Pythons of this machine that the toolkit promises to run on: a line each with version and path.

Those of pyenv and ``python3.X`` on the PATH; of each minor version the newest, but none of this interpreter's own.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

LOWEST = (3, 11)
#: What cannot make a virtual environment is of no use here.
_VERSION = "import ensurepip, sys, venv; print(*sys.version_info[:3], sys.executable)"


def candidates() -> Iterator[Path]:
    """Yield what may be a Python."""
    yield from Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")).glob("versions/*/bin/python3")
    for folder in os.get_exec_path():
        yield from (path for path in Path(folder).glob("python3.*") if re.fullmatch(r"python3\.\d+", path.name))


def newest(programs: Iterable[Path]) -> dict[tuple[int, int], str]:
    """Return minor version -> the newest of these programs that is of it; a shim that leads nowhere is none."""
    found: dict[tuple[int, int], tuple[int, str]] = {}
    for program in programs:
        done = subprocess.run(  # noqa: S603 - Pythons of this machine
            [program, "-c", _VERSION], capture_output=True, encoding="utf-8", check=False
        )
        if done.returncode == 0:
            major, minor, patch, path = done.stdout.strip().split(" ", 3)
            version = int(major), int(minor)
            found[version] = max(found.get(version, (-1, "")), (int(patch), path))
    return {version: path for version, (_, path) in sorted(found.items())}


if __name__ == "__main__":
    for version, path in newest(candidates()).items():
        if version >= LOWEST and version != sys.version_info[:2]:
            sys.stdout.write(f"{version[0]}.{version[1]} {path}\n")

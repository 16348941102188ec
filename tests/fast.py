"""``--fast`` leaves out the files that ``slow.txt`` names: they start programs, generate clients, or wait for peers."""

from __future__ import annotations

from pathlib import Path

import pytest

HERE = Path(__file__).parent
_LINES = (HERE / "slow.txt").read_text(encoding="utf-8").splitlines()
#: Paths below this folder.
SLOW = frozenset(line for line in _LINES if line and not line.startswith("#"))


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--fast", action="store_true", help="leave out the files that tests/slow.txt names")


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    left_out = config.getoption("--fast") and collection_path.is_relative_to(HERE)
    return True if left_out and collection_path.relative_to(HERE).as_posix() in SLOW else None

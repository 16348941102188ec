"""``--fast`` leaves out the files that ``slow.txt`` names: they start programs, generate clients, or wait for peers.

It also tries a fifth of the examples that Hypothesis makes up: all of them are tried in every full run.
"""

from __future__ import annotations

from pathlib import Path

import pytest

HERE = Path(__file__).parent
_LINES = (HERE / "slow.txt").read_text(encoding="utf-8").splitlines()
#: Paths below this folder.
SLOW = frozenset(line for line in _LINES if line and not line.startswith("#"))


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--fast", action="store_true", help="leave out the files that tests/slow.txt names")


_FEWER = 5
_state = {"share": 1}


def examples(number: int) -> int:
    """Return how many examples to try where a full run tries so many."""
    return max(number // _state["share"], 1)


def pytest_configure(config: pytest.Config) -> None:
    if config.getoption("--fast"):
        from hypothesis import settings

        _state["share"] = _FEWER
        # as in CI, no single example is timed: a busy machine is no finding
        settings.register_profile("fast", max_examples=examples(settings().max_examples), deadline=None)
        settings.load_profile("fast")


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    left_out = config.getoption("--fast") and collection_path.is_relative_to(HERE)
    return True if left_out and collection_path.relative_to(HERE).as_posix() in SLOW else None

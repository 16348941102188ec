"""``--fast`` leaves out the files that ``slow.txt`` names: they start programs, generate clients, or wait for peers.

``--slow`` runs no others. ``--few-examples`` tries a fifth of what Hypothesis makes up; every full run tries all of it.
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
    parser.addoption("--slow", action="store_true", help="run only the files that tests/slow.txt names")
    parser.addoption("--few-examples", action="store_true", help="try a fifth of the examples of Hypothesis")


_FEWER = 5
_state = {"share": 1}


def examples(number: int) -> int:
    """Return how many examples to try where a full run tries so many."""
    return max(number // _state["share"], 1)


def pytest_configure(config: pytest.Config) -> None:
    if config.getoption("--few-examples"):
        from hypothesis import settings

        _state["share"] = _FEWER
        # as in CI, no single example is timed: a busy machine is no finding
        settings.register_profile("few", max_examples=examples(settings().max_examples), deadline=None)
        settings.load_profile("few")


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    fast, slow = config.getoption("--fast"), config.getoption("--slow")
    if not (fast or slow) or not collection_path.is_relative_to(HERE) or collection_path.is_dir():
        return None
    is_slow = collection_path.relative_to(HERE).as_posix() in SLOW
    return True if (fast and is_slow) or (slow and not is_slow) else None

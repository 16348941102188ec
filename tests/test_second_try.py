"""A second try hides nothing: what passes only then is named."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from second_try import flaky

TESTS = """
from pathlib import Path
import pytest

def test_fine(): pass
def test_broken(): assert False
def test_flaky():
    again = Path("again").exists()
    Path("again").touch()
    assert again
@pytest.fixture
def busy():
    yield
    assert not Path("passed").exists()
def test_with_a_fixture_that_fails_afterwards(busy): Path("passed").touch()
"""


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """Return a folder with tests of its own, which knows the plugin as this one does."""
    (tmp_path / "conftest.py").write_text('pytest_plugins = ["second_try"]', encoding="utf-8")
    (tmp_path / "test_some.py").write_text(TESTS, encoding="utf-8")
    (tmp_path / "pytest.ini").write_text(f"[pytest]\npythonpath = {Path(__file__).parent}\n", encoding="utf-8")
    return tmp_path


def pytest_in(folder: Path, *arguments: str) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:ayx_simulator", *arguments],
        cwd=folder,
        env={**os.environ, "GITHUB_STEP_SUMMARY": str(folder / "summary.md"), "PYTEST_ADDOPTS": ""},
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


def test_what_passes_only_at_the_second_try_is_named(run: Path) -> None:
    code, first = pytest_in(run, "-n", "2")
    again, second = pytest_in(run, "--second-try")

    assert (code, again) == (1, 1)
    assert "FLAKY" not in first
    assert [line for line in second.splitlines() if line.startswith("FLAKY")] == ["FLAKY test_some.py::test_flaky"]
    assert "test_fine" not in second
    assert (run / "summary.md").read_text(encoding="utf-8").splitlines()[-1] == "- `test_some.py::test_flaky`"


@pytest.mark.parametrize(
    ("failed_before", "passed", "failed", "expected"),
    [
        ({"a.py::x"}, {"a.py::x", "a.py::y"}, set(), ["a.py::x"]),
        ({"a.py"}, {"a.py::x", "b.py::y"}, set(), ["a.py::x"]),  # the module could not be imported
        ({"a.py::x"}, {"a.py::x"}, {"a.py::x"}, []),  # it passed, and its fixture failed
        (set(), {"a.py::x"}, set(), []),
    ],
)
def test_what_is_flaky(failed_before: set[str], passed: set[str], failed: set[str], expected: list[str]) -> None:
    assert flaky(frozenset(failed_before), passed, failed) == expected


def test_make_test_tries_again_by_this_means() -> None:
    makefile = (Path(__file__).parent.parent / "Makefile").read_text(encoding="utf-8")

    assert makefile.count("|| $(BIN)/python -m pytest") == makefile.count("--second-try") == 1
    assert "--last-failed" not in makefile

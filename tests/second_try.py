"""Tells which tests passed only at the second try: ``--second-try`` runs what failed before, and nothing is hidden.

A run on a busy machine may fail for want of time. What fails is tried once more by itself; what then passes is flaky,
and named at the end of the output and in GitHub's summary of the job.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

_FAILED_BEFORE = pytest.StashKey[frozenset[str]]()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--second-try",
        action="store_true",
        help="run what failed in the run before (--last-failed), and name what passes now",
    )


@pytest.hookimpl(tryfirst=True)
def pytest_cmdline_main(config: pytest.Config) -> None:
    if config.getoption("--second-try"):
        config.option.lf = True


def pytest_configure(config: pytest.Config) -> None:
    if config.getoption("--second-try") and config.cache:
        config.stash[_FAILED_BEFORE] = frozenset(config.cache.get("cache/lastfailed", {}))


def flaky(failed_before: frozenset[str], passed: set[str], failed: set[str]) -> list[str]:
    """Return what failed before and passes now; a module that could not be imported stands for all of its tests."""
    return sorted(one for one in passed - failed if {one, one.partition("::")[0]} & failed_before)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    passed, failed = (
        {report.nodeid for kind in kinds for report in terminalreporter.getreports(kind)}
        for kinds in (("passed",), ("failed", "error"))
    )
    found = flaky(config.stash.get(_FAILED_BEFORE, frozenset()), passed, failed)
    if not found:
        return
    terminalreporter.section("passed only at the second try", yellow=True)
    for one in found:
        terminalreporter.write_line(f"FLAKY {one}", yellow=True)
    if summary := os.environ.get("GITHUB_STEP_SUMMARY"):
        with Path(summary).open("a", encoding="utf-8") as file:
            file.writelines(["### Passed only at the second try\n\n", *(f"- `{one}`\n" for one in found)])

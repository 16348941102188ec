from __future__ import annotations

import os
import shutil
import signal
import sys
import threading
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from lab.laboratory import Laboratory


def missing() -> str | None:
    """Say what this machine lacks for network namespaces, if anything."""
    if not sys.platform.startswith("linux"):
        return "network namespaces are Linux's own"
    if os.geteuid() != 0:
        return "network namespaces need root"
    absent = [program for program in ("ip", "nft") if shutil.which(program) is None]
    return f"not installed: {', '.join(absent)}" if absent else None


@pytest.fixture(scope="session")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Laboratory]:
    reason = missing()
    if reason is not None:
        pytest.skip(reason)
    from lab.laboratory import Laboratory

    if threading.current_thread() is threading.main_thread():
        # As Ctrl-C does: otherwise a terminated run would leave its namespaces to the next one.
        signal.signal(signal.SIGTERM, signal.default_int_handler)
    with Laboratory(tmp_path_factory.mktemp("lab")) as laboratory:
        yield laboratory


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--record-goldens",
        action="store_true",
        help="write what was seen of each scenario to tests/diagnostics/goldens",
    )
    parser.addoption(
        "--capture-errors",
        metavar="FILE",
        help="write what the clients of this machine say in every scenario (many minutes)",
    )


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    from lab import scoreboard

    reports = [report for kind in ("passed", "failed", "xfailed") for report in terminalreporter.getreports(kind)]
    if scores := scoreboard.of_reports(reports):
        terminalreporter.section("scoreboard")
        for line in scoreboard.lines(scores):
            terminalreporter.write_line(line)

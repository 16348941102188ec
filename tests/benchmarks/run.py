"""Benchmarks, as ratios: start-up and a healthy diagnosis beside importing httpx, generation beside the bare generator.

Run with ``make bench``. Whole processes are timed, in turn, so that a change of the machine's speed hits all alike.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from ayx_simulator import Simulator
from ayx_spec import bundled_documents
from ayx_spec.convert import convert_files

RUNS = 10
GENERATIONS = 5
_FRAME = """  File "/usr/lib/python3.11/site-packages/httpx/_client.py", line {n}, in send
    response = self._send_single_request(request)
"""
_FRAMES = "".join(_FRAME.format(n=n) for n in range(48))
#: A traceback of two hundred lines, for ``ayxctl explain``.
TRACEBACK = f"""Traceback (most recent call last):
{_FRAMES}httpcore.ConnectTimeout: timed out

The above exception was the direct cause of the following exception:

Traceback (most recent call last):
{_FRAMES}httpx.ConnectTimeout: timed out
"""


def _measure(commands: dict[str, list[str]], environ: dict[str, str], runs: int = RUNS) -> dict[str, float]:
    times: dict[str, list[float]] = {name: [] for name in commands}
    for run in range(runs + 1):
        for name, command in commands.items():
            started = time.perf_counter()
            subprocess.run(command, env=environ, check=True, capture_output=True)
            if run:  # the first one warms the caches
                times[name].append(time.perf_counter() - started)
    return {name: statistics.median(seconds) for name, seconds in times.items()}


def _print(medians: dict[str, float], unit: str) -> None:
    for name, seconds in medians.items():
        sys.stdout.write(f"{name:44} {seconds * 1000:7.0f} ms   {seconds / medians[unit]:5.2f} x\n")


def _start_up() -> None:
    with Simulator() as simulator, tempfile.TemporaryDirectory() as folder:
        pasted = Path(folder) / "traceback.txt"
        pasted.write_text(TRACEBACK, encoding="utf-8")
        environ = {
            **{name: value for name, value in os.environ.items() if not name.startswith("ALTERYX_")},
            "ALTERYX_BASE_URL": simulator.web_api_address,
            "ALTERYX_CLIENT_ID": simulator.client_id,
            "ALTERYX_CLIENT_SECRET": simulator.client_secret,
            "ALTERYX_CA_BUNDLE": str(simulator.ca_bundle),
        }
        program = [sys.executable, "-m", "ayx_diagnostics"]
        medians = _measure(
            {
                "python -c 'import httpx'": [sys.executable, "-c", "import httpx"],
                "ayxctl --version": [*program, "--version"],
                "ayxctl explain (200 lines)": [*program, "explain", str(pasted)],
                "ayxctl diagnose (healthy)": [*program, "diagnose", "--format", "json"],
                "python -c 'import ayx_connection'": [sys.executable, "-c", "import ayx_connection"],
                "python -c 'import ayx_client.api.users.get_user'": [
                    *(sys.executable, "-c", "import ayx_client.api.users.get_user"),
                ],
            },
            environ,
        )
    _print(medians, "python -c 'import httpx'")


def _generation() -> None:
    """Compare with the bare generator, with its own formatting, on the document as it is after conversion."""
    scripts = str(Path(sys.executable).parent)
    environ = {**os.environ, "PATH": os.pathsep.join([scripts, os.environ.get("PATH", "")])}
    with tempfile.TemporaryDirectory() as folder:
        document = Path(folder, "document.json")
        document.write_bytes(convert_files(bundled_documents()).render())
        bare = f"{scripts}/openapi-python-client generate --meta none --overwrite --path {document}"
        medians = _measure(
            {
                "openapi-python-client generate": [*bare.split(), "--output-path", f"{folder}/bare"],
                "ayxctl spec generate": [
                    *(sys.executable, "-m", "ayx_diagnostics", "spec", "generate", "-o", f"{folder}/client"),
                ],
            },
            environ,
            GENERATIONS,
        )
    _print(medians, "openapi-python-client generate")


def main() -> None:
    """Print the median time of each command, and its ratio to the first one of its group."""
    _start_up()
    _generation()


if __name__ == "__main__":
    main()

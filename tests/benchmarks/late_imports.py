"""What each late import saves: the time that it takes where everything else of its module is imported already.

Run with ``make bench``. The reasons in ``tests/test_house.py`` are these figures.
"""

from __future__ import annotations

import math
import subprocess
import sys
from pathlib import Path
from runpy import run_path

HOUSE = run_path(str(Path(__file__).parent.parent / "test_house.py"))
RUNS = 3
#: Prints the milliseconds that the second module takes after the first.
PROGRAM = """
import sys, time
from importlib import import_module
import_module(sys.argv[1])
started = time.process_time()
import_module(sys.argv[2])
print((time.process_time() - started) * 1000)
"""


def _saved_ms(name: str, module: str) -> float:
    times = []
    for _ in range(RUNS):
        done = subprocess.run(
            [sys.executable, "-c", PROGRAM, name, module], capture_output=True, text=True, check=False
        )
        if done.returncode:
            return float("nan")  # not on this system, or not without its extra
        times.append(float(done.stdout))
    return min(times)


def main() -> None:
    """Print each late import, the dearest last."""
    late = {
        (name, module)
        for name, path in HOUSE["MODULES"].items()
        if not name.startswith("ayx_client")
        for _, module in HOUSE["_late"](name, path.read_text(encoding="utf-8"))
    }
    measured = [(_saved_ms(*each), *each) for each in late]
    for saved_ms, name, module in sorted(row for row in measured if not math.isnan(row[0])):
        sys.stdout.write(f"{saved_ms:7.1f} ms   {name} imports {module}\n")


if __name__ == "__main__":
    main()

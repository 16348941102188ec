"""Make each mutation in a copy of the package, and see a test turn red: ``make mutations``.

Tests that pass prove little unless they fail when the code is wrong. A mutation that survives is a behaviour that
nobody holds; one whose text is gone from the source has to be written anew.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from table import MUTATIONS, Mutation

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "diagnostics" / "ayx_diagnostics"
#: Exit codes of pytest: some tests failed, and none did.
RED, GREEN = 1, 0
LONGEST_S = 300


def outcome(mutation: Mutation) -> str:
    """Return "" if a test turned red, otherwise what is wrong with the mutation or the tests."""
    source = (PACKAGE / mutation.module).read_text(encoding="utf-8")
    if (times := source.count(mutation.before)) != 1:
        return f"its text stands {times} times in {mutation.module}"
    with tempfile.TemporaryDirectory(prefix="mutation-") as folder:
        copy = Path(folder) / PACKAGE.name
        shutil.copytree(PACKAGE, copy, ignore=shutil.ignore_patterns("__pycache__"))
        mutated = source.replace(mutation.before, mutation.after)
        (copy / mutation.module).write_text(mutated, encoding="utf-8", newline="\n")
        ended = subprocess.run(
            [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", *mutation.tests],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": folder, "PYTHONDONTWRITEBYTECODE": "1"},
            capture_output=True,
            text=True,
            check=False,
            timeout=LONGEST_S,
        )
    if ended.returncode == RED:
        return ""
    if ended.returncode == GREEN:
        return f"it survives {' '.join(mutation.tests)}"
    return f"pytest ended with {ended.returncode}: {ended.stdout[-2000:]}{ended.stderr[-2000:]}"


def main() -> int:
    """Run all, or those whose description holds one of the given words; return the exit code."""
    words = sys.argv[1:]
    chosen = [mutation for mutation in MUTATIONS if not words or any(word in mutation.what for word in words)]
    surviving = 0
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for mutation, wrong in zip(chosen, pool.map(outcome, chosen), strict=True):
            surviving += bool(wrong)
            sys.stdout.write(f"{'SURVIVES' if wrong else 'red     '} {mutation.what}{f': {wrong}' if wrong else ''}\n")
            sys.stdout.flush()
    sys.stdout.write(f"{surviving} of {len(chosen)} mutations survive\n")
    return 1 if surviving or not chosen else 0


if __name__ == "__main__":
    raise SystemExit(main())

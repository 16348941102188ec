"""``python -m ayx_simulator.faults``: a table of the faults for documentation, in Markdown."""

from __future__ import annotations

import sys

from .table import markdown

if __name__ == "__main__":
    sys.stdout.writelines(f"{line}\n" for line in markdown())

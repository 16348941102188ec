"""``python -m ayx_simulator``."""

from __future__ import annotations

import sys

from .command import run

if __name__ == "__main__":
    sys.exit(run())

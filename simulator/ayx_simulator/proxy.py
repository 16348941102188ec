"""``python -m ayx_simulator.proxy``: a forward proxy that works, or fails in one way."""

from __future__ import annotations

import sys

from .peers.proxy import main

if __name__ == "__main__":
    sys.exit(main())

"""``python -m ayx_simulator.dns``: a nameserver that answers from a table, and fails per name."""

from __future__ import annotations

import sys

from .peers.nameserver import main

if __name__ == "__main__":
    sys.exit(main())

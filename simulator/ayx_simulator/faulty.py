"""``python -m ayx_simulator.faulty``: a server that misbehaves in one way."""

from __future__ import annotations

import sys

from .peers.faulty_peer import main

if __name__ == "__main__":
    sys.exit(main())

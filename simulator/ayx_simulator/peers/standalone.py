"""A misbehaving server as a process of its own: the arguments they share, the ready file, and the orderly end."""

from __future__ import annotations

import argparse
import json
import signal
import threading
from pathlib import Path
from types import FrameType

__all__ = ["add_listening_arguments", "serve_until_terminated"]


def add_listening_arguments(parser: argparse.ArgumentParser, default_port: int = 0) -> None:
    """Add ``--bind``, ``--port`` and ``--ready-file`` to a server's arguments."""
    parser.add_argument("--bind", default="127.0.0.1", metavar="ADDRESS", help="address to listen on")
    parser.add_argument("--port", type=int, default=default_port, help="port to listen on; 0 lets the system choose")
    parser.add_argument("--ready-file", type=Path, metavar="FILE", help="written as JSON once the port is open")


def serve_until_terminated(host: str, port: int, ready_file: Path | None) -> None:
    """Announce the open port, then wait for SIGTERM or SIGINT.

    Args:
        host: The address that is listened on.
        port: The port that is listened on.
        ready_file: Gets ``{"host": …, "port": …}``; it appears complete or not at all.
    """
    ended = threading.Event()

    def end(_number: int, _frame: FrameType | None) -> None:
        ended.set()

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
    if ready_file is not None:
        unfinished = ready_file.with_name(ready_file.name + ".unfinished")
        unfinished.write_text(json.dumps({"host": host, "port": port}), encoding="utf-8")
        unfinished.replace(ready_file)
    # A wait without a limit cannot be interrupted by a signal on Windows.
    while not ended.wait(1.0):
        pass

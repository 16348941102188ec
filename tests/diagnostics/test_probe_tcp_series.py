"""Several connects to one port, counted."""

from __future__ import annotations

import socket
from contextlib import closing

from ayx_diagnostics.network.system import SystemNetwork
from ayx_diagnostics.probes.tcp_series import series


def test_answers_are_counted() -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as listener:
        seen = series(SystemNetwork(), *listener.getsockname(), purpose="server", timeout_s=3, attempts=4)
    assert (seen.stage, seen.operation, seen.outcome) == ("tcp", "series", "ok")
    assert (seen.evidence["attempts"], seen.evidence["answered"], seen.evidence["repeats"]) == (4, 4, [0, 0, 0, 0])


def test_a_refusal_is_an_answer() -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        seen = series(SystemNetwork(), *nobody.getsockname(), purpose="other_port", timeout_s=3, attempts=3)
    assert (seen.outcome, seen.evidence["answered"]) == ("ok", 3)


def test_no_time_means_no_attempts() -> None:
    seen = series(SystemNetwork(), "127.0.0.1", 9, purpose="server", timeout_s=0, attempts=12)
    assert (seen.outcome, seen.evidence["attempts"]) == ("timeout", 0)

"""What real clients say in the lab is captured, and explained; all of it with ``--capture-errors FILE``."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from ayx_diagnostics.explanation import understand
from lab.capture_errors import HERE, Client, capture, capture_all, clients_here
from lab.scenarios import SCENARIOS

if TYPE_CHECKING:
    from lab.laboratory import Laboratory

pytestmark = pytest.mark.netns


def test_clients_are_captured_and_their_words_explained(lab: Laboratory) -> None:
    program = (sys.executable, str(HERE / "python_client.py"))
    clients = [Client(name, name, (*program, name)) for name in ("requests", "httpx")]
    (refusal,) = [scenario for scenario in SCENARIOS if scenario.name == "nothing listens"]
    rows = capture(lab, refusal, clients, patient=False)
    assert {(row["client"], row["style"]) for row in rows} == {
        (client, style) for client in ("requests", "httpx") for style in ("traceback", "message")
    }
    for row in rows:
        found = understand(row["text"])
        assert (found.matches[0].code, found.library) == ("tcp.refused_by_host", row["client"])


def test_all_scenarios_are_captured_on_request(lab: Laboratory, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    wanted = request.config.getoption("--capture-errors", default=None)
    if wanted is None:
        pytest.skip("takes many minutes; asked for with --capture-errors FILE")
    broken = [scenario for scenario in SCENARIOS if scenario.code is not None]
    for rows in capture_all(lab, broken, list(clients_here(tmp_path))):
        Path(wanted).write_text(json.dumps(rows, indent=0), encoding="utf-8")

"""The client of a small document with every tricky shape, committed whole: what a change of rules or templates does.

python -m pytest tests/spec/test_golden_client.py --record-client
"""

from __future__ import annotations

import difflib
from pathlib import Path

import pytest
from ayx_spec.generate import generate_from_files

DOCUMENT = Path(__file__).parent / "golden" / "tricky.swagger.json"
RECORDED = DOCUMENT.parent / "tricky_client"


def contents(folder: Path) -> dict[str, str]:
    files = (path for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    return {path.relative_to(folder).as_posix(): path.read_bytes().decode() for path in files}


def test_the_client_is_the_recorded_one(request: pytest.FixtureRequest, tmp_path: Path) -> None:
    if request.config.getoption("--record-client", default=False):
        generate_from_files([DOCUMENT], RECORDED)
    fresh = contents(generate_from_files([DOCUMENT], tmp_path / RECORDED.name).folder)
    recorded = contents(RECORDED)

    assert sorted(fresh) == sorted(recorded)
    for name, text in fresh.items():
        changes = difflib.unified_diff(recorded[name].splitlines(), text.splitlines(), "recorded", "now", lineterm="")
        assert text == recorded[name], "\n".join([f"{name} is another; if it should be: --record-client", *changes])

"""The files that commands write: whole or not at all, and never through a link."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="links need a privilege there, and pipes are others")

Program = Callable[..., "subprocess.CompletedProcess[str]"]
Command = Callable[[str | Path], tuple[str | Path, ...]]

DOCUMENT = {"swagger": "2.0", "info": {"title": "t", "version": "3"}, "paths": {}}


def _commands() -> Iterator[tuple[str, Command]]:
    yield "diagnose", lambda file: ("diagnose", "http://127.0.0.1:1", "--report", file)
    yield "smoke", lambda file: ("smoke", "ayx..test", "--client-id", "key", "--report", file)
    yield "convert", lambda file: ("spec", "convert", "in.json", "-o", file)
    yield "notes", lambda file: ("spec", "convert", "in.json", "-o", "out.json", "--notes", file)
    yield "diff", lambda file: ("spec", "diff", "in.json", "in.json", "--report", file)


@pytest.fixture(params=[command for _, command in _commands()], ids=[name for name, _ in _commands()])
def command(request: pytest.FixtureRequest, tmp_path: Path) -> Command:
    """A command that writes the file that it is given."""
    (tmp_path / "in.json").write_text(json.dumps(DOCUMENT), encoding="utf-8")
    made: Command = request.param
    return made


def test_a_link_is_replaced_and_what_it_led_to_is_left_alone(command: Command, ayxctl: Program, tmp_path: Path) -> None:
    precious, report = tmp_path / "precious", tmp_path / "report.json"
    precious.write_text("precious", encoding="utf-8")
    report.symlink_to(precious)
    ended = ayxctl(*command(report))
    assert ended.stderr == ""
    assert precious.read_text(encoding="utf-8") == "precious"
    assert not report.is_symlink()
    json.loads(report.read_text(encoding="utf-8"))


def test_the_longest_name_is_written(command: Command, ayxctl: Program, tmp_path: Path) -> None:
    name = "n" * 250 + ".json"
    ended = ayxctl(*command(name))
    assert ended.stderr == ""
    json.loads((tmp_path / name).read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", ["/dev/stdout", "/dev/full", "pipe.json", "folder.json", "nowhere/r.json"])
def test_what_is_no_place_for_a_file_is_refused_before_any_work(
    name: str, command: Command, ayxctl: Program, tmp_path: Path
) -> None:
    os.mkfifo(tmp_path / "pipe.json")
    (tmp_path / "folder.json").mkdir()
    before = sorted(tmp_path.iterdir())
    ended = ayxctl(*command(name))
    assert ended.returncode == 2
    assert ended.stdout == ""
    assert len(ended.stderr.splitlines()) == 1
    assert name in ended.stderr
    assert sorted(tmp_path.iterdir()) == before


@pytest.mark.skipif(hasattr(os, "geteuid") and os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_may_not_be_written_is_one_line(command: Command, ayxctl: Program, tmp_path: Path) -> None:
    (tmp_path / "closed").mkdir(0o500)
    ended = ayxctl(*command(tmp_path / "closed" / "r.json"))
    assert ended.returncode == 2
    assert len(ended.stderr.splitlines()) == 1

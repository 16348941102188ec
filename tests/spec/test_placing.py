"""What belongs together takes its places together: all of it, or nothing."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from ayx_spec import GenerationError, SpecError
from ayx_spec.placing import place

Pairs = list[tuple[Path, Path]]


@pytest.fixture
def pairs(tmp_path: Path) -> Pairs:
    """A folder, a file, and something that has no predecessor; the places are in different folders."""
    new, here = tmp_path / "new", tmp_path / "here"
    (new / "folder" / "__pycache__").mkdir(parents=True)
    (new / "folder" / "__pycache__" / "module.pyc").touch()
    (new / "folder" / "module.py").write_text("new")
    (new / "report.md").write_text("new")
    (new / "first.md").write_text("new")
    (here / "folder").mkdir(parents=True)
    (here / "folder" / "gone.py").write_text("old")
    (here / "reports").mkdir()
    (here / "reports" / "report.md").write_text("old")
    return [
        (new / "folder", here / "folder"),
        (new / "report.md", here / "reports" / "report.md"),
        (new / "first.md", here / "missing" / "first.md"),
    ]


def state(pairs: Pairs) -> dict[str, str]:
    """Return all files in and around the places, by path and with their content."""
    root = pairs[0][1].parent
    return {path.relative_to(root).as_posix(): path.read_text() for path in root.rglob("*") if path.is_file()}


def test_everything_is_replaced_and_nothing_is_left_beside(pairs: Pairs) -> None:
    place(pairs)

    assert state(pairs) == {"folder/module.py": "new", "reports/report.md": "new", "missing/first.md": "new"}
    assert all(new.exists() for new, _ in pairs)


@pytest.mark.parametrize("fails_at", range(5))
@pytest.mark.parametrize("error", [PermissionError(13, "Permission denied", "x"), KeyboardInterrupt()])
def test_if_one_cannot_be_renamed_all_are_as_they_were(
    pairs: Pairs, monkeypatch: pytest.MonkeyPatch, fails_at: int, error: BaseException
) -> None:
    before = state(pairs)
    rename: Callable[[Path, Path], Path] = Path.rename
    calls: list[Path] = []

    def failing(path: Path, target: Path) -> Path:
        calls.append(path)
        if len(calls) == fails_at + 1:
            raise error
        return rename(path, target)

    monkeypatch.setattr(Path, "rename", failing)
    with pytest.raises((SpecError, KeyboardInterrupt)):
        place(pairs)

    assert len(calls) > fails_at
    assert state(pairs) == before


def test_if_something_cannot_be_copied_nothing_is_renamed(pairs: Pairs) -> None:
    before = state(pairs)
    with pytest.raises(SpecError, match=r"nowhere.*nothing was replaced"):
        place([*pairs, (pairs[0][0].with_name("nowhere"), pairs[0][1].with_name("nowhere"))])

    assert state(pairs) == before


def test_a_client_with_something_written_by_hand_is_not_replaced(pairs: Pairs) -> None:
    (pairs[0][0] / "generated.json").write_text('{"generated_by": "ayx_spec"}')
    before = state(pairs)
    with pytest.raises(GenerationError, match="is not empty and no earlier output"):
        place(pairs)

    assert state(pairs) == before


def test_what_a_killed_run_had_taken_away_is_put_back_before_anything_else(pairs: Pairs) -> None:
    folder = pairs[0][1]
    folder.rename(folder.with_name(".folder.old"))
    with pytest.raises(SpecError):
        place([(pairs[0][0].with_name("nowhere"), folder)])

    assert state(pairs) == {"folder/gone.py": "old", "reports/report.md": "old"}


def test_as_a_program_it_says_in_one_line_what_is_wrong(tmp_path: Path) -> None:
    def run(*arguments: Path) -> subprocess.CompletedProcess[str]:
        program = [sys.executable, "-m", "ayx_spec.placing", *map(str, arguments)]
        return subprocess.run(program, capture_output=True, text=True, timeout=60, check=False)

    (tmp_path / "new").touch()
    assert run(tmp_path / "new", tmp_path / "old").returncode == 0
    assert (tmp_path / "old").exists()
    for wrong in ([], [tmp_path], [tmp_path / "nowhere", tmp_path / "old"]):
        done = run(*wrong)
        assert done.returncode != 0
        assert len(done.stderr.splitlines()) == 1

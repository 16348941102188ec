"""Files are written whole or not at all, and only where they were meant to be."""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path

import pytest
from ayx_spec.files import check_target, write_whole

POSIX = pytest.mark.skipif(sys.platform == "win32", reason="links need a privilege, modes and pipes are others there")


def test_a_file_is_written_and_replaced(tmp_path: Path) -> None:
    for content in (b"one", b"two"):
        write_whole(tmp_path / "report.md", content)
        assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {"report.md": content}


@pytest.mark.parametrize("name", ["n" * 251 + ".txt", "größe.json", "-"])
def test_any_name_that_the_system_takes(name: str, tmp_path: Path) -> None:
    write_whole(tmp_path / name, b"x")
    assert [path.name for path in tmp_path.iterdir()] == [name]


@POSIX
def test_a_link_is_replaced_and_never_followed(tmp_path: Path) -> None:
    target, link, dangling = tmp_path / "precious", tmp_path / "report.md", tmp_path / "other.md"
    target.write_bytes(b"precious")
    link.symlink_to(target)
    dangling.symlink_to(tmp_path / "nowhere")
    for path in (link, dangling):
        write_whole(path, b"report")
        assert not path.is_symlink()
        assert path.read_bytes() == b"report"
    assert target.read_bytes() == b"precious"
    assert not (tmp_path / "nowhere").exists()


@POSIX
def test_a_hard_link_keeps_what_it_had(tmp_path: Path) -> None:
    (tmp_path / "precious").write_bytes(b"precious")
    (tmp_path / "report.md").hardlink_to(tmp_path / "precious")
    write_whole(tmp_path / "report.md", b"report")
    assert (tmp_path / "precious").read_bytes() == b"precious"


@POSIX
def test_modes_are_those_of_the_system_or_of_the_file_before(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        write_whole(tmp_path / "new", b"")
        (tmp_path / "private").touch(0o600)
        write_whole(tmp_path / "private", b"")
    finally:
        os.umask(before)
    assert [stat.S_IMODE((tmp_path / name).stat().st_mode) for name in ("new", "private")] == [0o640, 0o600]


@POSIX
@pytest.mark.parametrize("name", ["/dev/null", "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1", "/dev/new.json"])
def test_what_the_system_gave_a_name_is_left_alone(name: str) -> None:
    with pytest.raises(OSError, match="something of the system") as refused:
        write_whole(Path(name), b"x")
    assert refused.value.strerror


@POSIX
def test_a_pipe_and_a_folder_are_refused_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "linked").symlink_to(tmp_path / "pipe")
    (tmp_path / "folder").mkdir()
    for name, said in (("pipe", "not a file"), ("linked", "not a file"), ("folder", "a folder is there")):
        with pytest.raises(OSError, match=said):
            check_target(tmp_path / name)
    with pytest.raises(OSError, match=r"folder .* does not exist"):
        check_target(tmp_path / "no" / "file")


@pytest.mark.parametrize("problem", [OSError("full"), KeyboardInterrupt()])
def test_nothing_is_left_behind_and_nothing_is_lost(
    problem: BaseException, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "report.md").write_bytes(b"before")

    def stops(*_: object) -> None:
        raise problem

    monkeypatch.setattr(Path, "replace", stops)
    with pytest.raises(type(problem)):
        write_whole(tmp_path / "report.md", b"after")
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {"report.md": b"before"}

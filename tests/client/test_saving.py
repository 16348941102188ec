"""A download appears whole or not at all, and what a killed one left behind is gone after the next."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from ayx_client.deviations import UnexpectedContent
from ayx_client.downloads import file_of
from ayx_client.saving import save

ZIP = b"PK\x03\x04" + bytes(range(256)) * 40

#: A download that never ends, and says when its first octets are in the file.
ENDLESS = """
import os, signal, sys, time
from pathlib import Path
import httpx
from ayx_client.saving import save

def pieces():
    yield b"PK" * 5000
    time.sleep(0.1)
    yield b"PK"
    print("begun", flush=True)
    time.sleep(600)

if sys.argv[3] == "named" and hasattr(os, "O_TMPFILE"):
    del os.O_TMPFILE
if sys.argv[2] == "exits":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
save(httpx.Response(200, content=pieces(), request=httpx.Request("GET", "http://h/")), Path(sys.argv[1]), "*/*")
"""


def answer(content: bytes | Iterator[bytes] = ZIP) -> httpx.Response:
    return httpx.Response(200, content=content, request=httpx.Request("GET", "http://127.0.0.1/"))


def has_unnamed(folder: Path) -> bool:
    """Whether files in a folder can be without a name."""
    try:
        os.close(os.open(folder, os.O_TMPFILE | os.O_RDWR))  # type: ignore[attr-defined,unused-ignore]
    except (AttributeError, OSError):
        return False
    return Path("/proc/self/fd").is_dir()


@pytest.fixture(params=["unnamed", "named"])
def way(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """How a file is kept until it is complete."""
    if request.param == "unnamed" and not has_unnamed(tmp_path):
        pytest.skip("the file system has no files without a name")
    if request.param == "named":
        monkeypatch.delattr(os, "O_TMPFILE", raising=False)
    return str(request.param)


def begun(target: Path, ending: str = "dies", way: str = "named") -> subprocess.Popen[str]:
    command = [sys.executable, "-c", ENDLESS, str(target), ending, way]
    running = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert running.stdout is not None
    assert running.stdout.readline() == "begun\n"
    return running


def end(running: subprocess.Popen[str]) -> int:
    assert running.stdout is not None
    running.stdout.close()
    return running.wait(timeout=30)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.parametrize("name", ["w.yxzp", "n" * 250 + ".yxzp", "ö" * 125 + ".yxzp", "x.part", "-"])
@pytest.mark.usefixtures("way")
def test_names_of_any_length(tmp_path: Path, name: str) -> None:
    target = tmp_path / name
    target.write_bytes(b"before")
    assert save(answer(), target).read_bytes() == ZIP
    assert names(tmp_path) == [name]


def test_while_it_comes_the_old_one_is_there(tmp_path: Path, way: str) -> None:
    target = tmp_path / "w.yxzp"
    target.write_bytes(b"before")
    seen: list[list[str]] = []

    def pieces() -> Iterator[bytes]:
        yield ZIP
        seen.append(names(tmp_path))
        assert target.read_bytes() == b"before"
        raise httpx.ReadError("gone")

    with pytest.raises(httpx.ReadError):
        save(answer(pieces()), target)

    assert [name[:8] for name in seen[0]] == ([".w.yxzp."] if way == "named" else []) + ["w.yxzp"]
    assert (names(tmp_path), target.read_bytes()) == (["w.yxzp"], b"before")


@pytest.mark.usefixtures("way")
def test_a_target_that_cannot_be_written(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        save(answer(), tmp_path / "missing" / "w.yxzp")

    assert names(tmp_path) == []


@pytest.mark.usefixtures("way")
@pytest.mark.parametrize("links", [True, False])
def test_two_into_one_folder_under_the_same_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, links: bool) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError("no links here")

    def pieces() -> Iterator[bytes]:
        yield b"PK" * 5000
        assert save(answer(), tmp_path) == tmp_path / "download"  # another one ends meanwhile
        yield b"PK"

    if not links:
        monkeypatch.setattr(os, "link", refuse)
    with pytest.raises(FileExistsError, match="download is there already"):
        save(answer(pieces()), tmp_path)

    assert names(tmp_path) == ["download"]
    assert (tmp_path / "download").read_bytes() == ZIP


def archive(comment: bytes = b"") -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as file:
        file.writestr("w.yxmd", os.urandom(9000))
        file.comment = comment
    return content.getvalue()


def until_the_end(content: bytes) -> httpx.Response:
    """An answer without length and without chunks."""
    told = answer(iter([content[:5000], content[5000:]]))
    del told.headers["Transfer-Encoding"]
    return told


@pytest.mark.usefixtures("way")
class TestEndOfTheConnection:
    @pytest.mark.parametrize("comment", [b"", b"c" * 0xFFFF, b"PK\x05\x06" * 9])
    def test_a_whole_archive_is_kept(self, tmp_path: Path, comment: bytes) -> None:
        content = archive(comment)
        assert save(until_the_end(content), tmp_path / "w.yxzp").read_bytes() == content

    @pytest.mark.parametrize("missing", [1, 21, 22, 100, 9000])
    @pytest.mark.parametrize("accepted", ["*/*", "application/zip"])
    def test_a_cut_one_is_not(self, tmp_path: Path, missing: int, accepted: str) -> None:
        target = tmp_path / ("w.yxzp" if accepted == "*/*" else "w")
        with pytest.raises(UnexpectedContent, match="cut before its end"):
            save(until_the_end(archive()[:-missing]), target, accepted)

        assert names(tmp_path) == []

    def test_nor_one_that_is_cut_behind_an_archive_inside(self, tmp_path: Path) -> None:
        content = io.BytesIO()
        with zipfile.ZipFile(content, "w") as file:
            file.writestr("inner.yxzp", archive())
        with pytest.raises(UnexpectedContent, match="cut before its end"):
            save(until_the_end(content.getvalue()[:-1]), tmp_path / "w.yxzp")

    def test_what_need_not_be_an_archive_is_kept(self, tmp_path: Path) -> None:
        assert save(until_the_end(ZIP), tmp_path / "output.yxdb").read_bytes() == ZIP


def test_an_answer_in_memory_as_well() -> None:
    whole, cut = until_the_end(archive()), until_the_end(archive()[:-1])
    whole.read()
    cut.read()
    assert file_of(whole, "application/zip") is not None
    with pytest.raises(UnexpectedContent, match="cut before its end"):
        file_of(cut, "application/zip")


@pytest.mark.usefixtures("way")
def test_its_mode_is_that_of_any_new_file(tmp_path: Path) -> None:
    (tmp_path / "any").touch()
    assert save(answer(), tmp_path / "w.yxzp").stat().st_mode == (tmp_path / "any").stat().st_mode


def test_one_that_cannot_be_given_a_name_is_copied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if not has_unnamed(tmp_path):
        pytest.skip("the file system has no files without a name")

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError("no links here")

    monkeypatch.setattr(os, "link", refuse)
    assert save(answer(), tmp_path / "w.yxzp").read_bytes() == ZIP
    assert names(tmp_path) == ["w.yxzp"]


@pytest.mark.skipif(sys.platform == "win32", reason="a process cannot be sent a signal there")
class TestKilled:
    @pytest.mark.parametrize("ending", [signal.SIGTERM, getattr(signal, "SIGKILL", None)])
    def test_one_without_a_name_leaves_nothing(self, tmp_path: Path, ending: signal.Signals) -> None:
        if not has_unnamed(tmp_path):
            pytest.skip("the file system has no files without a name")
        running = begun(tmp_path / "w.yxzp", way="unnamed")
        running.send_signal(ending)

        assert end(running) == -ending
        assert names(tmp_path) == []

    def test_what_it_left_behind_is_gone_after_the_next(self, tmp_path: Path) -> None:
        target = tmp_path / "w.yxzp"
        for ending in (signal.SIGKILL, signal.SIGTERM):
            running = begun(target)
            running.send_signal(ending)
            assert end(running) == -ending
        assert len(names(tmp_path)) == 1  # the second swept what the first left
        save(answer(), target)

        assert names(tmp_path) == ["w.yxzp"]

    def test_one_that_exits_leaves_nothing(self, tmp_path: Path) -> None:
        running = begun(tmp_path / "w.yxzp", "exits")
        running.terminate()

        assert end(running) == 143
        assert names(tmp_path) == []

    def test_one_that_still_runs_is_left_alone(self, tmp_path: Path) -> None:
        running = begun(tmp_path / "w.yxzp")
        try:
            (partial,) = names(tmp_path)
            save(answer(), tmp_path / "w.yxzp")
            assert names(tmp_path) == [partial, "w.yxzp"]
        finally:
            running.kill()
            end(running)

    def test_only_our_own_files_are_swept(self, tmp_path: Path) -> None:
        others = (
            *(
                ".w.yxzp.part",
                ".w.yxzp.0123456789abcdef",
                ".w.yxzp.0123456789abcdeg.part",
                "w.yxzp.0123456789abcdef.part",
            ),
            *(".v.yxzp.0123456789abcdef.part", ".w.yxzp.0123456789ABCDEF.part"),
        )
        for name in others:
            (tmp_path / name).touch()
        (tmp_path / "elsewhere").touch()
        (tmp_path / ".w.yxzp.aaaaaaaaaaaaaaaa.part").symlink_to(tmp_path / "elsewhere")
        (tmp_path / ".w.yxzp.bbbbbbbbbbbbbbbb.part").mkdir()
        os.mkfifo(tmp_path / ".w.yxzp.cccccccccccccccc.part")
        (tmp_path / ".w.yxzp.dddddddddddddddd.part").touch()
        before = set(names(tmp_path))
        save(answer(), tmp_path / "w.yxzp")

        assert before - set(names(tmp_path)) == {".w.yxzp.dddddddddddddddd.part"}

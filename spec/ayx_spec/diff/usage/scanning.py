"""The Python files of a folder, read.

The folder is anybody's: nothing in it is waited for, followed out of it, or read without an end.
"""

from __future__ import annotations

import ast
import os
import stat
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ayx_spec.diff.usage.module import Module, read_module
from ayx_spec.errors import SpecError
from ayx_spec.generation.replacing import MARKER

__all__ = ["Code", "read_code"]

_NOT_THEIRS = {"__pycache__", "node_modules", "site-packages"}
_LARGEST = 5_000_000  # bytes of a file that somebody wrote
_MOST_BYTES = 200_000_000  # of all files
_MOST_FILES = 20_000
_DEEPEST = 100  # folders within folders

Unread = list[tuple[str, str]]


@dataclass(frozen=True)
class Code:
    """Somebody's code.

    Attributes:
        modules: Path, as it is shown, and what is in the file.
        unread: Path and why it could not be read.
    """

    modules: tuple[tuple[str, Module], ...]
    unread: tuple[tuple[str, str], ...]


def read_code(folder: Path) -> Code:
    """Read every Python file below a folder, or one file.

    Hidden folders, virtual environments and generated clients are left out. Links to folders are not followed; they and
    what is too much are told as unread.

    Raises:
        SpecError: There is no such folder, or no Python file in it.
    """
    if not folder.exists():
        raise SpecError(f"{folder}: no such folder")
    modules: list[tuple[str, Module]] = []
    unread: Unread = []
    read = 0
    found = sorted(_python_files(folder, unread))
    for number, path in enumerate(found):
        if number >= _MOST_FILES or read >= _MOST_BYTES:
            bound = f"{_MOST_FILES} files" if number >= _MOST_FILES else f"{_MOST_BYTES} bytes"
            unread.append((folder.as_posix(), f"{len(found) - number} of {len(found)} files, since {bound} are enough"))
            break
        try:
            source = _source(path)
            read += len(source)
            modules.append((path.as_posix(), _module(source, path)))
        except SyntaxError as error:
            unread.append((f"{path.as_posix()}:{error.lineno or 1}", f"not Python 3 ({error.msg})"))
        except (OSError, ValueError, RecursionError, MemoryError) as error:
            unread.append((path.as_posix(), getattr(error, "strerror", None) or str(error) or type(error).__name__))
    if not modules and not unread:
        raise SpecError(f"{folder}: holds no Python file")
    return Code(tuple(modules), tuple(unread))


def _source(path: Path) -> bytes:
    """Read a regular file; opening a pipe without waiting is what keeps one from holding everything up."""
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    with os.fdopen(os.open(path, flags), "rb") as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise ValueError("no regular file")
        source = file.read(_LARGEST + 1)
    if len(source) > _LARGEST:
        raise ValueError("too large to be written by hand")
    return source


def _module(source: bytes, path: Path) -> Module:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # an invalid escape in their code is not ours to report
        return read_module(ast.parse(source, str(path)))


def _python_files(folder: Path, unread: Unread) -> Iterator[Path]:
    if not folder.is_dir():
        yield folder
        return

    def unreadable(error: OSError) -> None:
        unread.append((Path(error.filename).as_posix(), error.strerror or type(error).__name__))

    for place, folders, files in os.walk(folder, onerror=unreadable):
        here = Path(place)
        theirs = [name for name in sorted(folders) if not name.startswith(".") and not _is_not_theirs(here / name)]
        deep = len(here.parts) - len(folder.parts) >= _DEEPEST
        left_out = {name: "too deep" for name in theirs if deep}
        left_out |= {name: "a link to a folder" for name in theirs if os.path.islink(here / name)}  # noqa: PTH114 - as below
        unread += (((here / name).as_posix(), reason) for name, reason in left_out.items())
        folders[:] = [name for name in theirs if name not in left_out]
        yield from (here / name for name in files if name.endswith((".py", ".pyw")))


def _is_not_theirs(folder: Path) -> bool:
    # not Path.exists(): that fails where a folder may not be looked into
    return folder.name in _NOT_THEIRS or any(os.path.exists(folder / mark) for mark in ("pyvenv.cfg", MARKER))  # noqa: PTH110

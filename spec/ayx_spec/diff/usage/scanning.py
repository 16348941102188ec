"""The Python files of a folder, read."""

from __future__ import annotations

import ast
import os
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

    Hidden folders, virtual environments and generated clients are left out.

    Raises:
        SpecError: There is no such folder, or no Python file in it.
    """
    if not folder.exists():
        raise SpecError(f"{folder}: no such folder")
    modules: list[tuple[str, Module]] = []
    unread: list[tuple[str, str]] = []
    for path in sorted(_python_files(folder)):
        try:
            modules.append((path.as_posix(), _read(path)))
        except SyntaxError as error:
            unread.append((f"{path.as_posix()}:{error.lineno or 1}", f"not Python 3 ({error.msg})"))
        except (OSError, ValueError, RecursionError, MemoryError) as error:
            unread.append((path.as_posix(), getattr(error, "strerror", None) or str(error) or type(error).__name__))
    if not modules and not unread:
        raise SpecError(f"{folder}: holds no Python file")
    return Code(tuple(modules), tuple(unread))


def _read(path: Path) -> Module:
    if path.stat().st_size > _LARGEST:
        raise ValueError("too large to be written by hand")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # an invalid escape in their code is not ours to report
        return read_module(ast.parse(path.read_bytes(), str(path)))


def _python_files(folder: Path) -> Iterator[Path]:
    if folder.is_file():
        yield folder
        return
    for place, folders, files in os.walk(folder):
        here = Path(place)
        folders[:] = [name for name in folders if not name.startswith(".") and not _is_not_theirs(here / name)]
        yield from (here / name for name in files if name.endswith((".py", ".pyw")))


def _is_not_theirs(folder: Path) -> bool:
    return folder.name in _NOT_THEIRS or (folder / "pyvenv.cfg").exists() or (folder / MARKER).exists()

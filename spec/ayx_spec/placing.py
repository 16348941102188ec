"""Several files and folders put in their places together: all of them, or none.

``python -m ayx_spec.placing NEW PLACE [NEW PLACE ...]`` ends a recipe whose results belong together. Whatever can take
long, or fail for want of space, happens beside the places (copying); what remains is renaming.
"""

from __future__ import annotations

import contextlib
import shutil
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from ayx_spec.errors import SpecError
from ayx_spec.generation.replacing import MARKER, refuse_foreign

__all__ = ["place"]


def place(pairs: Sequence[tuple[Path, Path]]) -> None:
    """Copy each file or folder to its place, in exchange for what is there.

    Args:
        pairs: What is new, and where it belongs. The new ones are left as they are; a place may be missing.

    Raises:
        GenerationError: The place of a client holds something that was not generated, and would be lost.
        SpecError: Something could not be read or written; every place is as it was.
    """
    for new, old in pairs:
        if (new / MARKER).exists():
            refuse_foreign(old)
    try:
        with _copied(pairs) as copies:
            _exchange([(copy, old) for copy, (_, old) in zip(copies, pairs, strict=True)])
    except OSError as error:
        what = f"{error.filename}: {error.strerror}" if error.strerror else str(error)  # copying a folder says its own
        raise SpecError(f"{what}; nothing was replaced") from error


@contextlib.contextmanager
def _copied(pairs: Sequence[tuple[Path, Path]]) -> Iterator[list[Path]]:
    """Copy what is new beside its place, and so into the same file system; remove what was not renamed from there."""
    copies = [_beside(old, "new") for _, old in pairs]
    try:
        for copy, (new, old) in zip(copies, pairs, strict=True):
            _put_back(old)
            old.parent.mkdir(parents=True, exist_ok=True)
            _remove(copy)
            if new.is_dir():
                shutil.copytree(new, copy, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copyfile(new, copy)
        yield copies
    finally:
        for copy in copies:
            _remove(copy)


def _exchange(pairs: Sequence[tuple[Path, Path]]) -> None:
    """Rename everything to its place, or back again if one cannot be (on Windows: a file in it is open)."""
    aside: list[tuple[Path, Path]] = []
    placed: list[Path] = []
    try:
        for copy, old in pairs:
            if old.exists():
                old.rename(_beside(old, "old"))
                aside.append((_beside(old, "old"), old))
            copy.rename(old)
            placed.append(old)
    except BaseException:  # an interrupt, too, must not leave some new and some old
        for old in placed:
            _remove(old)
        for before, old in aside:
            before.rename(old)
        raise
    for before, _ in aside:
        _remove(before)


def _put_back(old: Path) -> None:
    """Undo what a run that was killed left behind: what it had taken away, and not replaced."""
    before = _beside(old, "old")
    if before.exists() and not old.exists():
        before.rename(old)
    _remove(before)


def _beside(path: Path, what: str) -> Path:
    return path.with_name(f".{path.name}.{what}")


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


def _main(arguments: Sequence[str]) -> str | None:
    """Return what is wrong, or nothing."""
    paths = [Path(argument) for argument in arguments]
    if not paths or len(paths) % 2:
        return "usage: python -m ayx_spec.placing NEW PLACE [NEW PLACE ...]"
    try:
        place(list(zip(paths[::2], paths[1::2], strict=True)))
    except SpecError as error:
        return str(error)
    return None


if __name__ == "__main__":
    sys.exit(_main(sys.argv[1:]))

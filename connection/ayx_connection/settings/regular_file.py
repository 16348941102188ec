"""Reading files that somebody else may have put there: never waiting, never more than asked for, never elsewhere."""

from __future__ import annotations

import os
import stat
from pathlib import Path

__all__ = ["read_regular_file", "resolved_within"]

#: To open a pipe must not wait for its writer, and a terminal must not become this process's own. What an operating
#: system does not know is 0.
_FLAGS = os.O_RDONLY | sum(getattr(os, name, 0) for name in ("O_NONBLOCK", "O_NOCTTY", "O_BINARY"))
_WRITABLE_BY_OTHERS = stat.S_IWGRP | stat.S_IWOTH


def read_regular_file(path: Path, most_bytes: int, *, only_mine: bool = False) -> bytes:
    """Return the content of a regular file.

    Args:
        path: The file; symbolic links are followed.
        most_bytes: A longer file is refused.
        only_mine: Refuse a file that others own or can write, where the operating system tells (POSIX).

    Raises:
        OSError: It cannot be opened or read.
        ValueError: It is a folder, a pipe or a device, is too long, or belongs to others; one line in words.
    """
    _check(path.stat(), only_mine=only_mine)  # to open a device may already do something
    with os.fdopen(os.open(path, _FLAGS), "rb") as file:
        _check(os.fstat(file.fileno()), only_mine=only_mine)
        content = file.read(most_bytes + 1)
    if len(content) > most_bytes:
        raise ValueError(f"it is longer than {most_bytes} bytes")
    return content


def _check(seen: os.stat_result, *, only_mine: bool) -> None:
    if not stat.S_ISREG(seen.st_mode):
        raise ValueError("it is no regular file")
    if only_mine and hasattr(os, "geteuid"):
        if seen.st_uid not in (os.geteuid(), 0):
            raise ValueError("it belongs to another user")
        if seen.st_mode & _WRITABLE_BY_OTHERS:
            raise ValueError("others can write it")


def resolved_within(path: Path, folder: Path) -> Path | None:
    """Return where a path leads if that lies within a folder, and None if it leads out of it.

    Args:
        path: An absolute path; ``..`` and symbolic links are followed.
        folder: An absolute path.
    """
    if path.drive.lower() != folder.drive.lower():
        return None  # not even looked at: to look at a share of another machine sends it the user's sign-in
    try:
        resolved, inside = path.resolve(), folder.resolve()
    except (OSError, ValueError, RuntimeError):  # no such path can be, or its links go round in a circle
        return None
    return resolved if resolved.is_relative_to(inside) else None

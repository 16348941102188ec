"""A file is written whole or not at all, and only where it was meant to be."""

from __future__ import annotations

import errno
import secrets
import stat
from pathlib import Path

__all__ = ["check_target", "write_whole"]

#: Where a name stands for something of the system; on some systems even a link to a regular file.
_OF_THE_SYSTEM = tuple(map(Path, ("/dev", "/proc")))
_MODE = 0o777


def check_target(path: Path) -> None:
    """Refuse what a file must not be put in the place of: a folder, a device, a pipe, a socket.

    A link to a regular file, or to nothing, is fine: it is replaced, never followed.

    Raises:
        OSError: With a `strerror` that says what is there, or that nothing can be.
    """
    folder = path.parent.resolve()
    if not folder.is_dir():
        raise NotADirectoryError(errno.ENOTDIR, f"the folder {path.parent} does not exist")
    if folder == _OF_THE_SYSTEM[0] or folder.is_relative_to(_OF_THE_SYSTEM[1]):
        raise OSError(errno.EINVAL, "it names something of the system, not a file")
    try:
        mode = path.stat().st_mode
    except FileNotFoundError:
        return
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(errno.EISDIR, "a folder is there")
    if not stat.S_ISREG(mode):
        raise OSError(errno.EINVAL, "a device, a pipe or a socket is there, not a file")


def write_whole(path: Path, content: bytes) -> None:
    """Write a file beside its place under a name that nobody can foresee, then rename it there.

    Nothing is left behind on failure or interruption, and what was there before is then unchanged. A new file gets the
    mode that the system gives new files (umask), one that is replaced keeps its own.

    Raises:
        OSError: The place cannot be used (`check_target`), or the file cannot be written.
    """
    check_target(path)
    aside = path.parent / f".{secrets.token_hex(8)}.part"  # short: the name itself may be as long as names can be
    try:
        with aside.open("xb") as file:  # exclusively: a link that waits under the name is not followed
            file.write(content)
        if path.is_file() and not path.is_symlink():
            aside.chmod(stat.S_IMODE(path.stat().st_mode) & _MODE)
        aside.replace(path)
    except BaseException:  # an interrupt, too
        aside.unlink(missing_ok=True)
        raise

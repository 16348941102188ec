"""The files that commands write: whole or not at all, and one line if that cannot be."""

from __future__ import annotations

from pathlib import Path

from ayx_diagnostics.command_line.terminal import fail

__all__ = ["check_writable", "write_file"]


def check_writable(option: str, path: Path) -> None:
    """End with one line before any work is done when a file could not be written in the end."""
    from ayx_spec.files import check_target

    try:
        check_target(path)
    except OSError as error:
        fail(f"{option} {path}: {error.strerror or error}")


def write_file(option: str, path: Path, content: bytes) -> None:
    """Write a file, or end with one line that names the option and the file."""
    from ayx_spec.files import write_whole

    try:
        write_whole(path, content)
    except OSError as error:
        fail(f"{option} {path}: cannot be written ({error.strerror or error})")

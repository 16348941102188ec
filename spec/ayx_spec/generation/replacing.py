"""Puts a new package in the place of an old one: by renaming, and never over something that is not ours."""

from __future__ import annotations

import json
from pathlib import Path

from ayx_spec.errors import GenerationError
from ayx_spec.generation.documents import DOCUMENTS
from ayx_spec.generation.formatting import HEADER

__all__ = ["MARKER", "refuse_foreign", "replace"]

#: The file by which a package is known as an output of ours, and which says what it was made from.
MARKER = "generated.json"


def refuse_foreign(folder: Path) -> None:
    """Refuse to replace a folder that holds anything but an earlier output.

    Raises:
        GenerationError: Names the first file that would be lost.
    """
    if not folder.exists() and not folder.is_symlink():
        return
    if not folder.is_dir():
        raise GenerationError(f"{folder} is no folder")
    files = [path for path in sorted(folder.rglob("*")) if not path.is_dir() and "__pycache__" not in path.parts]
    if not files and not any(folder.iterdir()):
        return
    if not _is_marked(folder):
        raise GenerationError(f"{folder} is not empty and no earlier output (no {MARKER} of ours in it): left alone")
    for path in files:
        if not _is_ours(path, folder):
            raise GenerationError(f"{path} was not generated and would be lost: move it out of {folder} first")


def replace(folder: Path, new: Path, old: Path) -> None:
    """Put `new` in the place of `folder`, keeping what was there in `old`; on failure, put that back.

    Raises:
        GenerationError: The folder could not be renamed (on Windows: a file in it is open).
    """
    had_one = folder.exists()
    try:
        if had_one:
            folder.rename(old)
        try:
            new.rename(folder)
        except BaseException:  # an interrupt, too, must not cost the old one
            if had_one:
                old.rename(folder)
            raise
    except OSError as error:
        raise GenerationError(f"{folder} could not be replaced: {error.strerror or error}") from error


def _is_marked(folder: Path) -> bool:
    try:
        marker = json.loads((folder / MARKER).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return isinstance(marker, dict) and marker.get("generated_by") == "ayx_spec"


def _is_ours(path: Path, folder: Path) -> bool:
    if path.suffix == ".py":
        with path.open(encoding="utf-8", errors="replace") as file:
            return file.readline() == HEADER
    return path in (folder / MARKER, folder / DOCUMENTS, folder / "py.typed")

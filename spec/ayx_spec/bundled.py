"""The documents that come with this project: of each Server generation, one per version of the API."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

__all__ = ["bundled_documents", "of_newest_generation"]

_PACKAGE = Path(__file__).resolve().parent

#: In an installed wheel they are inside the package, in a checkout beside it.
_FOLDERS = (_PACKAGE / "documents", _PACKAGE.parent / "documents")

_NAME = re.compile(r"server-(?P<generation>[\w.]+)-v\d+\.swagger\.json")


def bundled_documents() -> list[Path]:
    """Return the bundled Swagger 2.0 documents of the newest Server generation, sorted by name.

    Raises:
        FileNotFoundError: The installation has none.
    """
    for folder in _FOLDERS:
        documents = of_newest_generation(sorted(folder.glob("*.swagger.json")))
        if documents:
            return documents
    raise FileNotFoundError("this installation has no bundled API documents")


def of_newest_generation(files: Iterable[Path]) -> list[Path]:
    """Leave out documents of older generations: of files named like the bundled ones, keep those of the newest.

    Documents of two generations describe the same operations differently, so that they are never merged.

    Args:
        files: Documents; one of any other name is always kept.
    """
    files = list(files)
    generations = {file: _numbers(match["generation"]) for file in files if (match := _NAME.fullmatch(file.name))}
    newest = max(generations.values(), default=[])
    return [file for file in files if generations.get(file, newest) == newest]


def _numbers(generation: str) -> list[int]:
    return [int(part) for part in re.findall(r"\d+", generation)]

"""The documents that come with this project: of each Server generation, one per version of the API."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path

__all__ = ["bundled_digests", "bundled_documents", "of_newest_generation"]

_PACKAGE = Path(__file__).resolve().parent

#: In an installed wheel they are inside the package, in a checkout beside it.
_FOLDERS = (_PACKAGE / "documents", _PACKAGE.parent / "documents")

_NAME = re.compile(r"server-(?P<generation>[\w.]+)-v(?P<version>\d+)\.swagger\.json")


def bundled_documents(generation: str | None = None) -> list[Path]:
    """Return the bundled Swagger 2.0 documents of a Server generation, sorted by name.

    A version of the API that the generation has no document of is the same as in the next newer one that has.

    Args:
        generation: Such as `2025.1`; the newest if not given.

    Raises:
        FileNotFoundError: The installation has none, or none of this generation; names those that there are.
    """
    for folder in _FOLDERS:
        documents = sorted(folder.glob("*.swagger.json"))
        if documents:
            return _of_generation(generation, documents) if generation else of_newest_generation(documents)
    raise FileNotFoundError("this installation has no bundled API documents")


@cache
def bundled_digests() -> frozenset[str]:
    """Return the SHA-256 of every bundled document, of all generations, in hexadecimal.

    Such a document describes any Server of its generation: where it says the API is, is a placeholder.
    """
    files = (file for folder in _FOLDERS for file in folder.glob("*.swagger.json"))
    return frozenset(hashlib.sha256(file.read_bytes()).hexdigest() for file in files)


def _of_generation(generation: str, files: list[Path]) -> list[Path]:
    found = [(match, file) for file in files if (match := _NAME.fullmatch(file.name))]
    known = sorted({match["generation"] for match, _ in found}, key=_numbers)
    if generation not in known:
        raise FileNotFoundError(f"there are bundled documents of {', '.join(known)}, none of {generation!r}")
    chosen: dict[str, Path] = {}
    for match, file in sorted(found, key=lambda entry: _numbers(entry[0]["generation"])):
        if _numbers(match["generation"]) >= _numbers(generation):
            chosen.setdefault(match["version"], file)
    return sorted(chosen.values())


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

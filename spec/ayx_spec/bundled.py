"""The documents that come with this project: one per version of the API."""

from __future__ import annotations

from pathlib import Path

__all__ = ["bundled_documents"]

_PACKAGE = Path(__file__).resolve().parent

#: In an installed wheel they are inside the package, in a checkout beside it.
_FOLDERS = (_PACKAGE / "documents", _PACKAGE.parent / "documents")


def bundled_documents() -> list[Path]:
    """Return the bundled Swagger 2.0 documents, sorted by name.

    Raises:
        FileNotFoundError: The installation has none.
    """
    for folder in _FOLDERS:
        documents = sorted(folder.glob("*.swagger.json"))
        if documents:
            return documents
    raise FileNotFoundError("this installation has no bundled API documents")

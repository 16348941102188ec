"""Which settings files the user has trusted: a list of paths and of the SHA-256 of what stood in them.

A file in the working folder may have come with somebody else's folder, and could send this user's secrets where it
likes. It counts when the user has said so, for this path and this content. The list lies in the user's configuration
folder, where no checkout and no archive puts files.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal, Self

from ayx_connection.settings.regular_file import read_regular_file

__all__ = ["LIST_NAME", "Standing", "TrustedFiles", "TrustedFilesError"]

LIST_NAME = "trusted.json"
#: Thousands of files; a list beyond that is no list.
_MOST_BYTES = 4 * 1024 * 1024

Standing = Literal["trusted", "changed", "unknown"]


class TrustedFilesError(ValueError):
    """The list cannot be read or written; one line that names it."""


@dataclass(frozen=True)
class TrustedFiles:
    """The list, as it was read.

    Attributes:
        path: Where the list lies.
        digests: By the resolved path of a settings file, the SHA-256 of its content in hexadecimal digits.
    """

    path: Path
    digests: Mapping[str, str]

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read the list; one that does not exist is empty.

        Raises:
            TrustedFilesError: It cannot be read, is no such list, or others can write it.
        """
        if not path.is_absolute():  # without a home folder it would lie in the working folder, and be anybody's
            raise TrustedFilesError("there is no home folder to keep the list of trusted files in")
        try:
            document = json.loads(read_regular_file(path, _MOST_BYTES, only_mine=True))
        except FileNotFoundError:
            return cls(path, {})
        except OSError as error:
            raise TrustedFilesError(f"{path}: cannot be read ({error.strerror or 'OS error'})") from error
        except (json.JSONDecodeError, UnicodeDecodeError, RecursionError) as error:
            raise TrustedFilesError(f"{path}: it is not JSON; remove it, and trust your files again") from error
        except ValueError as error:
            raise TrustedFilesError(f"{path}: {error}") from error
        digests = document.get("files") if isinstance(document, dict) else None
        if not isinstance(digests, dict) or not all(isinstance(digest, str) for digest in digests.values()):
            raise TrustedFilesError(f"{path}: it is no list of trusted files; remove it, and trust your files again")
        return cls(path, digests)

    def standing(self, file: Path, sha256: str) -> Standing:
        """Say whether a file with this content is trusted, was trusted with another one, or is not in the list."""
        trusted = self.digests.get(_key(file))
        if trusted is None:
            return "unknown"
        return "trusted" if trusted == sha256 else "changed"

    def trusting(self, file: Path, sha256: str) -> Self:
        """Return the list with a file in it, with this content and no other."""
        return replace(self, digests={**self.digests, _key(file): sha256})

    def without(self, file: Path) -> Self:
        """Return the list without a file.

        Raises:
            KeyError: It is not in the list.
        """
        rest = dict(self.digests)
        del rest[_key(file)]
        return replace(self, digests=rest)

    def save(self) -> None:
        """Write the list whole or not at all, readable and writable by the user alone.

        Raises:
            TrustedFilesError: It cannot be written.
        """
        content = json.dumps({"files": dict(sorted(self.digests.items()))}, indent=2) + "\n"
        try:
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            descriptor, name = tempfile.mkstemp(prefix=f".{LIST_NAME}.", dir=self.path.parent)  # mode 0600
        except OSError as error:
            raise self._cannot_be_written(error) from error
        aside = Path(name)
        try:
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                file.write(content)
            aside.replace(self.path)
        except OSError as error:
            aside.unlink(missing_ok=True)
            raise self._cannot_be_written(error) from error

    def _cannot_be_written(self, error: OSError) -> TrustedFilesError:
        return TrustedFilesError(f"{self.path}: cannot be written ({error.strerror or 'OS error'})")


def _key(file: Path) -> str:
    """Return the one spelling of a path: links followed, and in one case where the file system has none (Windows)."""
    return os.path.normcase(os.path.realpath(file))

"""The settings files: where they lie, what stands in them, and how far each may be believed.

The user's own file may set everything. A file that was named on purpose, or was found in the working folder and is
trusted, may do so too, but the secret that it points to has to be its own. Any other file that was found in the working
folder may have come with somebody else's folder: what could send secrets elsewhere does not count.
"""

from __future__ import annotations

import hashlib
import os
import re
import shlex
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ayx_connection.settings.regular_file import read_regular_file
from ayx_connection.settings.trusted_files import LIST_NAME, Standing, TrustedFiles, TrustedFilesError

__all__ = [
    "CONFIG_VARIABLE",
    "PROJECT_FILE",
    "SettingsFile",
    "SettingsFileError",
    "doubt_about",
    "load_settings_file",
    "short_path",
    "trust_command",
    "trusted_files_path",
    "user_file_path",
]

PROJECT_FILE = Path("ayxctl.toml")
#: Names a settings file on purpose, in place of the working folder's.
CONFIG_VARIABLE = "ALTERYX_CONFIG"
#: A settings file has a few lines.
_MOST_BYTES = 65536

#: Characters that no shell reads as anything else, and those that are read even between quotation marks.
_PLAIN = re.compile(r"[\w@+=:,./~-]+")
_EXPANDED_ON_WINDOWS = re.compile(r"[$`%^]")

_DOUBTS: Mapping[Standing, str] = {
    "trusted": "",
    "changed": "it has changed since it was trusted",
    "unknown": "it was never trusted",
}


class SettingsFileError(ValueError):
    """The file is no settings file; one line that repeats nothing of its content, which may be a secret."""


@dataclass(frozen=True)
class SettingsFile:
    """A settings file as it was read, once.

    Attributes:
        path: Where it really lies, links followed.
        name: How origins call it.
        folder: Where its relative paths count from.
        content: Its TOML document.
        sha256: Of the very bytes that ``content`` was made from, in hexadecimal digits.
        is_own: Whether it is the one of the user's configuration folder.
        doubt: Why settings that need trust do not count, in words; empty where they do.
    """

    path: Path
    name: str
    folder: Path
    content: Mapping[str, object]
    sha256: str
    is_own: bool = False
    doubt: str = ""


def user_file_path() -> Path:
    """Return where the user's own settings file lies on this operating system; relative where there is no home."""
    import platformdirs  # see LATE in tests/test_house.py

    return Path(platformdirs.user_config_dir("ayxctl", appauthor=False)) / "ayxctl.toml"


def trusted_files_path(user_file: Path) -> Path:
    """Return where the list of trusted files lies: beside the user's own settings file."""
    return user_file.with_name(LIST_NAME)


def load_settings_file(path: Path) -> SettingsFile:
    """Read a settings file.

    Raises:
        OSError: It cannot be opened or read.
        SettingsFileError: It is no regular file, or no TOML.
    """
    try:
        resolved = path.resolve(strict=True)
        raw = read_regular_file(resolved, _MOST_BYTES)
    except ValueError as error:
        raise SettingsFileError(str(error)) from None
    except RuntimeError:  # before Python 3.13
        raise SettingsFileError("its links go round in a circle") from None
    return SettingsFile(resolved, short_path(path), resolved.parent, _parsed(raw), hashlib.sha256(raw).hexdigest())


def _parsed(raw: bytes) -> Mapping[str, object]:
    try:
        return tomllib.loads(raw.decode("utf-8"))
    except UnicodeDecodeError:
        raise SettingsFileError("it is not UTF-8 text") from None
    except tomllib.TOMLDecodeError as error:
        raise SettingsFileError(f"it is not TOML{_position(error)}") from None
    except (ValueError, RecursionError):  # a number of thousands of digits, thousands of brackets
        raise SettingsFileError("it is not TOML that anybody would write") from None


def _position(error: tomllib.TOMLDecodeError) -> str:
    """Return where TOML parsing failed, without the text around it (it may be a secret)."""
    _, found, place = str(error).rpartition("(at ")
    return f" (at {place}" if found else ""


def doubt_about(file: SettingsFile, trusted_files: Path) -> str:
    """Say why a file that was found in the working folder is not trusted; empty when it is.

    Args:
        file: The file.
        trusted_files: Where the list of trusted files lies.
    """
    try:
        return _DOUBTS[TrustedFiles.load(trusted_files).standing(file.path, file.sha256)]
    except TrustedFilesError as error:
        return f"it cannot be known whether it is trusted ({error})"


def short_path(path: Path) -> str:
    """Return a path as it is shown: relative as given, the home folder as ``~``."""
    try:
        return f"~/{path.relative_to(Path.home()).as_posix()}"
    except (ValueError, RuntimeError):
        return path.name if path == PROJECT_FILE else str(path)


def trust_command(path: Path) -> str:
    """Return the command that trusts a settings file, as a shell of this operating system reads it."""
    shown = short_path(path)
    if not shown.isprintable() or (os.name == "nt" and _EXPANDED_ON_WINDOWS.search(shown)):
        return "ayxctl config trust"  # takes the file of the working folder: no shell would read that name right
    if _PLAIN.fullmatch(shown.replace("\\", "/") if os.name == "nt" else shown):
        return f"ayxctl config trust {shown}"
    quoted = f'"{shown}"' if os.name == "nt" else shlex.quote(shown)
    return f"ayxctl config trust {quoted}"

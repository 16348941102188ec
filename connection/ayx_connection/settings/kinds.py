"""The kinds of values that settings have: how one is read, what the command line takes for it, how it may be shown."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, Literal, NamedTuple, TypeVar, get_args

from ayx_connection.settings.masking import hidden, without_userinfo

if TYPE_CHECKING:
    from ayx_connection.redaction import Secret

__all__ = ["ADDRESS", "BYTES", "CLIENT_AUTH", "FLAG", "PATH", "SECONDS", "SECRET", "TEXT", "Kind", "expanded"]

T = TypeVar("T")
#: How the key pair is sent to the token endpoint.
ClientAuth = Literal["auto", "body", "basic"]


class Kind(NamedTuple, Generic[T]):
    """A kind of value.

    Attributes:
        parse: From what was given to the value; raises ``ValueError`` with what it must be.
        type: What the option parser makes of an argument; choices are a ``Literal``.
        metavar: What stands for the argument in the help.
        shown: From a value to what may be printed.
    """

    parse: Callable[[object], Any]
    type: Any
    metavar: str | None = None
    shown: Callable[[object], str] = str


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError("it must be text")  # noqa: TRY004 -- one kind of error for every value that cannot be used
    return value


def expanded(text: str) -> Path:
    """Return a path with ``~`` replaced; where there is no such home folder it stays as it is, and will be missing."""
    try:
        return Path(text).expanduser()
    except (RuntimeError, ValueError):
        return Path(text)


def _path(value: object) -> Path:
    return value if isinstance(value, Path) else expanded(_text(value))


_WORDS = dict.fromkeys(("1", "true", "yes", "on"), True) | dict.fromkeys(("0", "false", "no", "off"), False)


def _boolean(value: object) -> bool:
    if isinstance(value, bool):
        return value
    word = str(value).strip().lower()
    if word not in _WORDS:
        raise ValueError("it must be true or false (1, yes, on, 0, no, off)")
    return _WORDS[word]


def _seconds(value: object) -> float:
    wrong = ValueError("it must be a number of seconds above 0")
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise wrong
    try:
        seconds = float(value)
    except (ValueError, OverflowError):
        raise wrong from None
    if not (math.isfinite(seconds) and seconds > 0):
        raise wrong
    return seconds


def _byte_count(value: object) -> int:
    wrong = ValueError("it must be a number of bytes above 0")
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise wrong
    try:
        count = int(value)
    except ValueError:
        raise wrong from None
    if count <= 0:
        raise wrong
    return count


def _client_auth(value: object) -> str:
    style = _text(value).strip().lower()
    if style not in get_args(ClientAuth):
        raise ValueError("it must be auto, body or basic")
    return style


TEXT = Kind[str](_text, str)
ADDRESS = Kind[str](_text, str, "URL", without_userinfo)
#: Only a reference is ever given on the command line or in a file; see ``settings.secret``.
SECRET: Kind[Secret] = Kind(_text, str, "FILE", hidden)
PATH = Kind[Path](_path, Path, "FILE")
#: Its option takes no argument: it stands for the opposite of the default.
FLAG = Kind[bool](_boolean, bool)
CLIENT_AUTH = Kind[str](_client_auth, ClientAuth)
SECONDS = Kind[float](_seconds, float, "S")
BYTES = Kind[int](_byte_count, int, "N")

"""Finding the API access secret, which files and options may point to but never hold."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

from ayx_connection.redaction import Secret
from ayx_connection.settings.declarations import Declaration
from ayx_connection.settings.kinds import expanded
from ayx_connection.settings.regular_file import read_regular_file, resolved_within
from ayx_connection.settings.setting import DEFAULT_ORIGIN, Setting
from ayx_connection.settings.sources import WITHHELD, Sources, Table

__all__ = ["find_secret", "shown_reference"]

#: A secret has 64 characters; a file far beyond that is some other file.
_MAX_SECRET_BYTES = 65536
_STANDARD_INPUT = "-"
#: What a project's settings file may take for its secret: no variable of another program.
_OUR_VARIABLES = "ALTERYX_"
#: How variables are called; a secret has small letters and digits.
_REFERENCE = re.compile(r"[A-Z][A-Z0-9_]{0,60}")
_BYTE_ORDER_MARKS = {b"\xff\xfe": "UTF-16", b"\xfe\xff": "UTF-16"}


def find_secret(sources: Sources, declaration: Declaration) -> Setting[object]:
    """Return the secret and where it came from.

    Precedence: option, environment variable, then ``client_secret_file`` or ``client_secret_env`` of the files. The one
    line end that editors put at the end of a file is no part of the secret.
    """
    _refuse_plain_secrets(sources)
    for value, origin in _given(sources, declaration):
        if value is WITHHELD:
            return Setting(None, f"{origin} (not trusted)", sensitive=True)
        if isinstance(value, str | Secret):
            return Setting(Secret(value) if isinstance(value, str) else value, origin, sensitive=True)
        sources.problem("setting_invalid", "client_secret", origin, "the value cannot be used: it must be text")
        return Setting(None, origin, sensitive=True)
    return Setting(None, DEFAULT_ORIGIN, sensitive=True)


def _given(sources: Sources, declaration: Declaration) -> Iterator[tuple[object, str]]:
    direct = sources.options.get("client_secret")
    if direct is not None:
        yield direct, sources.option_origin("client_secret", "client_secret")
    file = sources.options.get("client_secret_file")
    if file is not None:
        origin = sources.option_origin("client_secret_file", declaration.option)
        yield _read(sources, str(file), origin), origin
    for variable in declaration.environment:
        if sources.environ.get(variable):
            yield sources.environ[variable], f"environment {variable}"
    for table in sources.tables:
        yield from _referenced(sources, table)


def _referenced(sources: Sources, table: Table) -> Iterator[tuple[object, str]]:
    for key, resolve in (("client_secret_file", _of_file), ("client_secret_env", _of_variable)):
        reference, origin = table.get(key), f"{table.origin} {key}"
        if reference is WITHHELD:
            sources.withheld["client_secret"] = key
        if isinstance(reference, str):
            yield resolve(sources, table, reference, origin), origin
        elif reference is not None:
            yield reference, origin


def _of_file(sources: Sources, table: Table, reference: str, origin: str) -> str:
    """Return the secret of a file; that of a project must not take another file of this machine for its secret."""
    if table.file.is_own:
        return _read(sources, reference, origin)
    path = resolved_within(Path(reference), table.file.folder)
    if path is not None:
        return _read(sources, str(path), origin, only_regular=True)
    message = "a settings file of a project can only name a secret file in its own folder; use --client-secret-file"
    sources.problem("setting_invalid", "client_secret", origin, message)
    return ""


def shown_reference(reference: str) -> str:
    """Return the name of a variable as it may be shown; what is like none may be the secret itself."""
    return repr(reference) if _REFERENCE.fullmatch(reference) else "'***'"


def _of_variable(sources: Sources, table: Table, reference: str, origin: str) -> str:
    if not (table.file.is_own or reference.startswith(_OUR_VARIABLES)):
        message = f"a settings file of a project can only name a variable that begins with {_OUR_VARIABLES}"
        sources.problem("setting_invalid", "client_secret", origin, message)
        return ""
    value = sources.environ.get(reference)
    if not value:
        sources.problem(
            "credentials_missing", "client_secret", origin, f"the variable {shown_reference(reference)} is not set"
        )
    return value or ""


def _read(sources: Sources, path: str, origin: str, *, only_regular: bool = False) -> str:
    """Return the content of a secret's file; empty, with a problem, when it cannot be used."""

    def unusable(code: str, message: str) -> str:
        sources.problem(code, "client_secret", origin, message)
        return ""

    try:
        content = _bytes(path, only_regular=only_regular)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or (str(error) if only_regular else "it is no usable path")
        return unusable("setting_invalid", f"its file cannot be read: {reason}")
    if encoding := next((name for mark, name in _BYTE_ORDER_MARKS.items() if content.startswith(mark)), None):
        return unusable("secret_unprintable", f"its file is {encoding} text (as PowerShell writes): save it as UTF-8")
    if len(content) > _MAX_SECRET_BYTES:
        return unusable("setting_invalid", "its file is far too long for a secret")
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        return unusable("secret_unprintable", "its file is not UTF-8 text")
    text = text.removesuffix("\n").removesuffix("\r")
    return text or unusable("credentials_missing", "its file is empty")


def _bytes(path: str, *, only_regular: bool) -> bytes:
    """Return what a file holds, up to more than any secret has; whom the user named may also be a pipe."""
    if only_regular:
        return read_regular_file(Path(path), _MAX_SECRET_BYTES)
    if path == _STANDARD_INPUT:
        return sys.stdin.buffer.read(_MAX_SECRET_BYTES + 1)
    with expanded(path).open("rb") as file:
        return file.read(_MAX_SECRET_BYTES + 1)


def _refuse_plain_secrets(sources: Sources) -> None:
    for table in sources.tables:
        if table.get("client_secret") is not None:
            message = (
                "a secret must not stand in a settings file, so this one is not used: write client_secret_file or "
                "client_secret_env instead, and have the secret replaced if others can read the file"
            )
            sources.problem("setting_invalid", "client_secret", table.origin, message)

"""Finding the API access secret, which files and options may point to but never hold."""

from __future__ import annotations

import sys
from collections.abc import Iterator

from ayx_connection.declarations import Declaration, expanded
from ayx_connection.secret_text import Secret
from ayx_connection.settings import DEFAULT_ORIGIN, Setting
from ayx_connection.sources import Sources, Table

__all__ = ["find_secret"]

#: A secret has 64 characters; a file far beyond that is some other file.
_MAX_SECRET_BYTES = 65536
_STANDARD_INPUT = "-"
_BYTE_ORDER_MARKS = {b"\xff\xfe": "UTF-16", b"\xfe\xff": "UTF-16"}


def find_secret(sources: Sources, declaration: Declaration) -> Setting[object]:
    """Return the secret and where it came from.

    Precedence: option, environment variable, then ``client_secret_file`` or ``client_secret_env`` of the files. The one
    line end that editors put at the end of a file is no part of the secret.
    """
    _refuse_plain_secrets(sources)
    for value, origin in _given(sources, declaration):
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
    file, variable = table.get("client_secret_file"), table.get("client_secret_env")
    if file is not None:
        origin = f"{table.origin} client_secret_file"
        yield _read(sources, file, origin) if isinstance(file, str) else file, origin
    if variable is not None:
        origin = f"{table.origin} client_secret_env"
        value = sources.environ.get(str(variable))
        if not value:
            sources.problem("credentials_missing", "client_secret", origin, f"the variable {variable!r} is not set")
        yield value or "", origin


def _read(sources: Sources, path: str, origin: str) -> str:
    """Return the content of a secret's file; empty, with a problem, when it cannot be used."""

    def unusable(code: str, message: str) -> str:
        sources.problem(code, "client_secret", origin, message)
        return ""

    try:
        if path == _STANDARD_INPUT:
            content = sys.stdin.buffer.read(_MAX_SECRET_BYTES + 1)
        else:
            with expanded(path).open("rb") as file:
                content = file.read(_MAX_SECRET_BYTES + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "it is no usable path"
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


def _refuse_plain_secrets(sources: Sources) -> None:
    for table in sources.tables:
        if table.get("client_secret") is not None:
            message = (
                "a secret must not stand in a settings file, so this one is not used: write client_secret_file or "
                "client_secret_env instead, and have the secret replaced if others can read the file"
            )
            sources.problem("setting_invalid", "client_secret", table.origin, message)

"""``ayxctl config init``: a settings file to begin with."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, get_args

import typer

from ayx_diagnostics.command_line.terminal import fail, say
from ayx_diagnostics.report.plain_text import one_line

if TYPE_CHECKING:
    from ayx_connection.settings.declarations import Declaration

__all__ = ["init"]

_HEAD = """\
# Settings of ayxctl and ayx_connection; `ayxctl config show` prints which of them count, and why.
# The secret itself never stands here.
"""
_PROFILE = """\

# [profiles.test]                                # goes before what stands above
# base_url = "https://test.example.com/webapi"
"""
#: How the files point to the secret.
_REFERENCES = (
    ('client_secret_env = "ALTERYX_CLIENT_SECRET"', "The variable that holds the secret, or"),
    ('client_secret_file = "secret.txt"', "the file, in this folder."),
)
#: Column of the comments, so far as the values leave room.
_COLUMN = 48


def init(
    url: Annotated[str | None, typer.Argument(help="The Server's address.", show_default=False)] = None,
    *,
    own: Annotated[
        bool, typer.Option("--own", help="In your configuration folder, where it counts without being trusted.")
    ] = False,
) -> None:
    """Write an ayxctl.toml that names every setting; one that is there stays as it is."""
    from ayx_connection.failures import AddressError
    from ayx_connection.settings import PROJECT_FILE, parse_address, user_file_path

    try:
        address = url and parse_address(url).web_api_address
    except AddressError as error:
        fail(one_line(str(error)))
    path = user_file_path() if own else PROJECT_FILE
    if own and not path.is_absolute():
        fail("there is no home folder for a file of your own")
    _write_new(path, _content(address))
    say(f"{one_line(str(path))}: written" + ("" if own else "; edit it, then run `ayxctl config trust`"))


def _content(address: str | None) -> str:
    """Return the file: every setting with its default or an example, none of them in force but the address."""
    from ayx_connection.settings import DECLARATIONS

    first, *others = DECLARATIONS
    of_address = [f"base_url = {_toml(address)}"] if address else _lines(first)
    lines = [line for declaration in others for line in _lines(declaration)]
    return "\n".join([_HEAD, *of_address, "", *lines, ""]) + _PROFILE


def _lines(declaration: Declaration) -> list[str]:
    if declaration.key is None:
        rows: tuple[tuple[str, str], ...] = _REFERENCES
    else:
        value = declaration.example if declaration.default is None else declaration.default
        rows = ((f"{declaration.key} = {_toml(value)}", _comment(declaration)),)
    return [f"{f'# {assignment}':{_COLUMN}} # {comment}" for assignment, comment in rows]


def _comment(declaration: Declaration) -> str:
    """Return what the option's help says, and what else may stand here."""
    if isinstance(declaration.default, bool):
        return f"{_toml(not declaration.default)}: {declaration.help}"
    choices = get_args(declaration.kind.type)
    return f"{declaration.help} One of {', '.join(choices)}." if choices else declaration.help


def _toml(value: object) -> str:
    """Return a text, number or truth value as TOML writes it, which is as JSON does."""
    return json.dumps(value, ensure_ascii=False)


def _write_new(path: Path, text: str) -> None:
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        fail(f"{one_line(str(path))}: is there already, and was left as it is")
    except OSError as error:
        fail(f"{one_line(str(path))}: cannot be written ({error.strerror or 'OS error'})")

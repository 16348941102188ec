"""The options that are settings, from their declarations, for every command that talks to a Server."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer
from ayx_connection.settings.declarations import DECLARATIONS, Declaration
from ayx_connection.settings.kinds import FLAG

from ayx_diagnostics.command_line.terminal import keep_secrets

if TYPE_CHECKING:
    from ayx_connection.settings import Settings

__all__ = ["Color", "ConfigFile", "address_from", "load_settings", "with_settings"]

_GROUP = "Settings (see `ayxctl config show`)"

Color = Annotated[
    Literal["auto", "always", "never"],
    typer.Option("--color", help="Colour in the terminal; NO_COLOR and FORCE_COLOR count too."),
]


def _option(*names: str, help: str, metavar: str | None = None) -> Any:  # noqa: A002  # typer's own word
    return typer.Option(*names, help=help, metavar=metavar, rich_help_panel=_GROUP, show_default=False)


ConfigFile = Annotated[
    Path | None,
    _option("--config", help="Settings file to use instead of the working folder's ayxctl.toml.", metavar="FILE"),
]


def _of_setting(declaration: Declaration) -> Any:
    option = _option(declaration.option, help=declaration.help, metavar=declaration.metavar)
    return Annotated[declaration.kind.type | None, option]


#: Name under which an option is handed over -> its type and help. What was not given is None: the next source counts.
_OPTIONS: dict[str, Any] = {
    **{each.given_as or each.name: _of_setting(each) for each in DECLARATIONS if each.option.startswith("--")},
    "config": ConfigFile,
}
#: What a flag stands for: the opposite of what holds without it.
_FLAGS = {each.name: not each.default for each in DECLARATIONS if each.kind is FLAG}


def load_settings(url: str | None, options: dict[str, Any]) -> Settings:
    """Load the settings of a command: its options, then the environment, the files, the defaults."""
    from ayx_connection.settings import Settings

    settings = Settings.load({**options, **({"base_url": url} if url is not None else {})})
    keep_secrets(settings)
    return settings


def address_from(settings: Settings) -> str:
    """Return which file or variable the Server's address came from, to stand behind it; empty when it was given."""
    return f" (address from {settings.address_origin})" if settings.address_origin else ""


def with_settings(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command every option of the settings; it receives those that were used as ``options``.

    Args:
        command: A function with a keyword parameter ``options: dict[str, object]``.
    """

    @functools.wraps(command)
    def with_options(**arguments: Any) -> None:
        given = {name: value for name in _OPTIONS if (value := arguments.pop(name)) is not None}
        options = {name: _FLAGS.get(name, value) for name, value in given.items()}
        command(**arguments, options=options)

    signature = inspect.signature(command, eval_str=True)
    own = [parameter for name, parameter in signature.parameters.items() if name != "options"]
    settings = [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=annotation)
        for name, annotation in _OPTIONS.items()
    ]
    with_options.__signature__ = signature.replace(parameters=[*own, *settings])  # type: ignore[attr-defined]  # read by inspect
    with_options.__annotations__ = {parameter.name: parameter.annotation for parameter in [*own, *settings]}
    return with_options

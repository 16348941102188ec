"""The options that are settings, declared once for every command that talks to a Server."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

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

#: setting -> its command line option. A flag that was not given is None, so that the next source counts.
_SETTINGS: dict[str, Any] = {
    "client_id": Annotated[str | None, _option("--client-id", help="API access key.", metavar="KEY")],
    "client_secret_file": Annotated[
        str | None,
        _option(
            "--client-secret-file", help="File with the API access secret; - reads standard input.", metavar="FILE"
        ),
    ],
    "proxy": Annotated[str | None, _option("--proxy", help="Proxy to use, whatever the variables say.", metavar="URL")],
    "no_proxy_at_all": Annotated[bool | None, _option("--no-proxy", help="Ignore every proxy.")],
    "ca_bundle": Annotated[
        Path | None,
        _option("--ca-bundle", help="CA certificates (PEM) to trust beside the system's.", metavar="FILE"),
    ],
    "client_cert": Annotated[Path | None, _option("--client-cert", help="Client certificate (PEM).", metavar="FILE")],
    "client_key": Annotated[Path | None, _option("--client-key", help="Its private key (PEM).", metavar="FILE")],
    "insecure": Annotated[
        bool | None, _option("--insecure", help="Do not verify the certificate; credentials are then never sent.")
    ],
    "allow_http": Annotated[bool | None, _option("--allow-http", help="Send credentials over plain http.")],
    "client_auth": Annotated[
        Literal["auto", "body", "basic"] | None,
        _option("--client-auth", help="How the key and secret are sent to the token endpoint."),
    ],
    "connect_timeout": Annotated[
        float | None, _option("--connect-timeout", help="Seconds to wait for a connection.", metavar="S")
    ],
    "read_timeout": Annotated[
        float | None, _option("--read-timeout", help="Seconds to wait for an answer.", metavar="S")
    ],
    "max_time": Annotated[float | None, _option("--max-time", help="Seconds for the whole run.", metavar="S")],
    "max_answer_bytes": Annotated[
        int | None,
        _option("--max-answer-bytes", help="Longest answer to take in (50 MB by default).", metavar="N"),
    ],
    "profile": Annotated[str | None, _option("--profile", help="Profile of ayxctl.toml to use.", metavar="NAME")],
    "config": ConfigFile,
}


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
        options = {name: value for name in _SETTINGS if (value := arguments.pop(name)) is not None}
        if options.pop("insecure", False):
            options["verify"] = False
        command(**arguments, options=options)

    signature = inspect.signature(command, eval_str=True)
    own = [parameter for name, parameter in signature.parameters.items() if name != "options"]
    settings = [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=annotation)
        for name, annotation in _SETTINGS.items()
    ]
    with_options.__signature__ = signature.replace(parameters=[*own, *settings])  # type: ignore[attr-defined]  # read by inspect
    with_options.__annotations__ = {parameter.name: parameter.annotation for parameter in [*own, *settings]}
    return with_options

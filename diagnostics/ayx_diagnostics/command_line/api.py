"""``ayxctl api``."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Annotated, Any

import typer

from ayx_diagnostics.command_line.options import address_from, load_settings, with_settings
from ayx_diagnostics.command_line.terminal import fail, known_secrets, show_received

__all__ = ["api"]

_FAILED = 1
#: So long the answer may be written, though the time is up: what has come is worth it.
_SHORTEST_S = 0.8
_FIRST_ERROR_STATUS = 400


@with_settings
def api(
    *,
    method: Annotated[str, typer.Argument(help="HTTP method, such as GET.")],
    path: Annotated[str, typer.Argument(help="Path below the Web API address, such as /v3/workflows?view=Full.")],
    url: Annotated[
        str | None, typer.Option("--url", help="The Server's address.", metavar="URL", show_default=False)
    ] = None,
    data: Annotated[
        str | None,
        typer.Option("--data", help="File with a JSON body; - is standard input.", metavar="FILE", show_default=False),
    ] = None,
    options: dict[str, Any],
) -> None:
    """Make one call with the settings, and write the answer's body to standard output."""
    from ayx_connection import connect
    from ayx_connection.failures import AyxError, SettingsError

    content = _body(data)
    headers = {"Content-Type": "application/json"} if content is not None else {}
    settings = load_settings(url, options)
    try:
        ends_s = time.monotonic() + settings.max_time.value
        with connect(settings=settings, redactor=known_secrets(), within_s=settings.max_time.value) as server:
            response = server.request(method.upper(), path, content=content, headers=headers)
    except SettingsError as error:
        fail(str(error))
    except AyxError as error:
        fail(f"{error}{address_from(settings)}", _FAILED)
    except ValueError as error:  # the path: nothing was sent
        fail(str(error))
    show_received(response.content, max(_SHORTEST_S, ends_s - time.monotonic()))
    if response.status_code >= _FIRST_ERROR_STATUS:
        answer = f"{response.status_code} {response.reason_phrase}"
        fail(f"{method.upper()} {path} was answered with {answer}{address_from(settings)}", _FAILED)


def _body(data: str | None) -> bytes | None:
    if data is None:
        return None
    try:
        return sys.stdin.buffer.read() if data == "-" else Path(data).read_bytes()
    except OSError as error:
        fail(f"--data {data}: cannot be read ({error.strerror})")

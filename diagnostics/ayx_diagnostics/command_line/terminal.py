"""Where talk goes: consoles, colour, progress, and the one line of an error."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Literal, NoReturn

import typer

from ayx_diagnostics.plain_text import one_line

if TYPE_CHECKING:
    from rich.console import Console

__all__ = ["UNUSABLE", "console", "fail", "progress", "show_json"]

#: Exit code of unusable input: a wrong option, an unreadable file, a document that is none.
UNUSABLE = 2

ColorChoice = Literal["auto", "always", "never"]


def console(color: ColorChoice = "auto", *, stderr: bool = False) -> Console:
    """Return the console for people. ``NO_COLOR``, ``FORCE_COLOR`` and ``TERM=dumb`` count (no-color.org)."""
    from rich.console import Console

    forced = color == "always" or (color == "auto" and bool(os.environ.get("FORCE_COLOR")))
    no_color = color == "never" or (color == "auto" and bool(os.environ.get("NO_COLOR")))
    stream = sys.stderr if stderr else sys.stdout
    made = Console(
        stderr=stderr,
        force_terminal=True if forced else None,
        no_color=no_color,
        highlight=False,
        soft_wrap=False,
        width=None if stream.isatty() else 120,
    )
    if no_color:
        made._color_system = None  # noqa: SLF001  # no_color still writes bold and dim; plain text is what is asked for
    return made


def fail(message: str, code: int = UNUSABLE) -> NoReturn:
    """Say in one line what is wrong, and end."""
    print(f"ayxctl: {message}", file=sys.stderr)
    raise typer.Exit(code)


def show_json(text: str) -> None:
    """Write a machine format to standard output as UTF-8, whatever the console's own encoding is."""
    sys.stdout.flush()
    sys.stdout.buffer.write(text.encode())
    sys.stdout.buffer.flush()


@contextmanager
def progress(color: ColorChoice, *, wanted: bool) -> Iterator[Callable[[str], None]]:
    """Show what is being waited for on standard error, if that is a terminal."""
    if not wanted or not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.text import Text

    with console(color, stderr=True).status("starting") as status:
        yield lambda doing: status.update(Text(one_line(doing)))  # not markup: an IPv6 address has brackets

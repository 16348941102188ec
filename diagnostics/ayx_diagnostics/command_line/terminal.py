"""Where talk goes: consoles, colour, progress, and the one line of an error. Nothing else here prints.

Every text passes :func:`outgoing` last, so that what a peer, a document or a file says cannot command a terminal or the
CI system that reads the log, and no secret of the settings leaves with it.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Literal, NoReturn, TextIO, cast

from ayx_diagnostics.report.formats import Format
from ayx_diagnostics.report.plain_text import one_line
from ayx_diagnostics.report.safe_output import safe_output, without_commands

if TYPE_CHECKING:
    from ayx_connection.redaction import Redactor
    from ayx_connection.settings import Settings
    from rich.console import Console

__all__ = [
    "UNUSABLE",
    "console",
    "fail",
    "guard_streams",
    "keep_secrets",
    "known_secrets",
    "outgoing",
    "progress",
    "say",
    "show_document",
    "show_json",
    "show_received",
    "warn",
]

#: Exit code of unusable input: a wrong option, an unreadable file, a document that is none.
UNUSABLE = 2

ColorChoice = Literal["auto", "always", "never"]


#: Knows the secrets of the settings, once these are loaded; learns the tokens of the run.
_secrets: Redactor | None = None


def keep_secrets(settings: Settings) -> None:
    """Let no secret of these settings, nor of the environment, past :func:`outgoing` from now on."""
    from ayx_connection.redaction import Redactor

    global _secrets  # noqa: PLW0603  # as the streams that it stands in front of
    _secrets = _secrets or Redactor()
    _secrets.learn(settings, os.environ)


def known_secrets() -> Redactor | None:
    """Return what knows the secrets of the settings, for what is to learn more of them."""
    return _secrets


def outgoing(text: str, form: Format = Format.TEXT) -> str:
    """Return what may leave of a finished text. Reports have passed the redactor before they were laid out."""
    return safe_output(_secrets.text(text) if _secrets and form is Format.TEXT else text, form)


class _Guarded:
    """A text stream that cleans what is written to it. Its bytes are out of reach: they would go past it.

    Args:
        stream: The stream itself.
        clean: What is done to every text; a line must not be written in pieces.
    """

    def __init__(self, stream: TextIO, clean: Callable[[str], str]) -> None:
        self.unguarded = stream
        self._clean = clean

    def write(self, text: str) -> int:
        self.unguarded.write(self._clean(text))
        return len(text)

    def writelines(self, lines: Iterable[str]) -> None:
        self.write("".join(lines))

    def __getattr__(self, name: str) -> Any:
        if name == "buffer":
            raise AttributeError(name)
        return getattr(self.unguarded, name)


def guard_streams() -> None:
    """Let nothing past :func:`outgoing` that somebody else prints: the option parser, a library, Python itself."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is not None and not isinstance(stream, _Guarded):
            setattr(sys, name, _Guarded(stream, outgoing))


def _unguarded(stream: Any) -> Any:
    return stream.unguarded if isinstance(stream, _Guarded) else stream


def console(color: ColorChoice = "auto", *, stderr: bool = False) -> Console:
    """Return the console for people. ``NO_COLOR``, ``FORCE_COLOR`` and ``TERM=dumb`` count (no-color.org).

    Texts are shown as they are, without rich's own markup; each is cleaned when it is laid out, and the lines after.
    """
    from ayx_diagnostics.command_line.screen import Screen

    forced = color == "always" or (color == "auto" and bool(os.environ.get("FORCE_COLOR")))
    no_color = color == "never" or (color == "auto" and bool(os.environ.get("NO_COLOR")))
    stream = _unguarded(sys.stderr if stderr else sys.stdout)
    made = Screen(
        file=cast("TextIO", _Guarded(stream, without_commands)),  # colours are ours, and stay
        stderr=stderr,
        force_terminal=True if forced else None,
        no_color=no_color,
        markup=False,
        emoji=False,
        highlight=False,
        soft_wrap=False,
        width=None if stream.isatty() else 120,
    )
    if no_color:
        made._color_system = None  # noqa: SLF001  # no_color still writes bold and dim; plain text is what is asked for
    return made


def say(text: str = "") -> None:
    """Print a text, of one line or of several, to standard output in its own encoding."""
    print(outgoing(text), file=_unguarded(sys.stdout))


def warn(message: str) -> None:
    """Say one line on standard error."""
    print(outgoing(f"ayxctl: {one_line(message)}"), file=_unguarded(sys.stderr))


def fail(message: str, code: int = UNUSABLE, *, more: Iterable[str] = ()) -> NoReturn:
    """Say in one line what is wrong, and end.

    Args:
        message: The line.
        code: The exit code.
        more: What has to follow it, one line each.
    """
    import typer

    warn(message)
    for line in more:
        print(outgoing(f"  {one_line(line)}"), file=_unguarded(sys.stderr))
    raise typer.Exit(code)


def show_document(text: str, form: Format) -> None:
    """Write a finished document to standard output as UTF-8, whatever the console's own encoding is."""
    _write_bytes(outgoing(text, form).encode())


def show_json(text: str) -> None:
    """Write JSON to standard output as :func:`show_document` does."""
    show_document(text, Format.JSON)


def show_received(content: bytes, within_s: float) -> None:
    """Write what a Server sent: to a terminal as safe text, elsewhere byte for byte, but for secrets.

    Args:
        content: What it sent.
        within_s: Seconds, after which the rest is left out and the program ends with exit code 1.
    """
    ends_s = time.monotonic() + within_s
    is_terminal = sys.stdout.isatty()
    for piece in _secrets.pieces([content]) if _secrets else [content]:
        if time.monotonic() > ends_s:
            fail("the time was up before the whole answer was written; raise --max-time", 1)
        if is_terminal:
            print(outgoing(piece.decode("utf-8", "replace")), end="", file=_unguarded(sys.stdout))
        else:
            _write_bytes(piece)
    if is_terminal:
        print(file=_unguarded(sys.stdout))


def _write_bytes(content: bytes) -> None:
    stream = _unguarded(sys.stdout)
    stream.flush()
    stream.buffer.write(content)
    stream.buffer.flush()


@contextmanager
def progress(color: ColorChoice, *, wanted: bool) -> Iterator[Callable[[str], None]]:
    """Show what is being waited for on standard error, if that is a terminal."""
    if not wanted or not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.text import Text

    with console(color, stderr=True).status("starting") as status:
        yield lambda doing: status.update(Text(outgoing(one_line(doing))))

"""``ayxctl explain``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ayx_diagnostics.command_line.options import Color
from ayx_diagnostics.command_line.reporting import show
from ayx_diagnostics.command_line.terminal import console, fail
from ayx_diagnostics.renderers import Format

__all__ = ["explain"]

_NOTHING_MATCHED = 1


def explain(
    code: Annotated[
        str | None, typer.Argument(help="A code of the catalogue, such as tcp.syn_dropped.", show_default=False)
    ] = None,
    report: Annotated[
        Path | None,
        typer.Option(
            "--report", help="A saved JSON report: run the rules over its observations again, offline.", metavar="FILE"
        ),
    ] = None,
    format_: Annotated[Format, typer.Option("--format", help="How to show a report.")] = "text",
    color: Color = "auto",
) -> None:
    """Explain a code, or judge a saved report again without touching the network."""
    if report is not None:
        _explain_report(report, format_, color)
    elif code is None:
        fail("nothing to explain: give a code such as tcp.syn_dropped, or --report FILE")
    else:
        _explain_code(code, color)


def _explain_code(code: str, color: Color) -> None:
    from ayx_diagnostics import catalogue
    from ayx_diagnostics.catalogue import pages

    try:
        entry = catalogue.entry(code)
    except KeyError:
        import difflib

        near = difflib.get_close_matches(code, [known.code for known in catalogue.entries()], n=3)
        hint = f"; did you mean {' or '.join(near)}?" if near else ""
        fail(f"{code!r} is no code of the catalogue{hint}", _NOTHING_MATCHED)
    pages.show(entry, console(color))


def _explain_report(path: Path, format_: Format, color: Color) -> None:
    from ayx_diagnostics.replay import replay
    from ayx_diagnostics.serialise import ReportError

    try:
        document, code = replay(path)
    except ReportError as error:
        fail(str(error))
    show(document, format_, color=color)
    if code:
        raise typer.Exit(code)

"""``ayxctl config``."""

from __future__ import annotations

import json
from dataclasses import fields
from typing import Annotated, Any, Literal

import typer

from ayx_diagnostics.command_line.config_init import init
from ayx_diagnostics.command_line.config_trust import path, trust
from ayx_diagnostics.command_line.options import Color, load_settings, with_settings
from ayx_diagnostics.command_line.terminal import UNUSABLE, console, show_json
from ayx_diagnostics.report.plain_text import one_line

__all__ = ["app"]

app = typer.Typer(help="The settings, and where each comes from.", no_args_is_help=True)
for command in (init, path, trust):
    app.command()(command)


@app.callback()
def _config() -> None:
    """The settings, and where each comes from."""


@app.command("show")
@with_settings
def show(
    *,
    url: Annotated[str | None, typer.Argument(help="The Server's address.", show_default=False)] = None,
    format_: Annotated[Literal["text", "json"], typer.Option("--format", help="What to write.")] = "text",
    color: Color = "auto",
    options: dict[str, Any],
) -> None:
    """Print every setting with its value and its origin; secrets only as present or absent."""
    from ayx_connection.settings import Settings

    settings = load_settings(url, options)
    rows = [
        (field.name, settings.shown(field.name) or None, getattr(settings, field.name).origin)
        for field in fields(Settings)
        if field.name != "problems"
    ]
    problems = [f"{problem.setting} ({problem.origin}): {problem.advice}" for problem in settings.problems]
    if format_ == "json":
        values = {name: {"value": value, "origin": origin} for name, value, origin in rows}
        show_json(json.dumps({"settings": values, "problems": problems}, indent=2) + "\n")
    else:
        from rich.table import Table
        from rich.text import Text

        table = Table("setting", "value", "origin", box=None, pad_edge=False)
        for row in rows:
            table.add_row(*(Text(one_line(cell or "-")) for cell in row))  # not markup: [profiles.test]
        output = console(color)
        output.print(table)
        for problem in problems:
            output.print(Text(one_line(f"problem: {problem}")), soft_wrap=True)
    if problems:
        raise typer.Exit(UNUSABLE)

"""All commands of ``ayxctl``, each in a module of its own that imports what only it needs."""

from __future__ import annotations

from typing import Annotated

import typer

from ayx_diagnostics.command_line import api, config, demo, diagnose, explain, request, simulate, smoke, spec
from ayx_diagnostics.command_line.terminal import say

__all__ = ["app"]

app = typer.Typer(
    name="ayxctl",
    help="Find out why a script cannot reach Alteryx Server, and keep its client up to date. Unofficial.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    rich_markup_mode=None,
)


def _version(wanted: bool) -> None:
    if wanted:
        from ayx_diagnostics.report.tool import this_tool

        tool = this_tool()
        say(f"{tool.name} {tool.version} (Python {tool.python}, {tool.openssl}, {tool.platform})")
        raise typer.Exit


@app.callback()
def _ayxctl(
    version: Annotated[  # the callback acts on it
        bool,
        typer.Option(
            "--version", help="Show the versions of ayxctl, Python and OpenSSL.", callback=_version, is_eager=True
        ),
    ] = False,
) -> None:
    pass


app.command("api")(api.api)
app.command("diagnose")(diagnose.diagnose)
app.command("demo")(demo.demo)
app.command(
    "simulate",
    add_help_option=False,
    context_settings={"ignore_unknown_options": True, "allow_extra_args": True, "help_option_names": []},
)(simulate.simulate)
app.command("explain", cls=explain.Explain)(explain.explain)
app.command("request")(request.request)
app.command("smoke")(smoke.smoke)
app.add_typer(spec.app, name="spec")
app.add_typer(config.app, name="config")

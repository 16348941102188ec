"""``ayxctl simulate``."""

from __future__ import annotations

import typer

from ayx_diagnostics.command_line.terminal import fail

__all__ = ["simulate"]


def simulate(context: typer.Context) -> None:
    """Run the stand-in Server on loopback until Ctrl+C; `ayxctl simulate --help` lists its options and faults.

    One line of JSON says where it is, what to trust and with which credentials to call it.
    """
    try:
        from ayx_simulator.command import run
    except ImportError as error:
        from ayx_spec.errors import missing_extra

        fail(missing_extra(str(error.name), "simulator"), 1)
    code = run(context.args, "ayxctl simulate")
    if code:
        raise typer.Exit(code)

"""``ayxctl request``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ayx_diagnostics.command_line.terminal import fail, show_document, warn
from ayx_diagnostics.report.formats import FORMAT_BY_NAME, RequestFormat

__all__ = ["request"]

_NOT_THE_NETWORK = 1


def request(
    report: Annotated[
        Path, typer.Argument(help="A saved report: ayxctl diagnose --report FILE.json", metavar="REPORT.json")
    ],
    format_: Annotated[RequestFormat, typer.Option("--format", help="For a mail or for a ticket.")] = "text",
) -> None:
    """Write the request to the network team that a saved report calls for.

    What is asked, from where, to where, when it was tried, what was seen, and how to check it. Exit code 1 when the
    cause is not the network's; standard error then says whose it is.
    """
    from ayx_diagnostics.report.network_request import NotTheNetwork, prepare, render
    from ayx_diagnostics.report.serialise import ReportError, observations_from

    try:
        document, _ = observations_from(report, conclusions=True)
        made = prepare(document)
    except ReportError as error:
        fail(str(error))
    except NotTheNetwork as answer:
        fail(str(answer), _NOT_THE_NETWORK, more=answer.steps)
    for note in made.notes:
        warn(note)
    show_document(render(made, format_), FORMAT_BY_NAME[format_])

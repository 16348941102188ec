"""``ayxctl demo``."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ayx_diagnostics.command_line.options import Color
from ayx_diagnostics.command_line.terminal import console, fail

if TYPE_CHECKING:
    from rich.console import Console

    from ayx_diagnostics.command_line.tour import Case, Stage, Stop
    from ayx_diagnostics.model import Report

__all__ = ["demo", "naive_error"]

#: Nothing of the user's own settings may reach the tour.
_ENVIRON: Mapping[str, str] = {}
_MISMATCH = 1
_NAIVE_TIMEOUT_S = 2.0


def demo(color: Color = "auto") -> None:
    """Start the stand-in Server, diagnose it, then tour faults: what a script gets, and what the diagnosis says.

    Everything happens on loopback.
    """
    try:
        from ayx_simulator import Simulator
    except ImportError as error:
        from ayx_spec.errors import missing_extra

        fail(missing_extra(str(error.name), "simulator"), 1)
    from ayx_diagnostics.command_line.tour import STOPS, Stage
    from ayx_diagnostics.report.renderers.text import print_report
    from ayx_diagnostics.report.serialise import to_json

    output = console(color)
    with Simulator() as simulator, tempfile.TemporaryDirectory() as folder:
        options = {
            "client_id": simulator.client_id,
            "client_secret": simulator.client_secret,
            "ca_bundle": str(simulator.ca_bundle),
        }
        stage = Stage(simulator, Path(folder), options)
        healthy = _diagnose(stage.case())
        print_report(to_json(healthy), output)
        output.print(f"\nNow {len(STOPS)} faults: what a script gets, and what the diagnosis says.")
        unexpected = [stop.code for stop in STOPS if not _visit(stop, stage, output)]
    if healthy.verdict.status != "healthy" or unexpected:
        fail(f"not as expected: {', '.join(unexpected) or healthy.verdict.sentence}", _MISMATCH)
    output.print(f"\nAll {len(STOPS)} causes named. `ayxctl explain CODE` prints the page of each.")


def _visit(stop: Stop, stage: Stage, output: Console) -> bool:
    """Show one stop; return whether the diagnosis named the fault."""
    from rich.table import Table
    from rich.text import Text

    with stop.arranged(stage) as case:
        error = naive_error(case)
        report = _diagnose(case)
    verdict = report.verdict
    grid = Table.grid(padding=(0, 2))
    grid.add_column(no_wrap=True, style="dim")
    grid.add_column(overflow="fold")
    grid.add_row("  a script gets", Text(error, "red"))
    grid.add_row("  ayxctl says", Text(f"{verdict.code}: {verdict.sentence}", "bold"))
    if report.findings:
        for step in report.findings[0].fix[:1]:
            grid.add_row(f"  fix ({step.owner})", Text(step.step))
    output.print()
    output.print(Text(stop.story[0].upper() + stop.story[1:], "bold"))
    output.print(grid)
    return verdict.code == stop.code


def _diagnose(case: Case) -> Report:
    from ayx_connection.settings import Settings

    from ayx_diagnostics.diagnosis import diagnose

    settings = Settings.load({**case.options, "base_url": case.url}, _ENVIRON, None, None, options_from="argument")
    return diagnose(settings=settings, environ=_ENVIRON)


def naive_error(case: Case) -> str:
    """Return what a hand-written script ends with: the token request and one call, with nothing else around them."""
    import ssl

    import httpx

    options: Mapping[str, Any] = case.options
    context = ssl.create_default_context(cafile=options.get("ca_bundle"))
    form = {
        "grant_type": "client_credentials",
        "client_id": options["client_id"],
        "client_secret": options["client_secret"],
    }
    try:
        with httpx.Client(
            verify=context, proxy=options.get("proxy"), trust_env=False, timeout=_NAIVE_TIMEOUT_S
        ) as client:
            token = client.post(f"{case.url}/oauth2/token", data=form).json()["access_token"]
            answer = client.get(f"{case.url}/v3/collections", headers={"Authorization": f"Bearer {token}"})
            answer.raise_for_status()
    except (httpx.HTTPError, httpx.InvalidURL, ValueError, KeyError, UnicodeError) as error:
        return f"{type(error).__name__}: {str(error).splitlines()[0] if str(error) else ''}"
    return "no error at all"

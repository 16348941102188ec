"""``ayxctl diagnose``."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from ayx_diagnostics.command_line.options import Color, load_settings, with_settings
from ayx_diagnostics.command_line.reporting import ReportOption, check_report_paths, leave, present
from ayx_diagnostics.command_line.terminal import fail, known_secrets, progress, warn
from ayx_diagnostics.report.formats import Format

__all__ = ["diagnose"]


@with_settings
def diagnose(
    *,
    url: Annotated[str | None, typer.Argument(help="The Server's address, as you have it.", show_default=False)] = None,
    format_: Annotated[Format, typer.Option("--format", help="What to write to standard output.")] = Format.TEXT,
    report: ReportOption = None,
    only: Annotated[
        str | None, typer.Option("--only", help="Examine up to this stage, report on it.", metavar="STAGE")
    ] = None,
    skip: Annotated[list[str] | None, typer.Option("--skip", help="Leave a stage out.", metavar="STAGE")] = None,
    four: Annotated[bool, typer.Option("-4", help="Use IPv4 addresses only.")] = False,
    six: Annotated[bool, typer.Option("-6", help="Use IPv6 addresses only.")] = False,
    reference_host: Annotated[
        str | None,
        typer.Option(
            "--reference-host", help="A host to compare with; nothing is contacted without it.", metavar="HOST[:PORT]"
        ),
    ] = None,
    idle: Annotated[
        float | None,
        typer.Option(
            "--idle", help="Also leave a connection idle for so long, and use it again.", metavar="S", min=0.1
        ),
    ] = None,
    exit_code_by_stage: Annotated[
        bool, typer.Option("--exit-code-by-stage", help="10 config … 18 api instead of 1.")
    ] = False,
    skip_if_unconfigured: Annotated[
        bool, typer.Option("--skip-if-unconfigured", help="Exit 0 when no Server address is set.")
    ] = False,
    anonymise: Annotated[bool, typer.Option("--anonymise", help="Replace everything that tells whose it is.")] = False,
    quiet: Annotated[
        bool, typer.Option("--quiet", "-q", help="Print nothing when healthy, only findings otherwise.")
    ] = False,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Print every observation too.")] = False,
    color: Color = "auto",
    options: dict[str, Any],
) -> None:
    """Find out why a script cannot reach Alteryx Server.

    Walks the way of a request: settings, local machine, proxy, DNS, TCP, TLS, HTTP, OAuth2 token endpoint, API. Says
    where it breaks, why, what it is not, and who has to change what. Without credentials everything up to the token
    endpoint is examined.
    """
    from ayx_diagnostics.model import STAGES

    for stage in [*(skip or ()), *([only] if only else ())]:
        if stage not in STAGES:
            fail(f"{stage!r} is no stage; the stages are {', '.join(STAGES)}")
    if four and six:
        fail("-4 and -6 exclude each other")
    check_report_paths(report or [])
    settings = load_settings(url, options)
    if idle is not None and idle >= settings.max_time.value:
        fail(f"--idle {idle:g} does not fit into --max-time {settings.max_time.value:g}")
    if skip_if_unconfigured and not settings.base_url.value and not settings.is_untrusted:
        warn("skipped, no Server address is set")
        return
    from ayx_diagnostics.diagnosis import diagnose as run

    with progress(color, wanted=format_ is Format.TEXT and not quiet) as tell:
        result = run(
            settings=settings,
            only=only,  # type: ignore[arg-type]  # checked against the stages above
            skip=skip or (),  # type: ignore[arg-type]  # as above
            family=4 if four else 6 if six else None,
            reference_host=reference_host,
            idle_s=idle,
            progress=tell,
            redactor=known_secrets(),
        )
    present(result, format_, report or [], anonymise=anonymise, quiet=quiet, verbose=verbose, color=color)
    leave(result, by_stage=exit_code_by_stage)

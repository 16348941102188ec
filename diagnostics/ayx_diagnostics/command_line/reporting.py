"""What every command that makes a report does with it: print it, write it to files, turn it into an exit code."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from ayx_diagnostics.command_line.files import check_writable, write_file
from ayx_diagnostics.command_line.terminal import ColorChoice, console, fail, outgoing, show_document
from ayx_diagnostics.report.formats import FORMAT_BY_SUFFIX, Format, format_of
from ayx_diagnostics.report.renderers import render

if TYPE_CHECKING:
    from ayx_diagnostics.model import Report

__all__ = ["ReportOption", "check_report_paths", "leave", "present", "show"]

ReportOption = Annotated[
    list[Path] | None,
    typer.Option(
        "--report", help=f"Also write a report; {' '.join(FORMAT_BY_SUFFIX)} say in which format.", metavar="FILE"
    ),
]

_FAILED = 1


def check_report_paths(paths: list[Path]) -> None:
    """End with one line before any work is done when a report could not be written in the end."""
    for path in paths:
        try:
            format_of(path)
        except ValueError as error:
            fail(f"--report {error}")
        check_writable("--report", path)


def present(
    report: Report,
    kind: Format,
    paths: list[Path],
    *,
    anonymise: bool = False,
    quiet: bool = False,
    verbose: bool = False,
    color: ColorChoice = "auto",
) -> None:
    """Write the report's files, then the report itself to standard output."""
    document = _document(report, anonymise=anonymise)
    _write_files(document, paths)
    show(document, kind, quiet=quiet, verbose=verbose, color=color)


def show(
    document: dict[str, Any],
    kind: Format,
    *,
    quiet: bool = False,
    verbose: bool = False,
    color: ColorChoice = "auto",
) -> None:
    """Write a report's document to standard output: for people with colour, for programs alone."""
    if kind is Format.TEXT:
        from ayx_diagnostics.report.renderers.text import print_report

        print_report(document, console(color), verbose=verbose, quiet=quiet)
    else:
        show_document(render(document, kind), kind)


def leave(report: Report, *, by_stage: bool, fail_on: Literal["error", "warning"] = "error") -> None:
    """End with the exit code of the report's verdict."""
    from ayx_diagnostics.report.verdict import exit_code

    code = exit_code(report.verdict, by_stage=by_stage)
    if not code and fail_on == "warning" and report.verdict.status == "degraded":
        code = _FAILED
    if code:
        raise typer.Exit(code)


def _document(report: Report, *, anonymise: bool) -> dict[str, Any]:
    from ayx_diagnostics.report.serialise import to_json

    document = to_json(report)
    if not anonymise:
        return document
    from ayx_diagnostics.report.anonymise import anonymise_report

    return anonymise_report(document)


def _write_files(document: dict[str, Any], paths: list[Path]) -> None:
    for path in paths:
        kind = format_of(path)
        write_file("--report", path, outgoing(render(document, kind), kind).encode())

"""``ayxctl smoke``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from ayx_diagnostics.command_line.options import Color, load_settings, with_settings
from ayx_diagnostics.command_line.reporting import ReportOption, check_report_paths, leave, present
from ayx_diagnostics.command_line.terminal import fail, known_secrets, progress, warn
from ayx_diagnostics.report.formats import Format

if TYPE_CHECKING:
    from ayx_connection.api_document import Surface
    from ayx_spec.convert import Conversion

__all__ = ["smoke"]

#: Version of the API whose document is compared.
_NEWEST = "3"


@with_settings
def smoke(
    *,
    url: Annotated[str | None, typer.Argument(help="The Server's address.", show_default=False)] = None,
    document: Annotated[
        list[Path] | None,
        typer.Option(
            "--document", help="The Server's document; by default those that the client was made from.", metavar="FILE"
        ),
    ] = None,
    format_: Annotated[Format, typer.Option("--format", help="What to write to standard output.")] = Format.TEXT,
    report: ReportOption = None,
    fail_on: Annotated[
        Literal["error", "warning"], typer.Option("--fail-on", help="What makes the exit code 1.")
    ] = "error",
    exit_code_by_stage: Annotated[
        bool, typer.Option("--exit-code-by-stage", help="10 config … 18 api instead of 1.")
    ] = False,
    skip_if_unconfigured: Annotated[
        bool, typer.Option("--skip-if-unconfigured", help="Exit 0 when no address or no API key is set.")
    ] = False,
    anonymise: Annotated[bool, typer.Option("--anonymise", help="Replace everything that tells whose it is.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print nothing when healthy.")] = False,
    color: Color = "auto",
    options: dict[str, Any],
) -> None:
    """Test the API read-only: diagnose, then make every GET that needs no path parameter.

    Answers are held against the document. Nothing on the Server is changed. Without an API key this is exit code 2,
    unless --skip-if-unconfigured is given.
    """
    check_report_paths(report or [])
    settings = load_settings(url, options)
    if not (settings.base_url.value and settings.client_id.value) and not settings.is_untrusted:
        if skip_if_unconfigured:
            warn("skipped, no Server address or no API key is set")
            return
        fail("the smoke test needs ALTERYX_BASE_URL, ALTERYX_CLIENT_ID and ALTERYX_CLIENT_SECRET")
    from ayx_diagnostics.smoke.run import smoke as run

    conversion, known = _documents(document or [])
    with progress(color, wanted=format_ is Format.TEXT and not quiet) as tell:
        result = run(settings, conversion.document, known=known, progress=tell, redactor=known_secrets())
    present(result, format_, report or [], anonymise=anonymise, quiet=quiet, color=color)
    leave(result, by_stage=exit_code_by_stage, fail_on=fail_on)


def _documents(given: list[Path]) -> tuple[Conversion, Surface | None]:
    """Return what answers are held against, and what the Server's own document is compared with.

    Both are the given documents, else those that the client was made from.
    """
    from ayx_connection.api_document import Surface, client_documents
    from ayx_spec import DocumentError, bundled_documents
    from ayx_spec.convert import convert, convert_files, parse_document

    try:
        if not given:
            own = [parse_document(json.dumps(each).encode(), "ayx_client") for each in client_documents()]
            return convert(own) if own else convert_files(bundled_documents()), None
        conversion = convert_files(given)
        newest = next((Surface.of(source.data) for source in conversion.sources if source.version == _NEWEST), None)
    except (DocumentError, ValueError) as error:
        fail(f"--document {error}")
    return conversion, newest

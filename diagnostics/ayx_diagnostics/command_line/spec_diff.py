"""``ayxctl spec diff``: what an upgrade changes for those who call the API."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from ayx_diagnostics.command_line.files import check_writable, write_file
from ayx_diagnostics.command_line.terminal import fail, outgoing, say, show_document, warn
from ayx_diagnostics.report.formats import FORMAT_BY_NAME

if TYPE_CHECKING:
    from ayx_spec.convert import Document
    from ayx_spec.diff import Comparison
    from ayx_spec.diff.surface import SurfaceChange

__all__ = ["diff"]

_FOUND = 1
_UNREAD = 50  # that are named
_SUFFIXES = {".json": "json", ".md": "markdown", ".txt": "text"}

#: `bundled` stands for the newest generation of the documents that come with the toolkit.
_GENERATION = re.compile(r"bundled|\d{4}\.\d+")

Form = Literal["text", "json", "markdown"]


def diff(
    old: Annotated[
        Path,
        typer.Argument(
            help="What callers know: a document, a folder of them, or a bundled generation such as 2025.1.",
            metavar="OLD",
        ),
    ],
    new: Annotated[Path, typer.Argument(help="What takes its place, likewise.", metavar="NEW")],
    *,
    form: Annotated[Form, typer.Option("--format", help="How the result is written to standard output.")] = "text",
    code: Annotated[
        Path | None,
        typer.Option("--code", help="Your Python code: name the lines that a change concerns.", metavar="FOLDER"),
    ] = None,
    python: Annotated[
        tuple[Path, Path] | None,
        typer.Option(
            "--python", help="Also compare two generated packages, before and after.", metavar="OLD_PACKAGE NEW_PACKAGE"
        ),
    ] = None,
    report: Annotated[
        list[Path] | None,
        typer.Option("--report", help="Also write a report; .json .md .txt say in which format.", metavar="FILE"),
    ] = None,
    fail_on: Annotated[
        Literal["breaking", "attention", "never"],
        typer.Option("--fail-on", help="End with exit code 1 if there is a change of this level or a worse one."),
    ] = "breaking",
) -> None:
    """Say what changes for those who call the API, judged from their side.

    A change is breaking (calls or code fail), needs attention (they may), or is an addition.
    """
    from ayx_spec import SpecError
    from ayx_spec.diff import compare_documents

    forms = [_form_of(path) for path in report or []]
    try:
        comparison = compare_documents(_documents(old), _documents(new))
        comparison = _with_code(comparison, code) if code else comparison
        surface = _surface(comparison, *python) if python else None
    except SpecError as error:
        fail(str(error))
    for path, kind in zip(report or [], forms, strict=True):
        written = outgoing(_rendered(comparison, surface, kind, with_code=code is not None), FORMAT_BY_NAME[kind])
        write_file("--report", path, written.encode())
    rendered = _rendered(comparison, surface, form, with_code=code is not None)
    if form == "text":
        say(rendered.rstrip("\n"))  # in the console's own encoding
    else:
        show_document(rendered, FORMAT_BY_NAME[form])
    if fail_on != "never" and comparison.reaches(fail_on):
        raise typer.Exit(_FOUND)


def _form_of(path: Path) -> Form:
    """Return the format that a report's name asks for; end with one line before any work is done if it is none."""
    kind = _SUFFIXES.get(path.suffix.lower())
    if kind is None:
        fail(f"--report {path}: the name must end in {', '.join(_SUFFIXES)}")
    check_writable("--report", path)
    return kind  # type: ignore[return-value]


def _documents(path: Path) -> list[Document]:
    """Return the document of a file, or those of a folder or of a generation; names the whole path of a bad one."""
    from ayx_spec import DocumentError
    from ayx_spec.convert import load_document, well_formed_document

    files = _files(path)
    if not files:
        fail(f"{path}: the folder holds no *.json")
    documents = []
    for file in files:
        try:
            documents.append(well_formed_document(load_document(file)))
        except DocumentError as error:
            raise DocumentError(str(file), error.where, error.what) from error
    return documents


def _files(path: Path) -> list[Path]:
    if path.is_dir():
        return sorted(path.glob("*.swagger.json")) or sorted(path.glob("*.json"))
    if path.exists() or not _GENERATION.fullmatch(str(path)):
        return [path]
    from ayx_spec import bundled_documents

    try:
        return bundled_documents(None if str(path) == "bundled" else str(path))
    except FileNotFoundError as error:
        fail(f"{path}: {error}")


def _with_code(comparison: Comparison, folder: Path) -> Comparison:
    from ayx_spec.diff.usage import read_code, with_usage

    code = read_code(folder)
    for place, reason in code.unread[:_UNREAD]:
        warn(f"{place}: left out: {reason}")
    if len(code.unread) > _UNREAD:
        warn(f"{folder}: left out: {len(code.unread) - _UNREAD} more")
    return with_usage(comparison, code)


def _surface(comparison: Comparison, old: Path, new: Path) -> tuple[SurfaceChange, ...]:
    from ayx_spec.diff.surface import compare_packages, unexplained

    return unexplained(compare_packages(old, new), comparison.changes)


def _rendered(comparison: Comparison, surface: tuple[SurfaceChange, ...] | None, form: Form, *, with_code: bool) -> str:
    from ayx_spec.diff.reports import as_json, as_markdown, as_text

    if form == "json":
        return as_json(comparison, surface)
    return (as_markdown if form == "markdown" else as_text)(comparison, surface, with_code=with_code)

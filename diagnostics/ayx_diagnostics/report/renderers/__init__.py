"""From a report to text. Every renderer is a function of the report's JSON document, after redaction."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from pathlib import PurePath
from typing import Any, Literal

from ayx_diagnostics.report.safe_output import safe_output

__all__ = ["FORMATS", "FORMAT_BY_SUFFIX", "Format", "format_of", "render"]

Format = Literal["text", "json", "junit", "markdown", "html"]
Document = dict[str, Any]

FORMATS: tuple[Format, ...] = ("text", "json", "junit", "markdown", "html")

#: ``--report FILE``: the format follows the suffix.
FORMAT_BY_SUFFIX: dict[str, Format] = {
    ".json": "json",
    ".xml": "junit",
    ".md": "markdown",
    ".html": "html",
    ".txt": "text",
}


def format_of(path: PurePath) -> Format:
    """Return the format that a report file's suffix asks for.

    Raises:
        ValueError: The suffix is none of ``FORMAT_BY_SUFFIX``.
    """
    try:
        return FORMAT_BY_SUFFIX[path.suffix.lower()]
    except KeyError:
        known = " ".join(FORMAT_BY_SUFFIX)
        raise ValueError(f"{path}: the suffix says no format; use one of {known}") from None


def render(document: Document, kind: Format, *, verbose: bool = False) -> str:
    """Return the report in a format, without colour.

    Args:
        document: A report's JSON document.
        kind: One of ``FORMATS``.
        verbose: Whether the text lists every observation too.
    """
    module = import_module(f"{__name__}.{kind}")
    renderer: Callable[..., str] = module.render
    return safe_output(renderer(document, verbose=verbose) if kind == "text" else renderer(document), kind)

"""A report in any of its formats: the renderer is imported when its format is asked for."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

from ayx_diagnostics.report.formats import FORMAT_BY_NAME, Format
from ayx_diagnostics.report.safe_output import safe_output

__all__ = ["render"]


def render(document: dict[str, Any], kind: Format, *, verbose: bool = False) -> str:
    """Return the report in a format, without colour.

    Args:
        document: A report's JSON document.
        kind: Its format.
        verbose: Whether the text lists every observation too.
    """
    kind = FORMAT_BY_NAME[kind]  # its name will do, too
    module = import_module(f"ayx_diagnostics.report.renderers.{kind}")
    renderer: Callable[..., str] = module.render
    return safe_output(renderer(document, verbose=verbose) if kind is Format.TEXT else renderer(document), kind)

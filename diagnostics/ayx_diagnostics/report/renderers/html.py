"""The report as one HTML page without outside parts, for mail and for people without a terminal."""

from __future__ import annotations

from typing import Any

import jinja2
from ayx_connection.redaction import map_text

from ayx_diagnostics.report.plain_text import visible

__all__ = ["render"]


def render(document: dict[str, Any]) -> str:
    """Return the report as a self-contained page; every text of a peer is escaped by the template engine."""
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("ayx_diagnostics.report.renderers"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("report.html").render(report=map_text(document, visible))

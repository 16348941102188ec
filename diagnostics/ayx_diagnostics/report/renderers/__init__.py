"""From a report to text. Every renderer is a function of the report's JSON document, after redaction.

Each is a module, named like its row in :mod:`ayx_diagnostics.report.formats`.
"""

from ayx_diagnostics.report.formats import FORMAT_BY_SUFFIX, FORMATS, Format, format_of
from ayx_diagnostics.report.renderers.rendering import render

__all__ = ["FORMATS", "FORMAT_BY_SUFFIX", "Format", "format_of", "render"]

"""A comparison as JSON for programs, Markdown for a pull request, and text for a terminal."""

from __future__ import annotations

from ayx_spec.diff.reports.machine import as_json, json_schema
from ayx_spec.diff.reports.markdown import as_markdown
from ayx_spec.diff.reports.text import as_text

__all__ = ["as_json", "as_markdown", "as_text", "json_schema"]

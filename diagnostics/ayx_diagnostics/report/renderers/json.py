"""The report as JSON, for programs."""

from __future__ import annotations

import json
from typing import Any

__all__ = ["render"]


def render(document: dict[str, Any]) -> str:
    """Return the document as indented JSON in ASCII, so that no console encoding can break it."""
    return json.dumps(document, indent=2) + "\n"

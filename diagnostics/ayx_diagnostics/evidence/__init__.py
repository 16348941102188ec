"""What was observed, as rules, checks and the walk ask for it."""

from __future__ import annotations

from ayx_diagnostics.evidence.index import (
    Evidence,
    flag,
    ip_address,
    mapping,
    mappings,
    number,
    text,
    texts,
    whole,
    whole_of,
)

__all__ = [
    "Evidence",
    "flag",
    "ip_address",
    "mapping",
    "mappings",
    "number",
    "text",
    "texts",
    "whole",
    "whole_of",
]

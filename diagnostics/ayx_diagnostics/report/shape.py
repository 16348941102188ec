"""What a saved report has to hold so that it can be read again: reports are edited, cut and written by older versions.

Unknown keys are ignored, here and by every reader.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

__all__ = ["CONCLUSIONS", "OBSERVED", "departure"]

_TEXT = (str, "a text")
_TEXT_OR_NONE = (str | None, "a text")
_NUMBER = (int | float, "a number")

#: What every reader needs. A tuple is a type and its name; a list with one item is a list of such items.
OBSERVED: Mapping[str, Any] = {
    "tool": {"name": _TEXT, "version": _TEXT, "python": _TEXT, "openssl": _TEXT},
    "target": {
        "given": _TEXT,
        "web_api_address": _TEXT,
        "token_url": _TEXT,
        "host": _TEXT,
        "port": _NUMBER,
        "route": _TEXT,
    },
    "started_at": _TEXT,
    "duration_s": _NUMBER,
    "checks": [{"stage": _TEXT, "status": _TEXT, "summary": _TEXT}],
    "observations": [
        {
            "id": _NUMBER,
            "stage": _TEXT,
            "operation": _TEXT,
            "target": _TEXT,
            "started_s": _NUMBER,
            "duration_s": _NUMBER,
            "outcome": _TEXT,
            "evidence": {},
        }
    ],
}

#: What a reader needs that does not conclude anew.
CONCLUSIONS: Mapping[str, Any] = {
    "verdict": {"status": _TEXT, "code": _TEXT_OR_NONE, "sentence": _TEXT},
    "findings": [
        {
            "code": _TEXT,
            "stage": _TEXT,
            "severity": _TEXT,
            "confidence": _TEXT,
            "title": _TEXT,
            "because": [_TEXT],
            "ruled_out": [_TEXT],
            "fix": [{"owner": _TEXT, "step": _TEXT}],
        }
    ],
}


def departure(value: object, shape: Any, place: str = "") -> str | None:
    """Return the first place where a JSON value is not of a shape, in words, or None.

    Args:
        value: A JSON value.
        shape: ``OBSERVED``, ``CONCLUSIONS`` or a part of one.
        place: What the value is called so far, such as ``target``.
    """
    if isinstance(shape, tuple):
        wanted, name = shape
        return None if isinstance(value, wanted) and not isinstance(value, bool) else f"{place} is not {name}"
    if isinstance(shape, list):
        if not isinstance(value, list):
            return f"{place} is not a list"
        found = (departure(item, shape[0], f"{place}[{number}]") for number, item in enumerate(value))
        return next((words for words in found if words), None)
    if not isinstance(value, dict):
        return f"{place} is not an object"
    for key, inner in shape.items():
        name = f"{place}.{key}" if place else key
        words = departure(value[key], inner, name) if key in value else f"{name} is missing"
        if words:
            return words
    return None

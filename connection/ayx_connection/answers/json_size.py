"""How many values a JSON text holds, before it is parsed: each takes up to thirty times the memory of its own text."""

from __future__ import annotations

__all__ = ["MOST_VALUES", "has_too_many_values"]

#: Values that an API's document or a judged answer may have; the Server's newest document has 8,000.
MOST_VALUES = 500_000
_MARKS = ",[{"


def has_too_many_values(text: str | bytes) -> bool:
    """Tell whether a text, if it is JSON, has more than ``MOST_VALUES`` values, counted by commas and brackets."""
    if isinstance(text, str):
        return sum(map(text.count, _MARKS)) > MOST_VALUES
    return sum(map(text.count, _MARKS.encode())) > MOST_VALUES

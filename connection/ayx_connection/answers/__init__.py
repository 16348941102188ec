"""What strangers answer: who it was and what it says, in words that are safe to show, and whether it may be parsed."""

from __future__ import annotations

from ayx_connection.answers.json_size import MOST_VALUES, has_too_many_values
from ayx_connection.answers.words import who_answered, words_of

__all__ = [
    "MOST_VALUES",
    "has_too_many_values",
    "who_answered",
    "words_of",
]

"""Secrets: texts that hide themselves, and keeping them out of everything that may be shown.

``redaction.library_logs`` is imported by itself: it needs ``logging``.
"""

from __future__ import annotations

from ayx_connection.redaction.redactor import MASK, Redactor, map_text, passwords_in
from ayx_connection.redaction.secret_text import Secret, revealed, with_secrets_hidden

__all__ = [
    "MASK",
    "Redactor",
    "Secret",
    "map_text",
    "passwords_in",
    "revealed",
    "with_secrets_hidden",
]

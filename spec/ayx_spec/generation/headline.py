"""The line that names an operation everywhere: what it does, who may call it, which errors it documents."""

from __future__ import annotations

import re
from typing import Any

__all__ = ["headline"]

_ROLE = r"(curator|administrator|admin|artisan|owner|creator|explorer|member|viewer|evaluator)"

#: How documents say who may call an operation, and how we say it: the first that is found counts.
_ROLES = (
    (re.compile(rf"\bneeds the {_ROLE} role or a higher one", re.IGNORECASE), "{} or higher"),
    (re.compile(rf"\b(?:needs|requires) (?:the|an?) {_ROLE} role", re.IGNORECASE), "{}"),
    (re.compile(rf"\bonly {_ROLE}s (?:can|may)\b", re.IGNORECASE), "{}"),
    (re.compile(r"\bopen to every (user) with api access", re.IGNORECASE), "API user"),
)


def headline(operation: dict[str, Any]) -> str:
    """Return the summary of an operation with its role, if the document tells it, and the statuses of its errors.

    Example:
        >>> headline({"summary": "List users", "description": "Only Curators can use it.", "responses": {"401": {}}})
        'List users. Role: Curator. Errors: 401.'
    """
    parts = ["Deprecated"] if operation.get("deprecated") else []
    parts.append(" ".join(operation.get("summary", "").split()).rstrip("."))
    if role := _role(operation.get("description", "")):
        parts.append(f"Role: {role}")
    errors = sorted(code for code in operation["responses"] if re.fullmatch(r"[45](\d\d|XX)", code))
    if errors:
        parts.append(f"Errors: {', '.join(errors)}")
    return "".join(f"{part}. " for part in parts if part).rstrip()


def _role(description: str) -> str | None:
    for pattern, role in _ROLES:
        if found := pattern.search(description):
            return role.format(found[1].capitalize())
    return None

"""Media types of an operation's bytes and texts, which the generator does not tell apart."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ayx_spec.convert.media_types import MEDIA_TYPES, OCTET_STREAM, is_json

__all__ = ["Media", "media_of"]

_ANY = "*/*"


@dataclass(frozen=True)
class Media:
    """The media types of an operation.

    Attributes:
        accepted: What it accepts, as the value of `Accept`; empty where the client as a whole says so: for JSON.
        sent: The media type of its body, `None` for the one that the generator knows.
    """

    accepted: str
    sent: str | None


def media_of(operation: dict[str, Any]) -> Media:
    """Return the media types of an operation of a converted document."""
    responses = operation["responses"]
    answers = [answer for code, answer in responses.items() if code.startswith("2")] or [responses.get("default", {})]
    accepted = [name for answer in answers for name in _names(answer)]
    sent = (operation.get("requestBody") or {}).get(MEDIA_TYPES, ())
    return Media(
        accepted="" if all(is_json(name) and name != _ANY for name in accepted) else ", ".join(dict.fromkeys(accepted)),
        sent=sent[0] if len(sent) == 1 and "*" not in sent[0] else None,
    )


def _names(answer: dict[str, Any]) -> list[str]:
    """Return what an answer may be."""
    kept = list(answer.get("content", ()))
    if kept != [OCTET_STREAM]:
        return kept
    # A file that is declared as the JSON and XML of all the other answers is declared as nothing in particular.
    given = [name for name in answer.get(MEDIA_TYPES, kept) if not (is_json(name) or name.endswith("xml"))]
    return given or [_ANY]

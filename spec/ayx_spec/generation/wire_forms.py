"""How values travel, where the generator does not tell it apart: media types, and what stands between elements."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from ayx_spec.convert.media_types import MEDIA_TYPES, OCTET_STREAM, is_json

__all__ = ["Delimiters", "Media", "delimiters_of", "media_of"]

_ANY = "*/*"
#: What a header can hold of media types (RFC 6838 section 4.2).
_MEDIA_TYPE = re.compile(r"(?:\*|[a-z0-9][a-z0-9!#$&^_.+-]*)/(?:\*|[a-z0-9][a-z0-9!#$&^_.+-]*)").fullmatch
_DELIMITERS = {"form": ",", "pipeDelimited": "|", "spaceDelimited": " "}


@dataclass(frozen=True)
class Media:
    """The media types of an operation.

    Attributes:
        accepted: What it accepts, as the value of `Accept`; empty where the client as a whole says so: for JSON.
        sent: The media type of its body, `None` for the one that the generator knows.
    """

    accepted: str
    sent: str | None


@dataclass(frozen=True)
class Delimiters:
    """What stands between the elements of lists that are sent as one text.

    Attributes:
        query: Of parameters, by argument.
        form: Of fields of the body, by name in the API.
    """

    query: dict[str, str]
    form: dict[str, str]


def delimiters_of(operation: dict[str, Any], called: list[str]) -> Delimiters:
    """Return the delimiters of an operation of a converted document, whose parameters are called so."""
    parameters = zip(called, operation.get("parameters", []), strict=False)  # a variable that comes twice has two
    query = {name: _delimiter(parameter) for name, parameter in parameters if parameter["in"] == "query"}
    content = (operation.get("requestBody") or {}).get("content", {})
    form = {name: _delimiter(one) for value in content.values() for name, one in value.get("encoding", {}).items()}
    return Delimiters(*({name: one for name, one in found.items() if one} for found in (query, form)))


def _delimiter(described: dict[str, Any]) -> str:
    """Return the delimiter of a style (Style Values); nothing where every element is on its own."""
    return _DELIMITERS.get(described.get("style", "form"), "") if described.get("explode") is False else ""


def media_of(operation: dict[str, Any]) -> Media:
    """Return the media types of an operation of a converted document."""
    responses = operation["responses"]
    answers = [answer for code, answer in responses.items() if code.startswith("2")] or [responses.get("default", {})]
    accepted = [name for answer in answers for name in _names(answer) if _MEDIA_TYPE(name)]
    sent = (operation.get("requestBody") or {}).get(MEDIA_TYPES, ())
    return Media(
        accepted="" if all(is_json(name) and name != _ANY for name in accepted) else ", ".join(dict.fromkeys(accepted)),
        sent=sent[0] if len(sent) == 1 and _MEDIA_TYPE(sent[0]) and "*" not in sent[0] else None,
    )


def _names(answer: dict[str, Any]) -> list[str]:
    """Return what an answer may be."""
    kept = list(answer.get("content", ()))
    if kept != [OCTET_STREAM]:
        return kept
    # A file that is declared as the JSON and XML of all the other answers is declared as nothing in particular.
    given = [name for name in answer.get(MEDIA_TYPES, kept) if not (is_json(name) or name.endswith("xml"))]
    return given or [_ANY]

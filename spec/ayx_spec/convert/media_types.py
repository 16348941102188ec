"""Media types: which of those that a document lists a client uses."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

__all__ = [
    "FORM",
    "JSON",
    "MEDIA_TYPES",
    "MULTIPART",
    "OCTET_STREAM",
    "base_type",
    "declared",
    "is_json",
    "media_types_of_bytes",
    "others",
    "preferred",
]

JSON = "application/json"
FORM = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data"
OCTET_STREAM = "application/octet-stream"


def base_type(media_type: str) -> str:
    """Return type and subtype without parameters, in lower case (RFC 9110 section 8.3.1)."""
    return media_type.partition(";")[0].strip().lower()


def is_json(media_type: str) -> bool:
    """Whether a media type is JSON, also one with a structured suffix (RFC 6839) or Swashbuckle's `text/json`."""
    name = base_type(media_type)
    return name in (JSON, "text/json", "*/*", "application/*") or name.endswith("+json")


#: Where the media types of bytes are kept: the generator reads only `application/octet-stream`.
MEDIA_TYPES = "x-media-types"


def media_types_of_bytes(declared_types: Iterable[str], kept: str) -> dict[str, list[str]]:
    """Return the member of an answer or a body of bytes that names its media types, where those are others."""
    names = list(dict.fromkeys(base_type(name) for name in declared_types))
    return {MEDIA_TYPES: names} if kept == OCTET_STREAM and names != [OCTET_STREAM] else {}


def declared(holder: dict[str, Any], document: dict[str, Any], key: str) -> list[str]:
    """Return `consumes` or `produces` of an operation, else of the document. An empty list says nothing."""
    return list(holder.get(key) or document.get(key) or [])


def preferred(media_types: Sequence[str]) -> str:
    """Return the media type that a client uses: JSON if it is there, else text, else the first."""
    for wanted in (JSON, "json", "text/"):
        for media_type in media_types:
            name = base_type(media_type)
            if name == wanted:
                return name
            if wanted == "json" and is_json(media_type):
                return JSON if name in ("text/json", "*/*", "application/*") else name
            if wanted == "text/" and name.startswith(wanted) and not name.endswith("xml"):
                return name
    return base_type(media_types[0]) if media_types else JSON


def others(media_types: Iterable[str], kept: str) -> list[str]:
    """Return the media types that are not the one that was kept."""
    return [media_type for media_type in media_types if base_type(media_type) != kept]

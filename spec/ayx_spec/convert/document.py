"""Reading an API description, and refusing what is none, by saying what it is instead."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from typing import Any

from ayx_spec.convert.json_text import read_json
from ayx_spec.convert.validation import validate
from ayx_spec.errors import DocumentError

__all__ = ["Document", "load_document", "parse_document"]

_TITLE = re.compile(r"<title[^>]*>(.*?)</title>", re.IGNORECASE | re.DOTALL)
_YAML = re.compile(
    r"\A(?:%YAML[^\n]*\n|---[^\n]*\n|\s*#[^\n]*\n|\s*\n)*['\"]?(?:swagger|openapi|info|paths)['\"]?\s*:\s"
)
_TEXT_SHOWN = 60  # characters of an unrecognised text that are quoted


@dataclass(frozen=True)
class Document:
    """A document that has the shape of a Swagger 2.0 or OpenAPI 3 description.

    Attributes:
        name: File name (never a whole path: notes must not depend on the machine).
        sha256: Digest of its bytes, in hexadecimal.
        data: The parsed JSON. Nobody changes it.
        repaired: Places where its JSON was repaired, and how.
    """

    name: str
    sha256: str
    data: dict[str, Any]
    repaired: tuple[tuple[tuple[str, ...], str], ...] = ()

    @property
    def is_swagger(self) -> bool:
        """Whether this is Swagger 2.0 (otherwise it is OpenAPI 3)."""
        return "swagger" in self.data

    @property
    def schemas(self) -> dict[str, Any]:
        """The named schemas."""
        found: Any = self.data
        for section in ("definitions",) if self.is_swagger else ("components", "schemas"):
            found = found.get(section) if isinstance(found, dict) else None
        return dict(found) if isinstance(found, dict) else {}

    @property
    def version(self) -> str:
        """What the document says is its version (`info.version`)."""
        return str(self._info.get("version") or "")

    @property
    def title(self) -> str:
        """What the document says is its title (`info.title`)."""
        return str(self._info.get("title") or "")

    @property
    def _info(self) -> dict[str, Any]:
        info = self.data.get("info")
        return info if isinstance(info, dict) else {}


def load_document(path: Path) -> Document:
    """Read a document from a file.

    Raises:
        DocumentError: The file cannot be read, or holds no Swagger 2.0 or OpenAPI 3 document in JSON.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise DocumentError(str(path), "", (error.strerror or "cannot be read").lower()) from error
    return parse_document(content, path.name)


def parse_document(content: bytes, name: str) -> Document:
    """Parse and check a document.

    Args:
        content: The bytes, UTF-8 with or without a byte order mark, or UTF-16 with one.
        name: What to call it in notes and errors.

    Raises:
        DocumentError: The bytes hold no Swagger 2.0 or OpenAPI 3 document in JSON.
    """
    text = _text(content, name)
    try:
        data, repaired = read_json(text, name)
    except json.JSONDecodeError as error:
        raise _not_json(text, error, name) from error
    validate(data, name)
    return Document(name, hashlib.sha256(content).hexdigest(), data, tuple(repaired))


def _text(content: bytes, name: str) -> str:
    encoding = "utf-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        raise DocumentError(name, f"byte {error.start}", f"not {encoding.removesuffix('-sig').upper()} text") from error


def _not_json(text: str, error: json.JSONDecodeError, name: str) -> DocumentError:
    """Say what the text is, if it is something people meet."""
    beginning = text.lstrip()
    place = f"line {error.lineno} column {error.colno}"
    if not beginning:
        return DocumentError(name, "", "the file is empty")
    if beginning[:1] == "<":
        return DocumentError(name, "line 1 column 1", describe_markup(beginning))
    if beginning[:1] in "{[":
        if error.pos >= len(text.rstrip()) or error.msg.startswith("Unterminated string"):
            return DocumentError(name, place, "the JSON ends in the middle: the file is truncated")
        return DocumentError(name, place, f"not valid JSON ({error.msg})")
    if _YAML.match(text):
        return DocumentError(name, "", "a YAML document; only JSON is read (the Server offers JSON)")
    return DocumentError(name, place, f"not JSON; it begins with {beginning[:_TEXT_SHOWN]!r}")


def describe_markup(text: str) -> str:
    """Say which page or XML document a text is, with its title."""
    match = _TITLE.search(text)
    title = " ".join(unescape(match[1]).split())[:120] if match else ""
    kind = "an HTML page" if match or re.search(r"<html|<!doctype html", text, re.IGNORECASE) else "an XML document"
    return f'{kind} titled "{title}", not JSON' if title else f"{kind}, not JSON"

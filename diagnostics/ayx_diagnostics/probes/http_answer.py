"""What an HTTP peer answered, and the part of it that may stand in a report."""

from __future__ import annotations

import base64
import binascii
import html
import json
import re
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from urllib.parse import parse_qsl, urlsplit, urlunsplit

from ayx_connection.answers import has_too_many_values
from ayx_connection.redaction import Redactor

__all__ = ["MISSING", "Answer", "evidence_of", "redactor_for", "shown_url"]

#: Stands for "no JSON document", since ``None`` is one.
MISSING: Any = object()

#: Longest pieces of a peer's text in a report, in characters.
_LONGEST_VALUE, _LONGEST_BODY, _LONGEST_TITLE = 500, 500, 200
#: How much of a body is searched for a title and for secrets, in characters.
_SEARCHED = 65536
_MOST_KEYS = 50
_MOST_ENCODINGS = 3

#: Response headers that may be recorded, and their keys in the evidence. Everything else stays out.
_KEPT_HEADERS = {
    "server": "server",
    "via": "via",
    "location": "location",
    "content-type": "content_type",
    "date": "date",
    "retry-after": "retry_after",
    "www-authenticate": "www_authenticate",
    "proxy-authenticate": "proxy_authenticate",
    "x-cache": "x_cache",
    "x-squid-error": "x_squid_error",
    "proxy-status": "proxy_status",
    "content-encoding": "content_encoding",
}
_SECRET_HEADERS = frozenset({"authorization", "proxy-authorization", "cookie"})
_SECRET_FIELDS = frozenset({"client_secret", "password", "refresh_token", "access_token"})
#: Character sets that are decoded as declared; Python knows many codecs that no peer may choose.
_CHARSET = re.compile(
    r"charset=[\"']?(utf-?16(?:-?[lb]e)?|iso-8859-\d{1,2}|latin-?1|windows-125\d|us-ascii)\b", re.IGNORECASE
)
_TITLE = re.compile(r"<title\b[^<>]*>([^<]*)", re.IGNORECASE)  # [^>]* would be quadratic


@dataclass
class Answer:
    """An HTTP response as far as it came. Its ``repr`` shows nothing of the contents.

    Attributes:
        outcome: A word of ``vocabulary``; ``ok`` for any complete response.
        status: Status code; None when no status line came.
        reason: Reason phrase.
        headers: Names in lower case with their values, in order.
        raw_body: Body as received, without its transfer coding.
        body: Body without its content coding.
        truncated: Whether reading stopped at the limit.
        bytes_received: All bytes of the response, head included.
        first_bytes: The first of them.
        error: What ended the conversation early.
    """

    outcome: str = "ok"
    status: int | None = None
    reason: str = ""
    headers: list[tuple[str, str]] = field(default_factory=list, repr=False)
    raw_body: bytearray = field(default_factory=bytearray, repr=False)
    body: bytes = field(default=b"", repr=False)
    truncated: bool = False
    bytes_received: int = 0
    first_bytes: bytes = field(default=b"", repr=False)
    error: Exception | None = field(default=None, repr=False)

    def header(self, name: str) -> str | None:
        """Return a header's value, several of one name joined by commas (RFC 9110, 5.2); None without it."""
        values = [value for key, value in self.headers if key == name]
        return ", ".join(values) if values else None

    @property
    def text(self) -> str:
        """The body as text, by the declared character set or UTF-8, with or without a byte order mark."""
        declared = _CHARSET.search(self.header("content-type") or "")
        try:
            return self.body.decode(declared.group(1) if declared else "utf-8-sig", "replace")
        except LookupError:  # iso-8859-12 was never made
            return self.body.decode("latin-1")

    @cached_property
    def document(self) -> Any:
        """The body's JSON value, or ``MISSING``. A bare number or word counts only when declared as JSON.

        It is parsed once, when first asked for: not before the body is complete.
        """
        text = self.text
        declared = "json" in (self.header("content-type") or "").lower()
        if not declared and text.lstrip()[:1] not in ("{", "["):
            return MISSING
        if has_too_many_values(text):
            return MISSING
        try:
            return json.loads(text)
        except (ValueError, RecursionError):
            return MISSING

    def decode_content(self, limit: int) -> None:
        """Undo the content coding into ``body``.

        Args:
            limit: Longest result in bytes; a longer one is cut and marked as truncated.
        """
        body = bytes(self.raw_body)
        codings = [name.strip().lower() for name in (self.header("content-encoding") or "").split(",")]
        codings = [name for name in codings if name not in ("", "identity")]
        if not body or not codings:
            self.body = body
            return
        if len(codings) > _MOST_ENCODINGS or not set(codings) <= {"gzip", "x-gzip", "deflate"}:
            self.outcome = self.outcome if self.outcome != "ok" else "bad_encoding"
            return
        for coding in reversed(codings):
            body = self._inflate(body, coding, limit)
        self.body = body

    def _inflate(self, body: bytes, coding: str, limit: int) -> bytes:
        # RFC 9110, 8.4.1.2: "deflate" is the zlib format; some servers send the bare data all the same
        bare = coding == "deflate" and (len(body) < 2 or body[0] & 0x0F != 8 or int.from_bytes(body[:2], "big") % 31)  # noqa: PLR2004  # RFC 1950, 2.2
        inflater = zlib.decompressobj(-zlib.MAX_WBITS if bare else zlib.MAX_WBITS | 32)
        try:
            plain = inflater.decompress(body, limit)
        except zlib.error:
            self.outcome = self.outcome if self.outcome != "ok" else "bad_encoding"
            return b""
        if not inflater.eof:
            if inflater.unconsumed_tail:
                self.truncated = True
            elif self.outcome == "ok" and not self.truncated:
                self.outcome = "bad_encoding"  # ends in the middle of the compressed data
        return plain


def redactor_for(headers: Iterable[tuple[str, str]], content: bytes) -> Redactor:
    """Return a redactor for the secrets that a request carries, since a peer may echo them."""
    secrets: list[str] = []
    for name, value in headers:
        if name.lower() not in _SECRET_HEADERS:
            continue
        scheme, _, rest = value.partition(" ")
        secrets += [value, rest]
        if scheme.lower() == "basic":
            try:
                secrets.append(base64.b64decode(rest).decode("utf-8", "replace").partition(":")[2])
            except (binascii.Error, ValueError):
                continue
    fields = parse_qsl(content.decode("utf-8", "replace"), max_num_fields=None) if len(content) < _SEARCHED else []
    secrets += [value for name, value in fields if name in _SECRET_FIELDS]
    return Redactor(secrets)


def shown_url(url: str) -> str:
    """Return a URL without user information, and without its query, which may carry a session."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return url.partition("?")[0].rpartition("@")[2]
    query = "..." if parts.query else ""
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, query, ""))


def evidence_of(answer: Answer, redactor: Redactor, *, with_body: bool = True) -> dict[str, Any]:
    """Return what may be recorded of an answer.

    Args:
        answer: The answer.
        redactor: Knows the secrets of the request.
        with_body: Whether the start of the body may be shown.
    """
    evidence: dict[str, Any] = {"status": answer.status, "bytes_received": answer.bytes_received}
    if answer.status is None:
        evidence["first_bytes"] = redactor.text(repr(answer.first_bytes)[2:-1], cut=True)
        return evidence
    evidence["reason"] = redactor.beginning(answer.reason, _LONGEST_VALUE)
    for name, key in _KEPT_HEADERS.items():
        value = answer.header(name)
        if value is not None:
            evidence[key] = redactor.beginning(shown_url(value) if name == "location" else value, _LONGEST_VALUE)
    if answer.truncated:
        evidence["body_truncated"] = True
    document = answer.document
    evidence["json"] = document is not MISSING
    if document is MISSING:
        found = _TITLE.search(answer.text[:_SEARCHED])
        if found:
            evidence["title"] = redactor.beginning(" ".join(html.unescape(found.group(1)).split()), _LONGEST_TITLE)
    elif isinstance(document, dict):
        evidence["json_keys"] = [redactor.beginning(key, _LONGEST_TITLE) for key in list(document)[:_MOST_KEYS]]
        evidence |= _swagger(document, redactor)
    if with_body and not evidence.get("swagger"):
        evidence["body_start"] = redactor.beginning(answer.text, _LONGEST_BODY)
    return evidence


def _swagger(document: Mapping[str, Any], redactor: Redactor) -> dict[str, Any]:
    """Return what tells a Swagger 2 or OpenAPI 3 document, and whose it is."""
    if not isinstance(document.get("swagger", document.get("openapi")), str):
        return {"swagger": False}
    info = document.get("info")
    info = info if isinstance(info, Mapping) else {}
    found: dict[str, Any] = {"swagger": True}
    for key in ("title", "version"):
        if isinstance(info.get(key), str):
            found[f"swagger_{key}"] = redactor.beginning(info[key], _LONGEST_TITLE)
    return found

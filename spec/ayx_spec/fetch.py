"""The Server's own description of its API, fetched and kept byte for byte with where it came from."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from itertools import islice
from pathlib import Path
from urllib.parse import urljoin, urlsplit

from ayx_spec.convert.document import describe_markup, parse_document
from ayx_spec.errors import DocumentError, DocumentMissingError
from ayx_spec.redirects import Answer, Reached, reach, shown

__all__ = ["Answer", "Fetched", "Provenance", "fetch", "provenance_path", "save"]

#: Where Swashbuckle 5 for ASP.NET Web API 2 serves a document and its page (the default routes).
_DOCUMENT = "swagger/docs/{document}"
_PAGES = ("swagger", "swagger/ui/index")

#: An address of a document in such a page: Swashbuckle 5 `discoveryPaths`, newer pages `url: "…/swagger.json"`.
_NAMED = re.compile(r"""["'|]([^"'|<>\s]*(?:swagger/docs/[^"'|<>\s/]+|(?:swagger|openapi)\.json))(?=["'|])""")
_MOST_NAMED = 20
#: How much of a page is read, in bytes.
_PAGE = 262_144
#: Values in a document, counted by commas and brackets; the Server's newest has 8,000. Each takes many times the memory
#: of the bytes that write it.
_MOST_VALUES = 500_000
_PASSWORD_FIELD = re.compile(r"""type\s*=\s*["']?password""", re.IGNORECASE)


@dataclass(frozen=True)
class Provenance:
    """Where a document comes from.

    Attributes:
        address: The address that answered, without user, password, query and fragment.
        fetched_at: When, RFC 3339 in UTC.
        sha256: Digest of its bytes, in hexadecimal.
        size: How many bytes it has.
        title: What it says it describes.
        version: What it says is its version.
        asked: The address that was asked for, where that redirected to another one.
    """

    address: str
    fetched_at: str
    sha256: str
    size: int
    title: str
    version: str
    asked: str | None = None


@dataclass(frozen=True)
class Fetched:
    """A document as the Server sent it."""

    content: bytes
    provenance: Provenance


def fetch(
    get: Callable[[str], Answer],
    web_api_address: str,
    document: str = "3",
    *,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> Fetched:
    """Fetch a document from a Server. Redirects are followed within it (see `reach`), and the provenance tells.

    Args:
        get: Makes a GET request to an address, without following redirects, and returns the answer; its exceptions
            pass through.
        web_api_address: `https://host[:port]/webapi`.
        document: Which one: `3` is the V3 API.
        now: The time, for the provenance.

    Raises:
        DocumentMissingError: The Server has no such document: it answered 404, and its Swagger pages name none.
        DocumentError: Its answer is none; says what it is instead.
    """
    first = f"{web_api_address.rstrip('/')}/{_DOCUMENT.format(document=document)}"
    try:
        return _fetched(reach(get, first), now())
    except DocumentError as refused:
        for address in _named_in_pages(get, web_api_address, document, first):
            try:
                return _fetched(reach(get, address), now())
            except DocumentError:
                continue  # what the usual address answered says most
        raise refused from None


def _fetched(reached: Reached, now: datetime) -> Fetched:
    answer, asked, address = reached.answer, shown(reached.asked), shown(reached.address)
    if answer.status_code != HTTPStatus.OK:
        missing = answer.status_code == HTTPStatus.NOT_FOUND
        raise (DocumentMissingError if missing else DocumentError)(asked, "", reached.way + _describe(answer))
    if sum(answer.content.count(mark) for mark in (b",", b"[", b"{")) > _MOST_VALUES:
        raise DocumentError(asked, "", f"{reached.way}more than {_MOST_VALUES} values are no API description")
    try:
        document = parse_document(answer.content, address)
    except DocumentError as error:
        if answer.content.lstrip()[:1] == b"<":
            raise DocumentError(asked, "", reached.way + _describe(answer)) from error
        raise
    info = document.data["info"]
    provenance = Provenance(
        address=address,
        fetched_at=now.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
        sha256=document.sha256,
        size=len(answer.content),
        title=str(info.get("title", "")),
        version=document.version,
        asked=None if asked == address else asked,
    )
    return Fetched(answer.content, provenance)


def _named_in_pages(get: Callable[[str], Answer], web_api_address: str, document: str, tried: str) -> Iterator[str]:
    """Yield the addresses that the Server's Swagger pages name for a document; none of another origin."""
    root = web_api_address.rstrip("/") + "/"
    seen = {tried}
    for page in _PAGES:
        try:
            answer = reach(get, root + page).answer
        except DocumentError:
            continue  # it leads elsewhere
        if answer.status_code != HTTPStatus.OK:
            continue
        for found in islice(_NAMED.finditer(answer.content[:_PAGE].decode("utf-8", "replace")), _MOST_NAMED):
            address = _of_origin(root, found[1])
            if address and address not in seen and _is_of(address, document):
                seen.add(address)
                yield address


def _of_origin(root: str, named: str) -> str:
    """Return the whole of an address that a page names; nothing where it is of another origin, or none."""
    try:
        address = urljoin(root, named)
        return address if urlsplit(address)[:2] == urlsplit(root)[:2] else ""
    except ValueError:
        return ""


def _is_of(address: str, document: str) -> bool:
    """Whether an address names the wanted document: `…/docs/3`, `…/docs/v3`, `…/v3/swagger.json`."""
    return {document.lower(), f"v{document}".lower()} & set(urlsplit(address).path.lower().split("/")) != set()


def _describe(answer: Answer) -> str:
    """Say what an answer is that is no document."""
    text = answer.content[:_PAGE].decode("utf-8", "replace").lstrip()
    what = describe_markup(text) if text[:1] == "<" else ""
    if what and _PASSWORD_FIELD.search(text):
        what = f"a login page ({what})"
    if answer.status_code == HTTPStatus.OK:
        return what
    status = f"status {answer.status_code}"
    location = answer.headers.get("location")
    if location:
        return f"{status}: redirected to {shown(location)}"
    if what and answer.status_code >= HTTPStatus.BAD_REQUEST:
        return f"{status}: an error page of the Server or of a proxy before it ({what})"
    return f"{status}: {what}" if what else status


def provenance_path(path: Path) -> Path:
    """Return the file beside a document that says where it comes from."""
    return path.with_name(f"{path.name}.provenance.json")


def save(fetched: Fetched, path: Path) -> None:
    """Store a document byte for byte, and its provenance beside it (see `provenance_path`).

    Each file is complete or not there; the digest in the provenance tells whether the two belong together.

    Raises:
        OSError: A file cannot be written.
    """
    _write(path, fetched.content)
    told = {name: value for name, value in asdict(fetched.provenance).items() if value is not None}
    provenance = json.dumps(told, indent=2, ensure_ascii=False) + "\n"
    _write(provenance_path(path), provenance.encode())


def _write(path: Path, content: bytes) -> None:
    """Write a file beside its destination and rename it there."""
    aside = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        aside.write_bytes(content)
        aside.replace(path)
    finally:
        aside.unlink(missing_ok=True)

"""Whether the Server says of its API what the client was made from: its Swagger document, read once and compared."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from ayx_connection.answers import MOST_VALUES, has_too_many_values, words_of
from ayx_connection.api_document.comparison import ApiDifference, differences
from ayx_connection.api_document.surface import Surface
from ayx_connection.failures import ContentError

if TYPE_CHECKING:
    import httpx

__all__ = ["ApiDocument", "client_documents", "client_surface", "compare", "read", "remembered"]

#: The file of ``ayx_client`` with the documents that it was generated from.
_DOCUMENTS = "documents.json"
_LISTED = 5


@dataclass(frozen=True)
class ApiDocument:
    """A Server's document, held against the one that ``ayx_client`` was generated from.

    Attributes:
        version: Version of the API: ``3``.
        title: What the Server calls it.
        sha256: Digest of what the Server sent, in hexadecimal.
        differences: In what it differs, as far as calls and answers depend on it: operations that either side lacks,
            what changed in the others, and members of models. Empty when client and Server agree.
    """

    version: str
    title: str
    sha256: str
    differences: tuple[ApiDifference, ...]

    @property
    def agrees(self) -> bool:
        """Whether the client fits this Server in every call and answer."""
        return not self.differences

    @property
    def missing(self) -> tuple[str, ...]:
        """Operations that the client has and the Server has not: ``GET /v3/jobs``. Calling them gives 404."""
        return self._operations("missing")

    @property
    def added(self) -> tuple[str, ...]:
        """Operations that only the Server has; a client generated from its document would have them too."""
        return self._operations("added")

    @property
    def changed(self) -> tuple[ApiDifference, ...]:
        """What is not the same in operations and models that both have."""
        whole = {*self.missing, *self.added}
        return tuple(each for each in self.differences if each.where not in whole)

    def _operations(self, kind: str) -> tuple[str, ...]:
        return tuple(each.where for each in self.differences if each.kind == kind and " " in each.where)

    def __str__(self) -> str:
        if self.agrees:
            return f"{self.title}: as the client knows it"
        shown = "; ".join(str(each) for each in self.differences[:_LISTED])
        more = len(self.differences) - _LISTED
        return f"{self.title}: {shown}" + (f"; and {more} more" if more > 0 else "")


@cache
def client_documents() -> tuple[Mapping[str, Any], ...]:
    """Return the Swagger 2.0 documents that the client was made from, without their prose."""
    try:
        text = files("ayx_client").joinpath(_DOCUMENTS).read_text(encoding="utf-8")
    except FileNotFoundError:
        return ()
    return tuple(json.loads(text))


@cache
def client_surface(version: str = "3") -> Surface | None:
    """Return what the client was made from, None if it was made from no Swagger 2.0 document of this version.

    Args:
        version: Version of the API, as the document's ``info.version`` says it.
    """
    found = (document for document in client_documents() if document["info"]["version"] == version)
    return next(map(Surface.of, found), None)


def compare(document: Mapping[str, Any], client: Surface) -> list[ApiDifference]:
    """Return in what a Server's Swagger 2.0 document differs from the client's.

    Raises:
        ValueError: It is no Swagger 2.0 document.
    """
    if document.get("swagger") != "2.0" or not isinstance(document.get("paths"), Mapping):
        raise ValueError("no Swagger 2.0 document")
    return differences(client, Surface.of(document))


def read(response: httpx.Response, version: str) -> ApiDocument:
    """Compare the document that a Server answered with.

    Raises:
        ContentError: The answer is no Swagger 2.0 document, or the client was made from none of this version.
    """
    url = str(response.request.url.copy_with(query=None))

    def unusable(what: str) -> ContentError:
        redactor = response.extensions.get("redactor")
        content_type = words_of(response.headers.get("content-type"), redactor) or ""
        return ContentError(f"{url} {what}", status=response.status_code, content_type=content_type)

    client = client_surface(version)
    if client is None:
        raise unusable(f"has nothing to be compared with: the client was made from no document of version {version}")
    if not response.is_success:
        raise unusable(f"answers {response.status_code}, not with the API's document")
    if has_too_many_values(response.content):
        raise unusable(f"has more than {MOST_VALUES} values, which no API description has")
    try:
        document = response.json()
        found = compare(document, client)
        info = document["info"]
    except (ValueError, RecursionError, AttributeError, KeyError):
        document = None  # and raise outside of here: the error of the parser carries the whole text
    if document is None:
        raise unusable("is no Swagger 2.0 document")
    title = info.get("title") if isinstance(info, Mapping) else None
    return ApiDocument(version, str(title or "API"), hashlib.sha256(response.content).hexdigest(), tuple(found))


#: What has been read in this process, by address and version. A Server does not change its API while it runs.
_READ: dict[tuple[str, str], ApiDocument] = {}
_READING = threading.Lock()


def remembered(address: str, version: str, found: ApiDocument | None = None) -> ApiDocument | None:
    """Return what was read of a Server in this process; with ``found``, remember that."""
    with _READING:
        if found is not None:
            _READ[address, version] = found
        return _READ.get((address, version))

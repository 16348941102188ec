"""The Swagger documents that the stand-in Server publishes, and what it reads out of them."""

from __future__ import annotations

import importlib.util
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

__all__ = ["Documents", "DocumentsMissingError", "Operation", "documents_folder", "route_key"]

_FILE_NAME = re.compile(r"server-(?P<generation>[\w.]+)-v(?P<version>\d)\.swagger\.json")
_METHODS = ("get", "put", "post", "delete", "options", "head", "patch")
_PARAMETER = re.compile(r"\{[^}]*\}")


class DocumentsMissingError(RuntimeError):
    """The folder with the Swagger documents was not found, or holds none of the wanted generation."""


def route_key(method: str, path: str) -> str:
    """Return what one operation is called here, however a document spells its path and its parameters."""
    return f"{method.upper()} {_PARAMETER.sub('{}', path).rstrip('/').lower()}"


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation of a document.

    Attributes:
        method: Upper case.
        path: Template from below the base path, such as ``/v3/users/{userId}``.
        definition: The operation object; empty for an operation that no document describes.
        definitions: The document's schemas by name.
    """

    method: str
    path: str
    definition: Mapping[str, Any] = field(default_factory=dict, repr=False)
    definitions: Mapping[str, Any] = field(default_factory=dict, repr=False)

    @property
    def key(self) -> str:
        """What the operation is called here, see ``route_key``."""
        return route_key(self.method, self.path)

    def parameters(self, location: str) -> Iterator[Mapping[str, Any]]:
        """Give the parameters in ``query``, ``path``, ``body`` or ``formData``."""
        return (each for each in self.definition.get("parameters", ()) if each.get("in") == location)

    @property
    def success(self) -> tuple[int, Mapping[str, Any] | None]:
        """The first status below 300 that has a schema (or the first at all), and that schema."""
        found = [(int(s), r.get("schema")) for s, r in self.definition.get("responses", {}).items() if s < "300"]
        with_schema = [(status, schema) for status, schema in found if schema]
        return (with_schema or found or [(200, None)])[0]

    @property
    def uploads(self) -> bool:
        """Whether the body holds a file, and therefore has to be multipart/form-data."""
        return any(each.get("type") == "file" for each in self.parameters("formData"))


def documents_folder() -> Path:
    """Find the project's documents without importing the package that they belong to.

    Raises:
        DocumentsMissingError: The distribution is not installed whole.
    """
    found = importlib.util.find_spec("ayx_spec")
    if found is not None and found.origin is not None:
        package = Path(found.origin).parent
        for folder in (package / "documents", package.parent / "documents"):  # a wheel, a checkout
            if folder.is_dir():
                return folder
    raise DocumentsMissingError("the folder with the Swagger documents is missing; give one with documents=…")


@cache
def _read(file: Path) -> Mapping[str, Any]:
    document: Mapping[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return document


class Documents:
    """The documents of one Server generation.

    A version of the API that a generation has no document of is the same as in the next newer generation that has one.

    Args:
        folder: Where ``server-GENERATION-vN.swagger.json`` lie; ``None`` for the project's own.
        generation: Such as ``2025.2``; ``None`` for the newest in the folder.

    Raises:
        DocumentsMissingError: There are none.
    """

    def __init__(self, folder: Path | None = None, generation: str | None = None) -> None:
        folder = folder or documents_folder()
        found = ((_FILE_NAME.fullmatch(file.name), file) for file in sorted(folder.iterdir()))
        files = {(match["generation"], match["version"]): file for match, file in found if match}
        generations = sorted({generation for generation, _ in files}, key=_numbers)
        self.generation = generation or (generations[-1] if generations else "")
        if self.generation not in generations:
            known = f"; there are {', '.join(generations)}" if generations else ""
            raise DocumentsMissingError(
                f"no Swagger document of generation {self.generation or '(any)'} in {folder.name}/{known}"
            )
        chosen: dict[str, Path] = {}
        for newer in generations[generations.index(self.generation) :]:
            chosen = {version: file for (of, version), file in files.items() if of == newer} | chosen
        self._documents = {version: _read(chosen[version]) for version in sorted(chosen)}
        self._others = [_read(file) for file in files.values() if file not in chosen.values()]

    @property
    def versions(self) -> list[str]:
        """What can stand behind ``swagger/docs/``."""
        return list(self._documents)

    def published(self, version: str, web_api_address: str) -> bytes | None:
        """Return a document as this Server publishes it, ``None`` if it has none of this version.

        Args:
            version: ``1``, ``2`` or ``3``.
            web_api_address: What the administrator entered in System Settings, right or wrong.
        """
        document = self._documents.get(version)
        if document is None:
            return None
        address = urlsplit(web_api_address)
        schemes = document["securityDefinitions"]
        oauth2 = {**schemes["oauth2"], "tokenUrl": f"{web_api_address.rstrip('/')}/oauth2/token"}
        filled = {
            **document,
            "host": address.netloc,
            "basePath": f"{address.path.rstrip('/')}/",
            "schemes": [address.scheme],
            "securityDefinitions": {**schemes, "oauth2": oauth2},
        }
        return json.dumps(filled, ensure_ascii=False, separators=(",", ":")).encode()

    def operations(self) -> Iterator[Operation]:
        """Give every operation of every document."""
        for document in self._documents.values():
            yield from _operations(document)

    @property
    def other_definitions(self) -> list[Mapping[str, Any]]:
        """The schemas of the other generations' documents."""
        return [document.get("definitions", {}) for document in self._others]

    @property
    def definitions(self) -> Mapping[str, Any]:
        """The schemas of the newest version of the API by name."""
        newest: Mapping[str, Any] = self._documents[max(self._documents)].get("definitions", {})
        return newest

    def keys_elsewhere(self) -> frozenset[str]:
        """Return the route keys of operations that other generations have and this one has not."""
        others = {operation.key for document in self._others for operation in _operations(document)}
        return frozenset(others - {operation.key for operation in self.operations()})


def _operations(document: Mapping[str, Any]) -> Iterator[Operation]:
    for path, item in document["paths"].items():
        for method in _METHODS:
            if method in item:
                yield Operation(method.upper(), path, item[method], document.get("definitions", {}))


def _numbers(generation: str) -> list[int]:
    return [int(part) for part in re.findall(r"\d+", generation)]

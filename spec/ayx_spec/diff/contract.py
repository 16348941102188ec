"""What a document promises to its callers: operations, models, addresses and security, and nothing it only tells."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ayx_spec.diff.shapes import Shape

__all__ = ["Answer", "Body", "Contract", "Operation", "Parameter", "Requirement"]

#: One way to be allowed in: the names of the schemes that are needed together, each with its scopes.
Requirement = frozenset[tuple[str, tuple[str, ...]]]


@dataclass(frozen=True)
class Parameter:
    """A parameter in a path, query, header or cookie.

    Attributes:
        place: `path`, `query`, `header` or `cookie`.
        name: As it is sent.
        required: Whether a call must have it.
        shape: What its value may be.
        style: How a list is written: `csv`, `multi`, `pipes`, `ssv`, `tsv`, or a style of OpenAPI 3.
        description: What the document says of it; only used to recognise it under another name.
        shared: The name of the shared parameter it was written as, if it was.
    """

    place: str
    name: str
    required: bool
    shape: Shape
    style: str | None
    description: str
    shared: str | None


@dataclass(frozen=True)
class Body:
    """The body of a request.

    Attributes:
        required: Whether a call must have it.
        shape: What it may be.
        media_types: Those that the Server accepts; a caller sends the first.
        shared: What it was written as, if it is shared by several operations.
    """

    required: bool
    shape: Shape
    media_types: tuple[str, ...]
    shared: str | None


@dataclass(frozen=True)
class Answer:
    """An answer with one status.

    Attributes:
        shape: What its content may be; `None` if it has none.
        media_types: Those that the Server offers; a caller reads the first.
        shared: What it was written as, if it is shared by several operations.
    """

    shape: Shape | None
    media_types: tuple[str, ...]
    shared: str | None


@dataclass(frozen=True)
class Operation:
    """A method of a path.

    Attributes:
        method: Upper case.
        path: Below the address of the API.
        operation_id: As the document writes it.
        tags: The first one decides where it is in the client.
        deprecated: Whether callers are told to move away.
        parameters: In document order.
        body: What is sent.
        answers: By status code, range or `default`.
        security: The ways to be allowed in; none means everybody is.
        own_security: Whether the operation says so itself, not the document for all.
        text: Summary and description; only used to recognise it elsewhere.
    """

    method: str
    path: str
    operation_id: str | None
    tags: tuple[str, ...]
    deprecated: bool
    parameters: tuple[Parameter, ...]
    body: Body | None
    answers: Mapping[str, Answer]
    security: frozenset[Requirement]
    own_security: bool
    text: str

    @property
    def key(self) -> str:
        """How people call it: `GET /v3/users`."""
        return f"{self.method} {self.path}"

    @property
    def tag(self) -> str:
        """The tag that it is filed under."""
        return self.tags[0] if self.tags else "default"


@dataclass(frozen=True)
class Contract:
    """A document, read.

    Attributes:
        name: Its file name.
        title: `info.title`.
        version: `info.version`.
        sha256: Digest of its bytes.
        operations: In document order.
        models: Its named schemas.
        addresses: Where the API is: `https://host/webapi`, or only a path where the document has no host.
        base: The path that the operations are relative to.
        schemes: How callers prove who they are.
        anywhere: Whether it describes any Server of a generation, so that its addresses are placeholders.
    """

    name: str
    title: str
    version: str
    sha256: str
    operations: tuple[Operation, ...]
    models: Mapping[str, Shape]
    addresses: tuple[str, ...]
    base: str
    schemes: Mapping[str, dict[str, Any]]
    anywhere: bool = False

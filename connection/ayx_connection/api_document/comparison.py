"""How what the Server promises of its API differs from what the client was made from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from ayx_connection.api_document.surface import Member, Operation, Shape, Surface

__all__ = ["ApiDifference", "differences"]


@dataclass(frozen=True)
class ApiDifference:
    """One thing in which the Server differs from the client.

    Attributes:
        kind: ``missing``: the client has it and the Server has not; ``added``: the other way round; ``changed``.
        where: An operation (``GET /v3/users``), or a member of a model (``UserView.role``).
        what: The difference in words.
    """

    kind: Literal["missing", "added", "changed"]
    where: str
    what: str

    def __str__(self) -> str:
        return f"{self.where}: {self.what}"


def differences(client: Surface, server: Surface) -> list[ApiDifference]:
    """Return in what a Server's document differs from the client's.

    Operations that only one side has come first, then what changed in the others, then members of models.
    """
    both = [(ours, server.operations[key]) for key, ours in client.operations.items() if key in server.operations]
    found = [
        ApiDifference("missing", operation.name, "the Server does not have it")
        for key, operation in client.operations.items()
        if key not in server.operations
    ]
    found += [
        ApiDifference("added", operation.name, "the client does not have it")
        for key, operation in server.operations.items()
        if key not in client.operations
    ]
    found += [
        ApiDifference("changed", ours.name, what) for ours, theirs in both for what in _of_operations(ours, theirs)
    ]
    for name, members in client.models.items():
        if name in server.models:
            found += _of_members(name, members, server.models[name])
    return found


def _of_operations(client: Operation, server: Operation) -> Iterator[str]:
    for ours, theirs in zip(client.path_parameters, server.path_parameters, strict=True):
        if ours != theirs:
            yield f"the path parameter {ours} is called {theirs}"
    for difference in _of_members("", client.parameters, server.parameters):
        yield f"{difference.where.removeprefix('.')}: {difference.what}"
    for status in dict.fromkeys((*client.answers, *server.answers)):
        if status not in server.answers:
            yield f"answer {status}: no longer documented"
        elif status not in client.answers:
            yield f"answer {status}: new"
        elif (what := _of_answers(client.answers[status], server.answers[status])) is not None:
            yield f"answer {status}: {what}"


def _of_answers(client: Shape | None, server: Shape | None) -> str | None:
    if client is None or server is None:
        return None if client is server else f"was {client or 'nothing'}, is {server or 'nothing'}"
    return _of_shapes(client, server)


def _of_members(name: str, client: Mapping[str, Member], server: Mapping[str, Member]) -> Iterator[ApiDifference]:
    for member, ours in client.items():
        theirs = server.get(member)
        if theirs is None:
            yield ApiDifference("missing", f"{name}.{member}", "no longer there")
            continue
        if (what := _of_shapes(ours.shape, theirs.shape)) is not None:
            yield ApiDifference("changed", f"{name}.{member}", what)
        if ours.required != theirs.required:
            what = "is required now" if theirs.required else "is no longer required"
            yield ApiDifference("changed", f"{name}.{member}", what)
    for member, theirs in server.items():
        if member not in client:
            yield ApiDifference("added", f"{name}.{member}", "new, and required" if theirs.required else "new")


def _of_shapes(client: Shape, server: Shape) -> str | None:
    """Say how two shapes differ, None if they do not."""
    if client == server:
        return None
    if set(client.values) != set(server.values) and client.type == server.type:
        new = [repr(value) for value in server.values if value not in client.values]
        gone = [repr(value) for value in client.values if value not in server.values]
        parts = [f"new value {', '.join(new)}" if new else "", f"no longer {', '.join(gone)}" if gone else ""]
        return "; ".join(part for part in parts if part)
    if str(client) != str(server):
        return f"was {client}, is {server}"
    if client.items is not None and server.items is not None:
        return _of_shapes(client.items, server.items)
    inner = next(_of_members("", client.members, server.members), None)
    return None if inner is None else f"{inner.where.removeprefix('.')}: {inner.what}"

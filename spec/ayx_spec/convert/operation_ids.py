"""Operation ids (unique, never missing), and the Python names that calls get from them."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import Any

from ayx_spec.convert.identifiers import bounded, stable_name, tag_name
from ayx_spec.convert.notes import Note
from ayx_spec.convert.references import pointer
from ayx_spec.convert.validation import operations_of

__all__ = ["ClientName", "client_names", "with_unique_operation_ids"]

_WORDS = re.compile(r"[A-Za-z0-9]+")


@dataclass(frozen=True)
class ClientName:
    """Where an operation is in the generated client: `ayx_client.api.<tag>.<function>`."""

    tag: str
    function: str


def with_unique_operation_ids(paths: dict[str, Any], label: str) -> tuple[dict[str, Any], list[Note]]:
    """Return the paths with an operationId on every operation, all different (Operation Object: "MUST be unique").

    The first operation of an id keeps it; the others get the words of their method and path behind it.
    """
    notes: list[Note] = []
    result = {path: dict(item) for path, item in paths.items()}
    taken = {operation["operationId"] for _, _, operation in operations_of(paths) if operation.get("operationId")}
    met: set[str] = set()
    for method, path, operation in operations_of(paths):
        given = operation.get("operationId") or ""
        if given and given not in met:
            met.add(given)
            continue
        wanted = "_".join(part for part in (given, method, *_words(path)) if part)
        name, number = wanted, 2
        while name in taken:
            name, number = f"{wanted}_{number}", number + 1
        taken.add(name)
        what = (
            f"renamed the operation {given!r}, which another one is called, to {name!r}" if given else f"named {name!r}"
        )
        notes.append(Note("warning", label + pointer(("paths", path, method)), what))
        result[path][method] = {**operation, "operationId": name}
    return result, notes


def client_names(document: dict[str, Any]) -> dict[tuple[str, str], ClientName]:
    """Return the Python name of every operation of a converted document, by method (upper case) and path.

    An operation is called by its operationId without its tag: `Users_GetUsers` of the tag `Users` is
    `users.get_users`. Where two of one tag would share a name, each gets the words of its method and path.
    """
    wanted: dict[tuple[str, str], ClientName] = {}
    for method, path, operation in operations_of(document["paths"]):
        tag = (operation.get("tags") or ["default"])[0]
        wanted[method.upper(), path] = ClientName(
            bounded(tag_name(tag)), bounded(stable_name(_without_tag(operation, tag)))
        )
    crowded = {name for name, count in Counter(wanted.values()).items() if count > 1}
    names: dict[tuple[str, str], ClientName] = {}
    taken = set(wanted.values()) - crowded
    for (method, path), name in wanted.items():
        distinct = _told_apart(name, method, path, taken) if name in crowded else name
        names[method, path] = distinct
        taken.add(distinct)
    return names


def _told_apart(name: ClientName, method: str, path: str, taken: set[ClientName]) -> ClientName:
    stem = bounded(stable_name("_".join((name.function, method.lower(), *_words(path)))))
    candidate, number = ClientName(name.tag, stem), 2
    while candidate in taken:
        candidate, number = ClientName(name.tag, f"{stem}_{number}"), number + 1
    return candidate


def _without_tag(operation: dict[str, Any], tag: str) -> str:
    operation_id: str = operation["operationId"]
    prefix, separator, rest = operation_id.partition("_")
    return rest if separator and rest and prefix.lower() == tag.lower().replace(" ", "") else operation_id


def _words(path: str) -> list[str]:
    return _WORDS.findall(path)

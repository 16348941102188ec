"""The repair of path parameters that sibling paths spell in different cases."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from ayx_spec.convert.repairs.recognition import Steps
from ayx_spec.convert.validation import METHODS

__all__ = ["parameter_case"]

_PARAMETER = re.compile(r"\{(\w+)\}")


def parameter_case(document: dict[str, Any]) -> Iterator[Steps]:
    """Spell a path parameter as the sibling does that begins it in lower case: ``{Id}`` as ``{id}``.

    Siblings are paths that are the same up to the parameter. To the Server both spellings are one; a client would have
    two arguments of different names.
    """
    paths = document["paths"]
    spellings = {spot for path in paths for spot in _spots(path)}
    renamed: dict[str, Any] = {}
    for path, item in paths.items():
        own = {name for _, name in _spots(path)}
        names = {
            name: lowered
            for beginning, name in _spots(path)
            if (lowered := name[0].lower() + name[1:]) not in own and (beginning, lowered) in spellings
        }
        new = path
        for name, lowered in names.items():
            new = new.replace(f"{{{name}}}", f"{{{lowered}}}")
        if new != path and new not in paths:
            _rename_parameters(item, names)
            yield "paths", path
        renamed[new if new not in paths else path] = item
    document["paths"] = renamed


def _rename_parameters(item: dict[str, Any], names: dict[str, str]) -> None:
    for holder in (item, *(item[method] for method in METHODS if method in item)):
        for parameter in holder.get("parameters") or []:
            if parameter.get("in") == "path" and parameter.get("name") in names:
                parameter["name"] = names[parameter["name"]]


def _spots(path: str) -> list[tuple[str, str]]:
    """Return each parameter of a path with what stands before it, in lower case."""
    return [(path[: found.start()].lower(), found[1]) for found in _PARAMETER.finditer(path)]

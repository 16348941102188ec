"""Paths as OpenAPI writes them: a slash first, and in braces nothing but names (OpenAPI 3.0.3, Path Templating)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from ayx_spec.convert.grammar import METHODS
from ayx_spec.convert.notes import Notes
from ayx_spec.convert.references import pointer
from ayx_spec.errors import DocumentError

__all__ = ["TEMPLATE", "plain_paths", "template_names"]

#: A variable of a path, and its name.
TEMPLATE = re.compile(r"\{([^{}]*)\}")

#: What stands before or behind a name in URI templates (RFC 6570): operators and modifiers.
_OPERATORS = "+#./;"
_MODIFIERS = "*+"

_LONGEST_VARIABLE = 500  # characters
_MOST_VARIABLES = 100


def template_names(path: str) -> list[str]:
    """Return the names in the braces of a path, in order, each once."""
    return list(dict.fromkeys(TEMPLATE.findall(path)))


def plain_paths(source: dict[str, Any], notes: Notes) -> dict[str, str]:
    """Return for each path how it is written, without any that is taken already.

    Raises:
        DocumentError: Two paths are one and the same, and both have the same method.
    """
    paths = {path: item for path, item in source["paths"].items() if not path.startswith("x-")}
    plain: dict[str, str] = {}
    methods: dict[str, set[str]] = {}
    # Those that need no change first: they keep their names.
    for path, item in sorted(paths.items(), key=lambda pair: _plain(pair[0], _declared(source, pair[1])) != pair[0]):
        wanted = _plain(path, _declared(source, item))
        own = {method for method in METHODS if method in item}
        if own & methods.get(wanted, set()):
            if not path.startswith("/") or not _is_plain(path):
                raise DocumentError(notes.document, pointer(("paths", path)), f"is the same path as {wanted!r}")
            wanted = path
        if wanted != path:
            notes.warning(("paths", path), f"repaired the path: {wanted}")
        plain[path] = wanted
        methods.setdefault(wanted, set()).update(own)
    return {path: plain[path] for path in paths}


def _declared(source: dict[str, Any], item: dict[str, Any]) -> set[str]:
    """Return the names of the path parameters that a path item and its operations declare in place."""
    shared = source.get("parameters") or source.get("components", {}).get("parameters", {})
    holders = (item, *(item[method] for method in METHODS if method in item))
    names = set()
    for holder in holders:
        for parameter in holder.get("parameters", []):
            named = shared.get(str(parameter.get("$ref")).rsplit("/", 1)[-1], {}) if "$ref" in parameter else parameter
            if named.get("in") == "path" and "name" in named:
                names.add(named["name"])
    return names


def _is_plain(path: str) -> bool:
    rest = TEMPLATE.sub("", path)
    return "{" not in rest and "}" not in rest and not any(set(name) & set(":!") for name in template_names(path))


def _plain(path: str, declared: set[str]) -> str:
    if path.count("{") > _MOST_VARIABLES:  # no path of an API, and not worth the time
        path = path.replace("{", "%7B").replace("}", "%7D")
    text = "".join(piece if literal else _template(piece, index, declared) for index, literal, piece in _pieces(path))
    return text if text.startswith("/") else f"/{text}"


def _template(content: str, index: int, declared: set[str]) -> str:
    """Return a template with nothing but a name: without patterns (`{id:[0-9]+}`) and operators (`{?page}`)."""
    if content in declared and not set(content) & set(":!{}"):
        return f"{{{content}}}"
    if content[:1] in ("?", "&"):  # an expansion into the query, which is what query parameters are
        return ""
    name = re.split("[:!{}]", content)[0].strip().lstrip(_OPERATORS).rstrip(_MODIFIERS)
    return f"{{{name or f'path_{index}'}}}"


def _pieces(path: str) -> Iterator[tuple[int, bool, str]]:
    """Yield number, kind and text of the pieces of a path: literal text, or what braces hold."""
    start = at = number = 0
    while at < len(path):
        if path[at] not in "{}":
            at += 1
            continue
        yield number, True, path[start:at]
        end = _closing(path, at) if path[at] == "{" else -1
        if end < 0:  # a lone brace is a character like others
            yield number, True, "%7B" if path[at] == "{" else "%7D"
            at += 1
        else:
            number += 1
            yield number, False, path[at + 1 : end]
            at = end + 1
        start = at
    yield number, True, path[start:]


def _closing(path: str, opening: int) -> int:
    """Return where the brace that is opened here is closed, -1 if it is not."""
    depth = 0
    for at in range(opening, min(len(path), opening + _LONGEST_VARIABLE)):
        depth += {"{": 1, "}": -1}.get(path[at], 0)
        if depth == 0:
            return at
    return -1

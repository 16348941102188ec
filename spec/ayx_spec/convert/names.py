"""Names of schemas: what OpenAPI allows, and what stays distinct once it is a Python class and module."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable

from ayx_spec.convert.identifiers import class_name, module_name

__all__ = ["allowed_name", "free_name", "schema_names", "without_namespace"]

_NAMESPACE = re.compile(r"(?:[A-Za-z_]\w*[.+])+(?=[A-Za-z_])")
_TRIED = 20
_LONGEST = 200  # characters of a key; one that is longer ends in its digest
_LONGEST_NAMESPACED = 500  # characters
_FORBIDDEN = re.compile(r"[^A-Za-z0-9._-]+")


def without_namespace(name: str) -> str:
    """Drop .NET namespaces and enclosing types: `Api.Models.Page[Api.Models.Job]` is `Page[Job]`."""
    return _NAMESPACE.sub("", name) if len(name) < _LONGEST_NAMESPACED else name


def allowed_name(name: str) -> str:
    """Write a name with the characters of a component key (OpenAPI 3.0.3, Components Object: `[A-Za-z0-9._-]`).

    Generic names lose brackets and arity: ``Page`1[Job]`` is `Page_Job`.
    """
    allowed = _FORBIDDEN.sub("_", re.sub(r"`\d+", "", name)).strip("_") or "Schema"
    if len(allowed) <= _LONGEST:
        return allowed
    return f"{allowed[: _LONGEST - 9]}_{hashlib.sha256(name.encode()).hexdigest()[:8]}"


def schema_names(names: Iterable[str]) -> dict[str, str]:
    """Map the names of one document to component keys, one to one, independent of their order.

    Two keys never become the same Python class or module: the generator would silently overwrite the first.
    """
    wanted = sorted(set(names))
    plain = {name: allowed_name(name) for name in wanted}
    short = {name: allowed_name(without_namespace(name)) for name in wanted}
    crowded = _shared(short.values())
    mapping: dict[str, str] = {}
    taken: set[str] = set()
    # Names that are allowed as they are keep them; only the others have to move aside.
    for name in sorted(wanted, key=lambda name: (short[name] != name, name)):
        key = plain[name] if module_name(short[name]) in crowded else short[name]
        mapping[name] = free_name(key, taken)
    return {name: mapping[name] for name in wanted}


def free_name(wanted: str, taken: set[str]) -> str:
    """Return the name, with the first free number behind it if its Python module is taken, and take it."""
    candidate, number = wanted, 2
    while {module_name(candidate), class_name(candidate).lower()} & taken:
        candidate = f"{wanted}_{number}"
        # After some that are taken, one that is surely free: a thousand names may all be written alike.
        number = number + 1 if number < _TRIED else max(number + 1, len(taken))
    taken.update((module_name(candidate), class_name(candidate).lower()))
    return candidate


def _shared(keys: Iterable[str]) -> set[str]:
    """Return the module names that more than one key would get."""
    seen: set[str] = set()
    shared: set[str] = set()
    for key in keys:
        module = module_name(key)
        (shared if module in seen else seen).add(module)
    return shared

"""Names of attributes and arguments: Python names for names of the API, each once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

from ayx_spec.convert.identifiers import ascii_name, stable_name

__all__ = ["arguments", "attributes"]

#: What every generated class has besides the members of its schema.
_METHODS = frozenset({"additional_keys", "additional_properties", "from_dict", "to_dict", "to_multipart"})

#: What every generated function has besides the parameters of its operation, and what it works with inside.
_OWN_ARGUMENTS = frozenset({"body", "client", "save_to", "url"})
_LOCAL = frozenset({"cast", "cookies", "headers", "kwargs", "params", "quote", "response"})


def attributes(names: Iterable[str]) -> dict[str, str]:
    """Return the names in JSON of the members of a class, by attribute."""
    result: dict[str, str] = {}
    for name in names:
        wanted = stable_name(name)
        result[_free(f"{wanted}_field" if wanted in _METHODS else wanted, result)] = name
    return result


def arguments(parameters: list[dict[str, Any]]) -> list[str]:
    """Return the argument of each parameter of an operation; where two would share one, the place tells them apart."""
    wanted = [stable_name(_writable(parameter)) for parameter in parameters]
    crowded = {name for name, count in Counter(wanted).items() if count > 1} | _OWN_ARGUMENTS | _LOCAL
    result: dict[str, str] = {}
    for name, parameter in zip(wanted, parameters, strict=True):
        distinct = stable_name(f"{name}_{parameter['in']}") if name in crowded or _is_local(name, wanted) else name
        taken = {*result, *(other for other in wanted if other not in crowded and other != name)}
        result[_free(distinct, taken)] = parameter["name"]
    return list(result)


def _writable(parameter: dict[str, Any]) -> str:
    """Return the name of a parameter as the generator can find it where it stands."""
    name: str = parameter["name"]
    return ascii_name(name) if parameter["in"] == "path" else name


def _is_local(name: str, arguments_wanted: list[str]) -> bool:
    """Whether a function has a variable of this name: `json_ids` is what `ids` is made into."""
    return name.startswith("json_") and name.removeprefix("json_") in arguments_wanted


def _free(wanted: str, taken: Iterable[str]) -> str:
    name, number = wanted, 2
    while name in taken:
        name, number = stable_name(f"{wanted}_{number}"), number + 1
    return name

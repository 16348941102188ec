"""Names of the generated classes: the generator's own way of making them, without its collisions.

The generator calls the class of a member `a` of the class `B` `BA`, and gives up where two are called alike.
"""

from __future__ import annotations

from collections.abc import Iterable

from ayx_spec.convert.identifiers import bounded, class_name, module_name, pascal_case

__all__ = ["ClassNames"]

#: What generated modules import or define themselves; a class of such a name would stand in its place.
_TAKEN = frozenset(
    {
        *("Any", "AuthenticatedClient", "Binary", "BytesIO", "Callable", "Client", "Enum", "File", "FileTypes"),
        *("Generator", "Generic", "HTTPStatus", "IntEnum", "Iterable", "Iterator", "List", "Literal", "Mapping"),
        *("MutableMapping", "Optional", "RequestFiles", "Response", "Self", "Sequence", "StrEnum", "T", "Type"),
        *("TypeVar", "Union", "Unset", "UNSET", "UUID", "Dict", "Set", "Tuple", "TypeAlias", "TYPE_CHECKING"),
    }
)


class ClassNames:
    """Gives out names of classes, each once.

    Args:
        components: The names of the schemas of the document; they go before any other.
    """

    def __init__(self, components: Iterable[str]) -> None:
        self._taken: set[str] = set()
        self.components = {name: self.free(name) for name in components}

    def free(self, wanted: str) -> str:
        """Return a name for a class: the wanted one, unless something else is called so."""
        stem = _stable(wanted)
        if stem in _TAKEN or bounded(module_name(stem)) != module_name(stem):
            stem = _stable(f"{bounded(stem)}Model" if stem in _TAKEN or len(stem) < _SHORT else bounded(stem))
        candidate, number = stem, 2
        while {module_name(candidate), candidate.lower()} & self._taken:
            candidate = _stable(f"{stem}_{number}")
            number = number + 1 if number < _TRIED else max(number + 1, len(self._taken))
        self._taken |= {module_name(candidate), candidate.lower()}
        return candidate

    def member(self, owner: str, *steps: str) -> str:
        """Return a name for the class of something inside another class or operation."""
        return self.free(pascal_case(owner) + "".join(pascal_case(step) for step in steps))


_TRIED = 20  # numbers, before one is taken that is surely free
_SHORT = 8  # characters; names that are short enough to be a device's


def _stable(name: str) -> str:
    """Return the name of a class that the generator leaves as it is."""
    for _ in range(4):
        made = class_name(name)
        if made == name:
            break
        name = made
    return name

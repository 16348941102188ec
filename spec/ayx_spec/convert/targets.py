"""What references lead to: every one is made to name a shared part of the document, or said to lead nowhere.

Nothing is ever fetched. A reference to another file or host is one whose target is not known.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote

from ayx_spec.convert.grammar import FIELDS, Named
from ayx_spec.convert.references import pointer

__all__ = ["Targets"]

_DEEPEST = 40  # references that refer to references, before they are taken for a circle


class Targets:
    """Finds the targets of references in one document.

    Attributes:
        adopted: Parts that are referred to but stand where OpenAPI 3 cannot keep them (`#/paths/…/schema`), by the
            section and the name that they get: each with the place it was found at.
    """

    def __init__(self, data: dict[str, Any], name: str) -> None:
        self._data = data
        self._name = name
        self._sections = _sections(data)
        self._names: dict[tuple[str, str], str] = {}  # kind and reference as written -> name in the section
        self.adopted: dict[tuple[str, ...], dict[str, tuple[Any, tuple[str, ...]]]] = {}

    def section(self, kind: str) -> tuple[str, ...] | None:
        """Return the place of the shared parts of a kind, `None` if the kind has none."""
        return self._sections.get(kind)

    def reference(self, kind: str, reference: str) -> str | None:
        """Return a reference to the shared part of this kind that a reference means; `None` if there is none."""
        section = self._sections[kind]
        known = self._names.get((kind, reference))
        if known is None:
            known = self._named(section, reference) or self._adopt(kind, section, reference)
            if known is None:
                return None
            self._names[kind, reference] = known
        return pointer((*section, known))

    def value(self, reference: str) -> Any:
        """Return what a reference points to, following references; `None` if it is not in this document."""
        for _ in range(_DEEPEST):
            steps = self._steps(reference)
            value = _follow(self._data, steps) if steps is not None else None
            if not (isinstance(value, dict) and isinstance(value.get("$ref"), str)):
                return value
            reference = value["$ref"]
        return None

    def is_schema(self, reference: str) -> bool:
        """Whether a reference (or bare name) means one of the shared schemas."""
        return self._named(self._sections["schema"], reference) is not None

    def _steps(self, reference: str) -> list[str] | None:
        """Return the steps of a pointer into this document (RFC 6901), `None` if it leads out of it."""
        file, separator, fragment = reference.partition("#")
        if file and unquote(file).rsplit("/", 1)[-1] != self._name:
            return None
        return fragment.removeprefix("/").split("/") if separator and fragment.strip("/") else None

    def _named(self, section: tuple[str, ...], reference: str) -> str | None:
        """Return the name of a shared part, also where the reference is a bare name or its section another one."""
        parts = _follow(self._data, list(section)) or {}
        steps = self._steps(reference) or ([reference] if "#" not in reference else [])
        if not steps or not isinstance(parts, dict):
            return None
        inside = tuple(steps[:-1]) == section
        if not inside and isinstance(_follow(self._data, steps), dict):
            return None  # it has a target of its own
        return next((name for name in _spellings(steps[-1]) if isinstance(parts.get(name), dict)), None)

    def _adopt(self, kind: str, section: tuple[str, ...], reference: str) -> str | None:
        """Give a target that stands elsewhere a name among the shared parts."""
        steps = self._steps(reference)
        target = _follow(self._data, steps) if steps else None
        if steps is None or not isinstance(target, dict):
            return None
        decoded = [_spellings(step)[-1] for step in steps]
        taken = {*(_follow(self._data, list(section)) or {}), *self.adopted.get(section, {})}
        wanted = "_".join(step for step in decoded[-3:] if step not in _FILLERS) or kind
        name, number = wanted, 2
        while name in taken:
            name, number = f"{wanted}_{number}", number + 1
        self.adopted.setdefault(section, {})[name] = (target, tuple(decoded))
        return name


#: Steps of a pointer that say nothing about what it leads to.
_FILLERS = frozenset({"schema", "items", "properties", "definitions", "parameters", "responses", "allOf"})


def _sections(data: dict[str, Any]) -> dict[str, tuple[str, ...]]:
    root, holder = ((), "document") if "swagger" in data else (("components",), "components")
    found = {rule.kind: (*root, key) for key, rule in FIELDS[holder].items() if isinstance(rule, Named)}
    return {kind: place for kind, place in found.items() if kind not in ("security scheme", "path item")}


def _spellings(step: str) -> list[str]:
    """Return what a step may mean: tools write names raw or percent-encoded (Swashbuckle: `Page[Job]`)."""
    return list(dict.fromkeys(text.replace("~1", "/").replace("~0", "~") for text in (step, unquote(step))))


def _follow(value: Any, steps: list[str]) -> Any:
    """Return the value that steps lead to, `None` if there is none."""
    for step in steps:
        if isinstance(value, list):
            value = value[int(step)] if step.isascii() and step.isdigit() and int(step) < len(value) else None
            continue
        if not isinstance(value, dict):
            return None
        value = next((value[key] for key in _spellings(step) if key in value), None)
    return value

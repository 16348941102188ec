"""Which operation an address in somebody's code belongs to."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from ayx_spec.diff.documents import Comparison
from ayx_spec.diff.usage.templates import UNKNOWN

__all__ = ["Addresses"]

_VARIABLE = re.compile(r"\{[^{}]*\}")
_VERSION = re.compile(r"v\d+")  # often kept apart, as a setting


class Addresses:
    """The addresses of the operations of an old document."""

    def __init__(self, comparison: Comparison) -> None:
        self._known = [
            (key, method, [step.lower() for step in path.split("/") if step])
            for key in comparison.operations
            for method, _, path in [key.partition(" ")]
        ]
        self._bases = {step.lower() for base in comparison.bases for step in base.split("/") if step} | {"api"}
        self._found: dict[tuple[str | None, str], tuple[str, ...]] = {}

    def operations(self, method: str | None, address: str) -> tuple[str, ...]:
        """Return the operations that a request goes to; several where the method is not known.

        What stands before the path must be the address of the API or not be known; of several paths that fit, the one
        with the most fixed steps counts.
        """
        if (method, address) not in self._found:
            self._found[method, address] = self._search(method, address)
        return self._found[method, address]

    def _search(self, method: str | None, address: str) -> tuple[str, ...]:
        path = re.split(r"[?#]", address, maxsplit=1)[0]
        if "://" in path:
            path = urlsplit(path.replace(UNKNOWN, "*")).path.replace("*", UNKNOWN)
        steps = [step.lower() for step in path.split("/") if step]
        fitting: list[tuple[int, str]] = []
        for key, known_method, wanted in self._known:
            fixed = self._fits(steps, wanted)
            if fixed and method in (None, known_method):
                fitting.append((fixed, key))
        most = max((fixed for fixed, _ in fitting), default=0)
        return tuple(key for fixed, key in fitting if fixed == most)

    def _fits(self, steps: list[str], wanted: list[str]) -> int:
        """Return how many fixed steps agree, 0 if the address is not of this path."""
        if len(steps) < len(wanted) or not wanted:
            return 0
        before, own = steps[: len(steps) - len(wanted)], steps[len(steps) - len(wanted) :]
        if any(step not in self._bases and UNKNOWN not in step for step in before):
            return 0
        fixed = 0
        for index, (step, other) in enumerate(zip(own, wanted, strict=True)):
            if _VARIABLE.search(other) or (step == UNKNOWN and _VERSION.fullmatch(other)):
                continue
            glued = index == 0 and step.startswith(UNKNOWN) and step.removeprefix(UNKNOWN) == other
            if step != other and not glued:
                return 0
            fixed += 1
        return fixed

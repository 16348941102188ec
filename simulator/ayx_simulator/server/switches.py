"""What a fault of the Server is, and the switches that the Server asks at each of its places."""

from __future__ import annotations

import contextlib
import re
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

__all__ = ["Fault", "Place", "Switches", "UnknownFaultError"]

Subject = TypeVar("Subject")
Outcome = TypeVar("Outcome")
Found = TypeVar("Found")


@dataclass(frozen=True, slots=True, eq=False)
class Place(Generic[Subject, Outcome]):
    """A place of the Server at which faults can act: what is at hand there, and what comes of it.

    Attributes:
        meaning: Where it is, for a person.
    """

    meaning: str


@dataclass(frozen=True, slots=True)
class Fault(Generic[Subject, Outcome]):
    """One thing that can be wrong.

    Attributes:
        name: The code that a diagnosis should end with, where there is one.
        sentence: What the Server then does, for a person.
        place: Where it acts.
        act: What it does with what is at hand there, and with its argument.
        default: The argument that is used if none is given; empty for a fault without one.
        arguments: What else the argument can be; empty if any number will do, or none is taken.
        precedence: Of two faults at one place the lower acts first, which is the nearer one to the client; of two with
            the same one, that which the table has first.
    """

    name: str
    sentence: str
    place: Place[Subject, Outcome]
    act: Callable[[Subject, str], Outcome]
    default: str = ""
    arguments: tuple[str, ...] = ()
    precedence: int = 0


class UnknownFaultError(ValueError):
    """No fault has this name, or the fault does not know this argument."""


@dataclass(slots=True)
class _Switched:
    argument: str
    path: re.Pattern[str] | None
    left: int | None


class Switches:
    """The switches of a table of faults, safe to use while requests are served.

    Args:
        table: name -> fault; looked at whenever a fault is switched on or could act.
    """

    def __init__(self, table: Mapping[str, Fault[Any, Any]]) -> None:
        self._table = table
        self._on: dict[str, _Switched] = {}
        self._lock = threading.Lock()

    def set(
        self, name: str, argument: str | float | None = None, *, path: str | None = None, times: int | None = None
    ) -> None:
        """Switch a fault on.

        Args:
            name: A key of ``FAULTS``.
            argument: What the fault's sentence leaves open; ``None`` for its default.
            path: Regular expression; only requests whose path (from the host on) it matches somewhere meet the fault.
            times: How many requests meet the fault before it is off again; ``None`` for no limit.

        Raises:
            UnknownFaultError: There is no such fault or no such argument.
        """
        fault = self._table.get(name)
        if fault is None:
            raise UnknownFaultError(f"no fault is called {name!r}; there are {', '.join(self._table)}")
        chosen = fault.default if argument is None else str(argument)
        if fault.arguments and chosen not in fault.arguments:
            raise UnknownFaultError(f"{name} takes {' or '.join(fault.arguments)}, not {chosen!r}")
        with self._lock:
            self._on[name] = _Switched(chosen, re.compile(path) if path else None, times)

    def clear(self, name: str | None = None) -> None:
        """Switch one fault off, or all."""
        with self._lock:
            if name is None:
                self._on.clear()
            else:
                self._on.pop(name, None)

    @contextlib.contextmanager
    def injected(
        self, name: str, argument: str | float | None = None, *, path: str | None = None, times: int | None = None
    ) -> Iterator[None]:
        """Switch a fault on for the length of a ``with`` block."""
        self.set(name, argument, path=path, times=times)
        try:
            yield
        finally:
            self.clear(name)

    @property
    def active(self) -> dict[str, str]:
        """What is on: name -> argument."""
        with self._lock:
            return {name: switched.argument for name, switched in self._on.items()}

    def change(self, place: Place[Subject, Subject], subject: Subject, path: str) -> Subject:
        """Return what the faults that a request to ``path`` meets at this place make of what is at hand there."""
        for fault, argument in self._met(place, path):
            subject = fault.act(subject, argument)
        return subject

    def instead(self, place: Place[Subject, Found | None], subject: Subject, path: str) -> Found | None:
        """Return what the first fault with an answer gives to a request to ``path`` at this place, if there is one."""
        for fault, argument in self._met(place, path):
            found = fault.act(subject, argument)
            if found is not None:
                return found
        return None

    def _met(self, place: Place[Subject, Outcome], path: str) -> Iterator[tuple[Fault[Subject, Outcome], str]]:
        """Give the faults that act on a request to ``path``, with their arguments, and count each when it is given."""
        here = [fault for fault in self._table.values() if fault.place is place]
        for fault in sorted(here, key=lambda fault: fault.precedence):
            argument = self._argument(fault.name, path)
            if argument is not None:
                yield fault, argument

    def _argument(self, name: str, path: str) -> str | None:
        with self._lock:
            switched = self._on.get(name)
            if switched is None or (switched.path is not None and not switched.path.search(path)):
                return None
            if switched.left is not None:
                switched.left -= 1
                if switched.left <= 0:
                    del self._on[name]
            return switched.argument

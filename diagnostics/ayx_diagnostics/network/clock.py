"""The one clock of a diagnosis, so that every time in a report counts from the same start."""

from __future__ import annotations

import time
from collections.abc import Callable

__all__ = ["Clock"]


class Clock:
    """Seconds since the diagnosis began.

    Args:
        monotonic: A source of monotonic seconds; tests pass their own.
    """

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._start = monotonic()

    def now(self) -> float:
        """Return the seconds since the start."""
        return self._monotonic() - self._start

"""The system's clock, counted from the start of a diagnosis."""

from __future__ import annotations

import time
from collections.abc import Callable

__all__ = ["SystemClock"]


class SystemClock:
    """Seconds since the diagnosis began.

    Args:
        monotonic: A source of monotonic seconds.
    """

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._start = monotonic()

    def now(self) -> float:
        """Return the seconds since the start."""
        return self._monotonic() - self._start

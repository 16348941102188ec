"""Tasks that go on beside the rest, each on a thread of its own."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

__all__ = ["ThreadTask", "Threads"]

T = TypeVar("T")


class ThreadTask(Generic[T]):
    """A function on a daemon thread: a call that the operating system does not let go never delays the program's end.

    Args:
        function: What to do.
        ended: Told of the end.
    """

    def __init__(self, function: Callable[[], T], ended: threading.Condition) -> None:
        self._function, self._ended = function, ended
        self._results: list[T] = []
        self._error: BaseException | None = None
        threading.Thread(target=self._run, daemon=True, name="probe").start()

    def _run(self) -> None:
        try:
            self._results.append(self._function())
        except BaseException as error:  # noqa: BLE001  # raised again where the result is asked for
            self._error = error
        with self._ended:
            self._ended.notify_all()

    @property
    def done(self) -> bool:
        """See ``Task``."""
        return bool(self._results) or self._error is not None

    def result(self) -> T:
        """See ``Task``."""
        if self._error is not None:
            raise self._error
        return self._results[0]


class Threads:
    """Starts tasks, and waits for what comes of them."""

    def __init__(self) -> None:
        self._ended = threading.Condition()

    def start(self, function: Callable[[], T]) -> ThreadTask[T]:
        """See ``Network``."""
        return ThreadTask(function, self._ended)

    def wait_for(self, condition: Callable[[], bool], within_s: float) -> bool:
        """See ``Network``."""
        with self._ended:
            return self._ended.wait_for(condition, max(0.0, within_s))

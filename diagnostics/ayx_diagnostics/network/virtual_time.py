"""Time that passes only when everybody waits: tasks take turns, and a wait of an hour takes no time at all."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

__all__ = ["VirtualTask", "VirtualTime"]

T = TypeVar("T")


@dataclass(eq=False)
class _Waiter:
    """Somebody who waits until a time, or until something is so."""

    until_s: float
    ready: Callable[[], bool]
    turn: threading.Event = field(default_factory=threading.Event)


class VirtualTask(Generic[T]):
    """A task of virtual time; see ``Task``."""

    def __init__(self) -> None:
        self.done = False
        self._results: list[T] = []
        self._error: BaseException | None = None

    def run(self, function: Callable[[], T]) -> None:
        """Take what the function returns, or raises."""
        try:
            self._results.append(function())
        except BaseException as error:  # noqa: BLE001  # raised again where the result is asked for
            self._error = error
        self.done = True

    def result(self) -> T:
        """See ``Task``."""
        if self._error is not None:
            raise self._error
        return self._results[0]


class VirtualTime:
    """A clock, sleep and tasks without time and without chance.

    Only one thread runs at a time. When it waits, the next is whoever waits for something that has come to be so, in
    the order in which they began to wait; without such, the clock goes on to the nearest time that anybody waits for.
    """

    def __init__(self) -> None:
        self._now = 0.0
        self._waiting: list[_Waiter] = []
        self._tasks: list[VirtualTask[Any]] = []

    def now(self) -> float:
        """See ``Clock``."""
        return self._now

    def sleep(self, seconds: float) -> None:
        """See ``Network``."""
        self.wait_for(lambda: False, seconds)

    def wait_for(self, condition: Callable[[], bool], within_s: float) -> bool:
        """See ``Network``; the condition may be about anything that other tasks change."""
        if not condition() and within_s > 0:
            waiter = _Waiter(self._now + within_s, condition)
            self._waiting.append(waiter)
            self._give_turn()
            waiter.turn.wait()
        return condition()

    def start(self, function: Callable[[], T]) -> VirtualTask[T]:
        """See ``Network``; the task begins when whoever starts it waits."""
        task: VirtualTask[T] = VirtualTask()
        self._tasks.append(task)
        waiter = _Waiter(self._now, lambda: True)
        self._waiting.append(waiter)

        def run() -> None:
            waiter.turn.wait()
            task.run(function)
            self._give_turn()

        threading.Thread(target=run, daemon=True, name="virtual").start()
        return task

    def finish(self) -> None:
        """Let everything that was begun come to its end."""
        self.wait_for(lambda: all(task.done for task in self._tasks), float("inf"))

    def _give_turn(self) -> None:
        if not self._waiting:
            return  # the last task has ended after the one that began it all
        following = next((each for each in self._waiting if each.ready()), None)
        if following is None:
            following = min(self._waiting, key=lambda each: each.until_s)
            self._now = max(self._now, following.until_s)
        self._waiting.remove(following)
        following.turn.set()

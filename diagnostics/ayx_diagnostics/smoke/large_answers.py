"""Answers that cost more than their bytes: JSON of many small values, and judging that takes its time."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, TypeVar

from ayx_connection.answers import MOST_VALUES, has_too_many_values

from ayx_diagnostics.network.tasks import Threads

__all__ = ["UnjudgedError", "decoded", "in_time"]

_T = TypeVar("_T")


class UnjudgedError(Exception):
    """An answer was not held against the document; the message says why."""


def decoded(content: bytes) -> Any:
    """Return the JSON value of an answer.

    Raises:
        UnjudgedError: It has more values than can be held against a document.
        ValueError: It is no JSON.
    """
    if has_too_many_values(content):
        raise UnjudgedError(f"its answer has more than {MOST_VALUES} values and was not judged")
    return json.loads(content)


def in_time(job: Callable[[], _T], seconds: float) -> _T:
    """Return what a job returns, on a thread of its own, which is left to itself when the time is up.

    Args:
        job: What to do.
        seconds: How long that may take.

    Raises:
        UnjudgedError: It takes longer, or meets JSON that is nested too deeply.
    """
    threads = Threads()
    judging = threads.start(job)
    if not threads.wait_for(lambda: judging.done, seconds):
        raise UnjudgedError("its answer is too large to be judged in the time that was left")
    try:
        return judging.result()
    except RecursionError as error:
        raise UnjudgedError("its answer is nested too deeply to be judged") from error

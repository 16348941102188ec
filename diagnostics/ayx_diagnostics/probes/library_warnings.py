"""Keep libraries from warning the user's terminal of what a peer or a trust store is made of."""

from __future__ import annotations

import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["no_warnings"]

_lock = threading.Lock()


@contextmanager
def no_warnings() -> Iterator[None]:
    """Ignore warnings for a short while.

    The filters belong to the whole process, so that threads have to take turns: without the lock, one would put back
    what another had only borrowed.
    """
    with _lock, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield

"""Ids and dates as the Server writes them, and the shape of a user with API access."""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from .http_errors import refused

__all__ = ["ApiUser", "ObjectIds", "Record", "parse_date", "pick", "written_date"]

#: One stored thing, with the member names of its fullest view.
Record = dict[str, Any]

ROLES = ("NoAccess", "Viewer", "Member", "Artisan", "Curator", "Evaluated")


@dataclass(frozen=True, slots=True)
class ApiUser:
    """A user with an API access key and secret.

    Attributes:
        user_id: The user's id.
        role: One of ``ROLES``.
        client_id: API access key.
        client_secret: API access secret.
    """

    user_id: str
    role: str
    client_id: str
    client_secret: str = field(repr=False)


class ObjectIds:
    """MongoDB ObjectIds: the first four octets are the time of creation in seconds, as on the Server.

    Args:
        now: The simulator's clock.
    """

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._machine = random.Random(20211).randbytes(5).hex()  # noqa: S311  # the same ids in every run
        self._counter = itertools.count(1)

    def new(self, created: datetime | None = None) -> str:
        """Return an id that was never returned before."""
        seconds = int((created or self._now()).timestamp())
        return f"{seconds:08x}{self._machine}{next(self._counter):06x}"


def written_date(moment: datetime) -> str:
    """Write a moment as Json.NET does: ``Z``, and a fraction of as many digits as it needs, none if it is zero."""
    text = moment.astimezone(UTC).replace(tzinfo=None).isoformat()
    return (text.rstrip("0") if "." in text else text) + "Z"


def parse_date(text: str) -> datetime:
    """Read a date of a request; without an offset it is UTC.

    Raises:
        ApiError: 400, it is none.
    """
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise refused(f"The value '{text}' is not a date.") from None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment


def pick(record: Mapping[str, Any], names: Iterable[str]) -> Record:
    """Return a view of a record: the named members, in this order."""
    return {name: record[name] for name in names}

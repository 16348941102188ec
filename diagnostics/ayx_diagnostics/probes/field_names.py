"""What may be told of the members that an answer has beyond the documented ones.

The members of a record are the API's own, and a new one is worth its name. Those of a map are data: addresses of users,
names of workflows. An answer does not say which of the two it is.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable

__all__ = ["new_members"]

_SHOWN = 80
#: What fields of an API are called: an identifier, seldom with a digit. Four digits are a number that somebody has.
_FIELD_NAME = re.compile(r"(?!(?:\D*\d){4})[A-Za-z_$][A-Za-z0-9_]{0,39}")


def new_members(members: Iterable[str], documented: Collection[str]) -> str:
    """Return the members of an object that are not documented, in words that repeat no data; ``""`` for none.

    An object with at least one documented member is a record, and its new ones are told by name as far as they look
    like names of fields. One that has none of them may be a map, of which only the size is told.

    Args:
        members: Names of all members of the object.
        documented: Names of those that the document has.
    """
    members = list(members)
    new = [name for name in members if name not in documented]
    if not new:
        return ""
    if len(new) == len(members):
        told = "a name" if len(new) == 1 else f"{len(new)} names"
    else:
        told = ", ".join(map(_told, new))
    return f"new here, and not in the document: {told if len(told) <= _SHOWN else f'{told[:_SHOWN]}…'}"


def _told(name: str) -> str:
    return repr(name) if _FIELD_NAME.fullmatch(name) else f"a name of {len(name)} characters"

"""A nameserver's zone as a table that people write."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from typing import Any

from .dns_answers import BEHAVIOURS, Entry

__all__ = ["BEHAVIOURS", "Entry", "read_entry", "read_zone"]


def read_zone(table: Mapping[str, Any]) -> dict[str, Entry]:
    """Return the zone that a table describes.

    Args:
        table: name -> an :class:`Entry`, its fields as a mapping, or for short: an address, a list of addresses, a name
            of ``BEHAVIOURS``, or ``-> name`` for an alias. ``*.name`` stands for every name below that has no entry.

    Raises:
        ValueError: An entry is none of these.
    """
    return {name.lower().rstrip("."): read_entry(name, entry) for name, entry in table.items()}


def read_entry(name: str, entry: Any) -> Entry:
    """Return what one value of a table means, see :func:`read_zone`."""
    if isinstance(entry, Entry):
        return entry
    if isinstance(entry, Mapping):
        try:
            fields: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in entry.items()}
            read = Entry(**fields)
        except TypeError as error:
            raise ValueError(f"{name}: {error}") from None
    elif isinstance(entry, str) and entry in BEHAVIOURS:
        read = Entry(behaviour=entry)
    elif isinstance(entry, str) and entry.startswith("->"):
        read = Entry(cname=entry.removeprefix("->").strip())
    else:
        addresses = [ipaddress.ip_address(text) for text in ([entry] if isinstance(entry, str) else entry)]
        read = Entry(
            a=tuple(str(address) for address in addresses if address.version == 4),  # noqa: PLR2004  # IP version
            aaaa=tuple(str(address) for address in addresses if address.version == 6),  # noqa: PLR2004  # IP version
        )
    if read.behaviour not in BEHAVIOURS:
        raise ValueError(f"{name}: no behaviour {read.behaviour!r}; there are {', '.join(BEHAVIOURS)}")
    return read

"""What a nameserver knows of each name, and how it fails for it."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

__all__ = ["BEHAVIOURS", "Entry", "read_entry", "read_zone"]

#: behaviour -> what the nameserver does when the name is asked for.
BEHAVIOURS: Mapping[str, str] = {
    "records": "answers with the entry's records; NODATA for a type that it lacks",
    "nxdomain": "the name does not exist: rcode 3 with the zone's SOA",
    "nodata": "the name exists, without records: rcode 0 with the zone's SOA",
    "servfail": "rcode 2",
    "servfail_unless_cd": "rcode 2 unless checking is disabled (CD bit), as a validating resolver with broken DNSSEC",
    "refused": "rcode 5",
    "formerr": "rcode 1 if the query carries EDNS, else the records",
    "notimp": "rcode 4",
    "timeout": "silence",
    "truncated": "an empty answer with the TC bit over UDP, the records over TCP",
    "wrong_id": "the records, with another message id",
    "malformed": "octets that are no DNS message",
}


@dataclass(frozen=True, slots=True)
class Entry:
    """What the nameserver knows of one name.

    Attributes:
        a: IPv4 addresses.
        aaaa: IPv6 addresses.
        cname: The name that this one is an alias of.
        behaviour: A name of ``BEHAVIOURS``.
        only: Record types that the behaviour and the delay are limited to (``("AAAA",)``); empty: all.
        delay_s: Seconds before the answer.
        ede: Text of an Extended DNS Error (RFC 8914) to go with an rcode, info code 0 (other).
        ttl: Time to live of the records in seconds.
    """

    a: tuple[str, ...] = ()
    aaaa: tuple[str, ...] = ()
    cname: str | None = None
    behaviour: str = "records"
    only: tuple[str, ...] = ()
    delay_s: float = 0.0
    ede: str | None = None
    ttl: int = 60

    def behaviour_for(self, rdtype: str) -> str:
        """Return what to do when asked for this record type."""
        return self.behaviour if not self.only or rdtype in self.only else "records"

    def delay_for(self, rdtype: str) -> float:
        """Return how long to wait when asked for this record type, in seconds."""
        return self.delay_s if not self.only or rdtype in self.only else 0.0


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

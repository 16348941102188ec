"""What stands in an anonymised report for a name: the same for the same thing throughout, and of the same kind.

Rules run over anonymised reports, too. What they have to know of an address is in its stand-in: ``address-1`` is an
IPv4 address of a network of its own, ``address-2-public`` one of the Internet, ``address-3-example`` one that is
reserved for documentation; those of IPv6 begin with ``ipv6:``.
"""

from __future__ import annotations

import ipaddress
import re

__all__ = ["STAND_IN", "Address", "StandIns", "address_of", "is_of_nobody"]

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

#: Every stand-in for something that a reader may have to put the real one in place of.
STAND_IN = re.compile(r"(?:ipv6:)?\b(?:address|certificate|device|domain|host|id|org|path|user)-\d+\b")

#: RFC 5737 and RFC 3849.
_EXAMPLES = tuple(
    ipaddress.ip_network(net) for net in ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32")
)
_ADDRESS = re.compile(r"(ipv6:)?address-(\d{1,6})(-public|-example)?")
#: Where the addresses begin that the stand-ins of each kind are read as: RFC 1918, RFC 4193, allocated ones, examples.
_FIRST: dict[tuple[str, str], Address] = {
    ("", ""): ipaddress.IPv4Address("10.0.0.0"),
    ("", "-public"): ipaddress.IPv4Address("8.0.0.0"),
    ("", "-example"): ipaddress.IPv4Address("192.0.2.0"),
    ("ipv6:", ""): ipaddress.IPv6Address("fd00::"),
    ("ipv6:", "-public"): ipaddress.IPv6Address("2600::"),
    ("ipv6:", "-example"): ipaddress.IPv6Address("2001:db8::"),
}


def is_of_nobody(address: Address) -> bool:
    """Whether an address says nothing about whom: loopback, or unspecified."""
    mapped = getattr(address, "ipv4_mapped", None) or address
    return bool(mapped.is_loopback or mapped.is_unspecified)


def address_of(text: str) -> Address | None:
    """Return an address of the kind that a stand-in is for, the same one for the same stand-in; None for others."""
    found = _ADDRESS.fullmatch(text)
    if found is None:
        return None
    return _FIRST[found[1] or "", found[3] or ""] + int(found[2])


class StandIns:
    """Gives out stand-ins, numbered within their kind in the order in which things are met."""

    def __init__(self) -> None:
        self._given: dict[tuple[str, str], str] = {}
        self._count: dict[str, int] = {}

    def of(self, kind: str, name: str) -> str:
        """Return the stand-in of a thing, such as ``user-1``; its name counts without regard to case."""
        key = (kind, name.casefold())
        if key not in self._given:
            self._given[key] = self._next(kind)
        return self._given[key]

    def label(self, label: str, kind: str) -> str:
        """Return the stand-in of one label of a domain name: ``host-1``, or ``domain-1`` where it was first met so."""
        key = ("label", label.casefold())
        if key not in self._given:
            self._given[key] = self._next(kind)
        return self._given[key]

    def known(self, kind: str, name: str) -> str | None:
        """Return the stand-in of a thing that was met before, else None."""
        return self._given.get((kind, name.casefold()))

    def names(self, kind: str) -> dict[str, str]:
        """Return the stand-in of every thing of a kind, by its name in lower case."""
        return {name: stand_in for (of, name), stand_in in self._given.items() if of == kind}

    def address(self, address: Address) -> str:
        """Return the stand-in of an IP address; an IPv4 address within an IPv6 one is the IPv4 address."""
        address = getattr(address, "ipv4_mapped", None) or address
        key = ("address", str(address).partition("%")[0])
        if key not in self._given:
            prefix = "ipv6:" if address.version == 6 else ""  # noqa: PLR2004  # IP version
            is_example = any(address.version == net.version and address in net for net in _EXAMPLES)
            suffix = "-example" if is_example else "-public" if address.is_global else ""
            self._given[key] = f"{prefix}{self._next('address')}{suffix}"
        return self._given[key]

    def _next(self, kind: str) -> str:
        self._count[kind] = self._count.get(kind, 0) + 1
        return f"{kind}-{self._count[kind]}"

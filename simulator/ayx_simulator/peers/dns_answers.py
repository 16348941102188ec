"""What a nameserver answers of a name that it knows, and how it fails for it: one object a behaviour."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import dns.edns
import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdatatype
import dns.rrset

__all__ = ["BEHAVIOURS", "Behaviour", "Entry", "Query"]

_MOST_CNAMES = 16
_UDP_LIMIT = 512  # octets without EDNS (RFC 1035 4.2.1)


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


@dataclass(frozen=True, slots=True)
class Query:
    """A query, and what is known of the name that it asks for.

    Attributes:
        data: Its octets.
        message: The same, read.
        transport: ``udp`` or ``tcp``.
        entry: What is known of the name.
        look_up: Returns what is known of any other name.
    """

    data: bytes
    message: dns.message.Message
    transport: str
    entry: Entry
    look_up: Callable[[str], Entry]

    def response(self) -> dns.message.Message:
        """Return an answer without records."""
        return dns.message.make_response(self.message, recursion_available=True)

    def as_sent(self, response: dns.message.Message) -> bytes:
        """Return an answer's octets; too long a one for UDP goes without records and with the TC bit."""
        if self.transport == "tcp":
            return response.to_wire(max_size=65535)
        wire = response.to_wire(max_size=65535)
        if len(wire) <= (self.message.payload if self.message.edns >= 0 else _UDP_LIMIT):
            return wire
        response.answer.clear()
        response.flags |= dns.flags.TC
        return response.to_wire()


@dataclass(frozen=True, slots=True)
class Behaviour:
    """One way to answer.

    Attributes:
        meaning: What the nameserver does when the name is asked for, in one line.
        act: Returns the octets to answer with, ``None`` for silence.
    """

    meaning: str
    act: Callable[[Query], bytes | None]


def _with_records(query: Query) -> dns.message.Message:
    """Follow the chain of aliases from the name, then add the addresses at its end."""
    message, entry = query.response(), query.entry
    owner, rdtype = query.message.question[0].name, query.message.question[0].rdtype
    seen: set[dns.name.Name] = set()
    while entry.cname is not None and len(seen) < _MOST_CNAMES and owner not in seen:
        seen.add(owner)
        target = dns.name.from_text(entry.cname)
        message.answer.append(dns.rrset.from_text(owner, entry.ttl, "IN", "CNAME", target.to_text()))
        owner, entry = target, query.look_up(target.to_text(omit_final_dot=True).lower())
    addresses: Mapping[dns.rdatatype.RdataType, Sequence[str]] = {
        dns.rdatatype.A: entry.a,
        dns.rdatatype.AAAA: entry.aaaa,
    }
    found = addresses.get(rdtype, ())
    if found:
        # One rrset each: dnspython shuffles the records of one rrset, and a fault has to be the same every time.
        message.answer += [dns.rrset.from_text(owner, entry.ttl, "IN", rdtype, address) for address in found]
    elif owner not in seen:  # a loop of aliases just ends
        if entry.behaviour == "nxdomain":
            message.set_rcode(dns.rcode.NXDOMAIN)
        _add_soa(message)
    return message


def _add_soa(message: dns.message.Message) -> None:
    owner = message.question[0].name
    zone = owner if len(owner) <= 3 else dns.name.Name(owner[-3:])  # noqa: PLR2004  # second level and root
    soa = "ns.lab.test. hostmaster.lab.test. 1 3600 600 86400 60"
    message.authority.append(dns.rrset.from_text(zone, 60, "IN", "SOA", soa))


def _records(query: Query) -> bytes:
    return query.as_sent(_with_records(query))


def _no_data(query: Query) -> bytes:
    message = query.response()
    _add_soa(message)
    return query.as_sent(message)


def _error(
    rcode: dns.rcode.Rcode, *, soa: bool = False, spares: Callable[[dns.message.Message], bool] = lambda _: False
) -> Callable[[Query], bytes]:
    """Answer with an error code, or with the records if the query is one of those that are spared."""

    def act(query: Query) -> bytes:
        if spares(query.message):
            return _records(query)
        message = query.response()
        message.set_rcode(rcode)
        if query.entry.ede is not None and query.message.edns >= 0:
            error = dns.edns.EDEOption(dns.edns.EDECode.OTHER, query.entry.ede)
            message.use_edns(0, payload=1232, options=[error])
        if soa:
            _add_soa(message)
        return query.as_sent(message)

    return act


def _truncated(query: Query) -> bytes:
    if query.transport != "udp":
        return _records(query)
    message = query.response()
    message.flags |= dns.flags.TC
    return query.as_sent(message)


def _wrong_id(query: Query) -> bytes:
    message = _with_records(query)
    message.id ^= 0x5555
    return query.as_sent(message)


#: name -> behaviour.
BEHAVIOURS: Mapping[str, Behaviour] = {
    "records": Behaviour("answers with the entry's records; NODATA for a type that it lacks", _records),
    "nxdomain": Behaviour("the name does not exist: rcode 3 with the zone's SOA", _error(dns.rcode.NXDOMAIN, soa=True)),
    "nodata": Behaviour("the name exists, without records: rcode 0 with the zone's SOA", _no_data),
    "servfail": Behaviour("rcode 2", _error(dns.rcode.SERVFAIL)),
    "servfail_unless_cd": Behaviour(
        "rcode 2 unless checking is disabled (CD bit), as a validating resolver with broken DNSSEC",
        _error(dns.rcode.SERVFAIL, spares=lambda query: bool(query.flags & dns.flags.CD)),
    ),
    "refused": Behaviour("rcode 5", _error(dns.rcode.REFUSED)),
    "formerr": Behaviour(
        "rcode 1 if the query carries EDNS, else the records",
        _error(dns.rcode.FORMERR, spares=lambda query: query.edns < 0),
    ),
    "notimp": Behaviour("rcode 4", _error(dns.rcode.NOTIMP)),
    "timeout": Behaviour("silence", lambda _query: None),
    "truncated": Behaviour("an empty answer with the TC bit over UDP, the records over TCP", _truncated),
    "wrong_id": Behaviour("the records, with another message id", _wrong_id),
    "malformed": Behaviour("octets that are no DNS message", lambda query: query.data[:2] + b"\xff" * 9),
}

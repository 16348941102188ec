"""DNS messages: one question, and what an answer to it says (RFC 1035 section 4, EDNS RFC 6891, EDE RFC 8914)."""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from typing import Any

import dns.edns
import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdataclass
import dns.rdatatype

__all__ = ["Reply", "make_query", "read_reply"]

#: The UDP payload that passes every ordinary path without fragments (DNS flag day 2020).
_UDP_PAYLOAD = 1232
_HEADER_SIZE = 12
_TRUNCATED_BIT = 0x02

_RCODE_OUTCOMES = {
    dns.rcode.NXDOMAIN: "nxdomain",
    dns.rcode.SERVFAIL: "servfail",
    dns.rcode.REFUSED: "refused",
    dns.rcode.FORMERR: "formerr",
    dns.rcode.NOTIMP: "notimp",
}
_ADDRESS_TYPES = (dns.rdatatype.A, dns.rdatatype.AAAA)
#: What unreadable bytes may raise: dnspython's own errors, and those of the standard library that it lets through.
_UNREADABLE = (dns.exception.DNSException, ValueError, struct.error, IndexError, KeyError, TypeError, OverflowError)


@dataclass(frozen=True, slots=True)
class Reply:
    """What the bytes of a reply say.

    Attributes:
        outcome: An outcome of ``query`` in the vocabulary; ``wrong_id`` when it answers another question.
        evidence: ``rcode`` and what else could be read of the vocabulary's evidence.
    """

    outcome: str
    evidence: dict[str, Any] = field(default_factory=dict)


def make_query(name: str, rdtype: str, *, edns: bool = True, cd: bool = False) -> dns.message.Message:
    """Make a recursive question with a random id.

    Args:
        name: Host name, taken as absolute; Unicode names are encoded (IDNA).
        rdtype: Record type, e.g. ``AAAA``.
        edns: Whether to announce EDNS with a payload of 1232 bytes.
        cd: Whether to set the CD bit: the nameserver is not to check DNSSEC (RFC 4035 section 3.2.2).

    Raises:
        ValueError: The name has an empty or too long label, or the type is unknown.
    """
    try:
        query = dns.message.make_query(
            dns.name.from_text(name),
            dns.rdatatype.from_text(rdtype),
            use_edns=0 if edns else None,
            payload=_UDP_PAYLOAD if edns else None,
        )
    except (dns.exception.DNSException, UnicodeError) as error:
        raise ValueError(str(error)) from error
    if cd:
        query.flags |= dns.flags.CD
    return query


def read_reply(query: dns.message.Message, data: bytes) -> Reply:
    """Read one reply to a question.

    Args:
        query: The question.
        data: The reply, without the length of TCP framing; any bytes.

    Returns:
        What it says. Nothing in the bytes makes this raise.
    """
    if len(data) < _HEADER_SIZE:
        return Reply("malformed")
    if int.from_bytes(data[:2], "big") != query.id:
        return Reply("wrong_id")
    try:
        reply = dns.message.from_wire(data, ignore_trailing=True)
        if not reply.flags & dns.flags.QR:
            return Reply("malformed")
        if not query.is_response(reply):
            return Reply("wrong_id")
        return _interpret(query, reply)
    except _UNREADABLE:
        # A reply cut off in the middle of a record is what its TC bit announces.
        return Reply("truncated" if data[2] & _TRUNCATED_BIT else "malformed")


def _interpret(query: dns.message.Message, reply: dns.message.Message) -> Reply:
    question = query.question[0]
    links, last, loops = _follow_cnames(reply, question.name)
    records = [] if loops else _records(reply, last, question.rdtype)
    evidence = {
        "rcode": dns.rcode.to_text(reply.rcode()),
        "addresses": [record.to_text() for record in records if record.rdtype in _ADDRESS_TYPES],
        "cnames": [[_text(owner), _text(target)] for owner, target in links],
        "cname_loop": loops,
        "authority_soa": next(
            (_text(rrset.name) for rrset in reply.authority if rrset.rdtype == dns.rdatatype.SOA), None
        ),
        "ede": [_extended_error(option) for option in reply.options if option.otype == dns.edns.OptionType.EDE],
    }
    if reply.flags & dns.flags.TC:
        return Reply("truncated", evidence)
    if reply.rcode() != dns.rcode.NOERROR:
        return Reply(_RCODE_OUTCOMES.get(reply.rcode(), "other_rcode"), evidence)
    found = records or (links and question.rdtype == dns.rdatatype.CNAME)
    return Reply("ok" if found else "nodata", evidence)


def _follow_cnames(
    reply: dns.message.Message, name: dns.name.Name
) -> tuple[list[tuple[dns.name.Name, dns.name.Name]], dns.name.Name, bool]:
    """Return the links from a name through the answer's CNAMEs, the last name, and whether they go in a circle."""
    targets = {
        rrset.name: rrset[0].target
        for rrset in reply.answer
        if rrset.rdtype == dns.rdatatype.CNAME and rrset.rdclass == dns.rdataclass.IN and rrset
    }
    links: list[tuple[dns.name.Name, dns.name.Name]] = []
    met = {name}
    while (target := targets.get(name)) is not None:
        links.append((name, target))
        if target in met:
            return links, target, True
        met.add(target)
        name = target
    return links, name, False


def _records(reply: dns.message.Message, name: dns.name.Name, rdtype: dns.rdatatype.RdataType) -> list[Any]:
    return [
        record
        for rrset in reply.answer
        if rrset.name == name and rrset.rdtype == rdtype and rrset.rdclass == dns.rdataclass.IN
        for record in rrset
    ]


def _text(name: dns.name.Name) -> str:
    return name.to_text(omit_final_dot=True)


def _extended_error(option: dns.edns.Option) -> str:
    """Return an Extended DNS Error as ``number (name): text`` (RFC 8914)."""
    if not isinstance(option, dns.edns.EDEOption):
        return option.to_text()
    try:
        name = f" ({dns.edns.EDECode(option.code).name.replace('_', ' ').lower()})"
    except ValueError:
        name = ""
    return f"{int(option.code)}{name}: {option.text}" if option.text else f"{int(option.code)}{name}"

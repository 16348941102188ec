"""What is observed of names and their addresses."""

from __future__ import annotations

from ayx_diagnostics.vocabulary.kernel import ERRNO, ICMP
from ayx_diagnostics.vocabulary.terms import Key, ListOf, Operation, flag, number, text, texts, whole

__all__ = ["LOOKUP_EVIDENCE", "LOOKUP_OUTCOMES", "OPERATIONS"]

#: getaddrinfo's answers, under one name on every system.
LOOKUP_OUTCOMES = {
    "ok": "",
    "noname": "EAI_NONAME",
    "nodata": "EAI_NODATA",
    "again": "EAI_AGAIN",
    "fail": "EAI_FAIL",
    "timeout": "no answer in time",
    "label_invalid": "no name that could be asked for",
    "other_error": "",
}
LOOKUP_EVIDENCE = (
    texts("addresses", "in the order given"),
    whole("errno", "EAI number"),
    text("text", "what the library says"),
)

OPERATIONS = (
    Operation(
        "dns",
        "hosts_file",
        "name",
        "The name is looked up in this machine's hosts file.",
        {"ok": "it lists the name", "absent": ""},
        (texts("addresses", "that it gives"), text("path", "the file")),
    ),
    Operation(
        "dns",
        "resolver_config",
        "system",
        "Which nameservers does this machine ask?",
        {"ok": "", "empty": "none", "too_many_files": "this process may open nothing more"},
        (texts("nameservers"), texts("search", "the search list"), text("source", "the file, or registry")),
    ),
    Operation(
        "dns",
        "system_lookup",
        "name",
        "The name is resolved as every program does it: getaddrinfo.",
        LOOKUP_OUTCOMES,
        LOOKUP_EVIDENCE,
    ),
    Operation(
        "dns",
        "query",
        "name TYPE @nameserver",
        "One nameserver is asked one question, once.",
        {
            "ok": "",
            "nxdomain": "there is no such name",
            "nodata": "the name has no record of the type",
            "servfail": "",
            "refused": "",
            "formerr": "",
            "notimp": "",
            "other_rcode": "",
            "timeout": "",
            "port_closed": "ICMP port unreachable, or RST",
            "unreachable": "not sent, or no way there",
            "truncated": "the answer does not fit UDP",
            "wrong_id": "an answer to another question, or from an address that was not asked",
            "malformed": "",
            "closed": "TCP: before the whole answer",
            "label_invalid": "nothing was sent",
        },
        (
            text("name", "asked for"),
            text("rdtype", "record type"),
            text("nameserver", "its address"),
            text("transport", "", "udp", "tcp"),
            text("rcode", "its name, e.g. SERVFAIL"),
            texts("addresses", "in the answer"),
            Key("cnames", ListOf(ListOf("text")), "owner and target of each link"),
            flag("cname_loop", "the links go in a circle"),
            text("authority_soa", "the zone that says so: owner of the SOA"),
            texts("ede", "extended errors (RFC 8914)"),
            number("rtt_ms", "until the answer", "ms"),
            text("replied_from", "of wrong_id: an address that was not asked"),
            *ERRNO,
            ICMP,
            flag("immediate", "this machine refused to send"),
            text("local_address", "this end's address"),
        ),
        {
            "address": "the client's own question",
            "random_label": "a name that cannot be there: does somebody answer for every name?",
            "cd_bit": "without DNSSEC validation",
            "no_edns": "without EDNS",
            "tcp_retry": "over TCP",
            "search": "with a suffix of the search list",
            "again": "after silence, from whatever address an answer comes",
        },
    ),
)

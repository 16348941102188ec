"""Faults of names and paths that meet each other, or look like one another; rows of the table of scenarios."""

from __future__ import annotations

from lab.faults import (
    Fault,
    Filter,
    ForgottenNeighbours,
    HostsFile,
    Nameserver,
    ResolverConfiguration,
    Route,
    Without,
)
from lab.scenario import Scenario
from lab.topology import (
    CLIENT,
    FAULTY,
    FAULTY_6,
    HEALTHY,
    NAMESERVER,
    NO_NAMESERVER,
    NOBODY,
    OTHER_NAMESERVER,
    SIX,
)

_DROPPED = Filter("router1", "forward", ("tcp dport 443 drop",))
_FIRST_SILENT = (
    Filter("router1", "input", (f"ip daddr {OTHER_NAMESERVER} udp dport 53 drop",)),
    ResolverConfiguration((OTHER_NAMESERVER, NAMESERVER)),
)
_OUT_OF_REACH = "10.99.9.9"
_FIVE_S = ("--connect-timeout", "5", "--read-timeout", "3", "--max-time", "30")
_PATCHED = "https://patched.lab.test/webapi"
_DUAL = "https://dual.lab.test/webapi"


def _zone(entry: object, *second: str, options: str = "timeout:1 attempts:1") -> tuple[Fault, ...]:
    """Let a nameserver of the scenario's own know ``patched.lab.test``."""
    return (
        Nameserver({"patched.lab.test": entry}),
        ResolverConfiguration((NO_NAMESERVER, *second), options),
    )


TWO_AT_ONCE = (
    Scenario(
        "two faults: the first nameserver is dead and SYN is dropped",
        "tcp.syn_dropped",
        "the slow lookup succeeds; what stops the client is the filter",
        "connect_tcp TimeoutError",
        (*_FIRST_SILENT, _DROPPED),
    ),
    Scenario(
        "two faults: the first nameserver is dead and the second does not know the name",
        "dns.nxdomain",
        "the second one's answer is what the client gets",
        "connect_tcp EAI_NONAME",
        _FIRST_SILENT,
        url="https://absent.lab.test/webapi",
    ),
    Scenario(
        "two faults: IPv6 is prohibited here and IPv4 is dropped on the way",
        "tcp.syn_dropped",
        "without the local rule the client would still not get through; IPv4 is what counts",
        "connect_tcp TimeoutError|connect_tcp EACCES",
        (Route("prohibit fd91:3::10"), _DROPPED),
        url=_DUAL,
    ),
    Scenario(
        "two faults: no IPv6 route and IPv4 is dropped",
        "tcp.syn_dropped",
        "a missing IPv6 route stops nobody who has IPv4",
        "connect_tcp TimeoutError|connect_tcp ENETUNREACH",
        (Without("default via fd91:1::1"), _DROPPED),
        url=_DUAL,
    ),
    Scenario(
        "two faults: one address dead, one refusing, one good",
        "dns.stale_or_partial_set",
        "works, with two addresses that should not be published",
        "ok|connect_tcp ECONNREFUSED",
        (ForgottenNeighbours(), *_zone([HEALTHY, NOBODY, FAULTY])),
        url=_PATCHED,
        status="degraded",
    ),
    Scenario(
        "two faults: the hosts file names an address that refuses",
        "dns.hosts_override",
        "refused by the host, but it is the wrong host",
        "connect_tcp ECONNREFUSED",
        (HostsFile((f"{FAULTY} ayx.lab.test",)),),
    ),
)

HALF_DEAD = (
    Scenario(
        "half dead: the address of nobody, waited for until the router says so",
        "dns.stale_or_partial_set",
        "EHOSTUNREACH after three seconds is as dead as a timeout",
        "ok",
        (ForgottenNeighbours(),),
        url="https://half.lab.test/webapi",
        options=_FIVE_S,
        status="degraded",
    ),
    Scenario(
        "half dead: a router prohibits one of two addresses",
        "dns.stale_or_partial_set",
        "the other address of the same family works",
        "ok",
        (
            Filter("router1", "forward", (f"ip daddr {SIX[0]} tcp dport 443 reject with icmp type admin-prohibited",)),
            *_zone([HEALTHY, SIX[0]]),
        ),
        url=_PATCHED,
        status="degraded",
    ),
    Scenario(
        "half dead: IPv4 is dropped and IPv6 works",
        "dns.stale_or_partial_set",
        "the mirror image of a black hole for IPv6",
        "ok|connect_tcp TimeoutError",
        (Filter("router1", "forward", ("meta nfproto ipv4 tcp dport 443 drop",)),),
        url=_DUAL,
        status="degraded",
    ),
    Scenario(
        "half dead: nothing listens on the IPv6 address",
        "dns.stale_or_partial_set",
        "refused at once, so clients lose no time, but it is published",
        "ok|connect_tcp ECONNREFUSED",
        _zone([HEALTHY, FAULTY_6]),
        url=_PATCHED,
        status="degraded",
    ),
)

NAMES = (
    Scenario(
        "names: a search suffix makes another name of it",
        "dns.search_suffix_trap",
        "the host of the longer name refuses; the name itself is right",
        "connect_tcp ECONNREFUSED",
        (
            Nameserver({"*.corp.test": FAULTY}),
            ResolverConfiguration((NO_NAMESERVER,), "timeout:1 attempts:1 ndots:5", "corp.test"),
        ),
    ),
    Scenario(
        "names: the first nameserver does not know it, the second does",
        "dns.nxdomain",
        "the system believes the first answer; the report names the nameserver that knows better",
        "connect_tcp EAI_NONAME",
        _zone("nxdomain", NAMESERVER),
        url=_PATCHED,
    ),
    Scenario(
        "names: IPv4 does not exist and IPv6 fails",
        "dns.servfail",
        "an empty answer for A proves nothing while the answer for AAAA is SERVFAIL",
        "connect_tcp EAI_NODATA|connect_tcp EAI_AGAIN",
        _zone({"a": [], "behaviour": "servfail", "only": ["AAAA"]}),
        url=_PATCHED,
    ),
    Scenario(
        "names: slow but right",
        None,
        "no answer for more than three seconds, then the right one: the client waits as well, and gets through",
        "ok",
        _zone({"a": [HEALTHY], "delay_s": 3.2}, options="timeout:5 attempts:2"),
        url=_PATCHED,
    ),
    Scenario(
        "names: only UDP port 53 is dropped",
        "dns.timeout",
        "TCP port 53 answers, but the client asks over UDP",
        "connect_tcp EAI_AGAIN",
        (Filter("router1", "input", ("udp dport 53 drop",)),),
    ),
    Scenario(
        "names: two nameservers with the system's own patience, both silent",
        "dns.timeout",
        "getaddrinfo would take twenty seconds",
        "connect_tcp EAI_AGAIN",
        (
            Filter("router1", "input", ("udp dport 53 drop", "tcp dport 53 drop")),
            ResolverConfiguration((NAMESERVER, OTHER_NAMESERVER), ""),
        ),
        options=("--max-time", "3"),
        within_s=4.5,
    ),
    Scenario(
        "names: a router has no route to the nameserver",
        "dns.timeout",
        "ENETUNREACH, but a router said so: this machine has a route",
        "connect_tcp EAI_AGAIN",
        (ResolverConfiguration((_OUT_OF_REACH,)),),
    ),
    Scenario(
        "names: nobody has the nameserver's address",
        "dns.timeout",
        "EHOSTUNREACH after three seconds, from the last router",
        "connect_tcp EAI_AGAIN",
        (ForgottenNeighbours(), ResolverConfiguration((NOBODY,))),
    ),
    Scenario(
        "names: a prohibit route covers the nameserver",
        "local.prohibit_route",
        "EACCES at sending, no packet leaves",
        "connect_tcp EAI_AGAIN",
        (Route(f"prohibit {_OUT_OF_REACH}"), ResolverConfiguration((_OUT_OF_REACH,))),
    ),
    Scenario(
        "names: the client's own firewall rejects DNS",
        "local.firewall_reject",
        "EPERM at sending as for a drop, and an ICMP error in the socket's queue",
        "connect_tcp EAI_AGAIN",
        (Filter("client", "output", ("udp dport 53 reject with icmpx type admin-prohibited",)),),
    ),
    Scenario(
        "names: -6 and only an IPv4 address",
        "dns.nodata",
        "no address of the wanted family is no health",
        "ok",
        options=("-6", "--max-time", "10"),
    ),
)

PATHS = (
    Scenario(
        "paths: the SYN/ACK is lost on the way back",
        "tcp.syn_dropped",
        "looks like a SYN that is lost on the way there",
        "connect_tcp TimeoutError",
        (Filter("router2", "forward", ("tcp sport 443 drop",)),),
    ),
    Scenario(
        "paths: the first router drops before it counts the hop",
        "tcp.syn_dropped",
        "silent at TTL 1 as a firewall of the client's own is, but the kernel could send the repeated SYN",
        "connect_tcp TimeoutError",
        (Filter("router1", "prerouting", ("tcp dport 443 drop",)),),
    ),
    Scenario(
        "paths: this machine itself is the address, and nothing listens",
        "tcp.refused_localhost",
        "refused by the client's own address",
        "connect_tcp ECONNREFUSED",
        url=f"https://{CLIENT}/webapi",
    ),
    Scenario(
        "paths: ICMPv6 from router 2 says that there is no route",
        "tcp.no_route_icmp",
        "ICMPv6 1/0 whose offender is router 2; it may arrive while connect() still holds the socket",
        "connect_tcp ENETUNREACH|connect_tcp TimeoutError",
        (Filter("router2", "forward", ("tcp dport 443 reject with icmpv6 type no-route",)),),
        url="https://v6only.lab.test/webapi",
    ),
    Scenario(
        "paths: the budget ends before anything answers",
        "tcp.syn_dropped",
        "--max-time cuts the connect timeout short, and the verdict is there in time",
        "connect_tcp TimeoutError",
        (_DROPPED,),
        options=("--max-time", "3"),
        within_s=4.0,
    ),
)

SCENARIOS_NETWORK: tuple[Scenario, ...] = (*TWO_AT_ONCE, *HALF_DEAD, *NAMES, *PATHS)

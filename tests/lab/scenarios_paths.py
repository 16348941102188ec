"""Faults of paths and of this machine that were first met in other topologies; rows of the table of scenarios."""

from __future__ import annotations

from lab.faults import (
    Filter,
    ForgottenNeighbours,
    HostsFile,
    Nameserver,
    ResolverConfiguration,
    Route,
    StandIn,
    Without,
)
from lab.scenario import Scenario
from lab.topology import FAULTY, FAULTY_6, HEALTHY, NAMESERVER, NO_NAMESERVER, NOBODY

_EVERY_PORT = "ip daddr 10.91.3.0/24 meta l4proto tcp reject with tcp reset"

SCENARIOS_PATHS: tuple[Scenario, ...] = (
    Scenario(
        "this machine's firewall resets",
        "local.firewall_reject",
        "an RST as from a host, but no SYN ever left: the interfaces' counters stand still",
        "connect_tcp ECONNREFUSED",
        (Filter("client", "output", ("tcp dport 443 reject with tcp reset",)),),
    ),
    Scenario(
        "router 1 resets every port of the Server",
        "tcp.refused_by_middlebox",
        "no port tells how far the host is, a datagram does",
        "connect_tcp ECONNREFUSED",
        (Filter("router1", "forward", (_EVERY_PORT,)),),
    ),
    Scenario(
        "nobody has the address, and the client is impatient",
        "tcp.dead_host",
        "the last router says so after three seconds, when the client has given up",
        "connect_tcp TimeoutError",
        (ForgottenNeighbours(),),
        url="https://nobody.lab.test/webapi",
    ),
    Scenario(
        "the routers send the packet back and forth, and one of them keeps quiet",
        "tcp.routing_loop",
        "the other one comes back at every second hop",
        "connect_tcp TimeoutError|connect_tcp EHOSTUNREACH",
        (Route(f"{HEALTHY} via 10.91.2.1", "router2"), Filter("router2", "output", ("meta l4proto icmp drop",))),
    ),
    Scenario(
        "an IPv6 address in the URL and no IPv6 here",
        "local.no_ipv6_route",
        "IPv4 has its route: the machine is on the network, only not on that one",
        "connect_tcp ENETUNREACH",
        (Without("default via fd91:1::1"),),
        url=f"https://[{FAULTY_6}]/webapi",
    ),
    Scenario(
        "the first nameserver's address belongs to nobody",
        "dns.first_ns_dead",
        "a router says so after three seconds, which every lookup waits for",
        "ok",
        (ForgottenNeighbours(), ResolverConfiguration((NOBODY, NAMESERVER), "timeout:5 attempts:1")),
        status="degraded",
    ),
    Scenario(
        "what is sent over an open connection never arrives",
        "tcp.path_died_in_flight",
        "neither a ClientHello with or without a name nor plain text is acknowledged, so that no filter of TLS does it",
        "start_tls TimeoutError",
        (Filter("router2", "forward", ("tcp dport 443 tcp flags & psh == psh drop",)),),
    ),
    Scenario(
        "every fourth packet to the Server gets lost",
        "tcp.loss_or_throttle",
        "connects to two ports need repeated SYNs; the Server's listen queue would concern one of them",
        "ok",
        (Filter("router2", "forward", ("ip daddr 10.91.3.0/24 tcp dport { 80, 443 } numgen inc mod 4 == 2 drop",)),),
        status="degraded",
    ),
    Scenario(
        "the hosts file leads to a machine with another name's certificate",
        "dns.hosts_override",
        "the certificate is right for that machine; the nameservers send the client to another one, which accepts",
        "start_tls verify 62",
        (HostsFile((f"{FAULTY} ayx.lab.test",)), StandIn(certificate="wrong_host")),
    ),
    Scenario(
        "the first nameserver sees the public side of the Server",
        "dns.split_horizon_mismatch",
        "its address is silent; the second one's is private and accepts connections",
        "connect_tcp EHOSTUNREACH|connect_tcp ENETUNREACH|connect_tcp TimeoutError",
        (
            Nameserver({"ayx.lab.test": "203.0.113.9"}),
            ResolverConfiguration((NO_NAMESERVER, NAMESERVER)),
            Route("blackhole 203.0.113.9", "router1"),
        ),
    ),
    Scenario(
        "two faults: a blank in the secret and SYN dropped",
        "config.whitespace",
        "the secret is wrong whatever the network does, and without it the way can be examined all the same",
        "connect_tcp TimeoutError",
        (Filter("router1", "forward", ("tcp dport 443 drop",)),),
        environment={"ALTERYX_CLIENT_SECRET": "wrong "},
        finds="tcp.syn_dropped",
    ),
)

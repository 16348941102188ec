"""What a scenario does to the lab; each fault is data, applied for the length of one ``with`` block."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import TYPE_CHECKING, Any, Literal, Protocol

from lab import topology
from lab.topology import Node

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from lab.laboratory import Laboratory

_numbers = count(1)


class Fault(Protocol):
    """Something that can be done to the lab and undone."""

    def applied(self, lab: Laboratory) -> AbstractContextManager[None]:
        """Do it for the length of the block."""
        ...


@dataclass(frozen=True)
class Filter:
    """nftables rules at one node.

    Attributes:
        node: Where.
        hook: ``forward`` for what passes through a router, ``input`` and ``output`` for the node's own traffic.
        rules: As in an nftables chain, family ``inet``.
    """

    node: Node
    hook: Literal["forward", "input", "output", "prerouting"]
    rules: tuple[str, ...]

    @contextmanager
    def applied(self, lab: Laboratory) -> Iterator[None]:
        table = f"fault{next(_numbers)}"
        rules = "\n".join(self.rules)
        chain = f"type filter hook {self.hook} priority 0; policy accept;\n{rules}"
        lab.topology.nft(self.node, f"table inet {table} {{\nchain rules {{\n{chain}\n}}\n}}\n")
        try:
            yield
        finally:
            lab.topology.nft(self.node, f"delete table inet {table}\n")


@dataclass(frozen=True)
class Route:
    """A route at one node, as ``ip route add`` takes it: ``blackhole 10.91.3.20``."""

    route: str
    node: Node = "client"

    @contextmanager
    def applied(self, lab: Laboratory) -> Iterator[None]:
        family = "-6 " if ":" in self.route else ""
        lab.topology.ip(self.node, f"{family}route add {self.route}")
        try:
            yield
        finally:
            lab.topology.ip(self.node, f"{family}route del {self.route}")


@dataclass(frozen=True)
class Without:
    """A route of the lab that is missing, as ``ip route del`` takes it."""

    route: str
    node: Node = "client"

    @contextmanager
    def applied(self, lab: Laboratory) -> Iterator[None]:
        family = "-6 " if ":" in self.route else ""
        lab.topology.ip(self.node, f"{family}route del {self.route}")
        try:
            yield
        finally:
            lab.topology.ip(self.node, f"{family}route add {self.route}")


@dataclass(frozen=True)
class ForgetfulFirewall:
    """Router 1 lets through what belongs to a connection that it knows, and forgets one that is idle for so long."""

    after_s: int = 1

    @contextmanager
    def applied(self, lab: Laboratory) -> Iterator[None]:
        known = "tcp dport 443 ct state new tcp flags & (syn|ack|rst) != syn drop"
        with (
            Filter("router1", "forward", (known, "ct state invalid drop")).applied(lab),
            lab.kernel_setting("router1", "net/netfilter/nf_conntrack_tcp_loose", "0"),
            lab.kernel_setting("router1", "net/netfilter/nf_conntrack_tcp_timeout_established", str(self.after_s)),
        ):
            yield


@dataclass(frozen=True)
class NoPortLeft:
    """Every local port that the client may use is taken by a connection to one address.

    Attributes:
        address: Where the connections lead.
        ports: The client's whole range of local ports.
    """

    address: str
    ports: tuple[int, int] = (50000, 50001)

    @contextmanager
    def applied(self, lab: Laboratory) -> Iterator[None]:
        first, last = self.ports
        with (
            lab.kernel_setting("client", "net/ipv4/ip_local_port_range", f"{first}\t{last}"),
            lab.connections("client", self.address, range(first, last + 1)),
        ):
            yield


@dataclass(frozen=True)
class Mtu:
    """A smaller MTU between the routers."""

    octets: int = 1280

    @contextmanager
    def applied(self, lab: Laboratory) -> Iterator[None]:
        ends: tuple[tuple[Node, str], ...] = (("router1", "m1"), ("router2", "m2"))
        for node, interface in ends:
            lab.topology.ip(node, f"link set {interface} mtu {self.octets}")
        try:
            yield
        finally:
            for node, interface in ends:
                lab.topology.ip(node, f"link set {interface} mtu 1500")
            for node in topology.NODES:
                lab.topology.ip(node, "route flush cache")


@dataclass(frozen=True)
class ForgottenNeighbours:
    """Router 2 starts without ARP entries: otherwise an earlier scenario's failed one answers at once."""

    @contextmanager
    def applied(self, lab: Laboratory) -> Iterator[None]:
        lab.topology.ip("router2", "neigh flush dev s2")
        yield


@dataclass(frozen=True)
class Server:
    """A faulty server: a behaviour of ``ayx_simulator.faulty`` with a certificate of ``ayx_simulator.certificates``."""

    behaviour: str
    certificate: str | None = None
    address: str = topology.FAULTY
    port: int = 443

    @contextmanager
    def applied(self, lab: Laboratory) -> Iterator[None]:
        command = ["ayx_simulator.faulty", self.behaviour, "--bind", self.address, "--port", str(self.port)]
        with lab.serving("server", [*command, *lab.certificate_options(self.certificate)]):
            yield


@dataclass(frozen=True)
class Gateway:
    """Router 1 takes every connection to port 443 itself, whatever the address: a behaviour of a faulty server."""

    behaviour: str

    @contextmanager
    def applied(self, lab: Laboratory) -> Iterator[None]:
        table = f"fault{next(_numbers)}"
        chain = "type nat hook prerouting priority dstnat;\ntcp dport 443 redirect to :8443"
        lab.topology.nft("router1", f"table ip {table} {{\nchain rules {{\n{chain}\n}}\n}}\n")
        try:
            command = ["ayx_simulator.faulty", self.behaviour, "--bind", "0.0.0.0", "--port", "8443"]
            with lab.serving("router1", command):
                yield
        finally:
            lab.topology.nft("router1", f"delete table ip {table}\n")


@dataclass(frozen=True)
class StandIn:
    """A stand-in Server with faults of its own, as ``python -m ayx_simulator --fault`` takes them.

    Without a certificate it speaks plain HTTP on port 80.
    """

    faults: tuple[str, ...] = ()
    certificate: str | None = "good"
    host: str = "fault.lab.test"
    address: str = topology.FAULTY

    @contextmanager
    def applied(self, lab: Laboratory) -> Iterator[None]:
        with lab.stand_in(self.host, self.address, self.certificate, self.faults):
            yield


@dataclass(frozen=True)
class Proxy:
    """A faulty proxy on router 1: a behaviour of ``ayx_simulator.proxy``.

    Attributes:
        behaviour: What it does.
        credentials: ``user:password`` that a working one demands.
        challenges: Its ``Proxy-Authenticate`` lines.
        names: Where hosts are for this proxy, beside those that the lab's zone has.
    """

    behaviour: str = "working"
    credentials: str | None = None
    challenges: tuple[str, ...] = ()
    names: Mapping[str, str] = field(default_factory=dict)

    @contextmanager
    def applied(self, lab: Laboratory) -> Iterator[None]:
        command = ["ayx_simulator.proxy", self.behaviour, "--bind", topology.FAULTY_PROXY, "--port", "3128"]
        command += lab.proxy_names(self.names)
        if self.credentials is not None:
            command += ["--credentials", self.credentials]
        for challenge in self.challenges:
            command += ["--challenge", challenge]
        with lab.serving("router1", command):
            yield


@dataclass(frozen=True)
class Nameserver:
    """A nameserver of the scenario's own on router 1, where the lab has none.

    Attributes:
        zone: What it knows, beside the lab's zone.
        options: Further options of ``python -m ayx_simulator.dns``.
    """

    zone: Mapping[str, Any] = field(default_factory=dict)
    options: tuple[str, ...] = ()

    @contextmanager
    def applied(self, lab: Laboratory) -> Iterator[None]:
        with lab.nameserver(topology.NO_NAMESERVER, self.zone, self.options):
            yield


@dataclass(frozen=True)
class ResolverConfiguration:
    """Other nameservers in the client's ``resolv.conf``, or other options."""

    nameservers: tuple[str, ...]
    options: str = "timeout:1 attempts:1"
    search: str | None = None

    @contextmanager
    def applied(self, lab: Laboratory) -> Iterator[None]:
        lines = [f"nameserver {address}" for address in self.nameservers]
        lines += [f"options {self.options}"] if self.options else []
        lines += [f"search {self.search}"] if self.search else []
        with lab.file_over_etc("resolv.conf", "\n".join(lines) + "\n"):
            yield


@dataclass(frozen=True)
class HostsFile:
    """Lines in the client's hosts file."""

    lines: tuple[str, ...]

    @contextmanager
    def applied(self, lab: Laboratory) -> Iterator[None]:
        with lab.file_over_etc("hosts", "\n".join(("127.0.0.1 localhost", "::1 localhost", *self.lines)) + "\n"):
            yield


def zone_file(zone: Mapping[str, Any]) -> str:
    """Return a zone as ``python -m ayx_simulator.dns --zone`` reads it."""
    return json.dumps(zone)

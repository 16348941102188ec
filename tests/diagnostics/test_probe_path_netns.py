"""Probes across two real routers with real firewalls: client - r1 - r2 - server, each a network namespace."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest

pytestmark = pytest.mark.netns

CLIENT, R1_NEAR, R1_FAR, R2_NEAR, R2_FAR, SERVER = (
    "10.91.1.2",
    "10.91.1.1",
    "10.91.2.1",
    "10.91.2.2",
    "10.91.3.1",
    "10.91.3.2",
)
SERVER_6 = "fd91:3::2"

#: Runs in the client's namespace: one probe, as JSON.
PROBE = """
import dataclasses, json, sys
from ayx_diagnostics.network.system import SystemNetwork
from ayx_diagnostics.probes import dns_query, dns_system, local, path, tcp
module, function, arguments, options = json.loads(sys.argv[1])
seen = getattr(globals()[module], function)(SystemNetwork(), *arguments, **options)
seen = seen[0] if isinstance(seen, tuple) else seen
print(json.dumps({**dataclasses.asdict(seen), "evidence": dict(seen.evidence)}))
"""

LISTENER = """
import socket
listener = socket.create_server(("::", 443), family=socket.AF_INET6, dualstack_ipv6=True)
print("ready", flush=True)
while True:
    listener.accept()[0].close()
"""


def run(*command: str, stdin: str | None = None) -> str:
    done = subprocess.run(command, input=stdin, capture_output=True, text=True, check=False, timeout=20)
    assert done.returncode == 0, f"{' '.join(command)}: {done.stderr}"
    return done.stdout


class Lab:
    """Four namespaces in a line."""

    def __init__(self) -> None:
        self.names = {name: f"ayx{os.getpid()}{name}" for name in ("cl", "r1", "r2", "sv")}

    def build(self) -> None:
        for name in self.names.values():
            run("ip", "netns", "add", name)
            run("ip", "-n", name, "link", "set", "lo", "up")
            # Addresses are usable at once, without a second of duplicate address detection.
            run("ip", "netns", "exec", name, "sysctl", "-qw", "net.ipv6.conf.default.accept_dad=0")
        for number, (left, right) in enumerate((("cl", "r1"), ("r1", "r2"), ("r2", "sv")), start=1):
            # The client has .2 on the first link, the server on the last; between routers .1 is the nearer one.
            left_host, right_host = (2, 1) if number == 1 else (1, 2)
            near, far = f"{self.names[left]}b", f"{self.names[right]}a"
            run(
                "ip",
                "link",
                "add",
                near[-15:],
                "netns",
                self.names[left],
                "type",
                "veth",
                "peer",
                far[-15:],
                "netns",
                self.names[right],
            )
            for node, link, host in ((left, near, left_host), (right, far, right_host)):
                self.ip(node, "addr", "add", f"10.91.{number}.{host}/24", "dev", link[-15:])
                self.ip(node, "addr", "add", f"fd91:{number}::{host}/64", "dev", link[-15:], "nodad")
                self.ip(node, "link", "set", link[-15:], "up")
        for node, gateways in (
            ("cl", [("default", 1, 1)]),
            ("r1", [("3", 2, 2)]),
            ("r2", [("1", 2, 1)]),
            ("sv", [("default", 3, 1)]),
        ):
            for destination, number, host in gateways:
                net4 = destination if destination == "default" else f"10.91.{destination}.0/24"
                net6 = destination if destination == "default" else f"fd91:{destination}::/64"
                self.ip(node, "route", "add", net4, "via", f"10.91.{number}.{host}")
                self.ip(node, "-6", "route", "add", net6, "via", f"fd91:{number}::{host}")
        for router in ("r1", "r2"):
            for setting in (
                "net.ipv4.ip_forward=1",
                "net.ipv6.conf.all.forwarding=1",
                "net.ipv4.icmp_ratemask=0",
                "net.ipv6.icmp.ratelimit=0",
            ):
                self.inside(router, "sysctl", "-qw", setting)

    def remove(self) -> None:
        for name in self.names.values():
            subprocess.run(["ip", "netns", "del", name], capture_output=True, check=False, timeout=20)

    def ip(self, node: str, *arguments: str) -> None:
        run("ip", "-n", self.names[node], *arguments)

    def inside(self, node: str, *command: str, stdin: str | None = None) -> str:
        return run("ip", "netns", "exec", self.names[node], *command, stdin=stdin)

    def filter(self, node: str, hook: str, *rules: str) -> None:
        """Replace a node's firewall."""
        lines = [
            "flush ruleset",
            "table inet t {",
            "chain c {",
            f"type filter hook {hook} priority 0",
            *rules,
            "}",
            "}",
        ]
        self.inside(node, "nft", "-f", "-", stdin="\n".join(lines) + "\n")

    def open(self) -> None:
        """Remove all firewalls."""
        for node in self.names:
            self.inside(node, "nft", "flush", "ruleset")

    def probe(self, module: str, function: str, *arguments: Any, **options: Any) -> dict[str, Any]:
        """Run one probe on the client, without privileges."""
        call = json.dumps([module, function, arguments, options])
        command = ["setpriv", "--reuid=65534", "--clear-groups", sys.executable, "-c", PROBE, call]
        seen: dict[str, Any] = json.loads(self.inside("cl", *command))
        return seen


@pytest.fixture(scope="module")
def built_lab() -> Iterator[Lab]:
    if sys.platform != "linux" or os.geteuid() != 0 or not all(map(shutil.which, ("ip", "nft", "sysctl", "setpriv"))):
        pytest.skip("needs root, ip, nft, sysctl and setpriv")
    unprivileged = ["setpriv", "--reuid=65534", "--clear-groups", sys.executable, "-c", "import ayx_diagnostics"]
    if subprocess.run(unprivileged, capture_output=True, check=False).returncode:
        pytest.skip("an unprivileged user may not read this Python")
    lab = Lab()
    try:
        try:
            lab.build()
            lab.open()
        except AssertionError as error:
            pytest.skip(f"no network namespaces here: {error}")
        with subprocess.Popen(
            ["ip", "netns", "exec", lab.names["sv"], sys.executable, "-c", LISTENER], stdout=subprocess.PIPE
        ) as server:
            try:
                assert server.stdout is not None
                assert server.stdout.readline() == b"ready\n"
                for address in (SERVER, SERVER_6):  # neighbours find each other before anything is timed
                    lab.probe("tcp", "connect", address, 443, timeout_s=5)
                yield lab
            finally:
                server.kill()  # else leaving the block would wait for it for ever
    finally:
        lab.remove()


@pytest.fixture
def lab(built_lab: Lab) -> Iterator[Lab]:
    yield built_lab
    built_lab.open()


def responders(seen: dict[str, Any]) -> list[str | None]:
    return [hop["responder"] for hop in seen["evidence"]["hops"]]


@pytest.mark.parametrize(
    ("server", "routers", "exceeded"),
    [(SERVER, [R1_NEAR, R2_NEAR], (11, 0)), (SERVER_6, ["fd91:1::1", "fd91:2::2"], (3, 0))],
    ids=["ipv4", "ipv6"],
)
def test_the_ladder_names_both_routers_and_the_server(
    lab: Lab, server: str, routers: list[str], exceeded: tuple[int, int]
) -> None:
    seen = lab.probe("path", "path", server, 443, max_ttl=20, timeout_s=3)
    assert seen["outcome"] == "ok"
    assert responders(seen) == [*routers, server]
    assert seen["evidence"]["reached_ttl"] == 3
    hops = seen["evidence"]["hops"]
    assert [(hop["icmp_type"], hop["icmp_code"]) for hop in hops] == [exceeded, exceeded, (None, None)]
    assert seen["duration_s"] < 1


def test_a_router_that_drops_syns(lab: Lab) -> None:
    lab.filter("r2", "forward", "tcp dport 443 drop")
    seen = lab.probe("tcp", "connect", SERVER, 443, timeout_s=0.3)
    assert seen["outcome"] == "timeout"
    assert seen["evidence"]["local_address"] == CLIENT
    assert "icmp" not in seen["evidence"]
    ladder = lab.probe("path", "path", SERVER, 443, max_ttl=5, timeout_s=0.5)
    assert ladder["outcome"] == "silent"
    assert responders(ladder) == [R1_NEAR, R2_NEAR, None, None, None]
    assert ladder["evidence"]["last_responder"] == R2_NEAR
    assert ladder["evidence"]["silent_from"] == 3
    control = lab.probe("path", "path", SERVER, 80, max_ttl=5, timeout_s=0.5)
    assert (control["outcome"], control["evidence"]["reached_ttl"]) == ("ok", 3)


@pytest.mark.parametrize(
    ("server", "outcome", "icmp"),
    [
        (SERVER, "host_unreachable", {"type": 3, "code": 13, "offender": R2_NEAR, "origin": "icmp"}),
        (SERVER_6, "permission_denied", {"type": 1, "code": 1, "offender": "fd91:2::2", "origin": "icmp6"}),
    ],
    ids=["ipv4", "ipv6"],
)
def test_a_router_that_rejects_says_who_it_is(lab: Lab, server: str, outcome: str, icmp: dict[str, Any]) -> None:
    lab.filter("r2", "forward", "tcp dport 443 reject with icmpx type admin-prohibited")
    seen = lab.probe("tcp", "connect", server, 443, timeout_s=3)
    assert seen["outcome"] == outcome
    assert icmp.items() <= seen["evidence"]["icmp"].items()
    assert seen["duration_s"] < 0.5
    ladder = lab.probe("path", "path", server, 443, max_ttl=20, timeout_s=3)
    assert ladder["outcome"] == "silent"
    assert ladder["evidence"]["last_responder"] == icmp["offender"]
    assert len(ladder["evidence"]["hops"]) == 3
    assert ladder["duration_s"] < 1.5


def test_a_router_that_resets(lab: Lab) -> None:
    lab.filter("r1", "forward", "tcp dport 443 reject with tcp reset")
    assert lab.probe("tcp", "connect", SERVER, 443, timeout_s=3)["outcome"] == "refused"
    ladder = lab.probe("path", "path", SERVER, 443, max_ttl=20, timeout_s=3)
    assert ladder["evidence"]["reached_ttl"] == 2  # nearer than the server, which is three hops away


def test_this_machines_own_firewall_is_told_by_its_address(lab: Lab) -> None:
    lab.filter("cl", "output", "tcp dport 443 reject with icmpx type admin-prohibited")
    seen = lab.probe("tcp", "connect", SERVER, 443, timeout_s=3)
    assert seen["outcome"] == "host_unreachable"
    assert seen["evidence"]["icmp"]["offender"] == seen["evidence"]["local_address"] == CLIENT
    ladder = lab.probe("path", "path", SERVER, 443, max_ttl=20, timeout_s=3)
    assert responders(ladder) == [CLIENT]


@pytest.mark.parametrize(
    ("kind", "outcome"),
    [("prohibit", "permission_denied"), ("blackhole", "invalid_argument"), ("unreachable", "host_unreachable")],
)
def test_routes_that_refuse(lab: Lab, kind: str, outcome: str) -> None:
    lab.ip("cl", "route", "add", kind, "10.91.77.7")
    try:
        seen = lab.probe("tcp", "connect", "10.91.77.7", 443, timeout_s=3)
        source = lab.probe("local", "source_address", "10.91.77.7")
    finally:
        lab.ip("cl", "route", "del", kind, "10.91.77.7")
    assert seen["outcome"] == source["outcome"] == outcome
    assert seen["evidence"]["immediate"] is True
    assert "icmp" not in seen["evidence"]


def test_a_dead_host_is_told_by_the_last_router_after_three_seconds(lab: Lab) -> None:
    ladder = lab.probe("path", "path", "10.91.3.77", 443, max_ttl=5, timeout_s=5)
    assert ladder["outcome"] == "silent"
    assert responders(ladder) == [R1_NEAR, R2_NEAR, R2_NEAR]
    last = ladder["evidence"]["hops"][-1]
    assert (last["icmp_type"], last["icmp_code"], last["errno_name"]) == (3, 1, "EHOSTUNREACH")
    assert 2 < ladder["duration_s"] < 4.5


def test_a_nameserver_that_no_router_reaches(lab: Lab) -> None:
    seen = lab.probe("dns_query", "query", "x.test", "A", "10.91.99.53", timeout_s=3)
    assert seen["outcome"] == "unreachable"
    assert seen["evidence"]["errno_name"] == "ENETUNREACH"
    assert seen["evidence"]["immediate"] is False
    assert seen["evidence"]["icmp"]["offender"] == R1_NEAR
    assert seen["duration_s"] < 1


@pytest.mark.parametrize(("rule", "told"), [("udp dport 53 drop", False), ("udp dport 53 reject", True)])
def test_a_question_that_this_machines_own_firewall_stops(lab: Lab, rule: str, told: bool) -> None:
    lab.filter("cl", "output", rule)
    seen = lab.probe("dns_query", "query", "x.test", "A", SERVER, timeout_s=2)
    assert seen["outcome"] == "unreachable"
    assert seen["evidence"]["errno_name"] == "EPERM"
    assert seen["evidence"]["immediate"] is True
    assert ("icmp" in seen["evidence"]) is told
    assert seen["duration_s"] < 1


@pytest.mark.parametrize(("node", "hook", "left"), [("cl", "output", False), ("r1", "forward", True)])
def test_the_kernel_counts_what_it_could_not_send(lab: Lab, node: str, hook: str, left: bool) -> None:
    lab.filter(node, hook, "tcp dport 443 drop")
    seen = lab.probe("tcp", "connect", SERVER, 443, timeout_s=1.4)
    assert seen["outcome"] == "timeout"
    assert seen["evidence"]["tcp_info"]["total_retrans"] == 1
    assert (seen["evidence"]["send_failures"] == 0) is left


def test_a_silent_ladder_is_not_repeated_by_the_kernel(lab: Lab) -> None:
    lab.filter("r1", "forward", "tcp dport 443 counter drop")
    lab.probe("path", "path", SERVER, 443, max_ttl=5, timeout_s=2.2, probes_per_hop=1)
    counted = re.search(r"counter packets (\d+)", lab.inside("r1", "nft", "list", "ruleset"))
    assert counted is not None
    assert int(counted[1]) <= 6, "hops 2 to 5, and two repetitions at the nearest silent hop"


def test_without_any_network(lab: Lab) -> None:
    lab.ip("cl", "route", "del", "default")
    lab.ip("cl", "link", "set", "lo", "down")
    try:
        seen = [
            lab.probe("local", "loopback_connect", timeout_s=0.2),
            lab.probe("local", "source_address", SERVER),
            lab.probe("tcp", "connect", SERVER, 443, timeout_s=3),
        ]
    finally:
        lab.ip("cl", "link", "set", "lo", "up")
        lab.ip("cl", "route", "add", "default", "via", R1_NEAR)
    assert [one["outcome"] for one in seen] == ["timeout", "net_unreachable", "net_unreachable"]
    assert seen[1]["evidence"]["errno_name"] == "ENETUNREACH"
    assert seen[2]["evidence"]["immediate"] is True

"""Four network namespaces in a line, with no way out: client - router 1 - router 2 - server."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import signal
import subprocess
from collections.abc import Iterable
from pathlib import Path
from typing import Literal

Node = Literal["client", "router1", "router2", "server"]
NODES: tuple[Node, ...] = ("client", "router1", "router2", "server")

CLIENT = "10.91.1.2"
ROUTER1 = "10.91.1.1"
ROUTER2 = "10.91.2.2"
#: On router 1: two nameservers, a proxy that works and one that does not.
NAMESERVER, OTHER_NAMESERVER, NO_NAMESERVER = "10.91.1.53", "10.91.1.54", "10.91.1.59"
PROXY, FAULTY_PROXY = "10.91.1.80", "10.91.1.81"
#: In the server's network: a Server in good health, the place of a broken one, six of one name, and nobody.
HEALTHY, FAULTY, NOBODY = "10.91.3.10", "10.91.3.20", "10.91.3.77"
SIX = tuple(f"10.91.3.{number}" for number in range(31, 37))
HEALTHY_6, FAULTY_6 = "fd91:3::10", "fd91:3::20"

#: node -> {interface: its addresses}. Interfaces are created in the order of LINKS.
_ADDRESSES: dict[Node, dict[str, tuple[str, ...]]] = {
    "client": {"c0": (CLIENT, "fd91:1::2")},
    "router1": {
        "c1": (ROUTER1, "fd91:1::1", NAMESERVER, OTHER_NAMESERVER, NO_NAMESERVER, PROXY, FAULTY_PROXY),
        "m1": ("10.91.2.1", "fd91:2::1"),
    },
    "router2": {"m2": (ROUTER2, "fd91:2::2"), "s2": ("10.91.3.1", "fd91:3::1")},
    "server": {"s3": (HEALTHY, FAULTY, *SIX, HEALTHY_6, FAULTY_6)},
}
_LINKS: tuple[tuple[Node, str, Node, str], ...] = (
    ("client", "c0", "router1", "c1"),
    ("router1", "m1", "router2", "m2"),
    ("router2", "s2", "server", "s3"),
)
_ROUTES: dict[Node, tuple[str, ...]] = {
    "client": ("default via 10.91.1.1", "default via fd91:1::1"),
    "router1": ("10.91.3.0/24 via 10.91.2.2", "fd91:3::/64 via fd91:2::2"),
    "router2": ("10.91.1.0/24 via 10.91.2.1", "fd91:1::/64 via fd91:2::1"),
    "server": ("default via 10.91.3.1", "default via fd91:3::1"),
}
#: Routers forward; nobody holds back ICMP errors, so that a hop is seen every time; no address waits for duplicate
#: address detection, link-local ones neither. Set before there are interfaces, which inherit them.
_KERNEL_SETTINGS = {
    "net/ipv6/conf/all/accept_dad": "0",
    "net/ipv6/conf/default/accept_dad": "0",
    "net/ipv4/ip_forward": "1",
    "net/ipv6/conf/all/forwarding": "1",
    "net/ipv4/icmp_ratelimit": "0",
    "net/ipv6/icmp/ratelimit": "0",
}
_NAME = re.compile(r"^ayxlab-(\d+)-(?:client|router1|router2|server)\b")
_RESOLVER_FILES = Path("/etc/netns")


class Topology:
    """The namespaces of one test run; their names carry its process id.

    Raises:
        subprocess.CalledProcessError: The kernel refused; everything made so far is gone again.
    """

    def __init__(self) -> None:
        remove_stale()
        self._commands = 0
        try:
            self._build()
        except BaseException:
            self.remove()
            raise

    def namespace(self, node: Node) -> str:
        """Return the name that ``ip netns`` knows the node by."""
        return f"ayxlab-{os.getpid()}-{node}"

    def resolver_folder(self, node: Node = "client") -> Path:
        """Return the folder whose files stand over those of ``/etc`` for a process in the node's namespace."""
        return _RESOLVER_FILES / self.namespace(node)

    def ip(self, node: Node, arguments: str) -> None:
        """Run ``ip`` inside a node's namespace."""
        _run(["ip", "-n", self.namespace(node), *arguments.split()])

    def inside(self, node: Node, command: Iterable[str]) -> list[str]:
        """Return the command line that runs ``command`` inside a node's namespace."""
        return ["ip", "netns", "exec", self.namespace(node), *command]

    def nft(self, node: Node, ruleset: str) -> None:
        """Feed nftables of a node."""
        _run(self.inside(node, ["nft", "-f", "-"]), ruleset)

    def remove(self) -> None:
        """Remove what this run made; what is gone already does not matter."""
        for node in NODES:
            _remove_namespace(self.namespace(node))

    def _build(self) -> None:
        links = [
            f"link add name {one_end} netns {self.namespace(one)} type veth"
            f" peer name {other_end} netns {self.namespace(other)}"
            for one, one_end, other, other_end in _LINKS
        ]
        _run(["ip", "-batch", "-"], _lines(f"netns add {self.namespace(node)}" for node in NODES))
        settings = "; ".join(f"echo {value} > /proc/sys/{key}" for key, value in _KERNEL_SETTINGS.items())
        for node in NODES:
            _run(self.inside(node, ["sh", "-c", settings]))
        _run(["ip", "-batch", "-"], _lines(links))
        for node in NODES:
            _run(["ip", "-n", self.namespace(node), "-batch", "-"], _lines(self._configuration(node)))
        self.resolver_folder().mkdir(parents=True)

    @staticmethod
    def _configuration(node: Node) -> Iterable[str]:
        yield "link set lo up"
        for interface, addresses in _ADDRESSES[node].items():
            yield f"link set {interface} up"
            for address in addresses:
                yield (
                    f"addr add {address}/64 dev {interface} nodad"
                    if ":" in address
                    else (f"addr add {address}/24 dev {interface}")
                )
        yield from (f"route add {route}" for route in _ROUTES[node])


def remove_stale() -> None:
    """Remove the namespaces of runs that died without cleaning up."""
    listed = subprocess.run(["ip", "netns", "list"], capture_output=True, text=True, check=True).stdout
    leftovers = _RESOLVER_FILES.iterdir() if _RESOLVER_FILES.is_dir() else ()
    for name in {*(line.split()[0] for line in listed.splitlines() if line), *(path.name for path in leftovers)}:
        match = _NAME.match(name)
        if match is not None and not Path(f"/proc/{match[1]}").exists():
            _remove_namespace(name)


def _remove_namespace(name: str) -> None:
    pids = subprocess.run(["ip", "netns", "pids", name], capture_output=True, text=True, check=False).stdout.split()
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(int(pid), signal.SIGKILL)
    subprocess.run(["ip", "netns", "del", name], capture_output=True, check=False)
    shutil.rmtree(_RESOLVER_FILES / name, ignore_errors=True)
    with contextlib.suppress(OSError):  # somebody else's folder is in it, or it is not there
        _RESOLVER_FILES.rmdir()


def _lines(commands: Iterable[str]) -> str:
    return "\n".join(commands) + "\n"


def _run(command: list[str], standard_input: str | None = None) -> None:
    done = subprocess.run(command, input=standard_input, capture_output=True, text=True, check=False, timeout=20)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)}: {done.stderr.strip()}\n{standard_input or ''}")

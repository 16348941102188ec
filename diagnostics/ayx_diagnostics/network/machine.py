"""What this machine knows by itself: its resolver's settings, its hosts file, its routes and its counters."""

from __future__ import annotations

import errno
import ipaddress
import os
import socket
import sys
from dataclasses import dataclass, field
from pathlib import Path

from ayx_diagnostics.network import error_queue
from ayx_diagnostics.network.base import HostsEntry, ResolverSettings
from ayx_diagnostics.network.sockets import numeric_address

__all__ = ["SystemMachine"]

#: Where /proc/net/dev has the packets that an interface sent, behind its name (proc(5)).
_SENT_PACKETS = 9


def _system_hosts_file() -> Path:
    if sys.platform == "win32":
        return Path(os.environ.get("SYSTEMROOT", r"C:\Windows"), "System32", "drivers", "etc", "hosts")
    return Path("/etc/hosts")


@dataclass(frozen=True)
class SystemMachine:
    """The operating system's own files and sockets; see ``Machine``.

    Attributes:
        resolv_conf: The resolver's configuration, resolv.conf(5); Windows has the registry instead.
        hosts_file: The hosts file, hosts(5).
        interface_counters: Linux' counters of the network namespace, readable for everybody.
        tcp_counters: The same for TCP; ``TCPRetransFail`` grows when a packet does not even leave: a firewall of this
            machine drops it, which looks the same as a drop on the way to the socket itself.
    """

    resolv_conf: Path = Path("/etc/resolv.conf")
    hosts_file: Path = field(default_factory=_system_hosts_file)
    interface_counters: Path = Path("/proc/net/dev")
    tcp_counters: Path = Path("/proc/net/netstat")

    def resolver(self) -> ResolverSettings:
        """See ``Machine``."""
        if sys.platform == "win32":
            return _read_registry()
        return _read_resolv_conf(self.resolv_conf)

    def hosts(self, name: str) -> HostsEntry:
        """See ``Machine``."""
        wanted = name.rstrip(".").lower()
        addresses = tuple(
            words[0]
            for words in _words_of_lines(self.hosts_file, comments="#")
            if _is_address(words[0]) and wanted in (alias.rstrip(".").lower() for alias in words[1:])
        )
        return HostsEntry(addresses, str(self.hosts_file))

    def source_address(self, address: str, port: int) -> str:
        """See ``Machine``.

        Connecting a UDP socket makes the system choose the route and the source address, and refuse when there is none.
        """
        family, where = numeric_address(address, port)
        with socket.socket(family, socket.SOCK_DGRAM) as sock:
            sock.connect(where)
            return str(sock.getsockname()[0])

    def has_error_queue(self, address: str) -> bool:
        """See ``Machine``."""
        try:
            with socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_STREAM) as sock:
                return error_queue.enable(sock)
        except OSError:
            return False

    def has_segment_size(self) -> bool:
        """See ``Machine``."""
        return hasattr(socket, "TCP_MAXSEG")

    def packets_sent(self) -> tuple[int, int] | None:
        """See ``Machine``."""
        if sys.platform != "linux":
            return None
        elsewhere = looped = 0
        try:
            for line in self.interface_counters.read_text(encoding="ascii").splitlines()[2:]:
                name, _, numbers = line.partition(":")
                packets = int(numbers.split()[_SENT_PACKETS])
                if name.strip() == "lo":
                    looped += packets
                else:
                    elsewhere += packets
        except (OSError, ValueError, IndexError):
            return None
        return elsewhere, looped

    def failed_repetitions(self) -> int | None:
        """See ``Machine``."""
        if sys.platform != "linux":
            return None
        try:
            lines = [line.split() for line in self.tcp_counters.read_text(encoding="ascii").splitlines()]
            for names, values in zip(lines[::2], lines[1::2], strict=False):
                if "TCPRetransFail" in names:
                    return int(values[names.index("TCPRetransFail")])
        except (OSError, ValueError, IndexError):
            return None
        return None


def _read_registry() -> ResolverSettings:
    import dns.exception  # 60 ms that only Windows pays
    import dns.resolver

    try:
        resolver = dns.resolver.Resolver(configure=True)
    except (dns.exception.DNSException, OSError):
        return ResolverSettings(source="registry")
    search = tuple(domain.to_text(omit_final_dot=True) for domain in resolver.search)
    return ResolverSettings(tuple(str(server) for server in resolver.nameservers), search, "registry")


def _read_resolv_conf(path: Path) -> ResolverSettings:
    """Read resolv.conf as tolerantly as the C library: a line that makes no sense is passed over.

    (dnspython refuses the whole file for one bad nameserver, search domain or byte.)
    """
    nameservers: list[str] = []
    search: list[str] = []
    for words in _words_of_lines(path, comments="#;"):
        if words[0] == "nameserver" and len(words) > 1 and _is_address(words[1]):
            nameservers.append(words[1])
        elif words[0] in ("search", "domain"):  # the last of them counts
            search = [word.rstrip(".") for word in words[1:]]
    too_many_files = not nameservers and _is_out_of_files(path)
    return ResolverSettings(tuple(nameservers), tuple(search), str(path), too_many_files)


def _is_out_of_files(path: Path) -> bool:
    try:
        path.open("rb").close()
    except OSError as error:
        return error.errno in (errno.EMFILE, errno.ENFILE)
    return False


def _words_of_lines(path: Path, *, comments: str) -> list[list[str]]:
    """Return the words of each line that has any, without comments; none for a file that cannot be read."""
    try:
        text = path.read_text(encoding="utf-8-sig", errors="replace")
    except OSError:
        return []
    for sign in comments[1:]:
        text = text.replace(sign, comments[0])
    lines = (line.partition(comments[0])[0].split() for line in text.splitlines())
    return [words for words in lines if words]


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True

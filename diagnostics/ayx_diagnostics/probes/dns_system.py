"""What this machine itself knows about a name: its resolver library, the nameservers it asks, its hosts file."""

from __future__ import annotations

import errno
import ipaddress
import os
import queue
import socket
import sys
import threading
from pathlib import Path
from typing import Any

from ayx_diagnostics.model import Observation
from ayx_diagnostics.network.clock import Clock

__all__ = ["hosts_file", "outcome_of", "resolver_config", "system_lookup"]

#: getaddrinfo's error numbers -> outcome. Linux: netdb.h, EAI_NONAME, EAI_AGAIN, EAI_FAIL, EAI_NODATA, EAI_ADDRFAMILY.
#: macOS: the same names with BSD's numbers. Windows: WSAHOST_NOT_FOUND, WSATRY_AGAIN, WSANO_RECOVERY, WSANO_DATA.
_OUTCOMES: dict[str, dict[int, str]] = {
    "linux": {-2: "noname", -3: "again", -4: "fail", -5: "nodata", -9: "nodata"},
    "darwin": {8: "noname", 2: "again", 4: "fail", 7: "nodata", 1: "nodata"},
    "win32": {11001: "noname", 11002: "again", 11003: "fail", 11004: "nodata"},
}
#: Any other platform, by what it calls the same things.
_OUTCOMES_BY_NAME = {"EAI_NONAME": "noname", "EAI_NODATA": "nodata", "EAI_AGAIN": "again", "EAI_FAIL": "fail"}

_RESOLV_CONF = Path("/etc/resolv.conf")


def system_lookup(clock: Clock, name: str, *, timeout_s: float) -> Observation:
    """Resolve a name as every program on this machine does: ``getaddrinfo``, with hosts file and search list.

    The call cannot be interrupted (glibc waits 5 s and longer for each dead nameserver), so it runs in a daemon thread
    that is left behind when the time is up.

    Args:
        clock: The clock of the diagnosis.
        name: Host name.
        timeout_s: How long to wait, in seconds.

    Returns:
        The addresses in the order in which a client tries them, or the resolver's error.
    """
    started_s = clock.now()
    answers: queue.Queue[tuple[str, dict[str, Any]]] = queue.Queue()
    threading.Thread(target=lambda: answers.put(_look_up(name)), daemon=True, name="getaddrinfo").start()
    try:
        outcome, evidence = answers.get(timeout=timeout_s)
    except queue.Empty:
        outcome, evidence = "timeout", {"addresses": [], "text": f"no answer within {timeout_s:g} s"}
    return Observation("dns", "system_lookup", name, started_s, clock.now() - started_s, outcome, evidence)


def _look_up(name: str) -> tuple[str, dict[str, Any]]:
    if "\0" in name:  # the C library would look up what stands before it
        return "label_invalid", {"addresses": [], "text": "the name contains a NUL"}
    try:
        found = socket.getaddrinfo(name, None, type=socket.SOCK_STREAM)
    except socket.gaierror as error:
        return outcome_of(error.errno, sys.platform), {
            "addresses": [],
            "errno": error.errno,
            "text": error.strerror or str(error),
        }
    except OSError as error:  # EAI_SYSTEM carries the errno of what failed below
        return "other_error", {"addresses": [], "errno": error.errno, "text": error.strerror or str(error)}
    except UnicodeError as error:  # an empty or too long label
        return "label_invalid", {"addresses": [], "text": str(error)}
    return "ok", {"addresses": list(dict.fromkeys(_address(where) for _, _, _, _, where in found))}


def outcome_of(number: int | None, platform: str) -> str:
    """Return the outcome of ``system_lookup`` for an error number of ``getaddrinfo``.

    Args:
        number: The number of the ``socket.gaierror``.
        platform: As in ``sys.platform``.
    """
    outcomes = _OUTCOMES.get(platform)
    if outcomes is None:
        outcomes = {getattr(socket, name): word for name, word in _OUTCOMES_BY_NAME.items() if hasattr(socket, name)}
    return outcomes.get(number or 0, "other_error")


def _address(where: tuple[Any, ...]) -> str:
    """Return the address of a socket address, with its scope where it has one."""
    host = str(where[0])
    scope = where[3] if len(where) == 4 else 0  # noqa: PLR2004  # sockaddr_in6 as Python sees it
    return f"{host}%{scope}" if scope and "%" not in host else host


def resolver_config(clock: Clock, *, path: Path = _RESOLV_CONF) -> Observation:
    """Read which nameservers this machine asks, and with which search list.

    Args:
        clock: The clock of the diagnosis.
        path: The resolver's configuration, resolv.conf(5); Windows has the registry instead.

    Returns:
        ``ok``, ``empty`` when no nameserver is configured (also when the file is missing), or ``too_many_files`` when
        this process may open nothing more.
    """
    started_s = clock.now()
    source = "registry" if sys.platform == "win32" else str(path)
    nameservers, search = _read_registry() if sys.platform == "win32" else _read_resolv_conf(path)
    evidence = {"nameservers": nameservers, "search": search, "source": source}
    outcome = "ok" if nameservers else "too_many_files" if _is_out_of_files(path) else "empty"
    return Observation("dns", "resolver_config", "system", started_s, clock.now() - started_s, outcome, evidence)


def _is_out_of_files(path: Path) -> bool:
    try:
        path.open("rb").close()
    except OSError as error:
        return error.errno in (errno.EMFILE, errno.ENFILE)
    return False


def _read_registry() -> tuple[list[str], list[str]]:
    import dns.exception  # 60 ms that only Windows pays
    import dns.resolver

    try:
        resolver = dns.resolver.Resolver(configure=True)
    except (dns.exception.DNSException, OSError):
        return [], []
    return [str(server) for server in resolver.nameservers], [
        domain.to_text(omit_final_dot=True) for domain in resolver.search
    ]


def _read_resolv_conf(path: Path) -> tuple[list[str], list[str]]:
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
    return nameservers, search


def hosts_file(clock: Clock, name: str, *, path: Path | None = None) -> Observation:
    """Look a name up in this machine's hosts file, hosts(5).

    Args:
        clock: The clock of the diagnosis.
        name: Host name.
        path: The hosts file; None for the system's own.

    Returns:
        ``ok`` with the addresses when the file lists the name, else ``absent``.
    """
    started_s = clock.now()
    path = path or _system_hosts_file()
    wanted = name.rstrip(".").lower()
    addresses = [
        words[0]
        for words in _words_of_lines(path, comments="#")
        if _is_address(words[0]) and wanted in (alias.rstrip(".").lower() for alias in words[1:])
    ]
    outcome = "ok" if addresses else "absent"
    evidence = {"addresses": addresses, "path": str(path)}
    return Observation("dns", "hosts_file", name, started_s, clock.now() - started_s, outcome, evidence)


def _system_hosts_file() -> Path:
    if sys.platform == "win32":
        return Path(os.environ.get("SYSTEMROOT", r"C:\Windows"), "System32", "drivers", "etc", "hosts")
    return Path("/etc/hosts")


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

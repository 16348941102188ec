"""What this machine itself knows about a name: its resolver library, the nameservers it asks, its hosts file."""

from __future__ import annotations

import socket
import sys
from typing import Any

from ayx_diagnostics.model import Observation
from ayx_diagnostics.network.interface import Network

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


def system_lookup(network: Network, name: str, *, timeout_s: float) -> Observation:
    """Resolve a name as every program on this machine does: ``getaddrinfo``, with hosts file and search list.

    Args:
        network: The network of the diagnosis.
        name: Host name.
        timeout_s: How long to wait, in seconds.

    Returns:
        The addresses in the order in which a client tries them, or the resolver's error.
    """
    started_s = network.now()
    outcome, evidence = _look_up(network, name, timeout_s)
    return Observation("dns", "system_lookup", name, started_s, network.now() - started_s, outcome, evidence)


def _look_up(network: Network, name: str, timeout_s: float) -> tuple[str, dict[str, Any]]:
    if "\0" in name:  # the C library would look up what stands before it
        return "label_invalid", {"addresses": [], "text": "the name contains a NUL"}
    try:
        return "ok", {"addresses": list(network.resolve(name, timeout_s))}
    except OSError as error:
        if isinstance(error, TimeoutError) and error.errno is None:
            return "timeout", {"addresses": [], "text": f"no answer within {timeout_s:g} s"}
        # EAI_SYSTEM carries the errno of what failed below
        outcome = outcome_of(error.errno, sys.platform) if isinstance(error, socket.gaierror) else "other_error"
        return outcome, {"addresses": [], "errno": error.errno, "text": error.strerror or str(error)}
    except UnicodeError as error:  # an empty or too long label
        return "label_invalid", {"addresses": [], "text": str(error)}


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


def resolver_config(network: Network) -> Observation:
    """Read which nameservers this machine asks, and with which search list.

    Args:
        network: The network of the diagnosis.

    Returns:
        ``ok``, ``empty`` when no nameserver is configured (also when the file is missing), or ``too_many_files`` when
        this process may open nothing more.
    """
    started_s = network.now()
    found = network.machine.resolver()
    evidence = {"nameservers": list(found.nameservers), "search": list(found.search), "source": found.source}
    outcome = "ok" if found.nameservers else "too_many_files" if found.too_many_files else "empty"
    return Observation("dns", "resolver_config", "system", started_s, network.now() - started_s, outcome, evidence)


def hosts_file(network: Network, name: str) -> Observation:
    """Look a name up in this machine's hosts file, hosts(5).

    Args:
        network: The network of the diagnosis.
        name: Host name.

    Returns:
        ``ok`` with the addresses when the file lists the name, else ``absent``.
    """
    started_s = network.now()
    found = network.machine.hosts(name)
    evidence = {"addresses": list(found.addresses), "path": found.path}
    outcome = "ok" if found.addresses else "absent"
    return Observation("dns", "hosts_file", name, started_s, network.now() - started_s, outcome, evidence)

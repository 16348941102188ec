"""What connects and look-ups report on Windows and macOS, as recorded from there, and what is concluded of it.

The numbers are those of the systems' own headers (winsock2.h, sys/errno.h). Neither system says who sent a refusal, so
what needs that to be certain is not.
"""

from __future__ import annotations

import errno
import importlib
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import pytest
from ayx_diagnostics.model import Observation
from ayx_diagnostics.probes.dns_system import outcome_of
from ayx_diagnostics.rules import find
from ayx_diagnostics.vocabulary import sockets

HOST, ADDRESS, LOCAL = "server.test", "10.0.0.7", "10.0.0.5"
MACOS = {
    "EPERM": 1, "EACCES": 13, "EINVAL": 22, "ENFILE": 23, "EMFILE": 24, "EPIPE": 32, "ENOPROTOOPT": 42,
    "EADDRNOTAVAIL": 49, "ENETDOWN": 50, "ENETUNREACH": 51, "ECONNABORTED": 53, "ECONNRESET": 54, "ENOBUFS": 55,
    "ETIMEDOUT": 60, "ECONNREFUSED": 61, "EHOSTDOWN": 64, "EHOSTUNREACH": 65,
}  # fmt: skip
AT_ONCE_S, IN_A_WHILE_S = 0.0002, 3.0


@pytest.fixture
def macos(monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    """The words for errors as they load where errno has the numbers of macOS."""
    with monkeypatch.context() as patched:
        for name, number in MACOS.items():
            patched.setattr(errno, name, number)
        yield importlib.reload(sockets)
    importlib.reload(sockets)


def seen(what: str, outcome: str, target: str, duration_s: float = 0.001, **evidence: Any) -> Observation:
    stage, _, operation = what.partition(".")
    return Observation(stage, operation, target, 0.0, duration_s, outcome, evidence)  # type: ignore[arg-type]  # stage by name


def connect(number: int | None, duration_s: float, address: str = ADDRESS) -> Observation:
    return seen(
        "tcp.connect",
        "timeout" if number is None else sockets.SOCKET_OUTCOMES[number],
        f"{address}:443",
        duration_s,
        address=address,
        port=443,
        family=4,
        local_address=LOCAL,
        timeout_s=5.0,
        errno=number,
        errno_name=sockets.errno_name(number),
        immediate=duration_s <= AT_ONCE_S,
        sender_unknown=True,
    )


def concluded(*more: Observation) -> tuple[str, str]:
    """Return the root cause's code and confidence."""
    before = [
        seen("config.read_settings", "ok", "settings", scheme="https", host=HOST, is_loopback=False),
        seen("proxy.select", "direct", f"https://{HOST}/webapi"),
        seen("local.loopback_connect", "ok", "127.0.0.1"),
        seen("local.source_address", "ok", ADDRESS, address=ADDRESS, local_address=LOCAL),
    ]
    root = find([*before, *more])[0]
    return root.code, root.confidence


#: number of connect(), seconds until it came -> code, confidence.
CONNECTS: tuple[tuple[str, int | None, float, str, str], ...] = (
    ("windows", None, 5.0, "tcp.syn_dropped", "likely"),
    ("windows", 10060, 21.0, "tcp.syn_dropped", "likely"),
    ("windows", 10061, 2.0, "tcp.refused_by_host", "likely"),  # three tries, half a second apart
    ("windows", 10051, AT_ONCE_S, "local.no_interface_or_route", "likely"),
    ("windows", 10050, AT_ONCE_S, "local.no_interface_or_route", "likely"),
    ("windows", 10065, AT_ONCE_S, "local.unreachable_route", "likely"),
    ("windows", 10065, IN_A_WHILE_S, "tcp.dead_host", "likely"),
    ("windows", 10013, AT_ONCE_S, "local.firewall_reject", "likely"),
    ("windows", 10048, AT_ONCE_S, "local.ephemeral_ports_exhausted", "likely"),
    ("windows", 10055, AT_ONCE_S, "local.ephemeral_ports_exhausted", "likely"),
    ("windows", 10024, AT_ONCE_S, "local.fd_limit", "certain"),
    ("windows", 10042, 0.01, "tcp.proto_unreachable", "likely"),
    ("macos", 60, 75.0, "tcp.syn_dropped", "likely"),
    ("macos", 61, 0.02, "tcp.refused_by_host", "likely"),
    ("macos", 51, AT_ONCE_S, "local.no_interface_or_route", "likely"),
    ("macos", 50, AT_ONCE_S, "local.no_interface_or_route", "likely"),
    ("macos", 65, AT_ONCE_S, "local.unreachable_route", "likely"),
    ("macos", 64, IN_A_WHILE_S, "tcp.dead_host", "likely"),
    ("macos", 65, IN_A_WHILE_S, "tcp.dead_host", "likely"),
    ("macos", 1, AT_ONCE_S, "local.firewall_reject", "likely"),
    ("macos", 13, AT_ONCE_S, "local.prohibit_route", "likely"),
    ("macos", 49, AT_ONCE_S, "local.ephemeral_ports_exhausted", "likely"),
    ("macos", 24, AT_ONCE_S, "local.fd_limit", "certain"),
)


@pytest.mark.parametrize("case", CONNECTS, ids=[f"{system} {number} {code}" for system, number, _, code, _ in CONNECTS])
def test_a_connect_that_failed_there(
    request: pytest.FixtureRequest, case: tuple[str, int | None, float, str, str]
) -> None:
    system, number, after_s, code, confidence = case
    if system == "macos":
        request.getfixturevalue("macos")
    lookup = seen("dns.system_lookup", "ok", HOST, addresses=[ADDRESS])
    assert concluded(lookup, connect(number, after_s)) == (code, confidence)


#: What getaddrinfo says, and no nameserver could be asked -> the likeliest code, which names those that look alike.
LOOKUPS: tuple[tuple[str, int, str], ...] = (
    ("win32", 11001, "dns.nxdomain"),
    ("win32", 11002, "dns.servfail"),
    ("win32", 11004, "dns.nodata"),
    ("darwin", 8, "dns.nxdomain"),
    ("darwin", 2, "dns.servfail"),
    ("darwin", 7, "dns.nodata"),
)


@pytest.mark.parametrize(("platform", "number", "code"), LOOKUPS)
def test_a_look_up_that_failed_there(platform: str, number: int, code: str) -> None:
    lookup = seen("dns.system_lookup", outcome_of(number, platform), HOST, addresses=[], errno=number, text="localised")
    reached, confidence = concluded(lookup)
    assert (reached, confidence == "certain") == (code, False)


def test_a_number_that_nobody_knows_is_shown_as_it_is() -> None:
    assert sockets.errno_name(10099) == "WinError 10099"
    assert sockets.socket_outcome(OSError(99999, "no such thing")) == "other_error"

"""What this machine itself knows about names; nothing here asks a nameserver outside."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from ayx_diagnostics.network.machine import SystemMachine
from ayx_diagnostics.network.system import SystemNetwork
from ayx_diagnostics.probes import dns_system
from ayx_diagnostics.probes.dns_system import outcome_of
from hypothesis import given
from hypothesis import strategies as st

# --- getaddrinfo -----------------------------------------------------------------------------------------------------


def test_lookup_gives_the_addresses_in_order_and_once() -> None:
    seen = dns_system.system_lookup(SystemNetwork(), "localhost", timeout_s=5)
    assert (seen.stage, seen.operation, seen.target, seen.outcome) == ("dns", "system_lookup", "localhost", "ok")
    assert set(seen.evidence["addresses"]) <= {"127.0.0.1", "::1"}
    assert len(seen.evidence["addresses"]) == len(set(seen.evidence["addresses"])) > 0


def test_lookup_of_an_address_keeps_its_scope(monkeypatch: pytest.MonkeyPatch) -> None:
    found = [(socket.AF_INET6, socket.SOCK_STREAM, 6, "", where) for where in [("fe80::1", 0, 0, 2), ("::1", 0, 0, 0)]]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)
    assert dns_system.system_lookup(SystemNetwork(), "x.test", timeout_s=5).evidence["addresses"] == [
        "fe80::1%2",
        "::1",
    ]


@pytest.mark.parametrize("name", ["a..test", ".test", "x" * 64 + ".test", "\N{SNOWMAN}" * 64 + ".test", "local\0host"])
def test_lookup_of_what_is_no_name(name: str) -> None:
    seen = dns_system.system_lookup(SystemNetwork(), name, timeout_s=5)
    assert seen.outcome == "label_invalid"
    assert seen.evidence["addresses"] == []
    assert seen.evidence["text"]


def test_lookup_is_given_up_when_the_time_is_up(monkeypatch: pytest.MonkeyPatch) -> None:
    release = threading.Event()

    def hang(*_: object, **__: object) -> list[object]:
        release.wait(5)
        return []

    monkeypatch.setattr(socket, "getaddrinfo", hang)
    seen = dns_system.system_lookup(SystemNetwork(), "slow.test", timeout_s=0.2)
    release.set()
    assert seen.outcome == "timeout"
    assert 0.2 <= seen.duration_s < 0.5
    assert seen.evidence == {"addresses": [], "text": "no answer within 0.2 s"}


def fails_with(error: Exception) -> Callable[..., object]:
    def fail(*_: object, **__: object) -> object:
        raise error

    return fail


@pytest.mark.parametrize(
    ("symbol", "outcome"),
    [
        ("EAI_NONAME", "noname"),
        ("EAI_NODATA", "nodata"),
        ("EAI_AGAIN", "again"),
        ("EAI_FAIL", "fail"),
        ("EAI_MEMORY", "other_error"),
    ],
)
def test_lookup_errors_of_this_platform(monkeypatch: pytest.MonkeyPatch, symbol: str, outcome: str) -> None:
    if not hasattr(socket, symbol):
        pytest.skip(f"this platform has no {symbol}")
    number = getattr(socket, symbol)
    monkeypatch.setattr(socket, "getaddrinfo", fails_with(socket.gaierror(number, "in words")))
    seen = dns_system.system_lookup(SystemNetwork(), "x.test", timeout_s=5)
    assert seen.outcome == outcome
    assert seen.evidence == {"addresses": [], "errno": number, "text": "in words"}


@pytest.mark.parametrize(
    ("platform", "numbers"),
    [
        ("linux", {-2: "noname", -3: "again", -4: "fail", -5: "nodata", -9: "nodata", -10: "other_error"}),
        ("darwin", {8: "noname", 2: "again", 4: "fail", 7: "nodata", 6: "other_error"}),
        ("win32", {11001: "noname", 11002: "again", 11003: "fail", 11004: "nodata", 8: "other_error"}),
    ],
)
def test_lookup_error_numbers_of_every_platform(platform: str, numbers: dict[int, str]) -> None:
    assert {number: outcome_of(number, platform) for number in numbers} == numbers


def test_lookup_that_the_system_forbids(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", fails_with(PermissionError(1, "Operation not permitted")))
    seen = dns_system.system_lookup(SystemNetwork(), "x.test", timeout_s=5)
    assert (seen.outcome, seen.evidence["errno"]) == ("other_error", 1)


# --- resolv.conf -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "nameservers", "search"),
    [
        (b"nameserver 192.0.2.53\nsearch a.test b.test.\n", ["192.0.2.53"], ["a.test", "b.test"]),
        (b"; one\n#two\nnameserver fe80::1%eth0 # three\nnameserver 192.0.2.1", ["fe80::1%eth0", "192.0.2.1"], []),
        (b"search old.test\ndomain new.test\nnameserver ::1", ["::1"], ["new.test"]),
        (b"nameserver not-an-address\nnameserver\nnameserver 192.0.2.9\r\n", ["192.0.2.9"], []),
        (b"search a..test\nnameserver 192.0.2.9\n\xff\xfe\n", ["192.0.2.9"], ["a..test"]),
        (b"", [], []),
        (b"search a.test\n#nameserver 192.0.2.1\n", [], ["a.test"]),
    ],
)
def test_resolver_config(tmp_path: Path, content: bytes, nameservers: list[str], search: list[str]) -> None:
    path = tmp_path / "resolv.conf"
    path.write_bytes(content)
    seen = dns_system.resolver_config(SystemNetwork(SystemMachine(resolv_conf=path)))
    assert seen.outcome == ("ok" if nameservers else "empty")
    assert (seen.operation, seen.target) == ("resolver_config", "system")
    assert seen.evidence == {"nameservers": nameservers, "search": search, "source": str(path)}


def test_resolver_config_without_a_file(tmp_path: Path) -> None:
    seen = dns_system.resolver_config(SystemNetwork(SystemMachine(resolv_conf=tmp_path / "missing")))
    assert seen.outcome == "empty"


@given(st.binary(max_size=200))
def test_any_resolver_config_is_read(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    path = tmp_path_factory.getbasetemp() / "resolv.conf"
    path.write_bytes(content)
    json.dumps(dict(dns_system.resolver_config(SystemNetwork(SystemMachine(resolv_conf=path))).evidence))


# --- hosts -----------------------------------------------------------------------------------------------------------

HOSTS = """\ufeff192.0.2.1 Server.test alias.test # a comment
::1\tlocalhost
# 192.0.2.2 server.test
not-an-address server.test
2001:db8::1 server.test.
192.0.2.3 other.test
192.0.2.4
"""


@pytest.mark.parametrize(
    ("name", "addresses"),
    [
        ("server.test", ["192.0.2.1", "2001:db8::1"]),
        ("SERVER.TEST.", ["192.0.2.1", "2001:db8::1"]),
        ("alias.test", ["192.0.2.1"]),
        ("localhost", ["::1"]),
        ("comment", []),
        ("erver.test", []),
        ("192.0.2.4", []),
    ],
)
def test_hosts_file(tmp_path: Path, name: str, addresses: list[str]) -> None:
    path = tmp_path / "hosts"
    path.write_text(HOSTS, encoding="utf-8")
    seen = dns_system.hosts_file(SystemNetwork(SystemMachine(hosts_file=path)), name)
    assert seen.outcome == ("ok" if addresses else "absent")
    assert (seen.operation, seen.target) == ("hosts_file", name)
    assert seen.evidence == {"addresses": addresses, "path": str(path)}


def test_hosts_file_that_is_missing(tmp_path: Path) -> None:
    assert (
        dns_system.hosts_file(SystemNetwork(SystemMachine(hosts_file=tmp_path / "missing")), "server.test").outcome
        == "absent"
    )


def test_hosts_file_of_this_machine() -> None:
    assert Path(dns_system.hosts_file(SystemNetwork(), "server.test").evidence["path"]).name == "hosts"

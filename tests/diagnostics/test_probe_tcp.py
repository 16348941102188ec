"""Probes of TCP connections against real sockets on loopback."""

from __future__ import annotations

import contextlib
import json
import socket
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from ayx_diagnostics.model import Stage
from ayx_diagnostics.network.error_queue import IcmpError, drain, enable, parse_extended_error
from ayx_diagnostics.network.machine import SystemMachine
from ayx_diagnostics.network.sockets import SocketAttempt
from ayx_diagnostics.network.system import SystemNetwork
from ayx_diagnostics.network.tcp_info import parse_tcp_info, read_tcp_info
from ayx_diagnostics.probes import tcp
from hypothesis import given
from hypothesis import strategies as st

linux_only = pytest.mark.skipif(sys.platform != "linux", reason="only Linux behaves so")

LOOPBACKS = ["127.0.0.1", "::1"]


@contextlib.contextmanager
def listening(address: str = "127.0.0.1", backlog: int = 16) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET) as listener:
        listener.bind((address, 0))
        listener.listen(backlog)
        yield listener


@contextlib.contextmanager
def dropping_syns() -> Iterator[int]:
    """A port whose SYNs Linux drops: its accept queue is full."""
    with listening(backlog=0) as listener, contextlib.ExitStack() as stack:
        port = listener.getsockname()[1]
        stack.enter_context(socket.create_connection(("127.0.0.1", port), timeout=1))
        yield port


@contextlib.contextmanager
def accepting(act: Callable[[socket.socket], object]) -> Iterator[int]:
    """A port on which each connection is handed to a function, which then holds it open."""
    done = threading.Event()
    with listening() as listener:

        def serve() -> None:
            listener.settimeout(5)
            with contextlib.suppress(OSError):
                accepted, _ = listener.accept()
                with accepted:
                    act(accepted)
                    done.wait(5)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield listener.getsockname()[1]
        done.set()
    thread.join(6)


def closed_port(address: str = "127.0.0.1") -> int:
    with listening(address) as listener:
        return int(listener.getsockname()[1])


def reset(sock: socket.socket) -> None:
    time.sleep(0.05)  # at once, it would be the connect that fails
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    sock.close()


# --- connect -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("address", LOOPBACKS)
def test_connect_returns_an_open_stream(address: str) -> None:
    with listening(address) as listener:
        port = listener.getsockname()[1]
        seen, stream = tcp.connect(SystemNetwork(), address, port, timeout_s=1)
        assert stream is not None
        with contextlib.closing(stream):
            accepted, _ = listener.accept()
            with accepted:
                accepted.sendall(b"hello")
                assert stream.receive(5, 1.0) == b"hello"
    assert (seen.stage, seen.operation, seen.outcome) == ("tcp", "connect", "ok")
    assert seen.target == (f"[{address}]:{port}" if ":" in address else f"{address}:{port}")
    assert seen.evidence["family"] == (6 if ":" in address else 4)
    assert seen.evidence["local_address"] == address
    assert seen.evidence["immediate"] is False
    assert seen.evidence["errno"] is None
    assert 0 < seen.evidence["rtt_ms"] < 1000
    json.dumps(dict(seen.evidence), allow_nan=False)


@pytest.mark.parametrize("address", LOOPBACKS)
def test_connect_to_a_closed_port_is_refused(address: str) -> None:
    seen, sock = tcp.connect(SystemNetwork(), address, closed_port(address), timeout_s=3)
    assert sock is None
    assert seen.outcome == "refused"
    assert seen.evidence["errno_name"] in ("ECONNREFUSED", "WSAECONNREFUSED")
    assert "icmp" not in seen.evidence  # an RST leaves no word in the error queue


@linux_only
def test_connect_without_an_answer_times_out_on_its_own_timer() -> None:
    with dropping_syns() as port:
        seen, sock = tcp.connect(SystemNetwork(), "127.0.0.1", port, timeout_s=0.3)
    assert sock is None
    assert seen.outcome == "timeout"
    assert seen.evidence["errno"] is None
    assert seen.evidence["immediate"] is False
    assert seen.evidence["timeout_s"] == 0.3
    assert seen.evidence["tcp_info"]["state"] == "SYN_SENT"
    assert 0.3 <= seen.duration_s < 0.6


@linux_only
def test_connect_counts_the_syns_that_it_sent_again() -> None:
    with dropping_syns() as port:
        seen, _ = tcp.connect(SystemNetwork(), "127.0.0.1", port, timeout_s=1.3)
    assert seen.evidence["tcp_info"]["total_retrans"] == 1  # the first SYN is repeated after 1 s (RFC 6298)


@pytest.mark.parametrize(
    "address", ["no address", "fe80::1%no-such-interface", "127.0.0.300", "", "127.0.0.1\0", "127.1", "::1%lo\0"]
)
def test_connect_to_no_address_is_an_invalid_argument(address: str) -> None:
    seen, sock = tcp.connect(SystemNetwork(), address, 443, timeout_s=1)
    assert sock is None
    assert seen.outcome == "invalid_argument"


@pytest.mark.parametrize(("address", "port"), [("127.0.0.1", 65536), ("127.0.0.1", -1), (f"::1%{2**32}", 9)])
def test_connect_to_a_number_out_of_range_is_an_invalid_argument(address: str, port: int) -> None:
    assert tcp.connect(SystemNetwork(), address, port, timeout_s=1)[0].outcome == "invalid_argument"


@linux_only
def test_connect_understands_a_scope() -> None:
    seen, sock = tcp.connect(SystemNetwork(), "fe80::1%lo", 443, timeout_s=0.2)
    assert sock is None
    assert seen.outcome != "invalid_argument"  # loopback has no link-local address, but its scope is known
    assert seen.evidence["family"] == 6


@pytest.mark.parametrize(("stage", "operation"), [("tcp", "control"), ("proxy", "connect")])
def test_connect_under_another_name_and_stage(stage: Stage, operation: str) -> None:
    seen, _ = tcp.connect(SystemNetwork(), "127.0.0.1", closed_port(), timeout_s=1, operation=operation, stage=stage)
    assert (seen.stage, seen.operation) == (stage, operation)


@linux_only
def test_connect_with_small_segments() -> None:
    with listening() as listener:
        port = listener.getsockname()[1]
        network = SystemNetwork()
        attempt = network.connect("127.0.0.1", port, maxseg=536, ttl=1)
        network.wait([attempt], 1.0)
        assert isinstance(attempt, SocketAttempt)
        sock = attempt.sock
        assert sock is not None
        with sock, listener.accept()[0] as accepted:
            assert (read_tcp_info(accepted) or {})["snd_mss"] <= 536  # the SYN told the peer, too
            assert (read_tcp_info(sock) or {})["snd_mss"] <= 536
            assert sock.getsockopt(socket.IPPROTO_IP, socket.IP_TTL) == 1


def test_connect_with_small_segments_where_the_system_cannot(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(socket, "TCP_MAXSEG", raising=False)
    seen, sock = tcp.connect(SystemNetwork(), "127.0.0.1", 9, timeout_s=1, maxseg=536)
    assert sock is None
    assert seen.outcome == "other_error"


def test_connect_without_file_descriptors() -> None:
    pytest.importorskip("resource", reason="Windows has no such limit")
    script = """
import os, resource
from ayx_diagnostics.network.system import SystemNetwork
from ayx_diagnostics.probes import local, tcp
resource.setrlimit(resource.RLIMIT_NOFILE, (16, 16))
opened = []
try:
    while True: opened.append(os.dup(0))
except OSError: pass
network = SystemNetwork()
print(tcp.connect(network, "127.0.0.1", 9, timeout_s=1)[0].outcome, local.loopback_connect(network).outcome)
os.close(opened.pop())
print(tcp.connect(network, "127.0.0.1", 9, timeout_s=1)[0].outcome)
"""
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=20)
    assert run.stdout.split() == ["too_many_files", "too_many_files", "refused"]


# --- connect_all ---------------------------------------------------------------------------------------------------


@linux_only
def test_connect_all_takes_one_timeout_for_all_addresses() -> None:
    with socket.socket() as listener:
        listener.bind(("0.0.0.0", 0))  # every address of 127.0.0.0/8 is this machine
        port = listener.getsockname()[1]
        listener.close()
        addresses = ["127.0.0.2", "127.0.0.3", "127.0.0.4", "127.0.0.5"]
        with contextlib.ExitStack() as stack:
            for address in ("127.0.0.2", "127.0.0.4"):
                silent = stack.enter_context(socket.socket())
                silent.bind((address, port))
                silent.listen(0)
                stack.enter_context(socket.create_connection((address, port), timeout=1))
            open_one = stack.enter_context(socket.socket())
            open_one.bind(("127.0.0.5", port))
            open_one.listen()
            started = time.monotonic()
            results = tcp.connect_all(SystemNetwork(), addresses, port, timeout_s=0.4)
            elapsed = time.monotonic() - started
            for _, stream in results:
                if stream:
                    stack.enter_context(contextlib.closing(stream))
    assert [seen.evidence["address"] for seen, _ in results] == addresses
    assert [seen.outcome for seen, _ in results] == ["timeout", "refused", "timeout", "ok"]
    assert [stream is not None for _, stream in results] == [False, False, False, True]
    assert results[3][0].duration_s < 0.2
    assert 0.4 <= elapsed < 0.7


def test_connect_all_to_nothing_takes_no_time() -> None:
    assert tcp.connect_all(SystemNetwork(), [], 443, timeout_s=5) == []


# --- quiet ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("act", "outcome"),
    [
        (lambda _: None, "ok"),
        (reset, "reset"),
        (lambda sock: sock.shutdown(socket.SHUT_WR), "closed"),
        (lambda sock: sock.sendall(b"SSH-2.0-x\r\n"), "data"),
    ],
    ids=["held", "reset", "closed", "banner"],
)
def test_quiet_sees_what_the_peer_does(act: Callable[[socket.socket], object], outcome: str) -> None:
    with accepting(act) as port:
        seen = tcp.quiet(SystemNetwork(), "127.0.0.1", port, timeout_s=1, wait_s=0.2)
    assert (seen.operation, seen.outcome) == ("quiet", outcome)
    assert 0 < seen.evidence["waited_s"] < 0.5
    if outcome == "data":
        assert seen.evidence["first_bytes"] == "SSH-2.0-x\\r\\n"
    if outcome == "reset":
        assert seen.evidence["errno_name"] in ("ECONNRESET", "WSAECONNRESET")


def test_quiet_without_a_connection() -> None:
    seen = tcp.quiet(SystemNetwork(), "127.0.0.1", closed_port(), timeout_s=1)
    assert seen.outcome == "refused"
    assert "waited_s" not in seen.evidence


# --- the error queue -----------------------------------------------------------------------------------------------


@linux_only
def test_the_kernel_says_who_refused() -> None:
    with socket.socket(type=socket.SOCK_DGRAM) as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
    with socket.socket(type=socket.SOCK_DGRAM) as sock:
        assert enable(sock)
        sock.connect(("127.0.0.1", port))
        sock.send(b"x")
        errors = drain(sock)
        assert drain(sock) == ()
    assert [(error.origin, error.type, error.code, error.offender) for error in errors] == [("icmp", 3, 3, "127.0.0.1")]
    assert errors[0].as_json()["errno_name"] == "ECONNREFUSED"


@linux_only
def test_an_ipv6_offender_is_read() -> None:
    data = (
        struct.pack("=IBBBBII", 13, 3, 1, 1, 0, 0, 0) + struct.pack("=HHI", 10, 0, 0) + bytes(15) + b"\x07" + bytes(4)
    )
    assert parse_extended_error(data) == IcmpError(13, "icmp6", 1, 1, "::7")


def test_hop_limit_exceeded_of_both_families() -> None:
    assert IcmpError(113, "icmp", 11, 0, "10.0.0.1").is_hop_limit_exceeded
    assert IcmpError(113, "icmp6", 3, 0, "fd00::1").is_hop_limit_exceeded
    assert not IcmpError(113, "icmp", 3, 1, "10.0.0.1").is_hop_limit_exceeded


@given(st.binary(max_size=64))
def test_any_extended_error_is_read_or_passed_over(data: bytes) -> None:
    error = parse_extended_error(data)
    if len(data) < 16 or data[4] not in (1, 2, 3):
        assert error is None
    else:
        assert error is not None
        json.dumps(error.as_json())


# --- TCP_INFO ------------------------------------------------------------------------------------------------------


@linux_only
def test_tcp_info_of_a_connection() -> None:
    with (
        listening() as listener,
        socket.create_connection(listener.getsockname()) as sock,
        listener.accept()[0] as peer,
    ):
        sock.sendall(b"x" * 10)
        assert peer.recv(10)
        peer.sendall(b"y" * 7)
        assert sock.recv(7)
        info = read_tcp_info(sock) or {}
    assert info["state"] == "ESTABLISHED"
    assert info["bytes_received"] == 7
    assert info["bytes_acked"] == 11  # the SYN counts as one
    assert info["unacked"] == 0
    assert 0 < info["rtt_ms"] < 1000
    assert read_tcp_info(sock) is None  # closed by now


@given(st.binary(max_size=256))
def test_tcp_info_reads_as_far_as_the_bytes_go(data: bytes) -> None:
    info = parse_tcp_info(data)
    assert ("state" in info) == bool(data)
    assert ("total_retrans" in info) == (len(data) >= 104)
    assert ("bytes_received" in info) == (len(data) >= 136)
    json.dumps(info)


@linux_only
@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("TcpExt: A TCPRetransFail B\nTcpExt: 1 7 2\nIpExt: X\nIpExt: 3\n", 7),
        ("TcpExt: A\nTcpExt: 1\n", None),
        ("TcpExt: A TCPRetransFail\nTcpExt: 1\n", None),
        ("TcpExt: TCPRetransFail\nTcpExt: many\n", None),
        ("", None),
    ],
)
def test_the_counter_of_packets_that_could_not_be_repeated(tmp_path: Path, text: str, count: int | None) -> None:
    path = tmp_path / "netstat"
    path.write_text(text, encoding="ascii")
    assert SystemMachine(tcp_counters=path).failed_repetitions() == count
    assert SystemMachine(tcp_counters=tmp_path / "absent").failed_repetitions() is None

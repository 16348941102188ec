"""Streams: FIN, RST and silence arrive as what they are."""

from __future__ import annotations

import socket
import sys
import time

import pytest
from ayx_diagnostics.network.streams import PrefixedStream, SocketStream
from ayx_simulator.peers.listener import Connection, Listener


def dial(peer: Listener) -> SocketStream:
    return SocketStream(socket.create_connection(("127.0.0.1", peer.port), timeout=5))


def test_data_then_fin() -> None:
    def act(connection: Connection) -> None:
        connection.send(connection.receive())
        connection.finish()

    with Listener(act) as peer:
        stream = dial(peer)
        stream.send_all(b"hello", 1)
        assert stream.receive(3, 1) + stream.receive(10, 1) == b"hello"
        assert stream.receive(10, 1) == b""
        stream.close()
        stream.close()


def test_a_reset_is_an_error() -> None:
    def act(connection: Connection) -> None:
        connection.receive()  # not before the connection is there
        connection.reset()

    with Listener(act) as peer:
        stream = dial(peer)
        stream.send_all(b"hello", 1)
        with pytest.raises(ConnectionResetError):
            stream.receive(10, 1)
        stream.close()


@pytest.mark.parametrize("timeout_s", [0.05, 0.0, -1.0])
def test_silence_is_a_timeout(timeout_s: float) -> None:
    with Listener(Connection.hold) as peer:
        stream = dial(peer)
        started = time.monotonic()
        with pytest.raises(TimeoutError):
            stream.receive(10, timeout_s)
        assert time.monotonic() - started < 1
        stream.close()


def test_sending_to_a_peer_that_does_not_read_is_bounded() -> None:
    def deaf(connection: Connection) -> None:
        connection.closing.wait()

    with Listener(deaf) as peer:
        stream = dial(peer)
        started = time.monotonic()
        with pytest.raises(TimeoutError):
            stream.send_all(b"x" * 30_000_000, 0.2)
        assert time.monotonic() - started < 2
        stream.close()


def test_what_was_read_ahead_comes_first() -> None:
    def act(connection: Connection) -> None:
        connection.send(b"world")
        connection.finish()

    with Listener(act) as peer:
        stream = PrefixedStream(b"hello ", dial(peer))
        assert stream.receive(4, 1) == b"hell"
        assert stream.receive(100, 1) == b"o "
        assert stream.receive(100, 1) == b"world"
        assert (stream.tcp_info() is None) == (sys.platform != "linux")
        stream.send_all(b"x", 1)
        stream.close()


@pytest.mark.skipif(sys.platform != "linux", reason="TCP_INFO with this layout is Linux's")
def test_tcp_info_counts_what_was_received() -> None:
    def act(connection: Connection) -> None:
        connection.send(b"x" * 1234)
        connection.hold()

    with Listener(act) as peer:
        stream = dial(peer)
        received = b""
        while len(received) < 1234:
            received += stream.receive(5000, 1)
        info = stream.tcp_info()
        assert info is not None
        assert info["bytes_received"] == 1234
        assert info["total_retrans"] == 0
        assert 0 < info["snd_mss"] <= 65535
        stream.close()
        assert stream.tcp_info() is None

"""The sockets of the stand-in Server."""

from __future__ import annotations

import errno
import socket
import ssl
import time
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from ayx_simulator import ApiUser, Simulator


def test_a_silent_connection_does_not_stop_the_others(ayx_simulator: Simulator, web: httpx.Client) -> None:
    """Werkzeug would shake hands in the accepting thread."""
    with socket.create_connection(("127.0.0.1", ayx_simulator.port), timeout=5):
        started = time.monotonic()
        assert web.get("/swagger").status_code == 302
        assert time.monotonic() - started < 2


def test_connections_are_kept(ayx_simulator: Simulator, trusting: ssl.SSLContext) -> None:
    with socket.create_connection(("127.0.0.1", ayx_simulator.port), timeout=5) as plain:
        connection = trusting.wrap_socket(plain, server_hostname="localhost")
        for _ in range(3):
            connection.sendall(b"GET /webapi/swagger HTTP/1.1\r\nHost: localhost\r\n\r\n")
            head = connection.recv(4096)
            assert head.startswith(b"HTTP/1.1 302 FOUND\r\n")
            assert b"Content-Length: 0" in head
        connection.sendall(b"GET /webapi/swagger HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        assert connection.recv(4096).startswith(b"HTTP/1.1 302")
        assert connection.recv(1) == b""  # a proper TLS close: without one this raises or is cut short
        connection.close()


def test_plain_http_spoken_to_the_tls_port_ends_the_connection(ayx_simulator: Simulator, web: httpx.Client) -> None:
    with socket.create_connection(("127.0.0.1", ayx_simulator.port), timeout=5) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        try:
            rest = connection.recv(4096)
        except ConnectionResetError:
            rest = b""
        assert not rest.startswith(b"HTTP/")
    assert web.get("/swagger").status_code == 302


def test_the_certificate_is_checked_like_any_other(ayx_simulator: Simulator) -> None:
    with (
        httpx.Client(verify=ssl.create_default_context(), trust_env=False) as client,
        pytest.raises(httpx.ConnectError),
    ):
        client.get(ayx_simulator.web_api_address)


def test_stopping_ends_what_is_held() -> None:
    with Simulator() as server:
        server.faults.set("http.read_timeout")
        context = ssl.create_default_context(cafile=server.ca_bundle)
        plain = socket.create_connection(("127.0.0.1", server.port), timeout=5)
        connection = context.wrap_socket(plain, server_hostname="localhost")
        connection.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        bundle = server.ca_bundle
    started = time.monotonic()
    with connection:
        assert connection.recv(1) == b""
    assert time.monotonic() - started < 2
    assert not bundle.exists()


def test_a_given_certificate_and_further_names(ayx_simulator: Simulator, tmp_path: Any) -> None:
    import trustme

    authority = trustme.CA()
    leaf = authority.issue_cert("alteryx.example.com", "127.0.0.1")
    chain, key, bundle = (tmp_path / name for name in ("chain.pem", "key.pem", "ca.pem"))
    chain.write_bytes(b"".join(blob.bytes() for blob in leaf.cert_chain_pems))
    leaf.private_key_pem.write_to_path(str(key))
    authority.cert_pem.write_to_path(str(bundle))
    with Simulator(host="127.0.0.1", certificate=chain, key=key, ca_bundle=bundle) as server:
        assert server.ca_bundle == bundle
        context = ssl.create_default_context(cafile=bundle)
        assert httpx.get(f"{server.web_api_address}/swagger/docs/3", verify=context, trust_env=False).status_code == 200
    with pytest.raises(ValueError, match="belong together"):
        Simulator(certificate=chain)
    assert ayx_simulator.web_api_address.startswith("https://localhost:")


def test_a_taken_port_is_an_ordinary_error(ayx_simulator: Simulator) -> None:
    taken = Simulator(port=ayx_simulator.port)
    with pytest.raises(OSError) as raised:  # noqa: PT011  # the text is the system's; the number is looked at below
        taken.__enter__()
    assert raised.value.errno == errno.EADDRINUSE


def test_many_at_once(ayx_simulator: Simulator, api_as: Callable[[ApiUser], httpx.Client]) -> None:
    from concurrent.futures import ThreadPoolExecutor

    client = api_as(ayx_simulator.curator)
    with ThreadPoolExecutor(8) as pool:
        names = [f"Collection {number}" for number in range(24)]
        answers = list(pool.map(lambda name: client.post("/v3/collections", json={"name": name}), names))
    assert {each.status_code for each in answers} == {200}
    assert len({each.json() for each in answers}) == 24

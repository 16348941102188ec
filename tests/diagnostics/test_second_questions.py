"""What only a second question tells, asked of real peers on loopback: another connection, another node, more time."""

from __future__ import annotations

import itertools
import json
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from ayx_diagnostics import Report, diagnose
from ayx_simulator.peers.certificates import CertificateFactory
from ayx_simulator.peers.listener import Listener

SECRET = {"client_id": "the-key", "client_secret": "the-secret-value"}
TOKEN = {"access_token": "t" * 40, "token_type": "bearer", "expires_in": 3599}
DENIED = {"message": "Authorization has been denied for this request."}

#: From the number of the request and its first line to a status and a JSON document; None says nothing at all.
Answer = Callable[[int, str], tuple[int, Any] | None]


def said(codes: Report) -> list[str]:
    return [finding.code for finding in codes.findings]


def whole(status: int, document: Any) -> bytes:
    body = json.dumps(document).encode()
    head = f"HTTP/1.1 {status} X\r\nServer: Microsoft-HTTPAPI/2.0\r\nContent-Type: application/json\r\n"
    return f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body


class Peer:
    """Answers one request a connection as told, and then ends it without a word about that in the answer."""

    def __init__(self, answer: Answer, *, by_reset: bool = False) -> None:
        self._answer, self._by_reset = answer, by_reset
        self._over = threading.Event()
        self.requests: list[str] = []

    def __call__(self, connection: socket.socket) -> None:
        connection.settimeout(5.0)
        with connection, connection.makefile("rb") as reader:
            first = reader.readline().decode("latin-1")
            length = 0
            while (line := reader.readline()) not in (b"\r\n", b""):
                name, _, value = line.partition(b":")
                length = int(value) if name.lower() == b"content-length" else length
            reader.read(length)
            self.requests.append(first)
            answer = self._answer(len(self.requests), first)
            if answer is None:
                self._over.wait(5.0)
                return
            connection.sendall(whole(*answer))
            if self._by_reset:
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    def give_up(self) -> None:
        self._over.set()


@contextmanager
def serving(peer: Peer) -> Iterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.1)
        over = threading.Event()

        def run() -> None:
            workers = []
            while not over.is_set():
                try:
                    connection, _ = listener.accept()
                except TimeoutError:
                    continue
                worker = threading.Thread(target=peer, args=(connection,))
                worker.start()
                workers.append(worker)
            for worker in workers:
                worker.join()

        thread = threading.Thread(target=run)
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}/webapi"
        finally:
            over.set()
            peer.give_up()
            thread.join()


def healthy(_number: int, first: str) -> tuple[int, Any]:
    return (200, TOKEN) if "/oauth2/token" in first else (200, [])


@pytest.mark.parametrize("by_reset", [False, True])
def test_a_kept_connection_that_the_peer_has_closed_is_replaced_as_clients_do(*, by_reset: bool) -> None:
    peer = Peer(healthy, by_reset=by_reset)
    with serving(peer) as url:
        report = diagnose(url, environ={}, **SECRET)
    assert (report.verdict.status, said(report)) == ("healthy", [])


def test_nodes_that_take_turns_behind_one_address_are_told_from_a_low_role() -> None:
    calls = itertools.count()

    def by_turns(_number: int, first: str) -> tuple[int, Any]:
        if "/v3/" not in first:
            return healthy(0, first)
        return (200, []) if next(calls) % 2 else (401, DENIED)

    with serving(Peer(by_turns)) as url:
        report = diagnose(url, environ={}, **SECRET)
    assert report.verdict.code == "token.node_bound"


def test_a_role_that_is_too_low_stays_one_however_often_it_is_asked() -> None:
    def by_role(_number: int, first: str) -> tuple[int, Any]:
        return (401, DENIED) if "/v3/users" in first else healthy(0, first)

    with serving(Peer(by_role)) as url:
        report = diagnose(url, environ={}, **SECRET)
    assert said(report) == ["api.role_insufficient"]


def test_a_wait_that_the_budget_cut_short_blames_nobody() -> None:
    with serving(Peer(lambda _number, _first: None)) as url:
        report = diagnose(url, environ={}, max_time=0.6, **SECRET)
    assert report.verdict.status == "unknown"
    assert "--max-time" in report.verdict.sentence
    assert said(report) == []


def test_a_server_that_takes_basic_credentials_unencoded_only() -> None:
    import base64

    raw = base64.b64encode(b"the-key:s+cret/%").decode()

    class Reading(Peer):
        def __call__(self, connection: socket.socket) -> None:
            head = connection.recv(65536).decode("latin-1")
            right = f"Basic {raw}" in head
            document = TOKEN if right else {"error": "invalid_client"}
            with connection:
                connection.sendall(whole(200 if right else 400, document))

    options = {**SECRET, "client_secret": "s+cret/%"}
    with serving(Reading(healthy)) as url:
        report = diagnose(url, environ={}, skip=["api"], **options)
    assert report.verdict.code == "token.basic_not_urlencoded"
    assert "s+cret" not in json.dumps([seen.evidence for seen in report.observations])


def test_a_netrc_file_is_told_without_its_password(tmp_path: Path) -> None:
    file = tmp_path / "netrc"
    file.write_text("machine 127.0.0.1 login somebody password not-to-be-seen\n", encoding="utf-8")
    with serving(Peer(healthy)) as url:
        report = diagnose(url, environ={"NETRC": str(file)}, **SECRET)
    assert (report.verdict.status, report.verdict.code) == ("degraded", "api.auth_overridden")
    assert "not-to-be-seen" not in json.dumps([seen.evidence for seen in report.observations])


def test_a_client_certificate_and_a_key_that_do_not_fit(tmp_path: Path) -> None:
    factory = CertificateFactory(tmp_path, ("localhost", "127.0.0.1"))
    good, other = factory.server("good"), factory.server("rsa")
    with Listener(lambda connection: connection.close()) as peer:
        report = diagnose(f"https://127.0.0.1:{peer.port}", environ={}, client_cert=good.chain, client_key=other.key)
    assert said(report) == ["config.setting_invalid"]

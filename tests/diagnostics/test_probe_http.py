"""The HTTP exchange against servers that answer in every wrong way, over real sockets."""

from __future__ import annotations

import gzip
import json
import socket
import ssl
import time
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ayx_diagnostics.model import Observation
from ayx_diagnostics.network.clock import SystemClock
from ayx_diagnostics.network.streams import SocketStream
from ayx_diagnostics.probes.http import HttpConnection, converse, exchange
from ayx_diagnostics.probes.http_answer import MISSING, Answer, shown_url
from ayx_diagnostics.probes.tls import handshake, unverified_context
from ayx_simulator.peers.certificates import CertificateFactory
from ayx_simulator.peers.faulty_peer import FaultyServer
from ayx_simulator.peers.listener import Connection, Listener
from fast import examples
from hypothesis import given, settings
from hypothesis import strategies as st

URL = "http://ayx.lab.test/webapi/swagger/docs/3"


def connect(port: int) -> HttpConnection:
    return HttpConnection(SocketStream(socket.create_connection(("127.0.0.1", port), timeout=5)))


def answering(*pieces: bytes, pause_s: float = 0.0, end: str = "finish") -> Callable[[Connection], None]:
    """Read a request's head, send pieces, and end as told."""

    def act(connection: Connection) -> None:
        connection.receive_until(b"\r\n\r\n")
        for piece in pieces:
            connection.send(piece)
            time.sleep(pause_s)
        getattr(connection, end)()

    return act


def get(act: Callable[[Connection], None], method: str = "GET", url: str = URL, **options: Any) -> Observation:
    with Listener(act) as peer:
        connection = connect(peer.port)
        seen = exchange(SystemClock(), connection, method, url, **{"timeout_s": 2.0, "purpose": "swagger", **options})
        connection.close()
    return seen


def response(body: bytes, *headers: str, status: str = "200 OK") -> bytes:
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers, "", ""]
    return "\r\n".join(lines).encode("latin-1") + body


@pytest.mark.parametrize(
    ("behaviour", "outcome"),
    [
        ("http_ok", "ok"),
        ("http_login_page", "ok"),
        ("http_silence", "timeout"),
        ("http_fin", "closed"),
        ("http_reset", "reset"),
        ("http_garbage", "not_http"),
        ("http_2_only", "not_http"),
        ("http_body_cut", "body_cut"),
        ("http_body_stall", "body_stall"),
        ("http_bad_gzip", "bad_encoding"),
        ("http_huge_header", "header_too_large"),
        ("ssh_banner", "not_http"),
    ],
)
def test_each_fault_has_its_outcome(behaviour: str, outcome: str) -> None:
    with FaultyServer(behaviour) as peer:
        connection = connect(peer.port)
        seen = exchange(SystemClock(), connection, "GET", URL, timeout_s=0.5)
        connection.close()
    assert seen.outcome == outcome
    assert (seen.evidence["status"] is None) == (
        outcome in {"timeout", "closed", "reset", "not_http", "header_too_large"}
    )
    json.dumps(dict(seen.evidence))


def test_headers_outside_the_allow_list_stay_out() -> None:
    seen = get(
        answering(
            response(
                b"<html><title>Sign  in &amp; go</title></html>",
                "Server: Microsoft-HTTPAPI/2.0",
                "Via: 1.1 gw",
                "Content-Type: text/html",
                "Set-Cookie: session=abcdef123456",
                "X-Internal: nothing-to-see",
                "WWW-Authenticate: Negotiate",
                "WWW-Authenticate: NTLM",
                "Date: Mon, 23 Nov 2026 20:00:00 GMT",
                "X-Cache: MISS",
                status="401 Unauthorized",
            )
        )
    )
    evidence = seen.evidence
    assert (evidence["status"], evidence["reason"]) == (401, "Unauthorized")
    assert evidence["www_authenticate"] == "Negotiate, NTLM"
    assert (evidence["server"], evidence["via"], evidence["x_cache"]) == ("Microsoft-HTTPAPI/2.0", "1.1 gw", "MISS")
    assert evidence["title"] == "Sign in & go"
    assert evidence["json"] is False
    text = json.dumps(dict(evidence))
    assert "abcdef123456" not in text
    assert "nothing-to-see" not in text


def test_a_swagger_document_is_recognised_with_a_byte_order_mark() -> None:
    document = json.dumps({"swagger": "2.0", "info": {"title": "Server API", "version": "V3"}, "paths": {}})
    seen = get(answering(response(b"\xef\xbb\xbf" + document.encode(), "Content-Type: application/json")))
    evidence = seen.evidence
    assert (evidence["json"], evidence["swagger"]) == (True, True)
    assert (evidence["swagger_title"], evidence["swagger_version"]) == ("Server API", "V3")
    assert evidence["json_keys"] == ["swagger", "info", "paths"]
    assert "body_start" not in evidence


def test_the_captured_document_of_a_server_fits_the_limit() -> None:
    paths = {f"/v3/things{number}": {"get": {"description": "x" * 1000}} for number in range(400)}
    body = json.dumps({"swagger": "2.0", "info": {}, "paths": paths}).encode()
    seen = get(answering(response(body)))
    assert seen.evidence["swagger"] is True
    assert "body_truncated" not in seen.evidence


@pytest.mark.parametrize(
    ("coding", "squeeze"),
    [
        ("gzip", gzip.compress),
        ("deflate", zlib.compress),
        ("deflate", lambda data: zlib.compress(data)[2:-4]),
        ("gzip, deflate", lambda data: zlib.compress(gzip.compress(data, mtime=0))),
        ("identity", bytes),
    ],
)
def test_content_codings_are_undone(coding: str, squeeze: Callable[[bytes], bytes]) -> None:
    body = squeeze(b'{"message": "hello"}')
    seen = get(answering(response(body, f"Content-Encoding: {coding}")))
    assert (seen.outcome, seen.evidence["json_keys"]) == ("ok", ["message"])


@pytest.mark.parametrize(
    ("coding", "body"),
    [
        ("br", b"whatever"),
        ("gzip", b"not gzip at all"),
        ("gzip", gzip.compress(b"x" * 1000, mtime=0)[:-12]),
        ("gzip, gzip, gzip, gzip", b"deep"),
    ],
)
def test_a_coding_that_cannot_be_undone(coding: str, body: bytes) -> None:
    assert get(answering(response(body, f"Content-Encoding: {coding}"))).outcome == "bad_encoding"


def test_a_decompression_bomb_is_cut() -> None:
    bomb = gzip.compress(b"\0" * 20_000_000, mtime=0)
    seen = get(answering(response(bomb, "Content-Encoding: gzip")))
    assert seen.outcome == "ok"
    assert seen.evidence["body_truncated"] is True


def test_an_endless_body_is_cut_and_ends_the_connection() -> None:
    def flood(connection: Connection) -> None:
        connection.receive_until(b"\r\n\r\n")
        connection.send(b"HTTP/1.1 200 OK\r\n\r\n")
        while not connection.closing.is_set():
            connection.send(b"x" * 65536)

    with Listener(flood) as peer:
        connection = connect(peer.port)
        seen, answer = converse(SystemClock(), connection, "GET", URL, timeout_s=5, body_limit=100_000)
        assert not connection.reusable
        connection.close()
    assert seen.outcome == "ok"
    assert seen.evidence["body_truncated"] is True
    assert len(answer.body) == 100_000


def test_an_answer_that_drips_is_bounded() -> None:
    def drip(connection: Connection) -> None:
        connection.receive_until(b"\r\n\r\n")
        connection.send(b"HTTP/1.1 200 OK\r\nX: ")
        while True:
            connection.send(b"x")
            time.sleep(0.02)

    started = time.monotonic()
    seen = get(drip, timeout_s=0.3)
    assert seen.outcome == "timeout"
    assert time.monotonic() - started < 2


@pytest.mark.parametrize(
    "body", [b"5\r\nhello\r\n", b"5\r\nhello\r\n5\r\nhe"], ids=["before the next chunk", "within a chunk"]
)
@pytest.mark.parametrize(("end", "outcome"), [("finish", "body_cut"), ("hold", "body_stall"), ("reset", "body_cut")])
def test_a_chunked_body_that_ends_early(body: bytes, end: str, outcome: str) -> None:
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    seen = get(answering(head + body, pause_s=0.05, end=end), timeout_s=0.4)
    assert (seen.outcome, seen.evidence["status"]) == (outcome, 200)


def test_chunks_that_are_none() -> None:
    seen = get(answering(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzzz\r\n"))
    assert (seen.outcome, seen.evidence["status"]) == ("bad_encoding", 200)


def test_a_body_that_ends_with_the_connection() -> None:
    seen = get(answering(b"HTTP/1.0 503 Service Unavailable\r\nRetry-After: 30\r\n\r\nlater"))
    assert (seen.outcome, seen.evidence["body_start"], seen.evidence["retry_after"]) == ("ok", "later", "30")


def test_interim_answers_are_put_up_with_but_not_for_ever() -> None:
    hint = b"HTTP/1.1 103 Early Hints\r\n\r\n"
    assert get(answering(hint * 3 + response(b"x"))).evidence["status"] == 200
    assert get(answering(hint * 50 + response(b"x"))).outcome == "not_http"


def test_a_status_line_in_pieces() -> None:
    pieces = [bytes([byte]) for byte in response(b"[]")]
    seen = get(answering(*pieces, pause_s=0.001))
    assert (seen.outcome, seen.evidence["json"]) == ("ok", True)


def test_another_protocol_shows_its_first_bytes() -> None:
    seen = get(answering(b"SSH-2.0-OpenSSH_9.2\r\n"))
    assert seen.evidence["first_bytes"].startswith("SSH-2.0-OpenSSH_9.2")
    half = get(answering(b"HTTP/1.1 200 OK\r\nServer: x\r\n"))
    assert (half.outcome, half.evidence["first_bytes"][:12]) == ("closed", "HTTP/1.1 200")


def test_a_redirect_is_shown_and_not_followed() -> None:
    location = "https://user:pw12345@idp.example/login?SAMLRequest=secretsecret"
    seen = get(
        answering(response(b"", f"Location: {location}", status="302 Found")),
        redirects=[{"status": 301, "location": "/x"}],
    )
    assert seen.evidence["location"] == "https://idp.example/login?..."
    assert seen.evidence["redirects"] == [{"status": 301, "location": "/x"}]


def test_one_connection_carries_several_exchanges() -> None:
    def serve(connection: Connection) -> None:
        while connection.receive_until(b"\r\n\r\n"):
            connection.send(response(b"[1]"))

    with Listener(serve) as peer:
        connection = connect(peer.port)
        seen = []
        for _ in range(3):
            assert connection.reusable
            seen.append(exchange(SystemClock(), connection, "GET", URL, timeout_s=2))
        connection.close()
    assert [item.outcome for item in seen] == ["ok"] * 3
    assert [item.evidence["reused"] for item in seen] == [False, True, True]


def test_connection_close_is_respected() -> None:
    with Listener(answering(response(b"[1]", "Connection: close"))) as peer:
        connection = connect(peer.port)
        exchange(SystemClock(), connection, "GET", URL, timeout_s=2)
        assert not connection.reusable
        assert exchange(SystemClock(), connection, "GET", URL, timeout_s=2).outcome == "invalid_argument"
        connection.close()


def test_what_is_sent() -> None:
    with Listener(answering(response(b"x"))) as peer:
        connection = connect(peer.port)
        exchange(SystemClock(), connection, "POST", "http://ayx.lab.test:8080/a b/ü?q=1 2", content=b"a=1", timeout_s=2)
        connection.close()
        sent = bytes(peer.connections[0].received)
    lines = sent.split(b"\r\n")
    assert lines[0] == b"POST /a%20b/%C3%BC?q=1%202 HTTP/1.1"
    assert b"Host: ayx.lab.test:8080" in lines
    assert b"Accept-Encoding: identity" in lines
    assert b"Content-Length: 3" in lines
    assert sent.endswith(b"\r\n\r\na=1")


@pytest.mark.parametrize(
    ("url", "host"),
    [("http://[::1]:8080/x", "[::1]:8080"), ("http://a.test:80/x", "a.test"), ("https://a.test:443/x", "a.test")],
)
def test_the_host_header_and_the_absolute_form_for_a_proxy(url: str, host: str) -> None:
    with Listener(answering(response(b"x"))) as peer:
        stream = SocketStream(socket.create_connection(("127.0.0.1", peer.port), timeout=5))
        connection = HttpConnection(stream, absolute_form=True)
        exchange(SystemClock(), connection, "GET", url, timeout_s=2, headers={"Host": host})
        connection.close()
        sent = bytes(peer.connections[0].received)
    scheme = url.partition(":")[0]
    assert sent.startswith(f"GET {scheme}://{host}/x HTTP/1.1\r\n".encode())
    assert sent.count(b"Host: ") == 1


def test_an_early_refusal_of_a_large_request_is_heard() -> None:
    def refuse(connection: Connection) -> None:
        connection.receive(100)
        connection.send(response(b"", "Connection: close", status="413 Content Too Large"))
        time.sleep(0.1)
        connection.reset()

    seen = get(refuse, method="POST", content=b"x" * 8_000_000)
    assert seen.outcome in ("ok", "reset")  # an RST may overtake the answer; Linux keeps what was received
    if seen.outcome == "ok":
        assert seen.evidence["status"] == 413


@pytest.mark.parametrize("value", ["line\nbreak-secret", "smart “secret”", "nul\0secret"])
def test_a_header_that_cannot_be_sent_is_no_crash_and_no_leak(value: str) -> None:
    seen = get(answering(response(b"x")), headers={"Authorization": value})
    assert seen.outcome == "invalid_argument"
    assert seen.evidence["errno_name"] == "UNSENDABLE_REQUEST"
    assert "secret" not in json.dumps(dict(seen.evidence))


@pytest.mark.parametrize("url", ["http:///x", "http://a..b/", "http://[::1/", "http://a:99999/"])
def test_a_url_that_cannot_be_asked(url: str) -> None:
    assert get(answering(response(b"x")), url=url).outcome == "invalid_argument"


@pytest.mark.parametrize("echo", ["Bearer s3cr3t-t0ken", "s3cr3t-t0ken", "czNjcjN0LXQwa2Vu"])
def test_an_echoed_secret_is_masked(echo: str) -> None:
    seen = get(answering(response(f"you sent {echo}!".encode())), headers={"Authorization": "Bearer s3cr3t-t0ken"})
    assert echo.rpartition(" ")[2] not in json.dumps(dict(seen.evidence))
    assert seen.evidence["body_start"].startswith("you sent ")


def test_an_alert_after_the_handshake_is_an_outcome_of_the_exchange(tmp_path: Path) -> None:
    good = CertificateFactory(tmp_path, ("ayx.lab.test",)).server("good")
    with FaultyServer("client_certificate_1_3", certificate=good.chain, key=good.key) as peer:
        sock = socket.create_connection(("127.0.0.1", peer.port), timeout=5)
        _, stream, _ = handshake(SystemClock(), SocketStream(sock), unverified_context(), "x", target="t", timeout_s=2)
        assert stream is not None
        time.sleep(0.1)
        connection = HttpConnection(stream)
        seen = exchange(SystemClock(), connection, "GET", "https://x/", timeout_s=2)
        connection.close()
    assert seen.outcome == "alert"
    assert seen.evidence["tls_reason"] == "TLSV13_ALERT_CERTIFICATE_REQUIRED"
    assert seen.evidence["alerts"] == [
        {"direction": "received", "level": 2, "number": 116, "name": "certificate_required"}
    ]


def test_an_error_of_tls_without_a_reason_is_no_crash() -> None:
    class Broken:
        def send_all(self, _data: bytes, _timeout_s: float) -> None:
            raise ssl.SSLError("made by Python code")

        def close(self) -> None:
            pass

    seen = exchange(SystemClock(), HttpConnection(Broken()), "GET", URL, timeout_s=1)  # type: ignore[arg-type]  # as much of a stream as is used
    assert (seen.outcome, seen.evidence["tls_reason"]) == ("protocol_error", None)


@pytest.mark.parametrize(
    ("body", "content_type", "document"),
    [
        (b"null", "application/json", None),
        (b"404", "text/plain", MISSING),
        (b'"text"', "application/json", "text"),
        (b'"text"', "text/plain", MISSING),
        (b"[" * 100_000, "application/json", MISSING),
        ('{"a": "ü"}'.encode("latin-1"), "application/json; charset=iso-8859-1", {"a": "ü"}),
        (b'{"a": 1}', "text/html; charset=no-such-charset", {"a": 1}),
        (b'{"a": 1}', "text/html; charset=base64", {"a": 1}),
        (b'{"a": 1}', "text/html; charset=unicode_escape", {"a": 1}),
        (b'{"a": 1}', "text/html; charset=iso-8859-12", {"a": 1}),
        ('{"a": 1}'.encode("utf-16"), "application/json; charset=utf-16", {"a": 1}),
        (b"", "application/json", MISSING),
    ],
)
def test_what_counts_as_json(body: bytes, content_type: str, document: object) -> None:
    answer = Answer(status=200, headers=[("content-type", content_type)], body=body)
    assert answer.document == document


def test_shown_urls() -> None:
    assert shown_url("https://u:p@h:1/a?token=1#f") == "https://h:1/a?..."
    assert shown_url("http://[bad/x?y") == "http://[bad/x"
    assert shown_url("/relative") == "/relative"


class Replay:
    """A peer that has said everything already."""

    def __init__(self, data: bytes, piece: int) -> None:
        self._data, self._piece = data, piece

    def send_all(self, _data: bytes, _timeout_s: float) -> None:
        pass

    def receive(self, limit: int, _timeout_s: float) -> bytes:
        size = min(limit, self._piece)
        taken, self._data = self._data[:size], self._data[size:]
        return taken

    def close(self) -> None:
        pass

    def tcp_info(self) -> None:
        return None


_HEADS = st.sampled_from(
    [
        b"",
        b"HTTP/1.1 200 OK\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Encoding: deflate\r\nContent-Length: 9\r\n\r\n",
        b"HTTP/1.1 101 Switching\r\nUpgrade: x\r\n\r\n",
        b"HTTP/1.1 204\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Type: application/json; charset=utf-7\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nLocation: http://[",
    ]
)
_OUTCOMES = {"ok", "not_http", "body_cut", "body_stall", "bad_encoding", "header_too_large", "closed"}


@settings(max_examples=examples(150), deadline=None)
@given(head=_HEADS, tail=st.binary(max_size=300), piece=st.integers(1, 400), method=st.sampled_from(["GET", "HEAD"]))
def test_whatever_a_peer_says_there_is_an_outcome(head: bytes, tail: bytes, piece: int, method: str) -> None:
    seen = exchange(SystemClock(), HttpConnection(Replay(head + tail, piece)), method, URL, timeout_s=5)
    assert seen.outcome in _OUTCOMES
    json.dumps(dict(seen.evidence))


@settings(max_examples=10, deadline=None)
@given(byte=st.sampled_from([b"a", b"\r\n", b"a: b\r\n", b"\0"]), size=st.integers(70_000, 400_000))
def test_an_endless_head_is_bounded(byte: bytes, size: int) -> None:
    replay = Replay(b"HTTP/1.1 200 OK\r\n" + byte * size, 65536)
    seen = exchange(SystemClock(), HttpConnection(replay), "GET", URL, timeout_s=5)
    assert seen.outcome in {"header_too_large", "not_http", "ok"}
    assert seen.evidence["bytes_received"] <= 1_200_000

"""Peers that mean harm: answers without end, bombs, drips, and texts that attack whoever prints them.

In a test: ``with HostileServer("endless_headers") as server: … server.port``. Every attack is bounded on this side by
the client's going away or by the end of the context.
"""

from __future__ import annotations

import gzip
import json
import os
import ssl
import zlib
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Self

from .listener import Connection, Listener
from .raw_answers import response

__all__ = ["ATTACKS", "ESCAPES", "TLS_ATTACKS", "HostileServer"]

#: What a terminal would obey: a window title, a colour, the C1 forms, NUL, backspaces and a change of direction.
ESCAPES = "\x1b]0;owned\x07\x1b[31mred\x1b[0m\x9b2J\x00\x08\x7f\u202egnp.exe\u2028<b>&amp;]]>"
_ESCAPES_IN_HEADER = b"\x1b]0;owned\x07\x1b[31mred\x9b2J\x08\x7f<b>&"
_DRIP_S = 0.05
_BLOCK = b"x" * 65536
_BOMB_SIZE = 100_000_000
_RECORD_SIZE = 16384
_GZIP_HEAD, _GZIP_TAIL = 10, 8  # RFC 1952, 2.3: without a name in it


def _send_for_ever(connection: Connection, data: bytes) -> None:
    while not connection.closing.is_set():
        connection.send(data)


def _drip(connection: Connection, data: Iterator[bytes]) -> None:
    for piece in data:
        connection.send(piece)
        if connection.closing.wait(_DRIP_S):
            return


def _endlessly(piece: bytes) -> Iterator[bytes]:
    while True:
        yield piece


def _then_for_ever(start: bytes, piece: bytes) -> Callable[[Connection], None]:
    def act(connection: Connection) -> None:
        connection.send(start)
        _send_for_ever(connection, piece)

    return act


def _then_drip(start: bytes, piece: bytes) -> Callable[[Connection], None]:
    def act(connection: Connection) -> None:
        connection.send(start)
        _drip(connection, _endlessly(piece))

    return act


def _answers(status: int, body: bytes, *headers: str, content_type: str) -> Callable[[Connection], None]:
    def act(connection: Connection) -> None:
        connection.send(response(status, body, *headers, content_type=content_type))
        connection.finish()

    return act


def _html(text: str, status: int = 200) -> Callable[[Connection], None]:
    return _answers(status, text.encode("utf-8", "surrogatepass"), content_type="text/html; charset=utf-8")


def _json(text: str, status: int = 200) -> Callable[[Connection], None]:
    return _answers(status, text.encode(), content_type="application/json")


@cache
def _zeros_in_gzip(layers: int) -> bytes:
    """Return 100 MB of zeros, compressed once or more often."""
    packer = zlib.compressobj(9, zlib.DEFLATED, zlib.MAX_WBITS | 16)
    bomb = b"".join(packer.compress(bytes(1_000_000)) for _ in range(_BOMB_SIZE // 1_000_000)) + packer.flush()
    for _ in range(layers - 1):
        packer = zlib.compressobj(9, zlib.DEFLATED, zlib.MAX_WBITS | 16)
        bomb = packer.compress(bomb) + packer.flush()
    return bomb


def _bomb(layers: int) -> Callable[[Connection], None]:
    def act(connection: Connection) -> None:
        _packed(_zeros_in_gzip(layers), ", ".join(["gzip"] * layers))(connection)

    return act


def _bare_deflate_bomb(connection: Connection) -> None:
    _packed(_zeros_in_gzip(1)[_GZIP_HEAD:-_GZIP_TAIL], "deflate")(connection)


def _wide_list(connection: Connection) -> None:
    _json("[" + "{}," * 5_000_000 + "{}]")(connection)


def _packed(body: bytes, coding: str) -> Callable[[Connection], None]:
    return _answers(200, body, f"Content-Encoding: {coding}", content_type="application/json")


def _escapes_in_head(status: int) -> Callable[[Connection], None]:
    def act(connection: Connection) -> None:
        fields = (b"Server", b"Via", b"Location", b"WWW-Authenticate", b"Proxy-Authenticate", b"Content-Type", b"Date")
        lines = [
            b"HTTP/1.1 %d %s" % (status, _ESCAPES_IN_HEADER),
            *(b"%s: %s" % (f, _ESCAPES_IN_HEADER) for f in fields),
        ]
        connection.send(b"\r\n".join([*lines, b"Content-Length: 0", b"Connection: close", b"", b""]))
        connection.finish()

    return act


def _echo(status: int) -> Callable[[Connection], None]:
    """Repeat the whole request in the body, in a title, in JSON, and its last line in header fields."""

    def act(connection: Connection) -> None:
        request = bytes(connection.received).decode("latin-1")
        flat = " ".join(request.split())
        page = f"<title>{flat}</title>\n{request}\n{json.dumps(request)}"
        named = [f"{name}: {flat}" for name in ("Server", "Via", "Location", "WWW-Authenticate", "Proxy-Status")]
        connection.send(response(status, page.encode("latin-1"), *named))
        connection.finish()

    return act


def _echo_json(connection: Connection) -> None:
    request = bytes(connection.received).decode("latin-1")
    body = dict.fromkeys(("error", "error_description", "message", "token_type"), request) | {request: request}
    connection.send(response(400, json.dumps(body).encode(), content_type="application/json"))
    connection.finish()


def _echo_raw(connection: Connection) -> None:
    connection.send(bytes(connection.received))
    connection.finish()


_OK = b"HTTP/1.1 200 OK\r\n"
_CHUNKED = _OK + b"Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
_ANSWER = '{"access_token": "abcdefgh12345678", "token_type": "bearer", "expires_in": %s}'

#: name -> what is sent once a request was read (over plain HTTP, or TLS with a certificate).
ATTACKS: Mapping[str, Callable[[Connection], None]] = {
    "endless_headers": _then_for_ever(_OK, b"X-Field: value\r\n" * 1000),
    "long_header": _then_for_ever(_OK + b"X-Field: ", _BLOCK),
    "long_status_line": _then_for_ever(b"HTTP/1.1 200 ", _BLOCK),
    "many_headers": _answers(200, b"{}", *["X-Field: value"] * 3000, content_type="application/json"),
    "many_cookies": _answers(
        200, b"{}", *[f"Set-Cookie: c{n}=v" for n in range(2000)], content_type="application/json"
    ),
    "header_drip": _then_drip(_OK, b"X: y\r\n"),
    "status_line_drip": _then_drip(b"HTTP/1.1 200 ", b"x"),
    "endless_interim": _then_for_ever(b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 1000),
    "interim_drip": _then_drip(b"", b"HTTP/1.1 102 Processing\r\n\r\n"),
    "endless_chunks": _then_for_ever(_CHUNKED, b"10000\r\n" + _BLOCK + b"\r\n"),
    "tiny_chunks": _then_for_ever(_CHUNKED, b"1\r\nx\r\n" * 10000),
    "long_chunk_header": _then_for_ever(_CHUNKED + b"1;", _BLOCK),
    "chunk_extensions": _then_for_ever(_CHUNKED, b"1;e=" + _BLOCK[:10000] + b"\r\nx\r\n"),
    "chunk_size_drip": _then_drip(_CHUNKED + b"1;", b"x"),
    "endless_trailers": _then_for_ever(_CHUNKED + b"0\r\n", b"X-Field: value\r\n" * 1000),
    "body_drip": _then_drip(_OK + b"Content-Length: 1000000000000\r\n\r\n", b"x"),
    "event_stream": _then_drip(_OK + b"Content-Type: text/event-stream\r\n\r\n", b"data: {}\n\n"),
    "endless_body": _then_for_ever(_OK + b"\r\n", _BLOCK),
    "gzip_bomb": _bomb(1),
    "nested_gzip_bomb": _bomb(3),
    "bare_deflate_bomb": _bare_deflate_bomb,
    "unknown_coding": _packed(b"\x8b" * 1000, "br"),
    "cut_gzip": _packed(gzip.compress(b"{}" * 1000)[:-9], "gzip"),
    "redirect_loop": _answers(302, b"", "Location: /webapi/oauth2/token", content_type="text/html"),
    "huge_token": _json(json.dumps({"access_token": "t" * 5_000_000, "expires_in": 3600})),
    "deep_list": _json("[" * 100_000 + "]" * 100_000),
    "wide_list": _wide_list,
    "deep_object": _json('{"a":' * 100_000 + "1" + "}" * 100_000),
    "infinite_number": _json(_ANSWER % "1e999"),
    "not_a_number": _json(_ANSWER % "NaN"),
    "huge_number": _json(_ANSWER % ("9" * 4000)),
    "longest_number": _json(_ANSWER % ("9" * 400_000)),
    "negative_number": _json(_ANSWER % "-1e308"),
    "lone_surrogates": _json('{"error": "\\ud800", "error_description": "\\udfff \\ud800 x", "\\udc00": 1}', 400),
    "escapes_in_json": _json(
        json.dumps(dict.fromkeys(("error", "error_description", "message", ESCAPES), ESCAPES)), 400
    ),
    "escapes_in_title": _html(f"<html><title>{ESCAPES}</title>{ESCAPES}</html>"),
    "escapes_in_error_page": _html(f"<html><title>{ESCAPES}</title>{ESCAPES}</html>", 502),
    "escapes_in_head": _escapes_in_head(503),
    "escapes_in_redirect": _escapes_in_head(302),
    "escapes_in_challenge": _escapes_in_head(407),
    "slow_title": _html("<title" * 20_000),
    "slow_address": _html("a." * 40_000),
    "slow_authorization": _html("authorization:" + " " * 65_000),
    "echo": _echo(502),
    "echo_redirect": _echo(302),
    "echo_unauthorized": _echo(401),
    "echo_json": _echo_json,
    "echo_raw": _echo_raw,
    "challenge_then_stream": _then_for_ever(b"HTTP/1.1 407 No\r\nProxy-Authenticate: Basic\r\n\r\n", _BLOCK),
    "open_then_stream": _then_for_ever(b"HTTP/1.1 200 OK\r\n\r\n", _BLOCK),
}


def _server_hello_only(context: ssl.SSLContext) -> Callable[[Connection], None]:
    def act(connection: Connection) -> None:
        flight = _first_flight(connection, context)
        connection.send(flight[: 5 + int.from_bytes(flight[3:5], "big")])
        connection.hold()

    return act


def _flight_drip(context: ssl.SSLContext) -> Callable[[Connection], None]:
    def act(connection: Connection) -> None:
        flight = _first_flight(connection, context)
        _drip(connection, (flight[at : at + 1] for at in range(len(flight))))

    return act


def _first_flight(connection: Connection, context: ssl.SSLContext) -> bytes:
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    incoming.write(connection.receive())
    try:
        context.wrap_bio(incoming, outgoing, server_side=True).do_handshake()
    except ssl.SSLWantReadError:
        return outgoing.read()
    raise ConnectionResetError


def _records(kind: int) -> Callable[[Connection], None]:
    """Records of garbage, their type and length as they should be."""

    def act(connection: Connection) -> None:
        connection.receive()
        _send_for_ever(connection, bytes([kind, 3, 3, _RECORD_SIZE >> 8, 0]) + os.urandom(_RECORD_SIZE))

    return act


def _raw(data: bytes) -> Callable[[Connection], None]:
    def act(connection: Connection) -> None:
        connection.receive()
        _send_for_ever(connection, data)

    return act


#: name -> what is sent instead of a handshake; those that need the server's context make one with it.
TLS_ATTACKS: Mapping[str, Callable[[ssl.SSLContext], Callable[[Connection], None]]] = {
    "server_hello_only": _server_hello_only,
    "handshake_drip": _flight_drip,
    "handshake_records": lambda _: _records(22),
    "data_records": lambda _: _records(23),
    "warning_alerts": lambda _: _raw(bytes([21, 3, 3, 0, 2, 1, 90]) * 5000),
    "empty_records": lambda _: _raw(bytes([22, 3, 3, 0, 0]) * 5000),
    "cipher_changes": lambda _: _raw(bytes([20, 3, 3, 0, 1, 1]) * 5000),
    "garbage": lambda _: _raw(b"\xff" * 65536),
    "not_tls_escapes": lambda _: _raw(ESCAPES.encode()),
    "closed_at_once": lambda _: Connection.finish,
}


class HostileServer:
    """A server with one attack, as a context manager.

    Args:
        attack: A name of ``ATTACKS`` or ``TLS_ATTACKS``.
        certificate: Chain to present, leaf first (PEM); without it an attack of ``ATTACKS`` is over plain HTTP.
        key: The private key of the leaf (PEM).
        only: What the request line of those requests holds that are attacked (``/v3/users``); the token endpoint then
            gives a token, and everything else is an empty list.
    """

    def __init__(
        self, attack: str, *, certificate: Path | None = None, key: Path | None = None, only: str = ""
    ) -> None:
        self._only = only.encode()
        self._context: ssl.SSLContext | None = None
        if certificate is not None:
            self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self._context.load_cert_chain(certificate, key)
        self._attack = attack
        self._listener = Listener(self._serve)

    @property
    def port(self) -> int:
        """The port on 127.0.0.1, once the context was entered."""
        return self._listener.port

    @property
    def received(self) -> list[bytes]:
        """What each connection brought so far; decrypted where there was TLS."""
        return [bytes(connection.received) for connection in self._listener.connections]

    def __enter__(self) -> Self:
        self._listener.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.close()

    def _serve(self, connection: Connection) -> None:
        if self._attack in TLS_ATTACKS:
            TLS_ATTACKS[self._attack](self._context or ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER))(connection)
            return
        if self._context is not None:
            connection.start_tls(self._context)
        asked = _read_request(connection)
        attack = ATTACKS[self._attack] if self._only in asked else _POLITE[b"/oauth2/token" in asked]
        attack(connection)


#: Whether it is a token that is asked for -> the answer of a Server that means well.
_POLITE = {True: _json(_ANSWER % 3600), False: _json("[]")}


def _read_request(connection: Connection) -> bytes:
    """Read a request with its body, which is a form on one line where there is one; return its first line."""
    head = connection.receive_until(b"\r\n\r\n")
    if b"Content-Length: " in head:
        announced = int(head.split(b"Content-Length: ")[1].split(b"\r\n")[0])
        body = head.partition(b"\r\n\r\n")[2]
        while len(body) < announced and (more := connection.receive()):
            body += more
    return head.partition(b"\r\n")[0]

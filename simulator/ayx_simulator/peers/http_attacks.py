"""What peers that mean harm answer: bodies without end, bombs, drips, and texts that attack whoever prints them.

Every attack is bounded on this side by the client's going away or by the end of the context.
"""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Callable, Iterator, Mapping
from functools import cache

from .listener import Connection
from .raw_answers import response

__all__ = ["ATTACKS", "ESCAPES", "GRANT", "drip", "json_answer", "send_for_ever"]

#: What a terminal would obey: a window title, a colour, the C1 forms, NUL, backspaces and a change of direction.
ESCAPES = "\x1b]0;owned\x07\x1b[31mred\x1b[0m\x9b2J\x00\x08\x7f\u202egnp.exe\u2028<b>&amp;]]>"
_ESCAPES_IN_HEADER = b"\x1b]0;owned\x07\x1b[31mred\x9b2J\x08\x7f<b>&"
_DRIP_S = 0.05
_BLOCK = b"x" * 65536
_BOMB_SIZE = 100_000_000
_GZIP_HEAD, _GZIP_TAIL = 10, 8  # RFC 1952, 2.3: without a name in it


def send_for_ever(connection: Connection, data: bytes) -> None:
    """Send the same bytes until the client goes away or the context ends."""
    while not connection.closing.is_set():
        connection.send(data)


def drip(connection: Connection, data: Iterator[bytes]) -> None:
    """Send one piece every 50 ms."""
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
        send_for_ever(connection, piece)

    return act


def _then_drip(start: bytes, piece: bytes) -> Callable[[Connection], None]:
    def act(connection: Connection) -> None:
        connection.send(start)
        drip(connection, _endlessly(piece))

    return act


def _answers(status: int, body: bytes, *headers: str, content_type: str) -> Callable[[Connection], None]:
    def act(connection: Connection) -> None:
        connection.send(response(status, body, *headers, content_type=content_type))
        connection.finish()

    return act


def _html(text: str, status: int = 200) -> Callable[[Connection], None]:
    return _answers(status, text.encode("utf-8", "surrogatepass"), content_type="text/html; charset=utf-8")


def json_answer(text: str, status: int = 200) -> Callable[[Connection], None]:
    """Return the act of answering with a JSON text."""
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
    json_answer("[" + "{}," * 5_000_000 + "{}]")(connection)


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
#: The answer of a token endpoint; what is left open is the lifetime.
GRANT = '{"access_token": "abcdefgh12345678", "token_type": "bearer", "expires_in": %s}'

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
    "huge_token": json_answer(json.dumps({"access_token": "t" * 5_000_000, "expires_in": 3600})),
    "deep_list": json_answer("[" * 100_000 + "]" * 100_000),
    "wide_list": _wide_list,
    "deep_object": json_answer('{"a":' * 100_000 + "1" + "}" * 100_000),
    "infinite_number": json_answer(GRANT % "1e999"),
    "not_a_number": json_answer(GRANT % "NaN"),
    "huge_number": json_answer(GRANT % ("9" * 4000)),
    "longest_number": json_answer(GRANT % ("9" * 400_000)),
    "negative_number": json_answer(GRANT % "-1e308"),
    "lone_surrogates": json_answer('{"error": "\\ud800", "error_description": "\\udfff \\ud800 x", "\\udc00": 1}', 400),
    "escapes_in_json": json_answer(
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

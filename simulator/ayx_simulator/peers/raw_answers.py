"""HTTP answers that are wrong, cut, stalled or somebody else's; each sends bytes and leaves the connection to end."""

from __future__ import annotations

import gzip
import time
from collections.abc import Callable, Mapping
from email.utils import formatdate
from http import HTTPStatus

from .listener import Connection

__all__ = ["ANSWERS", "SSH_BANNER", "SSH_FAREWELL", "plain_answer", "response"]

SSH_BANNER = b"SSH-2.0-OpenSSH_9.6\r\n"
#: What sshd says to a client that does not introduce itself (RFC 4253 4.2), before it hangs up.
SSH_FAREWELL = b"Invalid SSH identification string.\r\n"

_LOGIN_PAGE = (
    b"<!DOCTYPE html><html><head><title>Sign in</title></head><body><h1>Sign in</h1><form></form></body></html>"
)
#: An empty SETTINGS frame, the first thing an HTTP/2 server says (RFC 9113 3.4).
_HTTP2_SETTINGS = b"\x00\x00\x00\x04\x00\x00\x00\x00\x00"


def response(status: int, body: bytes, *headers: str, content_type: str = "text/html; charset=utf-8") -> bytes:
    """Return a whole HTTP/1.1 response that closes the connection after itself.

    Args:
        status: Status code; the reason phrase is the registered one.
        body: The body, whose length is announced.
        *headers: Further header lines, without line ends.
        content_type: Value of ``Content-Type``.
    """
    try:
        reason = HTTPStatus(status).phrase
    except ValueError:
        reason = "Unknown"
    lines = [
        f"HTTP/1.1 {status} {reason}",
        f"Content-Type: {content_type}",
        f"Content-Length: {len(body)}",
        "Connection: close",
        *headers,
        "",
        "",
    ]
    return "\r\n".join(lines).encode("latin-1") + body


def plain_answer(connection: Connection, _argument: str) -> None:
    """Answer 200 with a short JSON document."""
    connection.send(response(200, b'{"stand_in": true}', content_type="application/json"))


def _status(connection: Connection, argument: str) -> None:
    status = int(argument or HTTPStatus.BAD_GATEWAY)
    page = f"<html><head><title>{status}</title></head><body><center><h1>{status}</h1></center></body></html>"
    connection.send(response(status, page.encode(), "Server: nginx"))


def _other_clock(connection: Connection, argument: str) -> None:
    date = formatdate(time.time() + float(argument or "259200"), usegmt=True)
    connection.send(response(200, b"{}", f"Date: {date}", content_type="application/json"))


def _login_page(connection: Connection, _argument: str) -> None:
    connection.send(response(200, _LOGIN_PAGE, "Server: portal"))


def _redirect(connection: Connection, argument: str) -> None:
    connection.send(response(302, b"", f"Location: {argument or 'https://login.lab.test/signin'}"))


def _redirect_loop(connection: Connection, _argument: str) -> None:
    connection.send(response(302, b"", "Location: /again"))


def _body_cut(connection: Connection, _argument: str) -> None:
    whole = response(200, b'{"access_token": ' + b" " * 4000, content_type="application/json")
    connection.send(whole[:-3000])


def _body_stall(connection: Connection, _argument: str) -> None:
    _body_cut(connection, "")
    connection.hold()


def _reset(connection: Connection, _argument: str) -> None:
    connection.reset()


def _silence(connection: Connection, _argument: str) -> None:
    connection.hold()


def _nothing(_connection: Connection, _argument: str) -> None:
    """Say nothing; what follows is FIN."""


def _garbage(connection: Connection, _argument: str) -> None:
    connection.send(b"\x00\x01\x02garbage that is no status line\r\n\r\n")


def _http2(connection: Connection, _argument: str) -> None:
    connection.send(_HTTP2_SETTINGS)


def _bad_gzip(connection: Connection, _argument: str) -> None:
    broken = gzip.compress(b"{}")[:10] + b"\xff" * 60  # a good header, then a block of no known type
    connection.send(response(200, broken, "Content-Encoding: gzip", content_type="application/json"))


def _huge_header(connection: Connection, _argument: str) -> None:
    connection.send(response(200, b"{}", "Set-Cookie: session=" + "x" * 200_000))


#: name -> (what it does once a whole request has been read, how).
ANSWERS: Mapping[str, tuple[str, Callable[[Connection, str], None]]] = {
    "http_ok": ("200 with a short JSON document", plain_answer),
    "http_status": ("a gateway's HTML page with status ARGUMENT (502)", _status),
    "http_other_clock": ("200 with a Date that is ARGUMENT seconds (three days) ahead", _other_clock),
    "http_login_page": ("200 with an HTML sign-in page", _login_page),
    "http_redirect": ("302 to ARGUMENT (a sign-in host)", _redirect),
    "http_redirect_loop": ("302 to itself, for ever", _redirect_loop),
    "http_silence": ("reads the request and never answers", _silence),
    "http_fin": ("reads the request, then FIN", _nothing),
    "http_reset": ("reads the request, then RST", _reset),
    "http_garbage": ("bytes that are no HTTP", _garbage),
    "http_2_only": ("an HTTP/2 SETTINGS frame", _http2),
    "http_body_cut": ("announces more body than it sends, then FIN", _body_cut),
    "http_body_stall": ("announces more body than it sends, then silence", _body_stall),
    "http_bad_gzip": ("a body whose compression is damaged", _bad_gzip),
    "http_huge_header": ("a header field of 200 kB", _huge_header),
}

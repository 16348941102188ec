"""What peers do with what they are sent: they repeat it, in any spelling and in any place that an answer has.

Error pages, proxies and application servers quote the request that they could not use. Tests hold with these tables
that no secret comes back to light.
"""

from __future__ import annotations

import base64
import html
import json
import re
from collections.abc import Callable, Mapping
from urllib.parse import quote, quote_plus

__all__ = ["KEY", "PLACES", "SPELLINGS", "Place", "http"]

#: The user of the pairs among the spellings.
KEY = "8DB0KEY"


def _each(pattern: str) -> Callable[[str], str]:
    return lambda text: "".join(pattern.format(ord(character)) for character in text)


def _each_octet(pattern: str) -> Callable[[str], str]:
    return lambda text: "".join(pattern.format(octet) for octet in text.encode())


def _in_base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def _for_urls(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


#: How peers write down what they were sent.
SPELLINGS: Mapping[str, Callable[[str], str]] = {
    "plain": str,
    "percent": lambda text: quote(text, safe=""),
    "percent, lower case": lambda text: re.sub("%..", lambda found: found[0].lower(), quote(text, safe="")),
    "percent, every character": _each_octet("%{:02X}"),
    "percent, every character, lower case": _each_octet("%{:02x}"),
    "percent, twice": lambda text: quote(quote(text, safe=""), safe=""),
    "percent, every other character": lambda text: "".join(
        quote(one, safe="") if index % 2 else one for index, one in enumerate(text)
    ),
    "percent of IIS": _each("%u{:04X}"),
    "form": quote_plus,
    "form, and Base64": lambda text: _in_base64(quote_plus(text)),
    "form, pair in Base64": lambda text: _in_base64(f"{quote_plus(KEY)}:{quote_plus(text)}"),
    "Base64": _in_base64,
    "Base64 for URLs": _for_urls,
    "Base64 of the pair": lambda text: _in_base64(f"{KEY}:{text}"),
    "Base64 of the pair for URLs": lambda text: _for_urls(f"{KEY}:{text}"),
    "Base64 in a URL": lambda text: quote(_in_base64(f"{KEY}:{text}"), safe=""),
    "Base64 whose pluses became blanks": lambda text: _in_base64(f"~~~~>>>>{text}~~>>").replace("+", " "),
    "Base64 of a whole form": lambda text: _in_base64(
        f"grant_type=client_credentials&client_secret={quote_plus(text)}"
    ),
    "Base64 of Base64": lambda text: _in_base64(_in_base64(text)),
    "Base64 of UTF-16, as PowerShell writes it": lambda text: base64.b64encode(text.encode("utf-16-le")).decode(),
    "Base64 in lines": lambda text: base64.encodebytes(("x" * 80 + text).encode()).decode().strip(),
    "JSON": lambda text: json.dumps(text)[1:-1],
    "JSON, slashes too": lambda text: json.dumps(text)[1:-1].replace("/", "\\/"),
    "JSON in JSON": lambda text: json.dumps(json.dumps(text))[3:-3],
    "JSON, every character": _each("\\u{:04x}"),
    "JSON, every character, upper case": _each("\\u{:04X}"),
    "JavaScript": _each("\\u{{{:x}}}"),
    "C": _each_octet("\\x{:02x}"),
    "octal": _each_octet("\\{:03o}"),
    "Python": lambda text: repr(text.encode())[2:-1],
    "HTML": html.escape,
    "HTML in HTML": lambda text: html.escape(html.escape(text)),
    "HTML, named": lambda text: text.replace("&", "&amp;").replace("/", "&sol;").replace("+", "&plus;"),
    "HTML, decimal": _each("&#{};"),
    "HTML, hexadecimal": _each("&#x{:x};"),
    "HTML, hexadecimal, padded": _each("&#X{:06X};"),
    "hexadecimal": lambda text: text.encode().hex(),
    "hexadecimal, upper case": lambda text: text.encode().hex().upper(),
    "hexadecimal with colons": lambda text: text.encode().hex(":"),
    "hexadecimal with blanks": lambda text: text.encode().hex(" "),
    "hexadecimal, as C writes arrays": lambda text: ", ".join(f"0x{octet:02x}" for octet in text.encode()),
    "numbers": lambda text: ", ".join(map(str, text.encode())),
    "quoted-printable": _each_octet("={:02X}"),
    "upper case": str.upper,
    "UTF-16": "\0".join,
    "folded": lambda text: f"{text[:3]}\r\n {text[3:]}",
    "zero-width spaces": "\u200b".join,
    "changes of direction": "\u202e".join,
    "variation selectors": "\ufe0f".join,
    "control characters": "\x01".join,
    "behind control characters": lambda text: "\x01" * 40 + _in_base64(f"{KEY}:{text}"),
    "colours": "\x1b[0m".join,
    "tags": lambda text: f"{text[:5]}<wbr>{text[5:]}",
    "percent, five times": lambda text: quote(quote(quote(quote(quote(text, safe="")))), safe=""),
    "HTML, padded without end": _each("&#{:015};"),
}

#: Where in an answer a text may stand: a status line with its headers, and a body.
Place = Callable[[str, str], bytes]


def http(status: str = "200 OK", body: str = "", *headers: str, kind: str = "application/json") -> bytes:
    """Return an answer after which the connection is closed."""
    lines = [f"HTTP/1.1 {status}", f"Content-Type: {kind}", *headers, f"Content-Length: {len(body.encode())}"]
    return ("\r\n".join([*lines, "Connection: close", "", ""]) + body).encode("utf-8", "replace")


def _header_safe(text: str) -> str:
    return text.replace("\r", "").replace("\n", "").replace("\0", "")


PLACES: Mapping[str, Place] = {
    "reason": lambda status, text: http(f"{status} {_header_safe(text)}"),
    "Server": lambda status, text: http(f"{status} X", "{}", f"Server: {_header_safe(text)}"),
    "Via": lambda status, text: http(f"{status} X", "{}", f"Via: 1.1 {_header_safe(text)}"),
    "Location": lambda _, text: http("302 X", "", f"Location: https://elsewhere.test/{_header_safe(text)}"),
    "WWW-Authenticate": lambda _, text: http("401 X", "{}", f'WWW-Authenticate: Bearer realm="{_header_safe(text)}"'),
    "Content-Type": lambda status, text: http(f"{status} X", "<p>", kind=f"text/{_header_safe(text)}"),
    "title": lambda status, text: http(f"{status} X", f"<title>{text}</title>", kind="text/html"),
    "message": lambda status, text: http(f"{status} X", json.dumps({"message": text})),
    "error": lambda status, text: http(f"{status} X", json.dumps({"error": text, "error_description": text})),
    "list": lambda status, text: http(f"{status} X", json.dumps([{"role": text, "id": [text], text: text}])),
    "a name": lambda status, text: http(f"{status} X", json.dumps({text: {"access_token": [text]}})),
    "no HTTP": lambda _, text: text.encode() + b"\r\n\r\n",
    "malformed header": lambda status, text: f"HTTP/1.1 {status} X\r\nX-Form {text}\r\n\r\n".encode(),
    "malformed length": lambda status, text: (
        f"HTTP/1.1 {status} X\r\nContent-Length: {_header_safe(text)}\r\n\r\n".encode()
    ),
    "coding": lambda status, text: http(f"{status} X", text, "Content-Encoding: gzip"),
    "cut body": lambda status, text: f"HTTP/1.1 {status} X\r\nContent-Length: 999999\r\n\r\n{text}".encode(),
}

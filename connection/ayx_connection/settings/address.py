"""The Server's address: from whatever people paste to the Web API address.

The Web API address is set per installation (System Settings, Server UI, General) and usually is
``https://host.domain/webapi/``. What people have at hand is the host, the address of the gallery, of the Swagger page,
of the token endpoint, or of a single call; all of these are accepted and normalised.
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from typing import NoReturn

import idna

from ayx_connection.failures import AddressError
from ayx_connection.settings.copy_paste_characters import SMART_QUOTES, character_name, first_blank, place_of

__all__ = ["ServerAddress", "parse_address"]

_DEFAULT_PORTS = {"https": 443, "http": 80}
#: Where the Web API begins, or what shows that a path lies beside it; compared in lower case.
_BESIDE_WEB_API = frozenset({"gallery", "swagger", "oauth2", "v1", "v2", "v3", "admin", "user"})
#: Alteryx One (Analytics Cloud) is another product with another API.
_OTHER_PRODUCT = "alteryxcloud.com"

_SCHEME = re.compile(r"([a-z][a-z0-9+.-]*)://", re.IGNORECASE)
_BROKEN_SCHEME = re.compile(r"https?(:/?[^/0-9]|:$|//)", re.IGNORECASE)
_SECOND_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*://|https?:/", re.IGNORECASE)
_HOST_CHARACTERS = re.compile(r"[a-z0-9_.-]+")
_PATH_SEGMENT = re.compile(r"(?:[A-Za-z0-9._~!$&'()*+,;=:-]|%[0-9A-Fa-f]{2})+")
_MAX_LABEL, _MAX_NAME, _MAX_PORT = 63, 253, 65535


@dataclass(frozen=True)
class ServerAddress:
    """The address of one Server.

    Attributes:
        given: What was given, without query and fragment.
        scheme: ``https`` or ``http``.
        host: Lower case, in its ASCII form (RFC 5890); an IPv6 address without brackets.
        port: Port number, also when it is the default one.
        prefix: Path in front of ``/webapi`` (``/alteryx``), usually empty.
    """

    given: str
    scheme: str
    host: str
    port: int
    prefix: str = ""

    @property
    def origin(self) -> str:
        """Scheme, host and, unless it is the default one, port (RFC 6454)."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}" + ("" if self.port == _DEFAULT_PORTS[self.scheme] else f":{self.port}")

    @property
    def web_api_address(self) -> str:
        """The root of every API call, without a slash at its end."""
        return f"{self.origin}{self.prefix}/webapi"

    @property
    def token_url(self) -> str:
        """The OAuth2 token endpoint."""
        return f"{self.web_api_address}/oauth2/token"

    @property
    def is_loopback(self) -> bool:
        """Whether the host is this machine by definition: ``localhost``, 127.0.0.0/8 or ::1."""
        if self.host == "localhost":
            return True
        try:
            address = ipaddress.ip_address(self.host)
        except ValueError:
            return False
        mapped = getattr(address, "ipv4_mapped", None)
        return bool((mapped or address).is_loopback)


def parse_address(text: str) -> ServerAddress:
    """Normalise what was given as the Server's address.

    Accepted are ``host``, ``host:port``, a bare IPv6 address, and any http or https URL at or below the Web API address
    or the gallery. Without a scheme, https is meant. A path in front of ``webapi`` is kept.

    Args:
        text: The address as given.

    Returns:
        The parts, from which the Web API address and the token URL derive.

    Raises:
        AddressError: The text is no such address; ``code`` says why. A user name and password are refused, and never
            repeated in the message.
    """
    _refuse_stray_characters(text)
    scheme, rest = _split_scheme(text)
    authority, path = _split_path(rest)
    host, port_text = _split_port(authority)
    host = _check_host(host)
    port = _check_port(port_text) if port_text else _DEFAULT_PORTS[scheme]
    given = re.split(r"[?#]", text, maxsplit=1)[0]
    return ServerAddress(given=given, scheme=scheme, host=host, port=port, prefix=_prefix(path))


def _fail(code: str, message: str) -> NoReturn:
    raise AddressError(message, code=f"config.{code}")


def _refuse_stray_characters(text: str) -> None:
    if not text.strip():
        _fail("url_missing", "no Server address was given: set ALTERYX_BASE_URL or name it, e.g. https://host/webapi")
    if (index := first_blank(text)) is not None:
        where = place_of(text, index)
        _fail("whitespace", f"the Server address has a {character_name(text[index])} {where}: remove it")
    if "@" in text:
        _fail(
            "url_invalid", "the Server address must not hold a user name or password (it has an @): give the key pair"
        )
    for index, character in enumerate(text):
        if character in SMART_QUOTES or character in "\"'`<>\\^{|}" or not character.isprintable():
            where = place_of(text, index)
            _fail("url_invalid", f"the Server address has a {character_name(character)} {where}: retype it")


def _split_scheme(text: str) -> tuple[str, str]:
    match = _SCHEME.match(text)
    if match is None:
        if _BROKEN_SCHEME.match(text):
            _fail("url_invalid", "the Server address has a broken scheme: it begins with https://")
        return "https", text
    scheme, rest = match[1].lower(), text[match.end() :]
    if scheme not in _DEFAULT_PORTS:
        _fail(
            "url_invalid", f"the Server address begins with {scheme}://, but the Web API speaks https:// (or http://)"
        )
    if _SECOND_SCHEME.match(rest):
        _fail("url_as_host", "the Server address has a second scheme where the host should be: give https:// once")
    return scheme, rest


def _split_path(rest: str) -> tuple[str, str]:
    authority = re.split(r"[/?#]", rest, maxsplit=1)[0]
    path = re.split(r"[?#]", rest[len(authority) :], maxsplit=1)[0]
    if not authority:
        _fail("url_invalid", "the Server address has no host: it looks like https://host/webapi")
    return authority, path


def _split_port(authority: str) -> tuple[str, str]:
    if authority.startswith("["):
        literal, bracket, after = authority[1:].partition("]")
        if not bracket or (after and not after.startswith(":")):
            _fail(
                "url_invalid", "the Server address has an unfinished IPv6 address: it looks like https://[2001:db8::1]"
            )
        if not _is_ipv6(literal):
            _fail("url_invalid", f"{literal!r} in brackets is no IPv6 address")
        return literal, after[1:]
    if _is_ipv6(authority):
        return authority, ""
    host, _, port = authority.partition(":")
    if ":" in port:
        _fail(
            "url_as_host", "the Server address has a second port or scheme in its host: it looks like https://host:443"
        )
    if not host:
        _fail("url_invalid", "the Server address has a port but no host: it looks like https://host:443")
    return host, port


def _is_ipv6(text: str) -> bool:
    try:
        ipaddress.IPv6Address(text)
    except ValueError:
        return False
    return "%" not in text  # a zone is of use on one machine only, and no HTTP client takes it


def _check_port(text: str) -> int:
    if not (text.isascii() and text.isdecimal()):
        _fail("url_invalid", "the port of the Server address is no number")
    port = int(text) if len(text.lstrip("0")) <= len(str(_MAX_PORT)) else _MAX_PORT + 1
    if not 0 < port <= _MAX_PORT:
        _fail("url_invalid", f"the port of the Server address is out of range (1 to {_MAX_PORT})")
    return port


def _check_host(host: str) -> str:
    if _is_ipv6(host):
        return ipaddress.IPv6Address(host).compressed
    name = _ascii_name(host).removesuffix(".")  # certificates never end in a dot
    labels = name.split(".")
    if any(not label for label in labels):
        _fail("host_label_invalid", f"the host {host!r} has an empty label: two dots in a row, or a dot in front")
    if any(len(label) > _MAX_LABEL for label in labels):
        _fail("host_label_invalid", f"a label of the host is longer than {_MAX_LABEL} characters (RFC 1035)")
    if len(name) > _MAX_NAME:
        _fail("host_label_invalid", f"the host is longer than {_MAX_NAME} characters (RFC 1035)")
    if not _HOST_CHARACTERS.fullmatch(name):
        bad = next(c for c in name if not _HOST_CHARACTERS.fullmatch(c))
        _fail("url_invalid", f"the host has a {character_name(bad)}, which no host name may have")
    if labels[-1].isdecimal() or re.fullmatch(r"0x[0-9a-f]*", labels[-1]):
        return _check_ipv4(name)
    if name == _OTHER_PRODUCT or name.endswith(f".{_OTHER_PRODUCT}"):
        _fail(
            "wrong_product", f"{name} is Alteryx One (Analytics Cloud), another product with another API, not a Server"
        )
    return name


def _check_ipv4(name: str) -> str:
    """Refuse what resolvers would guess at: ``127.1``, ``010.0.0.1`` (octal?) and ``0x7f000001``."""
    try:
        return str(ipaddress.IPv4Address(name))
    except ValueError:
        _fail("url_invalid", f"{name!r} is no IPv4 address: it has four numbers from 0 to 255")


def _ascii_name(host: str) -> str:
    """Return a host name in its ASCII form (IDNA 2008 with the mapping of UTS 46, as browsers do)."""
    if host.isascii():
        return host.lower()
    try:
        return idna.encode(host, uts46=True).decode("ascii")
    except idna.IDNAError as error:
        code = "host_label_invalid" if re.search(r"too long|empty", str(error), re.IGNORECASE) else "url_invalid"
        raise AddressError("the host is no valid international host name", code=f"config.{code}") from error


def _prefix(path: str) -> str:
    """Return what stands in front of the Web API in a path: ``/alteryx`` of ``/alteryx/webapi/v3``."""
    segments = [segment for segment in path.split("/") if segment]
    lower = [segment.lower() for segment in segments]
    if "webapi" in lower:
        segments = segments[: lower.index("webapi")]
    else:
        cut = next((i for i, segment in enumerate(lower) if segment in _BESIDE_WEB_API), len(segments))
        segments = segments[:cut]
    if any(segment in {".", ".."} or not _PATH_SEGMENT.fullmatch(segment) for segment in segments):
        _fail("url_invalid", "the path of the Server address has a part that no Web API address has")
    return "".join(f"/{segment}" for segment in segments)

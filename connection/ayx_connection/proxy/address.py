"""The address of a proxy: how to talk to it, and with which user name and password."""

from __future__ import annotations

import ipaddress
import re
import urllib.parse
from dataclasses import dataclass
from typing import NoReturn

from ayx_connection.failures import ProxyError
from ayx_connection.redaction import Secret, revealed
from ayx_connection.settings.copy_paste_characters import character_name, first_blank, place_of

__all__ = ["ProxyAddress", "parse_proxy"]

_DEFAULT_PORTS = {"http": 80, "https": 443, "socks5": 1080, "socks5h": 1080}
_SCHEME = re.compile(r"([a-z][a-z0-9+.-]*)://", re.IGNORECASE)
_HOST = re.compile(r"\[[^\]]*\]|[^\[\]:%<>\"'`{}|\\^]+", re.IGNORECASE)
_MAX_PORT = 65535


@dataclass(frozen=True)
class ProxyAddress:
    """The address of one proxy.

    Attributes:
        scheme: ``http``, ``https``, ``socks5`` or ``socks5h``: how to talk to the proxy, not what goes through it.
        host: Name or address; an IPv6 address without brackets.
        port: Port number, also when it is the default one (80, 443, 1080).
        username: User name, percent-decoded, or None. Without a password it is a token, and as secret as one.
        password: Password, percent-decoded, or None.
    """

    scheme: str
    host: str
    port: int
    username: str | Secret | None = None
    password: str | Secret | None = None

    @property
    def address(self) -> str:
        """The address alone: scheme, host and port."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}:{self.port}"

    @property
    def without_password(self) -> str:
        """The address as it may be printed: with the user name unless it is a token, without the password."""
        if self.username is None:
            return self.address
        user = urllib.parse.quote(str(self.username), safe="*")
        return self.address.replace("://", f"://{user}@", 1)

    @property
    def credentials(self) -> tuple[str, str] | None:
        """User name and password as they are sent (RFC 7617), or None. Keep them in no variable."""
        if self.username is None:
            return None
        return revealed(self.username), revealed(self.password or "")

    def __str__(self) -> str:
        return self.without_password


def parse_proxy(text: str) -> ProxyAddress:
    """Read the address of a proxy.

    Args:
        text: ``scheme://[user[:password]@]host[:port]``; user name and password are percent-encoded (RFC 3986).

    Returns:
        The parts.

    Raises:
        ProxyError: It cannot be used. The message says what is wrong and never repeats the text.
    """
    text = text.rstrip(" ")  # `set HTTPS_PROXY=... &&` on Windows keeps the blank; httpx takes it as well
    if (index := first_blank(text)) is not None:
        _fail(f"it has a {character_name(text[index])} {place_of(text, index)}")
    if not text.isprintable():
        _fail("it has a character that cannot be printed")
    match = _SCHEME.match(text)
    if match is None:
        _fail("it has no scheme: write http://host:port")
    scheme = match[1].lower()
    if scheme not in _DEFAULT_PORTS:
        _fail(f"its scheme is {scheme!r}, but a proxy is http://, https:// or socks5://")
    authority, path = _split_authority(text[match.end() :])
    userinfo, _, host_and_port = authority.rpartition("@")
    username, password = _split_userinfo(userinfo)
    host, port = _split_host(host_and_port, bool(userinfo))
    if path.lower().endswith((".pac", ".dat")):
        _fail("it names a proxy auto-configuration file, which has to be read by a browser: give the proxy inside it")
    return ProxyAddress(scheme, host, port or _DEFAULT_PORTS[scheme], username, password)


def _fail(message: str) -> NoReturn:
    raise ProxyError(f"the proxy address cannot be used: {message}", code="proxy.url_invalid")


def _split_authority(rest: str) -> tuple[str, str]:
    """Split off the path. An @ behind it means that the password itself holds one of ``/ ? #``."""
    authority = re.split(r"[/?#]", rest, maxsplit=1)[0]
    path = rest[len(authority) :]
    if "@" in path:
        _fail(f"its user name or password has a {path[0]!r}, which must be percent-encoded (%{ord(path[0]):02X})")
    if authority.count("@") > 1:
        _fail("its user name or password has an '@', which must be percent-encoded (%40)")
    return authority, path


def _split_userinfo(userinfo: str) -> tuple[str | Secret | None, Secret | None]:
    """Split user name and password at the first colon: further ones are part of the password, as httpx has it."""
    if not userinfo:
        return None, None
    username, colon, password = userinfo.partition(":")
    user = urllib.parse.unquote(username)
    return user if password else Secret(user), Secret(urllib.parse.unquote(password)) if colon else None


def _split_host(text: str, has_userinfo: bool) -> tuple[str, int | None]:
    match = _HOST.match(text)
    host = match[0] if match else ""
    rest = text[len(host) :]
    if not host:
        _fail("it has no host: write http://host:port")
    if rest and not rest.startswith(":"):
        _fail("its host is no name and no address")
    port = rest[1:]
    if port and not (port.isascii() and port.isdecimal()):
        hint = (
            "" if has_userinfo else "; if that is a password, the @ behind it or a special character in it is missing"
        )
        _fail(f"its port is no number{hint}")
    if port and not 0 < int(port[:6]) <= _MAX_PORT:
        _fail(f"its port is out of range (1 to {_MAX_PORT})")
    if host.startswith("["):
        try:
            host = ipaddress.IPv6Address(host[1:-1]).compressed
        except ValueError:
            _fail("what stands in brackets is no IPv6 address")
    return host.lower(), int(port) if port else None

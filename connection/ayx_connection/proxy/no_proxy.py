"""The patterns that decide which proxy, or which exception from it, applies to a URL; the rules are httpx's."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass

__all__ = ["UrlPattern", "pattern_of"]

_URL = re.compile(r"(?:([a-zA-Z][a-zA-Z0-9+.-]*)?:)?(?://([^/?#]*))?")
_AUTHORITY = re.compile(r"(?:.*@)?(\[.*\]|[^:@]*):?(.*)")
_WEB_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True)
class UrlPattern:
    """A URL, or a pattern of URLs: an empty scheme, an empty host and no port match everything."""

    text: str
    scheme: str
    host: str
    port: int | None

    @classmethod
    def parse(cls, text: str) -> UrlPattern | None:
        """Return the parts of a URL or pattern as httpx reads them, or None where httpx fails."""
        url = _URL.match(text)
        authority = _AUTHORITY.match((url and url[2]) or "")
        if url is None or authority is None or (text.isascii() and not text.isprintable()):
            return None
        if not url[1] and not url[2] and text[url.end() :].startswith((":", "//")):
            return None
        scheme, host, port_text = (url[1] or "").lower(), authority[1].lower(), authority[2]
        try:
            port = int(port_text) if port_text else None
            if re.fullmatch(r"\[.*\]", host):
                host = ipaddress.IPv6Address(host[1:-1]).compressed
            elif re.fullmatch(r"[0-9]+\.[0-9]+\.[0-9]+\.[0-9]+", host):
                host = str(ipaddress.IPv4Address(host))
        except ValueError:
            return None
        port = None if port == _WEB_PORTS.get(scheme) else port
        return cls(text, "" if scheme == "all" else scheme, "" if host == "*" else host, port)

    def matches(self, target: UrlPattern) -> bool:
        """Whether a URL is one of those that this pattern means."""
        return (
            self.scheme in {"", target.scheme}
            and self.port in {None, target.port}
            and (not self.host or self._matches_host(target.host))
        )

    def _matches_host(self, host: str) -> bool:
        if self.host.startswith("*."):  # .corp.example in NO_PROXY: names below it, not itself
            return host.endswith(self.host[1:]) and len(host) > len(self.host) - 1
        if self.host.startswith("*"):  # corp.example in NO_PROXY: itself and names below it
            return host == self.host[1:] or (host.endswith(f".{self.host[1:]}") and len(host) > len(self.host))
        return host == self.host

    def priority(self) -> tuple[bool, int, int]:
        """Return the order in which patterns are asked: with a port first, then the longest host, then scheme."""
        return (self.port is None, -len(self.host), -len(self.scheme))


def pattern_of(token: str) -> str:
    """Return the URL pattern that httpx makes of one exception: ``corp.example`` is ``all://*corp.example``."""
    if "://" in token:
        return token
    address = token.split("/", maxsplit=1)[0]
    try:
        version = ipaddress.ip_address(address).version
    except ValueError:
        return f"all://{token}" if token.lower() == "localhost" else f"all://*{token}"
    return f"all://{token}" if version == 4 else f"all://[{token}]"  # noqa: PLR2004 -- IPv4

"""Names and places without whose they are: hosts, addresses, URLs, files, users, and the names in certificates."""

from __future__ import annotations

import ipaddress
import re

from ayx_diagnostics.report.anonymise.words import ISSUERS, SIGN_IN, are_known, phrases
from ayx_diagnostics.stand_ins import StandIns, is_of_nobody

__all__ = ["Names"]

#: Names of this machine itself, of addresses, and what every network calls the host of its proxy script.
_OF_NOBODY = frozenset({"arpa", "in-addr", "ip6", "localdomain", "localhost", "localhost4", "localhost6", "wpad"})
#: Last labels that many networks share. Of a country or a company, they are replaced too.
_SHARED_ENDS = frozenset({"com", "example", "internal", "invalid", "lan", "local", "net", "org", "test"})
#: Domains whose owner is the cause where they show up, or what a sign-in page is known by.
_PUBLIC_DOMAINS = ("alteryxcloud.com", "auth0.com", "microsoftonline.com", "okta.com")
_PROXY_SCRIPT = "wpad.dat"
#: Files that are the same on every machine.
_SYSTEM_FILE = re.compile(
    r"/etc/(?:hosts|resolv\.conf|nsswitch\.conf|ssl/certs/ca-certificates\.crt|ssl/cert\.pem)"
    r"|(?:~/|%USERPROFILE%\\)[._]netrc|[A-Z]:\\Windows\\System32\\drivers\\etc\\hosts",
    re.IGNORECASE,
)
_FILE_TYPE = re.compile(r"\.(?:cer|crt|dat|der|js|json|key|log|p12|pac|pem|pfx|toml|txt|yaml|yml)$", re.IGNORECASE)

_URL = re.compile(
    r"(?P<scheme>(?:[a-z][a-z0-9+.-]*:)?//)?(?:(?P<user>[^/?#@]*)@)?(?P<place>\[[^\]/?#]*\]|[^/?#:]*)"
    r"(?P<port>:\d{1,5})?(?P<path>/[^?#]*)?(?P<query>\?[^#]*)?(?P<fragment>#.*)?",
    re.IGNORECASE | re.DOTALL,
)
_SCHEMES = frozenset({"ftp", "http", "https", "socks", "socks4", "socks4a", "socks5", "socks5h", "ws", "wss", "file"})
#: One value of a distinguished name (RFC 4514), with its type; and types that say nothing about whom.
_RDN = re.compile(r"(?P<type>[\w.-]+) *= *(?P<value>(?:\\.|[^\\,+;])*)(?P<then>[,+;] *|$)", re.DOTALL)
_TYPE = re.compile(
    r"CN|O|OU|C|L|ST|S|STREET|DC|UID|E|SN|GN|T|emailAddress|serialNumber|\d+(?:\.\d+){2,12}", re.IGNORECASE
)
_DOTTED = re.compile(r"[\w-]+(?:\.[\w-]+)+\.?")
_NETWORK = re.compile(r"(.+)(/\d{1,3})")


class Names:
    """Turns names into stand-ins.

    Args:
        stand_ins: Those that were given out so far, and will be.
    """

    def __init__(self, stand_ins: StandIns) -> None:
        self.stand_ins = stand_ins

    def host(self, name: str) -> str:
        """Return a host name or IP address; the labels of a name are kept apart, so that domains stay the same.

        A wildcard, brackets and the dots at the ends stay, since rules compare names.
        """
        if name.startswith("[") and name.endswith("]"):
            return f"[{self.host(name[1:-1])}]"
        if not name.strip(".*"):
            return name
        bare = name.partition("%")[0]
        try:
            address = ipaddress.ip_address(bare)
        except ValueError:
            return self._domain_name(name)
        return bare if is_of_nobody(address) else self.stand_ins.address(address)

    def _domain_name(self, name: str) -> str:
        body = name.lstrip("*.").rstrip(".")
        before, after = name[: len(name) - len(name.lstrip("*."))], "." if name.endswith(".") else ""
        public = next((end for end in _PUBLIC_DOMAINS if f".{body.lower()}".endswith(f".{end}")), "")
        labels = body[: len(body) - len(public)].strip(".").split(".") if len(body) > len(public) else []
        is_domain = bool(before) and len(labels) > 1
        changed = [self._label(label, at, len(labels), is_domain=is_domain) for at, label in enumerate(labels)]
        return before + ".".join([*changed, public] if public else changed) + after

    def _label(self, label: str, at: int, count: int, *, is_domain: bool) -> str:
        lower = label.lower()
        if lower in _OF_NOBODY or (at and at == count - 1 and lower in _SHARED_ENDS):
            return label
        kind = "host" if not is_domain and at == 0 else "domain"
        return "-".join([self.stand_ins.label(label, kind), *(found.strip("/") for found in phrases(label, SIGN_IN))])

    def user(self, name: str) -> str:
        """Return a user's name, without the password that may stand behind it."""
        name, colon, password = name.partition(":")
        stand_in = self.stand_ins.of("user", name) if name else name
        return stand_in + (":***" if colon and password else "")

    def url(self, text: str) -> str:
        """Return a URL, or a part of one: a host with or without a port, or a path."""
        found = _URL.fullmatch(text)
        if found is None or not text:
            return self.stand_ins.of("id", text) if text else text
        scheme = found["scheme"] or ""
        if scheme.rstrip(":/").lower() not in _SCHEMES | {""}:
            scheme = "...://"
        user = f"{self.user(found['user'])}@" if found["user"] is not None else ""
        segments = (found["path"] or "").split("/")
        path = "/".join(
            segment if known or not segment or segment == _PROXY_SCRIPT else self._segment(segment)
            for segment, known in zip(segments, are_known(segments), strict=True)
        )
        query = "?..." if found["query"] else ""
        return f"{scheme}{user}{self.host(found['place'])}{found['port'] or ''}{path}{query}" + (
            "#..." if found["fragment"] else ""
        )

    def _segment(self, segment: str) -> str:
        kept = [phrase.strip("/") for phrase in phrases(f"/{segment}", SIGN_IN)]
        return "-".join([self.stand_ins.of("path", segment), *kept]) + _file_type(segment)

    def file(self, path: str) -> str:
        """Return the path of a file or folder: its kind of file stays."""
        if _SYSTEM_FILE.fullmatch(path) or not path:
            return path
        return self.stand_ins.of("path", path) + _file_type(path)

    def network(self, text: str) -> str:
        """Return an entry of NO_PROXY: a host, a domain, an address or a network, with or without a port."""
        if found := _NETWORK.fullmatch(text):
            return self.network(found[1]) + found[2]
        is_address = text.count(":") > 1 and "://" not in text and not text.startswith("[")
        return self.host(text) if is_address else self.url(text)

    def certified(self, value: str) -> str:
        """Return a name of a certificate: of a host, else of somebody, with what rules look for in an authority's."""
        value = re.sub(r"\\(.)", r"\1", value).strip()
        if not value:
            return value
        if "@" in value:
            return self.mail(value)
        if _DOTTED.fullmatch(value.removeprefix("*.")) or self.stand_ins.known("label", value) or _is_address(value):
            return self.host(value)
        if value.lower() in _OF_NOBODY:
            return value
        kept = " ".join(phrases(value, ISSUERS))
        return self.stand_ins.of("org", value) + (f" ({kept})" if kept else "")

    def distinguished(self, name: str) -> str:
        """Return a distinguished name (RFC 4514) with a stand-in for every value."""
        parts: list[str] = []
        at = 0
        while at < len(name) and (found := _RDN.match(name, at)):
            kind = found["type"] if _TYPE.fullmatch(found["type"]) else "..."
            parts.append(f"{kind}={self.certified(found['value'])}{found['then']}")
            at = found.end()
        return "".join(parts) if parts and at == len(name) else self.certified(name)

    def mail(self, address: str) -> str:
        """Return an e-mail address or another ``user@realm``: the user is the same as elsewhere."""
        user, _, realm = address.rpartition("@")
        return f"{self.user(user)}@{self._domain_name('.' + realm)[1:]}"

    def account(self, domain: str, user: str) -> str:
        r"""Return an account of Windows, ``DOMAIN\user``."""
        return f"{self.stand_ins.label(domain, 'domain')}\\{self.user(user)}"


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return False
    return True


def _file_type(path: str) -> str:
    found = _FILE_TYPE.search(path)
    return found[0].lower() if found else ""

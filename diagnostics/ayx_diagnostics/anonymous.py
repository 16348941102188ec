"""A report without names: host names, user names and addresses become stable stand-ins."""

from __future__ import annotations

import getpass
import ipaddress
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

__all__ = ["anonymise", "anonymise_report"]

_ADDRESS = re.compile(
    r"(?<![\w.])\d{1,3}(?:\.\d{1,3}){3}(?!\w|\.\w)"
    r"|(?<![\w:.])(?:[0-9A-Fa-f]{1,4}:){1,7}(?::?[0-9A-Fa-f]{1,4}){1,7}(?:%\w+)?(?!\w|:[\w:])"
    r"|(?<![\w:.])(?:[0-9A-Fa-f]{1,4}:){1,7}:(?!\w|:\w)"  # of a network: fd00:1::/64
    r"|(?<![\w:])::(?:[0-9A-Fa-f]{1,4}:){0,6}[0-9A-Fa-f]{1,4}(?!\w|:[\w:])"
)


def anonymise(document: Any, *, hosts: Iterable[str], users: Iterable[str]) -> Any:
    """Replace host names, user names and addresses of a report by stable stand-ins.

    Loopback and unspecified addresses stay, since they say what is wrong and nothing about whom.

    Args:
        document: A JSON value.
        hosts: Host names to replace (the Server, proxies, nameservers, certificate names).
        users: User names to replace (proxy user, API access key, login name).

    Returns:
        A copy in which the same name always becomes the same stand-in (``host-1``, ``user-1``, ``address-1``).
    """
    names: dict[str, str] = {}
    for kind, words in (("host", hosts), ("user", users)):
        unique = sorted({word for word in words if word}, key=lambda word: (-len(word), word))
        for number, word in enumerate(unique, 1):
            names.setdefault(word.lower(), f"{kind}-{number}")
    pattern = (
        re.compile("|".join(rf"(?<![\w-]){re.escape(name)}(?![\w-])" for name in names), re.IGNORECASE)
        if names
        else None
    )
    addresses: dict[str, str] = {}

    def address(match: re.Match[str]) -> str:
        text = match.group()
        try:
            parsed = ipaddress.ip_address(text.partition("%")[0])
        except ValueError:
            return text
        if parsed.is_loopback or parsed.is_unspecified:
            return text
        return addresses.setdefault(str(parsed), f"address-{len(addresses) + 1}")

    def change(text: str) -> str:
        text = _ADDRESS.sub(address, text)
        return pattern.sub(lambda match: names[match.group().lower()], text) if pattern else text

    return _map_values(document, change)


#: Words of the format itself; a host that is called ``proxy`` or ``server`` must not change them.
_STRUCTURE = frozenset(
    {"id", "code", "stage", "operation", "outcome", "severity", "confidence", "status", "owner", "docs", "route"}
)


def _map_values(value: Any, change: Callable[[str], str], key: str = "") -> Any:
    """Return a copy of a JSON value with every text changed but keys and the words of the format."""
    if isinstance(value, str):
        return value if key in _STRUCTURE else change(value)
    if isinstance(value, Mapping):
        return {name: _map_values(item, change, name) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_map_values(item, change, key) for item in value]
    return value


#: Evidence whose text is a host name or a list of them.
_HOST_KEYS = frozenset(
    {
        *("host", "proxy_host", "name", "san", "common_name", "search", "server_name", "nameservers"),
        *("authority_soa", "cnames", "host_header"),
    }
)
_HOST_NAME = re.compile(
    r"(?i)^(?:\*\.)?[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?(?:\.[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?)*\.?$"
)
#: Texts in which host names stand among other words: exceptions from a proxy, the proxies that an answer came through.
_LIST_KEYS = frozenset({"no_proxy", "no_proxy_match", "NO_PROXY", "via"})
_NAME_IN_LIST = re.compile(r"(?i)(?<![\w.-])\.?((?:[a-z0-9_-]+\.)+[a-z][a-z0-9-]+)(?![\w-])")
_HOST_OF_URL = re.compile(r"(?i)\b[a-z][a-z0-9+.-]*://(?:[^\s/@]*@)?([a-z0-9_-]+(?:\.[a-z0-9_-]+)*)")
#: Such a text is an address, which has a stand-in of its own.
_NUMBERS = re.compile(r"^[\d.]+$")


def _host_names(value: Any, key: str = "") -> Iterator[str]:
    if isinstance(value, Mapping):
        for name, item in value.items():
            yield from _host_names(item, name)
    elif isinstance(value, list):
        for item in value:
            yield from _host_names(item, key)
    elif isinstance(value, str):
        found = _HOST_OF_URL.findall(value)
        found += _NAME_IN_LIST.findall(value) if key in _LIST_KEYS else ()
        found += [value.removeprefix("*.").rstrip(".")] if key in _HOST_KEYS and _HOST_NAME.match(value) else ()
        yield from (name for name in found if not _NUMBERS.match(name))


#: The superuser's name says nothing about whom, and is a word of many sentences (a root certificate).
_NOBODY = frozenset({"root"})


def anonymise_report(document: dict[str, Any]) -> dict[str, Any]:
    """Return a report in which nothing tells whose it is.

    Args:
        document: A report's JSON document.
    """
    hosts = {document["target"]["host"], *_host_names(document["observations"])}
    hosts -= {"localhost", ""}
    cleaned: dict[str, Any] = anonymise(document, hosts=hosts, users={getpass.getuser()} - _NOBODY)
    # what only names the toolkit must stay readable
    for key in ("schema_version", "tool", "started_at"):
        cleaned[key] = document[key]
    return cleaned

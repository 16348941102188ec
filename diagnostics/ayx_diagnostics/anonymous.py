"""A report without names: host names, user names and addresses become stable stand-ins."""

from __future__ import annotations

import getpass
import ipaddress
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ayx_diagnostics.redaction import map_text

__all__ = ["anonymise", "anonymise_report"]

_ADDRESS = re.compile(
    r"(?<![\w.])\d{1,3}(?:\.\d{1,3}){3}(?![\w.])"
    r"|(?<![\w:.])(?:[0-9A-Fa-f]{1,4}:){1,7}(?::?[0-9A-Fa-f]{1,4}){1,7}(?:%\w+)?(?![\w:])"
    r"|(?<![\w:])::(?:[0-9A-Fa-f]{1,4}:){0,6}[0-9A-Fa-f]{1,4}(?![\w:])"
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

    return map_text(document, change)


#: Evidence whose text is a host name or a list of them.
_HOST_KEYS = frozenset({"host", "proxy_host", "name", "san", "common_name", "search", "server_name", "nameservers"})
_HOST_NAME = re.compile(
    r"(?i)^(?:\*\.)?[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?(?:\.[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?)*\.?$"
)


def _host_names(value: Any, key: str = "") -> Iterator[str]:
    if isinstance(value, Mapping):
        for name, item in value.items():
            yield from _host_names(item, name)
    elif isinstance(value, list):
        for item in value:
            yield from _host_names(item, key)
    elif isinstance(value, str) and key in _HOST_KEYS and _HOST_NAME.match(value):
        yield value.removeprefix("*.").rstrip(".")


def anonymise_report(document: dict[str, Any]) -> dict[str, Any]:
    """Return a report in which nothing tells whose it is.

    Args:
        document: A report's JSON document.
    """
    hosts = {document["target"]["host"], *_host_names(document["observations"])}
    hosts -= {"localhost", ""}
    cleaned: dict[str, Any] = anonymise(document, hosts=hosts, users=[getpass.getuser()])
    # what only names the toolkit must stay readable
    for key in ("schema_version", "tool", "started_at"):
        cleaned[key] = document[key]
    return cleaned

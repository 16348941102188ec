"""Following redirects by hand: within one Server only, never from https to http, and never without a record of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import SplitResult, quote, urljoin, urlsplit

from ayx_spec.errors import DocumentError

__all__ = ["Answer", "Reached", "reach", "shown"]

#: What leads elsewhere (RFC 9110, 15.4).
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_MOST_REDIRECTS = 5
_DEFAULT_PORTS = {"http": 80, "https": 443}
_LONGEST_SHOWN = 300
#: What an address may show as it is: everything that RFC 3986 lets stand in one.
_PLAIN = "/:?#[]@!$&'()*+,;=%~"


class Answer(Protocol):
    """What `get` returns; an `httpx.Response` is one."""

    @property
    def status_code(self) -> int:
        """The status."""

    @property
    def headers(self) -> Mapping[str, str]:
        """The headers, found without regard to case."""

    @property
    def content(self) -> bytes:
        """The decoded content."""


@dataclass(frozen=True)
class Reached:
    """An answer that is no redirect.

    Attributes:
        answer: The answer.
        asked: The address that was asked for.
        address: The address that answered.
    """

    answer: Answer
    asked: str
    address: str

    @property
    def way(self) -> str:
        """What to say of the way to it: nothing, or where it was redirected to, as the beginning of a sentence."""
        return "" if self.address == self.asked else f"redirected to {shown(self.address)}: "


def reach(get: Callable[[str], Answer], asked: str) -> Reached:
    """Ask for an address, and follow redirects within its Server.

    A redirect from http to https on the same host, both on their usual ports, counts as within the Server.

    Args:
        get: Makes a GET request to an address and returns the answer; it must not follow redirects itself.
        asked: The address.

    Raises:
        DocumentError: A redirect leads elsewhere, or they do not end.
    """
    address = asked
    for _ in range(_MOST_REDIRECTS + 1):
        answer = get(address)
        location = answer.headers.get("location")
        if answer.status_code not in _REDIRECTS or not location:
            return Reached(answer, asked, address)
        address = _followed(asked, address, location, answer.status_code)
    raise DocumentError(shown(asked), "", f"redirected more than {_MOST_REDIRECTS} times, at last to {shown(address)}")


def _followed(asked: str, address: str, location: str, status: int) -> str:
    """Return the address that a redirect leads to; its user information is never the peer's."""
    before = urlsplit(address)
    try:
        target = urlsplit(urljoin(address, location))
        refusal = _refusal(before, target)
    except ValueError:  # no host, or no port that is a number
        raise DocumentError(shown(asked), "", f"status {status}: redirected to what is no address") from None
    if refusal:
        what = f"status {status}: redirected to {shown(target.geturl())}, {refusal}"
        raise DocumentError(shown(asked), "", what)
    if target.scheme == before.scheme:
        return target._replace(netloc=before.netloc, fragment="").geturl()
    return target._replace(netloc=before.netloc.removesuffix(":80"), fragment="").geturl()


def _refusal(before: SplitResult, target: SplitResult) -> str:
    """Say why a redirect is not followed; nothing where it is."""
    here, there = _origin(before), _origin(target)
    if here == there:
        return ""
    if there[0] not in _DEFAULT_PORTS:
        return "which is no web address"
    if here[0] == "https" and there[0] == "http":
        return "which is not followed: it leaves https, and anybody on the way could answer"
    if here[1:] == (there[1], 80) and there[0] == "https" and there[2] == _DEFAULT_PORTS["https"]:
        return ""
    return "which is another server and is not followed: give that address if it is meant"


def _origin(parts: SplitResult) -> tuple[str, str, int | None]:
    """Return scheme, host and port (RFC 6454).

    Raises:
        ValueError: The port is no number.
    """
    return parts.scheme, parts.hostname or "", parts.port or _DEFAULT_PORTS.get(parts.scheme)


def shown(address: str) -> str:
    """Return an address as it may be printed: without user, password, query and fragment, in ASCII, not too long."""
    try:
        parts = urlsplit(address)
        plain = parts._replace(netloc=parts.netloc.rpartition("@")[2], query="", fragment="").geturl()
    except ValueError:
        plain = address.partition("?")[0].partition("#")[0].rpartition("@")[2]
    safe = quote(plain, safe=_PLAIN, errors="replace")
    return safe if len(safe) <= _LONGEST_SHOWN else f"{safe[:_LONGEST_SHOWN]}…"

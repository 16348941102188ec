"""A tunnel through a SOCKS5 proxy (RFC 1928), with user name and password where the proxy's URL has them (RFC 1929)."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ayx_diagnostics.vocabulary import socket_outcome

if TYPE_CHECKING:
    from ayx_connection.proxy import ProxyAddress

    from ayx_diagnostics.network.base import Clock, Stream

__all__ = ["SocksReply", "open_tunnel"]

_VERSION, _PASSWORD_VERSION = 5, 1
_NO_AUTHENTICATION, _PASSWORD, _NOTHING_ACCEPTABLE = 0, 2, 255
_CONNECT = 1
_IPV4, _NAME, _IPV6 = 1, 3, 4
#: Length of the bound address by its type; a name carries its own (RFC 1928, 6).
_ADDRESS_LENGTHS = {_IPV4: 4, _IPV6: 16}

#: RFC 1928, 6.
_REPLIES = {
    1: "general SOCKS server failure",
    2: "connection not allowed by ruleset",
    3: "Network unreachable",
    4: "Host unreachable",
    5: "Connection refused",
    6: "TTL expired",
    7: "Command not supported",
    8: "Address type not supported",
    _NOTHING_ACCEPTABLE: "no acceptable authentication method",
}


@dataclass
class SocksReply:
    """What a SOCKS proxy made of the request.

    Attributes:
        outcome: ``ok``, ``status`` (refused), ``not_socks``, or a socket outcome.
        code: The reply's number; 255 when it accepts none of the ways to authenticate.
        reason: What the number means.
        received: Every byte of the proxy.
        error: The error of the socket, if any.
    """

    outcome: str = "ok"
    code: int | None = None
    reason: str = ""
    received: bytes = field(default=b"", repr=False)
    error: OSError | None = None


class _Ended(Exception):  # noqa: N818  # no error of ours: what the peer did
    """The dialogue ended before its last answer.

    Args:
        outcome: The outcome token.
    """

    def __init__(self, outcome: str) -> None:
        super().__init__(outcome)
        self.outcome = outcome


class _Dialogue:
    """The messages of both sides, in order."""

    def __init__(self, clock: Clock, stream: Stream, deadline_s: float) -> None:
        self._clock = clock
        self._stream = stream
        self._deadline_s = deadline_s
        self.reply = SocksReply()

    def tell(self, data: bytes) -> None:
        self._stream.send_all(data, self._deadline_s - self._clock.now())

    def hear(self, count: int) -> bytes:
        """Read exactly so many bytes: what follows belongs to the target."""
        heard = b""
        while len(heard) < count:
            data = self._stream.receive(count - len(heard), self._deadline_s - self._clock.now())
            if not data:
                raise _Ended("closed")
            heard += data
            self.reply.received += data
            if self.reply.received[0] != _VERSION:
                raise _Ended("not_socks")
        return heard

    def authenticate(self, proxy: ProxyAddress) -> None:
        methods = [_NO_AUTHENTICATION] if proxy.username is None else [_NO_AUTHENTICATION, _PASSWORD]
        self.tell(bytes([_VERSION, len(methods), *methods]))
        method = self.hear(2)[1]
        if method == _PASSWORD:
            self.tell(bytes([_PASSWORD_VERSION]) + b"".join(map(_counted, proxy.credentials or ("", ""))))
            if self.hear(2)[1] != 0:
                self.reply.reason = "user name or password refused"
                raise _Ended("status")
        elif method != _NO_AUTHENTICATION:
            self.refuse(method)

    def connect(self, host: str, port: int) -> None:
        self.tell(bytes([_VERSION, _CONNECT, 0]) + _address(host) + port.to_bytes(2, "big"))
        _, code, _, kind = self.hear(4)
        if code != 0:
            self.refuse(code)
        length = self.hear(1)[0] if kind == _NAME else _ADDRESS_LENGTHS.get(kind)
        if length is None:
            raise _Ended("not_socks")
        self.hear(length + 2)

    def refuse(self, code: int) -> None:
        self.reply.code, self.reply.reason = code, _REPLIES.get(code, "unassigned")
        raise _Ended("status")


def open_tunnel(
    clock: Clock, stream: Stream, proxy: ProxyAddress, host: str, port: int, *, timeout_s: float
) -> SocksReply:
    """Ask a SOCKS5 proxy for a connection; the stream leads to the target when the outcome is ``ok``.

    Args:
        clock: The diagnosis' clock.
        stream: A connection to the proxy.
        proxy: The proxy.
        host: Name or address of the target; the proxy resolves a name.
        port: Port of the target.
        timeout_s: Bound of the whole dialogue.
    """
    dialogue = _Dialogue(clock, stream, clock.now() + timeout_s)
    reply = dialogue.reply
    try:
        dialogue.authenticate(proxy)
        dialogue.connect(host, port)
    except _Ended as ended:
        reply.outcome = ended.outcome
    except OSError as error:
        reply.outcome, reply.error = socket_outcome(error), error
    except ValueError:  # a name or a credential longer than 255 bytes
        reply.outcome = "invalid_argument"
    return reply


def _address(host: str) -> bytes:
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return bytes([_NAME]) + _counted(host.encode("idna").decode("ascii"))
    return bytes([_IPV4 if address.version == 4 else _IPV6]) + address.packed  # noqa: PLR2004  # IP version


def _counted(text: str) -> bytes:
    """Return a text behind its length in one byte.

    Raises:
        ValueError: It is longer than 255 bytes.
    """
    data = text.encode()
    return bytes([len(data)]) + data

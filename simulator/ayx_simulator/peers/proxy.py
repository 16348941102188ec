"""A forward proxy that works, or fails in one of the ways in which forward proxies fail.

In a test: ``with FaultyProxy("denied") as proxy: … proxy.port``. As a process, for another network namespace:
``python -m ayx_simulator.proxy working --bind 10.0.0.1 --port 3128 --name server.test=10.0.0.9 --ready-file F``.
"""

from __future__ import annotations

import argparse
import base64
import contextlib
import ipaddress
import selectors
import socket
import sys
from collections.abc import Iterable, Mapping
from urllib.parse import urlsplit

from .listener import Connection, Listener, Peer
from .proxy_failures import ESTABLISHED, FAILURES, SQUID, VIA, refusal
from .standalone import add_listening_arguments, serve_until_terminated

__all__ = ["BEHAVIOURS", "FaultyProxy"]

#: name -> what the proxy does.
BEHAVIOURS: Mapping[str, str] = {
    "working": "tunnels and forwards; asks for credentials if it was given some",
    **{name: failure.meaning for name, failure in FAILURES.items()},
}


class FaultyProxy(Peer):
    """A forward proxy with one behaviour, as a context manager. It never asks DNS.

    Args:
        behaviour: A name of ``BEHAVIOURS``.
        host: Address to listen on.
        port: Port to listen on; 0 lets the kernel choose.
        names: Where hosts are: ``host`` or ``host:port`` -> ``address`` or ``address:port``. An IP address needs no
            entry; any other name is answered as squid answers when its own DNS fails.
        credentials: User name and password that a working proxy demands; everybody may use it when ``None``.
        challenges: The ``Proxy-Authenticate`` lines of its 407.
        connect_timeout_s: How long a working proxy tries to reach the target.

    Attributes:
        targets: The request targets seen so far, in order (``host:port`` of CONNECT, else the absolute URL).

    Raises:
        ValueError: There is no such behaviour.
    """

    def __init__(
        self,
        behaviour: str = "working",
        host: str = "127.0.0.1",
        port: int = 0,
        *,
        names: Mapping[str, str] | None = None,
        credentials: tuple[str, str] | None = None,
        challenges: Iterable[str] = ('Basic realm="proxy"',),
        connect_timeout_s: float = 3.0,
    ) -> None:
        if behaviour not in BEHAVIOURS:
            raise ValueError(f"no behaviour {behaviour!r}; there are {', '.join(BEHAVIOURS)}")
        self.behaviour = behaviour
        self.targets: list[str] = []
        self._names = {name.lower(): place for name, place in (names or {}).items()}
        self._expected = None if credentials is None else base64.b64encode(":".join(credentials).encode())
        self._challenges = tuple(challenges)
        self._connect_timeout_s = connect_timeout_s
        self._listener = Listener(self._serve, host, port)

    @property
    def url(self) -> str:
        """``http://host:port``, as it would stand in ``HTTPS_PROXY``."""
        return f"http://{_bracketed(self.host)}:{self.port}"

    def _serve(self, connection: Connection) -> None:
        failure = FAILURES.get(self.behaviour)
        if failure is not None and not failure.reads_request:
            failure.act(connection)
            return
        request = connection.receive_until(b"\r\n\r\n")
        method, target = _request_line(request)
        if not target:  # TLS spoken to a plain proxy, or the like: such a proxy waits for a line that never ends
            connection.hold()
            return
        self.targets.append(target)
        if failure is not None:
            failure.act(connection)
        elif not self._admitted(request):
            lines = tuple(f"Proxy-Authenticate: {challenge}" for challenge in self._challenges)
            headers = (*SQUID, *lines, "X-Squid-Error: ERR_CACHE_ACCESS_DENIED 0")
            refusal(407, headers, "ERROR: Denied").act(connection)
        else:
            self._forward(connection, method, target, request)

    def _admitted(self, request: bytes) -> bool:
        if self._expected is None:
            return True
        for line in request.split(b"\r\n")[1:]:
            field, _, value = line.partition(b":")
            if field.lower() == b"proxy-authorization":
                scheme, _, credentials = value.strip().partition(b" ")
                return scheme.lower() == b"basic" and credentials.strip() == self._expected
        return False

    def _forward(self, connection: Connection, method: str, target: str, request: bytes) -> None:
        place = self._place(
            target if method == "CONNECT" else urlsplit(target).netloc, 443 if method == "CONNECT" else 80
        )
        if place is None:
            FAILURES["upstream_dns_fail"].act(connection)
            return
        try:
            upstream = socket.create_connection(place, self._connect_timeout_s)
        except TimeoutError:
            FAILURES["upstream_timeout"].act(connection)
            return
        except OSError:
            FAILURES["upstream_refused"].act(connection)
            return
        with upstream:
            if method == "CONNECT":
                connection.send(ESTABLISHED)
            else:
                upstream.sendall(_origin_form(request, target))
            _relay(connection, upstream)

    def _place(self, authority: str, default_port: int) -> tuple[str, int] | None:
        """Look up where a ``host[:port]`` is; ``None`` if nobody said."""
        wanted = urlsplit(f"//{authority}")
        host, port = (wanted.hostname or "").lower(), wanted.port or default_port
        known = self._names.get(f"{_bracketed(host)}:{port}") or self._names.get(host)
        if known is None:
            try:
                return str(ipaddress.ip_address(host)), port
            except ValueError:
                return None
        if ":" not in known or (known.count(":") > 1 and not known.startswith("[")):
            return known, port
        place = urlsplit(f"//{known}")
        return place.hostname or "", place.port or port


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _request_line(request: bytes) -> tuple[str, str]:
    """Return method and target, both empty if this is no HTTP request."""
    words = request.split(b"\r\n", 1)[0].decode("latin-1").split(" ")
    return (words[0], words[1]) if len(words) == 3 and words[2].startswith("HTTP/") else ("", "")  # noqa: PLR2004  # RFC 9112 3


def _origin_form(request: bytes, target: str) -> bytes:
    """Rewrite an absolute-form request (RFC 9112 3.2.2) for the origin, without the proxy's own fields."""
    head, _, body = request.partition(b"\r\n\r\n")
    lines = head.split(b"\r\n")
    method, _, version = lines[0].split(b" ")
    url = urlsplit(target)
    path = (url.path or "/") + (f"?{url.query}" if url.query else "")
    kept = [line for line in lines[1:] if not line.lower().startswith((b"proxy-", b"connection:"))]
    first = b" ".join([method, path.encode("latin-1"), version])
    return b"\r\n".join([first, *kept, VIA.encode(), b"Connection: close", b"", body])


def _relay(connection: Connection, upstream: socket.socket) -> None:
    """Carry bytes both ways until both sides have ended, an RST arrives or the proxy is closed."""
    other = {connection.socket: upstream, upstream: connection.socket}
    with selectors.DefaultSelector() as selector:
        for end in other:
            selector.register(end, selectors.EVENT_READ)
        while selector.get_map() and not connection.closing.is_set():
            for key, _ in selector.select(0.5):
                source = key.fileobj
                if not isinstance(source, socket.socket):
                    continue
                data = source.recv(65536)
                if data:
                    other[source].sendall(data)
                else:
                    selector.unregister(source)
                    with contextlib.suppress(OSError):
                        other[source].shutdown(socket.SHUT_WR)


def main(arguments: list[str] | None = None) -> int:
    """Run one proxy until terminated; ``--list`` prints the behaviours."""
    parser = argparse.ArgumentParser(prog="python -m ayx_simulator.proxy", description=main.__doc__)
    parser.add_argument("behaviour", nargs="?", default="working", choices=list(BEHAVIOURS), metavar="BEHAVIOUR")
    parser.add_argument("--list", action="store_true", help="print the behaviours")
    parser.add_argument("--name", action="append", default=[], metavar="HOST=ADDRESS", help="where a host is")
    parser.add_argument("--credentials", metavar="USER:PASSWORD", help="what a working proxy demands (a test's own)")
    parser.add_argument("--challenge", action="append", metavar="TEXT", help="a Proxy-Authenticate line of its 407")
    add_listening_arguments(parser, default_port=3128)
    chosen = parser.parse_args(arguments)
    if chosen.list:
        for name, meaning in BEHAVIOURS.items():
            sys.stdout.write(f"{name:20} {meaning}\n")
        return 0
    user, _, password = (chosen.credentials or "").partition(":")
    proxy = FaultyProxy(
        chosen.behaviour,
        chosen.bind,
        chosen.port,
        names=dict(name.split("=", 1) for name in chosen.name),
        credentials=(user, password) if chosen.credentials else None,
        challenges=chosen.challenge or ('Basic realm="proxy"',),
    )
    with proxy:
        serve_until_terminated(proxy.host, proxy.port, chosen.ready_file)
    return 0

"""A nameserver that answers from a table and fails per name as nameservers and firewalls do.

In a test: ``with FaultyNameserver({"ok.test": "127.0.0.1", "bad.test": "servfail"}) as nameserver: ...``. As a process,
for another network namespace: ``python -m ayx_simulator.dns --bind 10.0.0.1 --port 53 --zone FILE --ready-file F``; the
file holds the same table as JSON.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import socket
import sys
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

import dns.exception
import dns.message
import dns.rdatatype

from .dns_answers import BEHAVIOURS, Entry, Query
from .listener import Connection, Listener
from .standalone import add_listening_arguments, serve_until_terminated
from .zone import read_entry, read_zone

__all__ = ["BEHAVIOURS", "Entry", "FaultyNameserver", "read_zone"]


class FaultyNameserver:
    """Answers over UDP and TCP on one address and port, as a context manager.

    Args:
        table: What it knows, see :func:`read_zone`; a name without an entry does not exist.
        host: Address to listen on.
        port: Port to listen on; 0 lets the kernel choose.
        tcp: ``False`` leaves port 53/TCP closed.
        default: What happens to every name without an entry.

    Attributes:
        queries: (name, record type, transport) of every query so far.
    """

    def __init__(
        self,
        table: Mapping[str, Any],
        host: str = "127.0.0.1",
        port: int = 0,
        *,
        tcp: bool = True,
        default: str | Mapping[str, Any] = "nxdomain",
    ) -> None:
        self.host = host
        self.port = port
        self.queries: list[tuple[str, str, str]] = []
        self._zone = read_zone(table)
        self._default = read_entry("default", default)
        self._tcp = tcp
        self._closing = threading.Event()

    def __enter__(self) -> Self:
        family = socket.AF_INET6 if ":" in self.host else socket.AF_INET
        self._listener: Listener | None = None
        for attempt in range(10):  # the port that UDP was given may be taken for TCP
            self._udp = socket.socket(family, socket.SOCK_DGRAM)
            try:
                self._udp.bind((self.host, self.port))
                if self._tcp:
                    self._listener = Listener(self._serve_tcp, self.host, self._udp.getsockname()[1])
                    self._listener.__enter__()
                break
            except OSError:
                self._udp.close()
                if self.port or attempt == 9:  # noqa: PLR2004  # the last one
                    raise
        self.port = self._udp.getsockname()[1]
        self._thread = threading.Thread(target=self._serve_udp, daemon=True, name=f"nameserver-{self.port}")
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._closing.set()
        # An empty datagram wakes the thread everywhere; closing the socket under it does so on Linux only.
        with contextlib.suppress(OSError), socket.socket(self._udp.family, socket.SOCK_DGRAM) as waker:
            waker.sendto(b"", self._udp.getsockname())
        self._thread.join(2.0)
        self._udp.close()
        if self._listener is not None:
            self._listener.close()

    def _serve_udp(self) -> None:
        while not self._closing.is_set():
            try:
                data, peer = self._udp.recvfrom(65535)
            except OSError:  # Windows reports a client's closed port here
                continue
            if data:
                threading.Thread(target=self._reply_udp, args=(data, peer), daemon=True).start()

    def _reply_udp(self, data: bytes, peer: tuple[Any, ...]) -> None:
        reply = self._reply(data, "udp")
        if reply is not None and not self._closing.is_set():
            with contextlib.suppress(OSError):
                self._udp.sendto(reply, peer)

    def _serve_tcp(self, connection: Connection) -> None:
        data = b""
        while more := connection.receive():
            data += more
            while len(data) >= 2 and len(data) >= (end := 2 + int.from_bytes(data[:2])):  # noqa: PLR2004  # RFC 1035 4.2.2
                reply, data = self._reply(data[2:end], "tcp"), data[end:]
                if reply is not None:
                    connection.send(len(reply).to_bytes(2) + reply)

    def _reply(self, data: bytes, transport: str) -> bytes | None:
        """Return the octets to answer with, ``None`` for silence."""
        try:
            query = dns.message.from_wire(data)
        except dns.exception.DNSException:
            return None
        question = query.question[0]
        rdtype = dns.rdatatype.to_text(question.rdtype)
        name = question.name.to_text(omit_final_dot=True).lower()
        self.queries.append((name, rdtype, transport))
        entry = self._entry(name)
        if self._closing.wait(entry.delay_for(rdtype)):
            return None
        return BEHAVIOURS[entry.behaviour_for(rdtype)].act(Query(data, query, transport, entry, self._entry))

    def _entry(self, name: str) -> Entry:
        """Look up a name; the closest wildcard stands in for a missing one (RFC 4592)."""
        if name in self._zone:
            return self._zone[name]
        _, _, parent = name.partition(".")
        while parent:
            if f"*.{parent}" in self._zone:
                return self._zone[f"*.{parent}"]
            _, _, parent = parent.partition(".")
        return self._default


def main(arguments: list[str] | None = None) -> int:
    """Answer queries until terminated; ``--list`` prints the behaviours."""
    parser = argparse.ArgumentParser(prog="python -m ayx_simulator.dns", description=main.__doc__)
    parser.add_argument("--zone", type=Path, metavar="FILE", help="the table as JSON")
    parser.add_argument("--no-tcp", action="store_true", help="leave the TCP port closed")
    parser.add_argument("--default", default="nxdomain", choices=list(BEHAVIOURS), help="for names without an entry")
    parser.add_argument("--list", action="store_true", help="print the behaviours")
    add_listening_arguments(parser, default_port=53)
    chosen = parser.parse_args(arguments)
    if chosen.list:
        for name, behaviour in BEHAVIOURS.items():
            sys.stdout.write(f"{name:20} {behaviour.meaning}\n")
        return 0
    table = json.loads(chosen.zone.read_text(encoding="utf-8")) if chosen.zone else {}
    try:
        nameserver = FaultyNameserver(table, chosen.bind, chosen.port, tcp=not chosen.no_tcp, default=chosen.default)
    except ValueError as error:
        parser.error(str(error))
    with nameserver:
        serve_until_terminated(nameserver.host, nameserver.port, chosen.ready_file)
    return 0

"""One question to one nameserver, so that each nameserver's own answer is seen."""

from __future__ import annotations

import contextlib
import errno
import socket
import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from ayx_diagnostics.model import Observation
from ayx_diagnostics.network import error_queue
from ayx_diagnostics.network.attempt import numeric_address
from ayx_diagnostics.network.clock import Clock
from ayx_diagnostics.probes import tcp
from ayx_diagnostics.vocabulary import errno_name

if TYPE_CHECKING:
    import dns.message

__all__ = ["query"]

Transport = Literal["udp", "tcp"]

_LARGEST_MESSAGE = 65535
_LENGTH = struct.Struct("!H")  # RFC 1035 section 4.2.2
#: ICMP port unreachable arrives as ECONNREFUSED; on Windows as WSAECONNRESET, even over UDP.
_PORT_CLOSED = frozenset({errno.ECONNREFUSED, 10061, 10054})
_TCP_OUTCOMES = {"refused": "port_closed", "timeout": "timeout"}


@dataclass(frozen=True, slots=True)
class _Answer:
    """An outcome of ``query`` with the part of its evidence that only the answer knows."""

    outcome: str
    evidence: dict[str, Any]


def query(
    clock: Clock,
    name: str,
    rdtype: str,
    nameserver: str,
    *,
    port: int = 53,
    transport: Transport = "udp",
    timeout_s: float,
    purpose: str = "address",
    edns: bool = True,
    cd: bool = False,
    any_source: bool = False,
) -> Observation:
    """Ask one nameserver one question, once.

    Over UDP the socket is connected, so that a closed port shows in the time of one round trip (ICMP port unreachable)
    and only that nameserver's replies are seen.

    Args:
        clock: The clock of the diagnosis.
        name: Host name, taken as absolute.
        rdtype: Record type, e.g. ``A``.
        nameserver: IPv4 or IPv6 address of the nameserver.
        port: Its port.
        transport: ``udp`` or ``tcp``.
        timeout_s: How long to wait for the whole answer, in seconds.
        purpose: Why it is asked, for the evidence.
        edns: Whether to announce EDNS.
        cd: Whether to ask for unchecked data (CD bit).
        any_source: Whether to see a reply that comes from another address as well, which no resolver takes (over UDP;
            RFC 5452, 9.1): its outcome is ``wrong_id``, with ``replied_from``.

    Returns:
        What the nameserver said, or what became of the question.
    """
    from ayx_diagnostics.probes.dns_message import make_query  # dnspython: only when DNS is in doubt

    started_s = clock.now()
    try:
        question = make_query(name, rdtype, edns=edns, cd=cd)
    except ValueError:
        answer = _Answer("label_invalid", {})
    else:
        ask = _ask_over_tcp if transport == "tcp" else _ask_from_anywhere if any_source else _ask_over_udp
        answer = ask(clock, question, nameserver, port, started_s + timeout_s)
    duration_s = clock.now() - started_s
    answered = "rcode" in answer.evidence
    evidence = {
        "name": name,
        "rdtype": rdtype,
        "nameserver": nameserver,
        "transport": transport,
        "rtt_ms": round(duration_s * 1000, 3) if answered else None,
        "purpose": purpose,
        "addresses": [],
        **answer.evidence,
    }
    return Observation(
        "dns", "query", f"{name} {rdtype} @{nameserver}", started_s, duration_s, answer.outcome, evidence
    )


def _ask_over_udp(clock: Clock, question: dns.message.Message, nameserver: str, port: int, until_s: float) -> _Answer:
    from ayx_diagnostics.probes.dns_message import read_reply  # see query()

    outcome_of_silence, sent = "timeout", False
    try:
        family, where = numeric_address(nameserver, port)
        sock = socket.socket(family, socket.SOCK_DGRAM)
    except OSError as error:
        return _failed(error)
    with sock:
        try:
            error_queue.enable(sock)  # without it Linux keeps "host unreachable" to itself
            sock.connect(where)
            sock.send(question.to_wire())
            sent = True
            while (left_s := until_s - clock.now()) > 0:
                sock.settimeout(left_s)
                reply = read_reply(question, sock.recv(_LARGEST_MESSAGE))
                if reply.outcome != "wrong_id":
                    return _Answer(reply.outcome, reply.evidence)
                outcome_of_silence = "wrong_id"
        except TimeoutError:
            pass
        except OSError as error:
            return _failed(error, sock, sent=sent)
    return _Answer(outcome_of_silence, {})


def _ask_from_anywhere(
    clock: Clock, question: dns.message.Message, nameserver: str, port: int, until_s: float
) -> _Answer:
    from ayx_diagnostics.probes.dns_message import read_reply  # see query()

    try:
        family, where = numeric_address(nameserver, port)
        with socket.socket(family, socket.SOCK_DGRAM) as sock:
            sock.sendto(question.to_wire(), where)
            while (left_s := until_s - clock.now()) > 0:
                sock.settimeout(left_s)
                data, sender = sock.recvfrom(_LARGEST_MESSAGE)
                reply = read_reply(question, data)
                if reply.outcome == "wrong_id":
                    continue
                if sender[:2] != where[:2]:
                    return _Answer("wrong_id", {"replied_from": str(sender[0])})
                return _Answer(reply.outcome, reply.evidence)
    except TimeoutError:
        pass
    except OSError as error:
        return _failed(error)
    return _Answer("timeout", {})


def _ask_over_tcp(clock: Clock, question: dns.message.Message, nameserver: str, port: int, until_s: float) -> _Answer:
    from ayx_diagnostics.probes.dns_message import read_reply  # see query()

    connected, sock = tcp.connect(clock, nameserver, port, timeout_s=until_s - clock.now())
    if sock is None:
        error_keys = {key: connected.evidence[key] for key in ("errno", "errno_name")}
        return _Answer(_TCP_OUTCOMES.get(connected.outcome, "unreachable"), error_keys)
    with sock:
        try:
            wire = question.to_wire()
            sock.settimeout(max(until_s - clock.now(), 0.001))
            sock.sendall(_LENGTH.pack(len(wire)) + wire)
            (length,) = _LENGTH.unpack(_receive_exactly(clock, sock, _LENGTH.size, until_s))
            reply = read_reply(question, _receive_exactly(clock, sock, length, until_s))
        except TimeoutError:
            return _Answer("timeout", {})
        except EOFError:
            return _Answer("closed", {})
        except OSError as error:
            return _Answer("closed", {"errno": error.errno, "errno_name": errno_name(error.errno)})
    return _Answer(reply.outcome, reply.evidence)


def _receive_exactly(clock: Clock, sock: socket.socket, size: int, until_s: float) -> bytes:
    """Receive so many bytes.

    Raises:
        TimeoutError: The time is up.
        EOFError: The nameserver closed the connection first.
        OSError: The connection broke.
    """
    data = bytearray()
    while len(data) < size:
        left_s = until_s - clock.now()
        if left_s <= 0:
            raise TimeoutError
        sock.settimeout(left_s)
        part = sock.recv(size - len(data))
        if not part:
            raise EOFError
        data += part
    return bytes(data)


def _failed(error: OSError, sock: socket.socket | None = None, *, sent: bool = False) -> _Answer:
    """Return what an error means, and who said it: a router by ICMP, or this machine before the packet left."""
    number = getattr(error, "winerror", None) or error.errno
    evidence: dict[str, Any] = {"errno": number, "errno_name": errno_name(number)}
    evidence["immediate"] = sock is not None and not sent  # without a socket, it is not the route that was refused
    if sock is not None:
        with contextlib.suppress(OSError):
            evidence["local_address"] = str(sock.getsockname()[0])
        sock.setblocking(False)  # Python waits for the error queue as long as the socket's timeout, whatever the flags
        if said := error_queue.drain(sock):
            evidence["icmp"] = next((item for item in said if item.origin != "local"), said[0]).as_json()
    return _Answer("port_closed" if number in _PORT_CLOSED else "unreachable", evidence)

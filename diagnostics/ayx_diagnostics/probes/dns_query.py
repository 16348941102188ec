"""One question to one nameserver, so that each nameserver's own answer is seen."""

from __future__ import annotations

import errno
import struct
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ayx_diagnostics.model import Observation
from ayx_diagnostics.network.base import Datagrams, Stream, Transport
from ayx_diagnostics.network.interface import Network
from ayx_diagnostics.probes import tcp
from ayx_diagnostics.vocabulary import errno_name

if TYPE_CHECKING:
    import dns.message

__all__ = ["query"]

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
    network: Network,
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
        network: The network of the diagnosis.
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

    started_s = network.now()
    try:
        question = make_query(name, rdtype, edns=edns, cd=cd)
    except ValueError:
        answer = _Answer("label_invalid", {})
    else:
        until_s = started_s + timeout_s
        if transport == "tcp":
            answer = _ask_over_tcp(network, question, nameserver, port, until_s)
        else:
            answer = _ask_over_udp(network, question, nameserver, port, until_s, any_source=any_source)
    duration_s = network.now() - started_s
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


def _ask_over_udp(
    network: Network, question: dns.message.Message, nameserver: str, port: int, until_s: float, *, any_source: bool
) -> _Answer:
    from ayx_diagnostics.probes.dns_message import read_reply  # see query()

    silence = _Answer("timeout", {})
    try:
        datagrams = network.datagrams(nameserver, port, any_source=any_source)
    except OSError as error:
        return _failed(error)
    sent = False
    with datagrams:
        try:
            datagrams.send(question.to_wire())
            sent = True
            while (left_s := until_s - network.now()) > 0:
                data, other_sender = datagrams.receive(left_s)
                reply = read_reply(question, data)
                if reply.outcome == "wrong_id":
                    silence = silence if any_source else _Answer("wrong_id", {})
                elif other_sender is not None:
                    return _Answer("wrong_id", {"replied_from": other_sender})
                else:
                    return _Answer(reply.outcome, reply.evidence)
        except TimeoutError:
            pass
        except OSError as error:
            return _failed(error) if any_source else _failed(error, datagrams, sent=sent)
    return silence


def _ask_over_tcp(
    network: Network, question: dns.message.Message, nameserver: str, port: int, until_s: float
) -> _Answer:
    from ayx_diagnostics.probes.dns_message import read_reply  # see query()

    connected, stream = tcp.connect(network, nameserver, port, timeout_s=until_s - network.now())
    if stream is None:
        error_keys = {key: connected.evidence[key] for key in ("errno", "errno_name")}
        return _Answer(_TCP_OUTCOMES.get(connected.outcome, "unreachable"), error_keys)
    with closing(stream):
        try:
            wire = question.to_wire()
            stream.send_all(_LENGTH.pack(len(wire)) + wire, max(until_s - network.now(), 0.001))
            (length,) = _LENGTH.unpack(_receive_exactly(network, stream, _LENGTH.size, until_s))
            reply = read_reply(question, _receive_exactly(network, stream, length, until_s))
        except TimeoutError:
            return _Answer("timeout", {})
        except EOFError:
            return _Answer("closed", {})
        except OSError as error:
            return _Answer("closed", {"errno": error.errno, "errno_name": errno_name(error.errno)})
    return _Answer(reply.outcome, reply.evidence)


def _receive_exactly(network: Network, stream: Stream, size: int, until_s: float) -> bytes:
    """Receive so many bytes.

    Raises:
        TimeoutError: The time is up.
        EOFError: The nameserver closed the connection first.
        OSError: The connection broke.
    """
    data = bytearray()
    while len(data) < size:
        part = stream.receive(size - len(data), until_s - network.now())
        if not part:
            raise EOFError
        data += part
    return bytes(data)


def _failed(error: OSError, datagrams: Datagrams | None = None, *, sent: bool = False) -> _Answer:
    """Return what an error means, and who said it: a router by ICMP, or this machine before the packet left."""
    number = getattr(error, "winerror", None) or error.errno
    evidence: dict[str, Any] = {"errno": number, "errno_name": errno_name(number)}
    # without a socket, it is not the route that was refused
    evidence["immediate"] = datagrams is not None and not sent
    if datagrams is not None:
        if (local_address := datagrams.local_address) is not None:
            evidence["local_address"] = local_address
        if said := datagrams.refusal():
            evidence["icmp"] = said.as_json()
    return _Answer("port_closed" if number in _PORT_CLOSED else "unreachable", evidence)

"""A world in memory for the walk: names, ports, and peers that speak real TLS and real HTTP, in virtual time."""

from __future__ import annotations

import json
import ssl
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import dns.flags
import dns.message
import dns.rcode
import dns.rrset
import h11
from ayx_diagnostics import Report, diagnose
from ayx_diagnostics.model import Observation
from ayx_diagnostics.network.fake import FakeNetwork, Peer, Place

HOST, ADDRESS, OTHER = "server.test", "10.0.0.7", "10.0.0.8"
SECRET = {"client_id": "the-key", "client_secret": "the-secret-value"}
TOKEN = {"access_token": "t" * 40, "token_type": "bearer", "expires_in": 3599}


@dataclass(frozen=True)
class Answer:
    """A whole answer of HTTP."""

    status: int = 200
    document: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)


#: From method, path and headers to an answer; None says nothing at all, an error is what the client's system reports.
Site = Callable[[str, str, Mapping[str, str]], "Answer | OSError | None"]


def alteryx(method: str, path: str, headers: Mapping[str, str]) -> Answer:
    """Answer as a healthy Server."""
    del method, headers
    return Answer(document=TOKEN if path.endswith("/oauth2/token") else [])


def answers(table: Mapping[str, Answer | OSError | None]) -> Site:
    """Answer by the end of the path, and as a healthy Server where nothing is said of it."""

    def site(method: str, path: str, headers: Mapping[str, str]) -> Answer | OSError | None:
        for end, answer in table.items():
            if path.partition("?")[0].endswith(end):
                return answer
        return alteryx(method, path, headers)

    return site


class Silent(Peer):
    """Accepts, and never says a word."""

    answers_after_s = 0.0

    def greet(self) -> bytes:
        return b""

    def hear(self, data: bytes) -> bytes | None:
        del data
        return b""


class Raw(Silent):
    """Says one thing to whatever it hears: bytes, nothing more (None), or an error."""

    def __init__(self, said: bytes | OSError | None) -> None:
        self._said = said

    def hear(self, data: bytes) -> bytes | None:
        del data
        if isinstance(self._said, OSError):
            raise self._said
        return self._said


class Http(Silent):
    """Speaks HTTP/1.1; keeps what it was asked."""

    def __init__(self, site: Site, asked: list[tuple[str, str, dict[str, str]]], *, after_s: float = 0.01) -> None:
        self._site, self._asked, self.answers_after_s = site, asked, after_s
        self._protocol = h11.Connection(h11.SERVER)
        self._request: h11.Request | None = None

    def hear(self, data: bytes) -> bytes | None:
        self._protocol.receive_data(data)
        said = b""
        while (event := self._protocol.next_event()) not in (h11.NEED_DATA, h11.PAUSED):
            if isinstance(event, h11.Request):
                self._request = event
            elif isinstance(event, h11.EndOfMessage):
                answer = self._answer()
                if answer is None:
                    return said
                said += answer
                self._protocol.start_next_cycle()
            elif isinstance(event, h11.ConnectionClosed):
                return None
        return said

    def _answer(self) -> bytes | None:
        assert self._request is not None
        headers = {name.decode(): value.decode() for name, value in self._request.headers}
        method, target = self._request.method.decode(), self._request.target.decode()
        self._asked.append((method, target, headers))
        answer = self._site(method, target, headers)
        if isinstance(answer, OSError):
            raise answer
        if answer is None:
            return None
        is_text = isinstance(answer.document, str)
        body = answer.document.encode() if is_text else json.dumps(answer.document).encode()
        kind = "text/html" if is_text else "application/json"
        given = {"Content-Type": kind, "Content-Length": str(len(body)), **answer.headers}
        send = self._protocol.send
        head = send(h11.Response(status_code=answer.status, headers=list(given.items()))) or b""
        return head + (send(h11.Data(data=body)) or b"") + (send(h11.EndOfMessage()) or b"")


class Tls(Silent):
    """Speaks TLS, and whatever another peer speaks inside it."""

    def __init__(self, context: ssl.SSLContext, inner: Peer) -> None:
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._incoming, self._outgoing, server_side=True)
        self._inner, self._shaken = inner, False
        self.answers_after_s = inner.answers_after_s

    def hear(self, data: bytes) -> bytes | None:
        self._incoming.write(data)
        ended = False
        try:
            if not self._shaken:
                self._tls.do_handshake()
                self._shaken = True
            while not ended:
                said = self._inner.hear(self._tls.read(65536))
                ended = said is None
                if said:
                    self._tls.write(said)
        except ssl.SSLWantReadError:
            pass
        except ssl.SSLError:
            ended = True  # an alert, or the client's goodbye
        return self._outgoing.read() or (None if ended else b"")


@dataclass
class World:
    """Everything that a walk can meet, and what it asked."""

    context: ssl.SSLContext
    ca_bundle: str
    asked: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)
    network: FakeNetwork = field(default_factory=FakeNetwork)

    def https(self, site: Site = alteryx, *, context: ssl.SSLContext | None = None, **place: Any) -> Place:
        """A port that speaks HTTPS."""
        return Place(peer=lambda: Tls(context or self.context, Http(site, self.asked)), **place)

    def http(self, site: Site = alteryx, **place: Any) -> Place:
        """A port that speaks HTTP."""
        return Place(peer=lambda: Http(site, self.asked), **place)

    def walk(self, network: FakeNetwork, url: str = f"https://{HOST}", **options: Any) -> Report:
        """Diagnose an address in the network; whatever goes on after the verdict comes to its end."""
        self.network = network
        given = {"environ": {}, "ca_bundle": self.ca_bundle if url.startswith("https") else None, **SECRET, **options}
        report = diagnose(url, network=network, **{key: value for key, value in given.items() if value is not None})
        network.finish()
        return report

    @property
    def pages(self) -> list[str]:
        """The paths that were asked for, as ``METHOD path``."""
        return [f"{method} {path}" for method, path, _ in self.asked]


def only(place: Place, **more: Any) -> FakeNetwork:
    """A network where the Server's name leads to one place."""
    return FakeNetwork(names={HOST: [ADDRESS]}, places={(ADDRESS, 443): place, (ADDRESS, 80): place}, **more)


def observed(report: Report, stage: str, operation: str | None = None) -> list[Observation]:
    """Return the observations of a stage."""
    return [seen for seen in report.observations if seen.stage == stage and operation in (None, seen.operation)]


def purposes(report: Report, stage: str) -> list[str]:
    """Return why the observations of a stage were made, each once, in order."""
    return list(dict.fromkeys(str(seen.evidence.get("purpose") or "") for seen in observed(report, stage)))


def zone(*addresses: str, rcode: str = "NOERROR", truncated: bool = False) -> Callable[[bytes], bytes]:
    """A nameserver that says the same of every name, over UDP."""

    def reply(question: bytes) -> bytes:
        asked = dns.message.from_wire(question)
        answer = dns.message.make_response(asked)
        answer.set_rcode(dns.rcode.from_text(rcode))
        if truncated:
            answer.flags |= dns.flags.TC
        kind = "AAAA" if "AAAA" in asked.question[0].to_text() else "A"
        right: Sequence[str] = [each for each in addresses if (":" in each) == (kind == "AAAA")]
        if right and not truncated:
            answer.answer = [dns.rrset.from_text(asked.question[0].name, 60, "IN", kind, *right)]
        return answer.to_wire()

    return reply

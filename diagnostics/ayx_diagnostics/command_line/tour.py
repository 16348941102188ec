"""The stops of the demo's tour: real faults on loopback, each made by a server that misbehaves on purpose."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ayx_simulator import Simulator

__all__ = ["STOPS", "Case", "Stage", "Stop"]


@dataclass(frozen=True)
class Case:
    """What a script has at one stop: the Server's address and its settings."""

    url: str
    options: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class Stage:
    """What the stops are made of.

    Attributes:
        simulator: The stand-in Server.
        folder: A temporary folder for certificates.
        options: Settings of a script that works.
    """

    simulator: Simulator
    folder: Path
    options: Mapping[str, object]

    def case(self, url: str | None = None, **changes: object) -> Case:
        """Return the working script's settings with some changed; None removes one."""
        options = {name: value for name, value in {**self.options, **changes}.items() if value is not None}
        return Case(url or self.simulator.web_api_address, options)


_Setup = Callable[[Stage, ExitStack], Case]


@dataclass(frozen=True)
class Stop:
    """One fault of the tour.

    Attributes:
        code: What the diagnosis should say.
        story: What happened, in one line.
        setup: Makes the fault; what it opens is closed after the stop.
    """

    code: str
    story: str
    setup: _Setup

    @contextmanager
    def arranged(self, stage: Stage) -> Iterator[Case]:
        """Make the fault for the length of a ``with`` block."""
        with ExitStack() as stack:
            yield self.setup(stage, stack)


def _as_is(url: str | None, changes: Mapping[str, object], stage: Stage, _: ExitStack) -> Case:
    return stage.case(url, **changes)


def _server_fault(name: str, argument: str | None, stage: Stage, stack: ExitStack) -> Case:
    stack.enter_context(stage.simulator.faults.injected(name, argument))
    return stage.case()


def _closed_port(stage: Stage, _: ExitStack) -> Case:
    with socket.socket() as probe:  # a port that was free a moment ago
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    return stage.case(f"https://127.0.0.1:{port}/webapi")


def _misbehaving(behaviour: str, stage: Stage, stack: ExitStack) -> Case:
    from ayx_simulator.peers.faulty_peer import FaultyServer

    server = stack.enter_context(FaultyServer(behaviour))
    return stage.case(f"https://127.0.0.1:{server.port}/webapi", connect_timeout=2.0)


def _certificate(variant: str, stage: Stage, stack: ExitStack) -> Case:
    from ayx_simulator import Simulator
    from ayx_simulator.peers.certificates import CertificateFactory

    certificate = CertificateFactory(stage.folder).server(variant)
    server = stack.enter_context(Simulator(certificate=certificate.chain, key=certificate.key))
    bundle = str(certificate.root) if certificate.trusted else None
    return stage.case(server.web_api_address, ca_bundle=bundle)


def _proxy(behaviour: str, credentials: tuple[str, str] | None, stage: Stage, stack: ExitStack) -> Case:
    from ayx_simulator.peers.proxy import FaultyProxy

    proxy = stack.enter_context(FaultyProxy(behaviour, credentials=credentials))
    return stage.case(proxy=proxy.url)


STOPS: tuple[Stop, ...] = (
    Stop("config.host_label_invalid", "a typo in the address", partial(_as_is, "https://ayx..corp.example/webapi", {})),
    Stop(
        "config.whitespace",
        "a line feed was pasted with the secret",
        partial(_as_is, None, {"client_secret": "pasted-secret\n"}),
    ),
    Stop("tcp.refused_localhost", "the local service is not running", _closed_port),
    Stop("tcp.reset_after_accept", "a load balancer without a backend", partial(_misbehaving, "reset_after_accept")),
    Stop("proxy.auth_required", "the proxy wants credentials", partial(_proxy, "working", ("user", "password"))),
    Stop(
        "proxy.configured_but_unneeded", "an internal Server is asked for at the proxy", partial(_proxy, "denied", None)
    ),
    Stop("tls.plaintext_http", "https:// to a port that speaks http", partial(_misbehaving, "plain_http")),
    Stop("tls.rst_on_clienthello", "a filter resets the handshake", partial(_misbehaving, "hello_then_reset")),
    Stop("tls.silent_on_clienthello", "a filter swallows the handshake", partial(_misbehaving, "hello_then_silence")),
    Stop("tls.cert_expired", "the certificate was not renewed", partial(_certificate, "expired")),
    Stop("tls.hostname_mismatch", "the certificate names another host", partial(_certificate, "wrong_host")),
    Stop("tls.missing_intermediate", "the Server sends half its chain", partial(_certificate, "missing_intermediate")),
    Stop("tls.unknown_ca_private", "nobody trusts the company's CA here", partial(_as_is, None, {"ca_bundle": None})),
    Stop("http.gateway_5xx", "the gateway cannot reach the Server", partial(_server_fault, "http.gateway_5xx", "502")),
    Stop("token.invalid_client", "a key from the wrong page", partial(_as_is, None, {"client_secret": "0" * 64})),
    Stop("token.not_json", "single sign-on in front of the API", partial(_server_fault, "token.not_json", "html")),
    Stop("http.wrong_base_path", "the Web API lives elsewhere", partial(_server_fault, "http.wrong_base_path", None)),
    Stop("api.unauthorized", "a token that the API refuses", partial(_server_fault, "api.unauthorized", None)),
    Stop("api.role_insufficient", "the role is too low for V3", partial(_server_fault, "api.role_insufficient", None)),
)

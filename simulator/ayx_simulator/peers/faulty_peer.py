"""TCP, TLS and HTTP servers that misbehave in one way each.

In a test: ``with FaultyServer("reset_after_accept") as server: … server.port``. As a process, for another network
namespace: ``python -m ayx_simulator.faulty reset_after_accept --bind 10.0.0.1 --port 443 --ready-file F``.
An argument follows a behaviour's name after a colon: ``alert:40``, ``http_status:503``.
"""

from __future__ import annotations

import argparse
import ssl
import sys
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from .client_hello import server_name_of
from .listener import Connection, Listener, Peer
from .raw_answers import ANSWERS, SSH_BANNER, SSH_FAREWELL, plain_answer, response
from .standalone import add_listening_arguments, serve_until_terminated

__all__ = ["BEHAVIOURS", "Behaviour", "FaultyServer"]


@dataclass(frozen=True, slots=True)
class Behaviour:
    """One way to misbehave.

    Attributes:
        meaning: What the server does, in one line.
        layer: How far it behaves well before: ``tcp`` not at all, ``tls`` needs a certificate, ``http`` reads a request
            first, over TLS if it has a certificate.
        act: What it does then with the connection and the argument.
        adjust: What is wrong with its TLS settings.
        accepts: Whether connections are accepted at all.
    """

    meaning: str
    layer: Literal["tcp", "tls", "http"]
    act: Callable[[Connection, str], None]
    adjust: Callable[[ssl.SSLContext, str], None] | None = None
    accepts: bool = True


def _reset(connection: Connection, _argument: str) -> None:
    connection.reset()


def _fin(connection: Connection, _argument: str) -> None:
    connection.finish()


def _silent(connection: Connection, _argument: str) -> None:
    connection.closing.wait()  # without reading: the kernel acknowledges, the program never looks


def _hold(connection: Connection, _argument: str) -> None:
    connection.hold()


def _after_hello(then: Callable[[Connection, str], None]) -> Callable[[Connection, str], None]:
    """Read the ClientHello record, then do ``then``."""

    def act(connection: Connection, argument: str) -> None:
        if connection.receive():
            then(connection, argument)

    return act


def _plain_http(connection: Connection, _argument: str) -> None:
    connection.receive()
    page = b"<html><head><title>400 Bad Request</title></head></html>"
    connection.send(response(400, page, "Server: Microsoft-HTTPAPI/2.0"))
    connection.finish()


def _banner(text: bytes, farewell: bytes = b"") -> Callable[[Connection, str], None]:
    def act(connection: Connection, _argument: str) -> None:
        connection.send(text)
        if farewell and connection.receive():
            connection.send(farewell)
            connection.finish()
        connection.hold()

    return act


def _alert(connection: Connection, argument: str) -> None:
    """Refuse the ClientHello with a fatal alert, by number (RFC 8446 6.2), framed as a TLS 1.2 record."""
    connection.receive()
    connection.send(bytes([21, 3, 3, 0, 2, 2, int(argument or "40")]))
    connection.finish()


def _blocks_server_name(then: Callable[[Connection, str], None]) -> Callable[[Connection, str], None]:
    """Do ``then`` if the ClientHello asks for the name ARGUMENT; for any other name or none, refuse with alert 112."""

    def act(connection: Connection, argument: str) -> None:
        if server_name_of(connection.receive()) == argument:
            then(connection, argument)
        else:
            connection.send(bytes([21, 3, 3, 0, 2, 2, 112]))
            connection.finish()

    return act


def _old_versions_only(context: ssl.SSLContext, _argument: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # being outdated is the point
        context.minimum_version = ssl.TLSVersion.TLSv1
        context.maximum_version = ssl.TLSVersion.TLSv1_1


def _tls_1_2_only(context: ssl.SSLContext, _argument: str) -> None:
    context.maximum_version = ssl.TLSVersion.TLSv1_2


def _outdated_cipher(context: ssl.SSLContext, argument: str) -> None:
    _tls_1_2_only(context, argument)
    context.set_ciphers((argument or "ECDHE-ECDSA-AES128-SHA:AES128-SHA") + ":@SECLEVEL=0")


def _client_certificate_1_2(context: ssl.SSLContext, argument: str) -> None:
    _tls_1_2_only(context, argument)
    context.verify_mode = ssl.CERT_REQUIRED


def _client_certificate_1_3(context: ssl.SSLContext, _argument: str) -> None:
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.verify_mode = ssl.CERT_REQUIRED


def _known_name_only(context: ssl.SSLContext, argument: str) -> None:
    def check(_socket: ssl.SSLObject, name: str | None, _context: ssl.SSLContext) -> int | None:
        return None if name == argument else int(ssl.ALERT_DESCRIPTION_UNRECOGNIZED_NAME)

    context.sni_callback = check


#: name -> behaviour.
BEHAVIOURS: Mapping[str, Behaviour] = {
    "never_accepts": Behaviour(
        "listens with a full queue: the kernel drops every further SYN", "tcp", _silent, accepts=False
    ),
    "reset_after_accept": Behaviour("RST as soon as connected", "tcp", _reset),
    "fin_after_accept": Behaviour("FIN as soon as connected", "tcp", _fin),
    "silent": Behaviour("accepts, never reads and never answers", "tcp", _silent),
    "hello_then_reset": Behaviour("RST on the ClientHello", "tcp", _after_hello(_reset)),
    "hello_then_fin": Behaviour("FIN on the ClientHello", "tcp", _after_hello(_fin)),
    "hello_then_silence": Behaviour("silence after the ClientHello", "tcp", _after_hello(_hold)),
    "name_reset": Behaviour("RST if the ClientHello asks for ARGUMENT", "tcp", _blocks_server_name(_reset)),
    "name_silence": Behaviour("silence if the ClientHello asks for ARGUMENT", "tcp", _blocks_server_name(_hold)),
    "plain_http": Behaviour("HTTP without TLS: 400 to whatever arrives", "tcp", _plain_http),
    "ssh_banner": Behaviour("an SSH server", "tcp", _banner(SSH_BANNER, SSH_FAREWELL)),
    "smtp_banner": Behaviour("a mail server", "tcp", _banner(b"220 mail.lab.test ESMTP\r\n")),
    "alert": Behaviour("fatal alert number ARGUMENT (40) instead of a ServerHello", "tcp", _alert),
    "tls_1_1_only": Behaviour("speaks TLS 1.0 and 1.1 only", "tls", plain_answer, _old_versions_only),
    "outdated_cipher": Behaviour("TLS 1.2 with one outdated cipher (ARGUMENT)", "tls", plain_answer, _outdated_cipher),
    "client_certificate_1_2": Behaviour("TLS 1.2, wants a certificate", "tls", plain_answer, _client_certificate_1_2),
    "client_certificate_1_3": Behaviour("TLS 1.3, wants a certificate", "tls", plain_answer, _client_certificate_1_3),
    "known_name_only": Behaviour("alert 112 unless asked for ARGUMENT", "tls", plain_answer, _known_name_only),
    "tls_then_silence": Behaviour("handshakes, then never a byte", "tls", _hold),
    "tls_then_fin": Behaviour("handshakes, then FIN", "tls", _fin),
    "tls_then_reset": Behaviour("handshakes, then RST", "tls", _reset),
    **{name: Behaviour(meaning, "http", act) for name, (meaning, act) in ANSWERS.items()},
}


class FaultyServer(Peer):
    """A server with one behaviour, as a context manager.

    Args:
        behaviour: A name of ``BEHAVIOURS``, with its argument after a colon.
        host: Address to listen on.
        port: Port to listen on; 0 lets the kernel choose.
        certificate: Chain to present, leaf first (PEM). Needed by the ``tls`` layer; ``http`` is plain without it.
        key: The private key of the leaf (PEM).

    Raises:
        ValueError: There is no such behaviour, or it needs a certificate.
    """

    def __init__(
        self,
        behaviour: str,
        host: str = "127.0.0.1",
        port: int = 0,
        *,
        certificate: Path | None = None,
        key: Path | None = None,
    ) -> None:
        name, _, self._argument = behaviour.partition(":")
        if name not in BEHAVIOURS:
            raise ValueError(f"no behaviour {name!r}; there are {', '.join(BEHAVIOURS)}")
        self.behaviour = BEHAVIOURS[name]
        if self.behaviour.layer == "tls" and certificate is None:
            raise ValueError(f"{name} needs a certificate")
        self._context = None if certificate is None else self._tls_settings(certificate, key)
        self._listener = Listener(self._serve if self.behaviour.accepts else None, host, port)

    def _tls_settings(self, certificate: Path, key: Path | None) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.set_ciphers("DEFAULT:@SECLEVEL=0")  # short keys and old versions are among the faults
        context.load_cert_chain(certificate, key)
        context.set_alpn_protocols(["http/1.1"])
        if self.behaviour.adjust is not None:
            self.behaviour.adjust(context, self._argument)
        return context

    def _serve(self, connection: Connection) -> None:
        layer = self.behaviour.layer
        if layer != "tcp" and self._context is not None:
            try:
                connection.start_tls(self._context)
            except ssl.SSLError:
                connection.finish()  # lets the alert arrive before the end
                return
        if layer == "http" or self.behaviour.act is plain_answer:
            connection.receive_request()
        self.behaviour.act(connection, self._argument)
        if layer == "http":
            connection.finish()


def main(arguments: list[str] | None = None) -> int:
    """Serve one behaviour until terminated; ``--list`` prints them all."""
    parser = argparse.ArgumentParser(prog="python -m ayx_simulator.faulty", description=main.__doc__)
    parser.add_argument("behaviour", nargs="?", help="name, with its argument after a colon")
    parser.add_argument("--list", action="store_true", help="print the behaviours")
    parser.add_argument("--cert", type=Path, help="certificate chain, leaf first (PEM)")
    parser.add_argument("--key", type=Path, help="private key of the leaf (PEM)")
    add_listening_arguments(parser)
    chosen = parser.parse_args(arguments)
    if chosen.list or chosen.behaviour is None:
        for name, behaviour in BEHAVIOURS.items():
            sys.stdout.write(f"{name:24} {behaviour.meaning}\n")
        return 0
    try:
        server = FaultyServer(chosen.behaviour, chosen.bind, chosen.port, certificate=chosen.cert, key=chosen.key)
    except ValueError as error:
        parser.error(str(error))
    with server:
        serve_until_terminated(server.host, server.port, chosen.ready_file)
    return 0

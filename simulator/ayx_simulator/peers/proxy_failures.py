"""The ways in which forward proxies fail: one object a failure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from .listener import Connection
from .raw_answers import SSH_BANNER, SSH_FAREWELL, response

__all__ = ["ESTABLISHED", "FAILURES", "SQUID", "VIA", "Failure", "refusal"]

ESTABLISHED = b"HTTP/1.1 200 Connection established\r\n\r\n"
VIA = "Via: 1.1 proxy.lab.test (squid/5.7)"
#: The lines in which squid names itself.
SQUID = ("Server: squid/5.7", VIA)
_BLOCK_PAGE = b"<html><head><title>Access denied</title></head><body>Access denied by web filter</body></html>"


@dataclass(frozen=True, slots=True)
class Failure:
    """One way to fail.

    Attributes:
        meaning: What the proxy does, in one line.
        act: What it does with the connection.
        reads_request: Whether it reads a request first.
    """

    meaning: str
    act: Callable[[Connection], None]
    reads_request: bool = True


def refusal(status: int, headers: tuple[str, ...], title: str) -> Failure:
    """Return the failure of a proxy that answers with a status and header lines in place of a tunnel."""

    def act(connection: Connection) -> None:
        page = f"<html><head><title>{title}</title></head><body>{title}</body></html>"
        connection.send(response(status, page.encode(), *headers))
        connection.finish()

    return Failure(f"answers {status}: {title}", act)


def _squid(status: int, error: str, title: str) -> Failure:
    return refusal(status, (*SQUID, f"X-Squid-Error: {error}"), f"ERROR: {title}")


def _banner(connection: Connection) -> None:
    connection.send(SSH_BANNER)
    if connection.receive():
        connection.send(SSH_FAREWELL)
    connection.finish()


def _tunnel_then(end: Callable[[Connection], None]) -> Callable[[Connection], None]:
    """Grant the tunnel, wait for the first bytes in it, then do ``end``."""

    def act(connection: Connection) -> None:
        connection.send(ESTABLISHED)
        if connection.receive():
            end(connection)

    return act


def _html_in_tunnel(connection: Connection) -> None:
    connection.send(response(200, _BLOCK_PAGE))
    connection.finish()


#: name -> failure.
FAILURES: Mapping[str, Failure] = {
    "denied": _squid(403, "ERR_ACCESS_DENIED 0", "Access Denied"),
    "upstream_dns_fail": _squid(503, "ERR_DNS_FAIL 0", "Unknown host"),
    "upstream_refused": _squid(503, "ERR_CONNECT_FAIL 111", "Connection refused"),
    "upstream_timeout": _squid(503, "ERR_CONNECT_FAIL 110", "Timed out"),
    "gateway_timeout": _squid(504, "ERR_READ_TIMEOUT 0", "Gateway timeout"),
    "bad_gateway": _squid(502, "ERR_SECURE_CONNECT_FAIL 71", "Bad gateway"),
    "cannot_forward": _squid(500, "ERR_CANNOT_FORWARD 0", "Cannot forward"),
    "web_server": refusal(405, ("Server: nginx", "Allow: GET, HEAD"), "405 Not Allowed"),
    "login_redirect": refusal(302, ("Location: https://portal.lab.test/login", VIA), "Sign in"),
    "silent": Failure("reads CONNECT and never answers", Connection.hold),
    "fin": Failure("FIN on CONNECT", Connection.finish),
    "reset": Failure("RST on CONNECT", Connection.reset),
    "ssh_banner": Failure("is an SSH server", _banner, reads_request=False),
    "tunnel_reset": Failure("200, then RST on the first bytes", _tunnel_then(Connection.reset)),
    "tunnel_fin": Failure("200, then FIN on the first bytes", _tunnel_then(Connection.finish)),
    "tunnel_silence": Failure("200, then silence", _tunnel_then(Connection.hold)),
    "tunnel_html": Failure("200, then a block page in plain HTTP", _tunnel_then(_html_in_tunnel)),
}

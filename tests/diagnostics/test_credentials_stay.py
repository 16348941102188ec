"""Where credentials go, judged by what the servers received: never to whom they were not meant for."""

from __future__ import annotations

import base64
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

import pytest
from ayx_diagnostics import diagnose
from ayx_diagnostics.model import Report
from ayx_simulator.peers.certificates import CertificateFactory
from ayx_simulator.peers.listener import Connection, Listener

KEY, SECRET, TOKEN = "8DKEY0123456789", "s3cr3t-of-the-test-0123456789", "AQAAANCMnd8BFdERjHoAwE-token-of-the-test"
JSON = "Content-Type: application/json"
TOKEN_ANSWER = f'{{"access_token":"{TOKEN}","token_type":"bearer","expires_in":3599}}'
REFUSED = '{"error":"invalid_client"}'
SECRETS = tuple(
    secret.encode() for secret in (SECRET, TOKEN, base64.b64encode(f"{KEY}:{SECRET}".encode()).decode().rstrip("="))
)

Reply = Callable[[str, bytes], bytes]


def answer(status: int, body: str = "", *headers: str) -> bytes:
    lines = [f"HTTP/1.1 {status} X", *headers, f"Content-Length: {len(body)}", "", body]
    return "\r\n".join(lines).encode()


def alteryx(path: str, request: bytes) -> bytes:
    """Answer as a Server does that takes the secret in the form body."""
    if path.endswith("/oauth2/token"):
        known = b"client_secret" in request
        return answer(200, TOKEN_ANSWER, JSON) if known else answer(400, REFUSED, JSON)
    return answer(200, "[]", JSON)


class Peer:
    """A server that keeps all that it was told, decrypted."""

    def __init__(self, reply: Reply = alteryx, context: ssl.SSLContext | None = None) -> None:
        self._reply, self._context = reply, context
        self._lock = threading.Lock()
        self.requests: list[bytes] = []
        self._listener = Listener(self._serve)

    def _serve(self, connection: Connection) -> None:
        try:
            if self._context is not None:
                connection.start_tls(self._context)
            while head := connection.receive_until(b"\r\n\r\n"):
                length = next(
                    (int(ln[15:]) for ln in head.split(b"\r\n") if ln.lower().startswith(b"content-length:")), 0
                )
                while len(head.partition(b"\r\n\r\n")[2]) < length:
                    head += connection.receive()
                with self._lock:
                    self.requests.append(head)
                connection.send(self._reply(head.split(b" ", 2)[1].decode("ascii"), head))
        except (OSError, IndexError, UnicodeDecodeError):
            return  # the client went away, or does not speak HTTP

    def __enter__(self) -> Self:
        self._listener.__enter__()
        self.port = self._listener.port
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.__exit__(None, None, None)

    @property
    def heard_secrets(self) -> list[bytes]:
        return [secret for request in self.requests for secret in SECRETS if secret in request]

    @property
    def paths(self) -> list[str]:
        return [request.split(b" ", 2)[1].decode() for request in self.requests]


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> CertificateFactory:
    return CertificateFactory(tmp_path_factory.mktemp("certificates"))


@contextmanager
def over_tls(certificates: CertificateFactory, variant: str = "good", reply: Reply = alteryx) -> Iterator[Peer]:
    made = certificates.server(variant)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(made.chain, made.key)
    with Peer(reply, context) as peer:
        yield peer


def run(url: str, bundle: Path | None = None, environment: dict[str, str] | None = None, **options: Any) -> Report:
    environ = {"ALTERYX_CLIENT_ID": KEY, "ALTERYX_CLIENT_SECRET": SECRET, **(environment or {})}
    if bundle is not None:
        environ["ALTERYX_CA_BUNDLE"] = str(bundle)
    times = {"connect_timeout": 2.0, "read_timeout": 2.0, "max_time": 15.0}
    return diagnose(url, environ=environ, **times, **options)


def test_a_verified_server_gets_them(certificates: CertificateFactory) -> None:
    with over_tls(certificates) as peer:
        report = run(f"https://localhost:{peer.port}", certificates.root)
    assert report.verdict.status == "healthy"
    assert set(peer.heard_secrets) == {SECRET.encode(), TOKEN.encode()}


@pytest.mark.parametrize("variant", ["expired", "wrong_host", "self_signed", "client_eku"])
def test_nobody_gets_them_whose_certificate_is_refused(certificates: CertificateFactory, variant: str) -> None:
    with over_tls(certificates, variant) as peer:
        report = run(f"https://localhost:{peer.port}", certificates.root)
    assert report.verdict.stage == "tls"
    assert "/webapi/oauth2/token" in peer.paths, "the layers above were looked at all the same"
    assert peer.heard_secrets == []


def test_nobody_gets_them_when_verification_is_switched_off(certificates: CertificateFactory) -> None:
    with over_tls(certificates) as peer:
        run(f"https://localhost:{peer.port}", certificates.root, verify=False)
    assert "/webapi/oauth2/token" in peer.paths
    assert peer.heard_secrets == []


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_they_do_not_follow_a_redirection_to_another_host(certificates: CertificateFactory, status: int) -> None:
    with Peer() as elsewhere:
        place = f"Location: http://127.0.0.1:{elsewhere.port}/webapi/oauth2/token"
        with over_tls(certificates, reply=lambda *_: answer(status, "", place)) as peer:
            report = run(f"https://localhost:{peer.port}", certificates.root)
    assert report.verdict.code == "token.method_changed_by_redirect"
    assert elsewhere.requests == []


def test_the_token_does_not_follow_a_redirection_of_an_api_call(certificates: CertificateFactory) -> None:
    with Peer() as elsewhere:
        place = f"Location: http://127.0.0.1:{elsewhere.port}/login"

        def reply(path: str, request: bytes) -> bytes:
            return answer(302, "", place) if "/v3/" in path else alteryx(path, request)

        with over_tls(certificates, reply=reply) as peer:
            report = run(f"https://localhost:{peer.port}", certificates.root)
    assert report.verdict.code == "http.redirect_to_login"
    assert elsewhere.requests == []


def test_a_proxy_sees_nothing_of_an_encrypted_request(certificates: CertificateFactory) -> None:
    with Peer(lambda *_: answer(403)) as proxy, over_tls(certificates) as peer:
        environment = {"HTTPS_PROXY": f"http://127.0.0.1:{proxy.port}"}
        run(f"https://localhost:{peer.port}", certificates.root, environment)
    assert proxy.requests
    assert proxy.heard_secrets == []


def test_a_proxy_sees_them_for_a_plain_address_only_with_permission() -> None:
    with Peer() as proxy:
        environment = {"HTTP_PROXY": f"http://127.0.0.1:{proxy.port}"}
        report = run("http://server.test", None, environment)
        assert proxy.paths[0] == "http://server.test/webapi/oauth2/token"
        assert proxy.heard_secrets == []
        assert report.verdict.code == "token.plaintext"
        run("http://server.test", None, environment, allow_http=True)
    assert SECRET.encode() in proxy.heard_secrets


def test_loopback_is_no_permission_where_a_proxy_is_asked_to_go_there() -> None:
    """``localhost`` is then the proxy's own, and the request crosses the network in the clear."""
    with Peer() as proxy:
        run("http://localhost:8080", None, {"HTTP_PROXY": f"http://127.0.0.1:{proxy.port}"})
    assert "http://localhost:8080/webapi/oauth2/token" in proxy.paths
    assert proxy.heard_secrets == []


def test_the_other_spelling_of_a_proxys_scheme_is_tried_without_its_password() -> None:
    with Peer() as proxy:
        environment = {"HTTPS_PROXY": f"https://robot:proxy-password@127.0.0.1:{proxy.port}"}
        report = run("https://server.test", None, environment)
    assert report.verdict.code == "proxy.scheme_mismatch"
    assert any(request.startswith(b"CONNECT ") for request in proxy.requests)
    assert not any(b"proxy-authorization" in request.lower() for request in proxy.requests)


# --- what the walk does with the second style -------------------------------------------------------------------------


def basic_only(path: str, request: bytes) -> bytes:
    if path.endswith("/oauth2/token"):
        known = b"authorization: basic" in request.lower()
        return answer(200, TOKEN_ANSWER, JSON) if known else answer(400, REFUSED, JSON)
    return answer(200, "[]", JSON)


def test_the_token_of_the_second_style_is_used_as_connect_uses_it(certificates: CertificateFactory) -> None:
    with over_tls(certificates, reply=basic_only) as peer:
        report = run(f"https://localhost:{peer.port}", certificates.root)
    assert (report.verdict.status, report.verdict.code) == ("degraded", "token.auth_style_mismatch")
    assert any(TOKEN.encode() in request for request in peer.requests), "no API call was made"


def test_an_api_that_fails_after_the_second_style_is_the_cause(certificates: CertificateFactory) -> None:
    def reply(path: str, request: bytes) -> bytes:
        return answer(401, "{}", JSON) if "/v3/" in path or "/v1/" in path else basic_only(path, request)

    with over_tls(certificates, reply=reply) as peer:
        report = run(f"https://localhost:{peer.port}", certificates.root)
    assert (report.verdict.status, report.verdict.code) == ("broken", "api.unauthorized")


def test_a_port_that_hangs_up_on_plain_http_is_asked_whether_it_speaks_tls(certificates: CertificateFactory) -> None:
    with over_tls(certificates) as peer:
        report = run(f"http://localhost:{peer.port}")
    assert report.verdict.code == "http.http_to_https_port"
    assert f"https://localhost:{peer.port}/webapi" in report.findings[0].fix[0].step
    assert peer.heard_secrets == []

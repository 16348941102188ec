"""The handshake probe against real peers that fail in one exact way each."""

from __future__ import annotations

import socket
import ssl
import sys
import time
from pathlib import Path

import pytest
from ayx_diagnostics.network.clock import SystemClock
from ayx_diagnostics.network.streams import SocketStream
from ayx_diagnostics.probes.tls import Handshake, handshake, unverified_context, versions
from ayx_simulator.peers.certificates import VARIANTS, CertificateFactory
from ayx_simulator.peers.faulty_peer import FaultyServer
from ayx_simulator.peers.listener import Connection, Listener

HOST = "ayx.lab.test"


@pytest.fixture(scope="module")
def factory(tmp_path_factory: pytest.TempPathFactory) -> CertificateFactory:
    return CertificateFactory(tmp_path_factory.mktemp("certificates"), (HOST,))


def dial(port: int) -> SocketStream:
    return SocketStream(socket.create_connection(("127.0.0.1", port), timeout=5))


def dial_though_reset(port: int) -> SocketStream:
    """Return a connection to a peer that resets every one; where the reset comes first, connect() itself reports it."""
    for _ in range(20):
        try:
            return dial(port)
        except ConnectionResetError:
            continue
    pytest.fail("every one of 20 connections was reset before connect() returned")


def shake(
    port: int, context: ssl.SSLContext, name: str | None = HOST, *, timeout_s: float = 3.0, purpose: str = "client"
) -> Handshake:
    return handshake(
        SystemClock(), dial(port), context, name, target=f"127.0.0.1:{port}", timeout_s=timeout_s, purpose=purpose
    )


def trusting(root: Path | None) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    if sys.version_info >= (3, 13):
        context.verify_flags |= ssl.VERIFY_X509_STRICT
    if root is not None:
        context.load_verify_locations(root)
    return context


def faulty(behaviour: str, factory: CertificateFactory) -> FaultyServer:
    good = factory.server("good")
    return FaultyServer(behaviour, certificate=good.chain, key=good.key)


VERIFY_CODES = {
    "expired": 10,
    "not_yet_valid": 9,
    "wrong_host": 62,
    "self_signed": 18,
    "unknown_ca": 20,
    "unknown_ca_root_sent": 19,
    "intercepted": 19,
    "missing_intermediate": 20,
    "expired_intermediate": 10,
    "client_eku": 26,
    "rsa_1024": 66,
    "name_constraints": 47,
}
STRICT_CODES = {"no_aki": 85, "root_not_critical": 89}


@pytest.mark.parametrize("limit", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
@pytest.mark.parametrize(("variant", "code"), VERIFY_CODES.items())
def test_a_bad_certificate_gives_its_verify_code_and_its_chain(
    factory: CertificateFactory, variant: str, code: int, limit: ssl.TLSVersion
) -> None:
    server = factory.server(variant)
    context = trusting(server.root if server.trusted else None)
    context.maximum_version = limit
    with FaultyServer("http_ok", certificate=server.chain, key=server.key) as peer:
        seen, stream, chain = shake(peer.port, context)
    assert stream is None
    assert (seen.outcome, seen.evidence["verify_code"]) == ("verify_failed", code)
    assert seen.evidence["verify_message"]
    assert seen.evidence["reason"] == "CERTIFICATE_VERIFY_FAILED"
    assert seen.evidence["stage_reached"] == "certificate"
    sent = server.chain.read_text().count("BEGIN CERTIFICATE")
    assert len(chain) == len(seen.evidence["chain"]) == sent
    assert "problem" not in seen.evidence["chain"][0]


@pytest.mark.parametrize(("variant", "code"), STRICT_CODES.items())
def test_a_form_that_only_strict_verification_refuses(factory: CertificateFactory, variant: str, code: int) -> None:
    server = factory.server(variant)
    context = trusting(server.root)
    context.verify_flags |= ssl.VERIFY_X509_STRICT
    with FaultyServer("http_ok", certificate=server.chain, key=server.key) as peer:
        strict = shake(peer.port, context).observation
        context.verify_flags &= ~ssl.VERIFY_X509_STRICT
        lenient = shake(peer.port, context, purpose="unverified")
    assert (strict.outcome, strict.evidence["verify_code"]) == ("verify_failed", code)
    assert lenient.observation.ok
    assert lenient.stream is not None
    lenient.stream.close()


def test_an_address_that_the_certificate_does_not_name(factory: CertificateFactory) -> None:
    server = factory.server("good")
    with FaultyServer("http_ok", certificate=server.chain, key=server.key) as peer:
        seen = shake(peer.port, trusting(server.root), "127.0.0.1").observation
    assert (seen.outcome, seen.evidence["verify_code"]) == ("verify_failed", 64)


def test_every_variant_of_the_factory_is_covered() -> None:
    passing = {"good", "large", "rsa", "cn_only"}
    assert passing | VERIFY_CODES.keys() | STRICT_CODES.keys() == VARIANTS.keys()


@pytest.mark.parametrize("version", ["TLSv1.2", "TLSv1.3"])
def test_a_good_handshake_is_described_and_carries_data(factory: CertificateFactory, version: str) -> None:
    server = factory.server("good")
    context = trusting(server.root)
    context.maximum_version = {"TLSv1.2": ssl.TLSVersion.TLSv1_2, "TLSv1.3": ssl.TLSVersion.TLSv1_3}[version]
    context.set_alpn_protocols(["http/1.1"])
    with FaultyServer("http_ok", certificate=server.chain, key=server.key) as peer:
        seen, stream, _ = shake(peer.port, context)
        assert stream is not None
        stream.send_all(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", 2)
        assert stream.receive(5, 2) == b"HTTP/"
        stream.close()
    evidence = seen.evidence
    assert seen.ok
    assert (evidence["version"], evidence["alpn"], evidence["stage_reached"]) == (version, "http/1.1", "finished")
    assert evidence["cipher"]
    assert evidence["bytes_sent"] > 100
    assert evidence["bytes_received"] > 500
    assert evidence["alerts"] == []
    assert evidence["certificate_requested"] is (False if version == "TLSv1.2" else None)
    assert evidence["chain"][0]["san"] == [HOST]
    if sys.platform == "linux":
        # at least: session tickets may have come since the handshake ended
        assert evidence["tcp_info"]["bytes_received"] >= evidence["bytes_received"]


@pytest.mark.parametrize(
    ("behaviour", "outcome"),
    [
        ("hello_then_reset", "reset"),
        ("hello_then_fin", "closed"),
        ("fin_after_accept", "closed"),
        ("hello_then_silence", "timeout"),
        ("silent", "timeout"),
    ],
)
def test_the_ways_in_which_a_peer_says_nothing(factory: CertificateFactory, behaviour: str, outcome: str) -> None:
    with faulty(behaviour, factory) as peer:
        started = time.monotonic()
        seen, stream, chain = shake(peer.port, unverified_context(), timeout_s=0.3)
    assert (seen.outcome, stream, chain) == (outcome, None, [])
    assert seen.evidence["stage_reached"] == "client_hello_sent"
    assert seen.evidence["bytes_received"] == 0
    assert time.monotonic() - started < 2.5


def test_a_reset_before_the_hello_is_a_reset(factory: CertificateFactory) -> None:
    with faulty("reset_after_accept", factory) as peer:
        stream = dial_though_reset(peer.port)
        time.sleep(0.05)
        seen, _, _ = handshake(SystemClock(), stream, unverified_context(), HOST, target="t", timeout_s=1)
    assert (seen.outcome, seen.evidence["stage_reached"]) == ("reset", None)
    assert seen.evidence["errno_name"] in ("ECONNRESET", "EPIPE", "WinError 10054")


@pytest.mark.parametrize(
    ("behaviour", "words"),
    [("plain_http", "HTTP/1."), ("ssh_banner", "SSH-2.0"), ("smtp_banner", "220 mail.lab.test ESMTP")],
)
def test_another_protocol_is_shown_by_its_first_bytes(factory: CertificateFactory, behaviour: str, words: str) -> None:
    with faulty(behaviour, factory) as peer:
        seen, stream, _ = shake(peer.port, unverified_context())
    assert (seen.outcome, stream) == ("not_tls", None)
    assert seen.evidence["first_bytes"].startswith(words)


def test_a_banner_that_comes_byte_by_byte_is_still_recognised() -> None:
    def drip(connection: Connection) -> None:
        for byte in b"SSH-2.0-OpenSSH_9.2p1\r\n":
            connection.send(bytes([byte]))
            time.sleep(0.005)
        connection.hold()

    with Listener(drip) as peer:
        seen, _, _ = shake(peer.port, unverified_context())
    assert seen.outcome == "not_tls"
    assert seen.evidence["first_bytes"].startswith("SSH-2.0-OpenSSH")


@pytest.mark.parametrize(
    ("number", "name"), [(40, "handshake_failure"), (112, "unrecognized_name"), (80, "internal_error")]
)
def test_an_alert_is_named(factory: CertificateFactory, number: int, name: str) -> None:
    with faulty(f"alert:{number}", factory) as peer:
        seen, _, _ = shake(peer.port, unverified_context())
    assert seen.outcome == "alert"
    assert seen.evidence["alerts"] == [{"direction": "received", "level": 2, "number": number, "name": name}]


def test_an_alert_before_the_hello_survives_the_reset_that_follows_it() -> None:
    def refuse(connection: Connection) -> None:
        time.sleep(0.05)  # a faster RST would already end the test's own connect
        connection.send(bytes([21, 3, 1, 0, 2, 2, 49]))
        connection.reset()

    with Listener(refuse) as peer:
        stream = dial(peer.port)
        time.sleep(0.3)
        seen, _, _ = handshake(SystemClock(), stream, unverified_context(), HOST, target="t", timeout_s=1)
    if sys.platform == "linux":  # elsewhere an RST may destroy what was received before it
        assert seen.outcome == "alert"
        assert seen.evidence["alerts"][0]["name"] == "access_denied"
    else:
        assert seen.outcome in ("alert", "reset")


def test_a_wanted_client_certificate_is_seen_in_tls_1_2(factory: CertificateFactory) -> None:
    with faulty("client_certificate_1_2", factory) as peer:
        seen, _, chain = shake(peer.port, unverified_context())
    assert seen.outcome == "alert"
    assert seen.evidence["certificate_requested"] is True
    assert seen.evidence["stage_reached"] == "certificate_request"
    assert [alert["number"] for alert in seen.evidence["alerts"]] == [40]
    assert len(chain) == 2


def test_a_wanted_client_certificate_is_told_after_the_handshake_in_tls_1_3(factory: CertificateFactory) -> None:
    with faulty("client_certificate_1_3", factory) as peer:
        seen, stream, _ = shake(peer.port, unverified_context())
        assert seen.ok
        assert stream is not None
        with pytest.raises(ssl.SSLError) as caught:
            stream.receive(1000, 2)
        stream.close()
    assert caught.value.reason == "TLSV13_ALERT_CERTIFICATE_REQUIRED"


def test_a_cipher_that_is_not_offered(factory: CertificateFactory) -> None:
    with faulty("outdated_cipher:AES128-SHA", factory) as peer:
        context = unverified_context()
        context.set_ciphers("ECDHE+AESGCM")
        seen, _, _ = shake(peer.port, context)
    assert (seen.outcome, seen.evidence["alerts"][0]["number"]) == ("alert", 40)
    assert seen.evidence["stage_reached"] == "client_hello_sent"


def test_a_name_that_the_server_does_not_know(factory: CertificateFactory) -> None:
    with faulty(f"known_name_only:{HOST}", factory) as peer:
        refused = shake(peer.port, unverified_context(), "other.lab.test").observation
        accepted = shake(peer.port, unverified_context())
        without = shake(peer.port, unverified_context(), None, purpose="no_sni").observation
    assert refused.outcome == "alert"
    assert refused.evidence["alerts"][0]["name"] == "unrecognized_name"
    assert accepted.observation.ok
    assert accepted.stream is not None
    accepted.stream.close()
    assert (without.outcome, without.evidence["server_name"]) == ("alert", None)


def test_a_filter_by_name_spares_other_names(factory: CertificateFactory) -> None:
    with faulty(f"name_reset:{HOST}", factory) as peer:
        assert shake(peer.port, unverified_context()).observation.outcome == "reset"
    with faulty(f"name_silence:{HOST}", factory) as peer:
        assert shake(peer.port, unverified_context(), timeout_s=0.3).observation.outcome == "timeout"


def test_the_version_ladder(factory: CertificateFactory) -> None:
    with faulty("tls_1_1_only", factory) as peer:
        first = shake(peer.port, unverified_context()).observation
        seen = versions(SystemClock(), lambda: dial(peer.port), HOST, target="t", timeout_s=2)
    assert first.outcome == "alert"
    assert first.evidence["alerts"][0]["name"] == "protocol_version"
    assert seen.ok
    assert seen.evidence["accepted"] == ["TLSv1", "TLSv1.1"]
    assert seen.evidence["refused"].keys() == {"TLSv1.2", "TLSv1.3"}
    assert seen.evidence["refused"]["TLSv1.3"].startswith("alert protocol_version")


def test_the_version_ladder_without_a_connection() -> None:
    seen = versions(SystemClock(), lambda: None, HOST, target="t", timeout_s=2)
    assert seen.evidence["accepted"] == []
    assert set(seen.evidence["refused"].values()) == {"no connection"}


def test_a_handshake_that_drips_is_bounded() -> None:
    def drip(connection: Connection) -> None:
        connection.receive()
        record = bytes([22, 3, 3, 0x3F, 0xFF, 2, 0, 0x3F, 0xFB])
        connection.send(record)
        while True:
            connection.send(b"\0")
            time.sleep(0.02)

    with Listener(drip) as peer:
        started = time.monotonic()
        seen, _, _ = shake(peer.port, unverified_context(), timeout_s=0.4)
    assert seen.outcome == "timeout"
    assert 0.35 < time.monotonic() - started < 2.0
    assert seen.evidence["stage_reached"] == "server_hello"


def test_trust_that_is_judged_after_the_handshake(factory: CertificateFactory) -> None:
    """On Windows and macOS truststore asks the system once OpenSSL is done."""

    class JudgedLater(ssl.SSLObject):
        def do_handshake(self) -> None:
            super().do_handshake()
            error = ssl.SSLCertVerificationError("the system does not trust this certificate")
            error.verify_code, error.verify_message = -2146762487, "root not trusted"
            raise error

    context = unverified_context()
    context.sslobject_class = JudgedLater
    with faulty("http_ok", factory) as peer:
        seen, stream, chain = shake(peer.port, context)
    assert (seen.outcome, stream) == ("verify_failed", None)
    assert seen.evidence["verify_message"] == "root not trusted"
    assert len(chain) == 2


@pytest.mark.parametrize("name", ["", "a..b", "x" * 64 + ".test", "."])
def test_a_name_that_tls_cannot_carry_is_an_outcome(factory: CertificateFactory, name: str) -> None:
    with faulty("http_ok", factory) as peer:
        seen, stream, _ = shake(peer.port, trusting(None), name)
    assert (seen.outcome, stream) == ("protocol_error", None)
    assert seen.evidence["reason"] == "INVALID_SERVER_NAME"


@pytest.mark.parametrize(("behaviour", "ending"), [("tls_then_fin", b""), ("tls_then_reset", None)])
def test_an_encrypted_stream_tells_a_fin_from_a_reset(
    factory: CertificateFactory, behaviour: str, ending: bytes | None
) -> None:
    with faulty(behaviour, factory) as peer:
        _, stream, _ = shake(peer.port, unverified_context())
        assert stream is not None
        if ending is None:
            with pytest.raises(ConnectionResetError):
                stream.receive(100, 2)
        else:
            assert stream.receive(100, 2) == ending
        stream.close()


def test_an_encrypted_stream_times_out(factory: CertificateFactory) -> None:
    with faulty("tls_then_silence", factory) as peer:
        _, stream, _ = shake(peer.port, unverified_context())
        assert stream is not None
        with pytest.raises(TimeoutError):
            stream.receive(100, 0.1)
        stream.close()

from __future__ import annotations

import socket
import ssl
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import trustme
from ayx_connection.failures import TrustError
from ayx_connection.settings import Setting, Settings
from ayx_connection.trust import client_context, proxy_context, trust_sources
from cryptography import x509
from cryptography.hazmat.primitives import serialization

UNIX = pytest.mark.skipif(sys.platform == "win32", reason="file modes and path lists are those of Unix")


def trusting(path: Path | str, origin: str = "option --ca-bundle", **others: Any) -> Settings:
    return Settings(ca_bundle=Setting(Path(path), origin), **others)


def handshake(settings: Settings, server: ssl.SSLContext) -> str | None:
    """Shake hands over a socket pair, and return the TLS version."""
    here, there = socket.socketpair()
    here.settimeout(5)
    there.settimeout(5)

    def answer() -> None:
        try:
            with server.wrap_socket(there, server_side=True) as tls:
                tls.recv(1)
        except OSError:
            pass  # the client's refusal is what the test looks at

    thread = threading.Thread(target=answer)
    thread.start()
    try:
        with client_context(settings).wrap_socket(here, server_hostname="localhost") as tls:
            tls.sendall(b"x")
            return tls.version()
    finally:
        here.close()
        thread.join(timeout=5)
        there.close()


def trusts(settings: Settings, server: ssl.SSLContext) -> bool:
    try:
        return handshake(settings, server) is not None
    except ssl.SSLCertVerificationError:
        return False


def test_the_bundle_is_what_makes_a_private_authority_trusted(ca_file: Path, server_context: ssl.SSLContext) -> None:
    assert not trusts(Settings(), server_context)
    assert trusts(trusting(ca_file), server_context)


def test_without_verification_anybody_is_accepted(server_context: ssl.SSLContext) -> None:
    assert trusts(Settings(verify=Setting(False, "option --insecure")), server_context)


@pytest.mark.parametrize(
    "origin", ["option --ca-bundle", "environment SSL_CERT_FILE", "environment REQUESTS_CA_BUNDLE"]
)
def test_the_bundle_is_added_to_the_systems_store_and_does_not_replace_it(
    origin: str, ca_file: Path, server_context: ssl.SSLContext, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The operating system's store is played by another authority's file."""
    other = trustme.CA()
    system = tmp_path / "system.pem"
    other.cert_pem.write_to_path(str(system))
    known_to_system = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    other.issue_cert("localhost").configure_cert(known_to_system)
    if sys.platform != "linux":
        pytest.skip("the operating system's store cannot be replaced for a test here")
    paths = ssl.get_default_verify_paths()
    monkeypatch.setenv(paths.openssl_cafile_env, str(system))
    assert trusts(Settings(), known_to_system)
    if origin == "environment SSL_CERT_FILE":
        monkeypatch.setenv("SSL_CERT_FILE", str(ca_file))
        monkeypatch.setattr("ayx_connection.trust.contexts._SYSTEM_STORES", (str(system),))
        fake = paths._replace(openssl_cafile=str(system))
        monkeypatch.setattr(ssl, "get_default_verify_paths", lambda: fake)
    assert trusts(trusting(ca_file, origin), known_to_system)
    assert trusts(trusting(ca_file, origin), server_context)


def test_der_and_a_folder_and_text_around_the_certificate_are_accepted(
    ca_file: Path, server_context: ssl.SSLContext, tmp_path: Path
) -> None:
    der = tmp_path / "ca.der"
    certificate = x509.load_pem_x509_certificate(ca_file.read_bytes())
    der.write_bytes(certificate.public_bytes(serialization.Encoding.DER))
    assert trusts(trusting(der), server_context)
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "any-name.crt").write_bytes("# Größe\n".encode() + ca_file.read_bytes())
    (folder / "broken.pem").write_text("nothing")
    (folder / "README").write_text("nothing")
    assert trusts(trusting(folder), server_context)


@UNIX
def test_ssl_cert_dir_may_be_a_list_of_folders(ca_file: Path, server_context: ssl.SSLContext, tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "ca.pem").write_bytes(trustme.CA().cert_pem.bytes())
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "ca.pem").write_bytes(ca_file.read_bytes())
    both = f"{tmp_path / 'a'}:{tmp_path / 'b'}"
    assert trusts(trusting(both, "environment SSL_CERT_DIR"), server_context)


def content(kind: str, authority: trustme.CA) -> bytes:
    return {
        "empty": b"",
        "garbage": b"\x00\x01garbage",
        "html": b"<html>not found</html>",
        "utf-16": authority.cert_pem.bytes().decode().encode("utf-16"),
        "key": authority.private_key_pem.bytes(),
        "cut": authority.cert_pem.bytes()[:200],
        "pkcs7": b"-----BEGIN PKCS7-----\nMAA=\n-----END PKCS7-----\n",
    }[kind]


@pytest.mark.parametrize(
    ("kind", "named"),
    [
        ("empty", "empty"),
        ("garbage", "no certificate"),
        ("html", "web page"),
        ("utf-16", "UTF-16"),
        ("key", "private key"),
        ("cut", "no certificate"),
        ("pkcs7", "PKCS #7"),
    ],
)
def test_a_bundle_without_certificates_is_named(kind: str, named: str, authority: trustme.CA, tmp_path: Path) -> None:
    file = tmp_path / "bundle.pem"
    file.write_bytes(content(kind, authority))
    with pytest.raises(TrustError) as caught:
        client_context(trusting(file, "environment REQUESTS_CA_BUNDLE"))
    error = caught.value
    assert (error.kind, error.setting, error.origin, error.path) == (
        "no_certificates",
        "ca_bundle",
        "environment REQUESTS_CA_BUNDLE",
        str(file),
    )
    assert named in str(error)
    assert "REQUESTS_CA_BUNDLE" in str(error)


def test_a_missing_file_and_an_empty_folder_are_named(tmp_path: Path) -> None:
    with pytest.raises(TrustError, match="no such file") as caught:
        client_context(trusting("False"))
    assert caught.value.kind == "missing"
    with pytest.raises(TrustError, match="no certificate files") as caught:
        client_context(trusting(tmp_path))
    assert caught.value.kind == "no_certificates"
    (tmp_path / "x.pem").write_text("nothing")
    with pytest.raises(TrustError, match=r"x\.pem"):
        proxy_context(trusting(tmp_path))


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def denied(_path: Path) -> bytes:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "read_bytes", denied)
    with pytest.raises(TrustError, match="Permission denied") as caught:
        client_context(trusting(tmp_path / "ca.pem"))
    assert caught.value.kind == "unreadable"


@pytest.fixture
def identity(tmp_path: Path) -> Callable[[trustme.CA], tuple[Path, Path]]:
    def issue(authority: trustme.CA) -> tuple[Path, Path]:
        issued = authority.issue_cert("robot@example.com")
        issued.cert_chain_pems[0].write_to_path(str(tmp_path / "cert.pem"))
        issued.private_key_pem.write_to_path(str(tmp_path / "key.pem"))
        return tmp_path / "cert.pem", tmp_path / "key.pem"

    return issue


def showing(certificate: Path, key: Path | None, **others: Any) -> Settings:
    return Settings(
        client_cert=Setting(certificate, "option --client-cert"),
        client_key=Setting(key, "option --client-key"),
        **others,
    )


@pytest.mark.parametrize("in_one_file", [True, False])
def test_the_client_certificate_is_shown(
    in_one_file: bool, authority: trustme.CA, ca_file: Path, identity: Callable[..., tuple[Path, Path]]
) -> None:
    demanding = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(demanding)
    authority.configure_trust(demanding)
    demanding.verify_mode = ssl.CERT_REQUIRED
    demanding.maximum_version = ssl.TLSVersion.TLSv1_2  # where a refusal is part of the handshake
    bundle = {"ca_bundle": Setting(ca_file, "x")}
    certificate, key = identity(authority)
    if in_one_file:
        certificate.write_bytes(certificate.read_bytes() + key.read_bytes())
    assert handshake(showing(certificate, None if in_one_file else key, **bundle), demanding)
    with pytest.raises(ssl.SSLError):
        handshake(Settings(**bundle), demanding)  # type: ignore[arg-type]  # the one setting


def test_a_key_that_does_not_fit_or_is_encrypted_or_no_pem_is_named(
    authority: trustme.CA, identity: Callable[..., tuple[Path, Path]]
) -> None:
    certificate, key = identity(authority)
    loaded = serialization.load_pem_private_key(key.read_bytes(), None)
    encrypted = loaded.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.BestAvailableEncryption(b"geheim"),
    )
    key.write_bytes(encrypted)
    with pytest.raises(TrustError, match="encrypted") as caught:
        client_context(showing(certificate, key))
    assert (caught.value.kind, caught.value.setting) == ("key_unusable", "client_key")
    key.write_bytes(authority.issue_cert("other").private_key_pem.bytes())
    with pytest.raises(TrustError, match="cannot be used together"):
        client_context(showing(certificate, key))
    with pytest.raises(TrustError, match="cannot be used together") as caught:
        client_context(showing(certificate, None))
    assert caught.value.setting == "client_cert"
    certificate.write_bytes(b"0\x82pkcs12")
    with pytest.raises(TrustError, match="pkcs12") as caught:
        client_context(showing(certificate, key))
    assert caught.value.kind == "no_certificates"
    with pytest.raises(TrustError, match="no such file") as caught:
        client_context(showing(certificate.with_name("gone"), key))
    assert caught.value.setting == "client_cert"


def test_trust_in_words(ca_file: Path) -> None:
    assert trust_sources(Settings()) == ["the operating system's trust store"]
    assert trust_sources(trusting(ca_file))[1] == f"{ca_file} (option --ca-bundle)"
    assert trust_sources(Settings(verify=Setting(False, "environment ALTERYX_VERIFY_SSL"))) == [
        "nothing is verified (environment ALTERYX_VERIFY_SSL)"
    ]

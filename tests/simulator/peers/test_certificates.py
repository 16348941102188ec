"""Every certificate variant is refused by a real handshake for exactly its own reason, or accepted."""

from __future__ import annotations

import socket
import ssl
import sys
from pathlib import Path

import pytest
from ayx_simulator.peers.certificates import VARIANTS, CertificateFactory
from ayx_simulator.peers.faulty_peer import FaultyServer

STRICT = sys.version_info >= (3, 13)
VERIFY_CODES = {
    "good": None,
    "large": None,
    "rsa": None,
    "expired": 10,
    "not_yet_valid": 9,
    "wrong_host": 62,
    "self_signed": 18,
    "unknown_ca": 20,
    "unknown_ca_root_sent": 19,
    "intercepted": 19,
    "missing_intermediate": 20,
    "expired_intermediate": 10,
    "cn_only": None,
    "client_eku": 26,
    "rsa_1024": 66,
    "name_constraints": 47,
    "no_aki": 85 if STRICT else None,
    "root_not_critical": 89 if STRICT else None,
}


@pytest.fixture(scope="module")
def factory(tmp_path_factory: pytest.TempPathFactory) -> CertificateFactory:
    return CertificateFactory(tmp_path_factory.mktemp("certificates"), hosts=("server.lab.test", "127.0.0.1"))


def unrelated_root(factory: CertificateFactory) -> Path:
    """A root that has nothing to do with the server."""
    other = factory.folder / "other"
    other.mkdir(exist_ok=True)
    return CertificateFactory(other).root


def verify_code(factory: CertificateFactory, variant: str) -> int | None:
    """Handshake with a client that trusts what it is meant to trust; return why it refused."""
    certificate = factory.server(variant)
    root = certificate.root if certificate.trusted else unrelated_root(factory)
    context = ssl.create_default_context(cafile=str(root))
    server = FaultyServer("http_ok", certificate=certificate.chain, key=certificate.key)
    with server, socket.create_connection(("127.0.0.1", server.port), 5) as connection:
        try:
            context.wrap_socket(connection, server_hostname="server.lab.test").close()
        except ssl.SSLCertVerificationError as error:
            return error.verify_code
    return None


def test_every_variant_has_an_expectation() -> None:
    assert set(VERIFY_CODES) == set(VARIANTS)


@pytest.mark.parametrize("variant", VARIANTS)
def test_client_refuses_for_the_reason_that_the_variant_stands_for(factory: CertificateFactory, variant: str) -> None:
    assert verify_code(factory, variant) == VERIFY_CODES[variant]


def test_leaf_says_where_its_missing_issuer_is(factory: CertificateFactory) -> None:
    from cryptography import x509

    (leaf,) = x509.load_pem_x509_certificates(factory.server("missing_intermediate").chain.read_bytes())
    information = leaf.extensions.get_extension_for_class(x509.AuthorityInformationAccess).value
    assert [description.access_location.value for description in information] == [factory.issuer_url]


def test_large_chain_does_not_fit_one_packet(factory: CertificateFactory) -> None:
    assert len(factory.server("large").chain.read_bytes()) * 3 // 4 > 2 * 1460

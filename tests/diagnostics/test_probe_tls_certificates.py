"""Certificates described, trust stores compared, bundles loaded: all offline."""

from __future__ import annotations

import json
import ssl
import sys
import warnings
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from ayx_diagnostics.network.clock import SystemClock
from ayx_diagnostics.probes import trust
from ayx_diagnostics.probes.certificates import describe, describe_chain
from ayx_simulator.peers.certificates import CertificateFactory
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from fast import examples
from hypothesis import given, settings
from hypothesis import strategies as st

HOST = "ayx.lab.test"
KEYS = {
    *(
        "subject",
        "issuer",
        "common_name",
        "issuer_common_name",
        "issuer_organization",
        "san",
        "not_before",
        "not_after",
    ),
    *("self_issued", "self_signed", "is_ca", "key", "signature", "sha256", "eku", "aia_issuers", "has_aki", "has_ski"),
    "basic_constraints_critical",
}


@pytest.fixture(scope="module")
def factory(tmp_path_factory: pytest.TempPathFactory) -> CertificateFactory:
    return CertificateFactory(tmp_path_factory.mktemp("certificates"), (HOST, "127.0.0.1"))


def ders(pem: Path) -> list[bytes]:
    with warnings.catch_warnings(action="ignore"):  # serial numbers of some public roots
        certificates = x509.load_pem_x509_certificates(pem.read_bytes())
    return [certificate.public_bytes(serialization.Encoding.DER) for certificate in certificates]


def test_a_leaf_and_its_intermediate(factory: CertificateFactory) -> None:
    leaf, intermediate = describe_chain(ders(factory.server("good").chain))
    assert leaf.keys() == intermediate.keys() == KEYS
    assert leaf["san"] == [HOST, "127.0.0.1"]
    assert leaf["issuer"] == intermediate["subject"]
    assert leaf["issuer_common_name"] == intermediate["common_name"]
    assert (leaf["is_ca"], leaf["self_issued"], leaf["self_signed"], leaf["key"]) == (
        False,
        False,
        False,
        "EC-secp256r1",
    )
    assert (leaf["eku"], leaf["signature"], leaf["has_aki"]) == (["serverAuth"], "sha256", True)
    assert leaf["aia_issuers"][0].startswith("http://")
    assert leaf["not_before"] < leaf["not_after"]
    assert leaf["not_after"].endswith("Z")
    assert (intermediate["is_ca"], intermediate["basic_constraints_critical"]) == (True, True)
    assert len(leaf["sha256"]) == 64
    json.dumps([leaf, intermediate])


@pytest.mark.parametrize(
    ("variant", "key", "value"),
    [
        ("self_signed", "self_signed", True),
        ("rsa_1024", "key", "RSA-1024"),
        ("client_eku", "eku", ["clientAuth"]),
        ("cn_only", "san", []),
        ("no_aki", "has_aki", False),
    ],
)
def test_what_is_odd_about_a_variant_shows(factory: CertificateFactory, variant: str, key: str, value: Any) -> None:
    assert describe(ders(factory.server(variant).chain)[0])[key] == value


def test_a_root_whose_constraints_are_not_critical(factory: CertificateFactory) -> None:
    root = describe(ders(factory.server("root_not_critical").root)[0])
    assert (root["is_ca"], root["basic_constraints_critical"], root["self_signed"]) == (True, False, True)


@settings(max_examples=examples(100), deadline=None)
@given(st.binary(max_size=300))
def test_garbage_is_described_as_such(data: bytes) -> None:
    described = describe(data)
    assert described.keys() == {"sha256", "problem"}


@settings(max_examples=examples(150), deadline=None)
@given(changes=st.lists(st.tuples(st.integers(0, 2000), st.integers(0, 255)), min_size=1, max_size=6))
def test_a_damaged_certificate_never_raises(factory: CertificateFactory, changes: list[tuple[int, int]]) -> None:
    der = bytearray(ders(factory.server("good").chain)[0])
    for place, value in changes:
        der[place % len(der)] = value
    described = describe(bytes(der))
    assert described.keys() in (KEYS, {"sha256", "problem"})
    json.dumps(described)


# --- trust ---------------------------------------------------------------------------------------------------------


@dataclass
class Setting:
    value: Any


@dataclass
class FakeSettings:
    ca_bundle: Setting = field(default_factory=lambda: Setting(None))


def stores(chain: list[bytes], settings_: FakeSettings | None = None, **environ: str) -> dict[str, str]:
    seen = trust.matrix(SystemClock(), chain, HOST, settings_ or FakeSettings(), environ)  # type: ignore[arg-type]  # the one setting that is read
    assert (seen.stage, seen.operation, seen.target, seen.outcome) == ("tls", "trust", HOST, "ok")
    found: dict[str, str] = seen.evidence["stores"]
    assert seen.evidence["has_public_root"] == (found["certifi"] == "trusted")
    return found


def test_a_private_chain_is_trusted_where_its_root_is(factory: CertificateFactory, tmp_path: Path) -> None:
    server = factory.server("good")
    other = factory.server("self_signed")
    broken = tmp_path / "broken.pem"
    broken.write_text("no certificate")
    found = stores(
        ders(server.chain),
        FakeSettings(Setting(server.root)),
        REQUESTS_CA_BUNDLE=str(other.root),
        SSL_CERT_FILE=str(broken),
        CURL_CA_BUNDLE=str(tmp_path / "missing.pem"),
    )
    assert found["--ca-bundle"] == "trusted"
    assert found["REQUESTS_CA_BUNDLE"] == "untrusted"
    assert (found["SSL_CERT_FILE"], found["CURL_CA_BUNDLE"]) == ("unreadable", "unreadable")
    assert found["certifi"] == "untrusted"


@pytest.mark.parametrize(
    ("variant", "verdict"),
    [
        ("missing_intermediate", "untrusted"),
        ("expired", "trusted"),
        ("wrong_host", "trusted"),
        ("no_aki", "trusted"),
        ("root_not_critical", "trusted"),
        ("self_signed", "trusted"),
        ("unknown_ca", "trusted"),
    ],
)
def test_the_matrix_judges_signatures_and_nothing_else(factory: CertificateFactory, variant: str, verdict: str) -> None:
    server = factory.server(variant)
    assert stores(ders(server.chain), SSL_CERT_FILE=str(server.root))["SSL_CERT_FILE"] == verdict


def test_a_bundle_with_the_missing_intermediate_helps(factory: CertificateFactory, tmp_path: Path) -> None:
    server, leaf = factory.server("good"), factory.server("missing_intermediate")
    intermediate = ssl.DER_cert_to_PEM_cert(ders(server.chain)[1])
    alone, both = tmp_path / "alone.pem", tmp_path / "both.pem"
    alone.write_text(intermediate)
    both.write_text(intermediate + server.root.read_text())
    found = stores(ders(leaf.chain), SSL_CERT_FILE=str(alone), REQUESTS_CA_BUNDLE=str(both))
    assert found["REQUESTS_CA_BUNDLE"] == "trusted"
    assert found["SSL_CERT_FILE"] == ("trusted" if sys.version_info >= (3, 13) else "untrusted")


def test_a_public_root_is_known_to_certifi() -> None:
    import certifi

    roots = ders(Path(certifi.where()))
    assert all(stores([root])["certifi"] == "trusted" for root in roots[:3])
    assert all("problem" not in described for described in describe_chain(roots))


def test_a_root_of_the_same_name_with_another_key_is_not_trusted(factory: CertificateFactory, tmp_path: Path) -> None:
    other = CertificateFactory(tmp_path, (HOST,))
    server = factory.server("good")
    same_name = x509.load_pem_x509_certificate(other.server("good").root.read_bytes())
    assert same_name.subject == x509.load_pem_x509_certificate(server.root.read_bytes()).subject
    found = stores(ders(server.chain), SSL_CERT_FILE=str(other.server("good").root))
    assert found["SSL_CERT_FILE"] == "untrusted"


@pytest.mark.parametrize("chain", [[], [b"garbage"], [b""]])
def test_no_chain_is_trusted_nowhere(chain: list[bytes]) -> None:
    assert set(stores(chain).values()) == {"untrusted"}


def test_a_folder_of_certificates(factory: CertificateFactory, tmp_path: Path) -> None:
    server = factory.server("good")
    (tmp_path / "a.pem").write_bytes(server.root.read_bytes())
    (tmp_path / "readme").write_text("nothing")
    assert stores(ders(server.chain), REQUESTS_CA_BUNDLE=str(tmp_path))["REQUESTS_CA_BUNDLE"] == "trusted"
    assert trust.ca_bundle(SystemClock(), tmp_path, "x").evidence["count"] == 1


# --- bundles -------------------------------------------------------------------------------------------------------


def test_a_bundle_that_loads(factory: CertificateFactory) -> None:
    path = factory.server("good").root
    seen = trust.ca_bundle(SystemClock(), path, "environment SSL_CERT_FILE")
    assert (seen.outcome, seen.target) == ("ok", str(path))
    assert dict(seen.evidence) == {"origin": "environment SSL_CERT_FILE", "count": 1, "message": None}


@pytest.mark.parametrize(
    ("content", "outcome"),
    [
        (None, "missing"),
        (b"", "no_certificates"),
        (b"hello", "no_certificates"),
        (b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", "unreadable"),
        (b"-----BEGIN CERTIFICATE-----\n!!!\n-----END CERTIFICATE-----\n", "unreadable"),
    ],
)
def test_a_bundle_that_does_not(tmp_path: Path, content: bytes | None, outcome: str) -> None:
    path = tmp_path / "bundle.pem"
    if content is not None:
        path.write_bytes(content)
    seen = trust.ca_bundle(SystemClock(), path, "option --ca-bundle")
    assert (seen.outcome, seen.evidence["count"]) == (outcome, 0)
    assert seen.evidence["message"]


def test_odd_paths_are_outcomes(tmp_path: Path) -> None:
    assert trust.ca_bundle(SystemClock(), tmp_path, "x").outcome == "no_certificates"
    assert trust.ca_bundle(SystemClock(), "nul\0byte", "x").outcome == "unreadable"

"""Certificates that mean harm: hundreds of them, thousands of names, and names that attack whoever prints them."""

from __future__ import annotations

import json
import time
import warnings
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import jsonschema
import pytest
from ayx_diagnostics import diagnose
from ayx_diagnostics.model import Report
from ayx_diagnostics.report.renderers import FORMATS, render
from ayx_diagnostics.report.serialise import SCHEMA_PATH, to_json
from ayx_simulator.peers.faulty_peer import FaultyServer
from ayx_simulator.peers.hostile_peer import ESCAPES
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import AuthorityInformationAccessOID, NameOID

MAX_TIME_S = 4.0
LARGEST_REPORT = 1_000_000
ACTING = ("\x1b", "\x9b", "\x00", "\x08", "\x7f", "\u202e", "\u2028")


@pytest.fixture(autouse=True)
def _no_outside_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("ayx_connection.settings.sources.user_file_path", lambda: tmp_path / "no-such-file.toml")


class Mill:
    """Makes certificates with one key and any names."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.key_file = folder / "key.pem"
        self.key_file.write_bytes(
            self.key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
        )

    def certificate(
        self, subject: str, issuer: str, names: Sequence[str] = (), issuer_urls: Sequence[str] = ()
    ) -> bytes:
        now = datetime.now(UTC)
        builder = (
            x509.CertificateBuilder()
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(days=1))
            .not_valid_after(now + timedelta(days=30))
            .public_key(self.key.public_key())
            .subject_name(self._name(subject))
            .issuer_name(self._name(issuer))
        )
        if names:
            general = [x509.DNSName(name) for name in names]
            builder = builder.add_extension(x509.SubjectAlternativeName(general), critical=False)
        if issuer_urls:
            described = [
                x509.AccessDescription(AuthorityInformationAccessOID.CA_ISSUERS, x509.UniformResourceIdentifier(url))
                for url in issuer_urls
            ]
            builder = builder.add_extension(x509.AuthorityInformationAccess(described), critical=False)
        return builder.sign(self.key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)

    @staticmethod
    def _name(text: str) -> x509.Name:
        with warnings.catch_warnings():  # longer than X.520 allows: the point
            warnings.simplefilter("ignore")
            return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text, _validate=False)])

    def meet(self, *chain: bytes) -> Report:
        """Diagnose a server that presents the chain."""
        path = self.folder / "chain.pem"
        path.write_bytes(b"".join(chain))
        with FaultyServer("http_ok", certificate=path, key=self.key_file) as server:
            started = time.monotonic()
            report = diagnose(f"https://127.0.0.1:{server.port}", environ={}, max_time=MAX_TIME_S)
            assert time.monotonic() - started <= MAX_TIME_S + 1
        document = to_json(report)
        text = json.dumps(document, allow_nan=False)
        assert len(text) < LARGEST_REPORT
        jsonschema.validate(json.loads(text), json.loads(SCHEMA_PATH.read_text(encoding="utf-8")))
        for kind in FORMATS:
            rendered = render(document, kind)
            rendered.encode("utf-8")
            assert not [character for character in ACTING if character in rendered], kind
        assert report.verdict.status in ("broken", "unknown")
        return report


@pytest.fixture(scope="module")
def mill(tmp_path_factory: pytest.TempPathFactory) -> Mill:
    return Mill(tmp_path_factory.mktemp("mill"))


def test_five_hundred_certificates(mill: Mill) -> None:
    mill.meet(mill.certificate("leaf", "CA"), mill.certificate("CA", "CA") * 500)


def test_as_many_certificates_as_openssl_takes(mill: Mill) -> None:
    """Two hundred with one key: every one of a layer signed every one of the layer below."""
    layers = [mill.certificate(f"CA {layer}", f"CA {layer + 1}") for layer in range(4) for _ in range(60)]
    report = mill.meet(mill.certificate("leaf", "CA 0"), *layers)
    assert report.verdict.stage == "tls"
    shown = [len(seen.evidence.get("chain", ())) for seen in report.observations if seen.operation == "handshake"]
    assert shown
    assert max(shown) == 20


def test_ten_thousand_names(mill: Mill) -> None:
    mill.meet(mill.certificate("leaf", "leaf", [f"{number}.example.test" for number in range(10_000)]))


def test_as_many_names_as_openssl_takes(mill: Mill) -> None:
    report = mill.meet(mill.certificate("leaf", "leaf", [f"n{number}.test" for number in range(7_000)]))
    assert report.verdict.stage == "tls"


def test_thousands_of_addresses_of_the_issuer(mill: Mill) -> None:
    mill.meet(mill.certificate("leaf", "leaf", issuer_urls=[f"http://ca.test/{number}" for number in range(2_500)]))


def test_names_of_many_thousand_characters(mill: Mill) -> None:
    mill.meet(mill.certificate("\x01" * 40_000, "\x02" * 40_000))


def test_names_that_a_terminal_would_obey(mill: Mill) -> None:
    report = mill.meet(mill.certificate(ESCAPES, f"issuer {ESCAPES}", ["\x1b]0;owned\x07.test"]))
    assert any(r"\x1b]0;owned\x07" in json.dumps(seen.evidence).replace("\\\\", "\\") for seen in report.observations)

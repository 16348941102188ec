"""Certificates that are good, and certificates that are wrong in exactly one way."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID, NameOID

__all__ = ["VARIANTS", "CertificateFactory", "ServerCertificate", "Variant"]

_PrivateKey = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


@dataclass(frozen=True, slots=True)
class Variant:
    """How one kind of server certificate differs from a good one.

    Attributes:
        meaning: What is wrong, in one line.
        issuer: Which authority of the factory signs the leaf; ``self`` signs itself.
        sent: Which authorities the server sends after the leaf.
        trusted: Whether the test's client is meant to trust the root, so that only the fault at hand stops it.
        valid_from_days: Start of validity, in days from now.
        valid_to_days: End of validity, in days from now.
        names: Subject alternative names; ``None`` stands for the factory's own host names.
        in_subject_only: No alternative names at all, the host only as common name.
        usage: The only extended key usage.
        rsa_bits: Key size of an RSA leaf; ``None`` stands for an EC P-256 key.
        authority_key_identifier: Whether the leaf names its issuer's key.
    """

    meaning: str
    issuer: str = "intermediate"
    sent: tuple[str, ...] = ("intermediate",)
    trusted: bool = True
    valid_from_days: int = -30
    valid_to_days: int = 365
    names: tuple[str, ...] | None = None
    in_subject_only: bool = False
    usage: x509.ObjectIdentifier = ExtendedKeyUsageOID.SERVER_AUTH
    rsa_bits: int | None = None
    authority_key_identifier: bool = True


#: name -> what the server presents. In brackets: OpenSSL's verify code when the root is trusted as ``trusted`` says.
VARIANTS: Mapping[str, Variant] = {
    "good": Variant("nothing is wrong"),
    "large": Variant(
        "nothing is wrong, but the chain fills several packets",
        names=("*.padding.test", *(f"padding-{n:03}.long-name-for-a-large-certificate.test" for n in range(120))),
    ),
    "rsa": Variant("nothing is wrong; RSA instead of EC", rsa_bits=2048),
    "expired": Variant("the leaf ended ten days ago [10]", valid_from_days=-400, valid_to_days=-10),
    "not_yet_valid": Variant("the leaf starts in ten days [9]", valid_from_days=10),
    "wrong_host": Variant("names another host [62]", names=("other.lab.test",)),
    "self_signed": Variant("signs itself [18]", issuer="self", sent=(), trusted=False),
    "unknown_ca": Variant("of a private authority that nobody was told of [20]", trusted=False),
    "unknown_ca_root_sent": Variant(
        "of a private authority that nobody was told of, whose root is sent along [19]",
        sent=("intermediate", "root"),
        trusted=False,
    ),
    "intercepted": Variant(
        "made by a TLS inspection device [19]",
        issuer="inspection",
        sent=("inspection",),
        trusted=False,
        valid_from_days=-1,
    ),
    "missing_intermediate": Variant("the server sends the leaf only [20]", sent=()),
    "expired_intermediate": Variant(
        "the intermediate ended ten days ago [10]", issuer="expired_intermediate", sent=("expired_intermediate",)
    ),
    "cn_only": Variant("no alternative names; requests refuses it, ssl takes it", in_subject_only=True),
    "client_eku": Variant("made for clients, not servers [26]", usage=ExtendedKeyUsageOID.CLIENT_AUTH),
    "rsa_1024": Variant("a key below the security level [66]", rsa_bits=1024),
    "name_constraints": Variant(
        "its authority may only sign elsewhere.test [47]", issuer="constrained", sent=("constrained",)
    ),
    "no_aki": Variant(
        "does not name its issuer's key [85 from Python 3.13]", issuer="root", sent=(), authority_key_identifier=False
    ),
    "root_not_critical": Variant(
        "its root's basic constraints are not critical [89 from Python 3.13]", issuer="loose_root", sent=()
    ),
}


@dataclass(frozen=True, slots=True)
class ServerCertificate:
    """Files for one server.

    Attributes:
        variant: The name in ``VARIANTS``.
        chain: What the server presents, leaf first (PEM).
        key: The leaf's private key (PEM, not encrypted).
        root: The root certificate that the leaf leads to (PEM); its own for a self-signed leaf.
        trusted: Whether the client is meant to trust ``root``.
    """

    variant: str
    chain: Path
    key: Path
    root: Path
    trusted: bool


@dataclass(frozen=True, slots=True)
class _Authority:
    certificate: x509.Certificate
    key: _PrivateKey
    root: x509.Certificate


class CertificateFactory:
    """A root, an intermediate and the wrong authorities beside them, all made when first asked for.

    Args:
        folder: Where the PEM files go; it must exist.
        hosts: Names and IP addresses of the good server.
        issuer_url: Where the leaf says its issuer's certificate can be fetched (AIA caIssuers, RFC 5280 4.2.2.1).
    """

    def __init__(
        self,
        folder: Path,
        hosts: Iterable[str] = ("localhost", "127.0.0.1", "::1"),
        issuer_url: str = "http://pki.lab.test/intermediate.cer",
    ) -> None:
        self.folder = folder
        self.hosts = tuple(hosts)
        self.issuer_url = issuer_url
        self._now = datetime.now(UTC).replace(microsecond=0)
        self._authorities: dict[str, _Authority] = {}

    @cached_property
    def root(self) -> Path:
        """The root that a client of the good server trusts (PEM)."""
        return self._write("root.pem", [self._authority("root").certificate])

    def server(self, variant: str) -> ServerCertificate:
        """Make the certificate of one kind.

        Raises:
            KeyError: There is no such variant.
        """
        described = VARIANTS[variant]
        key: _PrivateKey = (
            ec.generate_private_key(ec.SECP256R1())
            if described.rsa_bits is None
            # 1024 bits are the fault that this variant stands for.
            else rsa.generate_private_key(public_exponent=65537, key_size=described.rsa_bits)
        )
        authority = None if described.issuer == "self" else self._authority(described.issuer)
        leaf = self._leaf(described, key, authority)
        chain = [leaf, *(self._authority(name).certificate for name in described.sent)]
        key_file = self.folder / f"{variant}.key.pem"
        key_file.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
        )
        return ServerCertificate(
            variant=variant,
            chain=self._write(f"{variant}.pem", chain),
            key=key_file,
            root=self._write(f"{variant}.root.pem", [leaf if authority is None else authority.root]),
            trusted=described.trusted,
        )

    def _leaf(self, variant: Variant, key: _PrivateKey, authority: _Authority | None) -> x509.Certificate:
        hosts = self.hosts if variant.names is None else variant.names
        if variant.names is not None and len(hosts) > 1:  # padding beside the real names
            hosts = (*self.hosts, *hosts)
        subject = _name(hosts[0])
        builder = (
            self._validity(x509.CertificateBuilder(), variant.valid_from_days, variant.valid_to_days)
            .subject_name(subject)
            .issuer_name(subject if authority is None else authority.certificate.subject)
            .public_key(key.public_key())
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(x509.ExtendedKeyUsage([variant.usage]), critical=False)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        )
        if not variant.in_subject_only:
            builder = builder.add_extension(x509.SubjectAlternativeName([_general_name(h) for h in hosts]), False)
        if authority is not None:
            builder = builder.add_extension(_issuer_information(self.issuer_url), critical=False)
            if variant.authority_key_identifier:
                builder = builder.add_extension(_authority_key(authority.key), critical=False)
        return builder.sign(key if authority is None else authority.key, hashes.SHA256())

    def _authority(self, name: str) -> _Authority:
        if name not in self._authorities:
            self._authorities[name] = self._make_authority(name)
        return self._authorities[name]

    def _make_authority(self, name: str) -> _Authority:
        key = ec.generate_private_key(ec.SECP256R1())
        roots = {"root": "Lab Root CA", "loose_root": "Lab Loose Root CA", "inspection": "Corp TLS Inspection CA"}
        issuer = None if name in roots else self._authority("root")
        subject = _name(roots.get(name, f"Lab Issuing CA ({name})"), "Example Corp" if name == "inspection" else "Lab")
        days = (-400, -10) if name == "expired_intermediate" else (-500, 3650)
        builder = (
            self._validity(x509.CertificateBuilder(), *days)
            .subject_name(subject)
            .issuer_name(subject if issuer is None else issuer.certificate.subject)
            .public_key(key.public_key())
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=name != "loose_root")
            .add_extension(_signing_usage(), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        )
        if name == "constrained":
            permitted = [x509.DNSName("elsewhere.test")]
            builder = builder.add_extension(x509.NameConstraints(permitted, None), critical=True)
        if issuer is not None:
            builder = builder.add_extension(_authority_key(issuer.key), critical=False)
        certificate = builder.sign(key if issuer is None else issuer.key, hashes.SHA256())
        return _Authority(certificate, key, certificate if issuer is None else issuer.root)

    def _validity(self, builder: x509.CertificateBuilder, from_days: int, to_days: int) -> x509.CertificateBuilder:
        return (
            builder.serial_number(x509.random_serial_number())
            .not_valid_before(self._now + timedelta(days=from_days))
            .not_valid_after(self._now + timedelta(days=to_days))
        )

    def _write(self, name: str, certificates: Iterable[x509.Certificate]) -> Path:
        path = self.folder / name
        path.write_bytes(b"".join(c.public_bytes(serialization.Encoding.PEM) for c in certificates))
        return path


def _name(common_name: str, organization: str = "Lab") -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, organization),
            x509.NameAttribute(NameOID.COMMON_NAME, common_name),
        ]
    )


def _general_name(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def _issuer_information(url: str) -> x509.AuthorityInformationAccess:
    location = x509.UniformResourceIdentifier(url)
    return x509.AuthorityInformationAccess([x509.AccessDescription(AuthorityInformationAccessOID.CA_ISSUERS, location)])


def _authority_key(key: _PrivateKey) -> x509.AuthorityKeyIdentifier:
    return x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key())


def _signing_usage() -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=True,
        crl_sign=True,
        encipher_only=False,
        decipher_only=False,
    )

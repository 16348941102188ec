"""What a certificate says, as the plain dictionary that ``vocabulary`` describes."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from datetime import datetime
from itertools import islice
from typing import Any

from cryptography import x509
from cryptography.x509.oid import AuthorityInformationAccessOID, NameOID

from ayx_diagnostics.probes.library_warnings import no_warnings

__all__ = ["describe", "describe_chain"]

#: More names than anybody reads; certificates of shared hosts carry hundreds.
_MOST_NAMES = 100
#: More certificates, and longer texts in one, than any that a Server needs; a peer may send thousands.
_MOST_CERTIFICATES, _LONGEST_TEXT = 20, 500


def describe_chain(chain_der: Iterable[bytes]) -> list[dict[str, Any]]:
    """Describe the first certificates in the order given, at most 20, see :func:`describe`."""
    return [describe(der) for der in islice(chain_der, _MOST_CERTIFICATES)]


def describe(der: bytes) -> dict[str, Any]:
    """Describe one certificate.

    Args:
        der: The certificate in DER form.

    Returns:
        The keys of ``vocabulary``; what cannot be read is None. ``{sha256, problem}`` when it is no certificate.
    """
    sha256 = hashlib.sha256(der).hexdigest()
    try:
        with no_warnings():  # what is odd about a certificate stands in its description
            certificate = x509.load_der_x509_certificate(der)
            described = {key: _read(certificate, read) for key, read in _FIELDS.items()}
    except Exception as error:  # noqa: BLE001  # a peer's bytes decide what the parser raises; it must not end the run
        return {"sha256": sha256, "problem": f"{type(error).__name__}: {error}"[:200]}
    basic = _basic_constraints(certificate)
    return {
        **described,
        "is_ca": basic[0],
        "basic_constraints_critical": basic[1],
        "sha256": sha256,
    }


def _read(certificate: x509.Certificate, read: Callable[[x509.Certificate], Any]) -> Any:
    try:
        found = read(certificate)
        if isinstance(found, list):
            return [str(item)[:_LONGEST_TEXT] for item in found[:_MOST_NAMES]]
        return found[:_LONGEST_TEXT] if isinstance(found, str) else found
    except Exception:  # noqa: BLE001  # one unreadable extension must not hide the other fields
        return None


def _name(kind: str, attribute: str) -> Callable[[x509.Certificate], str | None]:
    """Return a reader of the first attribute of that name in the subject or issuer."""

    def read(certificate: x509.Certificate) -> str | None:
        found = getattr(certificate, kind).get_attributes_for_oid(getattr(NameOID, attribute))
        return str(found[0].value) if found else None

    return read


def _alternative_names(certificate: x509.Certificate) -> list[str]:
    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return []
    return [*names.get_values_for_type(x509.DNSName), *map(str, names.get_values_for_type(x509.IPAddress))]


def _basic_constraints(certificate: x509.Certificate) -> tuple[bool, bool | None]:
    """Return whether it is a CA certificate, and whether that extension is critical (None without it)."""
    try:
        extension = certificate.extensions.get_extension_for_class(x509.BasicConstraints)
    except Exception:  # noqa: BLE001  # absent, doubled or unreadable: not a CA as far as anybody can tell
        return False, None
    return extension.value.ca, extension.critical


def _self_signed(certificate: x509.Certificate) -> bool:
    if certificate.subject != certificate.issuer:
        return False
    try:
        certificate.verify_directly_issued_by(certificate)
    except Exception:  # noqa: BLE001  # wrong signature, or an algorithm that is no longer supported
        return False
    return True


def _key(certificate: x509.Certificate) -> str:
    key = certificate.public_key()
    kind = type(key).__name__.strip("_").removesuffix("PublicKey").replace("EllipticCurve", "EC")
    curve = getattr(getattr(key, "curve", None), "name", None)
    size = curve or getattr(key, "key_size", None)
    return f"{kind}-{size}" if size else kind


def _signature(certificate: x509.Certificate) -> str:
    algorithm = certificate.signature_hash_algorithm
    return algorithm.name if algorithm else certificate.signature_algorithm_oid._name  # noqa: SLF001  # Ed25519 has no hash, and the name is public nowhere else


def _extended_key_usage(certificate: x509.Certificate) -> list[str]:
    try:
        usages = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    except x509.ExtensionNotFound:
        return []
    return [usage._name if usage._name != "Unknown OID" else usage.dotted_string for usage in usages]  # noqa: SLF001  # the registered name is public nowhere else


def _issuer_addresses(certificate: x509.Certificate) -> list[str]:
    try:
        access = certificate.extensions.get_extension_for_class(x509.AuthorityInformationAccess).value
    except x509.ExtensionNotFound:
        return []
    return [
        item.access_location.value
        for item in access
        if item.access_method == AuthorityInformationAccessOID.CA_ISSUERS
        and isinstance(item.access_location, x509.UniformResourceIdentifier)
    ]


def _has(extension: str) -> Callable[[x509.Certificate], bool]:
    """Return a reader that tells whether the certificate has that extension."""

    def read(certificate: x509.Certificate) -> bool:
        wanted = getattr(x509, extension)
        return any(isinstance(found.value, wanted) for found in certificate.extensions)

    return read


def _rfc3339(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


_FIELDS: dict[str, Callable[[x509.Certificate], Any]] = {
    "subject": lambda certificate: certificate.subject.rfc4514_string(),
    "issuer": lambda certificate: certificate.issuer.rfc4514_string(),
    "common_name": _name("subject", "COMMON_NAME"),
    "issuer_common_name": _name("issuer", "COMMON_NAME"),
    "issuer_organization": _name("issuer", "ORGANIZATION_NAME"),
    "san": _alternative_names,
    "not_before": lambda certificate: _rfc3339(certificate.not_valid_before_utc),
    "not_after": lambda certificate: _rfc3339(certificate.not_valid_after_utc),
    "self_issued": lambda certificate: certificate.subject == certificate.issuer,
    "self_signed": _self_signed,
    "key": _key,
    "signature": _signature,
    "eku": _extended_key_usage,
    "aia_issuers": _issuer_addresses,
    "has_aki": _has("AuthorityKeyIdentifier"),
    "has_ski": _has("SubjectKeyIdentifier"),
}

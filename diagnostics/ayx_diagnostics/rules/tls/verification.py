"""The handshake that failed at the certificate, and how its certificates are read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from ayx_diagnostics.evidence import Evidence, mappings, text, whole
from ayx_diagnostics.model import Observation
from ayx_diagnostics.rules.conclusion import Subject

__all__ = [
    "NO_ISSUER",
    "SELF_SIGNED_IN_CHAIN",
    "Certificate",
    "about_certificate",
    "called",
    "chain_of",
    "code_of",
    "issuer_of",
    "names_in",
    "read_moment",
    "refused_certificate",
]

#: X509_V_ERR_* of openssl/x509_vfy.h: nobody who is trusted signed the chain.
SELF_SIGNED_IN_CHAIN = 19
NO_ISSUER = frozenset({2, 20, 21, 27})

Certificate = Mapping[str, Any]


def refused_certificate(evidence: Evidence) -> Observation | None:
    """Return the client's handshake that failed at the certificate if none succeeded, else None."""
    shakes = evidence.handshakes
    if any(seen.ok for seen in shakes):
        return None
    return next((seen for seen in shakes if seen.outcome == "verify_failed"), None)


def chain_of(seen: Observation | None) -> tuple[Certificate, ...]:
    """Return the certificates that were shown, leaf first."""
    return mappings(seen, "chain")


def code_of(seen: Observation | None) -> int | None:
    """Return OpenSSL's verify code."""
    return whole(seen, "verify_code")


def called(certificate: Certificate) -> str:
    """Return what a certificate calls its owner."""
    return str(certificate.get("common_name") or certificate.get("subject") or "the certificate")


def issuer_of(certificate: Certificate) -> str:
    """Return what a certificate calls its issuer, with the organisation where that says more."""
    name = certificate.get("issuer_common_name") or certificate.get("issuer") or "an unnamed issuer"
    organisation = certificate.get("issuer_organization")
    return f"{name} ({organisation})" if organisation and organisation != name else str(name)


def read_moment(value: object) -> datetime | None:
    """Return a time of the evidence (RFC 3339), or None."""
    if not isinstance(value, str):
        return None
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def names_in(certificate: Certificate) -> list[str]:
    """Return the subject alternative names."""
    names = certificate.get("san")
    return [str(name) for name in names] if isinstance(names, Sequence) and not isinstance(names, str) else []


def about_certificate(evidence: Evidence, seen: Observation) -> Subject:
    """Return what findings about a refused certificate share, with OpenSSL's own words."""
    said = f"OpenSSL says: {text(seen, 'verify_message')} (verify code {code_of(seen)})." if code_of(seen) else None
    return Subject(
        {"host": text(seen, "server_name") or evidence.host, "address": seen.target},
        because=[said],
        ruled_out=[f"Not the network: {seen.target} completed its part of the handshake."],
    )

"""The handshake that failed at the certificate, and how its certificates are read."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from ayx_diagnostics.evidence import Evidence, ip_address, mappings, text, whole
from ayx_diagnostics.model import Observation
from ayx_diagnostics.rules.conclusion import Subject
from ayx_diagnostics.rules.tls.handshake_evidence import failed_handshake

__all__ = [
    "INSPECTION",
    "INTERMEDIATE",
    "NO_ISSUER",
    "ROOT",
    "SELF_SIGNED_IN_CHAIN",
    "Certificate",
    "about_certificate",
    "called",
    "chain_of",
    "clock_is_to_blame",
    "code_of",
    "is_for_another_host",
    "issuer_of",
    "lacking",
    "names_in",
    "read_moment",
    "refused_certificate",
]

#: X509_V_ERR_* of openssl/x509_vfy.h: nobody who is trusted signed the chain.
SELF_SIGNED_IN_CHAIN = 19
NO_ISSUER = frozenset({2, 20, 21, 27})
#: What the name of an authority says of it.
INSPECTION = re.compile(
    r"zscaler|netskope|palo ?alto|fortinet|fortigate|blue ?coat|symantec web|umbrella|forcepoint|websense|mcafee|"
    r"trellix|sophos|check ?point|bitdefender|kaspersky|avast|\beset\b|sonicwall|watchguard|barracuda|iboss|"
    r"cato networks|cloudflare gateway|inspection|intercept|\bmitm|decrypt|firewall|web ?gateway|squid|\bproxy\b",
    re.IGNORECASE,
)
INTERMEDIATE = re.compile(r"intermediate|issuing|subordinate|\bsub ?ca\b|\bissuer\b", re.IGNORECASE)
ROOT = re.compile(r"\broot\b", re.IGNORECASE)

Certificate = Mapping[str, Any]


def refused_certificate(evidence: Evidence) -> Observation | None:
    """Return the client's handshake that failed at the certificate if none succeeded, else None."""
    return failed_handshake(evidence, "verify_failed")


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


def is_for_another_host(evidence: Evidence) -> bool:
    """Whether the certificate that was refused, for whatever reason, names other hosts than the Server."""
    seen = refused_certificate(evidence)
    chain = chain_of(seen)
    if seen is None or not chain:
        return False
    host, names = (text(seen, "server_name") or evidence.host).rstrip(".").lower(), names_in(chain[0])
    return bool(host and names) and not any(_covers(name.lower(), host) for name in names)


def _covers(pattern: str, host: str) -> bool:
    """Whether a certificate's name covers a host (RFC 9525, 6.3); an IP address counts as it is (6.4)."""
    if (address := ip_address(host)) is not None:
        return ip_address(pattern) == address
    if pattern.startswith("*."):
        return host.partition(".")[2] == pattern[2:]
    return pattern.rstrip(".") == host


def clock_is_to_blame(evidence: Evidence, certificates: Sequence[Certificate]) -> bool:
    """Whether the certificates are valid at the time that the peer's clock shows."""
    now = _time_of_peer(evidence)
    if now is None or not certificates:
        return False
    limits = [(read_moment(item.get("not_before")), read_moment(item.get("not_after"))) for item in certificates]
    return all(start and end and start <= now <= end for start, end in limits)


def _time_of_peer(evidence: Evidence) -> datetime | None:
    """Return the time that the peer's clock shows, where this machine's differs from it."""
    seen = evidence.first("local", "clock", outcome="skewed")
    if seen is None:
        return None
    try:
        moment = parsedate_to_datetime(text(seen, "date"))
    except (ValueError, IndexError):  # IndexError: what Python 3.11 makes of some malformed dates
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def lacking(code: str, path: tuple[Certificate, ...]) -> str | None:
    """Return the sentence that names what the certificates of a path lack by a strict rule, or None.

    Source: ``X509_V_FLAG_X509_STRICT`` in openssl's check_extensions(), after RFC 5280, 4.2.1.1 and 4.2.1.9.
    """
    if code == "tls.strict_missing_aki":
        found = [called(item) for item in path if item.get("has_aki") is False and not item.get("self_signed")]
        return f"{', '.join(found)} has no authority key identifier." if found else None
    found = [called(item) for item in path if item.get("is_ca") and item.get("basic_constraints_critical") is False]
    return f"{', '.join(found)} does not mark its basic constraints as critical." if found else None


def about_certificate(evidence: Evidence, seen: Observation) -> Subject:
    """Return what findings about a refused certificate share, with OpenSSL's own words."""
    said = f"OpenSSL says: {text(seen, 'verify_message')} (verify code {code_of(seen)})." if code_of(seen) else None
    return Subject(
        {"host": text(seen, "server_name") or evidence.host, "address": seen.target},
        because=[said],
        ruled_out=[f"Not the network: {seen.target} completed its part of the handshake."],
    )

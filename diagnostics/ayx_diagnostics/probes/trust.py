"""Which of this machine's trust stores know the issuer of a chain, found out offline.

The matrix answers one question: does a path of signatures lead from the leaf to a certificate that the store trusts?
Names, dates and purposes are judged by the handshake itself. A full validation by the profile that browsers follow
(``cryptography.x509.verification``) would call the roots of many company networks untrusted for their form alone.
"""

from __future__ import annotations

import re
import ssl
import sys
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.x509.oid import NameOID

from ayx_diagnostics.model import Observation
from ayx_diagnostics.probes.library_warnings import no_warnings
from ayx_diagnostics.vocabulary import CA_VARIABLES

if TYPE_CHECKING:
    from collections.abc import Callable

    from ayx_connection.settings import Settings

    from ayx_diagnostics.network.base import Clock

__all__ = ["ca_bundle", "collect_stores", "matrix", "variables_differ"]

#: Where distributions keep the bundle of the system (the list that Go's crypto/x509 searches).
_LINUX_BUNDLES = (
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/pki/tls/cacert.pem",
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
    "/etc/ssl/cert.pem",
)
_PEM = re.compile(r"-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----", re.DOTALL)
_LARGEST_BUNDLE = 20_000_000
_MOST_FILES = 2000
_LONGEST_PATH = 10
#: Of a Server's chain: signatures are tried by pairs, and a peer may send hundreds.
_MOST_CERTIFICATES = 20
#: Stores that the user did not name.
_PUBLIC = frozenset({"certifi", "system"})
#: From Python 3.13 on, a trusted certificate need not be a root (``VERIFY_X509_PARTIAL_CHAIN`` by default).
_PARTIAL_CHAIN = sys.version_info >= (3, 13)

#: A store: its certificates in DER form, or None where it is set and cannot be read.
Store = list[bytes] | None


def ca_bundle(clock: Clock, path: str | Path, origin: str) -> Observation:
    """Load a bundle the way clients do.

    Args:
        clock: The diagnosis' clock.
        path: The file, or a directory of certificates.
        origin: Who named it, e.g. ``environment SSL_CERT_FILE``.

    Returns:
        The observation ``ca_bundle``; ``message`` is what the client's own library says.
    """
    started_s = clock.now()
    outcome, count, message = _load(Path(path))
    evidence = {"origin": origin, "count": count, "message": message}
    return Observation("tls", "ca_bundle", str(path), started_s, clock.now() - started_s, outcome, evidence)


def _load(path: Path) -> tuple[str, int, str | None]:
    """Return the outcome, the number of certificates, and what went wrong."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    try:
        if path.is_dir():
            count = len(_certificates_of(path))
            return ("ok", count, None) if count else ("no_certificates", 0, "no certificate in this directory")
        context.load_verify_locations(cafile=path)
    except FileNotFoundError as error:
        return "missing", 0, error.strerror
    except ssl.SSLError as error:
        found = "no_certificates" if error.reason == "NO_CERTIFICATE_OR_CRL_FOUND" else "unreadable"
        return found, 0, error.reason or str(error)
    except (OSError, ValueError) as error:  # ValueError: a NUL byte in the path
        return "unreadable", 0, getattr(error, "strerror", None) or str(error)
    count = context.cert_store_stats()["x509"]
    return ("ok", count, None) if count else ("no_certificates", 0, "only revocation lists")


def variables_differ(environ: Mapping[str, str]) -> bool:
    """Whether libraries on this machine are told of different bundles, or the one that Python reads of none."""
    told = {name: environ[name] for name in CA_VARIABLES if environ.get(name)}
    return len(set(told.values())) > 1 or (bool(told) and "SSL_CERT_FILE" not in told)


def collect_stores(settings: Settings, environ: Mapping[str, str]) -> dict[str, Store]:
    """Read the trust stores that clients on this machine may use.

    Args:
        settings: The client's settings, for the bundle that it adds.
        environ: Environment variables.

    Returns:
        ``certifi``, ``system`` and those of ``SSL_CERT_FILE``, ``REQUESTS_CA_BUNDLE``, ``CURL_CA_BUNDLE`` and
        ``--ca-bundle`` that are set. A store that cannot be listed here (the keychain of macOS) is left out.
    """
    stores: dict[str, Store] = {}
    for name, read in (("certifi", _certifi), ("system", _system)):
        store = read()
        if store is not None:
            stores[name] = store
    for variable in CA_VARIABLES:
        if environ.get(variable):
            stores[variable] = _readable(Path(environ[variable]))
    if settings.ca_bundle.value:
        stores["--ca-bundle"] = _readable(Path(settings.ca_bundle.value))
    return stores


def _certifi() -> Store:
    try:
        import certifi
    except ImportError:
        return None
    return _readable(Path(certifi.where()))


def _system() -> Store:
    if sys.platform == "win32":
        roots = [*ssl.enum_certificates("ROOT"), *ssl.enum_certificates("CA")]
        return [der for der, encoding, _ in roots if encoding == "x509_asn"]
    if sys.platform == "darwin":
        return None
    named = ssl.get_default_verify_paths().openssl_cafile
    for path in (*_LINUX_BUNDLES, named):
        if Path(path).is_file():
            return _readable(Path(path))
    return None


def _readable(path: Path) -> Store:
    try:
        return _certificates_of(path)
    except (OSError, ValueError):
        return None


def _certificates_of(path: Path) -> list[bytes]:
    """Return the certificates of a PEM file, or of the files in a directory.

    Raises:
        OSError: It cannot be read.
        ValueError: It is no PEM, or too large.
    """
    if path.is_dir():
        files = [file for file in sorted(path.iterdir())[:_MOST_FILES] if file.is_file()]
        return [der for file in files for der in _readable(file) or ()]
    if path.stat().st_size > _LARGEST_BUNDLE:
        raise ValueError(path)
    text = path.read_text("latin-1")
    found = _PEM.findall(text)
    if not found:
        raise ValueError(path)
    return [ssl.PEM_cert_to_DER_cert(pem) for pem in found]


def matrix(
    clock: Clock, chain_der: Iterable[bytes], host: str, settings: Settings, environ: Mapping[str, str]
) -> Observation:
    """Tell which stores would trust a chain's issuer, without another connection.

    Args:
        clock: The diagnosis' clock.
        chain_der: The certificates that the Server sent, leaf first.
        host: The Server's name, for the observation.
        settings: The client's settings.
        environ: Environment variables.

    Returns:
        The observation ``trust``.
    """
    started_s = clock.now()
    chain = _parsed(islice(chain_der, _MOST_CERTIFICATES))
    read = collect_stores(settings, environ)
    stores = {
        name: "unreadable" if store is None else "trusted" if _leads_to(chain, _parsed(store)) else "untrusted"
        for name, store in read.items()
    }
    public = stores.get("certifi")
    evidence = {
        "stores": stores,
        "checked_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "has_public_root": None if public not in ("trusted", "untrusted") else public == "trusted",
        "akin": _akin(chain, (der for name, store in read.items() if name not in _PUBLIC for der in store or ())),
    }
    return Observation("tls", "trust", host, started_s, clock.now() - started_s, "ok", evidence)


def _akin(chain: list[x509.Certificate], given: Iterable[bytes]) -> list[str]:
    """Return the names of the given certificates that belong to the organisation of the chain's missing issuer."""
    missing = _organizations(chain[-1].issuer) if chain else set()
    roots = _parsed(islice(given, _MOST_CERTIFICATES)) if missing else []
    names = (root.subject.rfc4514_string() for root in roots if missing & _organizations(root.subject))
    return list(dict.fromkeys(names))


def _organizations(name: x509.Name) -> set[str]:

    return {str(item.value).casefold() for item in name.get_attributes_for_oid(NameOID.ORGANIZATION_NAME)}


def _parsed(certificates: Iterable[bytes]) -> list[x509.Certificate]:
    """Parse what can be parsed: one odd root must not hide a whole store."""
    parsed = []
    for der in certificates:
        try:
            with no_warnings():  # several public roots have a serial number that RFC 5280 disallows
                certificate = x509.load_der_x509_certificate(der)
            _ = certificate.subject, certificate.issuer  # parsed on first use
        except Exception:  # noqa: BLE001, S112  # the parser's errors depend on whose bytes these are
            continue
        parsed.append(certificate)
    return parsed


def _leads_to(chain: list[x509.Certificate], store: list[x509.Certificate]) -> bool:
    """Whether signatures lead from the leaf over the Server's and the store's certificates to an anchor."""
    if not chain:
        return False
    is_anchor = _anchors(store)
    by_subject: dict[bytes, list[x509.Certificate]] = {}
    for certificate in (*chain[1:], *store):
        by_subject.setdefault(certificate.subject.public_bytes(), []).append(certificate)
    frontier, seen = [chain[0]], {chain[0]}
    for _ in range(_LONGEST_PATH):
        if any(is_anchor(certificate) for certificate in frontier):
            return True
        issuers = {
            issuer
            for certificate in frontier
            for issuer in by_subject.get(certificate.issuer.public_bytes(), ())
            if issuer not in seen and _signed_by(certificate, issuer)
        }
        frontier = list(issuers)
        seen |= issuers
    return False


def _anchors(store: list[x509.Certificate]) -> Callable[[x509.Certificate], bool]:
    """Return a test whether a path may end at a certificate."""
    anchors = {certificate for certificate in store if _PARTIAL_CHAIN or certificate.subject == certificate.issuer}
    return anchors.__contains__


def _signed_by(certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(issuer)
    except Exception:  # noqa: BLE001  # not its signature, or an algorithm that is no longer supported: no link
        return False
    return True

"""Whom we trust: the operating system's store, plus what the settings add, and the certificate that we show ourselves.

What the settings name is always added to the operating system's store and never stands in for it, also where OpenSSL
itself would let ``SSL_CERT_FILE`` do that: a bundle with the one corporate root must not cut off everything else.
"""

from __future__ import annotations

import os
import ssl
from pathlib import Path

import truststore

from ayx_connection.settings import Settings
from ayx_connection.trust.certificate_files import add_bundle, load_client_certificate

__all__ = ["client_context", "proxy_context", "trust_sources"]

#: Where Linux distributions keep their store when OpenSSL was built to look elsewhere (as in many Python builds).
_SYSTEM_STORES = (
    "/etc/ssl/cert.pem",
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
    "/etc/pki/tls/cert.pem",
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/ssl/ca-bundle.pem",
)


def client_context(settings: Settings) -> ssl.SSLContext:
    """Build the TLS context for the Server: trust, and the client certificate if there is one.

    Building it costs time, so build it once and share it; it may be used by many threads.

    Args:
        settings: ``ca_bundle``, ``client_cert``, ``client_key`` and ``verify`` count.

    Returns:
        A context that verifies against the operating system's store and the CA bundle; one that verifies nothing when
        ``verify`` is off, over which credentials must not be sent.

    Raises:
        TrustError: A file cannot be used; it names the setting, its origin and the path.
    """
    context = _verifying(settings) if settings.verify.value else _unverifying()
    load_client_certificate(context, settings)
    return context


def proxy_context(settings: Settings) -> ssl.SSLContext:
    """Build the TLS context for a proxy that is itself spoken to over TLS (``https://proxy``).

    It always verifies, and shows no client certificate: that one is for the Server.

    Raises:
        TrustError: The CA bundle cannot be used.
    """
    return _verifying(settings)


def trust_sources(settings: Settings) -> list[str]:
    """Say in words what is trusted, for reports."""
    if not settings.verify.value:
        return [f"nothing is verified ({settings.verify.origin})"]
    words = ["the operating system's trust store"]
    if settings.ca_bundle.value is not None:
        words.append(f"{settings.ca_bundle.value} ({settings.ca_bundle.origin})")
    return words


def _verifying(settings: Settings) -> ssl.SSLContext:
    context: ssl.SSLContext = truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    if os.environ.get("SSL_CERT_FILE") or os.environ.get("SSL_CERT_DIR"):
        _add_system_store(context)
    if settings.ca_bundle.value is not None:
        add_bundle(context, settings.ca_bundle)
    return context


def _unverifying() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def _add_system_store(context: ssl.SSLContext) -> None:
    """Add the store that OpenSSL would have used, had these two variables not pointed it elsewhere."""
    paths = ssl.get_default_verify_paths()
    stores = [path for path in (paths.openssl_cafile, *_SYSTEM_STORES) if Path(path).is_file()]
    if stores:
        context.load_verify_locations(cafile=stores[0])
    if Path(paths.openssl_capath).is_dir():
        context.load_verify_locations(capath=paths.openssl_capath)

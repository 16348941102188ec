"""Certificates and keys in files, and why one cannot be used."""

from __future__ import annotations

import os
import ssl
from pathlib import Path
from typing import NoReturn

from ayx_connection.failures import TrustError
from ayx_connection.settings import Setting, Settings, expanded

__all__ = ["add_bundle", "load_client_certificate"]

_PEM = b"-----BEGIN "
_BUNDLE_SUFFIXES = frozenset({".pem", ".crt", ".cer", ".der", ".0", ".1", ".2", ".3"})


def add_bundle(context: ssl.SSLContext, setting: Setting[Path | None]) -> None:
    """Have a context trust the certificates of a file or folder, too.

    Raises:
        TrustError: They cannot be used.
    """
    assert setting.value is not None  # noqa: S101 -- the caller looked
    paths = [setting.value]
    if setting.origin.endswith("SSL_CERT_DIR"):  # the only one that may be a list of folders
        paths = [expanded(part) for part in str(setting.value).split(os.pathsep) if part]
    for path in paths:
        if path.is_dir():
            _add_folder(context, path, setting)
        else:
            _add_file(context, path, setting)


def _add_folder(context: ssl.SSLContext, folder: Path, setting: Setting[Path | None]) -> None:
    """Add every certificate file of a folder, whether or not its name is a hash as ``c_rehash`` makes it."""
    try:
        files = sorted(file for file in folder.iterdir() if file.suffix.lower() in _BUNDLE_SUFFIXES and file.is_file())
    except OSError as error:
        _fail(f"the folder cannot be read: {error.strerror}", "unreadable", setting, folder)
    if not files:
        _fail("the folder has no certificate files in it", "no_certificates", setting, folder)
    loaded = 0
    problem: TrustError | None = None
    for file in files:
        try:
            _add_file(context, file, setting)
        except TrustError as error:
            problem = error  # a folder may hold keys and other things beside certificates
        else:
            loaded += 1
    if not loaded and problem is not None:
        raise problem


def _add_file(context: ssl.SSLContext, path: Path, setting: Setting[Path | None]) -> None:
    content = _read(path, "ca_bundle", setting)
    try:
        if _PEM in content:
            context.load_verify_locations(cafile=path)
        else:
            context.load_verify_locations(cadata=content)
    except (ssl.SSLError, ValueError) as error:
        _fail(_why_no_certificates(content, error), "no_certificates", setting, path)


def _why_no_certificates(content: bytes, error: Exception) -> str:
    signs = (
        (not content.strip(), "the file is empty"),
        (content.startswith((b"\xff\xfe", b"\xfe\xff")), "the file is UTF-16 text: save it as ASCII or UTF-8"),
        (content.startswith(b"\xef\xbb\xbf"), "the file begins with a byte order mark: save it without"),
        (b"BEGIN PKCS7" in content, "the file is PKCS #7: convert it with `openssl pkcs7 -print_certs`"),
        (b"PRIVATE KEY-----" in content, "the file holds a private key but no certificate"),
        (content.lstrip().lower().startswith((b"<", b"{")), "the file is a web page or JSON, no certificate"),
    )
    reason = getattr(error, "reason", None) or "not PEM, not DER"
    return next((words for sign, words in signs if sign), f"there is no certificate in it that can be read ({reason})")


def load_client_certificate(context: ssl.SSLContext, settings: Settings) -> None:
    """Have a context show the client certificate, if the settings name one.

    Raises:
        TrustError: The certificate or its key cannot be used.
    """
    certificate, key = settings.client_cert, settings.client_key
    if certificate.value is None:
        return
    content = _read(certificate.value, "client_cert", certificate)
    if key.value is not None:
        _read(key.value, "client_key", key)
    if _PEM not in content:
        message = "a client certificate must be PEM; convert .pfx or .p12 with `openssl pkcs12 -in FILE -nodes`"
        _fail(message, "no_certificates", certificate, certificate.value, "client_cert")
    try:
        context.load_cert_chain(certificate.value, key.value, password=_refuse_to_ask)
    except (ssl.SSLError, ValueError) as error:
        setting, name = (certificate, "client_cert") if key.value is None else (key, "client_key")
        reason = getattr(error, "reason", None) or str(error)
        message = f"certificate and private key cannot be used together ({reason})"
        _fail(message, "key_unusable", setting, setting.value or certificate.value, name)


def _refuse_to_ask() -> NoReturn:
    """Keep OpenSSL from asking for a password on the terminal, where it would wait for ever in a job."""
    raise ValueError("the private key is encrypted: decrypt it first")


def _read(path: Path, name: str, setting: Setting[Path | None]) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        _fail("there is no such file", "missing", setting, path, name)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "it is no usable path"
        _fail(f"the file cannot be read: {reason}", "unreadable", setting, path, name)


def _fail(message: str, kind: str, setting: Setting[Path | None], path: Path, name: str = "ca_bundle") -> NoReturn:
    raise TrustError(message, setting=name, origin=setting.origin, path=str(path), kind=kind)

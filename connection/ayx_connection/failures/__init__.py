"""Every way in which reaching the Server can fail: the tree of exceptions.

``failures.signs`` (what a number or a status proves) and ``failures.failure_reading`` (what any exception says) are
imported by themselves: settings have no use for their tables and for ``ssl``.
"""

from __future__ import annotations

from ayx_connection.failures.errors import (
    DIAGNOSE,
    AddressError,
    AyxError,
    ConnectionFailedError,
    ContentError,
    CredentialsWithheldError,
    JobError,
    JobFailedError,
    JobTimeoutError,
    ProxyError,
    SettingsError,
    StatusError,
    TokenError,
    TrustError,
)

__all__ = [
    "DIAGNOSE",
    "AddressError",
    "AyxError",
    "ConnectionFailedError",
    "ContentError",
    "CredentialsWithheldError",
    "JobError",
    "JobFailedError",
    "JobTimeoutError",
    "ProxyError",
    "SettingsError",
    "StatusError",
    "TokenError",
    "TrustError",
]

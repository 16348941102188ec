"""Every way in which reaching the Server can fail: the tree of exceptions, and what a number or a status proves.

``failures.failure_reading``, which reads any exception, is imported by itself: it needs ``ssl``.
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
from ayx_connection.failures.signs import SIGNS, Sign, sign_named, sign_of_status, signs_numbered, this_system

__all__ = [
    "DIAGNOSE",
    "SIGNS",
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
    "Sign",
    "StatusError",
    "TokenError",
    "TrustError",
    "sign_named",
    "sign_of_status",
    "signs_numbered",
    "this_system",
]

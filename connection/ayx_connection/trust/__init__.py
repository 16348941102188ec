"""Whom we trust, and the certificate that we show ourselves."""

from __future__ import annotations

from ayx_connection.failures import TrustError
from ayx_connection.trust.contexts import client_context, proxy_context, trust_sources

__all__ = [
    "TrustError",
    "client_context",
    "proxy_context",
    "trust_sources",
]

"""Names of environment variables that probes and rules both know."""

from __future__ import annotations

__all__ = ["CA_VARIABLES"]

#: Where libraries look for a bundle of certificates: Python's ssl and httpx; requests; curl.
CA_VARIABLES = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")

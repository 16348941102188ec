"""Where credentials must not go: to nobody who could read them on the way or pose as the Server."""

from __future__ import annotations

from ayx_connection.failures import CredentialsWithheldError
from ayx_connection.settings import ServerAddress

__all__ = ["why_withheld"]


def why_withheld(address: ServerAddress, *, verify: bool, allow_http: bool) -> CredentialsWithheldError | None:
    """Say why credentials must not be sent to an address, or None where they may be.

    Args:
        address: The Server.
        verify: Whether its certificate is verified.
        allow_http: Whether the user permits plain http to another machine.
    """
    if address.scheme == "http":
        if address.is_loopback or allow_http:
            return None
        message = (
            f"the key and secret were not sent: {address.origin} is plain http, everybody on the way could read them; "
            "use https, or permit it with allow_http (--allow-http)"
        )
        return CredentialsWithheldError(message, code="token.plaintext")
    if verify:
        return None
    message = (
        "the key and secret were not sent: without verification (verify off, --insecure) anybody could pose as the "
        "Server; add its CA certificate with ca_bundle (--ca-bundle) instead"
    )
    return CredentialsWithheldError(message)

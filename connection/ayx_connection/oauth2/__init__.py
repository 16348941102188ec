"""OAuth2 client credentials (RFC 6749 section 4.4): the token request, its answer, and where neither may go.

Nothing here needs httpx. ``oauth2.credentials`` and ``oauth2.sending`` do, and are imported by themselves.
"""

from __future__ import annotations

from ayx_connection.oauth2.answer import Token, read_token_answer
from ayx_connection.oauth2.request import Style, TokenRequest, empty_token_request, token_request
from ayx_connection.oauth2.withholding import why_withheld

__all__ = [
    "Style",
    "Token",
    "TokenRequest",
    "empty_token_request",
    "read_token_answer",
    "token_request",
    "why_withheld",
]

"""What is observed of the token endpoint."""

from __future__ import annotations

from ayx_diagnostics.vocabulary.http import ANSWER, CUT_SHORT, HTTP_OUTCOMES, OWN_REQUEST
from ayx_diagnostics.vocabulary.terms import Operation, as_sent, flag, text, whole

__all__ = ["OPERATIONS"]

OPERATIONS = (
    Operation(
        "token",
        "request",
        "token URL",
        "An access token is asked for (RFC 6749, 4.4).",
        {**HTTP_OUTCOMES, "withheld": "not sent"},
        (
            *ANSWER,
            text(
                "style", "how the client authenticates: none is a request without credentials", "body", "basic", "none"
            ),
            as_sent("error", "RFC 6749, 5.2"),
            text("error_description", "RFC 6749, 5.2"),
            flag("has_access_token", "whether a token came"),
            as_sent("token_type"),
            whole("token_length", "", "characters"),
            as_sent("expires_in", "the token's lifetime", "s"),
            text("withheld", "why credentials were not sent"),
            CUT_SHORT,
        ),
        {
            **OWN_REQUEST,
            "other_style": "in the style that connect() would not try",
            "unencoded": "with key and secret as they are in the Authorization header",
            "authorization_header": "to the address that a redirection names",
        },
    ),
)

"""Facts about single observations that the walk, the checks and the rules share, each defined once."""

from __future__ import annotations

from ayx_diagnostics.evidence.index import flag, text, whole
from ayx_diagnostics.model import Observation

__all__ = ["OAUTH2_ERRORS", "refuses_client", "shows_token_endpoint", "speaks_as_server"]

#: How a token endpoint refuses a request (RFC 6749, 5.2), and how gateways do.
_CLIENT_ERRORS = frozenset({400, 401})
#: RFC 6749, 5.2: what only a token endpoint says.
OAUTH2_ERRORS = frozenset(
    {
        "invalid_request",
        "invalid_client",
        "invalid_grant",
        "unauthorized_client",
        "unsupported_grant_type",
        "invalid_scope",
    }
)


def refuses_client(seen: Observation) -> bool:
    """Whether the answer says that the client is not known, in whichever words a gateway puts it."""
    return seen.ok and whole(seen, "status") in _CLIENT_ERRORS


def shows_token_endpoint(seen: Observation) -> bool:
    """Whether a token request met a token endpoint: a token, or its error for a request without credentials.

    An error is no proof where credentials were sent: a gateway may have kept the request for itself.
    """
    if seen.ok and flag(seen, "has_access_token"):
        return True
    return text(seen, "style") == "none" and text(seen, "error") in OAUTH2_ERRORS and refuses_client(seen)


def speaks_as_server(seen: Observation) -> bool:
    """Whether an answer has what only Alteryx Server, or what stands for it, says: a token, its API, or an error."""
    return flag(seen, "has_access_token") or flag(seen, "swagger") or bool(text(seen, "error"))

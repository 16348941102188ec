"""Who may call what: the "Who" that the vendor writes into the description of each operation."""

from __future__ import annotations

__all__ = ["may_call"]

_API_USER = frozenset({"Viewer", "Member", "Artisan", "Curator", "Evaluated"})
_STUDIO_MEMBER = frozenset({"Artisan", "Curator"})
_CURATOR = frozenset({"Curator"})

#: Route keys of V3 that any user with API access may call; all others of V3 are for Curators.
_V3_FOR_ALL = frozenset(
    {
        "get /v3/credentials",
        "post /v3/credentials",
        "get /v3/credentials/{}",
        "put /v3/credentials/{}",
        "get /v3/dcm/connections/{}",
        "delete /v3/dcm/connections/{}",
        "get /v3/dcm/connections/lookup",
        "put /v3/dcm/connections/{}/sharing/execution",
        "delete /v3/dcm/connections/{}/sharing/execution",
        "put /v3/dcm/connections/{}/sharing/collaboration",
        "post /v3/dcm/connections",
        "get /v3/jobs/{}",
        "delete /v3/jobs/{}",
        "get /v3/schedules",
        "post /v3/schedules",
        "get /v3/schedules/{}",
        "put /v3/schedules/{}",
        "delete /v3/schedules/{}",
        "patch /v3/schedules/{}",
        "get /v3/usage",
        "post /v3/usage",
        "put /v3/users/{}/assettransfer",
        "get /v3/workflows",
        "post /v3/workflows",
        "get /v3/workflows/{}",
        "get /v3/workflows/{}/package",
        "get /v3/workflows/{}/questions",
        "get /v3/workflows/{}/jobs",
        "post /v3/workflows/{}/jobs",
        "put /v3/workflows/{}/transfer",
        "post /v3/workflows/{}/versions",
    }
)


def may_call(role: str, key: str) -> bool:
    """Tell whether a role is high enough for an operation, named by its route key."""
    path = key.partition(" ")[2]
    if path.startswith("/admin/"):
        return role in _CURATOR
    if path.startswith("/v3/"):
        return role in (_API_USER if key.lower() in _V3_FOR_ALL else _CURATOR)
    return role in _STUDIO_MEMBER

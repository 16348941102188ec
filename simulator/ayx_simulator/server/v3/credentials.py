"""Credentials that workflows run with: never a password in an answer, and writing wants TLS."""

from __future__ import annotations

from typing import Any

from ayx_simulator.server.http_errors import not_found, refused
from ayx_simulator.server.operations import Call, acts_out
from ayx_simulator.server.records import Record, pick

_REDUCED = ("id", "userName")
_SHARED = ("id", "userName", "userIds", "userGroupIds")


def accessible(call: Call) -> dict[str, Record]:
    """Return the credentials that the user may see: Curators all, others what is shared with them."""
    mine = call.user.user_id
    return {
        key: each
        for key, each in call.state.credentials.items()
        if call.is_curator or mine in each["userIds"] or each["createdBy"] == mine
    }


@acts_out("GET /v3/credentials")
def list_credentials(call: Call) -> Any:
    """For anybody but a Curator the filters and the view are ignored."""
    found = list(accessible(call).values())
    if not call.is_curator:
        return [pick(each, _REDUCED) for each in found]
    user, group = call.query("userId").lower(), call.query("userGroupId").lower()
    found = [
        each for each in found if (not user or user in each["userIds"]) and (not group or group in each["userGroupIds"])
    ]
    return [pick(each, _SHARED if call.full_view else _REDUCED) for each in found]


@acts_out("GET /v3/credentials/{credentialId}")
def get_credential(call: Call) -> Any:
    """One credential and with whom it is shared."""
    return pick(call.found(accessible(call)), _SHARED)


def _written(call: Call, credential: Record) -> Record:
    """``CredentialView``, in which id and user name have other names than everywhere else."""
    return {
        "userIds": credential["userIds"],
        "userGroupIds": credential["userGroupIds"],
        "isAdmin": call.is_curator,
        "createdByEmail": call.state.users.get(credential["createdBy"], {}).get("email", ""),
        "lastUpdatedDate": credential["lastUpdatedDate"],
        "status": "Valid",
        "credentialId": credential["id"],
        "username": credential["userName"],
    }


@acts_out("POST /v3/credentials")
def add_credential(call: Call) -> Any:
    """Add; the password is taken and forgotten."""
    call.needs_tls()
    credential_id = call.state.ids.new()
    credential: Record = {
        "id": credential_id,
        "userName": call.body["username"],
        "userIds": [call.user.user_id],
        "userGroupIds": [],
        "createdBy": call.user.user_id,
        "lastUpdatedDate": call.state.written_now,
    }
    call.state.credentials[credential_id] = credential
    return _written(call, credential)


@acts_out("PUT /v3/credentials/{credentialId}")
def update_credential(call: Call) -> Any:
    """Take a new password."""
    call.needs_tls()
    credential = call.found(accessible(call))
    credential["lastUpdatedDate"] = call.state.written_now
    return _written(call, credential)


@acts_out("DELETE /v3/credentials/{credentialId}")
def delete_credential(call: Call) -> Any:
    """Refused while it is shared, unless forced; the answer is an array of what was deleted."""
    credential = call.found(call.state.credentials)
    if (credential["userIds"] or credential["userGroupIds"]) and not call.flag("force"):
        raise refused("The credential is shared.")
    return [pick(call.state.credentials.pop(credential["id"]), _SHARED)]


@acts_out("POST /v3/credentials/{credentialId}/users")
def share_with_user(call: Call) -> Any:
    """Share with a user."""
    return _share(call, "userIds", call.referenced(call.state.users, "userId"))


@acts_out("POST /v3/credentials/{credentialId}/userGroups")
def share_with_group(call: Call) -> Any:
    """Share with a user group."""
    return _share(call, "userGroupIds", call.referenced(call.state.user_groups, "userGroupId"))


def _share(call: Call, member: str, other: Record) -> Record:
    credential = call.found(call.state.credentials)
    credential[member] = [*(each for each in credential[member] if each != other["id"]), other["id"]]
    return pick(credential, _SHARED)


@acts_out("DELETE /v3/credentials/{credentialId}/users/{userId}")
def unshare_user(call: Call) -> Any:
    """End the sharing with a user."""
    return _unshare(call, "userIds")


@acts_out("DELETE /v3/credentials/{credentialId}/userGroups/{userGroupId}")
def unshare_group(call: Call) -> Any:
    """End the sharing with a user group."""
    return _unshare(call, "userGroupIds")


def _unshare(call: Call, member: str) -> Record:
    credential = call.found(call.state.credentials)
    if call.path[1].lower() not in credential[member]:
        raise not_found()
    credential[member] = [each for each in credential[member] if each != call.path[1].lower()]
    return pick(credential, _SHARED)

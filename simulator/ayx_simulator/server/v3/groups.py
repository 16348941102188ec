"""Custom user groups. Adding users takes a bare JSON array and succeeds in part."""

from __future__ import annotations

from typing import Any

from ayx_simulator.server.http_errors import refused
from ayx_simulator.server.operations import Call, acts_out
from ayx_simulator.server.records import pick

_REDUCED = ("id", "name", "role")


@acts_out("GET /v3/usergroups")
def list_groups(call: Call) -> Any:
    """All custom groups."""
    return [pick(each, _REDUCED) for each in call.state.user_groups.values()]


@acts_out("POST /v3/usergroups", status=201)
def create_group(call: Call) -> Any:
    """The answer is the new id as a JSON string."""
    if any(each["name"] == call.body["name"] for each in call.state.user_groups.values()):
        raise refused(model_state={"contract.name": ["A user group with this name already exists."]})
    group_id = call.state.ids.new()
    call.state.user_groups[group_id] = {
        "id": group_id,
        "name": call.body["name"],
        "dateAdded": call.state.written_now,
        "role": call.body["role"],
        "credentialIds": [],
        "connectionIds": [],
        "members": [],
    }
    return group_id


@acts_out("GET /v3/usergroups/{userGroupId}")
def get_group(call: Call) -> Any:
    """One group with its members."""
    return call.found(call.state.user_groups)


@acts_out("PUT /v3/usergroups/{userGroupId}")
def update_group(call: Call) -> None:
    """Change name and role."""
    call.found(call.state.user_groups).update(name=call.body["name"], role=call.body["role"])


@acts_out("DELETE /v3/usergroups/{userGroupId}")
def delete_group(call: Call) -> None:
    """Refused while it has members, unless forced."""
    group = call.found(call.state.user_groups)
    if group["members"] and not call.flag("forceDelete"):
        raise refused("The user group is not empty.")
    del call.state.user_groups[group["id"]]


@acts_out("POST /v3/usergroups/{userGroupId}/users")
def add_users(call: Call) -> Any:
    """200 even if nobody was added: the counts and the reasons tell."""
    group = call.found(call.state.user_groups)
    present = {each["userId"] for each in group["members"]}
    reasons: dict[str, str] = {}
    for user_id in call.body:
        if user_id.lower() not in call.state.users:
            reasons[user_id] = "User not found"
        elif user_id.lower() in present:
            reasons[user_id] = "User is already a member of the group"
        else:
            present.add(user_id.lower())
            member = {
                "activeDirectoryObject": None,
                "userId": user_id.lower(),
                "dateAddedToGroup": call.state.written_now,
                "addedByUserId": call.user.user_id,
            }
            group["members"] = [*group["members"], member]
    return {
        "successfullyAddedUserCount": len(call.body) - len(reasons),
        "totalUsersSubmittedCount": len(call.body),
        "failedUserReasons": reasons,
    }


@acts_out("DELETE /v3/usergroups/{userGroupId}/users/{userId}")
def remove_user(call: Call) -> Any:
    """Take a user out; 200 for somebody who was not in."""
    group = call.found(call.state.user_groups)
    group["members"] = [each for each in group["members"] if each["userId"] != call.path[1].lower()]
    return group


@acts_out(
    "POST /v3/usergroups/{userGroupId}/activedirectorygroups",
    "DELETE /v3/usergroups/{userGroupId}/activedirectorygroups/{adGroupSid}",
)
def active_directory_group(call: Call) -> None:
    """Only there on a Server with Windows authentication, which this one is not."""
    call.found(call.state.user_groups)
    raise refused("Active Directory groups need Windows authentication.")

"""Users: the short and the full view, full replacement by PUT, and what goes with an owner."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ayx_simulator.server.factories import new_user
from ayx_simulator.server.http_errors import ApiError, refused
from ayx_simulator.server.operations import Call, acts_out
from ayx_simulator.server.records import ROLES, Record, parse_date, pick
from ayx_simulator.server.state import State

_REDUCED = ("id", "firstName", "lastName", "email", "isActive", "role", "dateCreated")
_OWNERS = ("Artisan", "Curator")
_Matches = Callable[[Record, str], bool]


def _same(member: str) -> _Matches:
    return lambda user, wanted: str(user[member]).lower() == wanted.lower()


_FILTERS: Mapping[str, _Matches] = {
    "active": _same("isActive"),
    "email": _same("email"),
    "role": _same("role"),
    "firstName": _same("firstName"),
    "lastName": _same("lastName"),
    "createdAfter": lambda user, wanted: parse_date(user["dateCreated"]) > parse_date(wanted),
    "createdBefore": lambda user, wanted: parse_date(user["dateCreated"]) < parse_date(wanted),
}


def full_view(user: Record) -> Record:
    """``UserView``: everything but the date of creation, which only the short form has."""
    return {name: value for name, value in user.items() if name != "dateCreated"}


@acts_out("GET /v3/users")
def list_users(call: Call) -> Any:
    """All users in one array; the short form by default, though the document promises the full one."""
    wanted = [(matches, value) for name, matches in _FILTERS.items() if (value := call.query(name))]
    users = [user for user in call.state.users.values() if all(matches(user, value) for matches, value in wanted)]
    if call.full_view or not call.quirks:
        return [full_view(user) for user in users]
    return [pick(user, _REDUCED) for user in users]


@acts_out("GET /v3/users/{userId}")
def get_user(call: Call) -> Any:
    """One user."""
    return full_view(call.found(call.state.users))


@acts_out("POST /v3/users", status=201)
def create_user(call: Call) -> Any:
    """A new user, ``Evaluated`` unless a role is given."""
    _refuse_taken_address(call, call.body["email"], "")
    if call.body.get("role", "Evaluated") not in ROLES:
        raise refused(model_state={"userContract.role": ["The Role field is invalid."]})
    return full_view(new_user(call.state, call.body))


@acts_out("PUT /v3/users/{userId}")
def update_user(call: Call) -> Any:
    """Replace a user; members that are left out go back to nothing, which is why so many are required."""
    user = call.found(call.state.users)
    _refuse_taken_address(call, call.body["email"], user["id"])
    user |= {name: value for name, value in call.body.items() if name in user and name != "id"}
    return full_view(user)


def _refuse_taken_address(call: Call, email: str, user_id: str) -> None:
    if any(user["email"].lower() == email.lower() and user["id"] != user_id for user in call.state.users.values()):
        raise refused(model_state={"email": ["A user with this email address already exists."]})


@acts_out("DELETE /v3/users/{userId}")
def delete_user(call: Call) -> None:
    """Refused with 409 and a bare string while the user owns something or is in a group."""
    user = call.found(call.state.users)
    if any(_assets(call.state, user["id"]).values()) or _groups_of(call.state, user["id"]):
        raise ApiError(409, "The user owns assets or is a member of user groups.")
    del call.state.users[user["id"]]


@acts_out("GET /v3/users/{userId}/assets")
def get_assets(call: Call) -> Any:
    """What a user owns."""
    assets = _assets(call.state, call.found(call.state.users)["id"])
    wanted = call.query("assetType").lower()
    kinds = assets if wanted in ("", "all") else [wanted]
    return {kind: [pick(asset, ("name", "id")) for asset in assets[kind]] for kind in kinds}


def _assets(state: State, owner_id: str) -> dict[str, list[Record]]:
    kinds = {
        "workflows": state.workflows,
        "schedules": state.schedules,
        "collections": state.collections,
        "insights": state.insights,
    }
    return {kind: [each for each in records.values() if each["ownerId"] == owner_id] for kind, records in kinds.items()}


@acts_out("PUT /v3/users/{userId}/assetTransfer")
def transfer_assets(call: Call) -> Any:
    """Give a user's assets to another; errors are bare strings. The answer names schedules that stay behind."""
    if call.path[0].lower() not in call.state.users:
        raise ApiError(404, "The user was not found.")
    user = call.found(call.state.users)
    call.own_or_curator(user["id"])
    new_owner = new_owner_of(call.state, call.body["ownerId"])
    assets = _assets(call.state, user["id"])
    moved_workflows = {each["id"] for each in assets["workflows"]} if call.body["transferWorkflows"] else set()
    for kind, records in assets.items():
        if call.body.get(f"transfer{kind.capitalize()}"):
            for record in records:
                record["ownerId"] = new_owner
    if call.body["transferSchedules"]:
        return []
    return [{"affectedScheduleId": each["id"]} for each in assets["schedules"] if each["workflowId"] in moved_workflows]


def new_owner_of(state: State, owner_id: str) -> str:
    """Return the id of a user who may own workflows.

    Raises:
        ApiError: 400 with a bare string, the user is missing or below Artisan.
    """
    owner = state.users.get(str(owner_id).lower())
    if owner is None or owner["role"] not in _OWNERS:
        raise ApiError(400, "The new owner must be an Artisan or a Curator.")
    found: str = owner["id"]
    return found


@acts_out("POST /v3/users/{userId}/deactivate")
def deactivate_user(call: Call) -> Any:
    """Switch a user off and return the ids of the groups that the user was taken out of."""
    user = call.found(call.state.users)
    user["isActive"] = False
    groups = _groups_of(call.state, user["id"])
    for group in groups:
        group["members"] = [each for each in group["members"] if each["userId"] != user["id"]]
    return [group["id"] for group in groups]


def _groups_of(state: State, user_id: str) -> list[Record]:
    return [
        group for group in state.user_groups.values() if any(each["userId"] == user_id for each in group["members"])
    ]


@acts_out("POST /v3/users/{userId}/passwordReset")
def reset_password(call: Call) -> None:
    """Nothing is sent from here."""
    call.found(call.state.users)

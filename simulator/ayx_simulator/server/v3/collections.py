"""Collections and what is in them."""

from __future__ import annotations

from typing import Any

from ayx_simulator.server.http_errors import not_found, refused
from ayx_simulator.server.operations import Call, acts_out
from ayx_simulator.server.records import Record, pick

_REDUCED = ("id", "name", "ownerId", "dateAdded")


@acts_out("GET /v3/collections")
def list_collections(call: Call) -> Any:
    """All collections; full with ``view=Full``, which the document does not know."""
    collections = call.state.collections.values()
    return list(collections) if call.full_view else [pick(each, _REDUCED) for each in collections]


@acts_out("POST /v3/collections")
def create_collection(call: Call) -> Any:
    """The answer is the new id as a JSON string."""
    name = call.body["name"]
    if not name.strip():
        raise refused(model_state={"contract.name": ["The Name field is required."]})
    _refuse_taken_name(call, name, "")
    collection_id = call.state.ids.new()
    call.state.collections[collection_id] = {
        "id": collection_id,
        "name": name,
        "ownerId": call.user.user_id,
        "dateAdded": call.state.written_now,
        "workflowIds": [],
        "users": [],
        "subscriptionIds": [],
        "userGroupIds": [],
        "scheduleIds": [],
        "insightIds": [],
    }
    return collection_id


def _refuse_taken_name(call: Call, name: str, collection_id: str) -> None:
    if any(each["name"] == name and each["id"] != collection_id for each in call.state.collections.values()):
        raise refused("A collection with this name already exists.")


@acts_out("GET /v3/collections/{collectionId}")
def get_collection(call: Call) -> Any:
    """One collection with its content."""
    return call.found(call.state.collections)


@acts_out("PUT /v3/collections/{collectionId}")
def update_collection(call: Call) -> Any:
    """Change name and owner."""
    collection = call.found(call.state.collections)
    owner = call.referenced(call.state.users, "ownerId")
    _refuse_taken_name(call, call.body["name"], collection["id"])
    return _changed(collection, name=call.body["name"], ownerId=owner["id"])


def _changed(collection: Record, **members: Any) -> Record:
    collection.update(members)
    return collection


@acts_out("DELETE /v3/collections/{collectionId}")
def delete_collection(call: Call) -> None:
    """Refused while something is in it, unless forced."""
    collection = call.found(call.state.collections)
    if (collection["workflowIds"] or collection["scheduleIds"]) and not call.flag("forceDelete"):
        raise refused("The collection is not empty.")
    del call.state.collections[collection["id"]]


@acts_out("POST /v3/collections/{collectionId}/users")
def add_user(call: Call) -> Any:
    """Add a user with permissions."""
    collection = call.found(call.state.collections)
    user = call.referenced(call.state.users, "userId")
    others = [each for each in collection["users"] if each["userId"] != user["id"]]
    return _changed(collection, users=[*others, {"userId": user["id"], "activeDirectoryObject": None}])


@acts_out("DELETE /v3/collections/{collectionId}/users/{userId}")
def remove_user(call: Call) -> Any:
    """Take a user out."""
    collection = call.found(call.state.collections)
    left = [each for each in collection["users"] if each["userId"] != call.path[1].lower()]
    if len(left) == len(collection["users"]):
        raise not_found()
    return _changed(collection, users=left)


@acts_out("POST /v3/collections/{collectionId}/workflows")
def add_workflow(call: Call) -> Any:
    """Add a workflow."""
    return _added(call, "workflowIds", call.referenced(call.state.workflows, "workflowId"))


@acts_out("POST /v3/collections/{collectionId}/schedules")
def add_schedule(call: Call) -> Any:
    """Add a schedule."""
    return _added(call, "scheduleIds", call.referenced(call.state.schedules, "scheduleId"))


@acts_out("POST /v3/collections/{collectionId}/insights")
def add_insight(call: Call) -> Any:
    """Add an insight; only older Servers have them."""
    return _added(call, "insightIds", call.referenced(call.state.insights, "insightId"))


@acts_out("POST /v3/collections/{collectionId}/userGroups")
def add_group(call: Call) -> Any:
    """Add a user group with permissions."""
    return _added(call, "userGroupIds", call.referenced(call.state.user_groups, "userGroupId"))


def _added(call: Call, member: str, record: Record) -> Record:
    collection = call.found(call.state.collections)
    others = [each for each in collection[member] if each != record["id"]]
    return _changed(collection, **{member: [*others, record["id"]]})


@acts_out("DELETE /v3/collections/{collectionId}/workflows/{workflowId}")
def remove_workflow(call: Call) -> Any:
    """Take a workflow out."""
    return _removed(call, "workflowIds")


@acts_out("DELETE /v3/collections/{collectionId}/schedules/{scheduleId}")
def remove_schedule(call: Call) -> Any:
    """Take a schedule out."""
    return _removed(call, "scheduleIds")


@acts_out("DELETE /v3/collections/{collectionId}/insights/{insightId}")
def remove_insight(call: Call) -> Any:
    """Take an insight out; only older Servers have them."""
    return _removed(call, "insightIds")


@acts_out("DELETE /v3/collections/{collectionId}/userGroups/{userGroupId}")
def remove_group(call: Call) -> Any:
    """Take a user group out."""
    return _removed(call, "userGroupIds")


def _removed(call: Call, member: str) -> Record:
    collection = call.found(call.state.collections)
    if call.path[1].lower() not in collection[member]:
        raise not_found()
    return _changed(collection, **{member: [each for each in collection[member] if each != call.path[1].lower()]})


@acts_out(
    "PUT /v3/collections/{collectionId}/users/{userId}/permissions",
    "PUT /v3/collections/{collectionId}/userGroups/{userGroupId}/permissions",
)
def update_permissions(call: Call) -> Any:
    """Accept new permissions; no view of a collection shows them."""
    collection = call.found(call.state.collections)
    members = [*(each["userId"] for each in collection["users"]), *collection["userGroupIds"]]
    if call.path[1].lower() not in members:
        raise not_found()
    return collection

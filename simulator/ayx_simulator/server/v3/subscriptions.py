"""Subscriptions, which the user interface calls studios."""

from __future__ import annotations

from typing import Any

from ayx_simulator.server.http_errors import refused
from ayx_simulator.server.operations import Call, acts_out
from ayx_simulator.server.records import Record, pick

_SHORT = ("id", "name", "credentialId", "canShareSchedules")


def workflows_of(call: Call, subscription: Record) -> list[Record]:
    """Return the workflows of a studio's members."""
    return [each for each in call.state.workflows.values() if each["ownerId"] in subscription["userIds"]]


def subscription_of(call: Call, user_id: str) -> str:
    """Return the id of the studio that a user is in, empty if in none."""
    return next((key for key, each in call.state.subscriptions.items() if user_id in each["userIds"]), "")


def _counted(call: Call, subscription: Record) -> Record:
    counts = {"userCount": len(subscription["userIds"]), "workflowCount": len(workflows_of(call, subscription))}
    return {**counts, **pick(subscription, _SHORT)}


@acts_out("GET /v3/subscriptions")
def list_subscriptions(call: Call) -> Any:
    """All studios with counts."""
    found = [_counted(call, each) for each in call.state.subscriptions.values()]
    name, credential = call.query("name").lower(), call.query("defaultWorkflowCredentialId").lower()
    found = [each for each in found if name in each["name"].lower() and credential in ("", each["credentialId"])]
    if call.query("canShareSchedule"):
        found = [each for each in found if each["canShareSchedules"] == call.flag("canShareSchedule")]
    for member in ("userCount", "workflowCount"):
        least, most = call.query(f"{member}GreaterThanEquals"), call.query(f"{member}LessThanEquals")
        found = [each for each in found if int(least or each[member]) <= each[member] <= int(most or each[member])]
    return found


@acts_out("POST /v3/subscriptions", status=201)
def create_subscription(call: Call) -> Any:
    """A new studio. Keys and secrets of studios are gone since 2022.1, so these are empty."""
    subscription_id = call.state.ids.new()
    call.state.subscriptions[subscription_id] = {
        "id": subscription_id,
        "name": call.body["name"],
        "credentialId": call.body.get("credentialId") or "",
        "canShareSchedules": bool(call.body.get("canShareSchedule")),
        "userIds": [],
    }
    return {
        **pick(call.state.subscriptions[subscription_id], ("name", "canShareSchedules", "credentialId", "id")),
        "apiKey": "",
        "apiSecret": "",
        "active": True,
        "expirationDate": "",
        "expDate": "9999-12-31T23:59:59.9999999Z",
        "dateUpdated": call.state.written_now,
        "apiEnabled": False,
        "credentials": [],
        "dataConnections": [],
    }


@acts_out("GET /v3/subscriptions/{subscriptionId}")
def get_subscription(call: Call) -> Any:
    """One studio with users and workflows."""
    subscription = call.found(call.state.subscriptions)
    users = [call.state.users[each] for each in subscription["userIds"] if each in call.state.users]
    return {
        "users": [{"id": user["id"], "name": f"{user['firstName']} {user['lastName']}"} for user in users],
        "workflows": [pick(each, ("id", "name")) for each in workflows_of(call, subscription)],
        **pick(subscription, _SHORT),
    }


@acts_out("PUT /v3/subscriptions/{subscriptionId}")
def update_subscription(call: Call) -> Any:
    """Replace name, credential and the permission."""
    subscription = call.found(call.state.subscriptions)
    subscription.update(pick(call.body, ("name", "credentialId", "canShareSchedules")))
    return pick(subscription, _SHORT)


@acts_out("DELETE /v3/subscriptions")
def delete_subscription(call: Call) -> None:
    """The id is in the query; refused while users or workflows are left."""
    subscription = call.found(call.state.subscriptions, call.query("subscriptionId"))
    if subscription["userIds"]:
        raise refused("The subscription has users or workflows.")
    del call.state.subscriptions[subscription["id"]]


@acts_out("PUT /v3/subscriptions/{subscriptionId}/users")
def change_users(call: Call) -> None:
    """Move users into a studio; a user is in one only."""
    subscription = call.found(call.state.subscriptions)
    moved = [each.lower() for each in call.body["userIds"]]
    for user_id in moved:
        call.found(call.state.users, user_id)
    for each in call.state.subscriptions.values():
        each["userIds"] = [user_id for user_id in each["userIds"] if user_id not in moved]
    subscription["userIds"] = [*subscription["userIds"], *moved]

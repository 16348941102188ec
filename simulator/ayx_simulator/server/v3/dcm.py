"""Data connections: those of the Server, and those of the Data Connection Manager, whose ids are GUIDs."""

from __future__ import annotations

import uuid
from typing import Any

from ayx_simulator.server.http_errors import ApiError, json_response, not_found
from ayx_simulator.server.operations import Call, acts_out
from ayx_simulator.server.records import Record, pick

_REDUCED = ("id", "name", "connectionString", "connectionType")
_WRITTEN = ("name", "schemaName", "parameters")


@acts_out("GET /v3/serverDataConnections")
def list_server_connections(call: Call) -> Any:
    """All connections of the Server."""
    connections = call.state.data_connections.values()
    return list(connections) if call.full_view else [pick(each, _REDUCED) for each in connections]


@acts_out("GET /v3/serverDataConnections/{dataConnectionId}")
def get_server_connection(call: Call) -> Any:
    """One connection."""
    return call.found(call.state.data_connections)


@acts_out("PUT /v3/serverDataConnections/{dataConnectionId}")
def rename_server_connection(call: Call) -> Any:
    """Only the name can be changed."""
    connection = call.found(call.state.data_connections)
    connection["name"] = call.body["name"]
    return connection


@acts_out("DELETE /v3/serverDataConnections/{dataConnectionId}")
def delete_server_connection(call: Call) -> None:
    """Delete one connection."""
    del call.state.data_connections[call.found(call.state.data_connections)["id"]]


def _person(call: Call, user_id: str) -> Record:
    return {"id": user_id, "email": call.state.users[user_id]["email"]}


def _stored(call: Call, owner_id: str, known: dict[str, Record]) -> tuple[Record, bool]:
    """Write an upsert down and say whether it made a new connection; secrets are taken and forgotten."""
    body: Record = call.body
    connection_id = str(body.get("id") or "").lower()
    if connection_id and connection_id not in known:
        raise not_found()
    now, new = call.state.written_now, not connection_id
    connection_id = connection_id or str(uuid.uuid4())
    before = call.state.dcm_connections.get(connection_id, {})
    source = body["dataSource"]["object"]
    connection: Record = {
        "sharedBy": None,
        "sharedFromConnection": None,
        "connectionId": before.get("connectionId", str(uuid.uuid4())),
        "assignedConnectionIds": [],
        "createdOn": before.get("createdOn", now),
        "lastChangedOn": now,
        "owner": _person(call, owner_id),
        "sharing": before.get("sharing"),
        "id": connection_id,
        **pick(body, _WRITTEN),
        "allowInSdks": bool(body.get("allowInSdks")),
        "dataSource": {
            "id": source.get("id") or str(uuid.uuid4()),
            **pick(source, _WRITTEN),
            "drvName": source.get("drvName"),
            "host": source.get("host"),
        },
        "credentials": {role: _credential(each["object"]) for role, each in body["credentials"].items()},
    }
    call.state.dcm_connections[connection_id] = connection
    return connection, new


def _credential(given: Record) -> Record:
    secrets = {
        name: {"expiresOn": secret.get("expiresOn"), "parameters": secret["parameters"]}
        for name, secret in given["secrets"].items()
    }
    written = {"id": given.get("id") or str(uuid.uuid4()), **pick(given, _WRITTEN)}
    return {**written, "userName": given.get("userName"), "secrets": secrets}


def _accessible(call: Call) -> dict[str, Record]:
    mine = call.user.user_id
    return {key: each for key, each in call.state.dcm_connections.items() if each["owner"]["id"] == mine}


@acts_out("POST /v3/dcm/connections")
def upsert(call: Call) -> Any:
    """With an id 200 and a changed connection, without one 201 and a new one."""
    call.needs_tls()
    connection, new = _stored(call, call.user.user_id, _accessible(call))
    return json_response(connection, 201 if new else 200)


@acts_out("POST /v3/dcm/admin/connections")
def upsert_for_owner(call: Call) -> Any:
    """The same on behalf of another user."""
    call.needs_tls()
    owner = call.referenced(call.state.users, "ownerId")
    connection, new = _stored(call, owner["id"], call.state.dcm_connections)
    return json_response(connection, 201 if new else 200)


@acts_out("GET /v3/dcm/connections/{Id}")
def get_connection(call: Call) -> Any:
    """One's own connection."""
    call.needs_tls()
    return call.found(_accessible(call))


@acts_out("GET /v3/dcm/admin/connections/{id}")
def get_any_connection(call: Call) -> Any:
    """Anybody's connection."""
    call.needs_tls()
    return call.found(call.state.dcm_connections)


@acts_out("GET /v3/dcm/connections/lookup")
def look_up(call: Call) -> Any:
    """By the ``connectionId`` that workflows hold, which is not the connection's ``id``."""
    call.needs_tls()
    wanted = call.query("connectionId").lower()
    for connection in _accessible(call).values():
        if connection["connectionId"] == wanted:
            return connection
    raise ApiError(404, None)


@acts_out("GET /v3/dcm/admin/connections")
def list_connections(call: Call) -> Any:
    """A list, though the document promises one connection."""
    call.needs_tls()
    wanted, seen_by = call.query("connectionId").lower(), call.query("visibleBy").lower()
    found = [
        each
        for each in call.state.dcm_connections.values()
        if wanted in ("", each["connectionId"]) and seen_by in ("", each["owner"]["id"])
    ]
    return found if call.quirks else next(iter(found), None)


@acts_out("DELETE /v3/dcm/connections/{Id}")
def delete_connection(call: Call) -> Any:
    """Delete one's own connection."""
    call.needs_tls()
    return _deleted(call, call.found(_accessible(call)))


@acts_out("DELETE /v3/dcm/admin/connections/{id}")
def delete_any_connection(call: Call) -> Any:
    """Delete anybody's connection."""
    call.needs_tls()
    return _deleted(call, call.found(call.state.dcm_connections))


def _deleted(call: Call, connection: Record) -> Record:
    del call.state.dcm_connections[connection["id"]]
    now = call.state.written_now
    return {
        "deletedConnections": [{"id": connection["id"], "deletedOn": now}],
        "deletedDataSources": [{"id": connection["dataSource"]["id"], "deletedOn": now}],
        "deletedCredentials": [{"id": each["id"], "deletedOn": now} for each in connection["credentials"].values()],
    }


@acts_out("GET /v3/dcm/admin/connectionhandlingrules")
def list_rules(call: Call) -> Any:
    """A list, though the document promises one rule."""
    call.needs_tls()
    rules = list(call.state.handling_rules.values())
    return rules if call.quirks else next(iter(rules), None)


@acts_out("POST /v3/dcm/admin/connectionhandlingrules")
def upsert_rule(call: Call) -> Any:
    """With an id 200 and a changed rule, without one 201 and a new one."""
    call.needs_tls()
    given = str(call.body.get("id") or "").lower()
    before = call.found(call.state.handling_rules, given) if given else {}
    now, rule_id = call.state.written_now, given or str(uuid.uuid4())
    call.state.handling_rules[rule_id] = {
        "id": rule_id,
        "createdBy": before.get("createdBy", _person(call, call.user.user_id)),
        "createdOn": before.get("createdOn", now),
        "lastChangedOn": now,
        "sourceConnectionId": call.body["sourceConnectionId"],
        "sourceConnectionTitle": call.body.get("sourceConnectionTitle") or "",
        "targetConnectionId": call.body.get("targetConnectionId") or "",
        "targetConnectionTitle": call.body.get("targetConnectionTitle") or "",
    }
    return json_response(call.state.handling_rules[rule_id], 200 if given else 201)


@acts_out("GET /v3/dcm/admin/connectionhandlingrules/{id}")
def get_rule(call: Call) -> Any:
    """One rule."""
    call.needs_tls()
    return call.found(call.state.handling_rules)


@acts_out("DELETE /v3/dcm/admin/connectionhandlingrules/{id}")
def delete_rule(call: Call) -> Any:
    """Delete one rule."""
    call.needs_tls()
    rule = call.found(call.state.handling_rules)
    del call.state.handling_rules[rule["id"]]
    return {"id": rule["id"], "deletedOn": call.state.written_now}

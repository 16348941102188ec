"""What a fresh stand-in Server holds: few records, but every shape that real answers have.

Some dates have a fraction and some have none, members that the document requires are null in one record and filled in
another, and absent ids are empty strings.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from .factories import new_user, new_workflow
from .records import ApiUser, Record, written_date
from .state import Job, State, package

__all__ = ["fill"]

_STARTED = datetime(2024, 3, 10, 14, 18, 35, tzinfo=UTC)
_DCM_ID = "3f0d1d0e-52a4-4a56-9d0c-7b7f6f0a9d01"
_RULE_ID = "9a1c7f52-8f3b-4c8e-b7de-0d9f3e2b6c02"


def fill(state: State, client_id: str | None, client_secret: str | None) -> dict[str, ApiUser]:
    """Put the first records into an empty state.

    Args:
        state: The state.
        client_id: The Curator's key; ``None`` for a made-up one.
        client_secret: The Curator's secret; ``None`` for a made-up one.

    Returns:
        The users with API access: ``curator``, ``artisan`` and ``viewer``.
    """
    people = {}
    for number, role in enumerate(("Curator", "Artisan", "Viewer")):
        created = _STARTED + timedelta(days=number, microseconds=number * 603_000)
        user = new_user(state, {"firstName": role, "lastName": "Example", "role": role}, created)
        user["isApiEnabled"] = True
        people[role.lower()] = _api_user(user)
    curator = people["curator"]
    people["curator"] = ApiUser(
        curator.user_id, curator.role, client_id or curator.client_id, client_secret or curator.client_secret
    )
    _fill_organisation(state, people)
    _fill_workflows(state, people)
    _fill_connections(state, people["curator"])
    return people


def _api_user(user: Record) -> ApiUser:
    digest = hashlib.sha256(user["email"].encode()).hexdigest()
    key = f"8DA{digest[:61]}".upper()
    return ApiUser(user["id"], user["role"], key, hashlib.sha256(key.encode()).hexdigest())


def _fill_organisation(state: State, people: Mapping[str, ApiUser]) -> None:
    curator, artisan = people["curator"].user_id, people["artisan"].user_id
    studio_id = state.ids.new(_STARTED)
    state.subscriptions[studio_id] = {
        "id": studio_id,
        "name": "Example Studio",
        "credentialId": "",
        "canShareSchedules": True,
        "userIds": [user.user_id for user in people.values()],
    }
    credential_id = state.ids.new(_STARTED + timedelta(days=3))
    state.credentials[credential_id] = {
        "id": credential_id,
        "userName": "EXAMPLE\\service",
        "userIds": [artisan],
        "userGroupIds": [],
        "createdBy": curator,
        "lastUpdatedDate": written_date(_STARTED + timedelta(days=3)),
    }
    group_id = state.ids.new(_STARTED + timedelta(days=4))
    state.user_groups[group_id] = {
        "id": group_id,
        "name": "Analysts",
        "dateAdded": written_date(_STARTED + timedelta(days=4, microseconds=975_913)),
        "role": "Artisan",
        "credentialIds": [credential_id],
        "connectionIds": [],
        "members": [
            {
                "activeDirectoryObject": None,
                "userId": artisan,
                "dateAddedToGroup": written_date(_STARTED + timedelta(days=4)),
                "addedByUserId": curator,
            }
        ],
    }


def _fill_workflows(state: State, people: Mapping[str, ApiUser]) -> None:
    curator, artisan = people["curator"].user_id, people["artisan"].user_id
    question = {
        "name": "Region",
        "questionType": "QuestionTextBox",
        "description": "Which region?",
        "value": "North",
        "multiple": False,
        "items": [{"key": "North", "value": "N"}],
    }
    rows: tuple[Record, ...] = (
        {"name": "Monthly sales", "ownerId": curator, "isPublic": True, "comments": "First version"},
        {
            "name": "Sales by region",
            "ownerId": artisan,
            "packageWorkflowType": "App",
            "questions": [question],
            "hasPrivateDataExemption": False,
            "uploadSource": "Designer",
            "sourceAppId": "5c8bc1e10a1d4d1f7c3b2a10",
        },
        {"name": "Ends in an error", "ownerId": artisan, "endsIn": "Error"},
    )
    for number, row in enumerate(rows):
        created = _STARTED + timedelta(days=30 + number, microseconds=number * 45_600)
        name = f"{row['name']}.yxzp"
        new_workflow(state, {**row, "created": created, "executionMode": "Standard"}, name, package(row["name"]))
    first, second, *_ = state.workflows.values()
    collection_id = state.ids.new(_STARTED + timedelta(days=40))
    state.collections[collection_id] = {
        "id": collection_id,
        "name": "Reports",
        "ownerId": curator,
        "dateAdded": written_date(_STARTED + timedelta(days=40, microseconds=120_000)),
        "workflowIds": [first["id"]],
        "users": [{"userId": artisan, "activeDirectoryObject": None}],
        "subscriptionIds": [],
        "userGroupIds": [],
        "scheduleIds": [],
        "insightIds": [],
    }
    insight_id = state.ids.new(_STARTED + timedelta(days=42))
    state.insights[insight_id] = {"id": insight_id, "name": "Sales at a glance", "ownerId": curator}
    schedule_id = state.ids.new(_STARTED + timedelta(days=45))
    state.schedules[schedule_id] = _schedule(schedule_id, first, curator, _STARTED + timedelta(days=45))
    state.collections[collection_id]["scheduleIds"] = [schedule_id]
    job_id = state.ids.new(_STARTED + timedelta(days=50))
    job = Job(job_id, second["id"], artisan, _STARTED + timedelta(days=50, microseconds=975_913), status="Completed")
    state.jobs[job_id] = job


def _schedule(schedule_id: str, workflow: Record, owner_id: str, created: datetime) -> Record:
    """Return a schedule that has never run: dates are text, and the last run is null."""
    made = written_date(created)
    return {
        "id": schedule_id,
        "name": "Every month",
        "workflowId": workflow["id"],
        "versionId": workflow["publishedVersionId"],
        "ownerId": owner_id,
        "runDateTime": written_date(created + timedelta(days=30)),
        "comment": None,
        "enabled": True,
        "priority": "Default",
        "workerTag": "",
        "status": "Scheduled",
        "credentialId": "",
        "creationTime": made,
        "lastRunTime": None,
        "state": "Active",
        "runCount": 0,
        "iteration": {"startTime": written_date(created + timedelta(days=30)), "endTime": None},
        "frequency": "Monthly",
        "lastError": "",
        "cpuName": "",
        "lastModifiedId": owner_id,
        "lastModifiedDate": made,
        "canEdit": True,
        "timeZone": "",
        "questions": [],
    }


def _fill_connections(state: State, curator: ApiUser) -> None:
    state.usage_events = b'{"events":[]}\n'
    connection_id = state.ids.new(_STARTED + timedelta(days=60))
    state.data_connections[connection_id] = {
        "id": connection_id,
        "name": "Warehouse",
        "connectionString": "odbc:DSN=warehouse",
        "connectionType": "odbc",
        "dcmConnectionId": "",
        "dcmConnectionTitle": "",
        "userIds": [curator.user_id],
        "userGroupIds": [],
    }
    made = written_date(_STARTED + timedelta(days=61, microseconds=500_000))
    person = {"id": curator.user_id, "email": state.users[curator.user_id]["email"]}
    state.dcm_connections[_DCM_ID] = {
        "sharedBy": None,
        "sharedFromConnection": None,
        "connectionId": "c2a6d8c2-6c0e-4f5e-8f0a-4f1f1f4b7a52",
        "assignedConnectionIds": [],
        "createdOn": made,
        "lastChangedOn": made,
        "owner": person,
        "sharing": None,
        "id": _DCM_ID,
        "name": "Warehouse",
        "schemaName": "odbc",
        "parameters": {},
        "allowInSdks": False,
        "dataSource": {
            "id": "0b0f1a5e-2f43-4b47-9a2e-6f3f5f1e0c11",
            "name": "Warehouse",
            "schemaName": "odbc",
            "parameters": {},
            "drvName": None,
            "host": None,
        },
        "credentials": {},
    }
    state.handling_rules[_RULE_ID] = {
        "id": _RULE_ID,
        "createdBy": person,
        "createdOn": made,
        "lastChangedOn": made,
        "sourceConnectionId": _DCM_ID,
        "sourceConnectionTitle": "Warehouse",
        "targetConnectionId": _DCM_ID,
        "targetConnectionTitle": "Warehouse",
    }

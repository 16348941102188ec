"""New users, workflows and versions, with the Server's defaults for what is left out."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from .records import Record, written_date
from .state import State

__all__ = ["new_user", "new_version", "new_workflow"]

_PERMISSIONS = ("canScheduleJobs", "canPrioritizeJobs", "canAssignJobs", "canCreateCollections")
_DCM_PERMISSIONS = (
    "canCreateAndUpdateDcm",
    "canShareForExecutionDcm",
    "canShareForCollaborationDcm",
    "canManageGenericVaultsDcm",
)
_DETAILS: Mapping[str, str] = dict.fromkeys(
    ("copyright", "description", "noOutputFilesMessage", "outputMessage", "url", "urlText"), ""
)


def new_user(state: State, given: Record, created: datetime | None = None) -> Record:
    """Add a user; what ``given`` leaves out has the Server's default."""
    created = created or state.now()
    first, last = given.get("firstName", ""), given.get("lastName", "")
    user_id = state.ids.new(created)
    may = given.get("role") in ("Artisan", "Curator")
    user: Record = {
        "id": user_id,
        "firstName": first,
        "lastName": last,
        "email": f"{first}.{last}@example.com".lower(),
        "role": "Evaluated",
        "defaultWorkerTag": "",
        **dict.fromkeys(_PERMISSIONS, may),
        "isApiEnabled": False,
        "defaultCredentialId": "",
        "isAccountLocked": False,
        "isActive": True,
        # A user who never signed in has no such date.
        "lastLoginDateTime": written_date(created + timedelta(days=400)) if may else None,
        "isValidated": True,
        "sharedCredentialIds": [],
        "dataConnectionIds": [],
        "timeZone": "",
        "language": "en-us",
        **dict.fromkeys(_DCM_PERMISSIONS, may),
        "dateCreated": written_date(created),
    }
    state.users[user_id] = user | {name: value for name, value in given.items() if value is not None}
    return state.users[user_id]


def new_version(state: State, workflow: Record, given: Record, file_name: str, content: bytes) -> Record:
    """Add a version to a workflow record; the first one, and one that asks for it, is published."""
    created = given.get("created") or state.now()
    version_id = state.ids.new(created)
    stem = file_name.rpartition(".")[0] or file_name
    version: Record = {
        "versionId": version_id,
        "versionNumber": len(workflow["versions"]) + 1,
        "dateCreated": written_date(created),
        "uploadSource": given.get("uploadSource", "ServerUIorServerAPI"),
        "uploadDate": written_date(created + timedelta(milliseconds=120)),
        "packageWorkflowType": given.get("packageWorkflowType", "Module"),
        "published": False,
        # Required by the document, and null on real Servers if nobody wrote a comment.
        "comments": given.get("comments"),
        "runDisabled": False,
        "executionMode": given.get("executionMode", "Safe"),
        "workflowCredentialType": given.get("workflowCredentialType", "Default"),
        "credentialId": given.get("credentialId", ""),
        "hasPrivateDataExemption": given.get("hasPrivateDataExemption"),
        "othersMayDownload": given.get("othersMayDownload", True),
        "othersCanViewHistory": True,
        "details": {
            "isAmp": True,
            "fileName": f"{stem}.yxmd",
            "author": "",
            "name": given.get("name", stem),
            **_DETAILS,
        },
    }
    workflow["versions"].append(version)
    state.packages[version_id] = (file_name, content)
    if len(workflow["versions"]) == 1 or given.get("makePublished"):
        for each in workflow["versions"]:
            each["published"] = each is version
        workflow["publishedVersionId"] = version_id
        workflow["packageWorkflowType"] = version["packageWorkflowType"]
    return version


def new_workflow(state: State, given: Record, file_name: str, content: bytes) -> Record:
    """Add a workflow with its first version."""
    created = given.get("created") or state.now()
    workflow_id = state.ids.new(created)
    workflow: Record = {
        "id": workflow_id,
        "sourceAppId": given.get("sourceAppId", ""),
        "dateCreated": written_date(created),
        "runCount": 0,
        "versions": [],
        "name": given["name"],
        "ownerId": given["ownerId"],
        "workerTag": given.get("workerTag", ""),
        "districtTags": given.get("districtTags", []),
        "comments": given.get("comments", ""),
        "isPublic": given.get("isPublic", False),
        "isReadyForMigration": given.get("isReadyForMigration", False),
        "publishedVersionId": "",
        "othersMayDownload": given.get("othersMayDownload", True),
        "othersCanViewHistory": True,
        "othersCanExecute": given.get("othersCanExecute", True),
        "executionMode": given.get("executionMode", "Safe"),
        "hasPrivateDataExemption": given.get("hasPrivateDataExemption"),
        "packageWorkflowType": "Module",
        "questions": given.get("questions", []),
        "endsIn": given.get("endsIn", "Success"),
    }
    new_version(state, workflow, given, file_name, content)
    state.workflows[workflow_id] = workflow
    return workflow

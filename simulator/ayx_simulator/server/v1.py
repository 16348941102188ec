"""The subscription API and the V1 admin API: the calls that the old Gallery API had, over OAuth2."""

from __future__ import annotations

from typing import Any

from werkzeug.wrappers import Response

from .factories import new_workflow
from .http_errors import not_found, refused
from .operations import Call, acts_out
from .records import Record, pick, written_date
from .state import Job
from .v3 import workflows
from .v3.jobs import FORMATS, enqueue, found_job, jobs_of_workflow, messages, output_id
from .v3.subscriptions import subscription_of

__all__ = ["job_view"]

_META_INFO = ("name", "description", "author", "copyright", "url", "urlText", "outputMessage", "noOutputFilesMessage")
_PACKAGE_TYPES = {"0": "App", "1": "Module", "2": "Macro"}
_CONTENT: dict[str, tuple[str, bytes]] = {
    "csv": ("text/csv", b"Region,Sales\r\nNorth,12\r\n"),
    "xlsx": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", b"PK\x03\x04xlsx"),
    "yxdb": ("application/octet-stream", b"Alteryx Database File"),
}


def _workflow_view(call: Call, workflow: Record) -> Record:
    version = call.state.published_version(workflow)
    return {
        "id": workflow["id"],
        "subscriptionId": subscription_of(call, workflow["ownerId"]),
        "public": workflow["isPublic"],
        "runDisabled": version["runDisabled"],
        "packageType": workflow["packageWorkflowType"],
        "uploadDate": version["uploadDate"],
        "fileName": version["details"]["fileName"],
        "metaInfo": {**pick(version["details"], _META_INFO), "name": workflow["name"]},
        "isChained": False,
        "version": version["versionNumber"],
        "runCount": workflow["runCount"],
        "workerTag": workflow["workerTag"],
        "isE2": version["details"]["isAmp"],
    }


def _selected(call: Call, found: list[Record]) -> list[Record]:
    search, kind = call.query("search").lower(), _PACKAGE_TYPES.get(call.query("packageType"))
    found = [each for each in found if search in each["name"].lower() and kind in (None, each["packageWorkflowType"])]
    if call.query("sortField").lower() == "name":
        found.sort(key=lambda each: str(each["name"]), reverse=call.query("direction").lower() == "desc")
    return call.page(found)


@acts_out("GET /v1/workflows/subscription")
def studio_workflows(call: Call) -> Any:
    """The workflows of the user's studio."""
    studio = subscription_of(call, call.user.user_id)
    found = [each for each in call.state.workflows.values() if subscription_of(call, each["ownerId"]) == studio]
    return [_workflow_view(call, each) for each in _selected(call, found)]


@acts_out("GET /v1/workflows/{appId}/questions")
def questions(call: Call) -> Any:
    """The same questions as in V3; the kind of a question is called ``type`` here, ``multiple`` is text."""
    return [
        {
            "name": each["name"],
            "type": each["questionType"],
            "description": each["description"],
            "value": each["value"],
            "items": each["items"],
            "multiple": str(each["multiple"]),
        }
        for each in workflows.visible_workflow(call)["questions"]
    ]


def job_view(job: Job, *, with_messages: bool = True) -> Record:
    """``JobApiView``: what V3 calls availableFormats and fileName is formats and name here."""
    done = job.status == "Completed" and job.ends_in != "Error"
    return {
        "id": job.id,
        "appId": job.workflow_id,
        "createDate": written_date(job.created),
        "status": job.status,
        "disposition": job.disposition,
        "outputs": [{"id": output_id(job), "formats": list(FORMATS), "name": "output"}] if done else [],
        "messages": messages(job) if with_messages else [],
        "priority": job.priority,
        "workerTag": job.worker_tag,
        "runWithE2": True,
    }


@acts_out("POST /v1/workflows/{appId}/jobs")
def run_workflow(call: Call) -> Any:
    """Run; the answer says ``Queued``."""
    return job_view(enqueue(call))


@acts_out("GET /v1/workflows/{appId}/jobs")
def list_jobs(call: Call) -> Any:
    """The runs of one workflow."""
    members = ("id", "createDate", "status", "disposition", "priority", "workerTag")
    return [{**pick(job_view(job), members), "runWithE2": "True"} for job in jobs_of_workflow(call)]


@acts_out("GET /v1/jobs/{id}")
def get_job(call: Call) -> Any:
    """One run."""
    return job_view(call.state.polled(found_job(call)), with_messages=call.flag("includeMessages", default=True))


@acts_out("GET /v1/jobs/{id}/output/{outputId}")
def download_output(call: Call) -> Any:
    """A run's output; V3 has no such operation."""
    job = found_job(call)
    outputs = {each["id"] for each in job_view(job)["outputs"]}
    if call.path[1].lower() not in outputs:
        raise not_found()
    wanted = call.query("format").lower()
    if wanted not in _CONTENT:
        raise refused(f"The format '{call.query('format')}' is not available.")
    content_type, content = _CONTENT[wanted]
    headers = {"Content-Disposition": f'attachment; filename="output.{wanted}"'}
    return Response(content, content_type=content_type, headers=headers)


@acts_out("GET /admin/v1/workflows")
def admin_workflows(call: Call) -> Any:
    """All workflows with what only Curators see."""
    return [_admin_view(call, each) for each in _selected(call, list(call.state.workflows.values()))]


def _admin_view(call: Call, workflow: Record) -> Record:
    owner = call.state.users.get(workflow["ownerId"], {})
    studio = subscription_of(call, workflow["ownerId"])
    version = call.state.published_version(workflow)
    return {
        "publishedVersionId": workflow["publishedVersionId"],
        "publishedVersionNumber": version["versionNumber"],
        "publishedVersionOwner": {
            "id": workflow["ownerId"],
            "firstName": owner.get("firstName", ""),
            "lastName": owner.get("lastName", ""),
            "sId": None,
            "subscriptionId": studio,
            "email": owner.get("email", ""),
            "active": owner.get("isActive", False),
        },
        "collections": [
            {"collectionName": each["name"], "collectionId": each["id"]}
            for each in call.state.collections.values()
            if workflow["id"] in each["workflowIds"]
        ],
        "lastRunDate": None,
        "subscriptionName": call.state.subscriptions.get(studio, {}).get("name", ""),
        **_workflow_view(call, workflow),
    }


@acts_out("GET /admin/v1/workflows/jobs")
def latest_jobs(call: Call) -> Any:
    """The last run of each workflow."""
    wanted = {each.strip().lower() for each in call.query("appIds").split(",")} - {""}
    latest: dict[str, Job] = {}
    for job in sorted(call.state.jobs.values(), key=lambda each: each.created):
        if not wanted or job.workflow_id in wanted:
            latest[job.workflow_id] = call.state.by_time(job)
    shown = call.flag("includeMessages", default=True)
    return [job_view(job, with_messages=shown) for job in latest.values()]


@acts_out("GET /admin/v1/workflows/migratable")
def migratable(call: Call) -> Any:
    """Workflows that are marked as ready for migration."""
    wanted = {each.strip().lower() for each in call.query("subscriptionIds").split(",")} - {""}
    rows = [
        {
            "id": each["id"],
            "publishedVersionId": each["publishedVersionId"],
            "subscriptionId": subscription_of(call, each["ownerId"]),
        }
        for each in call.state.workflows.values()
        if each["isReadyForMigration"]
    ]
    return [row for row in rows if not wanted or row["subscriptionId"] in wanted]


@acts_out("PUT /admin/v1/workflows/migratable/{appId}")
def set_migratable(call: Call) -> Any:
    """Mark a workflow; the body is a bare JSON boolean."""
    workflow = call.found(call.state.workflows)
    workflow["isReadyForMigration"] = bool(call.body)
    return workflow["id"]


@acts_out("POST /admin/v1/workflows")
def publish(call: Call) -> Any:
    """Upload; ``owner`` is an address or an id, and the answer is the new id as a JSON string."""
    uploaded, owner = call.request.files.get("file"), str(call.body.get("owner", "")).lower()
    owners = [each["id"] for each in call.state.users.values() if owner in (each["id"], each["email"].lower())]
    if uploaded is None or not owners:
        raise refused()
    given = {
        "name": call.body["name"],
        "ownerId": owners[0],
        "isPublic": call.body["isPublic"].lower() == "true",
        "othersMayDownload": call.body["canDownload"].lower() == "true",
        "sourceAppId": call.body.get("sourceId", ""),
        "workerTag": call.body.get("workerTag", ""),
        "comments": call.body.get("comments", ""),
    }
    return new_workflow(call.state, given, uploaded.filename or "workflow.yxzp", uploaded.read())["id"]


@acts_out("GET /admin/v1/subscriptions")
def admin_subscriptions(call: Call) -> Any:
    """All studios, paged."""
    return call.page(
        [
            {
                "active": True,
                "expirationDate": "",
                "memberPassesPurchased": 0,
                "memberPassesUsed": 0,
                "name": each["name"],
                "primaryContactInfo": None,
                "id": each["id"],
            }
            for each in call.state.subscriptions.values()
        ]
    )


@acts_out("GET /admin/v1/users")
def admin_users(call: Call) -> Any:
    """All users, paged."""
    return call.page([_admin_user(call, each) for each in call.state.users.values()])


def _admin_user(call: Call, user: Record) -> Record:
    return {
        "accountLocked": user["isAccountLocked"],
        "accountLockedAt": None,
        "active": user["isActive"],
        "anonymous": False,
        "canSchedule": user["canScheduleJobs"],
        "canSetPriority": user["canPrioritizeJobs"],
        "canSetWorkerAssignment": user["canAssignJobs"],
        "curator": user["role"] == "Curator",
        "dateAdded": user["dateCreated"],
        "dateUpdated": user["dateCreated"],
        "email": user["email"],
        "expirationDate": "",
        "firstName": user["firstName"],
        "lastName": user["lastName"],
        "numFailedLogins": 0,
        "pending": False,
        "subscriptionId": subscription_of(call, user["id"]),
        "updateLastLoginDate": user["lastLoginDateTime"],
        "userProfile": {"picture": "", "iconId": ""},
        "validated": user["isValidated"],
        "timezone": user["timeZone"],
        "language": user["language"],
        "id": user["id"],
    }

"""Workflows: upload, versions, package, questions, transfer."""

from __future__ import annotations

import io
import json
import zipfile
from typing import Any

from werkzeug.wrappers import Response

from ayx_simulator.server.factories import new_version, new_workflow
from ayx_simulator.server.http_errors import ApiError, not_authorized, refused
from ayx_simulator.server.operations import Call, acts_out
from ayx_simulator.server.records import Record, parse_date, pick

from .users import new_owner_of

_INTERNAL = ("questions", "endsIn")
_FLAGS = (
    "isPublic",
    "isReadyForMigration",
    "othersMayDownload",
    "othersCanExecute",
    "hasPrivateDataExemption",
    "makePublished",
)
_CHOICES = {
    "executionMode": ("Safe", "SemiSafe", "Standard"),
    "workflowCredentialType": ("Default", "Required", "Specific"),
}
_OF_VERSION = ("executionMode", "workflowCredentialType", "credentialId", "hasPrivateDataExemption")


def visible(call: Call, workflow: Record) -> bool:
    """Whether the user may see a workflow: Curators all, others their own and public ones."""
    return call.is_curator or workflow["ownerId"] == call.user.user_id or workflow["isPublic"]


def visible_workflow(call: Call) -> Record:
    """Return the workflow that the path names.

    Raises:
        ApiError: 404, there is none, or the user may not know of it.
    """
    return call.found({key: each for key, each in call.state.workflows.items() if visible(call, each)})


def _full(workflow: Record) -> Record:
    return {name: value for name, value in workflow.items() if name not in _INTERNAL}


@acts_out("GET /v3/workflows")
def list_workflows(call: Call) -> Any:
    """All that the user may see, in one array: ``offset`` and ``limit`` are no parameters here."""
    found = [each for each in call.state.workflows.values() if visible(call, each)]
    name, owner, after, before = map(call.query, ("name", "ownerId", "createdAfter", "createdBefore"))
    found = [
        each
        for each in found
        if name.lower() in each["name"].lower()
        and owner.lower() in ("", each["ownerId"])
        and (not after or parse_date(each["dateCreated"]) > parse_date(after))
        and (not before or parse_date(each["dateCreated"]) < parse_date(before))
    ]
    if not call.full_view:
        return [_reduced(call, each) for each in found]
    # The full form lacks two members that the document, which knows the short form only, calls required.
    return [_full(each) if call.quirks else _reduced(call, each) | _full(each) for each in found]


def _reduced(call: Call, workflow: Record) -> Record:
    version = call.state.published_version(workflow)
    return {
        **pick(workflow, ("id", "sourceAppId", "name", "ownerId", "dateCreated")),
        "publishedVersionNumber": version["versionNumber"],
        "isAmp": version["details"]["isAmp"],
        "executionMode": workflow["executionMode"],
    }


@acts_out("GET /v3/workflows/{workflowId}")
def get_workflow(call: Call) -> Any:
    """One workflow with its versions."""
    return _full(visible_workflow(call))


def _form(call: Call) -> tuple[Record, str, bytes]:
    """Read an upload: the fields with their types, the file's name and content.

    Raises:
        ApiError: 400, the file is missing or no workflow package, or a field does not fit.
    """
    form: Record = dict(call.body)
    problems: dict[str, list[str]] = {}
    uploaded = call.request.files.get("file")
    for name, allowed in _CHOICES.items():
        if form.get(name) and form[name] not in allowed:
            problems[name] = [f"The value '{form[name]}' is not valid for {name}."]
    for name in _FLAGS:
        if name in form and form[name].lower() not in ("true", "false"):
            problems[name] = [f"The value '{form[name]}' is not valid for {name}."]
        elif name in form:
            form[name] = form[name].lower() == "true"
    if uploaded is None or not (uploaded.filename or "").lower().endswith(".yxzp"):
        problems["file"] = ["A workflow package (.yxzp) is required."]
        raise refused(model_state=problems)
    content = uploaded.read()
    if not zipfile.is_zipfile(io.BytesIO(content)):
        problems["file"] = ["The file is not a workflow package."]
    if str(form.get("ownerId", "")).lower() not in call.state.users:
        problems["ownerId"] = ["The owner was not found."]
    if problems:
        raise refused(model_state=problems)
    return form, uploaded.filename or "", content


def _list(form: Record, name: str) -> list[str]:
    """Read one of the two form fields that hold a JSON array."""
    try:
        found = json.loads(form.get(name) or "[]")
    except ValueError:
        found = None
    if not isinstance(found, list):
        raise refused(model_state={name: [f"The value of {name} is not a JSON array."]})
    return [str(each) for each in found]


@acts_out("POST /v3/workflows")
def create_workflow(call: Call) -> Any:
    """Upload; the answer is the new id as a JSON string. A ``sourceAppId`` may be used once."""
    form, file_name, content = _form(call)
    if call.user.role not in ("Artisan", "Curator"):
        raise not_authorized()
    source = form.get("sourceAppId")
    if source and any(each["sourceAppId"] == source for each in call.state.workflows.values()):
        raise refused("A workflow with this sourceAppId already exists.")
    form["districtTags"] = _list(form, "districtTags")
    collections = [call.found(call.state.collections, each) for each in _list(form, "collectionIds")]
    workflow = new_workflow(call.state, form, file_name, content)
    for collection in collections:
        collection["workflowIds"] = [*collection["workflowIds"], workflow["id"]]
    return workflow["id"]


@acts_out("POST /v3/workflows/{workflowId}/versions")
def add_version(call: Call) -> Any:
    """Upload a further version."""
    workflow = visible_workflow(call)
    call.own_or_curator(workflow["ownerId"])
    form, file_name, content = _form(call)
    new_version(call.state, workflow, form, file_name, content)
    return _full(workflow)


@acts_out("PUT /v3/workflows/{workflowId}")
def update_workflow(call: Call) -> Any:
    """Replace what can be changed, of the workflow and of one of its versions."""
    workflow = call.found(call.state.workflows)
    body: Record = call.body
    versions = {each["versionId"]: each for each in call.state.versions_of(workflow)}
    version = versions.get(body["versionId"].lower())
    if version is None:
        raise refused(model_state={"updateWorkflowContract.versionId": ["The version was not found."]})
    call.referenced(call.state.users, "ownerId")
    version.update({name: body[name] for name in _OF_VERSION if name in body})
    if body["makePublished"]:
        for each in versions.values():
            each["published"] = each is version
        workflow["publishedVersionId"] = version["versionId"]
    workflow.update({name: value for name, value in body.items() if name in workflow and name not in _INTERNAL})
    return _full(workflow)


@acts_out("DELETE /v3/workflows/{workflowId}")
def delete_workflow(call: Call) -> None:
    """Refused while it has schedules, unless forced."""
    workflow = call.found(call.state.workflows)
    scheduled = [each for each in call.state.schedules.values() if each["workflowId"] == workflow["id"]]
    if scheduled and not call.flag("force"):
        raise refused("The workflow has schedules.")
    for schedule in scheduled:
        del call.state.schedules[schedule["id"]]
    for collection in call.state.collections.values():
        collection["workflowIds"] = [each for each in collection["workflowIds"] if each != workflow["id"]]
    del call.state.workflows[workflow["id"]]


def _version_id(call: Call, workflow: Record) -> str:
    wanted = call.query("versionId").lower() or workflow["publishedVersionId"]
    if wanted not in {each["versionId"] for each in call.state.versions_of(workflow)}:
        raise refused("The version was not found.")
    return str(wanted)


@acts_out(
    "GET /v3/workflows/{workflowId}/package",
    "GET /v1/workflows/{appId}/package",
    "GET /v1/{appId}/package",
    "GET /admin/v1/{appId}/package",
)
def download(call: Call) -> Any:
    """The package's octets; 403 if its owner does not share them."""
    workflow = visible_workflow(call)
    if not workflow["othersMayDownload"] and not call.is_curator and workflow["ownerId"] != call.user.user_id:
        raise ApiError(403, None)
    file_name, content = call.state.packages[_version_id(call, workflow)]
    disposition = f'attachment; filename="{file_name}"'
    return Response(content, content_type="application/octet-stream", headers={"Content-Disposition": disposition})


@acts_out("GET /v3/workflows/{workflowId}/questions")
def get_questions(call: Call) -> Any:
    """What an analytic app asks; empty for a plain workflow."""
    workflow = visible_workflow(call)
    _version_id(call, workflow)
    return workflow["questions"]


@acts_out("PUT /v3/workflows/{workflowId}/transfer")
def transfer_workflow(call: Call) -> None:
    """Give a workflow to another owner; errors are bare strings."""
    if call.path[0].lower() not in call.state.workflows:
        raise ApiError(404, "The workflow was not found.")
    workflow = call.found(call.state.workflows)
    if not call.is_curator and workflow["ownerId"] != call.user.user_id:
        raise ApiError(403, "Only the owner or a Curator can transfer the workflow.")
    workflow["ownerId"] = new_owner_of(call.state, call.body["ownerId"])
    for schedule in call.state.schedules.values():
        if call.body["transferSchedules"] and schedule["workflowId"] == workflow["id"]:
            schedule["ownerId"] = workflow["ownerId"]

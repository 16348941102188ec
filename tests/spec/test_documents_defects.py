"""The defects of the Server's V3 document, one by one: ours has them, so that the conversion has to cure them."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

Document = dict[str, Any]
V3 = Path(__file__).parents[2] / "spec" / "documents" / "server-2025.2-v3.swagger.json"


def operations(document: Document) -> Iterator[tuple[str, str, Document]]:
    for path, item in document["paths"].items():
        for method, operation in item.items():
            yield path, method, operation


def references(node: object) -> Iterator[str]:
    if isinstance(node, dict):
        for key, value in node.items():
            if key == "$ref":
                yield value
            else:
                yield from references(value)
    elif isinstance(node, list):
        for value in node:
            yield from references(value)


def bare(schema: Document) -> Document:
    return {key: value for key, value in schema.items() if key != "description"}


def operation(operation_id: str, document: Document) -> Document:
    return next(found for _, _, found in operations(document) if found["operationId"] == operation_id)


def parameter(operation_id: str, name: str, document: Document) -> Document:
    found: Document = next(p for p in operation(operation_id, document)["parameters"] if p["name"] == name)
    return found


def success(operation_id: str, document: Document, code: str = "200") -> Any:
    return operation(operation_id, document)["responses"][code].get("schema")


def reference(name: str) -> Document:
    return {"$ref": f"#/definitions/{name}"}


def property_of(definition: str, name: str, document: Document) -> Document:
    found: Document = document["definitions"][definition]["properties"][name]
    return found


UPLOADS = ("Usage_UploadUsageEventsCleanupFile", "Workflows_CreateWorkflow", "Workflows_AddVersionToWorkflow")
PAGING = ("sortField", "direction", "offset", "limit")
TRANSFERS = ("Users_TransferAssets", "Workflows_TransferWorkflow")
UNREFERENCED = {"SearchUserContract", "SearchSubscriptionContract", "ReducedUserView"}


def array(name: str) -> Document:
    return {"type": "array", "items": reference(name)}


# Each known defect of the Server's V3 document, and what shows that ours has it as well.
DEFECTS: dict[str, Callable[[Document], bool]] = {
    "uploads consume application/form-data": lambda d: all(
        operation(o, d)["consumes"] == ["application/form-data"] for o in UPLOADS
    ),
    "consumes is empty on 58 operations": lambda d: sum(not o["consumes"] for _, _, o in operations(d)) == 58,
    "the user list is typed in full": lambda d: success("Users_GetUsers", d) == array("UserView"),
    "other lists are typed reduced": lambda d: all(
        success(o, d) == array(view)
        for o, view in {
            "Collections_GetCollections": "ReducedCollectionView",
            "Credentials_GetCredentials": "ReducedCredentialsView",
            "Schedules_GetSchedules": "ReducedScheduleView",
            "ServerConnections_GetServerDataConnections": "ReducedServerConnectionView",
            "Workflows_GetWorkflows": "ReducedWorkflowView",
        }.items()
    ),
    "three lists are typed as one object": lambda d: all(
        success(o, d) == reference(view)
        for o, view in {
            "Jobs_GetJobMessages": "JobMessageView",
            "DCMEAdmin_GetAllConnectionsAdmin": "DCMEGetConnectionView",
            "DCMEAdmin_GetAllDCMEConnectionHandlingRules": "DCMEConnectionHandlingRuleView",
        }.items()
    ),
    "a new subscription answers 200 object and 201 Subscription": lambda d: (
        success("Subscriptions_CreateSubscription", d) == {"type": "object"}
        and success("Subscriptions_CreateSubscription", d, "201") == reference("Subscription")
    ),
    "new ids are bare strings": lambda d: all(
        success(o, d, code) == {"type": "string"}
        for o, code in {
            "Collections_CreateCollection": "200",
            "Workflows_CreateWorkflow": "200",
            "Schedules_CreateSchedule": "201",
            "UserGroups_CreateUserGroup": "201",
        }.items()
    ),
    "a subscription is deleted by query": lambda d: (
        parameter("Subscriptions_DeleteSubscription", "subscriptionId", d)["in"] == "query"
    ),
    "two bodies are no objects": lambda d: (
        parameter("UserGroups_AddUsersToGroup", "userIds", d)["schema"]
        == {"type": "array", "items": {"type": "string"}}
        and parameter("UserGroups_AddActiveDirectoryGroupToCustomGroup", "sid", d)["schema"] == {"type": "string"}
    ),
    "path parameters differ in case between siblings": lambda d: (
        {"/v3/dcm/connections/{Id}", "/v3/dcm/connections/{id}/sharing/execution"} <= set(d["paths"])
    ),
    "path segments differ in case": lambda d: (
        {"/v3/usergroups", "/v3/collections/{collectionId}/userGroups", "/v3/DCMEConnections/{connectionId}"}
        <= set(d["paths"])
    ),
    "paging is done with strings": lambda d: all(
        parameter(o, name, d)["type"] == "string"
        for o in ("Jobs_GetJobsInQueue", "Workflows_GetJobsForWorkflow")
        for name in PAGING
    ),
    "date filters are date-times here and text there": lambda d: (
        parameter("Users_GetUsers", "createdAfter", d).get("format") == "date-time"
        and "format" not in parameter("Workflows_GetWorkflows", "createdAfter", d)
        and "format" not in parameter("Jobs_GetJobsInQueue", "completedAfter", d)
    ),
    "dates of schedules are text": lambda d: all(
        bare(property_of("ScheduleView", name, d)) == {"type": "string"}
        for name in ("runDateTime", "creationTime", "lastRunTime", "lastModifiedDate")
    ),
    "the recurrence is lost on read": lambda d: (
        list(d["definitions"]["IterationBase"]["properties"]) == ["startTime", "endTime"]
        and bare(property_of("ScheduleView", "iteration", d)) == reference("IterationBase")
    ),
    "job states disagree": lambda d: (
        "Complete" in parameter("Workflows_GetJobsForWorkflow", "status", d)["enum"]
        and "Completed" in property_of("WorkflowJobView", "status", d)["enum"]
        and "enum" not in property_of("JobView", "status", d)
    ),
    "one fact has several names": lambda d: (
        {"createDateTime", "createDate", "queueTime"}
        <= {
            member
            for view in ("JobView", "WorkflowJobView", "PagedJobSummaryView")
            for member in d["definitions"][view]["properties"]
        }
    ),
    "names carry CLR generics in brackets": lambda d: (
        {name for name in d["definitions"] if "[" in name}
        == {
            "PagedResponse[PagedJobSummaryView]",
            "DCMEObjectWrapperContract[DCMEDataSourceContract]",
            "DCMEObjectWrapperContract[DCMECredentialContract]",
        }
        == {r.removeprefix("#/definitions/") for r in references(d) if "[" in r}
    ),
    "three definitions are referenced nowhere": lambda d: (
        set(d["definitions"]) - {r.removeprefix("#/definitions/") for r in references(d)} == UNREFERENCED
    ),
    "errors have no schema but a few": lambda d: (
        {
            json.dumps(response["schema"])
            for _, _, o in operations(d)
            for code, response in o["responses"].items()
            if code >= "400" and "schema" in response
        }
        == {json.dumps({"type": "string"}), json.dumps(reference("InvalidRequestResponseBody"))}
    ),
    "transfers list 500 first": lambda d: all(next(iter(operation(o, d)["responses"])) == "500" for o in TRANSFERS),
    "nothing is nullable": lambda d: "nullable" not in json.dumps(d),
    "required lists of updates are long": lambda d: (
        [
            len(d["definitions"][name]["required"])
            for name in ("UpdateWorkflowContract", "UpdateUserContract", "UpdateScheduleContract")
        ]
        == [14, 14, 9]
    ),
    "enumerations hide in prose": lambda d: (
        "enum" not in parameter("Workflows_CreateWorkflow", "executionMode", d)
        and "enum" not in property_of("CreateUserContract", "role", d)
    ),
    "form fields hold JSON arrays as text": lambda d: all(
        parameter("Workflows_CreateWorkflow", name, d)["type"] == "string" for name in ("districtTags", "collectionIds")
    ),
    "downloads have no schema": lambda d: all(
        success(o, d) is None and operation(o, d)["produces"] == ["application/octet-stream"]
        for o in ("Usage_GetUsage", "Workflows_DownloadWorkflow")
    ),
    "descriptions hold line ends, markup and JSON": lambda d: all(
        mark in operation(o, d)["description"]
        for o, mark in {
            "DCME_UpsertDcmConnection": "\r\n```json\r\n",
            "DCMEAdmin_UpsertDcmConnection": "\r\n```json\r\n",
            "Schedules_UpdateSchedulePatch": '<a href="',
        }.items()
    ),
    "no flags, examples or extensions": lambda d: (
        not re.search(r'"(deprecated|example|examples|discriminator|readOnly|x-[^"]*)":', json.dumps(d))
    ),
}


@pytest.mark.parametrize("defect", DEFECTS)
def test_v3_has_the_defects_of_the_server(defect: str) -> None:
    assert DEFECTS[defect](json.loads(V3.read_bytes()))

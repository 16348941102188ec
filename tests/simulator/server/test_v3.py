from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from ayx_simulator import ApiUser, Simulator
from ayx_simulator.server.records import ObjectIds, parse_date, written_date
from hypothesis import given
from hypothesis import strategies as st


def package(name: str = "Uploaded.yxmd") -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(name, "<AlteryxDocument/>")
    return buffer.getvalue()


def upload_fields(owner_id: str, **more: str) -> dict[str, str]:
    return {
        "name": "Uploaded",
        "ownerId": owner_id,
        "isPublic": "False",
        "isReadyForMigration": "false",
        "othersMayDownload": "true",
        "othersCanExecute": "true",
        "executionMode": "Safe",
        "workflowCredentialType": "Default",
        **more,
    }


def workflow_named(api: httpx.Client, name: str) -> dict[str, Any]:
    (found,) = api.get("/v3/workflows", params={"name": name, "view": "Full"}).json()
    return dict(found)


# Users


def test_the_user_list_is_short_unless_the_full_view_is_asked_for(api: httpx.Client) -> None:
    short, full = api.get("/v3/users").json(), api.get("/v3/users", params={"view": "Full"}).json()
    assert set(short[0]) == {"id", "firstName", "lastName", "email", "isActive", "role", "dateCreated"}
    assert len(short) == len(full) == 3
    assert {"canCreateAndUpdateDcm", "timeZone", "sharedCredentialIds"} <= set(full[0])
    assert "dateCreated" not in full[0]


def test_both_shapes_of_dates_and_nulls_occur(api: httpx.Client) -> None:
    dates = [user["dateCreated"] for user in api.get("/v3/users").json()]
    assert {len(date) for date in dates} > {20}
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d*[1-9])?Z", date) for date in dates)
    logins = [user["lastLoginDateTime"] for user in api.get("/v3/users", params={"view": "Full"}).json()]
    assert None in logins
    assert any(logins)
    comments = [
        version["comments"]
        for workflow in api.get("/v3/workflows", params={"view": "Full"}).json()
        for version in workflow["versions"]
    ]
    assert set(comments) == {None, "First version"}


def test_user_filters(ayx_simulator: Simulator, api: httpx.Client) -> None:
    (artisan,) = api.get("/v3/users", params={"role": "Artisan"}).json()
    assert artisan["id"] == ayx_simulator.artisan.user_id
    assert api.get("/v3/users", params={"createdAfter": "2030-01-01T00:00:00Z"}).json() == []
    wrong = api.get("/v3/users", params={"view": "Everything"})
    assert wrong.status_code == 400
    assert list(wrong.json()["modelState"]) == ["view"]


def test_creating_a_user_validates_and_defaults_to_evaluated(api: httpx.Client) -> None:
    refused = api.post("/v3/users", json={"firstName": "", "email": "a@example.com"})
    assert refused.status_code == 400
    assert refused.json()["message"] == "The request is invalid."
    assert set(refused.json()["modelState"]) == {"userContract.firstName", "userContract.lastName"}
    created = api.post("/v3/users", json={"firstName": "A", "lastName": "B", "email": "a@example.com"})
    assert (created.status_code, created.json()["role"]) == (201, "Evaluated")
    assert api.get(f"/v3/users/{created.json()['id']}").json()["email"] == "a@example.com"
    again = api.post("/v3/users", json={"firstName": "A", "lastName": "B", "email": "A@example.com"})
    assert again.status_code == 400


def test_put_replaces_the_whole_user(ayx_simulator: Simulator, api: httpx.Client) -> None:
    address = f"/v3/users/{ayx_simulator.viewer.user_id}"
    full = api.get(address).json()
    partial = api.put(address, json={"firstName": "New"})
    assert partial.status_code == 400
    assert len(partial.json()["modelState"]) == 14
    changed = api.put(address, json=full | {"firstName": "New"})
    assert (changed.status_code, changed.json()["firstName"]) == (200, "New")


def test_a_user_who_owns_something_cannot_be_deleted(ayx_simulator: Simulator, api: httpx.Client) -> None:
    answer = api.delete(f"/v3/users/{ayx_simulator.artisan.user_id}")
    assert answer.status_code == 409
    assert isinstance(answer.json(), str)
    assert api.delete(f"/v3/users/{ayx_simulator.viewer.user_id}").status_code == 200
    assert api.get(f"/v3/users/{ayx_simulator.viewer.user_id}").status_code == 404


def test_asset_transfer_wants_an_artisan_and_errs_in_bare_strings(ayx_simulator: Simulator, api: httpx.Client) -> None:
    address = f"/v3/users/{ayx_simulator.curator.user_id}/assetTransfer"
    body = {"transferWorkflows": True, "transferSchedules": False, "transferCollections": True}
    refused = api.put(address, json=body | {"ownerId": ayx_simulator.viewer.user_id})
    assert (refused.status_code, type(refused.json())) == (400, str)
    moved = api.put(address, json=body | {"ownerId": ayx_simulator.artisan.user_id})
    (schedule,) = ayx_simulator.state.schedules
    assert moved.json() == [{"affectedScheduleId": schedule}]
    assets = api.get(f"/v3/users/{ayx_simulator.artisan.user_id}/assets", params={"assetType": "Workflows"}).json()
    assert len(assets["workflows"]) == 3


def test_deactivating_leaves_the_groups(ayx_simulator: Simulator, api: httpx.Client) -> None:
    (group,) = api.get("/v3/usergroups").json()
    assert api.post(f"/v3/users/{ayx_simulator.artisan.user_id}/deactivate").json() == [group["id"]]
    assert api.get(f"/v3/usergroups/{group['id']}").json()["members"] == []


# Roles


@pytest.mark.parametrize("path", ["/v3/users", "/v3/collections", "/v3/jobs", "/admin/v1/subscriptions/"])
def test_a_missing_role_is_401_too(
    ayx_simulator: Simulator, api_as: Callable[[ApiUser], httpx.Client], path: str
) -> None:
    answer = api_as(ayx_simulator.artisan).get(path)
    assert (answer.status_code, answer.json()) == (401, {"message": "Authorization has been denied for this request."})


def test_what_users_see_depends_on_who_they_are(
    ayx_simulator: Simulator, api_as: Callable[[ApiUser], httpx.Client]
) -> None:
    seen = {
        name: {each["name"] for each in api_as(user).get("/v3/workflows").json()}
        for name, user in ayx_simulator.users.items()
    }
    assert seen["viewer"] == {"Monthly sales"}
    assert seen["curator"] == seen["artisan"] == {"Monthly sales", "Sales by region", "Ends in an error"}
    assert api_as(ayx_simulator.viewer).get("/v1/workflows/subscription").status_code == 401


# Routing


@pytest.mark.parametrize(
    "path", ["/v3/Workflows", "/V3/WORKFLOWS/", "//v3//workflows", "/v3/usergroups/", "/v3/userGroups"]
)
def test_paths_are_forgiving(ayx_simulator: Simulator, api: httpx.Client, path: str) -> None:
    assert api.get(ayx_simulator.web_api_address + path).status_code == 200


def test_unknown_paths_and_methods(api: httpx.Client) -> None:
    unknown = api.get("/v3/insights")
    assert unknown.status_code == 404
    assert unknown.json()["message"].startswith("No HTTP resource was found that matches the request URI")
    wrong = api.patch("/v3/users")
    assert (wrong.status_code, wrong.headers["allow"]) == (405, "GET, POST")


def test_lookup_is_no_id(ayx_simulator: Simulator, api: httpx.Client) -> None:
    (connection,) = ayx_simulator.state.dcm_connections.values()
    found = api.get("/v3/dcm/connections/lookup", params={"connectionId": connection["connectionId"]})
    assert found.json()["id"] == connection["id"]
    assert api.get("/v3/dcm/connections/lookup").status_code == 400
    assert api.get(f"/v3/dcm/connections/{connection['id'].upper()}").json()["id"] == connection["id"]


def test_lists_that_the_document_calls_one_object_are_lists(ayx_simulator: Simulator, api: httpx.Client) -> None:
    (job,) = ayx_simulator.state.jobs
    for path in ("/v3/dcm/admin/connections", "/v3/dcm/admin/connectionhandlingrules", f"/v3/jobs/{job}/messages"):
        assert isinstance(api.get(path).json(), list)


def test_a_body_of_another_media_type_is_415_and_broken_json_400(api: httpx.Client) -> None:
    text = api.post("/v3/collections", content=b"name", headers={"Content-Type": "text/plain"})
    assert text.status_code == 415
    assert "text/plain" in text.json()["message"]
    broken = api.post("/v3/collections", content=b"{", headers={"Content-Type": "application/json"})
    assert broken.status_code == 400
    assert api.post("/v3/collections").status_code == 400


def test_over_plain_http_dcm_and_credentials_refuse() -> None:
    with Simulator(plain_http=True) as server, httpx.Client(base_url=server.web_api_address, trust_env=False) as web:
        form = {"grant_type": "client_credentials"}
        token = web.post("/oauth2/token", data=form, auth=(server.client_id, server.client_secret)).json()
        headers = {"Authorization": f"Bearer {token['access_token']}"}
        assert web.get("/v3/dcm/admin/connections", headers=headers).status_code == 400
        body = {"username": "u", "password": "p"}
        assert web.post("/v3/credentials", json=body, headers=headers).status_code == 400
        assert web.get("/v3/workflows", headers=headers).status_code == 200


# Collections, groups, credentials, subscriptions


def test_the_life_of_a_collection(ayx_simulator: Simulator, api: httpx.Client) -> None:
    created = api.post("/v3/collections", json={"name": "Mine"})
    assert re.fullmatch(r'"[0-9a-f]{24}"', created.text)
    address = f"/v3/collections/{created.json()}"
    workflow = api.get("/v3/workflows").json()[0]["id"]
    permissions = {"collectionsPermissions": {"isAdmin": False}}
    user = ayx_simulator.viewer.user_id
    assert api.post(f"{address}/workflows", json={"workflowId": workflow}).json()["workflowIds"] == [workflow]
    assert api.post(f"{address}/users", json={"userId": user, **permissions}).json()["users"][0]["userId"] == user
    assert api.post(f"{address}/users", json={"userId": user}).status_code == 400
    assert api.put(f"{address}/users/{user}/permissions", json=permissions).status_code == 200
    assert api.delete(f"{address}/users/{user}").json()["users"] == []
    assert api.delete(f"{address}/users/{user}").status_code == 404
    assert api.put(address, json={"name": "Yours", "ownerId": user}).json()["ownerId"] == user
    assert api.delete(address).status_code == 400
    forced = api.delete(address, params={"forceDelete": "true"})
    assert (forced.status_code, forced.content) == (200, b"")
    assert api.get(address).status_code == 404


def test_adding_users_to_a_group_succeeds_in_part(ayx_simulator: Simulator, api: httpx.Client) -> None:
    group = api.post("/v3/usergroups", json={"name": "New", "role": "Viewer"})
    assert group.status_code == 201
    address = f"/v3/usergroups/{group.json()}/users"
    added = api.post(address, json=[ayx_simulator.viewer.user_id, "0" * 24]).json()
    assert (added["successfullyAddedUserCount"], added["totalUsersSubmittedCount"]) == (1, 2)
    assert list(added["failedUserReasons"]) == ["0" * 24]
    assert api.post(address, json={"userIds": []}).status_code == 400
    assert api.delete(f"/v3/usergroups/{group.json()}").status_code == 400
    assert api.delete(f"/v3/usergroups/{group.json()}", params={"forceDelete": "true"}).status_code == 200


def test_credentials_never_come_back(ayx_simulator: Simulator, api: httpx.Client) -> None:
    added = api.post("/v3/credentials", json={"username": "EXAMPLE\\new", "password": "not in any answer"})
    credential = added.json()["credentialId"]
    assert added.json()["username"] == "EXAMPLE\\new"
    read = api.get(f"/v3/credentials/{credential}")
    assert read.json()["userName"] == "EXAMPLE\\new"
    assert "not in any answer" not in added.text + read.text + repr(ayx_simulator.state.credentials)
    assert api.delete(f"/v3/credentials/{credential}").status_code == 400
    assert [each["id"] for each in api.delete(f"/v3/credentials/{credential}", params={"force": "true"}).json()] == [
        credential
    ]


def test_subscriptions_take_their_id_in_the_query_of_delete(ayx_simulator: Simulator, api: httpx.Client) -> None:
    created = api.post("/v3/subscriptions", json={"name": "Second"})
    assert created.status_code == 201
    second = created.json()["id"]
    body = {"userIds": [ayx_simulator.viewer.user_id]}
    assert api.put(f"/v3/subscriptions/{second}/users", json=body).status_code == 200
    counts = {each["name"]: each["userCount"] for each in api.get("/v3/subscriptions").json()}
    assert counts == {"Example Studio": 2, "Second": 1}
    assert api.delete("/v3/subscriptions", params={"subscriptionId": second}).status_code == 400
    (first,) = api.get("/v3/subscriptions", params={"userCountGreaterThanEquals": "2"}).json()
    assert api.put(f"/v3/subscriptions/{first['id']}/users", json=body).status_code == 200
    assert api.delete("/v3/subscriptions", params={"subscriptionId": second}).status_code == 200


def test_dcm_upsert_creates_then_changes_and_keeps_no_secret(ayx_simulator: Simulator, api: httpx.Client) -> None:
    secret = {"password": {"value": {"text": "hidden"}, "parameters": {}}}
    body = {
        "name": "Lake",
        "schemaName": "odbc",
        "parameters": {},
        "dataSource": {"object": {"name": "Lake", "schemaName": "odbc", "parameters": {}}},
        "credentials": {"main": {"object": {"name": "c", "schemaName": "s", "parameters": {}, "secrets": secret}}},
    }
    created = api.post("/v3/dcm/connections", json=body)
    assert created.status_code == 201
    changed = api.post("/v3/dcm/connections", json=body | {"id": created.json()["id"], "name": "Pond"})
    assert (changed.status_code, changed.json()["name"]) == (200, "Pond")
    assert "hidden" not in changed.text + repr(ayx_simulator.state.dcm_connections)
    deleted = api.delete(f"/v3/dcm/connections/{created.json()['id']}").json()
    assert [len(deleted[name]) for name in ("deletedConnections", "deletedDataSources", "deletedCredentials")] == [
        1
    ] * 3


# Workflows


def test_upload_download_and_versions(ayx_simulator: Simulator, api: httpx.Client) -> None:
    content = package()
    fields = upload_fields(ayx_simulator.artisan.user_id, sourceAppId="a" * 24, collectionIds="[]")
    created = api.post("/v3/workflows", data=fields, files={"file": ("Uploaded.yxzp", content)})
    assert (created.status_code, created.text) == (200, f'"{created.json()}"')
    address = f"/v3/workflows/{created.json()}"
    downloaded = api.get(f"{address}/package")
    assert downloaded.content == content
    assert downloaded.headers["content-type"] == "application/octet-stream"
    assert 'filename="Uploaded.yxzp"' in downloaded.headers["content-disposition"]
    second = package("Second.yxmd")
    more = upload_fields(ayx_simulator.artisan.user_id, makePublished="false")
    workflow = api.post(f"{address}/versions", data=more, files={"file": ("Second.yxzp", second)}).json()
    assert [each["published"] for each in workflow["versions"]] == [True, False]
    assert api.get(f"{address}/package").content == content
    version = workflow["versions"][1]["versionId"]
    assert api.get(f"{address}/package", params={"versionId": version}).content == second
    again = api.post("/v3/workflows", data=fields, files={"file": ("Uploaded.yxzp", content)})
    assert (again.status_code, "sourceAppId" in again.json()["message"]) == (400, True)


@pytest.mark.parametrize("content_type", ["application/json", "application/form-data", "multipart/form-data"])
def test_an_upload_needs_multipart_with_a_boundary(api: httpx.Client, content_type: str) -> None:
    answer = api.post("/v3/workflows", content=b"x", headers={"Content-Type": content_type})
    assert answer.status_code == 415


@pytest.mark.parametrize(
    ("change", "file", "field"),
    [
        ({"executionMode": "Fast"}, ("x.yxzp", package()), "executionMode"),
        ({"isPublic": "maybe"}, ("x.yxzp", package()), "isPublic"),
        ({"ownerId": "0" * 24}, ("x.yxzp", package()), "ownerId"),
        ({"collectionIds": "abc"}, ("x.yxzp", package()), "collectionIds"),
        ({}, ("x.yxmd", b"<x/>"), "file"),
        ({}, ("x.yxzp", b"no zip"), "file"),
        ({"name": ""}, ("x.yxzp", package()), "name"),
    ],
)
def test_an_unfit_upload_names_the_field(
    ayx_simulator: Simulator, api: httpx.Client, change: dict[str, str], file: tuple[str, bytes], field: str
) -> None:
    fields = upload_fields(ayx_simulator.artisan.user_id) | change
    answer = api.post("/v3/workflows", data=fields, files={"file": file})
    assert answer.status_code == 400
    assert list(answer.json()["modelState"]) == [field]


def test_an_update_replaces_and_publishes(api: httpx.Client) -> None:
    workflow = workflow_named(api, "Monthly")
    version = workflow["versions"][0]
    body = {
        **{name: workflow[name] for name in ("ownerId", "workerTag", "districtTags", "isPublic", "comments")},
        **{name: workflow[name] for name in ("isReadyForMigration", "othersMayDownload", "othersCanExecute")},
        **{name: version[name] for name in ("versionId", "executionMode", "workflowCredentialType", "credentialId")},
        "name": "Renamed",
        "makePublished": True,
    }
    address = f"/v3/workflows/{workflow['id']}"
    assert api.put(address, json=body).json()["name"] == "Renamed"
    del body["makePublished"]
    missing = api.put(address, json=body)
    assert (missing.status_code, list(missing.json()["modelState"])) == (400, ["updateWorkflowContract.makePublished"])


def test_a_scheduled_workflow_is_deleted_only_by_force(api: httpx.Client) -> None:
    address = f"/v3/workflows/{workflow_named(api, 'Monthly')['id']}"
    assert api.delete(address).status_code == 400
    assert api.delete(address, params={"force": "true"}).status_code == 200
    assert api.get("/v3/schedules").json() == []


def test_v3_lists_do_not_page(api: httpx.Client) -> None:
    assert (
        api.get("/v3/workflows", params={"offset": 1, "limit": 1, "skip": 2}).json() == api.get("/v3/workflows").json()
    )


# Jobs


def test_a_job_goes_from_queued_to_completed_as_it_is_polled(api: httpx.Client) -> None:
    workflow = workflow_named(api, "Monthly")
    queued = api.post(f"/v3/workflows/{workflow['id']}/jobs", json={"priority": "High"}).json()
    assert (queued["status"], queued["disposition"], queued["priority"]) == ("Queued", "None", "High")
    seen = [api.get(f"/v3/jobs/{queued['id']}").json() for _ in range(4)]
    assert [each["status"] for each in seen] == ["Queued", "Running", "Completed", "Completed"]
    assert seen[-1]["disposition"] == "Success"
    assert seen[-1]["outputs"][0]["availableFormats"]
    assert seen[-1]["messages"][0]["toolId"] == -1
    assert api.get(f"/v3/jobs/{queued['id']}", params={"includeMessages": "false"}).json()["messages"] == []


def test_completed_does_not_mean_success(api: httpx.Client) -> None:
    workflow = workflow_named(api, "Ends in an error")
    job = api.post(f"/v3/workflows/{workflow['id']}/jobs", json={}).json()["id"]
    last = [api.get(f"/v3/jobs/{job}").json() for _ in range(3)][-1]
    assert (last["status"], last["disposition"], last["outputs"]) == ("Completed", "Error", [])


def test_jobs_can_be_cancelled_once(api: httpx.Client) -> None:
    workflow = workflow_named(api, "Monthly")
    job = api.post(f"/v3/workflows/{workflow['id']}/jobs", json={}).json()["id"]
    assert api.delete(f"/v3/jobs/{job}").status_code == 200
    assert api.get(f"/v3/jobs/{job}").json()["status"] == "Cancelled"
    assert api.delete(f"/v3/jobs/{job}").status_code == 400


def test_jobs_by_time(ayx_simulator: Simulator, api: httpx.Client) -> None:
    ayx_simulator.state.job_duration_s = 30.0
    workflow = workflow_named(api, "Monthly")
    job = api.post(f"/v3/workflows/{workflow['id']}/jobs", json={}).json()["id"]
    seen = []
    for _ in range(4):
        seen.append(api.get(f"/v3/jobs/{job}").json()["status"])
        ayx_simulator.advance(12)
    assert seen == ["Queued", "Running", "Running", "Completed"]


def test_the_only_paged_lists(api: httpx.Client) -> None:
    workflow = workflow_named(api, "Monthly")
    for _ in range(5):
        api.post(f"/v3/workflows/{workflow['id']}/jobs", json={})
    page = api.get("/v3/jobs", params={"offset": "2", "limit": "2"}).json()
    assert len(page["data"]) == 2
    assert page["pagination"] == {
        "currentPage": 2,
        "pageSize": 2,
        "totalItems": 5,
        "totalPages": 3,
        "hasNextPage": True,
        "hasPreviousPage": True,
    }
    assert api.get("/v3/jobs", params={"allUsers": "true"}).json()["pagination"]["totalItems"] == 6
    assert (
        api.get("/v3/jobs", params={"allUsers": "true", "statuses": "Complete"}).json()["pagination"]["totalItems"] == 1
    )
    part = api.get(f"/v3/workflows/{workflow['id']}/jobs", params={"offset": "3", "limit": "10"}).json()
    assert len(part) == 2
    assert api.get("/v3/jobs", params={"limit": "many"}).status_code == 400


# Schedules


def iteration(server: Simulator, **more: Any) -> dict[str, Any]:
    return {"iterationType": "Once", "startTime": written_date(server.state.now() + timedelta(days=1)), **more}


def test_the_life_of_a_schedule(ayx_simulator: Simulator, api: httpx.Client) -> None:
    workflow = workflow_named(api, "Monthly")["id"]
    weekly = iteration(ayx_simulator, iterationType="Weekly", weeklyContract={"daysOfWeek": ["Monday"]})
    body = {"workflowId": workflow, "iteration": weekly, "name": "Mondays", "timeZone": "Europe/Berlin"}
    created = api.post("/v3/schedules", json=body)
    assert (created.status_code, created.text) == (201, f'"{created.json()}"')
    address = f"/v3/schedules/{created.json()}"
    read = api.get(address).json()
    assert set(read["iteration"]) == {"startTime", "endTime"}
    patched = api.patch(address, json={"name": "Tuesdays"}).json()
    assert (patched["name"], patched["timeZone"]) == ("Tuesdays", "Europe/Berlin")
    assert api.put(address, json={"name": "x"}).status_code == 400
    assert "iteration" not in api.get("/v3/schedules").json()[0]
    assert "iteration" in api.get("/v3/schedules", params={"view": "Full"}).json()[0]
    assert api.delete(address).status_code == 200
    assert api.get(address).status_code == 404


@pytest.mark.parametrize(
    "change",
    [
        {"iterationType": "Weekly"},
        {"iterationType": "Daily", "weeklyContract": {"daysOfWeek": ["Monday"]}},
        {"iterationType": "Cron", "cronContract": {"cronExpression": "* * *"}},
        {"startTime": "2020-01-01T00:00:00Z"},
        {"iterationType": "Yearly"},
        {"startTime": "tomorrow"},
        {"startTime": "2099-99-99T00:00:00Z"},
    ],
)
def test_unfit_iterations_are_refused(ayx_simulator: Simulator, api: httpx.Client, change: dict[str, Any]) -> None:
    workflow = workflow_named(api, "Monthly")["id"]
    body = {"workflowId": workflow, "iteration": iteration(ayx_simulator) | change}
    assert api.post("/v3/schedules", json=body).status_code == 400


def test_the_time_window_needs_both_ends_and_is_short(api: httpx.Client) -> None:
    first, soon, late = "2024-05-01T00:00:00Z", "2024-05-31T00:00:00Z", "2024-12-31T00:00:00Z"
    assert api.get("/v3/schedules", params={"runsAfter": first}).status_code == 400
    assert api.get("/v3/schedules", params={"runsAfter": first, "runsBefore": late}).status_code == 400
    assert len(api.get("/v3/schedules", params={"runsAfter": first, "runsBefore": soon}).json()) == 1


# Ids and dates


@given(st.datetimes(min_value=datetime(1990, 1, 1), max_value=datetime(2100, 1, 1)))  # noqa: DTZ001  # made aware below
def test_dates_are_read_back_and_have_no_needless_digit(moment: datetime) -> None:
    aware = moment.replace(tzinfo=UTC)
    text = written_date(aware)
    assert parse_date(text) == aware
    assert re.fullmatch(r"[\d-]{10}T[\d:]{8}(\.\d{0,5}[1-9])?Z", text)


@given(st.datetimes(min_value=datetime(1990, 1, 1), max_value=datetime(2037, 1, 1)))  # noqa: DTZ001  # made aware below
def test_ids_hold_their_time_of_creation(moment: datetime) -> None:
    aware = moment.replace(tzinfo=UTC)
    ids = ObjectIds(lambda: aware)
    first, second = ids.new(), ids.new()
    assert first != second
    assert re.fullmatch(r"[0-9a-f]{24}", first)
    assert int(first[:8], 16) == int(aware.timestamp())


def test_answers_are_json_without_blanks(api: httpx.Client) -> None:
    text = api.get("/v3/workflows").text
    assert json.dumps(json.loads(text), separators=(",", ":")) == text

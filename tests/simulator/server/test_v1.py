"""The seven calls of the old package, over OAuth2, and the two hand-written scripts that the toolkit replaces."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable

import httpx
import pytest
import requests
from ayx_simulator import ApiUser, Simulator


@pytest.fixture
def artisan(ayx_simulator: Simulator, api_as: Callable[[ApiUser], httpx.Client]) -> httpx.Client:
    return api_as(ayx_simulator.artisan)


def workflow_id(client: httpx.Client, name: str) -> str:
    (found,) = client.get("/v1/workflows/subscription", params={"search": name}).json()
    return str(found["id"])


def test_the_old_packages_seven_calls(artisan: httpx.Client) -> None:
    workflows = artisan.get("/v1/workflows/subscription/").json()
    assert {each["metaInfo"]["name"] for each in workflows} == {"Monthly sales", "Sales by region", "Ends in an error"}
    app = workflow_id(artisan, "Sales by region")
    (question,) = artisan.get(f"/v1/workflows/{app}/questions/").json()
    assert (question["name"], question["type"], question["multiple"]) == ("Region", "QuestionTextBox", "False")
    body = {"questions": [{"name": "Region", "value": "North"}], "priority": "Low"}
    job = artisan.post(f"/v1/workflows/{app}/jobs/", json=body).json()
    assert (job["status"], job["priority"]) == ("Queued", "Low")
    assert job["id"] in {each["id"] for each in artisan.get(f"/v1/workflows/{app}/jobs/").json()}
    states = [artisan.get(f"/v1/jobs/{job['id']}/").json() for _ in range(3)]
    assert [each["status"] for each in states] == ["Queued", "Running", "Completed"]
    (output,) = states[-1]["outputs"]
    assert "Csv" in output["formats"]
    content = artisan.get(f"/v1/jobs/{job['id']}/output/{output['id']}/", params={"format": "Csv"})
    assert (content.headers["content-type"].partition(";")[0], content.text) == (
        "text/csv",
        "Region,Sales\r\nNorth,12\r\n",
    )
    for path in (f"/v1/{app}/package/", f"/v1/workflows/{app}/package/"):
        assert zipfile.is_zipfile(io.BytesIO(artisan.get(path).content))


def test_an_output_needs_a_format_that_there_is(artisan: httpx.Client, ayx_simulator: Simulator) -> None:
    (job,) = ayx_simulator.state.jobs
    (output,) = artisan.get(f"/v1/jobs/{job}").json()["outputs"]
    address = f"/v1/jobs/{job}/output/{output['id']}"
    assert artisan.get(address).status_code == 400
    assert artisan.get(address, params={"format": "Pdf"}).status_code == 400
    assert artisan.get(f"/v1/jobs/{job}/output/{'0' * 24}", params={"format": "Csv"}).status_code == 404


def test_v1_lists_page_and_filter(artisan: httpx.Client) -> None:
    def names(**query: str) -> list[str]:
        return [each["metaInfo"]["name"] for each in artisan.get("/v1/workflows/subscription", params=query).json()]

    everything = names(sortField="name", direction="desc")
    assert everything == sorted(everything, reverse=True)
    assert names(sortField="name", direction="desc", offset="1", limit="1") == everything[1:2]
    assert names(packageType="0") == ["Sales by region"]


def test_admin_lists_page_from_zero(api: httpx.Client) -> None:
    emails = [each["email"] for each in api.get("/admin/v1/users").json()]
    assert len(emails) == 3
    second = api.get("/admin/v1/users", params={"page": "1", "pageSize": "2"}).json()
    assert [each["email"] for each in second] == emails[2:]
    assert len(api.get("/admin/v1/users", params={"pageSize": "0"}).json()) == 3


def test_publishing_and_migrating_over_v1(ayx_simulator: Simulator, api: httpx.Client) -> None:
    form = {"name": "Old way", "owner": "artisan.example@example.com", "validate": "true"}
    form |= {"isPublic": "true", "canDownload": "true", "sourceId": "b" * 24}
    content = b"PK\x05\x06" + b"\x00" * 18
    published = api.post("/admin/v1/workflows/", data=form, files={"file": ("Old way.yxzp", content)})
    assert published.status_code == 200
    new = published.json()
    assert api.get(f"/admin/v1/{new}/package/").content == content
    assert api.put(f"/admin/v1/workflows/migratable/{new}", json=True).json() == new
    (row,) = api.get("/admin/v1/workflows/migratable").json()
    assert row["id"] == new
    assert api.get(f"/v3/workflows/{new}").json()["ownerId"] == ayx_simulator.artisan.user_id


def test_v2_runs_and_input_files(artisan: httpx.Client) -> None:
    uploaded = artisan.post("/user/v2/inputfiles", files={"file": ("input.csv", b"a,b")})
    assert len(uploaded.json()) == 24
    job = artisan.post(f"/user/v2/workflows/{workflow_id(artisan, 'Monthly')}/jobs", json={}).json()
    assert job["status"] == "Queued"
    assert artisan.post("/user/v2/inputfiles", json={}).status_code == 415


@pytest.mark.parametrize("path", ["/admin/v1/subscriptions/", "/v3/collections"])
def test_the_hand_written_scripts_of_the_forum_work(ayx_simulator: Simulator, path: str) -> None:
    server = ayx_simulator.web_api_address.removesuffix("/webapi")
    session = requests.Session()
    session.trust_env = False
    session.verify = str(ayx_simulator.ca_bundle)
    with session:
        payload = {
            "grant_type": "client_credentials",
            "client_id": ayx_simulator.client_id,
            "client_secret": ayx_simulator.client_secret,
        }
        token = session.post(f"{server}/webapi/oauth2/token", data=payload, timeout=10).json()["access_token"]
        answer = session.get(f"{server}/webapi{path}", headers={"Authorization": f"Bearer {token}"}, timeout=10)
    assert answer.status_code == 200
    assert len(answer.json()) == 1

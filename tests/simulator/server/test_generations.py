"""The stand-in Server of an older generation: its document, its operations, and its answers' members and values."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import jsonschema
import pytest
from ayx_simulator import Simulator
from ayx_simulator.server.documents import Documents, DocumentsMissingError

OLD, MID, NEW = "2022.3", "2025.1", "2025.2"
SHORT = {"dateCreated", "isAmp", "publishedVersionNumber"}


@contextmanager
def served(generation: str) -> Iterator[httpx.Client]:
    with Simulator(plain_http=True, generation=generation, quirks=False) as server:
        form = {
            "grant_type": "client_credentials",
            "client_id": server.client_id,
            "client_secret": server.client_secret,
        }
        with httpx.Client(base_url=server.web_api_address, trust_env=False) as client:
            token = client.post("/oauth2/token", data=form).json()["access_token"]
            client.headers["Authorization"] = f"Bearer {token}"
            yield client
        server.check()


def test_an_older_generation_has_its_own_v3_and_the_newer_ones_v1_and_v2() -> None:
    with served(OLD) as client:
        document = client.get("/swagger/docs/3").json()
        assert "/v3/collections/{collectionId}/insights" in document["paths"]
        assert client.get("/swagger/docs/1").json()["info"]["version"] == "1"
        assert client.get("/swagger/docs/2").json()["info"]["version"] == "2"


@pytest.mark.parametrize(
    ("generation", "missing"),
    [
        (OLD, ["/v3/jobs", "/v3/subscriptions", "/v3/dcm/admin/connections", "/v3/usage"]),
        (MID, ["/v3/jobs", "/v3/usage"]),
        (NEW, ["/v3/collections/5/insights/5"]),
    ],
)
def test_what_a_generation_does_not_have_is_not_found(generation: str, missing: list[str]) -> None:
    with served(generation) as client:
        assert {path: client.get(path).status_code for path in missing} == dict.fromkeys(missing, 404)


def members(schema: dict[str, Any], document: dict[str, Any]) -> dict[str, Any]:
    """A definition in which every member may be null and none is unknown."""
    definitions = {
        name: {
            **definition,
            "properties": {
                member: {"anyOf": [of, {"type": "null"}]} for member, of in definition["properties"].items()
            },
            "additionalProperties": False,
        }
        for name, definition in document["definitions"].items()
    }
    return {"definitions": definitions, **schema}


@pytest.mark.parametrize("generation", [OLD, MID, NEW])
def test_answers_fit_the_generation_s_document(generation: str) -> None:
    with served(generation) as client:
        document = client.get("/swagger/docs/3").json()
        full = [
            *("/v3/users", "/v3/workflows", "/v3/schedules", "/v3/collections", "/v3/serverDataConnections"),
            "/v3/credentials",
        ]
        for path in full:
            listed = client.get(path, params={"view": "Full"}).json()
            assert listed, path
            one_of = next(each for each in document["paths"] if each.startswith(f"{path}/{{") and each.count("/") == 3)
            schema = document["paths"][one_of]["get"]["responses"]["200"]["schema"]
            validator = jsonschema.Draft4Validator(members(schema, document))
            known = document["definitions"][schema["$ref"].rpartition("/")[2]]["properties"]
            for record in listed:  # the short form's own members come with the full one
                validator.validate({name: of for name, of in record.items() if name in known or name not in SHORT})
            validator.validate(client.get(f"{path}/{listed[0]['id']}").json())


def test_a_renamed_value_has_the_name_of_its_generation() -> None:
    for generation, value in ((MID, "Direct"), (NEW, "ServerUIorServerAPI")):
        with served(generation) as client:
            workflows = client.get("/v3/workflows", params={"view": "Full"}).json()
            sources = {version["uploadSource"] for each in workflows for version in each["versions"]}
            assert value in sources
            assert sources <= {"Designer", value}


def test_insights_live_in_the_oldest_generation() -> None:
    with served(OLD) as client:
        collection = client.get("/v3/collections", params={"view": "Full"}).json()[0]
        assert collection["insightIds"] == []
        owner = client.get(f"/v3/users/{collection['ownerId']}/assets", params={"assetType": "Insights"}).json()
        insight = owner["insights"][0]["id"]
        added = client.post(f"/v3/collections/{collection['id']}/insights", json={"insightId": insight})
        assert added.json()["insightIds"] == [insight]
        removed = client.delete(f"/v3/collections/{collection['id']}/insights/{insight}")
        assert removed.json()["insightIds"] == []


def test_a_generation_that_is_not_there_is_named_with_those_that_are() -> None:
    with pytest.raises(DocumentsMissingError, match=r"generation 2019\.4 .*there are 2022\.3, 2025\.1, 2025\.2"):
        Documents(generation="2019.4")

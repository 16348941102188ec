"""``server.api_document()``: what the running Server says of its API against what the client was made from."""

from __future__ import annotations

import asyncio
import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from ayx_connection import ApiDocument, ContentError, Server, connect
from ayx_connection.api_document import Surface, client_surface, differences, read
from ayx_simulator import Simulator
from hypothesis import given, settings
from hypothesis import strategies as st

DOCUMENTS = Path(__file__).parents[2] / "spec" / "documents"
Document = dict[str, Any]


@pytest.fixture(params=["2025.2"])
def simulator(request: pytest.FixtureRequest) -> Iterator[Simulator]:
    with Simulator(plain_http=True, generation=request.param) as simulator:
        yield simulator


def client_of(simulator: Simulator) -> Server:
    return connect(simulator.web_api_address, client_id=simulator.client_id, client_secret=simulator.client_secret)


def load(generation: str) -> Document:
    document: Document = json.loads((DOCUMENTS / f"server-{generation}-v3.swagger.json").read_bytes())
    return document


# --- asking the Server ------------------------------------------------------------------------------------------------


def test_a_server_of_the_client_s_own_generation_agrees(simulator: Simulator) -> None:
    with client_of(simulator) as server:
        for version in ("3", "2", "1"):
            document = server.api_document(version)
            assert (document.agrees, document.differences, document.version) == (True, (), version)
    assert document.title == "Alteryx Server API V1"
    assert str(document) == "Alteryx Server API V1: as the client knows it"


def test_it_is_asked_once_a_process_and_without_a_token(simulator: Simulator) -> None:
    async def ask() -> ApiDocument:
        async with client_of(simulator) as server:
            return await server.aapi_document()

    with client_of(simulator) as first, client_of(simulator) as second:
        found = first.api_document()
        assert second.api_document() is found
        assert second.with_headers({"x-a": "b"}).api_document() is found
    assert asyncio.run(ask()) is found
    assert [logged.path for logged in simulator.requests] == ["/webapi/swagger/docs/3"]


def test_asynchronously_too(simulator: Simulator) -> None:
    async def ask() -> ApiDocument:
        async with client_of(simulator) as server:
            return await server.aapi_document()

    assert asyncio.run(ask()).agrees
    assert [logged.path for logged in simulator.requests] == ["/webapi/swagger/docs/3"]


@pytest.mark.parametrize("simulator", ["2025.1"], indirect=True)
def test_an_older_server_lacks_what_came_later(simulator: Simulator) -> None:
    with client_of(simulator) as server:
        document = server.api_document()
    assert not document.agrees
    assert set(document.missing) == {
        *("GET /v3/jobs", "DELETE /v3/jobs/{jobId}", "GET /v3/usage", "POST /v3/usage"),
        *("POST /v3/credentials", "PUT /v3/credentials/{credentialId}"),
        "PUT /v3/dcm/connections/{id}/sharing/collaboration",
    }
    assert document.added == ()
    changed = {str(each) for each in document.changed}
    assert "WorkflowVersionView.uploadSource: new value 'Direct'; no longer 'ServerUIorServerAPI'" in changed
    assert "IterationContract.iterationType: no longer 'Cron'" in changed
    assert "WorkflowView.packageWorkflowType: no longer there" in changed
    assert "GET /v3/dcm/connections/{Id}: the path parameter Id is called id" in changed
    assert "POST /v3/workflows: formData bypassWorkflowVersionCheck: no longer there" in changed
    assert "GET /v3/jobs" in str(document)
    assert str(document).endswith("more")


@pytest.mark.parametrize("simulator", ["2022.3"], indirect=True)
def test_what_an_old_server_has_beside_is_told_too(simulator: Simulator) -> None:
    with client_of(simulator) as server:
        document = server.api_document()
    assert document.added == (
        "POST /v3/collections/{collectionId}/insights",
        "DELETE /v3/collections/{collectionId}/insights/{insightId}",
    )
    assert "CollectionView.insightIds: new" in {str(each) for each in document.changed}
    assert "UpdateUserContract.firstName: is required now" in {str(each) for each in document.changed}


def test_what_is_no_document_is_said_in_one_line(simulator: Simulator) -> None:
    with client_of(simulator) as server:
        with pytest.raises(ContentError, match=r"/webapi/swagger/docs/9 .* no document of version 9"):
            server.api_document("9")
        simulator.faults.set("http.html_instead_of_json", path="/webapi/swagger")
        with pytest.raises(ContentError, match=r"/webapi/swagger/docs/3 is no Swagger 2\.0 document"):
            server.api_document()
        simulator.faults.clear()
        assert server.api_document().agrees  # a failure is not remembered


def test_a_document_of_very_many_values_is_not_parsed() -> None:
    text = '{"swagger": "2.0", "info": {}, "paths": {}, "tags": [' + "[]," * 600_000 + "[]]}"
    answer = httpx.Response(
        200, text=text, request=httpx.Request("GET", "https://ayx.example.com/webapi/swagger/docs/3")
    )
    with pytest.raises(ContentError, match="has more than 500000 values"):
        read(answer, "3")


# --- what counts as a difference --------------------------------------------------------------------------------------


def changed(document: Document, change: str) -> Document:
    document = copy.deepcopy(document)
    users = document["paths"]["/v3/users"]["get"]
    match change:
        case "address":
            document |= {"host": "ayx.example.com:8443", "schemes": ["https"], "basePath": "/webapi"}
            document["securityDefinitions"]["oauth2"]["tokenUrl"] = "https://ayx.example.com:8443/webapi/oauth2/token"
        case "base path":
            document |= {"basePath": "/", "paths": {f"/webapi{path}": of for path, of in document["paths"].items()}}
        case "prose":
            users |= {"summary": "Users", "description": "", "tags": ["People"], "operationId": "Users_GetUsers"}
            document["info"]["title"] = "Alteryx Server API"
            document["definitions"]["UserView"]["properties"]["role"]["description"] = "."
        case "order":
            document["paths"] = dict(reversed(document["paths"].items()))
            view = document["definitions"]["UserView"]
            view["properties"] = dict(reversed(view["properties"].items()))
            view["required"].reverse()
            view["properties"]["role"]["enum"].reverse()
            users["parameters"].reverse()
        case "media types":
            users |= {"consumes": ["application/json"], "produces": ["application/json"]}
    return document


@pytest.mark.parametrize("change", ["address", "base path", "prose", "order", "media types"])
def test_what_no_call_depends_on_is_no_difference(change: str) -> None:
    document = changed(load("2025.2"), change)
    assert document != load("2025.2")
    known = client_surface("3")
    assert known is not None
    assert differences(known, Surface.of(document)) == []


def test_the_captured_document_is_the_client_s() -> None:
    captured = Path(__file__).parents[3] / "shared" / "corpus" / "alteryx-server-v3.swagger.json"
    if not captured.exists():
        pytest.skip("the captured document is not at hand: it is not part of this repository")
    known = client_surface("3")
    assert known is not None
    assert differences(known, Surface.of(json.loads(captured.read_bytes()))) == []


@pytest.mark.parametrize("pair", [("2022.3", "2025.1"), ("2025.1", "2025.2"), ("2022.3", "2025.2")])
def test_what_is_added_one_way_is_missing_the_other(pair: tuple[str, str]) -> None:
    old, new = (Surface.of(load(generation)) for generation in pair)
    forth, back = differences(old, new), differences(new, old)
    added = {each.where for each in forth if each.kind == "added"}
    missing = {each.where for each in back if each.kind == "missing"}
    # the name of a path parameter is the one of the side that is looked from, where both have the operation
    assert added == missing
    assert len(forth) == len(back)
    assert forth
    assert differences(new, Surface.of(load(pair[1]))) == []


def edited(path: str, value: Any) -> Surface:
    document = load("2025.2")
    *steps, last = path.split("|")
    node = document
    for step in steps:
        node = node[int(step) if isinstance(node, list) else step]
    if value is None:
        del node[last]
    else:
        node[last] = value
    return Surface.of(document)


@pytest.mark.parametrize(
    ("path", "value", "expected"),
    [
        ("definitions|UserView|properties|role|enum", ["Viewer"], "UserView.role: no longer 'NoAccess', "),
        ("definitions|UserView|properties|nick", {"type": "string"}, "UserView.nick: new"),
        ("definitions|UserView|properties|email", None, "UserView.email: no longer there"),
        ("definitions|UserView|properties|email|type", "integer", "UserView.email: was string, is integer"),
        ("definitions|UserView|required", [], "UserView.id: is no longer required"),
        (
            "definitions|AssetsView|properties|workflows|items",
            {"type": "string"},
            "AssetsView.workflows: was AssetDataView[], is string[]",
        ),
        (
            "definitions|IterationWeeklyContract|properties|daysOfWeek|items|enum",
            ["Someday"],
            "IterationWeeklyContract.daysOfWeek: new value 'Someday'; no longer 'Sunday', ",
        ),
        ("paths|/v3/users|get|parameters|0|enum", ["Default"], "GET /v3/users: query view: no longer 'Full'"),
        (
            "paths|/v3/users|get|responses|200",
            {"description": ""},
            "GET /v3/users: answer 200: was UserView[], is nothing",
        ),
        ("paths|/v3/users|get|responses|429", {"description": ""}, "GET /v3/users: answer 429: new"),
        ("paths|/v3/users|post|parameters|0|required", False, "POST /v3/users: body: is no longer required"),
        ("paths|/v3/users|patch", {"responses": {}}, "PATCH /v3/users: the client does not have it"),
        ("paths|/v3/users|get", None, "GET /v3/users: the Server does not have it"),
    ],
)
def test_what_calls_and_answers_depend_on_is_named(path: str, value: Any, expected: str) -> None:
    found = [str(each) for each in differences(Surface.of(load("2025.2")), edited(path, value))]
    assert found[0].startswith(expected)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    *(
                        "paths",
                        "/v3/users",
                        "get",
                        "parameters",
                        "name",
                        "in",
                        "schema",
                        "type",
                        "items",
                        "allOf",
                        "$ref",
                    ),
                    *("definitions", "properties", "required", "responses", "200", "enum", "basePath", "format"),
                    "additionalProperties",
                ]
            ),
            inner,
            max_size=5,
        )
    ),
    max_leaves=25,
)


@settings(deadline=None)
@given(st.dictionaries(st.sampled_from(["paths", "definitions", "parameters", "basePath"]), JSON, max_size=4))
def test_no_document_is_too_strange_to_be_read(document: Document) -> None:
    surface = Surface.of(document)
    assert differences(surface, Surface.of(copy.deepcopy(document))) == []


def test_nesting_without_an_end_is_refused() -> None:
    node: Any = {"type": "string"}
    for _ in range(100_000):
        node = {"type": "array", "items": node}
    with pytest.raises(ValueError, match="nested too deeply"):
        Surface.of({"definitions": {"Deep": {"properties": {"on": node}}}})

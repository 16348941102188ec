from __future__ import annotations

import copy
import json
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from ayx_spec import bundled_documents
from ayx_spec.convert import Conversion, Document, convert, load_document, parse_document
from ayx_spec.convert.repairs import LISTS_TYPED_AS_ONE, REPAIRS
from ayx_spec.convert.repairs.recognition import is_of_alteryx_server

Build = Callable[..., Document]
SCHEME = {"oauth2": {"type": "oauth2", "flow": "application", "tokenUrl": "https://h.example/webapi/oauth2/token"}}
OURS = next(path for path in bundled_documents() if path.name.endswith("-v3.swagger.json"))


def places(conversion: Conversion, name: str) -> list[str]:
    return [note.where for note in conversion.notes if f"({name})" in note.what]


def repaired(document: Document, name: str) -> tuple[dict[str, Any], list[str]]:
    conversion = convert([document])
    return conversion.document, places(conversion, name)


def schemas(document: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = document["components"]["schemas"]
    return found


def answer(document: dict[str, Any], path: str, method: str = "get", code: str = "200") -> Any:
    return document["paths"][path][method]["responses"][code]["content"]["application/json"]["schema"]


# --- on the whole documents: ours, which has the Server's defects, and the captured one ------------------------------


@pytest.fixture(scope="module", params=["ours", "captured"])
def whole(request: pytest.FixtureRequest) -> Document:
    return load_document(OURS if request.param == "ours" else request.getfixturevalue("captured"))


#: How often each defect is met in the V3 document. `security_unused` is met in none: it is that of other releases.
MET = {
    "form_data": 3,
    "list_typed_as_one": 3,
    "download_without_schema": 2,
    "security_unused": 0,
    "full_view": 6,
    "null_in_required": 4,
    "paging_as_text": 4,
    "quoted_string": 5,
    "parameter_case": 1,
    "recurrence_lost": 1,
}


def test_every_repair_is_noted_by_its_name(whole: Document) -> None:
    conversion = convert([whole])
    assert {repair.name: len(places(conversion, repair.name)) for repair in REPAIRS} == MET


def test_without_repairs_the_document_stays_as_it_is(whole: Document) -> None:
    before = copy.deepcopy(whole.data)
    plain = convert([whole], repairs=False)

    assert not [note for note in plain.notes if "repaired (" in note.what]
    assert answer(plain.document, "/v3/users")["items"] == {"$ref": "#/components/schemas/UserView"}
    assert answer(plain.document, "/v3/jobs/{jobId}/messages") == {"$ref": "#/components/schemas/JobMessageView"}
    assert "/v3/dcm/connections/{Id}" in plain.document["paths"]
    assert whole.data == before
    assert plain.render() != convert([whole]).render()


def test_repairs_keep_every_operation_and_every_model(whole: Document) -> None:
    plain, mended = convert([whole], repairs=False), convert([whole])

    def ids(conversion: Conversion) -> Counter[str]:
        items = conversion.document["paths"].values()
        return Counter(operation["operationId"] for item in items for operation in item.values())

    assert ids(mended) == ids(plain)
    assert set(schemas(mended.document)) == set(schemas(plain.document))


def test_what_is_right_already_is_repaired_no_second_time(whole: Document) -> None:
    data = copy.deepcopy(whole.data)
    for repair in REPAIRS:
        list(repair.change(data))
    again = {repair.name: list(repair.change(data)) for repair in REPAIRS}
    assert {name: found for name, found in again.items() if found} == {}


def test_lists_with_two_views_hold_both(whole: Document) -> None:
    document = convert([whole]).document
    for path, view in (
        ("/v3/users", "UserView"),
        ("/v3/workflows", "WorkflowView"),
        ("/v3/schedules", "ScheduleView"),
        ("/v3/collections", "CollectionView"),
        ("/v3/credentials", "CredentialsView"),
        ("/v3/serverDataConnections", "ServerConnectionView"),
    ):
        assert answer(document, path)["items"] == {"$ref": f"#/components/schemas/Reduced{view}"}
        short, full = schemas(document)[f"Reduced{view}"], schemas(document)[view]
        assert set(full["properties"]) <= set(short["properties"])
        assert set(short["required"]) <= set(full["required"])
    assert schemas(document)["ReducedUserView"]["required"] == [
        "id",
        "firstName",
        "lastName",
        "email",
        "isActive",
        "role",
    ]
    assert answer(document, "/v3/users/{userId}") == {"$ref": "#/components/schemas/UserView"}


def test_a_schedule_that_is_read_has_its_recurrence(whole: Document) -> None:
    document = convert([whole]).document
    base, contract = schemas(document)["IterationBase"], schemas(document)["IterationContract"]
    assert set(base["properties"]) == set(contract["properties"])
    assert "required" not in base
    assert "format" not in base["properties"]["startTime"]  # as the Server writes it there, not as it reads it


def test_null_is_let_in_where_it_was_seen(whole: Document) -> None:
    version = schemas(convert([whole]).document)["WorkflowVersionView"]
    assert version["properties"]["comments"]["nullable"] is True
    assert "comments" in version["required"]


def test_paging_is_done_with_numbers(whole: Document) -> None:
    document = convert([whole]).document
    for path in ("/v3/jobs", "/v3/workflows/{workflowId}/jobs"):
        found = {each["name"]: each["schema"] for each in document["paths"][path]["get"]["parameters"]}
        assert found["offset"] == found["limit"] == {"type": "integer", "format": "int32"}
        assert found["sortField"] == {"type": "string"}


def test_siblings_spell_their_parameter_alike(whole: Document) -> None:
    paths = convert([whole]).document["paths"]
    assert "/v3/dcm/connections/{Id}" not in paths
    item = paths["/v3/dcm/connections/{id}"]
    assert [each["name"] for method in item.values() for each in method["parameters"]] == ["id", "id"]


# --- on the smallest document that has the defect ---------------------------------------------------------------------


def test_form_data(swagger: Build) -> None:
    part = {"name": "file", "in": "formData", "type": "file"}
    operation = {"consumes": ["application/form-data"], "parameters": [part], "responses": {}}
    document, found = repaired(swagger({"/v3/usage": {"post": operation}}), "form_data")

    assert list(document["paths"]["/v3/usage"]["post"]["requestBody"]["content"]) == ["multipart/form-data"]
    assert found == ["test.json#/paths/~1v3~1usage/post/consumes"]


@pytest.mark.parametrize(("method", "path"), sorted(LISTS_TYPED_AS_ONE))
@pytest.mark.parametrize("base", ["/webapi/", "/webapi/v3"])
def test_list_typed_as_one(swagger: Build, method: str, path: str, base: str) -> None:
    given = path.removeprefix("/v3") if base.endswith("v3") else path
    one = {"200": {"schema": {"$ref": "#/definitions/View"}}}
    source = swagger({given: {method: {"responses": one}}}, {"View": {"type": "string"}}, basePath=base)
    document, found = repaired(source, "list_typed_as_one")

    assert answer(document, path, method) == {"type": "array", "items": {"$ref": "#/components/schemas/View"}}
    assert len(found) == 1


def test_a_list_that_is_typed_as_one_is_left_alone(swagger: Build) -> None:
    method, path = min(LISTS_TYPED_AS_ONE)
    listed = {"type": "array", "items": {"$ref": "#/definitions/View"}}
    source = swagger({path: {method: {"responses": {"200": {"schema": listed}}}}}, {"View": {"type": "string"}})
    document, found = repaired(source, "list_typed_as_one")

    assert answer(document, path, method)["items"] == {"$ref": "#/components/schemas/View"}
    assert found == []


def test_download_without_schema(swagger: Build) -> None:
    operation = {"produces": ["application/octet-stream"], "responses": {"200": {}, "404": {}}}
    document, found = repaired(swagger({"/v3/usage": {"get": operation}}), "download_without_schema")

    answers = document["paths"]["/v3/usage"]["get"]["responses"]
    assert answers["200"]["content"] == {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}
    assert "content" not in answers["404"]
    assert len(found) == 1


def test_security_unused(swagger: Build) -> None:
    paths: dict[str, Any] = {"/v3/users": {"get": {"responses": {}}}}
    document, found = repaired(swagger(paths, securityDefinitions=SCHEME), "security_unused")

    assert document["paths"]["/v3/users"]["get"]["security"] == [{"oauth2": []}]
    assert found == ["test.json#/securityDefinitions/oauth2"]


def test_security_that_is_used_is_left_alone(swagger: Build) -> None:
    get = {"responses": {}, "security": [{"oauth2": []}]}
    paths: dict[str, Any] = {"/v3/users": {"get": get, "put": {"responses": {}}}}
    document, found = repaired(swagger(paths, securityDefinitions=SCHEME), "security_unused")

    assert "security" not in document["paths"]["/v3/users"]["put"]
    assert found == []


@pytest.mark.parametrize("produces", [["application/json", "application/xml"], ["text/plain"], []])
def test_quoted_string(swagger: Build, produces: list[str]) -> None:
    operation = {"produces": produces, "responses": {"201": {"schema": {"type": "string"}}}}
    document, found = repaired(swagger({"/v3/schedules": {"post": operation}}), "quoted_string")

    assert answer(document, "/v3/schedules", "post", "201") == {"type": "string"}
    assert found == ["test.json#/paths/~1v3~1schedules/post/produces"]


def test_parameter_case_where_both_spellings_would_be_one_path(swagger: Build) -> None:
    parameter = {"name": "id", "in": "path", "required": True, "type": "string"}
    get = {"parameters": [parameter], "responses": {}}
    put = {"parameters": [{**parameter, "name": "Id"}], "responses": {}}
    source = swagger({"/v3/users/{id}": {"get": get}, "/v3/users/{Id}": {"put": put}})
    document, found = repaired(source, "parameter_case")

    assert sorted(method for item in document["paths"].values() for method in item) == ["get", "put"]
    assert found == []


def test_parameter_case_where_a_parameter_has_no_name(swagger: Build) -> None:
    nameless = {"in": "path", "required": True, "type": "string"}
    item = {"get": {"parameters": [{**nameless, "name": "Id"}], "responses": {}}}
    below = {"get": {"parameters": [{**nameless, "name": "id"}], "responses": {}}}
    source = swagger({"/v3/users/{Id}": item, "/v3/users/{id}/assets": below})
    source.data["paths"]["/v3/users/{Id}"]["get"]["parameters"].append(nameless)
    data = copy.deepcopy(source.data)
    repair = next(each for each in REPAIRS if each.name == "parameter_case")

    assert list(repair.change(data)) == [("paths", "/v3/users/{Id}")]
    assert list(data["paths"]) == ["/v3/users/{id}", "/v3/users/{id}/assets"]


def test_parameter_case_where_one_path_has_both_spellings(swagger: Build) -> None:
    def parameter(name: str) -> dict[str, Any]:
        return {"name": name, "in": "path", "required": True, "type": "string"}

    both = {"get": {"parameters": [parameter("Id"), parameter("id")], "responses": {}}}
    one = {"get": {"parameters": [parameter("id")], "responses": {}}}
    source = swagger({"/v3/users/{Id}/of/{id}": both, "/v3/users/{id}": one})
    document, found = repaired(source, "parameter_case")

    assert found == []
    assert set(document["paths"]) == {"/v3/users/{Id}/of/{id}", "/v3/users/{id}"}


# --- and on documents of other products, where each shape is somebody else's meaning ---------------------------------


def foreign() -> Iterator[tuple[str, dict[str, Any]]]:
    """Documents with the Server's defects in them that are not the Server's."""
    ours = json.loads(OURS.read_bytes())
    others = {f"/v9/things/{n}": {"get": {"responses": {"200": {"description": ""}}}} for n in range(200)}
    yield "another API that has some of the same paths", {**ours, "paths": {**ours["paths"], **others}}
    moved = {f"/api{path}": item for path, item in ours["paths"].items()}
    yield "another API whose paths end alike", {**ours, "paths": moved}
    yield "an API without paths", {**ours, "paths": {}}


@pytest.mark.parametrize(("_what", "data"), [pytest.param(*each, id=each[0]) for each in foreign()])
def test_a_document_of_another_product_is_never_repaired(_what: str, data: dict[str, Any]) -> None:
    data = {**data, "info": {"title": "Somebody's API", "version": "3"}}
    document = parse_document(json.dumps(data).encode(), "other.json")

    assert not is_of_alteryx_server(data)
    mended = convert([document])
    assert not [note for note in mended.notes if "repaired (" in note.what]
    assert mended.render() == convert([document], repairs=False).render()


@pytest.mark.parametrize("base", ["/webapi/", "/", "/alteryx/webapi/", "/gateway"])
def test_the_server_is_known_by_its_paths_under_any_title_and_base(base: str) -> None:
    ours = json.loads(OURS.read_bytes())
    assert is_of_alteryx_server({**ours, "info": {"title": "Made by us", "version": "3"}, "basePath": base})


@pytest.mark.parametrize("path", sorted((Path(__file__).parents[2] / "spec" / "documents").glob("*.swagger.json")))
def test_every_generation_is_known_by_its_paths(path: Path) -> None:
    data = json.loads(path.read_bytes())
    assert is_of_alteryx_server({**data, "info": {"version": "1"}})

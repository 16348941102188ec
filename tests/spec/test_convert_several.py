from __future__ import annotations

import json
from collections.abc import Callable
from itertools import permutations
from typing import Any

import pytest
from ayx_spec import DocumentError
from ayx_spec.convert import Document, client_names, convert, parse_document

OK = {"200": {"description": "Done."}}
Build = Callable[..., Document]


def answering(name: str) -> dict[str, Any]:
    return {"get": {"responses": {"200": {"schema": {"$ref": f"#/definitions/{name}"}}}}}


def thing(**members: str) -> dict[str, Any]:
    return {"type": "object", "properties": {name: {"type": kind} for name, kind in members.items()}}


def test_each_document_keeps_its_paths_and_equal_schemas_are_one(swagger: Build) -> None:
    documents = [
        swagger({"/v1/a": answering("Thing")}, {"Thing": thing(id="string")}, name="v1.json", version="1"),
        swagger(
            {"/a": answering("Thing")},
            {"Thing": thing(id="string")},
            name="v3.json",
            version="3",
            basePath="/webapi/v3",
        ),
    ]
    document = convert(documents).document

    assert set(document["paths"]) == {"/v1/a", "/v3/a"}
    assert set(document["components"]["schemas"]) == {"Thing"}
    assert document["servers"] == [{"url": "/webapi"}]


def test_different_schemas_of_one_name_get_the_version(swagger: Build) -> None:
    documents = [
        swagger({"/v1/a": answering("Thing")}, {"Thing": thing(id="string")}, name="v1.json", version="1"),
        swagger({"/v2/a": answering("Thing")}, {"Thing": thing(id="string")}, name="v2.json", version="v2"),
        swagger({"/v3/a": answering("Thing")}, {"Thing": thing(id="integer")}, name="v3.json", version="3"),
    ]
    results = {convert(order).render() for order in permutations(documents)}
    conversion = convert(documents)
    document = conversion.document

    assert len(results) == 1
    assert set(document["components"]["schemas"]) == {"Thing", "ThingV2"}
    references = {
        path: item["get"]["responses"]["200"]["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]
        for path, item in document["paths"].items()
    }
    assert references == {"/v3/a": "Thing", "/v2/a": "ThingV2", "/v1/a": "ThingV2"}
    assert {note.where for note in conversion.notes if "ThingV2" in note.what} == {
        "v1.json#/definitions/Thing",
        "v2.json#/definitions/Thing",
    }


def test_schemas_that_refer_to_different_ones_are_different(swagger: Build) -> None:
    outer = {"type": "object", "properties": {"inner": {"$ref": "#/definitions/Inner"}}}
    documents = [
        swagger(
            {}, {"Outer": outer, "Inner": thing(a=kind), "OuterV1": thing()}, name=f"{version}.json", version=version
        )
        for version, kind in (("1", "string"), ("3", "integer"))
    ]
    schemas = convert(documents).document["components"]["schemas"]

    assert set(schemas) == {"Outer", "Inner", "OuterV1", "OuterV1_2", "InnerV1"}
    assert schemas["OuterV1_2"]["properties"]["inner"] == {"$ref": "#/components/schemas/InnerV1"}


def test_a_renamed_schema_is_renamed_wherever_it_is_used(swagger: Build) -> None:
    reference = {"$ref": "#/definitions/Thing"}
    users = {"type": "object", "properties": {"default": reference, "responses": reference, "properties": reference}}
    answer = {"get": {"responses": {"default": {"schema": reference}}}}
    documents = [
        swagger({"/v1/a": answer}, {"Thing": thing(id="string"), "Users": users}, name="v1.json", version="1"),
        swagger({}, {"Thing": thing(id="integer")}, name="v3.json", version="3"),
    ]
    document = convert(documents).document

    renamed = {"$ref": "#/components/schemas/ThingV1"}
    assert document["paths"]["/v1/a"]["get"]["responses"]["default"]["content"]["application/json"]["schema"] == renamed
    assert document["components"]["schemas"]["Users"]["properties"] == dict.fromkeys(users["properties"], renamed)


def test_the_values_of_a_discriminator_follow_a_rename(swagger: Build) -> None:
    pet = {"type": "object", "discriminator": "kind", "properties": {"kind": {"type": "string"}}}
    cat = {"allOf": [{"$ref": "#/definitions/Pet"}]}
    documents = [
        swagger({}, {"Pet": pet, "Cat": cat}, name="v1.json", version="1"),
        swagger({}, {"Cat": thing(id="integer")}, name="v3.json", version="3"),
    ]
    conversion = convert(documents)
    again = convert([parse_document(conversion.render(), "again.json")])

    discriminator = conversion.document["components"]["schemas"]["Pet"]["discriminator"]
    assert discriminator == {"propertyName": "kind", "mapping": {"Cat": "#/components/schemas/CatV1"}}
    assert again.document == conversion.document


def test_two_documents_of_one_version_are_told_apart(swagger: Build) -> None:
    documents = [swagger({}, {"Thing": thing(id=kind)}, name=f"{kind}.json") for kind in ("integer", "string")]

    assert set(convert(documents).document["components"]["schemas"]) == {"Thing", "ThingV1_2"}


def test_documents_of_different_addresses_are_refused(swagger: Build) -> None:
    documents = [swagger({}, name=f"{base[1:]}.json", basePath=base) for base in ("/one", "/other")]
    with pytest.raises(DocumentError, match="different addresses: /one, /other"):
        convert(documents)


def test_tags_of_all_documents_are_kept(swagger: Build) -> None:
    documents = [
        swagger({}, name=f"{tag}.json", version=version, tags=[{"name": tag}])
        for tag, version in (("A", "1"), ("B", "2"))
    ]
    document = convert(documents).document

    assert {tag["name"] for tag in document["tags"]} == {"A", "B"}
    assert document["info"] == {"title": "Test", "version": "2"}


def test_the_notes_are_json(swagger: Build) -> None:
    conversion = convert([swagger({}, {"Page[Job]": thing()}, host="real.example")])

    rows = json.loads(conversion.render_notes())
    assert {"level": "info", "where": "test.json#/definitions/Page[Job]", "what": "renamed to 'Page_Job'"} in rows
    assert all(set(row) == {"level", "where", "what"} and row["level"] in ("info", "warning") for row in rows)


def test_nothing_cannot_be_converted() -> None:
    with pytest.raises(ValueError, match="no document"):
        convert([])


def test_two_documents_that_contradict_each_other_are_refused(swagger: Build) -> None:
    documents = [
        swagger({"/v3/a": {"get": {"responses": {code: {}}}}}, name=f"{code}.json", version=code)
        for code in ("200", "201")
    ]
    with pytest.raises(DocumentError, match="GET /v3/a is described differently"):
        convert(documents)


def test_the_same_document_twice_is_one(swagger: Build) -> None:
    document = swagger({"/v3/a": answering("Thing")}, {"Thing": thing(id="string")})

    assert convert([document, document]).render() == convert([document]).render()


class TestOperationIds:
    @pytest.mark.parametrize(
        ("operation_id", "tag", "expected"),
        [
            ("Users_GetUsers", "Users", "users.get_users"),
            ("DCMEAdmin_GetConnectionAdmin", "DCMEAdmin", "dcme_admin.get_connection_admin"),
            ("users_GetUsers", "Users", "users.get_users"),
            ("GetUsers", "Users", "users.get_users"),
            ("Other_GetUsers", "Users", "users.other_get_users"),
            ("Users_", "Users", "users.users"),
            ("Users_import", "Users", "users.import_"),
            ("GetUsers", None, "default.get_users"),
        ],
    )
    def test_a_call_is_named_after_its_id_without_the_tag(
        self, swagger: Build, operation_id: str, tag: str | None, expected: str
    ) -> None:
        operation = {"operationId": operation_id, "tags": [tag] if tag else [], "responses": {}}
        names = client_names(convert([swagger({"/v3/a": {"get": operation}})]).document)

        assert [f"{name.tag}.{name.function}" for name in names.values()] == [expected]

    def test_names_that_collide_in_a_tag_get_method_and_path(self, swagger: Build) -> None:
        paths = {
            "/v3/users/{id}": {"get": {"operationId": "Users_Get", "tags": ["Users"], "responses": {}}},
            "/v3/users": {"get": {"operationId": "Users_get", "tags": ["Users"], "responses": {}}},
            "/v3/jobs": {"get": {"operationId": "Jobs_Get", "tags": ["Jobs"], "responses": {}}},
        }
        names = client_names(convert([swagger(paths)]).document)

        assert {path: f"{name.tag}.{name.function}" for (_, path), name in names.items()} == {
            "/v3/users/{id}": "users.get_get_v3_users_id",
            "/v3/users": "users.get_get_v3_users",
            "/v3/jobs": "jobs.get",
        }

    def test_missing_and_repeated_ids_are_made_up_and_noted(self, swagger: Build) -> None:
        paths = {
            "/v3/a": {"get": {"operationId": "A", "responses": OK}, "put": {"responses": OK}},
            "/v3/b": {"get": {"operationId": "A", "responses": OK}},
        }
        conversion = convert([swagger(paths)])
        found = {
            f"{method} {path}": operation["operationId"]
            for path, item in conversion.document["paths"].items()
            for method, operation in item.items()
        }

        assert found == {"get /v3/a": "A", "put /v3/a": "put_v3_a", "get /v3/b": "A_get_v3_b"}
        assert [note.where for note in conversion.notes] == [
            "test.json#/paths/~1v3~1a/put",
            "test.json#/paths/~1v3~1b/get",
        ]

"""The documents of each Server generation: sound as Swagger 2.0; those of one fit to be merged into one client."""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

DOCUMENTS = Path(__file__).parents[2] / "spec" / "documents"
Document = dict[str, Any]
V1, V2, V3 = (f"server-2025.2-v{version}.swagger.json" for version in (1, 2, 3))
MID, OLD = (f"server-{generation}-v3.swagger.json" for generation in ("2025.1", "2022.3"))
NEWEST = [V1, V2, V3]
NAMES = [*NEWEST, MID, OLD]
SIZES = {  # paths, operations, definitions
    V1: (19, 21, 44),
    V2: (7, 7, 17),
    V3: (64, 97, 112),
    MID: (61, 90, 103),
    OLD: (46, 65, 63),
}


def load(name: str) -> Document:
    document: Document = json.loads((DOCUMENTS / name).read_bytes())
    return document


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


def test_the_folder_holds_exactly_the_documents_and_their_provenance() -> None:
    assert {path.name for path in DOCUMENTS.iterdir()} == {*NAMES, "provenance.json"}


@pytest.mark.parametrize("name", [*NAMES, "provenance.json"])
def test_formatting_is_stable(name: str) -> None:
    raw = (DOCUMENTS / name).read_bytes()
    assert (json.dumps(json.loads(raw), indent=2, ensure_ascii=False) + "\n").encode() == raw


@pytest.mark.parametrize("name", NAMES)
def test_provenance_describes_the_document(name: str) -> None:
    entries = {entry["file"]: entry for entry in load("provenance.json")["documents"]}
    document, entry = load(name), entries[name]
    assert entry["sha256"] == hashlib.sha256((DOCUMENTS / name).read_bytes()).hexdigest()
    assert entry["api_version"] == document["info"]["version"]
    assert (len(document["paths"]), entry["operations"], entry["definitions"]) == SIZES[name]
    assert entry["generation"] in name
    assert entry["reconstruction"] is True
    assert entry["material"]
    assert entry["confidence"] in {"high", "medium", "low"}
    marked = document["info"].get("x-provenance")
    if marked:
        assert {key: marked[key] for key in ("material", "confidence", "uncertain")} == {
            key: entry[key] for key in ("material", "confidence", "uncertain")
        }


@pytest.mark.parametrize("name", [V1, V2])
def test_a_document_never_captured_says_so(name: str) -> None:
    info = load(name)["info"]
    assert "reconstruction from third-party models" in info["description"]
    assert info["x-provenance"]["captured"] is False


@pytest.mark.parametrize("name", NAMES)
def test_size(name: str) -> None:
    document = load(name)
    found = (len(document["paths"]), len(list(operations(document))), len(document["definitions"]))
    assert found == SIZES[name]


@pytest.mark.parametrize("name", NAMES)
def test_top_level_is_what_the_server_writes(name: str) -> None:
    document = load(name)
    assert list(document) == [
        *("swagger", "info", "host", "basePath", "schemes", "paths", "definitions", "securityDefinitions")
    ]
    assert document["swagger"] == "2.0"
    assert (document["host"], document["basePath"], document["schemes"]) == ("localhost", "/webapi/", ["http"])
    assert list(document["securityDefinitions"]) == ["oauth2"]
    assert bare(document["securityDefinitions"]["oauth2"]) == {
        "type": "oauth2",
        "flow": "application",
        "tokenUrl": "http://localhost/webapi/oauth2/token",
        "scopes": {},
    }


@pytest.mark.parametrize("name", NAMES)
def test_every_reference_resolves(name: str) -> None:
    document = load(name)
    dangling = {r for r in references(document) if r.removeprefix("#/definitions/") not in document["definitions"]}
    assert dangling == set()


@pytest.mark.parametrize("name", NAMES)
def test_every_operation_is_complete(name: str) -> None:
    keys = ["tags", "summary", "description", "operationId", "consumes", "produces"]
    keys += ["parameters", "responses", "security"]
    for path, method, found in operations(load(name)):
        where = f"{method} {path}"
        assert list(found) == [key for key in keys if key in found], where
        assert {*keys} - {*found} <= {"parameters"}, where
        assert found["security"] == [{"oauth2": []}], where
        assert len(found["tags"]) == 1, where
        assert re.fullmatch(rf"{found['tags'][0]}_[A-Z]\w+", found["operationId"]), where
        assert "401" in found["responses"], where
        assert all(response["description"] for response in found["responses"].values()), where


@pytest.mark.parametrize("name", NAMES)
def test_parameters_are_consistent(name: str) -> None:
    for path, method, found in operations(load(name)):
        where = f"{method} {path}"
        parameters = found.get("parameters", [])
        places = Counter(p["in"] for p in parameters)
        assert {p["name"] for p in parameters if p["in"] == "path"} == set(re.findall(r"\{(\w+)\}", path)), where
        assert places["body"] <= 1, where
        assert not (places["body"] and places["formData"]), where
        assert bool(found["consumes"]) == bool(places["body"] or places["formData"]), where
        assert len({(p["in"], p["name"]) for p in parameters}) == len(parameters), where
        for p in parameters:
            assert p["description"], (where, p["name"])
            assert ("schema" in p) == (p["in"] == "body"), (where, p["name"])
            assert p["required"] or p["in"] not in {"path", "body"}, (where, p["name"])


@pytest.mark.parametrize("name", NAMES)
def test_definitions_are_described_and_consistent(name: str) -> None:
    for title, definition in load(name)["definitions"].items():
        assert definition["description"], title
        assert definition["type"] == "object", title
        assert definition["properties"], title
        assert set(definition.get("required", [])) <= set(definition["properties"]), title
        for member, schema in definition["properties"].items():
            assert schema["description"], (title, member)


def test_operation_ids_are_unique_over_all_documents() -> None:
    counted = Counter(found["operationId"] for name in NEWEST for _, _, found in operations(load(name)))
    assert [operation_id for operation_id, count in counted.items() if count > 1] == []


def test_tags_of_the_older_documents_do_not_mix_with_v3() -> None:
    tags = {name: {found["tags"][0] for _, _, found in operations(load(name))} for name in NAMES}
    assert tags[V1] == {"SubscriptionWorkflows", "SubscriptionJobs", "AdminV1"}
    assert tags[V2] == {"UserV2", "AdminV2"}
    assert not (tags[V1] | tags[V2]) & tags[V3]


def test_python_names_stay_distinct_when_the_documents_are_merged() -> None:
    names = Counter(
        (found["tags"][0].lower(), found["operationId"].removeprefix(found["tags"][0] + "_").lower())
        for name in NEWEST
        for _, _, found in operations(load(name))
    )
    assert max(names.values()) == 1


def test_the_v1_and_v2_documents_divide_the_paths_by_version() -> None:
    assert {path.split("/")[1] + path.split("/")[2] * path.startswith("/admin") for path in load(V1)["paths"]} == {
        *("v1", "adminv1")
    }
    assert {"".join(path.split("/")[1:3]) for path in load(V2)["paths"]} == {"userv2", "adminv2"}


def test_insights_are_in_the_oldest_generation_alone() -> None:
    mention = re.compile(r'"[^" ]*insight[^" ]*"', re.IGNORECASE)
    assert [name for name in NAMES if mention.search((DOCUMENTS / name).read_text("utf-8"))] == [OLD]


@pytest.mark.parametrize("name", [V1, V2])
def test_every_model_of_the_older_documents_is_reached(name: str) -> None:
    document = load(name)
    assert set(document["definitions"]) == {r.removeprefix("#/definitions/") for r in references(document)}


def test_models_shared_between_documents_are_equal_except_the_known_one() -> None:
    definitions = [load(name)["definitions"] for name in NEWEST]
    shared = Counter(title for each in definitions for title in each)
    differing = {
        title
        for title, count in shared.items()
        if count > 1 and len({json.dumps(each[title]) for each in definitions if title in each}) > 1
    }
    assert {title for title, count in shared.items() if count > 1} > {"AppValue", "IterationBase", "JobApiView"}
    assert differing == {"ScheduleView"}

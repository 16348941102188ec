"""What holds for every document: nothing is lost, nothing dangles, nothing is changed, the result is the same twice."""

from __future__ import annotations

import contextlib
import copy
import json
from pathlib import Path
from typing import Any

import pytest
from ayx_spec import DocumentError, bundled_documents
from ayx_spec.convert import Conversion, client_names, convert, load_document, operations_of, parse_document
from ayx_spec.convert.references import local_name, references
from ayx_spec.generation.view import generator_view
from fast import examples
from hypothesis import given, settings
from hypothesis import strategies as st
from openapi_spec_validator import OpenAPIV30SpecValidator

NAMES = ("Job", "Page[Job]", "Page_Job", "Dictionary`2[String,Job]", "Api.V1.User", "Api.V3.User", "a/b~c d", "job")

scalars = st.one_of(
    st.fixed_dictionaries({"type": st.sampled_from(["string", "integer", "number", "boolean"])}),
    st.just({"type": "string", "format": "date-time", "x-nullable": True}),
    st.fixed_dictionaries(
        {"type": st.just("string"), "enum": st.lists(st.sampled_from(["a", "A", "a b", ""]), min_size=1)}
    ),
    st.just({"type": "object"}),
)
schemas = st.recursive(
    scalars
    | st.sampled_from(NAMES).map(lambda name: {"$ref": f"#/definitions/{name.replace('~', '~0').replace('/', '~1')}"}),
    lambda inner: st.one_of(
        st.fixed_dictionaries({"type": st.just("array"), "items": inner}),
        st.fixed_dictionaries(
            {"type": st.just("object"), "properties": st.dictionaries(st.sampled_from(["a", "b", "default"]), inner)}
        ),
        st.fixed_dictionaries({"type": st.just("object"), "additionalProperties": inner}),
        st.fixed_dictionaries({"allOf": st.lists(inner, min_size=1, max_size=2)}),
    ),
    max_leaves=6,
)
definitions = st.fixed_dictionaries(dict.fromkeys(NAMES, schemas))
types = st.lists(
    st.sampled_from(["application/json", "text/json", "text/xml", "application/octet-stream", "text/plain"]),
    unique=True,
    max_size=3,
)
queries = st.lists(
    st.builds(lambda name, kind: {"name": name, "in": "query", **kind}, st.sampled_from("abcde"), scalars),
    max_size=3,
    unique_by=lambda parameter: parameter["name"],
)
bodies = st.one_of(
    st.just([]),
    st.builds(
        lambda schema, required: [{"name": "body", "in": "body", "required": required, "schema": schema}],
        schemas,
        st.booleans(),
    ),
    st.lists(
        st.builds(
            lambda name, kind: {"name": name, "in": "formData", "type": kind},
            st.sampled_from("fgh"),
            st.sampled_from(["string", "file", "integer"]),
        ),
        min_size=1,
        unique_by=lambda parameter: parameter["name"],
    ),
)
operations = st.builds(
    lambda name, tag, query, body, answers, consumes, produces: {
        "operationId": name,
        "tags": tag,
        "parameters": query + body,
        "responses": answers,
        "consumes": consumes,
        "produces": produces,
    },
    st.sampled_from(["Users_Get", "Users_get", "Get", ""]),
    st.sampled_from([["Users"], [], ["Jobs", "Users"]]),
    queries,
    bodies,
    st.dictionaries(st.sampled_from(["200", "204", "404", "default"]), schemas.map(lambda schema: {"schema": schema})),
    types,
    types,
)
paths = st.dictionaries(
    st.sampled_from(["/v3/a", "/v3/b", "/v1/a", "/v3/a/{id}"]),
    st.dictionaries(st.sampled_from(["get", "put", "post"]), operations, min_size=1),
    min_size=1,
)
documents = st.builds(
    lambda p, d: {
        "swagger": "2.0",
        "info": {"title": "T", "version": "1"},
        "basePath": "/webapi",
        "paths": p,
        "definitions": d,
    },
    paths,
    definitions,
)


def _what_the_validator_says(document: dict[str, Any]) -> list[str]:
    """Return what is wrong; nothing where the validator does not end, as on a list of itself inside an `allOf`."""
    try:
        return [str(error) for error in OpenAPIV30SpecValidator(document).iter_errors()]
    except RecursionError:
        return []
    except BaseException as error:
        if type(error).__name__ == "PanicException" and "RecursionError" in str(error):
            return []  # the same in the middle of its compiled part, which some versions have
        raise


def check_output(conversion: Conversion) -> None:
    """Check what holds for every output: it is valid, nothing dangles, and the generator gets it whole."""
    document = json.loads(conversion.render())
    assert _what_the_validator_says(document) == []
    known = set(document["components"]["schemas"])
    assert {local_name(found, "components", "schemas") for _, found in references(document)} <= known
    view = generator_view(document).document
    assert {local_name(found, "components", "schemas") for _, found in references(view)} <= set(
        view["components"]["schemas"]
    )
    assert len(operations_of(view["paths"])) == len(operations_of(document["paths"]))


@settings(max_examples=examples(60), deadline=None)
@given(documents)
def test_nothing_is_lost_and_nothing_dangles(data: dict[str, Any]) -> None:
    source = parse_document(json.dumps(data).encode(), "given.json")
    before = copy.deepcopy(source.data)
    conversion = convert([source])
    document = conversion.document

    assert source.data == before
    assert convert([source]).render() == conversion.render()
    check_output(conversion)
    known = set(document["components"]["schemas"])
    assert len(known - {"FreeFormObject"}) == len(NAMES)

    given_operations = {(method, path): operation for method, path, operation in operations_of(data["paths"])}
    result = {(method, path): operation for method, path, operation in operations_of(document["paths"])}
    assert result.keys() == given_operations.keys()
    assert len({operation["operationId"] for operation in result.values()}) == len(result)
    assert len(set(client_names(document).values())) == len(result)
    for key, operation in given_operations.items():
        _check_parameters(operation, result[key], key[1])
        assert result[key]["responses"].keys() == (operation["responses"].keys() or {"default"})


def _check_parameters(given_operation: dict[str, Any], operation: dict[str, Any], path: str) -> None:
    by_place: dict[str, set[str]] = {"query": set(), "body": set(), "formData": set()}
    for parameter in given_operation["parameters"]:
        by_place[parameter["in"]].add(parameter["name"])
    found = {(parameter["in"], parameter["name"]) for parameter in operation.get("parameters", [])}
    assert found == {("query", name) for name in by_place["query"]} | ({("path", "id")} if "{id}" in path else set())
    content = operation.get("requestBody", {}).get("content", {})
    assert len(content) == (1 if by_place["body"] or by_place["formData"] else 0)
    if by_place["formData"]:
        ((media_type, value),) = content.items()
        assert set(value["schema"]["properties"]) == by_place["formData"]
        files = any(parameter.get("type") == "file" for parameter in given_operation["parameters"])
        assert (media_type == "multipart/form-data") is files


@settings(max_examples=examples(60), deadline=None)
@given(documents)
def test_a_converted_document_is_converted_to_itself(data: dict[str, Any]) -> None:
    first = convert([parse_document(json.dumps(data).encode(), "given.json")])
    second = convert([parse_document(first.render(), "converted.json")])

    assert second.document == first.document


@settings(max_examples=examples(60), deadline=None)
@given(documents, documents)
def test_merging_is_independent_of_the_order(one: dict[str, Any], other: dict[str, Any]) -> None:
    one["info"]["version"], other["info"]["version"] = "1", "3"
    other["paths"] = {f"/other{path}": item for path, item in other["paths"].items()}
    pair = [
        parse_document(json.dumps(one).encode(), "one.json"),
        parse_document(json.dumps(other).encode(), "other.json"),
    ]
    conversion = convert(pair)

    assert convert(pair[::-1]).render() == conversion.render()
    known = set(conversion.document["components"]["schemas"])
    assert {local_name(found, "components", "schemas") for _, found in references(conversion.document)} <= known
    count = len(operations_of(one["paths"])) + len(operations_of(other["paths"]))
    assert len(operations_of(conversion.document["paths"])) == count


RICH = {
    "swagger": "2.0",
    "info": {"title": "T", "version": "1"},
    "basePath": "/webapi",
    "host": "h.example",
    "tags": [{"name": "A"}],
    "consumes": ["application/json"],
    "security": [{"o": []}],
    "securityDefinitions": {
        "o": {"type": "oauth2", "flow": "application", "tokenUrl": "http://h.example/t", "scopes": {"a": "b"}}
    },
    "parameters": {"P": {"name": "p", "in": "query", "type": "array", "items": {"type": "string"}}},
    "responses": {"R": {"description": "r", "headers": {"X": {"type": "string"}}}},
    "definitions": {
        "A": {
            "type": "object",
            "discriminator": "kind",
            "required": ["kind"],
            "properties": {
                "kind": {"type": "string", "enum": ["a", "b"], "default": "a", "x-enumNames": ["x", "y"]},
                "b": {"$ref": "#/definitions/B", "description": "b"},
            },
            "additionalProperties": {"type": "integer", "format": "int32", "minimum": 1},
        },
        "B": {"allOf": [{"$ref": "#/definitions/A"}], "x-ms-enum": {"values": [{"name": "n"}]}},
    },
    "paths": {
        "/v3/a/{id}": {
            "parameters": [
                {"name": "id", "in": "path", "required": True, "type": "string"},
                {"$ref": "#/parameters/P"},
            ],
            "post": {
                "operationId": "A_B",
                "tags": ["A"],
                "summary": "s",
                "consumes": ["application/form-data"],
                "produces": ["application/octet-stream"],
                "parameters": [
                    {"name": "f", "in": "formData", "type": "file"},
                    {
                        "name": "q",
                        "in": "query",
                        "type": "array",
                        "collectionFormat": "csv",
                        "items": {"type": "string"},
                    },
                    {"name": "h", "in": "header", "type": "string", "format": "date-time", "default": "x"},
                ],
                "responses": {
                    "200": {"schema": {"type": "file"}, "examples": {"a/b": 1}},
                    "404": {"$ref": "#/responses/R"},
                },
            },
            "put": {
                "parameters": [{"name": "b", "in": "body", "schema": {"$ref": "#/definitions/A"}}],
                "responses": {"default": {"description": "d"}},
            },
        }
    },
}


def places(value: Any, steps: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return the way to every value inside a JSON value."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [steps] * bool(steps) + [way for key, member in inner for way in places(member, (*steps, key))]


junk: st.SearchStrategy[Any] = st.sampled_from(
    [None, True, 7, -1.5, "", "x", "#/definitions/A", "{", [], {}, [None], ["x"], [{}], {"": None}, {"$ref": "x"}]
)


@settings(max_examples=examples(120), deadline=None)
@given(st.lists(st.tuples(st.sampled_from(places(RICH)), junk), min_size=1, max_size=2))
def test_a_document_with_anything_anywhere_is_converted_or_refused(changes: list[tuple[tuple[Any, ...], Any]]) -> None:
    data = copy.deepcopy(RICH)
    for (*way, key), value in changes:
        holder: Any = data
        with contextlib.suppress(
            KeyError, IndexError, TypeError
        ):  # the first change may have removed the second's place
            for step in way:
                holder = holder[step]
            holder[key] = copy.deepcopy(value)
    try:
        conversion = convert([parse_document(json.dumps(data).encode(), "given.json")])
    except DocumentError as error:
        message = str(error)
        assert message.startswith("given.json: #")
        assert "\n" not in message
        return
    check_output(conversion)


@pytest.mark.parametrize("path", bundled_documents(), ids=lambda path: str(path.name))
def test_our_documents(path: Path) -> None:
    check_output(convert([load_document(path)]))
    check_output(convert([load_document(path)], repairs=False))


def test_the_document_of_a_server(captured: Path) -> None:
    check_output(convert([load_document(captured)]))

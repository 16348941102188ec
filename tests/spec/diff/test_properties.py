"""What holds for any two documents: nothing to themselves, forth and back mirror each other, form is no content."""

from __future__ import annotations

import json
import random
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from ayx_spec import bundled_documents
from ayx_spec.convert import Document, convert, load_document, parse_document
from ayx_spec.diff import Change, Comparison, compare_documents
from ayx_spec.diff.reports import as_json, json_schema
from fast import examples
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

Data = dict[str, Any]

MODELS = ("User", "UserView", "Job", "Page[Job]")
scalars = st.sampled_from(
    [
        {"type": "string"},
        {"type": "string", "format": "date-time"},
        {"type": "string", "enum": ["a", "b"]},
        {"type": "string", "enum": ["a", "c"], "x-nullable": True},
        {"type": "integer", "format": "int32"},
        {"type": "integer", "format": "int64"},
        {"type": "number"},
        {"type": "boolean"},
        {"type": "object"},
        {},
    ]
)
schemas = st.recursive(
    scalars | st.sampled_from(MODELS).map(lambda name: {"$ref": f"#/definitions/{name}"}),
    lambda inner: st.one_of(
        st.fixed_dictionaries({"type": st.just("array"), "items": inner}),
        st.builds(
            lambda members, required: {"type": "object", "properties": members, "required": required},
            st.dictionaries(st.sampled_from(["id", "name", "items"]), inner),
            st.lists(st.sampled_from(["id", "name"]), unique=True),
        ),
        st.fixed_dictionaries({"type": st.just("object"), "additionalProperties": inner}),
        st.fixed_dictionaries({"allOf": st.lists(inner, min_size=1, max_size=2)}),
    ),
    max_leaves=4,
)
parameters = st.lists(
    st.builds(
        lambda name, place, required, schema: {"name": name, "in": place, "required": required, **schema},
        st.sampled_from(["view", "limit", "q"]),
        st.sampled_from(["query", "header"]),
        st.booleans(),
        scalars.filter(lambda schema: schema.get("type") not in (None, "object")),
    ),
    max_size=3,
    unique_by=lambda one: (one["name"], one["in"]),
)
bodies = st.one_of(
    st.just([]),
    st.builds(
        lambda schema, required: [{"name": "body", "in": "body", "required": required, "schema": schema}],
        schemas,
        st.booleans(),
    ),
)
operations = st.builds(
    lambda name, listed, body, answers, deprecated: {
        "operationId": name,
        "tags": ["Users"],
        "parameters": listed + body,
        "deprecated": deprecated,
        "responses": {code: {"description": "", "schema": schema} for code, schema in answers.items()},
    },
    st.sampled_from(["Users_Get", "Users_List", "Users_Find", "Users_Put"]),
    parameters,
    bodies,
    st.dictionaries(st.sampled_from(["200", "404"]), schemas),
    st.just(False),
)
paths = st.dictionaries(
    st.sampled_from(["/v3/users", "/v3/jobs", "/v1/users"]),
    st.dictionaries(st.sampled_from(["get", "put"]), operations, min_size=1),
    min_size=1,
)


def described(paths: Data, models: Data) -> Data:
    return {
        "swagger": "2.0",
        "info": {"title": "T", "version": "1"},
        "basePath": "/webapi",
        "paths": paths,
        "definitions": models,
    }


#: Some models are missing, so that references lead nowhere.
documents = st.builds(described, paths, st.dictionaries(st.sampled_from(MODELS), schemas))
whole_documents = st.builds(described, paths, st.fixed_dictionaries(dict.fromkeys(MODELS, schemas)))

#: kind -> the kinds that it is from the other side
MIRRORED = {
    "removed": ("added", "added_required"),
    "added": ("removed",),
    "added_required": ("removed",),
    "became_required": ("became_optional",),
    "became_optional": ("became_required",),
    "enum_added": ("enum_removed",),
    "enum_removed": ("enum_added",),
    "status_added": ("status_removed",),
    "status_removed": ("status_added",),
}


def document(data: Data, name: str = "given.json") -> Document:
    return parse_document(json.dumps(data).encode(), name)


def sides(change: Change) -> tuple[str, str, str]:
    """The holder of a change and its two sides, whichever way it is looked at."""
    holder, _, aspect = change.kind.partition(".")
    seen = min([aspect, *MIRRORED.get(aspect, ())]) if aspect != "added_required" else "added"
    one, other = sorted((json.dumps(change.before), json.dumps(change.after)))
    return f"{holder}.{seen}", one, other


@settings(max_examples=examples(50), deadline=None)
@given(documents, documents)
def test_forth_and_back_mirror_each_other(old: Data, new: Data) -> None:
    forth = compare_documents([document(old)], [document(new)])
    back = compare_documents([document(new)], [document(old)])

    assert Counter(map(sides, forth.changes)) == Counter(map(sides, back.changes))
    Draft202012Validator(json_schema()).validate(json.loads(as_json(forth)))


@settings(max_examples=examples(30), deadline=None)
@given(whole_documents)
def test_nothing_changes_from_a_document_to_itself_or_to_its_converted_form(data: Data) -> None:
    given_document = document(data)
    converted = parse_document(convert([given_document]).render(), "converted.json")

    assert compare_documents([given_document], [document(data)]).changes == ()
    assert compare_documents([given_document], [converted]).changes == ()
    assert compare_documents([converted], [given_document]).changes == ()


def shuffled(value: Any, order: random.Random) -> Any:
    """The same with every object's members in another order, other descriptions and other examples."""
    if isinstance(value, list):
        return [shuffled(member, order) for member in value]
    if not isinstance(value, dict):
        return value
    keys = list(value)
    order.shuffle(keys)
    told = {"description": "told otherwise", "summary": "told otherwise"}
    return {
        key: told[key] if key in told and isinstance(value[key], str) else shuffled(value[key], order) for key in keys
    }


@pytest.mark.parametrize("path", bundled_documents(), ids=lambda path: path.name)
def test_order_white_space_and_what_is_told_are_no_change(path: Path) -> None:
    given_document = load_document(path)
    other = shuffled(given_document.data, random.Random(7))

    assert (
        compare_documents([given_document], [parse_document(json.dumps(other, indent=7).encode(), "b")]).changes == ()
    )


@pytest.mark.parametrize("path", bundled_documents(), ids=lambda path: path.name)
def test_the_servers_documents_and_their_converted_forms_are_equal(path: Path) -> None:
    given_document = load_document(path)
    converted = parse_document(convert([given_document]).render(), "converted.json")

    assert compare_documents([given_document], [converted]).changes == ()
    assert compare_documents([converted], [given_document]).changes == ()


@pytest.mark.parametrize("repairs", [True, False])
def test_several_documents_and_their_one_converted_form_are_equal(repairs: bool) -> None:
    bundled = [load_document(path) for path in bundled_documents()]
    converted = parse_document(convert(bundled, repairs=repairs).render(), "converted.json")

    assert compare_documents(bundled, [converted]).changes == ()


def test_several_documents_are_paired_whatever_their_order() -> None:
    bundled = [load_document(path) for path in bundled_documents()]
    comparison: Comparison = compare_documents(bundled, bundled[::-1])

    assert comparison.changes == ()
    assert comparison.unchanged_operations == sum(len(item) for one in bundled for item in one.data["paths"].values())


def test_a_document_that_comes_or_goes_brings_or_takes_its_operations() -> None:
    v1, v2, v3 = (load_document(path) for path in sorted(bundled_documents()))
    count = sum(len(item) for item in v1.data["paths"].values())

    gone = compare_documents([v1, v2, v3], [v2, v3])
    come = compare_documents([v2, v3], [v1, v2, v3])

    assert sum(change.kind == "operation.removed" for change in gone.changes) == count
    assert sum(change.kind == "operation.added" for change in come.changes) == count
    assert {change.kind for change in gone.changes} == {"operation.removed", "model.removed"}

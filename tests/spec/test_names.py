from __future__ import annotations

import pytest
from ayx_spec.convert.identifiers import class_name, constant_name, function_name, module_name, tag_name
from ayx_spec.convert.names import allowed_name, schema_names
from hypothesis import given, settings
from hypothesis import strategies as st


@pytest.mark.parametrize(
    ("given_name", "expected"),
    [
        ("UserView", "UserView"),
        ("Page[Job]", "Page_Job"),
        ("Dictionary`2[String,Job]", "Dictionary_String_Job"),
        ("Outer+Inner", "Inner"),
        ("Api.Models.Page[Api.Models.Job]", "Page_Job"),
        ("Dictionary«string,Job»", "Dictionary_string_Job"),
        ("[]", "Schema"),
        ("v1.0", "v1.0"),
    ],
)
def test_one_name(given_name: str, expected: str) -> None:
    assert schema_names([given_name]) == {given_name: expected}


def test_namespaces_stay_where_they_tell_names_apart() -> None:
    assert schema_names(["Api.V1.Job", "Api.V3.Job", "Api.V3.User"]) == {
        "Api.V1.Job": "Api.V1.Job",
        "Api.V3.Job": "Api.V3.Job",
        "Api.V3.User": "User",
    }


names = st.lists(st.text(st.sampled_from("ABab12[]`,+._ é"), min_size=1, max_size=8), max_size=8)


@given(names)
def test_names_stay_distinct_as_classes_and_modules(some: list[str]) -> None:
    keys = schema_names(some)

    assert set(keys) == set(some)
    assert len({module_name(key) for key in keys.values()}) == len(keys)
    assert len({class_name(key) for key in keys.values()}) == len(keys)
    assert all(key == allowed_name(key) for key in keys.values())


@given(names, st.randoms())
def test_the_order_of_names_does_not_matter(some: list[str], random: object) -> None:
    shuffled = list(some)
    random.shuffle(shuffled)  # type: ignore[attr-defined]  # hypothesis' own Random

    assert schema_names(shuffled) == schema_names(some)


@settings(deadline=None)  # the first example imports the generator
@given(st.text(max_size=20))
def test_python_names_are_those_of_the_generator(text: str) -> None:
    strings = pytest.importorskip("openapi_python_client.strings")

    assert function_name(text) == strings.PythonIdentifier(text, "field_")
    assert tag_name(text) == strings.PythonIdentifier(text, "tag")
    assert class_name(text) == strings.ClassName(text, "field_")
    assert constant_name(text) == strings.snake_case(text).upper()

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from ayx_spec.convert import Conversion, Document, convert

Converted = Callable[[dict[str, Any]], tuple[dict[str, Any], Conversion]]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"type": "file"}, {"type": "string", "format": "binary"}),
        ({"type": "string", "x-nullable": True}, {"type": "string", "nullable": True}),
        ({"type": ["string", "null"]}, {"type": "string", "nullable": True}),
        ({"properties": {"a": {"type": "string"}}}, {"properties": {"a": {"type": "string"}}, "type": "object"}),
        ({"type": "array"}, {"type": "array", "items": {}}),
        ({"type": "object"}, {"type": "object", "additionalProperties": True}),
        ({"type": "integer", "exclusiveMinimum": 3}, {"type": "integer", "minimum": 3, "exclusiveMinimum": True}),
        ({"type": "integer", "minimum": 3, "exclusiveMinimum": True},) * 2,
        ({"type": "string", "format": "date-time", "description": None}, {"type": "string", "format": "date-time"}),
        ({"type": "string", "enum": ["a", None]}, {"type": "string", "enum": ["a", None], "nullable": True}),
        (
            {"type": "string", "x-nullable": True, "enum": ["a"]},
            {"type": "string", "nullable": True, "enum": ["a", None]},
        ),
        (
            {"type": "integer", "enum": [0, 1], "x-enumNames": ["Off", "On"]},
            {"type": "integer", "enum": [0, 1], "x-enum-varnames": ["OFF", "ON"]},
        ),
        ({"type": "integer", "enum": ["0", "1"]}, {"type": "integer", "enum": [0, 1]}),
        ({"type": "string", "enum": [1, "b"]}, {"type": "string", "enum": ["1", "b"]}),
        ({"type": "number", "enum": [1.5]},) * 2,
        ({"type": ["string", "integer"]}, {"anyOf": [{"type": "string"}, {"type": "integer"}]}),
        ({"type": ["string", "integer"], "enum": ["a", 1]}, {"type": "string", "enum": ["a", "1"]}),
        ({"enum": [1, 2]}, {"enum": [1, 2], "type": "integer"}),
        ({"type": "string", "enum": ["a", "a"]}, {"type": "string", "enum": ["a"]}),
        ({"type": "string", "enum": [{}]}, {"type": "string"}),
        ({"type": "integer", "enum": ["x"]}, {"type": "integer"}),
        ({"type": "string", "format": "binary", "default": "x"}, {"type": "string", "format": "binary"}),
        (
            {"type": "string", "enum": ["a"], "x-ms-enum": {"values": [{"name": "First"}]}},
            {
                "type": "string",
                "enum": ["a"],
                "x-ms-enum": {"values": [{"name": "First"}]},
                "x-enum-varnames": ["FIRST"],
            },
        ),
        ({"type": "string", "default": 7}, {"type": "string", "default": "7"}),
        ({"type": "integer", "default": "7"}, {"type": "integer", "default": 7}),
        ({"type": "integer", "default": "x"}, {"type": "integer"}),
        ({"type": "boolean", "default": "True"}, {"type": "boolean", "default": True}),
        ({"type": "integer", "default": 7, "maximum": 5}, {"type": "integer", "maximum": 5}),
        ({"type": "string", "default": "b", "pattern": "^a"}, {"type": "string", "pattern": "^a"}),
        ({"type": "string", "pattern": "("}, {"type": "string", "x-pattern": "("}),
        ({"type": "Integer"}, {"type": "integer"}),
        ({"type": "datetime"}, {"type": "string", "format": "date-time"}),
        ({"type": "int", "maxLength": "5"}, {"type": "integer", "format": "int32", "maxLength": 5}),
        ({"type": "any"}, {}),
        ({"type": "Nonsense", "description": 7}, {"description": "7"}),
        (
            {"type": "array", "enum": ["a"], "items": {"type": "string"}},
            {"type": "array", "items": {"type": "string", "enum": ["a"]}},
        ),
        (
            {"type": "array", "items": [{"type": "string"}, {"type": "integer"}]},
            {"type": "array", "items": {"anyOf": [{"type": "string"}, {"type": "integer"}]}},
        ),
        ({"type": "array", "items": []}, {"type": "array", "items": {}}),
        ({"type": "array", "items": True}, {"type": "array", "items": {}}),
        (
            {"type": "object", "properties": {"a": {"type": "string", "required": True}}, "required": "b"},
            {"type": "object", "properties": {"a": {"type": "string"}}, "required": ["b", "a"]},
        ),
        (
            {"type": "object", "properties": [], "maximim": 3},
            {"type": "object", "additionalProperties": True, "properties": {}},
        ),
        (
            {"type": "object", "patternProperties": {"^a": {}}, "properties": {"b": {}}, "additionalProperties": False},
            {"type": "object", "properties": {"b": {}}},
        ),
        ({"const": "a"}, {"type": "string", "enum": ["a"]}),
        ({"type": "string", "allOf": [], "discriminator": {}}, {"type": "string"}),
        ({"type": "string", "format": "date-time", "default": ""}, {"type": "string", "format": "date-time"}),
        ({"type": "boolean", "default": False}, {"type": "boolean", "default": False}),
        ({"type": "integer", "default": True}, {"type": "integer"}),
    ],
)
def test_one_schema(one_schema: Converted, given: dict[str, Any], expected: dict[str, Any]) -> None:
    assert one_schema(given)[0] == expected


def test_values_that_become_one_python_name_are_told_apart(one_schema: Converted) -> None:
    schema, _ = one_schema({"type": "string", "enum": ["a-b", "a_b", "A B", ""]})

    assert schema["enum"] == ["a-b", "a_b", "A B", ""]
    assert schema["x-enum-varnames"] == ["A_B", "A_B_2", "A_B_3", "VALUE_3"]


def test_read_only_members_are_not_required(one_schema: Converted) -> None:
    schema, conversion = one_schema(
        {
            "type": "object",
            "required": ["id", "name"],
            "properties": {"id": {"type": "string", "readOnly": True}, "name": {"type": "string"}},
        }
    )

    assert schema["required"] == ["name"]
    assert any("read-only" in note.what for note in conversion.notes)


def test_what_stands_beside_a_reference_is_kept_or_noted(swagger: Callable[..., Document]) -> None:
    member = {"$ref": "#/definitions/B", "description": "The b.", "x-nullable": True, "maxLength": 3}
    conversion = convert(
        [swagger(definitions={"A": {"type": "object", "properties": {"b": member}}, "B": {"type": "string"}})]
    )

    schema = conversion.document["components"]["schemas"]["A"]["properties"]["b"]
    assert schema == {"description": "The b.", "nullable": True, "allOf": [{"$ref": "#/components/schemas/B"}]}
    assert [note.where for note in conversion.notes if "maxLength" in note.what] == [
        "test.json#/definitions/A/properties/b"
    ]


def test_references_in_data_are_left_alone(one_schema: Converted) -> None:
    example = {"$ref": "#/definitions/Nowhere"}
    schema, _ = one_schema({"type": "object", "properties": {"a": {"type": "string"}}, "example": example})

    assert schema["example"] == example


def test_a_property_may_be_called_like_a_keyword(swagger: Callable[..., Document]) -> None:
    names = ("$ref", "default", "enum", "example", "items", "properties", "required", "type", "x-y")
    members = {name: {"type": "string"} for name in names if name != "$ref"}
    members["default"] = {"$ref": "#/definitions/Other Name"}
    document = swagger(definitions={"A": {"type": "object", "properties": members}, "Other Name": {"type": "string"}})
    schema = convert([document]).document["components"]["schemas"]["A"]

    assert set(schema["properties"]) == set(names) - {"$ref"}
    assert schema["properties"]["default"] == {"$ref": "#/components/schemas/Other_Name"}


def test_a_discriminator_gets_the_schemas_that_extend_it(swagger: Callable[..., Document]) -> None:
    pet = {"type": "object", "discriminator": "kind", "properties": {"kind": {"type": "string"}}}
    cat = {"allOf": [{"$ref": "#/definitions/Pet"}, {"type": "object", "properties": {"lives": {"type": "integer"}}}]}
    schemas = convert([swagger(definitions={"Pet": pet, "Cat": cat})]).document["components"]["schemas"]

    assert schemas["Pet"]["discriminator"] == {
        "propertyName": "kind",
        "mapping": {"Cat": "#/components/schemas/Cat"},
    }
    assert schemas["Cat"]["allOf"][0] == {"$ref": "#/components/schemas/Pet"}


def test_objects_without_members_share_one_schema(swagger: Callable[..., Document]) -> None:
    members = {"a": {"type": "object"}, "b": {"type": "object", "additionalProperties": {}, "description": "B."}}
    schemas = convert([swagger(definitions={"A": {"type": "object", "properties": members}})]).document["components"]

    reference = {"$ref": "#/components/schemas/FreeFormObject"}
    assert schemas["schemas"]["A"]["properties"] == {"a": reference, "b": {"description": "B.", "allOf": [reference]}}
    assert schemas["schemas"]["FreeFormObject"] == {"type": "object", "additionalProperties": True}


def test_a_definition_may_be_called_like_the_shared_schema(swagger: Callable[..., Document]) -> None:
    definitions = {"FreeFormObject": {"type": "string"}, "A": {"type": "array", "items": {"type": "object"}}}
    schemas = convert([swagger(definitions=definitions)]).document["components"]["schemas"]

    assert schemas["FreeFormObject"] == {"type": "string"}
    assert schemas["A"]["items"] == {"$ref": "#/components/schemas/FreeFormObject_2"}
    assert schemas["FreeFormObject_2"] == {"type": "object", "additionalProperties": True}


def test_generic_names_and_references_to_them(swagger: Callable[..., Document]) -> None:
    page = {"type": "object", "properties": {"items": {"type": "array", "items": {"$ref": "#/definitions/Job"}}}}
    definitions = {
        "Page[Job]": page,
        "Page_Job": {"type": "string"},
        "Job": {"type": "object", "properties": {"raw": {"$ref": "#/definitions/Page[Job]"}}},
        "Book": {"type": "object", "properties": {"encoded": {"$ref": "#/definitions/Page%5BJob%5D"}}},
    }
    conversion = convert([swagger(definitions=definitions)])
    schemas = conversion.document["components"]["schemas"]

    assert sorted(schemas) == ["Book", "Job", "Page_Job", "Page_Job_2"]
    assert schemas["Job"]["properties"]["raw"] == {"$ref": "#/components/schemas/Page_Job_2"}
    assert schemas["Book"]["properties"]["encoded"] == {"$ref": "#/components/schemas/Page_Job_2"}
    assert any(note.where == "test.json#/definitions/Page[Job]" for note in conversion.notes)


@pytest.mark.parametrize(
    "reference", ["#/definitions/None", "other.json#/definitions/A", "http://host.example/a.json", "#/paths/~1a", "B"]
)
def test_a_reference_to_nowhere_accepts_anything_and_is_noted(swagger: Callable[..., Document], reference: str) -> None:
    document = swagger(definitions={"A/B": {"type": "object", "properties": {"c": {"$ref": reference}}}})
    conversion = convert([document])

    assert conversion.document["components"]["schemas"]["A_B"]["properties"] == {"c": {}}
    (note,) = (note for note in conversion.notes if "leads nowhere" in note.what)
    assert note.where == "test.json#/definitions/A~1B/properties/c"
    assert reference in note.what


@pytest.mark.parametrize("reference", ["#/definitions/A", "A", "#A", "test.json#/definitions/A", "#/models/A"])
def test_other_ways_to_write_a_reference(swagger: Callable[..., Document], reference: str) -> None:
    document = swagger(definitions={"A": {"type": "string"}, "B": {"properties": {"c": {"$ref": reference}}}})

    schema = convert([document]).document["components"]["schemas"]["B"]
    assert schema["properties"]["c"] == {"$ref": "#/components/schemas/A"}


def test_what_is_referred_to_anywhere_gets_a_name(swagger: Callable[..., Document]) -> None:
    definitions = {
        "A": {"type": "object", "properties": {"b": {"type": "object", "properties": {"c": {"type": "string"}}}}},
        "D": {"type": "array", "items": {"$ref": "#/definitions/A/properties/b"}},
    }
    schemas = convert([swagger(definitions=definitions)]).document["components"]["schemas"]

    assert schemas["D"]["items"] == {"$ref": "#/components/schemas/A_b"}
    assert schemas["A_b"]["properties"] == {"c": {"type": "string"}}


@pytest.mark.parametrize(
    "schema",
    [
        {"$ref": "#/definitions/A"},
        {"allOf": [{"$ref": "#/definitions/A"}]},
        {"anyOf": [{"$ref": "#/definitions/B"}, {"type": "string"}]},
        {"allOf": [{"allOf": [{"$ref": "#/definitions/B"}]}, {"type": "object", "properties": {"a": {}}}]},
    ],
)
def test_a_schema_that_is_a_part_of_itself_is_not(swagger: Callable[..., Document], schema: dict[str, Any]) -> None:
    definitions = {"A": schema, "B": {"$ref": "#/definitions/A"}}
    conversion = convert([swagger(definitions=definitions)])
    text = str(conversion.document["components"]["schemas"]["A"])

    assert "schemas/A" not in text or "schemas/B" not in str(conversion.document["components"]["schemas"]["B"])
    assert any("a part of itself" in note.what for note in conversion.notes)


def test_members_that_are_required_but_nowhere_described(swagger: Callable[..., Document]) -> None:
    definitions = {
        "A": {"type": "object", "properties": {"a": {"type": "string"}}},
        "B": {"allOf": [{"$ref": "#/definitions/A"}], "required": ["a", "b"]},
    }
    schemas = convert([swagger(definitions=definitions)]).document["components"]["schemas"]

    assert schemas["B"]["properties"] == {"b": {}}

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from ayx_spec import DocumentError
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
        ({"type": "number", "enum": [1.5]}, {"type": "number"}),
        ({"type": ["string", "integer"]}, {}),
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
        ({"type": "string", "default": 7}, {"type": "string"}),
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


@pytest.mark.parametrize("reference", ["#/definitions/None", "other.json#/definitions/A", "#/paths/~1a", "A"])
def test_a_reference_to_nowhere_is_an_error_that_names_its_place(
    swagger: Callable[..., Document], reference: str
) -> None:
    document = swagger(definitions={"A/B": {"type": "object", "properties": {"c": {"$ref": reference}}}})
    with pytest.raises(DocumentError) as caught:
        convert([document])

    assert caught.value.where == "#/definitions/A~1B/properties/c/$ref"
    assert reference in str(caught.value)
    assert "\n" not in str(caught.value)

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest
from ayx_spec import DocumentError
from ayx_spec.convert import convert, load_document, parse_document

GOOD: dict[str, Any] = {"swagger": "2.0", "info": {"title": "T", "version": "1"}, "paths": {}}


def changed(*steps: Any) -> bytes:
    """Return a good document in which the last step is the value of the place that the others name."""
    data = json.loads(json.dumps(GOOD))
    *way, key, value = steps
    holder = data
    for step in way:
        holder = holder.setdefault(step, {})
    holder[key] = value
    return json.dumps(data).encode()


@pytest.mark.parametrize(
    ("content", "where", "what"),
    [
        (b"", "", "the file is empty"),
        (b" \n", "", "the file is empty"),
        (
            b"<!DOCTYPE html><html><title>Sign\n in</title>",
            "line 1 column 1",
            'an HTML page titled "Sign in", not JSON',
        ),
        (b"<?xml version='1.0'?><a/>", "line 1 column 1", "an XML document, not JSON"),
        (b'{"swagger": "2.0", "pa', "line 1 column 20", "truncated"),
        (b'{"swagger": "2.0", "paths": {', "line 1 column 30", "truncated"),
        # from Python 3.13 on, it is the comma that is found wrong
        (b'{"swagger":\n "2.0",}', f"line 2 column {7 if sys.version_info >= (3, 13) else 8}", "not valid JSON"),
        (b"swagger: '2.0'\npaths: {}\n", "", "a YAML document"),
        (b"---\n# comment\nopenapi: 3.0.3\n", "", "a YAML document"),
        (b"Service Unavailable", "line 1 column 1", "not JSON; it begins with 'Service Unavailable'"),
        (b"\xff\xfa\x00", "byte 0", "not UTF-8 text"),
        (b"[]", "#", "must be an object, is a list"),
        (b"null", "#", "must be an object, is null"),
        (b'"text"', "#", "must be an object, is a string"),
        (b"{}", "#", "neither `swagger` nor `openapi`"),
        (b'{"error": 1, "message": 2}', "#", "(keys: error, message)"),
        (b'{"a": NaN}', "line 1 column 7", "NaN is no JSON value"),
        (b'{"a":\n [1, -Infinity]}', "line 2 column 6", "-Infinity is no JSON value"),
        (b'{"a": 1e999}', "line 1 column 7", "1e999 is no JSON value"),
        (b'{"a": ' + b"9" * 5000 + b"}", "line 1 column 7", "is no JSON value"),
        (b"[" * 100_000, "#/0/0/0/0/0/0/0/0", "nested too deeply"),
        # deeper than any Python's reader goes: that of 3.13 takes some thousands
        (b'{"a": {"b": ' + b'{"c": ' * 100_000 + b"1" + b"}" * 100_002, "#/a/b/c/c/c/c/c/c", "nested too deeply"),
        (
            changed("paths", "/a", {"get": json.loads('{"x": ' * 300 + "1" + "}" * 300)}),
            "#/paths/~1a/get/x/x/x/x/x",
            "nested too deeply",
        ),
        (changed("swagger", "1.2"), "#/swagger", "is '1.2'"),
        (changed("swagger", {}), "#/swagger", "is {}"),
        (changed("paths", []), "#/paths", "must be an object, is a list"),
        (b'{"swagger": "2.0", "info": {}}', "#/paths", "is missing"),
        (changed("paths", "/a", []), "#/paths/~1a", "must be an object, is a list"),
        (changed("paths", "/a", {"get": []}), "#/paths/~1a/get", "must be an object, is a list"),
        (
            changed("paths", "/a", {"get": {"responses": {"200": 7}}}),
            "#/paths/~1a/get/responses/200",
            "must be an object, is a number",
        ),
        (
            changed("paths", "/a", {"get": {"parameters": ["q"]}}),
            "#/paths/~1a/get/parameters/0",
            "must be an object, is a string",
        ),
        (
            changed("paths", "/a", {"get": {"parameters": "q"}}),
            "#/paths/~1a/get/parameters",
            "must be a list, is a string",
        ),
        (
            json.dumps({**GOOD, "paths": {"/a": {"get": {}}, "a": {"get": {}}}}).encode(),
            "#/paths/a",
            "is the same path as '/a'",
        ),
    ],
)
def test_what_it_is_instead_and_where(content: bytes, where: str, what: str) -> None:
    with pytest.raises(DocumentError) as caught:
        convert([parse_document(content, "given.json")])

    assert caught.value.where == where
    assert what in caught.value.what
    assert str(caught.value).startswith("given.json: ")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("content", "where"),
    [
        (changed("info", "x"), "#/info"),
        (changed("info", {}), "#/info"),
        (changed("paths", "users", {}), "#/paths/users"),
        (changed("paths", "/a", {"get": {"responses": {"200": "ok"}}}), "#/paths/~1a/get/responses/200"),
        (changed("paths", "/a", {"get": {"parameters": [{"in": "query"}]}}), "#/paths/~1a/get/parameters/0"),
        (changed("paths", "/a", {"get": {"tags": 1}}), "#/paths/~1a/get/tags"),
        (changed("definitions", {"A": {"items": True}}), "#/definitions/A/items"),
        (b'{"swagger": "2.0", "paths": {"/a": {"get": {}}, "/a": {"put": {}}}}', "#/paths"),
        (changed("host", ["a"]), "#"),
    ],
)
def test_what_is_repaired_is_noted_with_its_place(content: bytes, where: str) -> None:
    conversion = convert([parse_document(content, "given.json")])

    assert any(note.where.startswith(f"given.json{where}") for note in conversion.notes)


def test_the_methods_of_a_path_that_is_written_twice_are_joined() -> None:
    content = b'{"swagger": "2.0", "paths": {"/a": {"get": {}}, "/a": {"put": {}}}}'

    assert set(convert([parse_document(content, "given.json")]).document["paths"]["/a"]) == {"get", "put"}


def test_half_a_character_is_replaced() -> None:
    content = changed("info", {"title": "a", "version": "1"}).replace(b'"a"', b'"\\ud800"')
    conversion = convert([parse_document(content, "given.json")])

    assert json.loads(conversion.render())["info"]["title"] == "\ufffd"


def test_a_good_document_in_other_encodings() -> None:
    text = json.dumps(GOOD)

    assert parse_document(text.encode("utf-8-sig"), "a").data == GOOD
    assert parse_document(text.encode("utf-16"), "a").data == GOOD


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(DocumentError, match=r"missing\.json: no such file or directory"):
        load_document(tmp_path / "missing.json")


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(DocumentError):
        load_document(tmp_path)

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from ayx_spec import DocumentError
from ayx_spec.convert import load_document, parse_document

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
        (b'{"swagger":\n "2.0",}', "line 2 column 8", "not valid JSON"),
        (b"swagger: '2.0'\npaths: {}\n", "", "a YAML document"),
        (b"---\n# comment\nopenapi: 3.0.3\n", "", "a YAML document"),
        (b"Service Unavailable", "line 1 column 1", "not JSON; it begins with 'Service Unavailable'"),
        (b"\xff\xfa\x00", "byte 0", "not UTF-8 text"),
        (b"[]", "#", "must be an object, is a list"),
        (b"null", "#", "must be an object, is null"),
        (b'"text"', "#", "must be an object, is a string"),
        (b"{}", "#", "neither `swagger` nor `openapi`"),
        (b'{"error": 1, "message": 2}', "#", "(keys: error, message)"),
        (b'{"a": 1, "a": 2}', "", "the key 'a' occurs twice"),
        (b'{"a": NaN}', "", "NaN is no JSON value"),
        (b"[" * 100_000, "", "nested too deeply"),
        (changed("swagger", "1.2"), "#/swagger", "is '1.2'"),
        (changed("info", "x"), "#/info", "must be an object, is a string"),
        (changed("info", {}), "#/info/version", "is missing"),
        (changed("paths", []), "#/paths", "must be an object, is a list"),
        (changed("paths", "users", {}), "#/paths/users", "a path must begin with /"),
        (changed("paths", "/a", None), "#/paths/~1a", "must be an object, is null"),
        (changed("paths", "/a", {"get": []}), "#/paths/~1a/get", "must be an object, is a list"),
        (changed("paths", "/a", {"get": {}}), "#/paths/~1a/get/responses", "is missing"),
        (
            changed("paths", "/a", {"get": {"responses": {"200": "ok"}}}),
            "#/paths/~1a/get/responses/200",
            "must be an object, is a string",
        ),
        (
            changed("paths", "/a", {"get": {"responses": {}, "parameters": [{"in": "query"}]}}),
            "#/paths/~1a/get/parameters/0/name",
            "is missing",
        ),
        (
            changed("paths", "/a", {"get": {"responses": {}, "tags": [1]}}),
            "#/paths/~1a/get/tags/0",
            "must be a string, is a number",
        ),
        (
            changed("definitions", {"A": {"properties": {"b": {"items": True}}}}),
            "#/definitions/A/properties/b/items",
            "must be an object, is a boolean",
        ),
    ],
)
def test_what_it_is_instead_and_where(content: bytes, where: str, what: str) -> None:
    with pytest.raises(DocumentError) as caught:
        parse_document(content, "given.json")

    assert caught.value.where == where
    assert what in caught.value.what
    assert str(caught.value).startswith("given.json: ")
    assert "\n" not in str(caught.value)


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

"""Small documents to convert, and one generated client per session."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ayx_spec.convert import Conversion, Document, convert, parse_document

CAPTURED = Path(__file__).parents[3] / "shared" / "corpus" / "alteryx-server-v3.swagger.json"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--record-client", action="store_true", help="write the client of tests/spec/golden anew")


@pytest.fixture
def swagger() -> Callable[..., Document]:
    """Return a function that builds a Swagger 2.0 document from its parts."""

    def build(
        paths: dict[str, Any] | None = None,
        definitions: dict[str, Any] | None = None,
        *,
        name: str = "test.json",
        version: str = "1",
        **more: Any,
    ) -> Document:
        data = {
            "swagger": "2.0",
            "info": {"title": "Test", "version": version},
            "basePath": "/webapi/",
            "paths": paths or {},
            "definitions": definitions or {},
            **more,
        }
        return parse_document(json.dumps(data).encode(), name)

    return build


@pytest.fixture
def one_operation(swagger: Callable[..., Document]) -> Callable[..., tuple[dict[str, Any], Conversion]]:
    """Return a function that converts one operation and returns it with the whole conversion."""

    def build(
        operation: dict[str, Any], *, path: str = "/v3/things", method: str = "get", **more: Any
    ) -> tuple[dict[str, Any], Conversion]:
        item = {method: {"operationId": "Things_Do", "tags": ["Things"], "responses": {}, **operation}}
        conversion = convert([swagger({path: item}, **more)])
        return conversion.document["paths"][path][method], conversion

    return build


@pytest.fixture
def one_schema(swagger: Callable[..., Document]) -> Callable[[dict[str, Any]], tuple[dict[str, Any], Conversion]]:
    """Return a function that converts one schema and returns it with the whole conversion."""

    def build(schema: dict[str, Any]) -> tuple[dict[str, Any], Conversion]:
        conversion = convert([swagger(definitions={"Thing": schema})])
        return conversion.document["components"]["schemas"]["Thing"], conversion

    return build


@pytest.fixture(scope="session")
def captured() -> Path:
    """The captured V3 document of a real Server, where it is at hand."""
    if not CAPTURED.exists():
        pytest.skip("the captured document is not at hand: it is not part of this repository")
    return CAPTURED

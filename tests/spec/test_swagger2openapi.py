"""Our conversion against that of swagger2openapi (npm), where it is installed; every kind of difference is justified.

It is looked for on the PATH, or is what SWAGGER2OPENAPI names; nothing is downloaded. To have it:
`npm install --global swagger2openapi`.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ayx_spec import bundled_documents
from ayx_spec.convert import convert, load_document, operations_of

TOOL = os.environ.get("SWAGGER2OPENAPI") or shutil.which("swagger2openapi")
pytestmark = pytest.mark.skipif(not TOOL, reason="swagger2openapi is not installed (npm): nothing to compare with")

#: Why our document says something else than its, by the kind of difference. A kind that is not here is a defect.
JUSTIFIED = {
    "media type of the body": "one media type is kept: with several, the generated function sends the last that fits",
    "media type of an answer": "one media type is kept; bytes are octet-stream, which is what a client reads them as",
    "answer": "swagger2openapi writes content for 204, which never has any (RFC 9110 15.3.5)",
}


def theirs(path: Path) -> dict[str, Any]:
    """Return what swagger2openapi makes of a document."""
    done = subprocess.run(
        [str(TOOL), "--patch", "--warnOnly", str(path)], capture_output=True, text=True, timeout=60, check=True
    )
    converted: dict[str, Any] = json.loads(done.stdout)
    return converted


def resolved(document: dict[str, Any], value: dict[str, Any]) -> dict[str, Any]:
    """Follow references into the components, where swagger2openapi leaves shared parts."""
    while "$ref" in value:
        target: Any = document
        for step in value["$ref"].removeprefix("#/").split("/"):
            target = target[step.replace("~1", "/").replace("~0", "~")]
        value = target
    return value


def facts(document: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Return what both must say of every operation."""
    result = {}
    for method, path, operation in operations_of(document["paths"]):
        shared = document["paths"][path].get("parameters", [])
        given = [resolved(document, one) for one in (*shared, *operation.get("parameters", []))]
        body = resolved(document, operation.get("requestBody", {}))
        answers = {code: resolved(document, one) for code, one in operation["responses"].items() if code[:2] != "x-"}
        result[f"{method} {path}"] = {
            "parameters": {(one["in"], one["name"]): bool(one.get("required")) for one in given},
            "styles": {
                (one["in"], one["name"]): (one["style"], one.get("explode", False)) for one in given if "style" in one
            },
            "body": bool(body.get("content")),
            "body is required": bool(body.get("required")),
            "media type of the body": sorted(body.get("content", {})),
            "answer": {code for code, one in answers.items() if one.get("content")},
            "media type of an answer": {code: sorted(one.get("content", {})) for code, one in answers.items()},
        }
    return result


def differences(ours: dict[str, Any], other: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield kind and place of every difference."""
    one, two = facts(ours), facts(other)
    for place in sorted(one.keys() ^ two.keys()):
        yield "operation", place
    for place in sorted(one.keys() & two.keys()):
        yield from ((kind, place) for kind in one[place] if one[place][kind] != two[place][kind])


@pytest.mark.parametrize("path", bundled_documents(), ids=lambda path: str(path.name))
def test_our_documents(path: Path) -> None:
    ours = convert([load_document(path)], repairs=False).document
    prefix = json.loads(path.read_text(encoding="utf-8")).get("basePath", "").removeprefix("/webapi").rstrip("/")
    other = theirs(path)
    other["paths"] = {f"{prefix}{path}": item for path, item in other["paths"].items()}

    found = list(differences(ours, other))
    assert [difference for difference in found if difference[0] not in JUSTIFIED] == []


def test_the_document_of_a_server(captured: Path) -> None:
    ours = convert([load_document(captured)], repairs=False).document

    found = [difference for difference in differences(ours, theirs(captured)) if difference[0] not in JUSTIFIED]
    assert found == []

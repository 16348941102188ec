"""The vocabulary as JSON Schema: every observation is as it says, and a report may hold others."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from ayx_diagnostics.report.observation_schema import PATH, definitions, document, laid_out
from ayx_diagnostics.report.serialise import SCHEMA_PATH
from ayx_diagnostics.vocabulary.operations import OPERATIONS

SCHEMA = document()
GOLDENS = sorted((Path(__file__).parent / "goldens").glob("*.json"))


def definition_of(name: str) -> jsonschema.Draft202012Validator:
    return jsonschema.Draft202012Validator({"$ref": f"#/$defs/{name}", "$defs": SCHEMA["$defs"]})


def test_the_file_is_what_the_vocabulary_says() -> None:
    written = PATH.read_text(encoding="utf-8") == f"{laid_out(SCHEMA)}\n"
    assert written, "the vocabulary has changed: python -m ayx_diagnostics.report.observation_schema"
    assert json.loads(laid_out(SCHEMA)) == SCHEMA
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


def test_every_observation_of_the_goldens_is_as_its_definition_says() -> None:
    validators = {name: definition_of(name) for name in definitions() if not name.startswith("key.")}
    assert validators.keys() == {f"{stage}.{name}" for stage, name in OPERATIONS}
    wrong = {
        error.message
        for path in GOLDENS
        for seen in json.loads(path.read_text(encoding="utf-8"))["observations"]
        for error in validators[f"{seen['stage']}.{seen['operation']}"].iter_errors(seen)
    }
    assert wrong == set()


@pytest.mark.parametrize(
    "evidence",
    [{"port": "443"}, {"immediate": 1}, {"icmp": {"type": "3"}}, {"icmp": {"origin": "tcp"}}, {"hops": 1, "port": []}],
)
def test_a_definition_tells_another_type(evidence: dict[str, Any]) -> None:
    validator = definition_of("tcp.connect")
    assert not validator.is_valid({"outcome": "ok", "evidence": evidence})
    assert not validator.is_valid({"outcome": "slow", "evidence": {}})
    assert validator.is_valid(
        {"outcome": "ok", "evidence": {"port": 443, "immediate": None, "new": "of a later version"}}
    )


def test_the_schema_of_a_report_takes_any_evidence() -> None:
    report = json.loads(SCHEMA_PATH.read_text(encoding="utf-8"))
    seen = report["properties"]["observations"]["items"]["properties"]
    assert seen["operation"] == seen["outcome"] == {"type": "string"}
    assert seen["evidence"].pop("description").startswith(PATH.name)
    assert seen["evidence"] == {"type": "object"}
    assert jsonschema.Draft202012Validator(SCHEMA).is_valid({"evidence": 7})

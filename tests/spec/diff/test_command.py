"""``ayxctl spec diff`` from outside: formats, exit codes, bad input."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ayx_diagnostics.command_line.app import app
from ayx_spec.diff.reports import json_schema
from jsonschema import Draft202012Validator

Data = dict[str, Any]


@pytest.fixture
def pair(api: Data, tmp_path: Path) -> tuple[Path, Path]:
    """Two documents: one operation is gone, one member is deprecated for the client, one is new."""
    old, new = tmp_path / "old.json", tmp_path / "new.json"
    old.write_text(json.dumps(api), encoding="utf-8")
    del api["paths"]["/v3/users/{id}"]["delete"]
    api["paths"]["/v3/users"]["get"]["deprecated"] = True
    api["definitions"]["User"]["properties"]["email"] = {"type": "string"}
    new.write_text(json.dumps(api), encoding="utf-8")
    return old, new


@pytest.fixture
def run(capfd: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str, str]]:
    """Return a function that runs the command and returns exit code, standard output and standard error."""

    def call(*arguments: str | Path) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as ended:
            app(["spec", "diff", *map(str, arguments)])
        out, err = capfd.readouterr()
        return int(ended.value.code or 0), out, err

    return call


Run = Callable[..., tuple[int, str, str]]


def test_json_is_as_the_contract_says(pair: tuple[Path, Path], run: Run) -> None:
    code, out, err = run(*pair, "--format", "json")
    document = json.loads(out)

    assert (code, err) == (1, "")
    Draft202012Validator(json_schema()).validate(document)
    assert document["schema_version"] == "1"
    assert document["old"]["title"] == "Test"
    assert document["counts"] == {"breaking": 1, "attention": 1, "addition": 1}
    first = document["changes"][0]
    assert {key: first[key] for key in ("level", "kind", "operation", "operation_id", "model", "used_at")} == {
        "level": "breaking",
        "kind": "operation.removed",
        "operation": "DELETE /v3/users/{id}",
        "operation_id": "Users_DeleteUser",
        "model": None,
        "used_at": [],
    }
    assert first["python"] == ["ayx_client.api.users.delete_user"]


@pytest.mark.parametrize(("level", "expected"), [("breaking", 1), ("attention", 1), ("never", 0)])
def test_the_exit_code_is_that_of_the_worst(level: str, expected: int, pair: tuple[Path, Path], run: Run) -> None:
    assert run(*pair, "--fail-on", level)[0] == expected


def test_what_is_only_to_look_at_fails_only_on_request(pair: tuple[Path, Path], api: Data, run: Run) -> None:
    old, new = pair
    api["paths"]["/v3/users"]["get"]["deprecated"] = False
    old.write_text(json.dumps(api), encoding="utf-8")

    assert run(old, new)[0] == 0
    assert run(old, new, "--fail-on", "attention")[0] == 1


def test_a_document_and_itself(pair: tuple[Path, Path], run: Run) -> None:
    code, out, _ = run(pair[0], pair[0], "--format", "json", "--fail-on", "attention")

    assert code == 0
    assert json.loads(out)["changes"] == []


def test_reports_are_written_beside_the_output(pair: tuple[Path, Path], run: Run, tmp_path: Path) -> None:
    reports = [tmp_path / name for name in ("upgrade.json", "upgrade.md", "upgrade.txt")]
    code, out, _ = run(*pair, *(word for path in reports for word in ("--report", path)))

    assert code == 1
    assert json.loads(reports[0].read_text(encoding="utf-8"))["counts"]["breaking"] == 1
    assert reports[1].read_text(encoding="utf-8").startswith("# What the upgrade changes")
    assert reports[2].read_text(encoding="utf-8") == out


def test_code_that_cannot_be_read_is_named_and_the_rest_counts(
    pair: tuple[Path, Path], run: Run, tmp_path: Path
) -> None:
    scripts = tmp_path / "scripts"
    scripts.mkdir()
    (scripts / "old.py").write_text("print 'x'", encoding="utf-8")
    (scripts / "clean.py").write_text('requests.delete(f"{base}/v3/users/{one}")', encoding="utf-8")

    code, out, err = run(*pair, "--code", scripts, "--format", "json")

    assert code == 1
    assert json.loads(out)["changes"][0]["used_at"] == [f"{scripts.as_posix()}/clean.py:1"]
    assert err.startswith(f"ayxctl: {scripts.as_posix()}/old.py:1: left out: not Python 3")


BAD = {
    "nothing": ("", "the file is empty"),
    "a login page": ("<!doctype html><title>Log in</title>", 'line 1 column 1: an HTML page titled "Log in", not JSON'),
    "half a document": ('{"swagger": "2.0", "paths": {', "line 1 column 30: the JSON ends in the middle"),
    "no description": ('{"a": 1}', "#: no API description"),
    "no paths": ('{"swagger": "2.0", "info": {}}', "#/paths: is missing"),
    "a parameter that is none": (
        '{"swagger": "2.0", "info": {"version": "1"}, "paths": {"/a": {"get": {"parameters": [7], "responses": {}}}}}',
        "#/paths/~1a/get/parameters/0: must be an object, is a number",
    ),
}


@pytest.mark.parametrize("case", BAD)
@pytest.mark.parametrize("side", [0, 1])
def test_what_is_no_document_is_named_with_its_place(
    case: str, side: int, pair: tuple[Path, Path], run: Run, tmp_path: Path
) -> None:
    content, expected = BAD[case]
    bad = tmp_path / "bad.json"
    bad.write_text(content, encoding="utf-8")
    arguments = [bad if index == side else path for index, path in enumerate(pair)]

    code, out, err = run(*arguments)

    assert (code, out) == (2, "")
    assert err.count("\n") == 1
    assert err.startswith(f"ayxctl: {bad}: {expected}")


def test_other_arguments_that_cannot_be_used(pair: tuple[Path, Path], run: Run, tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    cases = [
        ([pair[0], tmp_path / "nowhere.json"], "nowhere.json: no such file or directory"),
        ([pair[0], empty], "empty: the folder holds no *.json"),
        ([*pair, "--code", empty], "empty: holds no Python file"),
        ([*pair, "--code", tmp_path / "nowhere"], "nowhere: no such folder"),
        ([*pair, "--report", tmp_path / "x.pdf"], "x.pdf: the name must end in .json, .md, .txt"),
        ([*pair, "--report", tmp_path / "nowhere" / "x.md"], "nowhere does not exist"),
        ([*pair, "--python", empty, empty], "empty is no Python package"),
    ]
    for arguments, expected in cases:
        code, out, err = run(*arguments)
        assert (code, out) == (2, ""), expected
        assert err.rstrip().endswith(expected)


def test_circles_and_size_are_no_trouble(tmp_path: Path, run: Run) -> None:
    """Schemas that refer to each other in circles, in more than a megabyte: the work is bounded."""
    count = 1200

    def document(last: str) -> Data:
        members = {f"m{index}": {"$ref": f"#/definitions/Model{index}"} for index in range(3)}
        definitions = {
            f"Model{index}": {
                "description": "x" * 1000,
                "properties": {**members, "next": {"$ref": f"#/definitions/Model{(index + 1) % count}"}},
                "allOf": [{"$ref": f"#/definitions/Model{(index + 7) % count}"}] if index % 2 else [],
            }
            for index in range(count)
        }
        definitions["Model9"]["properties"]["last"] = {"type": last}
        answer = {"200": {"description": "", "schema": {"$ref": "#/definitions/Model0"}}}
        paths = {"/a": {"get": {"operationId": "A", "responses": answer}}}
        return {"swagger": "2.0", "info": {"version": "1"}, "paths": paths, "definitions": definitions}

    old, new = tmp_path / "old.json", tmp_path / "new.json"
    old.write_text(json.dumps(document("string")), encoding="utf-8")
    new.write_text(json.dumps(document("integer")), encoding="utf-8")

    code, out, _ = run(old, new, "--format", "json")

    assert code == 1
    assert [(one["kind"], one["model"]) for one in json.loads(out)["changes"]] == [("field.type_changed", "Model9")]


def test_what_the_command_does_not_need_is_not_imported(pair: tuple[Path, Path]) -> None:
    program = (
        "import sys; from ayx_diagnostics.command_line.app import app; "
        f"app(['spec', 'diff', {str(pair[0])!r}, {str(pair[1])!r}], standalone_mode=False); "
        "print([name for name in ('httpx', 'griffe', 'openapi_python_client', 'cryptography') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False)

    assert done.stdout.splitlines()[-1:] == ["[]"], done.stderr

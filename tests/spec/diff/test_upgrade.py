"""``make upgrade`` against the stand-in Server, in a copy of the checkout; and the examples that call it from CI."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from ruamel.yaml import YAML

if TYPE_CHECKING:
    from ayx_simulator import Simulator

ROOT = Path(__file__).parents[3]
ROOMS = ("spec", "generated", "connection", "diagnostics", "simulator")
EXAMPLES = sorted((ROOT / "examples").glob("upgrade.*.yml"))


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A copy of what `make upgrade` works on, whose documents are those of the last but one generation."""
    copy = tmp_path / "checkout"
    for room in (*ROOMS, "tests/generated"):
        shutil.copytree(ROOT / room, copy / room, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("Makefile", "pyproject.toml", "constraints.txt"):
        shutil.copy2(ROOT / name, copy / name)
    own = copy / "spec" / "server"
    own.mkdir()
    for name in ("server-2025.1-v3", "server-2025.2-v2", "server-2025.2-v1"):
        shutil.copy(ROOT / "spec" / "documents" / f"{name}.swagger.json", own)
    return copy


@pytest.fixture
def environment(checkout: Path) -> Path:
    """A stand-in for the virtual environment, that runs this interpreter on the copy."""
    programs = checkout / "environment" / "bin"
    programs.mkdir(parents=True)
    path = os.pathsep.join(str(checkout / room) for room in ROOMS)
    for name, call in (("python", ""), ("ayxctl", "-m ayx_diagnostics ")):
        program = programs / name
        program.write_text(f'#!/bin/sh\nPYTHONPATH="{path}" exec "{sys.executable}" {call}"$@"\n', encoding="utf-8")
        program.chmod(0o755)
    (checkout / "environment" / ".ready").touch()
    return checkout / "environment"


@pytest.mark.skipif(os.name == "nt" or not shutil.which("make"), reason="needs make and a POSIX shell")
def test_an_upgrade_leaves_client_documents_and_report(
    checkout: Path, environment: Path, ayx_simulator: Simulator, tmp_path: Path
) -> None:
    scripts = tmp_path / "scripts"
    scripts.mkdir()
    (scripts / "report.py").write_text(
        'ok = [v for v in versions if v["uploadSource"] == "Direct"]\n'
        'requests.get(f"{base}/v3/workflows/{one}/versions")\nrequests.get(f"{base}/v3/workflows/{one}")\n',
        encoding="utf-8",
    )

    done = subprocess.run(
        [
            *("make", "upgrade", f"SERVER={ayx_simulator.web_api_address}", f"CODE={scripts}"),
            *(f"VENV={environment}", f"PYTHON={sys.executable}", "PYTEST_ARGS=-p no:cacheprovider -k promises"),
        ],
        cwd=checkout,
        env={**os.environ, "ALTERYX_CA_BUNDLE": str(ayx_simulator.ca_bundle), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )

    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    assert "1 passed" in done.stdout
    report = json.loads((checkout / "reports/upgrade.json").read_text(encoding="utf-8"))
    kinds = {(change["kind"], change["operation"] or change["model"]) for change in report["changes"]}
    assert {("operation.added", "GET /v3/jobs"), ("field.enum_removed", "WorkflowVersionView")} <= kinds
    assert report["python_surface"] == []
    used = [change["used_at"] for change in report["changes"] if change["kind"] == "field.enum_removed"]
    assert used == [[f"{scripts}/report.py:1"]]
    markdown = (checkout / "reports/upgrade.md").read_text(encoding="utf-8")
    assert "## Your code" in markdown
    assert f"`{scripts}/report.py:1`" in markdown
    names = {path.name for path in (checkout / "spec/server").glob("*.swagger.json")}
    assert names == {"v1.swagger.json", "v2.swagger.json", "v3.swagger.json"}
    lock = json.loads((checkout / "generated/ayx_client/generated.json").read_text(encoding="utf-8"))
    assert {document["name"] for document in lock["documents"]} == names


def test_an_upgrade_needs_to_know_which_server() -> None:
    if not shutil.which("make"):
        pytest.skip("needs make")
    done = subprocess.run(
        ["make", "--dry-run", "upgrade"], cwd=ROOT, capture_output=True, text=True, timeout=30, check=False
    )

    assert done.returncode != 0
    assert "which Server? make upgrade SERVER=" in done.stderr


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.name)
def test_an_example_is_yaml_that_calls_what_exists(example: Path) -> None:
    text = example.read_text(encoding="utf-8")
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    job = YAML(typ="safe").load(text)
    job = job.get("jobs", job)["upgrade"]
    commands = job["script"] if "script" in job else [step["run"] for step in job["steps"] if "run" in step]

    assert any('make upgrade SERVER="$ALTERYX_BASE_URL" CODE=scripts' in command for command in commands)
    assert re.search(r"^upgrade:", makefile, re.MULTILINE)
    assert "reports/upgrade.md" in text
    assert {"$(SERVER)", "$(CODE)", "$(REPORTS)/upgrade.md", "$(REPORTS)/upgrade.json"} <= set(
        re.findall(r"\$\((?:SERVER|CODE|REPORTS)\)(?:/upgrade\.\w+)?", makefile)
    )
    for command in commands if shutil.which("sh") else ():
        checked = subprocess.run(["sh", "-n"], input=command, capture_output=True, text=True, timeout=10, check=False)
        assert checked.returncode == 0, checked.stderr


def test_there_is_an_example_for_each_of_the_two() -> None:
    assert [path.name for path in EXAMPLES] == ["upgrade.github.yml", "upgrade.gitlab-ci.yml"]

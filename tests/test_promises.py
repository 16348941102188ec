"""What CI tries beside the usual: the lowest versions that are promised, and the other Pythons of a machine."""

from __future__ import annotations

import os
import runpy
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PYPROJECT = """
[project]
dependencies = ["attrs>=23.1", "httpx>=0.27,<0.29"]
[project.optional-dependencies]
spec = ["Some.Generator==0.29.1"]
socks = ["httpx[socks]"]
dev = ["me[spec,socks]", "tool", "openapi-spec-validator"]
"""


def test_the_lowest_of_what_is_promised_is_pinned_and_tools_are_as_tested() -> None:
    lowest = runpy.run_path(str(ROOT / ".ci" / "lowest.py"))["lowest"]
    constraints = "attrs==26.1\ntool==9.2.0\nopenapi-spec-validator==0.9\nelse==1\n"

    assert lowest(PYPROJECT, constraints) == ["attrs==23.1", "httpx==0.27", "some-generator==0.29.1", "tool==9.2.0"]


def test_every_dependency_of_a_user_has_a_promise_that_ci_can_try() -> None:
    lowest = runpy.run_path(str(ROOT / ".ci" / "lowest.py"))["lowest"]
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    project = tomllib.loads(text)["project"]
    extras = project["optional-dependencies"]
    of_users = {*project["dependencies"], *extras["spec"], *extras["simulator"]}

    assert len(lowest(text, "")) == len(of_users)


@pytest.mark.skipif(os.name == "nt", reason="the stand-ins for Pythons are shell scripts")
def test_the_newest_python_of_each_minor_version_is_found_and_what_does_not_start_is_none(tmp_path: Path) -> None:
    newest = runpy.run_path(str(ROOT / ".ci" / "pythons.py"))["newest"]
    programs = []
    for name, does in (
        ("a", "echo 3 13 0 /a/python"),
        ("b", "echo 3 13 11 /with blank/python"),
        ("c", "echo 3 9 18 /c/python"),
        ("shim", "echo not activated >&2; exit 127"),
    ):
        programs.append(tmp_path / name)
        programs[-1].write_text(f"#!/bin/sh\n{does}\n", encoding="utf-8")
        programs[-1].chmod(0o755)

    assert newest(programs) == {(3, 9): "/c/python", (3, 13): "/with blank/python"}
    assert newest([Path(sys.executable)]) == {sys.version_info[:2]: sys.executable}

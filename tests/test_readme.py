"""The README's scripts do what they say: every pair is run against the stand-in Server and gives the same result."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from ruamel.yaml import YAML

if TYPE_CHECKING:
    from ayx_simulator import Simulator

README = (Path(__file__).parent.parent / "README.md").read_text(encoding="utf-8")
BY_HAND = re.findall(r"<!-- by hand -->\n```python\n(.*?)```", README, re.DOTALL)
WITH_TOOLKIT = re.findall(r"<!-- with the toolkit -->\n```python\n(.*?)```", README, re.DOTALL)
#: what each pair computes, in the order of the README
RESULTS = (("names",), ("studios",), ("asked", "app"), ("content",), ("states", "status", "package"))


@pytest.fixture
def environment(ayx_simulator_env: Simulator, monkeypatch: pytest.MonkeyPatch) -> Simulator:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(ayx_simulator_env.ca_bundle))
    return ayx_simulator_env


@pytest.mark.usefixtures("environment")
def test_each_hand_written_script_and_what_replaces_it_give_the_same() -> None:
    assert len(BY_HAND) == len(WITH_TOOLKIT) == len(RESULTS)
    hand: dict[str, Any] = {}
    toolkit: dict[str, Any] = {}
    for by_hand, with_toolkit, names in zip(BY_HAND, WITH_TOOLKIT, RESULTS, strict=True):
        exec(by_hand, hand)
        exec(with_toolkit, toolkit)
        if "states" in names:  # each run adds a job: what counts is that both see the same jobs
            exec(by_hand, hand)
        for name in names:
            assert hand[name] == toolkit[name], name
            assert hand[name], name


@pytest.mark.usefixtures("environment")
def test_the_methods_run_in_both_forms(tmp_path: Path) -> None:
    block = re.search(r"<!-- as methods -->\n```python\n(.*?)```", README, re.DOTALL)
    assert block
    namespace: dict[str, Any] = {"file": tmp_path / "flow.yxzp"}
    exec("from ayx_connection import connect", namespace)
    exec(block[1], namespace)
    assert namespace["names"]
    assert namespace["file"].stat().st_size
    assert asyncio.run(namespace["users"]())


@pytest.mark.usefixtures("environment")
def test_the_lines_for_designers_python_tool_run() -> None:
    block = re.search(r"In Designer's Python tool.*?```python\n(.*?)```", README, re.DOTALL)
    assert block
    namespace: dict[str, Any] = {}
    exec(
        "import os\nfrom ayx_connection import connect\nfrom ayx_client.api.collections import get_collections",
        namespace,
    )
    exec(block[1], namespace)
    namespace["server"].close()
    assert set(namespace["rows"][0]) == {"id", "name"}


def test_the_ci_examples_are_yaml_that_calls_what_exists() -> None:
    github, gitlab = (YAML(typ="safe").load(text) for text in re.findall(r"```yaml\n(.*?)```", README, re.DOTALL))
    commands = [step["run"] for step in github["jobs"]["alteryx"]["steps"] if "run" in step]
    assert any(command.startswith("ayxctl smoke --report smoke.xml") for command in commands)
    assert "ayxctl smoke --report smoke.xml" in gitlab["alteryx"]["script"]
    assert gitlab["alteryx"]["artifacts"]["reports"]["junit"] == "smoke.xml"

"""What runs in CI, ours and the examples: valid, pinned, with no more rights than needed; red when it did not work."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

ROOT = Path(__file__).parent.parent
EXAMPLES = sorted((ROOT / "examples").glob("*.yml"))
RECIPES = re.findall(r"```yaml\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL)
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
GITHUB = [
    text
    for text in [*(path.read_text(encoding="utf-8") for path in [*EXAMPLES, *WORKFLOWS]), *RECIPES]
    if "runs-on" in text
]
#: All that GitHub and others read of this repository.
FORMS = sorted((ROOT / ".github" / "ISSUE_TEMPLATE").glob("*.yml"))

#: What the job finds on its machine; each writes down how it was called. The variables decide what the world is like.
STAND_INS = {
    "make": "mkdir -p reports; [ -z $FAILING ] && echo changed > reports/upgrade.md; exit ${FAILING:-0}",
    "git": 'case "$*" in "diff --cached --quiet"*) exit ${CHANGED:-1};; esac',
    "curl": "cat > /dev/null; printf %s ${STATUS:-201}; touch reports/merge_request.json",
    "gh": "exit 0",
}


def jobs_of(text: str) -> dict[str, Any]:
    document = YAML(typ="safe").load(text)
    jobs: dict[str, Any] = document.get("jobs", document)
    return jobs


def lines_of(job: dict[str, Any]) -> list[str]:
    return job["script"] if "script" in job else [step["run"] for step in job["steps"] if "run" in step]


@pytest.fixture
def run(tmp_path: Path) -> Callable[..., tuple[int, str]]:
    """Return a function that runs the jobs of an example as a runner does; it returns exit code and calls."""
    if not shutil.which("bash"):
        pytest.skip("needs bash")
    programs = tmp_path / "bin"
    programs.mkdir()
    for name, does in STAND_INS.items():
        (programs / name).write_text(f'#!/bin/sh\necho {name} "$@" >> "$CALLS"\n{does}\n', encoding="utf-8")
        (programs / name).chmod(0o755)

    def run(example: str, **world: str) -> tuple[int, str]:
        folder = tmp_path / "work"
        folder.mkdir()
        calls = tmp_path / "calls"
        calls.touch()
        files = {name: str(tmp_path / name) for name in ("GITHUB_STEP_SUMMARY", "GITHUB_OUTPUT")}
        path = os.pathsep.join([str(programs), os.environ["PATH"]])
        environ = {"PATH": path, "CALLS": str(calls), "BRANCH": "b", "ALTERYX_BASE_URL": "u", **files, **world}
        text = (ROOT / "examples" / example).read_text(encoding="utf-8")
        for name, job in jobs_of(text).items():
            if name == "propose" and "steps" in job and "changed=true" not in _read(Path(files["GITHUB_OUTPUT"])):
                continue
            script = "set -eo pipefail\n" + "\n".join(
                f"( {line}\n)" if "steps" in job else line for line in lines_of(job)
            )
            done = subprocess.run(["bash", "-c", script], cwd=folder, env=environ, timeout=30, check=False)
            if done.returncode:
                return done.returncode, calls.read_text(encoding="utf-8")
        return 0, calls.read_text(encoding="utf-8")

    return run


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.exists() else ""


PROPOSES = {"upgrade.github.yml": "gh pr create", "upgrade.gitlab-ci.yml": "curl"}


def test_there_is_an_example_for_each_of_the_two() -> None:
    assert [path.name for path in EXAMPLES] == sorted(PROPOSES)


@pytest.mark.parametrize("example", PROPOSES)
def test_a_change_is_proposed(run: Callable[..., tuple[int, str]], example: str) -> None:
    code, calls = run(example)

    assert code == 0
    assert "make upgrade SERVER=u CODE=scripts" in calls
    assert "git push --force" in calls
    assert PROPOSES[example] in calls


@pytest.mark.parametrize("example", PROPOSES)
def test_without_a_change_nothing_is_proposed(run: Callable[..., tuple[int, str]], example: str) -> None:
    code, calls = run(example, CHANGED="0")

    assert code == 0
    assert "git push" not in calls
    assert PROPOSES[example] not in calls


@pytest.mark.parametrize("example", PROPOSES)
def test_an_upgrade_that_fails_is_red_and_proposes_nothing(run: Callable[..., tuple[int, str]], example: str) -> None:
    code, calls = run(example, FAILING="2")

    assert code != 0
    assert "make upgrade" in calls
    assert "git" not in calls


@pytest.mark.parametrize(("status", "expected"), [("201", 0), ("409", 0), ("401", 1), ("500", 1)])
def test_a_merge_request_that_cannot_be_made_is_red(
    run: Callable[..., tuple[int, str]], status: str, expected: int
) -> None:
    assert run("upgrade.gitlab-ci.yml", STATUS=status)[0] == expected


def test_only_the_job_that_proposes_knows_the_token_and_no_command_line_shows_it(
    run: Callable[..., tuple[int, str]],
) -> None:
    jobs = jobs_of((ROOT / "examples/upgrade.gitlab-ci.yml").read_text(encoding="utf-8"))
    proposing = jobs["propose"]

    assert [name for name, job in jobs.items() if "UPGRADE_TOKEN" in str(job)] == ["propose"]
    assert proposing["environment"] == {"name": "propose"}
    assert not any(re.search(r"\b(make|pip|python|ayxctl)\b", line) for line in lines_of(proposing))
    code, calls = run("upgrade.gitlab-ci.yml", UPGRADE_TOKEN="t0k3n-of-the-job")
    assert code == 0
    assert "t0k3n-of-the-job" not in calls
    assert "oauth2" not in calls


@pytest.mark.parametrize("text", GITHUB)
def test_every_action_is_pinned_by_commit(text: str) -> None:
    used = re.findall(r"uses: (.*)", text)

    assert used
    assert [one for one in used if not re.fullmatch(r"actions/[a-z-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", one)] == []


@pytest.mark.parametrize("text", GITHUB)
def test_a_job_may_read_and_only_the_one_that_proposes_may_write(text: str) -> None:
    assert YAML(typ="safe").load(text)["permissions"] == {"contents": "read"}
    for name, job in jobs_of(text).items():
        wanted = {"contents": "write", "pull-requests": "write"} if name == "propose" else None
        assert job.get("permissions") == wanted
        assert name != "propose" or not any("make" in line or "pip" in line for line in lines_of(job))


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.name)
def test_what_an_example_names_exists(example: Path) -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")

    assert re.search(r"^upgrade:", makefile, re.MULTILINE)
    assert "reports/upgrade.md" in example.read_text(encoding="utf-8")
    assert {"$(SERVER)", "$(CODE)"} <= set(re.findall(r"\$\([A-Z]+\)", makefile))
    assert re.search(r"^REPORTS \?= reports$", makefile, re.MULTILINE)


def steps_of(workflow: Path) -> list[dict[str, Any]]:
    return [step for job in jobs_of(workflow.read_text(encoding="utf-8")).values() for step in job["steps"]]


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.name)
def test_a_workflow_runs_what_a_developer_runs_and_leaves_no_credentials(workflow: Path) -> None:
    targets = set(re.findall(r"(?m)^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8")))
    steps = steps_of(workflow)
    called = re.findall(r"\bmake (.*)", "\n".join(step.get("run", "") for step in steps))

    assert {word for line in called for word in line.split() if "=" not in word} <= targets
    assert all(step["with"]["persist-credentials"] is False for step in steps if "/checkout@" in step.get("uses", ""))
    assert not any("${{" in step.get("run", "") for step in steps), "what others write may not become a command"


def test_ci_runs_on_three_systems_and_every_python_that_is_promised() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    promised = re.findall(r"Python :: (3\.\d+)", str(project["classifiers"]))
    jobs = jobs_of((ROOT / ".github/workflows/ci.yml").read_text(encoding="utf-8"))
    matrix = jobs["unit"]["strategy"]["matrix"]

    assert {system.partition("-")[0] for system in matrix["system"]} == {"ubuntu", "windows", "macos"}
    assert matrix["python"] == promised == ["3.11", "3.12", "3.13", "3.14"]
    assert "lab" in jobs


@pytest.mark.parametrize("form", FORMS, ids=lambda path: path.name)
def test_an_issue_form_is_one_and_asks_for_no_secret(form: Path) -> None:
    text = form.read_text(encoding="utf-8")
    document = YAML(typ="safe").load(text)
    if form.name == "config.yml":
        assert document == {"blank_issues_enabled": False}
        return

    assert {"name", "description", "body"} <= document.keys()
    assert all(field["type"] == "markdown" or field["attributes"]["label"] for field in document["body"])
    assert "ayxctl diagnose" not in text or "--anonymise" in text


def test_hooks_before_a_commit_fetch_nothing() -> None:
    hooks = YAML(typ="safe").load((ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))

    assert [repository["repo"] for repository in hooks["repos"]] == ["local"]
    assert {hook["language"] for hook in hooks["repos"][0]["hooks"]} == {"system", "pygrep"}

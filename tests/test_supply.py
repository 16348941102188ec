"""Where the toolkit and its dependencies come from, and what SECURITY.md says of it."""

from __future__ import annotations

import ast
import json
import re
import runpy
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
#: Made by `make setup` and `make build`, or not text.
_NOT_OURS = frozenset({".git", ".venv", "build", "dist", "reports", "__pycache__", "explained", "goldens", "locks"})
_SUFFIXES = frozenset({".md", ".py", ".toml", ".yml", ".txt", ".jinja", ".sh"})
_NAMES = frozenset({"Makefile", "run"})
#: `install`, with options and other packages, and then the name; not as the name of a wheel or with an address.
_BY_NAME = re.compile(
    r"(?i)\binstall\b[^\n#|;&]*?[\s'\"=]alteryx[-_.]server[-_.]toolkit(?!\s*(?:\[[\w,\s]*\])?\s*@|[-_.\w]*\.whl)"
)


def ours() -> list[Path]:
    """Return the texts of this repository that people and programs read."""
    files = (path for path in ROOT.rglob("*") if path.suffix in _SUFFIXES or path.name in _NAMES)
    return [path for path in files if path.is_file() and not _NOT_OURS & set(path.relative_to(ROOT).parts)]


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("pip install alteryx-server-toolkit", True),
        ("pip install 'alteryx-server-toolkit[spec]'", True),
        ("python -m pip install --quiet -c constraints.txt Alteryx_Server.Toolkit==0.1", True),
        ("uv pip install requests alteryx-server-toolkit", True),
        ("pipx install alteryx-server-toolkit", True),
        ('pip install "alteryx-server-toolkit @ git+https://git.corp.example/x@COMMIT"', False),
        ("pip install 'alteryx-server-toolkit[spec] @ git+https://git.corp.example/x@COMMIT'", False),
        ("pip install dist/alteryx_server_toolkit-0.1.0-py3-none-any.whl", False),
        ("pip install '.[spec]' -c constraints.txt", False),
        ("make install # alteryx-server-toolkit", False),
    ],
)
def test_what_installs_by_the_bare_name(text: str, wrong: bool) -> None:
    assert bool(_BY_NAME.search(text)) == wrong


def test_nothing_installs_the_toolkit_by_its_bare_name() -> None:
    files = ours()
    assert len(files) > 300
    texts = {path: path.read_text(encoding="utf-8") for path in files if path != Path(__file__)}

    assert [str(path.relative_to(ROOT)) for path, text in texts.items() if _BY_NAME.search(text)] == []


def test_every_hint_is_the_same_sentence() -> None:
    """The stand-in Server may not import the room that has the sentence."""
    from ayx_simulator.pytest_plugin import _MISSING
    from ayx_spec.errors import missing_extra

    assert _MISSING.partition(": ")[2] == missing_extra("x", "simulator").partition(": ")[2]
    assert "\n## Installing\n" in (ROOT / "README.md").read_text(encoding="utf-8")


def pins(path: Path) -> dict[str, str]:
    found = re.findall(r"(?m)^([\w.-]+)==([\w.+!-]+)", path.read_text(encoding="utf-8"))
    return {re.sub(r"[-_.]+", "-", name).lower(): version for name, version in found}


@pytest.mark.parametrize("name", ["setup.txt", "build.txt"])
def test_the_locks_are_what_the_constraints_say(name: str) -> None:
    lock = ROOT / "locks" / name
    locked, constrained = pins(lock), pins(ROOT / "constraints.txt")
    text = lock.read_text(encoding="utf-8")

    assert len(locked) > 30
    assert {one for one, version in locked.items() if constrained.get(one) != version} == set(), "make lock"
    entries = re.split(r"(?m)^(?=[\w.-]+==)", text)[1:]
    assert [entry for entry in entries if not re.search(r"--hash=sha256:[0-9a-f]{64}", entry)] == []
    assert not re.search(r"https?://|index-url|find-links|file:", text)


def test_the_lock_has_all_that_the_project_asks_for() -> None:
    import tomllib

    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    asked = [*project["dependencies"], *(one for extra in project["optional-dependencies"].values() for one in extra)]
    names = {re.sub(r"[-_.]+", "-", re.match(r"[\w.-]+", one)[0]).lower() for one in asked}  # type: ignore[index]

    assert names - pins(ROOT / "locks" / "setup.txt").keys() == {"alteryx-server-toolkit"}, "make lock"


def test_a_bill_of_materials_names_what_is_installed_and_no_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The programs that do the work are stood in for: they are not part of the environment that runs tests."""
    wheel = tmp_path / "alteryx_server_toolkit-0.1.0-py3-none-any.whl"
    calls: list[list[str]] = []

    def run(arguments: list[str], *, check: bool) -> None:
        assert check
        calls.append(arguments)
        if "cyclonedx_py" in arguments:
            bill = Path(arguments[arguments.index("--output-file") + 1])
            tool = {"name": "tool", "externalReferences": [{"url": "https://index.example"}]}
            about = {"component": {"name": "t"}, "tools": {"components": [tool]}}
            bill.write_text(json.dumps({"metadata": about, "components": []}), encoding="utf-8")

    monkeypatch.setattr(subprocess, "run", run)
    made = runpy.run_path(str(ROOT / ".ci" / "sbom.py"))["main"](wheel)

    install, describe = calls
    assert install[:3] == [sys.executable, "-m", "pip"]
    assert install[install.index("--python") + 1] == describe[describe.index("environment") + 1]
    assert {str(wheel), "--constraint"} <= set(install)
    assert "--output-reproducible" in describe
    assert made == tmp_path / "alteryx_server_toolkit-0.1.0.cdx.json"
    text = made.read_text(encoding="utf-8")
    assert json.loads(text)["metadata"]["component"] == {"name": "t", "version": "0.1.0"}
    assert str(tmp_path) not in text
    assert "index.example" not in text


SECURITY = (ROOT / "SECURITY.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("named", sorted(set(re.findall(r"`(tests/[^`]+)`", SECURITY))))
def test_every_test_that_security_md_names_exists(named: str) -> None:
    file, _, test = named.partition("::")
    tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
    tests = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}

    assert any(name.startswith("test_") for name in tests)
    assert not test or test in tests


def test_every_promise_of_security_md_is_held_by_a_test() -> None:
    rows = re.findall(r"(?m)^\| (?!promise|version|\d|any commit|-)(.*?) \| ?(.*?) ?\|$", SECURITY)

    assert len(rows) > 25
    assert [promise for promise, held in rows if not held] == []


def test_the_version_is_the_newest_of_the_changelog_and_gets_security_fixes() -> None:
    """What is not published yet may stand above it, as `## Unreleased`."""
    from ayx_connection._version import __version__

    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    versions = re.findall(r"(?m)^## (?!Unreleased$)(.*)$", changelog)

    assert re.fullmatch(rf"{re.escape(__version__)} \(\d{{4}}-\d\d-\d\d\)", versions[0])
    assert f"| {__version__.rpartition('.')[0]} | yes |" in SECURITY

"""The tests themselves: what they share comes by pytest's own means, and what is slow is named."""

from __future__ import annotations

import ast
from pathlib import Path
from runpy import run_path

import fast

HERE = Path(__file__).parent
#: It imports a client that is made for the run, before any module that uses it.
MAY_CHANGE_THE_PATH = {"conftest.py"}


def _changes_the_path(path: Path) -> bool:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    calls = (node.func for node in ast.walk(tree) if isinstance(node, ast.Call))
    slices = (node.value for node in ast.walk(tree) if isinstance(node, ast.Subscript))
    return any(ast.unparse(node).startswith("sys.path") for node in (*calls, *slices))


def test_modules_that_tests_share_are_named_in_pyproject_toml() -> None:
    """``pythonpath`` there is the one place; what a test needs for a moment, ``syspath_prepend`` undoes again."""
    found = {str(path.relative_to(HERE)) for path in HERE.rglob("*.py") if _changes_the_path(path)}

    assert found == MAY_CHANGE_THE_PATH


def test_what_is_named_as_slow_is_there() -> None:
    assert [name for name in sorted(fast.SLOW) if not (HERE / name).is_file()] == []


def test_what_a_mutation_changes_stands_once_in_its_module() -> None:
    """Only ``make mutations`` makes them; but whoever moves a line has to know at once."""
    mutations = run_path(str(HERE / "mutations" / "table.py"))["MUTATIONS"]
    package = HERE.parent / "diagnostics" / "ayx_diagnostics"
    places = [(each.what, package / each.module, each.before) for each in mutations]

    assert [what for what, path, before in places if path.read_text(encoding="utf-8").count(before) != 1] == []

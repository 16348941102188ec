"""CONTRIBUTING.md names what exists, and what it promises to tell is told."""

from __future__ import annotations

import ast
import inspect
import re
from pathlib import Path

import pytest
from ayx_connection.settings.declarations import DECLARATIONS
from ayx_diagnostics.command_line.options import with_settings
from ayx_diagnostics.report.renderers import FORMAT_BY_SUFFIX, FORMATS

ROOT = Path(__file__).parent.parent
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
README = (ROOT / "README.md").read_text(encoding="utf-8")
NAMED = sorted(set(re.findall(r"`((?:tests|spec|generated|connection|diagnostics|simulator)/[^` ]*)`", CONTRIBUTING)))


@pytest.mark.parametrize("named", NAMED)
def test_every_place_and_test_that_is_named_exists(named: str) -> None:
    file, _, test = named.partition("::")
    path = ROOT / file.replace("STAGE", "http")

    assert path.exists()
    if test:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        assert test in {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


def test_every_setting_has_its_option_and_its_row_in_the_readme() -> None:
    table = README.partition("\n## Settings\n")[2].partition("\n## ")[0]

    @with_settings
    def command(*, options: dict[str, object]) -> None:
        raise AssertionError(options)

    options = {
        name
        for parameter in inspect.signature(command).parameters.values()
        for info in getattr(parameter.annotation, "__metadata__", ())
        for name in (info.default, *info.param_decls)
    }
    assert {one.option for one in DECLARATIONS if one.option.startswith("--")} - options == set()
    assert [one.option for one in DECLARATIONS if not re.search(rf"`{re.escape(one.option)}\b", table)] == []
    assert [name for one in DECLARATIONS for name in one.environment if name not in table] == []


def test_every_format_has_its_suffix_and_is_in_the_readme() -> None:
    assert set(FORMAT_BY_SUFFIX.values()) == set(FORMATS)
    row = next(line for line in README.splitlines() if line.startswith("| `--format"))
    assert [kind for kind in FORMATS if kind != "text" and kind not in row] == []

"""CONTRIBUTING.md names what exists, and what it promises to tell is told."""

from __future__ import annotations

import ast
import inspect
import re
from pathlib import Path
from typing import get_args

import pytest
from ayx_connection.settings.declarations import DECLARATIONS, Declaration
from ayx_connection.settings.kinds import FLAG
from ayx_diagnostics.command_line.options import with_settings
from ayx_diagnostics.report.renderers import FORMAT_BY_SUFFIX, FORMATS

ROOT = Path(__file__).parent.parent
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
README = (ROOT / "README.md").read_text(encoding="utf-8")
SETTINGS_TABLE = README.partition("\n## Settings\n")[2].partition("\n## ")[0].splitlines()
NAMED = sorted(set(re.findall(r"`((?:tests|spec|generated|connection|diagnostics|simulator)/[^` ]*)`", CONTRIBUTING)))


@pytest.mark.parametrize("named", NAMED)
def test_every_place_and_test_that_is_named_exists(named: str) -> None:
    file, _, test = named.partition("::")
    path = ROOT / file.replace("STAGE", "http")

    assert path.exists()
    if test:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        assert test in {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


def _row(declaration: Declaration) -> str:
    """Return a setting's row of the README."""
    takes_argument = declaration.kind is not FLAG and declaration.option.startswith("--")
    choices = "\\|".join(get_args(declaration.kind.type))
    argument = f" {declaration.metavar or choices}" if takes_argument else ""
    variables = ", ".join(f"`{name}`" for name in declaration.environment)
    return f"| `{declaration.name}` | `{declaration.option}{argument}` | {variables} | {declaration.help} |"


def test_every_setting_has_its_row_in_the_readme() -> None:
    rows = [line for line in SETTINGS_TABLE if line.startswith("| `")]
    assert rows == [_row(declaration) for declaration in DECLARATIONS], "the declarations say what has to stand there"


def test_every_setting_has_its_option() -> None:
    @with_settings
    def command(*, options: dict[str, object]) -> None:
        raise AssertionError(options)

    options = {
        name
        for parameter in inspect.signature(command).parameters.values()
        for info in getattr(parameter.annotation, "__metadata__", ())
        for name in (info.default, *info.param_decls)
    }
    assert options == {one.option for one in DECLARATIONS if one.option.startswith("--")} | {"--config"}


def test_every_format_has_its_suffix_and_is_in_the_readme() -> None:
    assert set(FORMAT_BY_SUFFIX.values()) == set(FORMATS)
    row = next(line for line in README.splitlines() if line.startswith("| `--format"))
    assert [kind for kind in FORMATS if kind != "text" and kind not in row] == []
    files = next(line for line in README.splitlines() if line.startswith("| `--report"))
    assert [kind.suffix for kind in FORMATS if kind.suffix not in files] == []

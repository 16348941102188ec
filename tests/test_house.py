"""The house itself: which room may know which, and what the public surface is."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGES = {
    "ayx_spec": ROOT / "spec/ayx_spec",
    "ayx_client": ROOT / "generated/ayx_client",
    "ayx_connection": ROOT / "connection/ayx_connection",
    "ayx_diagnostics": ROOT / "diagnostics/ayx_diagnostics",
    "ayx_simulator": ROOT / "simulator/ayx_simulator",
}
#: package -> the rooms it may import beside itself
ARROWS: dict[str, set[str]] = {
    "ayx_spec": set(),
    "ayx_client": set(),
    "ayx_connection": {"ayx_client"},
    "ayx_diagnostics": {"ayx_connection"},
    "ayx_simulator": set(),
}
#: the one place that mounts all rooms
COMMAND_LINE = PACKAGES["ayx_diagnostics"] / "command_line"


def _imported_rooms(path: Path) -> set[str]:
    rooms = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            rooms |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            rooms.add(node.module.partition(".")[0])
    return rooms & PACKAGES.keys()


@pytest.mark.parametrize("package", PACKAGES)
def test_imports_point_one_way(package: str) -> None:
    allowed = ARROWS[package] | {package}
    wrong = {
        str(path.relative_to(ROOT)): extra
        for path in PACKAGES[package].rglob("*.py")
        if not path.is_relative_to(COMMAND_LINE) and (extra := _imported_rooms(path) - allowed)
    }
    assert wrong == {}


def test_every_package_is_typed() -> None:
    assert [name for name, folder in PACKAGES.items() if not (folder / "py.typed").exists()] == []


def test_hand_written_modules_have_one_subject() -> None:
    """The limit is generous: a module that passes it has taken on a second subject."""
    long = {
        str(path.relative_to(ROOT)): lines
        for name, folder in PACKAGES.items()
        if name != "ayx_client"
        for path in folder.rglob("*.py")
        if (lines := len(path.read_text(encoding="utf-8").splitlines())) > 400
    }
    assert long == {}


def test_no_tag_of_a_document_can_hide_what_the_server_object_has() -> None:
    """The template gives such a tag another name; it cannot look at the object, which is in a room above it."""
    from ayx_client.api import Operations
    from ayx_connection import Server
    from ayx_spec.templates import templates

    own = {name for name in dir(Server) if not name.startswith("_")} - vars(Operations).keys()
    taken = templates()["api_init.py.jinja"]
    assert {name for name in own if f'"{name}"' not in taken} == set()


#: What prints without passing the one function that cleans what leaves.
PRINTING = {"print", "typer.echo", "typer.secho", "click.echo", "Console"}


def _printing(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and (called := ast.unparse(node.func)) in PRINTING:
            yield f"{path.name}:{node.lineno} {called}"
        elif isinstance(node, ast.Attribute) and ast.unparse(node) in (
            *("sys.stdout.write", "sys.stderr.write", "sys.stdout.buffer", "sys.stderr.buffer"),
            *("sys.__stdout__", "sys.__stderr__"),
        ):
            yield f"{path.name}:{node.lineno} {ast.unparse(node)}"


def test_only_the_terminal_prints() -> None:
    found = [each for path in COMMAND_LINE.rglob("*.py") for each in _printing(path)]
    assert found != []
    assert [each for each in found if not each.startswith("terminal.py:")] == []

"""The house itself: which room may know which, and what the public surface is."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from graphlib import CycleError, TopologicalSorter
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


def _modules(package: str) -> dict[str, Path]:
    """Return the modules of a room by their dotted names."""
    folder = PACKAGES[package]
    named = {".".join(path.relative_to(folder.parent).with_suffix("").parts): path for path in folder.rglob("*.py")}
    return {name.removesuffix(".__init__"): path for name, path in named.items()}


MODULES = {name: path for package in PACKAGES for name, path in _modules(package).items()}


@cache
def _imports(name: str) -> frozenset[str]:
    return frozenset(_every_import(name))


def _every_import(name: str) -> Iterator[str]:
    """Yield what a module imports, wherever in it that stands, but for the sake of types."""
    path = MODULES[name]
    package = name if path.name == "__init__.py" else name.rpartition(".")[0]
    waiting: list[ast.AST] = [ast.parse(path.read_text(encoding="utf-8"))]
    for node in waiting:  # grows while it is walked
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            waiting += node.orelse
            continue
        waiting += ast.iter_child_nodes(node)
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package.rsplit(".", node.level - 1)[0] if node.level else ""
            module = ".".join(filter(None, [above, node.module]))
            for alias in node.names:
                yield full if (full := f"{module}.{alias.name}") in MODULES else module


def _imported_rooms(name: str) -> set[str]:
    return {module.partition(".")[0] for module in _imports(name)} & PACKAGES.keys()


@pytest.mark.parametrize("package", PACKAGES)
def test_imports_point_one_way(package: str) -> None:
    allowed = ARROWS[package] | {package}
    wrong = {
        name: extra
        for name, path in _modules(package).items()
        if not path.is_relative_to(COMMAND_LINE) and (extra := _imported_rooms(name) - allowed)
    }
    assert wrong == {}


def _part(name: str) -> str:
    """Return the part of its room that a module belongs to: a sub-package, or the module itself."""
    return ".".join(name.split(".")[:2])


def _circle(arrows: dict[str, set[str]]) -> list[str]:
    try:
        TopologicalSorter(arrows).prepare()
    except CycleError as error:
        return list(error.args[1])
    return []


@pytest.mark.parametrize("package", [package for package in PACKAGES if package != "ayx_client"])
def test_inside_a_room_imports_point_one_way_too(package: str) -> None:
    """Between modules, and between the sub-packages; what is imported late counts like what is imported first."""
    names = _modules(package)
    modules = {name: {module for module in _imports(name) if module in names} - {name} for name in names}
    assert _circle(modules) == []
    parts: dict[str, set[str]] = {}
    for name, imported in modules.items():
        if name != package:  # the room's own page, which names what is public
            parts.setdefault(_part(name), set()).update(map(_part, imported - {package}))
    assert _circle({part: others - {part} for part, others in parts.items()}) == []


def test_a_circle_is_found() -> None:
    assert set(_circle({"a": {"b"}, "b": {"c"}, "c": {"a"}})) == {"a", "b", "c"}
    assert "ayx_connection.redaction.spellings" in _imports("ayx_connection.redaction.redactor")  # a late one


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

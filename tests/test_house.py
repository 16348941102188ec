"""The house itself: which room may know which, and what the public surface is."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from functools import cache
from graphlib import CycleError, TopologicalSorter
from importlib import import_module
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


def _package(name: str) -> str:
    """Return what a module's relative imports count from."""
    return name if MODULES[name].name == "__init__.py" else name.rpartition(".")[0]


def _statements(tree: ast.AST, *, late: bool = False) -> Iterator[tuple[ast.AST, bool]]:
    """Yield every node that is not there for the sake of types alone, and whether it stands in a function."""
    yield tree, late
    is_for_types = isinstance(tree, ast.If) and ast.unparse(tree.test) == "TYPE_CHECKING"
    inside = late or isinstance(tree, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
    for node in tree.orelse if is_for_types else ast.iter_child_nodes(tree):
        yield from _statements(node, late=inside)


def _imported(node: ast.AST, package: str) -> Iterator[str]:
    """Yield what a statement imports."""
    match node:
        case ast.Import():
            yield from (alias.name for alias in node.names)
        case ast.ImportFrom():
            above = package.rsplit(".", node.level - 1)[0] if node.level else ""
            module = ".".join(filter(None, [above, node.module]))
            for alias in node.names:
                yield full if (full := f"{module}.{alias.name}") in MODULES else module
        case ast.Call(func=ast.Name("import_module"), args=[ast.Constant(str(module))]):
            yield module


@cache
def _tree(name: str) -> ast.Module:
    return ast.parse(MODULES[name].read_text(encoding="utf-8"))


@cache
def _imports(name: str) -> frozenset[str]:
    """Return what a module imports, wherever in it that stands, but for the sake of types."""
    return frozenset(module for node, _ in _statements(_tree(name)) for module in _imported(node, _package(name)))


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


#: What may be imported in a function, and why: what that saves those who do not need it. `make bench` measures it.
LATE = {
    # of the system, or of an extra that not everybody has
    "certifi": "is there as long as httpx brings it",
    "dns": "59 ms, for the registry of Windows alone",
    "fcntl": "POSIX has it",
    "msvcrt": "Windows has it",
    "griffe": "the extra `spec`",
    "openapi_python_client": "the extra `spec`; 220 ms",
    "werkzeug": "the extra `simulator`; 60 ms; --list-faults and the faults' table do without",
    "ayx_simulator.server.http_server": "needs the extra `simulator`; 70 ms",
    "ayx_simulator.simulator": "needs the extra `simulator`; 110 ms; --help, and every run of pytest, does without",
    # heavy
    "ayx_connection.client": "160 ms, httpx above all; a smoke test that ends with the diagnosis calls nothing",
    "ayx_connection.redaction.spellings": "18 ms; a command that meets no secret looks for none",
    "ayx_connection.api_document": "17 ms; a diagnosis that reaches no API compares nothing",
    "ayx_diagnostics.probes.dns_message": "48 ms, dnspython; nameservers are asked where a lookup fails or drags",
    "httpx": "37 ms; of all commands `demo` alone calls it by itself",
    "jsonschema": "68 ms; a smoke test that ends with the diagnosis has no answer to look at",
    "platformdirs": "6 ms; whoever takes settings from arguments and variables alone has no such file",
    "rich": "12 to 29 ms; --version, --help and whatever writes for programs draw nothing",
    "ssl": "9 ms; of all commands `demo` alone calls it by itself",
    "typer": "32 ms; Ctrl+C must not show a traceback while it is imported, and `terminal` is imported before",
    "urllib.request": "21 ms; for the operating system's proxies, where no variable names one",
}
#: Here every module of the toolkit may be imported late: a command imports what only it needs, since all of them are
#: declared each time that one is run. With everything at the top, `ayxctl --version` would take 0.7 s, not 0.15.
LATE_OF_OURS = "ayx_diagnostics.command_line"


def _is_within(name: str, parts: Iterable[str]) -> bool:
    return any(name == part or name.startswith(f"{part}.") for part in parts)


def _late(name: str, tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Yield what a module imports in its functions, with the line."""
    for node, late in _statements(tree):
        if late:
            yield from ((getattr(node, "lineno", 0), module) for module in _imported(node, _package(name)))


def _unfounded(name: str, tree: ast.Module) -> list[str]:
    """Return a sentence for each late import that has no reason."""
    allowed = {*LATE, *(PACKAGES if _is_within(name, [LATE_OF_OURS]) else ())}
    return [
        f"{name}, line {line}, imports {module} in a function: put it at the top, or, if that saves 5 ms, into LATE"
        for line, module in _late(name, tree)
        if not _is_within(module, allowed)
    ]


OURS = [name for name in MODULES if not _is_within(name, ["ayx_client"])]


def test_what_is_imported_late_has_a_reason() -> None:
    assert [said for name in OURS for said in _unfounded(name, _tree(name))] == []


def test_every_reason_is_one_for_a_late_import() -> None:
    late = {module for name in OURS for _, module in _late(name, _tree(name))}
    assert [each for each in LATE if not any(_is_within(module, [each]) for module in late)] == []


@pytest.mark.parametrize(
    ("name", "planted", "found"),
    [
        ("ayx_connection.client", "def f():\n    import json", ["json"]),
        (
            "ayx_connection.client",
            "class C:\n  async def f(self):\n    if x:\n      from a import b",
            ["a"],
        ),
        ("ayx_connection.client", "def f():\n    from .settings import files", ["ayx_connection.settings.files"]),
        ("ayx_connection.client", "def f():\n    import_module('json')", ["json"]),
        ("ayx_connection.client", "import json\nif TYPE_CHECKING:\n    import a", []),
        (
            "ayx_connection.client",
            "def f():\n  if TYPE_CHECKING:\n    import a\n  else:\n    import b",
            ["b"],
        ),
        ("ayx_connection.client", "def f():\n    from rich.text import Text\n    import richer", ["richer"]),
        ("ayx_diagnostics.command_line.app", "def f():\n    from ayx_spec.errors import E\n    import csv", ["csv"]),
    ],
)
def test_a_late_import_without_a_reason_is_found(name: str, planted: str, found: list[str]) -> None:
    sentences = _unfounded(name, ast.parse(planted))
    assert [sentence.split("imports ")[1].split(" in a")[0] for sentence in sentences] == found


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


#: What only the network room of a diagnosis does: the fake beside it could not do it otherwise.
OF_THE_SYSTEM = {
    *("socket.socket", "socket.create_connection", "socket.create_server", "socket.getaddrinfo", "Thread"),
    *("threading.Thread", "time.sleep", "time.monotonic", "time.perf_counter", "ThreadPoolExecutor"),
}
NETWORK = PACKAGES["ayx_diagnostics"] / "network"


def _of_the_system(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute | ast.Name) and (named := ast.unparse(node)) in OF_THE_SYSTEM:
            yield f"line {node.lineno}: {named}"


def test_a_diagnosis_touches_the_system_through_its_network_alone() -> None:
    paths = {name: path for name, path in MODULES.items() if path.is_relative_to(NETWORK.parent)}
    found = {path: wrong for name, path in paths.items() if (wrong := list(_of_the_system(_tree(name))))}
    others = {
        path: wrong for path, wrong in found.items() if not any(map(path.is_relative_to, (NETWORK, COMMAND_LINE)))
    }
    assert others == {}
    assert {path.name for path in found if path.is_relative_to(NETWORK)} >= {"system.py", "sockets.py", "tasks.py"}


#: A package's page says what is public, at once or when it is first asked for (PEP 562), and does nothing else.
LAZY_EXPORT = {"__getattr__", "__dir__"}


def _logic(source: str) -> list[str]:
    """Return what stands in an ``__init__.py`` besides docstring, imports, ``__all__`` and lazy exports."""
    first, *others = body if (body := ast.parse(source).body) else [ast.Pass()]
    defined = {node.name for node in others if isinstance(node, ast.FunctionDef)}
    found = [] if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) else ["no docstring"]
    for node in others:
        match node:
            case ast.Import() | ast.ImportFrom():
                continue
            case ast.Assign(targets=[ast.Name("__all__")]):
                continue
            case ast.Assign(targets=[ast.Name("_HOMES")]) if "__getattr__" in defined:
                continue  # which module has which name
            case ast.FunctionDef(name=name) if name in LAZY_EXPORT:
                continue
            case ast.If(test=ast.Name("TYPE_CHECKING"), body=body, orelse=[]) if all(
                isinstance(each, ast.Import | ast.ImportFrom) for each in body
            ):
                continue
        found.append(f"line {node.lineno}: {ast.unparse(node).splitlines()[0]}")
    return found


def test_a_packages_own_page_only_exports() -> None:
    pages = {name: path for name, path in MODULES.items() if path.name == "__init__.py" and "ayx_client" not in name}
    found = {name: wrong for name, path in pages.items() if (wrong := _logic(path.read_text(encoding="utf-8")))}
    assert found == {}


@pytest.mark.parametrize("name", [name for name, path in MODULES.items() if "\n_HOMES = " in path.read_text("utf-8")])
def test_what_is_exported_late_is_there_for_type_checkers_too(name: str) -> None:
    page = import_module(name)
    guarded = next(
        node for node in ast.parse(MODULES[name].read_text(encoding="utf-8")).body if isinstance(node, ast.If)
    )
    assert sorted(alias.name for node in guarded.body for alias in getattr(node, "names", ())) == sorted(page._HOMES)
    assert set(page.__all__) - page._HOMES.keys() <= {"__version__"}
    assert [each for each in page.__all__ if getattr(page, each, None) is None] == []
    with pytest.raises(AttributeError, match="nonsense"):
        _ = page.nonsense


@pytest.mark.parametrize(
    ("planted", "said"),
    [
        ("from a import b", ["no docstring"]),
        ("", ["no docstring"]),
        ('"""A."""\nfrom a import b\n\n\ndef c() -> None:\n    b()', ["line 5: def c() -> None:"]),
        ('"""A."""\n\n\nclass C:\n    pass', ["line 4: class C:"]),
        ('"""A."""\nLIMIT = 3', ["line 2: LIMIT = 3"]),
        ('"""A."""\n_HOMES = {}', ["line 2: _HOMES = {}"]),  # of nothing that is exported late
        ('"""A."""\nfrom a import b\nb()', ["line 3: b()"]),
        ('"""A."""\nif TYPE_CHECKING:\n    b = 1', ["line 2: if TYPE_CHECKING:"]),
        ('"""A."""\nfrom a import b\n__all__ = ["b"]\n_HOMES = {}\ndef __getattr__(name): ...\ndef __dir__(): ...', []),
    ],
)
def test_logic_on_a_packages_own_page_is_found(planted: str, said: list[str]) -> None:
    assert _logic(planted) == said

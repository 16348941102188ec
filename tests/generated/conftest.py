"""The client under test, and every operation it has: found in it, not named here.

It is imported under a name of its own: it may be one that is not in place yet, beside the one that is.
"""

from __future__ import annotations

import json
import re
import sys
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import pytest
from ayx_spec.convert import convert, operations_of, parse_document

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_httpserver import HTTPServer

NAME = "client_under_test"
_CALL = re.compile(r"[A-Z]+ /.*")
_VARIABLE = re.compile(r"\{[^{}]*\}")


@dataclass(frozen=True)
class Operation:
    """An operation of the client.

    Attributes:
        module: The module with its functions.
        name: Method and path as the client writes them: `GET /v3/users/{user_id}`.
        described: What its document says of it (OpenAPI 3.0.3, Operation Object), if the client keeps its document.
    """

    module: ModuleType
    name: str
    described: dict[str, Any] | None

    @property
    def function(self) -> str:
        """What it is called in Python."""
        return Path(str(self.module.__file__)).stem

    @property
    def directory(self) -> Path:
        """Where the operations of its tag are."""
        return Path(str(self.module.__file__)).parent


class ClientUnderTest:
    """A generated client in any folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.package = _imported(folder)
        self.lock = json.loads((folder / "generated.json").read_text(encoding="utf-8"))
        kept = json.loads((folder / "documents.json").read_text(encoding="utf-8"))
        documents = [parse_document(json.dumps(one).encode(), f"documents.json, {n}") for n, one in enumerate(kept, 1)]
        self.document: dict[str, Any] = convert(documents).document if documents else {"paths": {}}
        self.operations = sorted(self._operations(), key=lambda operation: operation.name)

    def described(self) -> dict[str, dict[str, Any]]:
        """What the documents describe: method and path, with nameless variables -> operation."""
        found = operations_of(self.document["paths"])
        return {without_names(f"{method.upper()} {path}"): operation for method, path, operation in found}

    def _operations(self) -> Iterator[Operation]:
        described = self.described()
        for path in (self.folder / "api").glob("*/*.py"):
            if path.name != "__init__.py":
                module = import_module(f"{NAME}.api.{path.parent.name}.{path.stem}")
                name = _operation_of(module)
                yield Operation(module, name, described.get(without_names(name)))


def without_names(operation: str) -> str:
    """Return method and path with variables that have no name: the client writes them in its own way."""
    return unquote(_VARIABLE.sub("{}", operation))


def _operation_of(module: ModuleType) -> str:
    """Return what a module says in its deviations: method and path."""
    (said,) = (text for text in module._build_response.__code__.co_consts if _CALL.fullmatch(str(text)))
    return str(said)


def _imported(folder: Path) -> ModuleType:
    spec = spec_from_file_location(NAME, folder / "__init__.py", submodule_search_locations=[str(folder)])
    assert spec
    assert spec.loader
    sys.modules[NAME] = module = module_from_spec(spec)
    spec.loader.exec_module(module)
    for name in ("calls", "errors", "models", "types"):
        import_module(f"{NAME}.{name}")
    return module


@cache
def _client_in(folder: Path) -> ClientUnderTest:
    return ClientUnderTest(folder.resolve())


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    for name in {"operation", "operation_with_id"} & set(metafunc.fixturenames):
        operations = _client_in(metafunc.config.getoption("--client")).operations
        chosen = [one for one in operations if name == "operation" or "{" in one.name]
        metafunc.parametrize(name, chosen, ids=lambda operation: operation.name.replace(" ", "_"))


@pytest.fixture(scope="session")
def under_test(request: pytest.FixtureRequest) -> ClientUnderTest:
    """The client that is tested."""
    return _client_in(request.config.getoption("--client"))


@pytest.fixture
def server(under_test: ClientUnderTest, httpserver: HTTPServer) -> Iterator[Any]:
    """A client of a loopback server that answers every request alike."""
    address = httpserver.url_for("/webapi")
    arguments = {
        "token": "t0k3n",
        "httpx_args": {"trust_env": False},
        "verify_ssl": False,
    }  # reading the CAs takes long
    with under_test.package.AuthenticatedClient(base_url=address, **arguments) as client:
        yield client

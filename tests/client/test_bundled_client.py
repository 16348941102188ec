"""The client of the bundled documents: the names that others rely on, and what holds for it as a whole."""

from __future__ import annotations

import importlib
import json
import subprocess
import sys
from pathlib import Path

import ayx_client
import pytest
from ayx_spec import bundled_documents
from ayx_spec.convert import Conversion, client_names, convert_files

CLIENT = Path(ayx_client.__file__).parent
DOCUMENTS = bundled_documents()


@pytest.fixture(scope="session")
def conversion() -> Conversion:
    return convert_files(DOCUMENTS)


def contents(folder: Path) -> dict[str, bytes]:
    files = (path for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def test_every_operation_is_there_in_all_its_forms(conversion: Conversion) -> None:
    names = client_names(conversion.document)

    assert len(names) == json.loads((CLIENT / "generated.json").read_text())["operations"] > 0
    for (method, path), name in names.items():
        module = importlib.import_module(f"ayx_client.api.{name.tag}.{name.function}")
        assert callable(module.sync_detailed)
        assert callable(module.asyncio_detailed)
        assert hasattr(module, "sync") == hasattr(module, "asyncio")
        headline = module.sync_detailed.__doc__.partition(":")[0].replace("{", "").replace("}", "").replace("_", "")
        assert headline.lower() == f"{method} {path}".lower().replace("{", "").replace("}", "").replace("_", "")


def test_the_names_that_the_contract_promises() -> None:
    from ayx_client.api.users import get_users

    assert get_users.sync.__module__ == "ayx_client.api.users.get_users"
    assert {"sync", "sync_detailed", "asyncio", "asyncio_detailed"} <= vars(get_users).keys()


def test_paths_are_relative_to_the_web_api_address(conversion: Conversion) -> None:
    assert {path.split("/")[1] for path in conversion.document["paths"]} == {"v1", "v3", "user", "admin"}


def test_every_call_needs_an_authenticated_client(conversion: Conversion) -> None:
    for item in conversion.document["paths"].values():
        assert all(operation["security"] for operation in item.values())


def test_no_address_of_a_deployment_is_in_it() -> None:
    hosts = {json.loads(path.read_bytes())["host"].encode() for path in DOCUMENTS}

    assert hosts
    assert [name for name, content in contents(CLIENT).items() if any(host in content for host in hosts)] == []


def test_one_call_imports_only_what_it_needs() -> None:
    script = """
import sys
import ayx_client.api.users.get_user
models = [name for name in sys.modules if name.startswith("ayx_client.models.")]
print(len(models))
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60)

    assert 1 <= int(done.stdout) <= 5


def test_models_are_found_by_name() -> None:
    from ayx_client import models

    assert models.UserView.__module__ == "ayx_client.models.user_view"
    assert "UserView" in dir(models)
    with pytest.raises(AttributeError, match="NoSuchView"):
        getattr(models, "NoSuchView")  # noqa: B009 - a type checker knows that it is missing
    for name in models.__all__:
        assert getattr(models, name).__name__ == name


def test_a_type_checker_agrees(tmp_path: Path) -> None:
    pytest.importorskip("mypy")
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--config-file=", "--cache-dir", tmp_path, "-p", "ayx_client"],
        cwd=CLIENT.parent,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )

    assert done.stdout.startswith("Success"), done.stdout

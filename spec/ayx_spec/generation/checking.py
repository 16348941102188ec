"""Checks a generated package before anybody gets it: nothing is missing, every module imports, the types agree."""

from __future__ import annotations

import json
import subprocess
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from ayx_spec.convert import client_names
from ayx_spec.errors import GenerationError
from ayx_spec.generation.running import run_beside

__all__ = ["check_imports", "check_operations", "check_types"]


#: Runs in a fresh interpreter with the folder of the package, its name and all module names as JSON.
_IMPORT_ALL = """
import gc, importlib, json, sys, traceback, warnings
import attrs, httpx
folder, package, names = json.loads(sys.stdin.read())
sys.dont_write_bytecode = True
sys.path.insert(0, folder)
gc.disable()  # the process ends soon
warnings.simplefilter("error")
for name, path in names:
    try:
        module = importlib.import_module(name)
        if not module.__file__.startswith(folder):
            raise ImportError("another package of this name was imported: " + module.__file__)
    except BaseException as error:
        print(json.dumps(name + ": " + traceback.format_exception_only(error)[-1].strip()))
        sys.exit(1)
models = importlib.import_module(package + ".models")
for name in models.__all__:
    getattr(models, name)
"""


def check_operations(document: dict[str, Any], package: Path) -> None:
    """Check that the package has a module for every operation of the document, and no other.

    Raises:
        GenerationError: Names the first operation that is missing.
    """
    expected = {f"{name.tag}/{name.function}.py": key for key, name in client_names(document).items()}
    api = package / "api"
    found = {path.relative_to(api).as_posix() for path in api.glob("*/*.py") if path.name != "__init__.py"}
    for module, (method, path) in expected.items():
        if module not in found:
            raise GenerationError(f"{method} {path} is missing: there is no module api/{module}")
    for module in sorted(found - expected.keys()):
        raise GenerationError(f"the module api/{module} belongs to no operation")


def check_imports(package: Path) -> int:
    """Import every module in a fresh interpreter, with warnings as errors.

    Returns:
        How many modules there are.

    Raises:
        GenerationError: Names the first module that cannot be imported, and why.
    """
    # The shared modules first: an error in one of them is reported as its own.
    modules = sorted(package.rglob("*.py"), key=lambda module: (len(module.parts), module))
    names = [(_dotted(module, package), str(module)) for module in modules]
    asked = json.dumps([str(package.parent), package.name, names])
    done = run_beside(package, "-c", _IMPORT_ALL, standard_input=asked)
    if done.returncode:
        raise GenerationError(f"a generated module cannot be imported: {_reported(done)}")
    return len(names)


def check_types(package: Path, cache: Path) -> None:
    """Hold the package against ``mypy --strict``, without the configuration of any folder around it.

    Args:
        package: Its folder.
        cache: Where mypy may put what it remembers.

    Raises:
        GenerationError: Names the first error; or mypy is not installed.
    """
    if find_spec("mypy") is None:
        raise GenerationError("mypy is not installed, and the types were to be checked: pip install mypy")
    done = run_beside(
        package,
        *("-P", "-m", "mypy", "--strict", "--config-file=", "--no-error-summary"),
        *("--cache-dir", str(cache), "--package", package.name),
    )
    if done.returncode:
        lines = (done.stdout or done.stderr).strip().splitlines() or [f"exit code {done.returncode}"]
        raise GenerationError(f"mypy --strict does not agree with the generated code: {lines[0]}")


def _reported(done: subprocess.CompletedProcess[str]) -> str:
    """Return what the fresh interpreter said: its report, or how it ended without one."""
    try:
        return str(json.loads(done.stdout.splitlines()[-1]))
    except (IndexError, ValueError):
        return (done.stderr.strip().splitlines() or [f"exit code {done.returncode}"])[-1]


def _dotted(module: Path, package: Path) -> str:
    parts = module.relative_to(package.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)

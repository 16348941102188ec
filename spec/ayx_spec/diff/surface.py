"""Two generated client packages compared as Python: what an import or a call meets, whatever the documents say.

The comparison of the documents explains most of it. What is left comes from the way the client is made: a name that had
to move aside for another one, a template that changed.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from ayx_spec.diff.changes import Change
from ayx_spec.errors import GenerationError, missing_extra

__all__ = ["SurfaceChange", "compare_packages", "unexplained"]

#: The four forms of a function; what holds for one holds for all.
_FORMS = ("sync", "sync_detailed", "asyncio", "asyncio_detailed")
_PARTS = ("api", "models")
#: Classes of the method form: they say once more what the functions say.
_METHODS_OF = "Operations"


@dataclass(frozen=True, order=True)
class SurfaceChange:
    """A change of a public name of a generated package.

    Attributes:
        name: The dotted name in the old package: of a function without its form (`sync`, …), of a class without its
            module.
        sentence: What changed about it.
    """

    name: str
    sentence: str


def compare_packages(old: Path, new: Path) -> tuple[SurfaceChange, ...]:
    """Return what changed about the functions and models of two generated packages. Neither is imported.

    Args:
        old: Folder of the package that callers know.
        new: Folder of the package that takes its place; it may have another name.

    Raises:
        GenerationError: griffe is not installed, or a folder holds no package.
    """
    try:
        griffe = import_module("griffe")  # not for everybody: it is in the extra `spec`
    except ImportError as error:
        raise GenerationError(missing_extra("griffe", "spec")) from error
    before, after = (_loaded(griffe, folder) for folder in (old, new))
    found = (_told(breakage, old.resolve().name) for breakage in griffe.find_breaking_changes(before, after))
    return tuple(sorted({change for change in found if change}))


def _loaded(griffe: Any, folder: Path) -> Any:
    folder = folder.resolve()
    if not (folder / "__init__.py").is_file():
        raise GenerationError(f"{folder} is no Python package")
    loader = griffe.GriffeLoader(search_paths=[str(folder.parent)], allow_inspection=False)
    try:
        return loader.load(folder.name)
    except (ImportError, SyntaxError, griffe.GriffeError) as error:
        raise GenerationError(f"{folder} cannot be read as a Python package: {error}") from error


def _told(breakage: Any, package: str) -> SurfaceChange | None:
    """Return a finding of griffe's in our words; `None` for what is no function or model."""
    steps = str(breakage.obj.canonical_path).split(".")
    inner = len(steps) < 3 or steps[1] not in _PARTS or any(step.startswith("_") for step in steps)  # noqa: PLR2004
    if inner or any(step.endswith(_METHODS_OF) for step in steps[:-1]):
        return None
    steps[0] = package
    if steps[1] == "models":
        del steps[2 : min(3, len(steps) - 1)]  # the module of a class; a class is imported without it
    elif steps[-1] in _FORMS:
        del steps[-1]
    what = str(breakage.kind.value)
    argument = next(
        (str(value.name) for value in (breakage.old_value, breakage.new_value) if hasattr(value, "default")), None
    )
    return SurfaceChange(".".join(steps), f"argument `{argument}`: {what}" if argument else what)


def unexplained(surface: Iterable[SurfaceChange], changes: Iterable[Change]) -> tuple[SurfaceChange, ...]:
    """Return the changes of the packages that no change of the documents stands for."""
    explained = {_plain(name.split(".")) for change in changes for name in change.python}
    return tuple(one for one in surface if not _is_explained(one.name.split("."), explained))


def _is_explained(steps: list[str], explained: set[str]) -> bool:
    return any(_plain(steps[:length]) in explained for length in range(2, len(steps) + 1))


def _plain(steps: list[str]) -> str:
    """Return the steps below the package as one, so that a class, its module, and the member it is of are one name."""
    return "".join(step.replace("_", "").lower() for step in steps[1:])

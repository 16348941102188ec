"""From documents to a client package: generated aside, checked, and only then put in place."""

from __future__ import annotations

import json
import keyword
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ayx_spec.convert import Conversion, convert_files
from ayx_spec.errors import GenerationError
from ayx_spec.generation.checking import check_imports, check_operations, check_types
from ayx_spec.generation.documents import DOCUMENTS, render_documents
from ayx_spec.generation.formatting import format_package, ruff_version
from ayx_spec.generation.generator import run_generator
from ayx_spec.generation.replacing import MARKER, refuse_foreign, replace
from ayx_spec.generation.view import generator_view
from ayx_spec.generation.workspace import OLD, workspace
from ayx_spec.templates import ADDED_FILES, generator_version, templates_digest
from ayx_spec.templates.patching import digest

__all__ = ["Generated", "generate", "generate_from_files"]


@dataclass(frozen=True)
class Generated:
    """A client package that is in place.

    Attributes:
        folder: Where it is.
        package: Its import name.
        operations: How many operations it has: all of the documents.
        modules: How many modules were imported to check it.
    """

    folder: Path
    package: str
    operations: int
    modules: int


def generate(
    conversion: Conversion, folder: Path, package: str | None = None, *, type_check: bool = False
) -> Generated:
    """Generate a client package.

    Args:
        conversion: The converted documents.
        folder: Where the package shall be. It may be missing, empty, or an earlier output, which is replaced whole.
        package: Its import name; the name of the folder if not given.
        type_check: Whether ``mypy --strict`` must be content with it, too. That takes several times as long as all the
            rest, and finds only what no document should be able to cause.

    Raises:
        GenerationError: Something is not as it must be; the folder is as it was before.
    """
    folder = folder.resolve()
    package = package or folder.name
    if not package.isidentifier() or keyword.iskeyword(package):
        raise GenerationError(f"{package!r} cannot be the name of a Python package")
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with workspace(folder) as aside:
            refuse_foreign(folder)
            new = aside / "new" / package
            modules = _build(conversion, new, aside)
            if type_check:
                check_types(new, aside / "mypy")
            replace(folder, new, aside / OLD)
    except OSError as error:
        raise GenerationError(f"{error.filename or folder}: {error.strerror or error}") from error
    return Generated(folder, package, _operation_count(conversion), modules)


def generate_from_files(
    documents: Sequence[Path],
    folder: Path,
    package: str | None = None,
    *,
    type_check: bool = False,
    repairs: bool = True,
) -> Generated:
    """Convert documents (Swagger 2.0 or OpenAPI 3, several are merged) and generate a client package.

    See `ayx_spec.convert.convert` and `generate`.

    Raises:
        DocumentError: A document cannot be used.
        GenerationError: The client could not be generated; the folder is as it was before.
    """
    return generate(convert_files(documents, repairs=repairs), folder, package, type_check=type_check)


def _build(conversion: Conversion, new: Path, aside: Path) -> int:
    """Write the whole package into a folder, check it, and return how many modules it has."""
    run_generator(generator_view(conversion.document), new, aside)
    for name, text in ADDED_FILES.items():
        (new / name).write_text(text, encoding="utf-8", newline="\n")
    (new / "py.typed").touch()
    (new / DOCUMENTS).write_text(render_documents(conversion.sources), encoding="utf-8", newline="\n")
    (new / MARKER).write_text(_lock(conversion, new.name), encoding="utf-8", newline="\n")
    format_package(new)
    check_operations(conversion.document, new)
    return check_imports(new)


def _lock(conversion: Conversion, package: str) -> str:
    """Return what the package was made from: nothing that depends on the time or the machine."""
    lock = {
        "generated_by": "ayx_spec",
        "package": package,
        "operations": _operation_count(conversion),
        "documents": [
            {
                "name": source.name,
                "title": source.title,
                "version": source.version,
                "sha256": source.sha256,
            }
            for source in conversion.sources
        ],
        "tools": {
            # What it made of the documents: another converter is one that makes something else of them.
            "converter": digest(json.dumps(conversion.document, ensure_ascii=False)),
            "openapi-python-client": generator_version(),
            "ruff": ruff_version(),
            "templates": templates_digest(),
        },
    }
    return json.dumps(lock, indent=2, ensure_ascii=False) + "\n"


def _operation_count(conversion: Conversion) -> int:
    return sum(len(item) for item in conversion.document["paths"].values())

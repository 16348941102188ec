"""The templates as the generator reads them: the installed stock ones, each with its patches."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version
from importlib.resources import files
from pathlib import Path

from ayx_spec.errors import GenerationError, missing_extra
from ayx_spec.templates.patches import ADDED_FILES, ADDED_TEMPLATES, PATCHES
from ayx_spec.templates.patching import Patch, digest, patched

__all__ = ["generator_version", "stock_template", "templates", "templates_digest", "write_templates"]

_GENERATOR = "openapi-python-client"


def generator_version() -> str:
    """Return the installed version of openapi-python-client.

    Raises:
        GenerationError: It is not installed.
    """
    try:
        return version(_GENERATOR)
    except PackageNotFoundError as error:
        raise GenerationError(missing_extra(_GENERATOR, "spec")) from error


def stock_template(name: str) -> str:
    """Return a template of the installed openapi-python-client."""
    generator_version()
    return (files("openapi_python_client") / "templates" / name).read_text(encoding="utf-8")


def templates(patches: tuple[Patch, ...] = PATCHES) -> dict[str, str]:
    """Return the patched templates and those that stand beside them, by file name.

    Raises:
        GenerationError: A stock template is not the one that a patch was made for; names the patch and the version.
    """
    installed = generator_version()
    result = dict(ADDED_TEMPLATES)
    for patch in patches:
        text = result.get(patch.template) or stock_template(patch.template)
        result[patch.template] = patched(text, patch, installed)
    return result


def templates_digest() -> str:
    """Return one digest over everything that decides how generated code looks, except the generator itself."""
    parts = {**templates(), **ADDED_FILES}
    return digest("\0".join(f"{name}\0{parts[name]}" for name in sorted(parts)))


def write_templates(folder: Path) -> None:
    """Write the templates into a folder, for the generator to read."""
    for name, text in templates().items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8", newline="\n")

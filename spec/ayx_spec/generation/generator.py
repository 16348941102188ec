"""Runs openapi-python-client. A warning of its is a failure: behind each is something the client would lack."""

from __future__ import annotations

import contextlib
import copy
import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ayx_spec.errors import GenerationError
from ayx_spec.generation.restoring import restore_names
from ayx_spec.generation.view import View
from ayx_spec.templates import generator_version, write_templates

__all__ = ["run_generator"]

#: Where version 0.29.1 prints an object instead of its text.
_UNPRINTED = re.compile(r"<openapi_python_client\S+ object at 0x[0-9a-f]+>")


def run_generator(view: View, package: Path, aside: Path) -> None:
    """Generate the package for a document.

    Args:
        view: The document, as `generator_view` returns it.
        package: The folder to write; its name is the import name. Must not exist.
        aside: A folder for working files.

    Raises:
        GenerationError: The generator failed, or warned.
    """
    templates = aside / "templates"
    templates.mkdir()
    write_templates(templates)
    package.parent.mkdir()
    version = generator_version()
    try:
        problems = _generate(view, package, templates)
    except Exception as error:  # it raises what it likes for what it did not foresee; the client is lost either way
        raise GenerationError(f"openapi-python-client {version} failed: {type(error).__name__}: {error}") from error
    if problems:
        more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
        raise GenerationError(f"openapi-python-client {version} warned: {problems[0]}{more}")


def _generate(view: View, package: Path, templates: Path) -> list[str]:
    # Half a second that only this function needs.
    from openapi_python_client import Project
    from openapi_python_client.config import Config, ConfigFile, MetaType
    from openapi_python_client.parser import GeneratorData
    from openapi_python_client.parser.errors import GeneratorError

    config = Config.from_sources(
        ConfigFile(package_name_override=package.name, post_hooks=[]),
        meta_type=MetaType.NONE,
        document_source=package,  # not read: the document is at hand
        file_encoding="utf-8",
        overwrite=False,
        output_path=package,
    )
    with _shallow_copies():
        read = GeneratorData.from_dict(view.document, config=config)
    if isinstance(read, GeneratorError):
        return [_text_of(read)]
    restore_names(read, view)
    project = Project(openapi=read, config=config, custom_template_path=templates)
    with contextlib.redirect_stdout(io.StringIO()):  # it prints its progress
        errors = project.build()
    return [_text_of(error) for error in errors]


@contextlib.contextmanager
def _shallow_copies() -> Iterator[None]:
    """Keep the generator from copying every operation through and through, four times.

    It does so to have the one before when a step fails; here the first failure is the end. That is a third of its time.
    """
    from openapi_python_client.parser import openapi

    names = vars(openapi)
    through_and_through = names["deepcopy"]
    names["deepcopy"] = copy.copy
    try:
        yield
    finally:
        names["deepcopy"] = through_and_through


def _text_of(error: Any) -> str:
    text = " ".join(part.strip() for part in (error.header, error.detail) if part)
    return _UNPRINTED.sub("…", text)

"""``ayxctl spec``: the Server's document, and the client made from it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from ayx_diagnostics.command_line.files import check_writable, write_file
from ayx_diagnostics.command_line.options import address_from, load_settings, with_settings
from ayx_diagnostics.command_line.spec_diff import diff
from ayx_diagnostics.command_line.terminal import fail, outgoing, say
from ayx_diagnostics.report.formats import Format

__all__ = ["app"]

_FAILED = 1

app = typer.Typer(help="The Server's API document, and the client made from it.", no_args_is_help=True)
app.command()(diff)

_Inputs = Annotated[
    list[Path] | None,
    typer.Argument(
        help="Swagger 2.0 or OpenAPI 3 files, or folders of them; several are merged.",
        metavar="IN...",
        show_default=False,
    ),
]
_Repairs = Annotated[
    bool,
    typer.Option("--repairs/--no-repairs", help="Repair what Alteryx Server's documents say wrongly, or leave it."),
]


@app.command()
@with_settings
def fetch(
    *,
    url: Annotated[str | None, typer.Argument(help="The Server's address.", show_default=False)] = None,
    output: Annotated[Path, typer.Option("-o", "--output", help="Where to store the document.", metavar="FILE")],
    document: Annotated[str, typer.Option("--document", help="Which of the Server's documents: 1, 2 or 3.")] = "3",
    optional: Annotated[
        bool, typer.Option("--optional", help="It is no failure if the Server publishes no such document (404).")
    ] = False,
    options: dict[str, Any],
) -> None:
    """Store the Server's own document byte for byte, with its provenance beside it. No credentials are needed."""
    from ayx_connection.failures import AyxError, ConnectionFailedError, SettingsError
    from ayx_connection.transport import unauthenticated_client
    from ayx_spec import DocumentMissingError, SpecError
    from ayx_spec.fetch import fetch as fetch_document
    from ayx_spec.fetch import save

    settings = load_settings(url, options)
    try:
        settings.check()
        with unauthenticated_client(settings) as client:
            fetched = fetch_document(client.get, settings.address.web_api_address, document)
        output.parent.mkdir(parents=True, exist_ok=True)
        save(fetched, output)
    except DocumentMissingError as error:
        if not optional:
            fail(f"{error}{address_from(settings)}")
        say(f"{error}: the Server publishes no document {document}; a client has no operations of it")
        return
    except SettingsError as error:
        fail(str(error))
    except ConnectionFailedError as error:
        fail(f"{error}{address_from(settings)}", _FAILED)
    except (AyxError, SpecError) as error:
        fail(f"{error}{address_from(settings)}")
    except OSError as error:
        fail(f"-o {output}: cannot be written ({error.strerror})")
    origin = fetched.provenance
    redirected = f" from {origin.address}, where {origin.asked} redirects to" if origin.asked else ""
    say(f"{output}: {origin.size} bytes{redirected}{address_from(settings)}")


@app.command()
def convert(
    inputs: Annotated[
        list[Path],
        typer.Argument(help="Swagger 2.0 or OpenAPI 3 files, or folders of them; several are merged.", metavar="IN..."),
    ],
    *,
    output: Annotated[Path, typer.Option("-o", "--output", help="The OpenAPI 3.0.3 document to write.", metavar="OUT")],
    notes: Annotated[
        Path | None,
        typer.Option("--notes", help="Write what was renamed, dropped or repaired, as JSON.", metavar="FILE"),
    ] = None,
    repairs: _Repairs = True,
) -> None:
    """Convert Swagger 2.0 to OpenAPI 3.0.3, repairing what the Server is known to get wrong."""
    from ayx_spec import DocumentError
    from ayx_spec.convert import convert_files

    check_writable("-o", output)
    if notes is not None:
        check_writable("--notes", notes)
    try:
        conversion = convert_files(_files(inputs), repairs=repairs)
    except DocumentError as error:
        fail(str(error))
    write_file("-o", output, conversion.render())
    if notes is not None:
        write_file("--notes", notes, outgoing(conversion.render_notes().decode(), Format.JSON).encode())


@app.command()
def generate(
    inputs: _Inputs = None,
    *,
    output: Annotated[Path, typer.Option("-o", "--output", help="Folder of the package.", metavar="DIR")],
    package: Annotated[
        str | None, typer.Option("--package", help="Import name; the folder's name by default.", show_default=False)
    ] = None,
    type_check: Annotated[
        bool, typer.Option("--type-check", help="mypy --strict must be content, too (takes some seconds more).")
    ] = False,
    repairs: _Repairs = True,
) -> None:
    """Generate the typed client. Without IN, from the documents that ship with the toolkit.

    The folder is replaced only by a package that has every operation and whose every module imports.
    """
    from ayx_spec import DocumentError, GenerationError, bundled_documents
    from ayx_spec.errors import missing_extra

    try:
        from ayx_spec.generate import generate_from_files

        documents = _files(inputs or []) or bundled_documents()
        generated = generate_from_files(documents, output, package, type_check=type_check, repairs=repairs)
    except DocumentError as error:
        fail(str(error))
    except GenerationError as error:
        fail(str(error), _FAILED)
    except ImportError as error:
        fail(missing_extra(str(error.name), "spec"), _FAILED)
    say(f"{generated.folder}: {generated.operations} operations, {generated.modules} modules, all of them import")


def _files(inputs: list[Path]) -> list[Path]:
    """Return the documents that the arguments name; a folder stands for the documents of its newest generation."""
    from ayx_spec.bundled import of_newest_generation

    files = []
    for path in inputs:
        found = of_newest_generation(sorted(path.glob("*.swagger.json"))) if path.is_dir() else [path]
        if not found:
            fail(f"{path}: the folder holds no *.swagger.json")
        files += found
    return files

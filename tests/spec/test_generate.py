from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ayx_spec import GenerationError, bundled_documents
from ayx_spec import generate as room
from ayx_spec.convert import Conversion, client_names, convert, convert_files
from ayx_spec.generate import generate, generate_from_files
from ayx_spec.generation.checking import check_types
from ayx_spec.generation.generator import run_generator
from ayx_spec.generation.replacing import MARKER, replace
from ayx_spec.generation.view import View

Build = Callable[..., Any]


@pytest.fixture
def small(swagger: Build) -> Conversion:
    view = {"type": "object", "properties": {"id": {"type": "string"}, "self": {"$ref": "#/definitions/View"}}}
    get = {
        "operationId": "Things_GetThing",
        "tags": ["Things"],
        "responses": {"200": {"schema": {"$ref": "#/definitions/View"}}},
    }
    return convert([swagger({"/v3/things/{id}": {"get": get}}, {"View": view})])


def contents(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


class TestInPlace:
    def test_a_new_package(self, small: Conversion, tmp_path: Path) -> None:
        generated = generate(small, tmp_path / "new" / "things_client")

        assert (generated.package, generated.operations) == ("things_client", 1)
        assert [path.name for path in (tmp_path / "new").iterdir()] == ["things_client"]
        marker = json.loads((generated.folder / MARKER).read_text())
        assert marker["tools"].keys() == {"converter", "openapi-python-client", "ruff", "templates"}
        assert marker["package"] == "things_client"
        assert [source["name"] for source in marker["documents"]] == ["test.json"]
        assert (generated.folder / "py.typed").exists()
        assert (generated.folder / "api" / "things" / "get_thing.py").exists()

    def test_replaces_an_earlier_output_whole_and_with_the_same_bytes(self, small: Conversion, tmp_path: Path) -> None:
        folder = generate(small, tmp_path / "client").folder
        before = contents(folder)
        (folder / "models" / "view.py").unlink()
        (folder / "__pycache__").mkdir()
        (folder / "__pycache__" / "x.pyc").write_bytes(b"")
        generate(small, folder)

        assert contents(folder) == before

    def test_the_name_of_the_package(self, small: Conversion, tmp_path: Path) -> None:
        assert generate(small, tmp_path / "some-folder", "things").package == "things"

    def test_no_configuration_around_it_changes_a_byte(self, small: Conversion, tmp_path: Path) -> None:
        plain = contents(generate(small, tmp_path / "plain" / "client").folder)
        odd = tmp_path / "build"
        odd.mkdir()
        (odd / ".gitignore").write_text("*\n")
        (odd / "ruff.toml").write_text('line-length = 40\nexclude = ["*.py"]\n[format]\nquote-style = "single"\n')
        (odd / ".git").mkdir()

        assert contents(generate(small, odd / "client").folder) == plain


class TestRefused:
    @pytest.fixture
    def folder(self, tmp_path: Path) -> Path:
        folder = tmp_path / "client"
        folder.mkdir()
        return folder

    def test_a_folder_with_other_files(self, small: Conversion, folder: Path) -> None:
        (folder / "thesis.txt").write_text("years of work")
        with pytest.raises(GenerationError, match="no earlier output"):
            generate(small, folder)

        assert contents(folder) == {"thesis.txt": b"years of work"}

    def test_a_marker_of_something_else(self, small: Conversion, folder: Path) -> None:
        (folder / MARKER).write_text("[1]")
        with pytest.raises(GenerationError, match="no earlier output"):
            generate(small, folder)

    @pytest.mark.parametrize("name", ["models/mine.py", "notes.md", "api/generated.json"])
    def test_an_earlier_output_with_files_of_others(self, small: Conversion, folder: Path, name: str) -> None:
        generate(small, folder)
        (folder / name).write_text("mine")
        before = contents(folder)
        with pytest.raises(GenerationError, match="was not generated and would be lost"):
            generate(small, folder)

        assert contents(folder) == before

    def test_a_file(self, small: Conversion, tmp_path: Path) -> None:
        (tmp_path / "client").write_text("a file")
        with pytest.raises(GenerationError, match="is no folder"):
            generate(small, tmp_path / "client")

    @pytest.mark.parametrize("package", ["class", "my-client", "1st", "a.b", "../up"])
    def test_what_no_package_can_be_called(self, small: Conversion, tmp_path: Path, package: str) -> None:
        with pytest.raises(GenerationError, match="cannot be the name"):
            generate(small, tmp_path / "client", package)

        assert list(tmp_path.iterdir()) == []


class TestFailures:
    """Whatever goes wrong, the folder is as it was and nothing is left beside it."""

    @pytest.fixture
    def before(self, small: Conversion, tmp_path: Path) -> dict[str, bytes]:
        generate(small, tmp_path / "client")
        return contents(tmp_path)

    def test_a_warning_of_the_generator(self, small: Conversion, tmp_path: Path, before: dict[str, bytes]) -> None:
        broken = json.loads(json.dumps(small.document))
        operation = next(iter(next(iter(broken["paths"].values())).values()))
        operation["responses"]["200"] = {"description": "", "content": {"a/b": {"schema": {"type": "string"}}}}
        with pytest.raises(GenerationError, match=r"client 0\.29\.1 warned: .*Unsupported content_type a/b") as caught:
            generate(dataclasses.replace(small, document=broken), tmp_path / "client")

        assert "\n" not in str(caught.value)
        assert "0x" not in str(caught.value)
        assert contents(tmp_path) == before

    def test_an_exception_of_the_generator(self, small: Conversion, tmp_path: Path, before: dict[str, bytes]) -> None:
        broken = json.loads(json.dumps(small.document))
        broken["components"]["schemas"]["View"]["properties"]["e"] = {"type": "string", "enum": ["a", "A"]}
        with pytest.raises(GenerationError, match="failed: ValueError: Duplicate key A"):
            generate(dataclasses.replace(small, document=broken), tmp_path / "client")

        assert contents(tmp_path) == before

    def test_a_missing_operation(
        self, small: Conversion, tmp_path: Path, before: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def forgetful(view: View, package: Path, aside: Path) -> None:
            run_generator(dataclasses.replace(view, document={**view.document, "paths": {}}), package, aside)

        monkeypatch.setattr(room, "run_generator", forgetful)
        with pytest.raises(GenerationError, match=r"GET /v3/things/\{id\} is missing"):
            generate(small, tmp_path / "client")

        assert contents(tmp_path) == before

    @pytest.mark.parametrize(
        ("text", "what"),
        [
            ("raise OSError('gone')", ": OSError: gone"),
            ("'\\d'", ": SyntaxError: invalid escape sequence"),
            ("raise SystemExit", ": SystemExit"),
        ],
    )
    @pytest.mark.usefixtures("before")
    def test_a_module_that_does_not_import(
        self, small: Conversion, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, what: str
    ) -> None:
        before = contents(tmp_path)
        monkeypatch.setattr(room, "ADDED_FILES", {**room.ADDED_FILES, "values.py": text + "\n"})
        with pytest.raises(GenerationError) as caught:
            generate(small, tmp_path / "client")

        assert what in str(caught.value)
        assert contents(tmp_path) == before

    def test_code_that_is_no_python(
        self, small: Conversion, tmp_path: Path, before: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(room, "ADDED_FILES", {**room.ADDED_FILES, "values.py": "def (\n"})
        with pytest.raises(GenerationError, match="failed on the generated code"):
            generate(small, tmp_path / "client")

        assert contents(tmp_path) == before

    def test_the_old_one_comes_back_if_the_new_one_cannot_be_put_in_place(self, tmp_path: Path) -> None:
        (tmp_path / "client").mkdir()
        (tmp_path / "client" / "old.txt").write_text("old")
        with pytest.raises(GenerationError, match="could not be replaced"):
            replace(tmp_path / "client", tmp_path / "missing", tmp_path / "aside")

        assert contents(tmp_path) == {"client/old.txt": b"old"}

    def test_an_interrupt_between_the_two_renames(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        for name in ("client", "new"):
            (tmp_path / name).mkdir()
            (tmp_path / name / "name.txt").write_text(name)

        def interrupted(path: Path, target: Path) -> Path:
            if path.name == "new":
                raise KeyboardInterrupt
            return rename(path, target)

        rename = Path.rename
        monkeypatch.setattr(Path, "rename", interrupted)
        with pytest.raises(KeyboardInterrupt):
            replace(tmp_path / "client", tmp_path / "new", tmp_path / "aside")

        assert contents(tmp_path) == {"client/name.txt": b"client", "new/name.txt": b"new"}


class TestNames:
    def test_functions_of_one_name_in_two_tags_keep_their_own_enumerations(
        self, swagger: Build, tmp_path: Path
    ) -> None:
        def listing(tag: str, values: list[str]) -> dict[str, Any]:
            parameters = [
                {"name": "view", "in": "query", "type": "string", "enum": values},
                {"name": "states", "in": "query", "type": "array", "items": {"type": "string", "enum": values}},
            ]
            return {"operationId": f"{tag}_List", "tags": [tag], "parameters": parameters, "responses": {}}

        paths = {"/a": {"get": listing("A", ["x"])}, "/b": {"get": listing("B", ["y"])}}
        folder = generate(convert([swagger(paths)]), tmp_path / "client").folder

        modules = {path.stem for path in (folder / "models").glob("*.py")} - {"__init__"}
        assert modules == {"list_a_view", "list_b_view", "list_a_states_item", "list_b_states_item"}

    def test_titles_do_not_name_classes(self, swagger: Build, tmp_path: Path) -> None:
        view = {"type": "object", "title": "Same", "properties": {"a": {"type": "string"}}}
        folder = generate(convert([swagger({}, {"One": view, "Two": view})]), tmp_path / "client").folder

        assert {path.stem for path in (folder / "models").glob("*.py")} == {"__init__", "one", "two"}


def test_the_captured_document_becomes_a_client(captured: Path, tmp_path: Path) -> None:
    conversion = convert_files([captured])
    generated = generate_from_files([captured], tmp_path / "client")

    names = client_names(conversion.document).values()
    assert generated.operations == len(names) == 97
    for name in names:
        assert (generated.folder / "api" / name.tag / f"{name.function}.py").exists()
    bundled = set(client_names(convert_files(bundled_documents()).document).items())
    assert set(client_names(conversion.document).items()) <= bundled


def test_a_type_checker_agrees_with_the_captured_client(captured: Path, tmp_path: Path) -> None:
    pytest.importorskip("mypy")

    assert generate_from_files([captured], tmp_path / "captured_client", type_check=True).operations == 97


def test_what_a_type_checker_finds(tmp_path: Path) -> None:
    pytest.importorskip("mypy")
    package = tmp_path / "client"
    package.mkdir()
    (tmp_path / "mypy.ini").write_text("[mypy]\nignore_errors = true\n")
    (package / "__init__.py").write_text("def f(x): return x\n")
    with pytest.raises(GenerationError, match=r"mypy --strict does not agree .*: client.__init__\.py:1: error"):
        check_types(package, tmp_path / "cache")

from __future__ import annotations

import json
from pathlib import Path

import pytest
from ayx_spec import bundled, bundled_documents
from ayx_spec.bundled import of_newest_generation
from ayx_spec.convert import Document, convert_files, load_document, parse_document
from ayx_spec.diff import compare_documents


def test_one_document_per_version_of_the_api() -> None:
    conversion = convert_files(bundled_documents())

    assert [source.version for source in conversion.sources] == ["3", "2", "1"]


def test_in_an_installation_they_are_inside_the_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("server-2025.2-v3.swagger.json", "server-2025.2-v1.swagger.json", "provenance.json"):
        (tmp_path / name).touch()
    monkeypatch.setattr(bundled, "_FOLDERS", (tmp_path, tmp_path / "never looked at"))

    names = [path.name for path in bundled_documents()]
    assert names == ["server-2025.2-v1.swagger.json", "server-2025.2-v3.swagger.json"]


def test_only_the_newest_generation_counts_and_newer_goes_by_number() -> None:
    names = ["server-2025.2-v3", "server-2025.10-v3", "server-2025.10-v1", "server-2022.3-v3", "other"]
    files = [Path(f"{name}.swagger.json") for name in names]

    assert of_newest_generation(files) == [files[1], files[2], files[4]]
    assert of_newest_generation([files[4]]) == [files[4]]
    assert of_newest_generation([]) == []


def test_an_installation_without_documents_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bundled, "_FOLDERS", (tmp_path,))
    with pytest.raises(FileNotFoundError, match="no bundled API documents"):
        bundled_documents()


@pytest.mark.parametrize(
    "file", sorted(bundled_documents()[0].parent.glob("*.swagger.json")), ids=lambda file: file.name
)
@pytest.mark.parametrize("turned", [False, True])
def test_their_address_is_a_placeholder_and_no_change(file: Path, turned: bool) -> None:
    bundled_one = load_document(file)
    oauth2 = {**bundled_one.data["securityDefinitions"]["oauth2"], "tokenUrl": "https://ayx.corp.example/ayx/token"}
    place = {"host": "ayx.corp.example", "basePath": "/ayx/webapi/", "schemes": ["https"]}
    data = {**bundled_one.data, **place, "securityDefinitions": {"oauth2": oauth2}}
    of_a_server = parse_document(json.dumps(data).encode(), "server.json")
    pair = [[bundled_one], [of_a_server]]

    assert compare_documents(*(reversed(pair) if turned else pair)).changes == ()


def test_localhost_is_no_address_but_a_path_is() -> None:
    def document(**place: object) -> Document:
        data = {"swagger": "2.0", "info": {"title": "T", "version": "3"}, "paths": {}, **place}
        return parse_document(json.dumps(data).encode(), "server.json")

    here, there = document(host="localhost:8080"), document(host="ayx.corp.example")
    assert compare_documents([here], [there]).changes == compare_documents([there], [here]).changes == ()
    moved = compare_documents([here], [document(host="ayx.corp.example", basePath="/webapi")])
    assert [change.kind for change in moved.changes] == ["server.address_changed"]

from __future__ import annotations

from pathlib import Path

import pytest
from ayx_spec import bundled, bundled_documents
from ayx_spec.bundled import of_newest_generation
from ayx_spec.convert import convert_files


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

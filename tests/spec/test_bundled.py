from __future__ import annotations

from pathlib import Path

import pytest
from ayx_spec import bundled, bundled_documents
from ayx_spec.convert import convert_files


def test_one_document_per_version_of_the_api() -> None:
    conversion = convert_files(bundled_documents())

    assert [source.version for source in conversion.sources] == ["3", "2", "1"]


def test_in_an_installation_they_are_inside_the_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("b.swagger.json", "a.swagger.json", "provenance.json"):
        (tmp_path / name).touch()
    monkeypatch.setattr(bundled, "_FOLDERS", (tmp_path, tmp_path / "never looked at"))

    assert [path.name for path in bundled_documents()] == ["a.swagger.json", "b.swagger.json"]


def test_an_installation_without_documents_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bundled, "_FOLDERS", (tmp_path,))
    with pytest.raises(FileNotFoundError, match="no bundled API documents"):
        bundled_documents()

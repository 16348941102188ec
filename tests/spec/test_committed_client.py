"""The client in place is what its documents and the tools make of them now: nobody has edited it by hand."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from ayx_spec import bundled_documents

ROOT = Path(__file__).parents[2]
IN_PLACE = ROOT / "generated" / "ayx_client"


def documents() -> list[Path]:
    """Return what the client says it was made from: those of a Server, kept by `make upgrade`, or the bundled ones."""
    lock = json.loads((IN_PLACE / "generated.json").read_text(encoding="utf-8"))
    names = {document["name"] for document in lock["documents"]}
    for files in (sorted((ROOT / "spec" / "server").glob("*.swagger.json")), bundled_documents()):
        if {path.name for path in files} == names:
            return files
    return pytest.skip(f"the client was made from {', '.join(sorted(names))}: these are not kept, unlike by an upgrade")


def contents(folder: Path) -> dict[str, bytes]:
    files = (path for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def test_it_is_byte_for_byte_what_is_generated_now(tmp_path: Path) -> None:
    pytest.importorskip("openapi_python_client")
    from ayx_spec.generate import generate_from_files

    generate_from_files(documents(), tmp_path / "ayx_client")
    fresh, committed = contents(tmp_path / "ayx_client"), contents(IN_PLACE)

    assert sorted(fresh) == sorted(committed), "regenerate the client: make client"
    assert [name for name in fresh if fresh[name] != committed[name]] == [], "regenerate the client: make client"

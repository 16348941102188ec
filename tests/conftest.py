"""Which client the tests are about.

Those of tests/generated are about the client in place, whatever documents it was made from, or one that is to take its
place (``--client``). All others call operations by name: they need the client of the bundled documents. In a copy of
this repository whose client was regenerated from another Server, they get one that is made for them.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from hashlib import sha256
from pathlib import Path

import pytest
from ayx_spec import bundled_documents

IN_PLACE = Path(__file__).parent.parent / "generated" / "ayx_client"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--client",
        type=Path,
        default=IN_PLACE,
        metavar="FOLDER",
        help="the client that tests/generated is about; the one in place by default",
    )


def pytest_configure(config: pytest.Config) -> None:
    if hasattr(config, "workerinput") or config.getoption("--client") != IN_PLACE or _is_of_the_bundled_documents():
        return  # workers inherit the path; a client that is to take the other's place is tested alone
    folder = tempfile.TemporaryDirectory(prefix="bundled-client-")
    config.add_cleanup(folder.cleanup)
    from ayx_spec.generate import generate_from_files

    generate_from_files(bundled_documents(), Path(folder.name) / "ayx_client")
    # the programs that tests start shall find it, too
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, [folder.name, os.environ.get("PYTHONPATH")]))
    sys.path.insert(0, folder.name)


def _is_of_the_bundled_documents() -> bool:
    try:
        lock = json.loads((IN_PLACE / "generated.json").read_text(encoding="utf-8"))
    except FileNotFoundError:
        return False
    bundled = {sha256(path.read_bytes()).hexdigest() for path in bundled_documents()}
    return {document["sha256"] for document in lock["documents"]} == bundled

"""Which client the tests are about.

Those of tests/generated are about the client in place, whatever documents it was made from, or one that is to take its
place (``--client``). All others call operations by name: they need the client of the bundled documents. In a copy of
this repository whose client was regenerated from another Server, they get one that is made for them, before any of them
is imported.
"""

from __future__ import annotations

import atexit
import json
import os
import shutil
import sys
import tempfile
from hashlib import sha256
from pathlib import Path

import pytest
from ayx_spec import bundled_documents

pytest_plugins = ["fast", "second_try"]

IN_PLACE = Path(__file__).parent.parent / "generated" / "ayx_client"
#: Says to the workers of pytest-xdist where the client is that was made for the run.
MADE = "TESTS_BUNDLED_CLIENT"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--client",
        type=Path,
        default=IN_PLACE,
        metavar="FOLDER",
        help="the client that tests/generated is about; the one in place by default",
    )


def _folder_of_the_bundled_client() -> str:
    """Return the folder to import the client of the bundled documents from; "" if it is the one in place."""
    if "--client" in sys.argv or _is_of_the_bundled_documents():
        return ""
    from ayx_spec.generate import generate_from_files

    folder = tempfile.mkdtemp(prefix="bundled-client-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    generate_from_files(bundled_documents(), Path(folder) / "ayx_client")
    return folder


def _is_of_the_bundled_documents() -> bool:
    try:
        lock = json.loads((IN_PLACE / "generated.json").read_text(encoding="utf-8"))
    except FileNotFoundError:
        return False
    bundled = {sha256(path.read_bytes()).hexdigest() for path in bundled_documents()}
    return {document["sha256"] for document in lock["documents"]} == bundled


if MADE not in os.environ:
    os.environ[MADE] = _folder_of_the_bundled_client()
if folder := os.environ[MADE]:
    sys.path.insert(0, folder)
    # the programs that tests start shall find it, too
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, [folder, os.environ.get("PYTHONPATH")]))

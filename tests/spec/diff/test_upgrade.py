"""``make upgrade`` in a copy of the checkout, against stand-in Servers of any kind: all of it happens, or nothing."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from ayx_spec import bundled_documents

if TYPE_CHECKING:
    from pytest_httpserver import HTTPServer

ROOT = Path(__file__).parents[3]
ROOMS = ("spec", "generated", "connection", "diagnostics", "simulator")
NEWEST, MIDDLE, OLDEST = "2025.2", "2025.1", "2022.3"
#: It takes as long as all the rest.
NO_TYPE_CHECK = "TYPE_CHECK="

pytestmark = pytest.mark.skipif(os.name == "nt" or not shutil.which("make"), reason="needs make and a POSIX shell")


@dataclass
class Checkout:
    """A copy of what `make upgrade` works on, and a stand-in for its virtual environment that runs this interpreter."""

    root: Path
    environ: dict[str, str]

    def make(self, target: str, server: str, *more: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["make", target, f"SERVER={server}", "VENV=environment", f"PYTHON={sys.executable}", *more],
            cwd=self.root,
            env=self.environ,
            capture_output=True,
            text=True,
            timeout=240,
            check=False,
        )

    def upgrade(self, server: str, *more: str) -> subprocess.CompletedProcess[str]:
        """Upgrade, and succeed; with all tests of the new client."""
        done = self.make("upgrade", server, *more)
        assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
        assert re.search(r"^\d+ passed", done.stdout, re.MULTILINE)
        return done

    def state(self) -> dict[str, bytes]:
        """Return what an upgrade replaces: client, documents and reports, by path."""
        files = [*(self.root / "generated").rglob("*"), *(self.root / "spec/server").rglob("*")]
        files += self.root.glob("reports/upgrade.*")
        return {path.relative_to(self.root).as_posix(): path.read_bytes() for path in files if path.is_file()}

    @property
    def report(self) -> dict[str, Any]:
        report: dict[str, Any] = json.loads((self.root / "reports/upgrade.json").read_text(encoding="utf-8"))
        return report

    @property
    def operations(self) -> int:
        """How many operations the client in place has."""
        operations: int = json.loads((self.root / "generated/ayx_client/generated.json").read_bytes())["operations"]
        return operations


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    root = tmp_path / "checkout"
    for folder in (*ROOMS, "tests/generated"):
        shutil.copytree(ROOT / folder, root / folder, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.rmtree(root / "spec" / "server", ignore_errors=True)
    plugins = ("tests/conftest.py", "tests/fast.py", "tests/second_try.py", "tests/slow.txt")
    for name in ("Makefile", "pyproject.toml", *plugins, *_set_up_from()):
        (root / name).parent.mkdir(exist_ok=True)
        shutil.copy2(ROOT / name, root / name)
    programs = root / "environment" / "bin"
    programs.mkdir(parents=True)
    path = os.pathsep.join(str(root / room) for room in ROOMS)
    for name, call in (("python", ""), ("ayxctl", "-m ayx_diagnostics ")):
        program = programs / name
        program.write_text(f'#!/bin/sh\nPYTHONPATH="{path}" exec "{sys.executable}" {call}"$@"\n', encoding="utf-8")
        program.chmod(0o755)
    (root / "environment" / ".ready").touch()
    environ = {name: value for name, value in os.environ.items() if not name.startswith(("ALTERYX_", "TESTS_"))}
    return Checkout(root, {**environ, "PYTHONDONTWRITEBYTECODE": "1"})


def _set_up_from() -> list[str]:
    """Return the files that the environment is made from: newer than its stamp, they would make it anew."""
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    wanted = re.search(r"^\$\(READY\): (.*)", makefile, re.MULTILINE)[1]
    defaults = dict(re.findall(r"^(\w+) *\?= *(.*)", makefile, re.MULTILINE))
    names = re.sub(r"\$\((\w+)\)", lambda found: defaults[found[1]], wanted).split()
    return [name for name in names if name != "pyproject.toml"]


@pytest.fixture
def simulated() -> Iterator[Callable[[str], str]]:
    """Return a function that starts the stand-in Server of a generation, and returns its address."""
    from ayx_simulator import Simulator

    with contextlib.ExitStack() as running:

        def start(generation: str) -> str:
            simulator: Simulator = running.enter_context(Simulator(plain_http=True, generation=generation))
            return simulator.web_api_address

        yield start


@pytest.fixture
def published(httpserver: HTTPServer) -> Callable[..., str]:
    """Return a function that publishes documents, by version, and returns the address of the Server that does."""

    def publish(documents: dict[str, Any], status: int = 404) -> str:
        httpserver.clear()
        for version in "321":
            request = httpserver.expect_request(f"/webapi/swagger/docs/{version}")
            if version in documents:
                request.respond_with_json(documents[version])
            else:
                request.respond_with_data("none", status)
        httpserver.expect_request(re.compile(".*")).respond_with_data("none", 404)
        return httpserver.url_for("/webapi")

    return publish


def newest(version: str) -> dict[str, Any]:
    (file,) = [path for path in bundled_documents() if path.name.endswith(f"-v{version}.swagger.json")]
    document: dict[str, Any] = json.loads(file.read_bytes())
    return document


def removed(document: dict[str, Any]) -> None:
    """Take away what the tests and programs of the toolkit call most."""
    for path in [path for path in document["paths"] if path.startswith(("/v3/users", "/v3/collections"))]:
        del document["paths"][path]


def renamed(document: dict[str, Any]) -> None:
    document["paths"] = {
        path.replace("/v3/users", "/v3/people"): {
            method: {**operation, "operationId": f"New{operation['operationId']}", "tags": ["People"]}
            for method, operation in item.items()
        }
        for path, item in document["paths"].items()
    }


def one_operation(document: dict[str, Any]) -> None:
    document["paths"] = {"/v3/jobs/{jobId}": {"get": document["paths"]["/v3/jobs/{jobId}"]["get"]}}


def no_models(document: dict[str, Any]) -> None:
    name = {"name": "name", "in": "path", "required": True, "type": "string"}
    answers = {"200": {"description": "It is there.", "schema": {"type": "string"}}}
    operation = {"operationId": "Ping_Ping", "tags": ["Ping"], "parameters": [name], "responses": answers}
    del document["definitions"]
    document["paths"] = {"/v3/ping/{name}": {"get": operation}}


def answers_of_every_kind(document: dict[str, Any]) -> None:
    """Add what is valid and rare: answers that are no JSON, parts, none at all, and a query in the path."""
    model = {"type": "object", "required": ["a"], "properties": {"a": {"type": "string"}}}
    text, file = {"type": "string"}, {"type": "file"}
    kinds: dict[str, tuple[str, dict[str, Any], list[str]]] = {
        "/v3/csv": ("get", {"200": text}, ["text/csv"]),
        "/v3/archive": ("get", {"200": file}, ["application/zip"]),
        "/v3/default": ("get", {"default": model}, []),
        "/v3/list-or-error": ("get", {"default": model, "200": {"type": "array", "items": text}}, []),
        "/v3/fault": ("get", {"200": model, "5XX": {"type": "array", "items": model}}, []),
        "/v3/part": ("get", {"206": file, "202": {**text, "format": "date-time"}}, []),
        "/v3/part-alone": ("get", {"206": file}, []),
        "/v3/head": ("head", {"200": model}, []),
        "/v3/fixed/{id}?x={y}&z=a b/c": ("get", {"200": model}, []),
    }
    document["paths"] = {
        path: {
            method: {
                "operationId": f"Kind{number}",
                "tags": ["Kinds"],
                "parameters": [
                    {"name": name, "in": "path", "required": True, "type": "string"}
                    for name in re.findall(r"{(\w+)}", path)
                ],
                "responses": {status: {"description": "", "schema": schema} for status, schema in answers.items()},
                "produces": produces,
            }
        }
        for number, (path, (method, answers, produces)) in enumerate(kinds.items())
    }


def test_against_every_generation_there_and_back(
    checkout: Checkout, simulated: Callable[[str], str], tmp_path: Path
) -> None:
    scripts = tmp_path / "my scripts"
    scripts.mkdir()
    (scripts / "report.py").write_text(
        'ok = [v for v in versions if v["uploadSource"] == "Direct"]\n'
        'requests.get(f"{base}/v3/workflows/{one}/versions")\nrequests.get(f"{base}/v3/workflows/{one}")\n',
        encoding="utf-8",
    )
    checkout.upgrade(simulated(OLDEST))
    assert "server.address_changed" not in {change["kind"] for change in checkout.report["changes"]}
    assert checkout.operations == 93

    checkout.upgrade(simulated(MIDDLE), NO_TYPE_CHECK)
    newest_one = simulated(NEWEST)
    checkout.upgrade(newest_one, NO_TYPE_CHECK, f"CODE={scripts}")
    assert checkout.operations == 125
    kinds = {(change["kind"], change["operation"] or change["model"]) for change in checkout.report["changes"]}
    assert {("operation.added", "GET /v3/jobs"), ("field.enum_removed", "WorkflowVersionView")} <= kinds
    assert checkout.report["python_surface"] == []
    used = [change["used_at"] for change in checkout.report["changes"] if change["kind"] == "field.enum_removed"]
    assert used == [[f"{scripts}/report.py:1"]]
    markdown = (checkout.root / "reports/upgrade.md").read_text(encoding="utf-8")
    assert "## Your code" in markdown
    assert f"`{scripts}/report.py:1`" in markdown
    names = {f"v{version}.swagger.json" for version in "123"}
    assert {path.name for path in (checkout.root / "spec/server").glob("*.swagger.json")} == names
    lock = json.loads((checkout.root / "generated/ayx_client/generated.json").read_text(encoding="utf-8"))
    assert {document["name"] for document in lock["documents"]} == names

    once = checkout.state()
    checkout.upgrade(newest_one, NO_TYPE_CHECK)
    again = checkout.state()
    assert {name for name in again if again[name] != once.get(name)} <= {
        *(f"spec/server/v{version}.swagger.json.provenance.json" for version in "123"),  # they say when
        *(f"reports/upgrade.{suffix}" for suffix in ("md", "json", "txt")),
    }
    assert checkout.report["changes"] == []

    checkout.upgrade(simulated(MIDDLE), NO_TYPE_CHECK)
    assert {change["level"] for change in checkout.report["changes"]} >= {"breaking"}


@pytest.mark.parametrize(
    "change",
    [removed, renamed, one_operation, no_models, answers_of_every_kind],
    ids=lambda change: change.__name__,
)
def test_against_a_document_that_lacks_what_the_toolkit_knows(
    checkout: Checkout, published: Callable[..., str], change: Callable[[dict[str, Any]], None]
) -> None:
    document = newest("3")
    change(document)
    server = published({"3": document})

    done = checkout.upgrade(server, "CODE=no where")
    assert "the Server publishes no document 1; a client has no operations of it" in done.stdout
    assert "CODE=no where: there is no such folder" in done.stderr
    once = checkout.state()
    assert checkout.operations == sum(len(item) for item in document["paths"].values())
    done = checkout.make("client", server)
    assert done.returncode == 0, done.stdout + done.stderr
    assert checkout.state() == once


def busy(_: Checkout, published: Callable[..., str]) -> str:
    return published({"3": newest("3")}, status=503)


def unreachable(_: Checkout, __: Callable[..., str]) -> str:
    return "http://127.0.0.1:9/webapi"


def broken_document(_: Checkout, published: Callable[..., str]) -> str:
    return published({"3": {**newest("3"), "paths": {"/v3/users": {"get": {"responses": "none"}}}}})


def failing_test(checkout: Checkout, published: Callable[..., str]) -> str:
    (checkout.root / "tests/generated/test_own.py").write_text("def test_own(): raise AssertionError", encoding="utf-8")
    return published({"3": newest("3")})


def something_written_by_hand(checkout: Checkout, published: Callable[..., str]) -> str:
    (checkout.root / "generated/ayx_client/mine.py").write_text("mine = 1\n", encoding="utf-8")
    return published({"3": newest("3")})


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (unreachable, "127.0.0.1:9"),
        (busy, "swagger/docs/2: status 503"),
        (broken_document, "#/paths/~1v3~1users/get/responses"),
        (failing_test, "1 failed"),
        (something_written_by_hand, "mine.py was not generated and would be lost"),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_what_fails_replaces_nothing(
    checkout: Checkout, published: Callable[..., str], spoil: Callable[..., str], said: str
) -> None:
    own = checkout.root / "spec" / "server"
    own.mkdir()
    shutil.copy(ROOT / "spec" / "documents" / "server-2025.1-v3.swagger.json", own)
    (checkout.root / "reports").mkdir()
    (checkout.root / "reports" / "upgrade.md").write_text("the report of before", encoding="utf-8")
    server = spoil(checkout, published)
    before = checkout.state()

    done = checkout.make("upgrade", server, NO_TYPE_CHECK, "PYTEST_ARGS=-k 'own or imports'")
    assert done.returncode != 0
    assert said in done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    assert checkout.state() == before


def test_an_upgrade_needs_to_know_which_server() -> None:
    done = subprocess.run(
        ["make", "--dry-run", "upgrade"], cwd=ROOT, capture_output=True, text=True, timeout=30, check=False
    )

    assert done.returncode != 0
    assert "which Server? make upgrade SERVER=" in done.stderr

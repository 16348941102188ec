"""A document is data from outside: whatever its strings say, none of them may become code."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ayx_spec.convert import client_names, convert, parse_document
from ayx_spec.generate import generate

CODE = "CANARY()"
#: Texts that end docstrings, literals, comments, format strings or template expressions.
HOSTILE = (
    f'"""\n{CODE}\n"""',
    f"'''\n{CODE}\n'''",
    f'\\"""\n{CODE}\n"""\\',
    f'"); {CODE}; ("',
    f"'); {CODE}; ('",
    f"\n{CODE}\n",
    f"\r{CODE}\r",
    f"\x0c{CODE}\u2028{CODE}\x85",
    f"{{{CODE}}}",
    f"{{{{ {CODE} }}}}{{% raw %}}",
    "\\",
    'ends with a quote"',
    "\\N{DIGIT ONE}\\x0g\\u12",
    "\x00\x1b",
)


def document() -> dict[str, Any]:
    """Return a document with a hostile text in every place that a text can be."""
    paths: dict[str, Any] = {}
    definitions: dict[str, Any] = {}
    for index, text in enumerate(HOSTILE):
        braceless = text.replace("{", "(").replace("}", ")")
        definitions[f"{text}{index}"] = {
            "type": "object",
            "title": text,
            "description": text,
            "example": text,
            "required": [text],
            "properties": {
                text: {"type": "string", "description": text, "default": text, "example": text},
                f"e{text}": {"type": "string", "enum": [text, "other"], "x-enumNames": [text, "b"], "default": text},
                f"d{text}": {"type": "string", "format": text, "pattern": text},
            },
        }
        reference = f"{text}{index}".replace("~", "~0").replace("/", "~1")
        paths[f"/v3/{index}/{braceless}"] = {
            "post": {
                "operationId": f"{text}_{index}",
                "tags": [f"{braceless}{index}"],
                "summary": text,
                "description": text,
                "parameters": [
                    {"name": f"q{text}", "in": "query", "type": "string", "description": text, "default": text},
                    {"name": f"h{text}", "in": "header", "type": "string", "description": text},
                    {"name": "body", "in": "body", "schema": {"$ref": f"#/definitions/{reference}"}},
                ],
                "responses": {"200": {"description": text, "schema": {"$ref": f"#/definitions/{reference}"}}},
            },
            "put": {
                "operationId": f"form{index}",
                "tags": ["Forms"],
                "parameters": [
                    {"name": f"f{text}", "in": "formData", "type": "string", "description": text},
                    {"name": f"g{text}", "in": "formData", "type": "file"},
                ],
                "responses": {"200": {"description": text, "schema": {"type": "array", "items": {"type": "string"}}}},
            },
        }
    info = {"title": HOSTILE[0], "description": HOSTILE[0], "version": HOSTILE[0]}
    return {"swagger": "2.0", "info": info, "basePath": "/webapi", "paths": paths, "definitions": definitions}


def calls(tree: ast.AST) -> Iterator[str]:
    """Yield the names of everything that is called. (A class or a member may rightly have a name with CANARY in it.)"""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield ast.unparse(node.func)


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    conversion = convert([parse_document(json.dumps(document()).encode(), "hostile.json")])
    folder = tmp_path_factory.mktemp("hostile") / "hostile_client"
    generated = generate(conversion, folder)

    assert generated.operations == len(client_names(conversion.document)) == 2 * len(HOSTILE)
    return folder


def test_no_text_becomes_code(package: Path) -> None:
    found = {name for module in package.rglob("*.py") for name in calls(ast.parse(module.read_text(encoding="utf-8")))}

    assert "status_of" in found
    assert "CANARY" not in found


def test_nothing_of_the_templates_is_left(package: Path) -> None:
    for module in package.rglob("*.py"):
        text = module.read_text(encoding="utf-8")
        assert "UntrustedString" not in text
        assert "PythonCode" not in text


def test_texts_reach_the_client_as_texts(package: Path) -> None:
    constants = {
        node.value
        for module in package.rglob("*.py")
        for node in ast.walk(ast.parse(module.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant)
    }

    assert f"q{HOSTILE[3]}" in constants
    assert {f"f{text}" for text in HOSTILE if text.isprintable()} <= constants


def test_nothing_happens_when_all_of_it_runs(package: Path) -> None:
    """Every function and method runs, with answers that hold every hostile text."""
    canary = package.parent / "canary"
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", RUN_ALL, str(package), str(canary)],
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=120,
        check=False,
        input=json.dumps(HOSTILE),
    )

    assert done.returncode == 0, done.stderr
    assert int(done.stdout) == 2 * 2 * len(HOSTILE)
    assert not canary.exists()


#: Calls every operation as a function and as a method, with CANARY as a function that leaves a mark.
RUN_ALL = """
import builtins, contextlib, importlib, inspect, json, pathlib, sys
import httpx
folder, canary = map(pathlib.Path, sys.argv[1:])
builtins.CANARY = canary.touch
hostile = json.loads(sys.stdin.read())
sys.path.insert(0, str(folder.parent))
package = importlib.import_module(folder.name)
answer = {key: value for text in hostile for key, value in ((text, text), (f"e{text}", text), (f"d{text}", [text]))}
transport = httpx.MockTransport(lambda request: httpx.Response(200, json=answer))
client = package.AuthenticatedClient(base_url="http://127.0.0.1", token="t", httpx_args={"transport": transport})

def given(function):
    values = {}
    for name, parameter in inspect.signature(function).parameters.items():
        if name == "body":
            kind = str(parameter.annotation).split("|")[0].strip().rpartition(".")[2].strip("<>' ")
            values[name] = getattr(package.models, kind).from_dict(answer)
        elif name not in ("client", "self") and parameter.default is parameter.empty:
            values[name] = hostile[0]
    return values

count = 0
for path in sorted(folder.glob("api/*/*.py")):
    if path.stem == "__init__":
        continue
    module = importlib.import_module(f"{folder.name}.api.{path.parent.name}.{path.stem}")
    tag = vars(sys.modules[module.__package__])
    operations = next(value for name, value in tag.items() if name.endswith("Operations"))
    for call in (module.sync_detailed, getattr(operations(client), path.stem)):
        with contextlib.suppress(httpx.InvalidURL):  # a path may hold what no URL can
            call(**given(module.sync_detailed), **({"client": client} if call is module.sync_detailed else {}))
        count += 1
print(count)
"""

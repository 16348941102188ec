"""Whatever a peer repeats of what it was sent, in any spelling and place: no command and no format lets it out.

Here every answer is an echo. The figures: every spelling and every place of the simulator's tables, each command that
talks to a Server or reads a saved report, each format.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from ayx_connection.settings import Settings
from ayx_diagnostics import diagnose
from ayx_diagnostics.model import Report
from ayx_diagnostics.report.renderers import FORMATS, render
from ayx_diagnostics.report.serialise import to_json
from ayx_diagnostics.smoke.run import smoke
from ayx_simulator.peers.echo import KEY, PLACES, SPELLINGS, http
from ayx_simulator.peers.listener import Connection, Listener

SECRET, TOKEN = 'S3cr3t/+&<42>"x', "tOk3n-Ab~0123.XyZ"
USERS = {
    "type": "array",
    "items": {
        "type": "object",
        "properties": {"role": {"type": "string", "enum": ["Curator"]}, "id": {"type": "string"}},
        "additionalProperties": False,
    },
}
DOCUMENT: dict[str, Any] = {
    "paths": {
        "/v3/users": {
            "get": {
                "operationId": "Users_GetUsers",
                "responses": {"200": {"content": {"application/json": {"schema": USERS}}}},
            }
        }
    }
}
FORBIDDEN = sorted(
    {spelt for spell in SPELLINGS.values() for one in (SECRET, TOKEN) if len(spelt := spell(one)) >= len(one)}
)


def peer(place: str, text: str, *, at_token: bool) -> Callable[[Connection], None]:
    def serve(connection: Connection) -> None:
        request = connection.receive_until(b"\r\n\r\n")
        if b"oauth2/token" in request and not at_token:
            connection.send(http(body=json.dumps({"access_token": TOKEN, "expires_in": 3600})))
        else:
            connection.send(PLACES[place]("200 OK" if not at_token else "400", text))
        connection.finish()

    return serve


def echoes(*, at_token: bool) -> Iterator[str]:
    """Yield texts that a report has room for, with the secrets that are known at that point in every spelling."""
    secrets = (SECRET,) if at_token else (SECRET, TOKEN)
    pieces = [spell(secret) for spell in SPELLINGS.values() for secret in secrets]
    text = ""
    for piece in pieces:
        if text and len(text) + len(piece) > 330:
            yield text
            text = ""
        text += f"{piece} | "
    yield text


def assert_silent(text: str) -> None:
    leaked = [spelt for spelt in FORBIDDEN if spelt in text]
    assert not leaked, f"{leaked[:3]} in …{text[max(0, text.index(leaked[0]) - 200) :][:400]}"


def assert_report_silent(report: Report) -> None:
    document = to_json(report)
    for kind in FORMATS:
        rendered = render(document, kind, **({"verbose": True} if kind == "text" else {}))
        assert_silent(rendered)
        assert_silent(rendered.replace("\n", "").replace(" ", ""))


def assert_told_silently(place: str, text: str, *, at_token: bool) -> None:
    """Diagnose a peer that repeats its request in this place."""
    with Listener(peer(place, text, at_token=at_token)) as listener:
        given = {
            "base_url": f"http://127.0.0.1:{listener.port}",
            "client_id": KEY,
            "client_secret": SECRET,
            "client_auth": "basic",
            "max_time": 3,
        }
        told: list[str] = []
        if at_token:
            report = diagnose(environ={}, progress=told.append, **given)
        else:
            settings = Settings.load(given, {}, None, None)
            report = smoke(settings, DOCUMENT, environ={}, progress=told.append)
        assert_report_silent(report)
        assert any(b"Authorization: Basic" in connection.received for connection in listener.connections)
        assert told
        assert_silent("\n".join(told))


@pytest.mark.parametrize("at_token", [True, False], ids=["token", "api"])
@pytest.mark.parametrize("place", PLACES)
def test_no_report_shows_what_a_peer_repeats(place: str, at_token: bool) -> None:
    """The texts side by side: a diagnosis mostly waits."""
    with ThreadPoolExecutor(10) as pool:
        list(pool.map(lambda text: assert_told_silently(place, text, at_token=at_token), echoes(at_token=at_token)))


def run(port: int, *arguments: str, folder: Path) -> str:
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith(("ALTERYX_", "AYX"))},
        "ALTERYX_BASE_URL": f"http://127.0.0.1:{port}",
        "ALTERYX_CLIENT_ID": KEY,
        "ALTERYX_CLIENT_SECRET": SECRET,
        "HOME": str(folder),
        "PYTHONWARNINGS": "",
    }
    done = subprocess.run(
        [sys.executable, "-m", "ayx_diagnostics", *arguments],
        cwd=folder,
        env=environment,
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert done.returncode in (0, 1, 2), done.stderr
    assert b"Traceback" not in done.stderr
    return (done.stdout + done.stderr).decode("utf-8", "replace")


@pytest.mark.parametrize("at_token", [True, False], ids=["token", "api"])
@pytest.mark.parametrize("place", PLACES)
def test_no_command_prints_what_a_peer_repeats(place: str, at_token: bool, tmp_path: Path) -> None:
    text = " | ".join(echoes(at_token=at_token))
    with Listener(peer(place, text, at_token=at_token)) as listener:
        for side_by_side in (
            (
                *((("spec", "fetch", "-o", "server.json"),) if at_token else ()),  # it never learns a token
                ("api", "GET", "/v3/users"),
                ("config", "show"),
                ("diagnose", "--max-time", "2", "--report", "saved.json"),
            ),
            (
                ("explain", "--report", "saved.json", "--format", "json"),
                ("request", "saved.json"),
            ),
        ):
            with ThreadPoolExecutor() as pool:
                for output in pool.map(lambda arguments: run(listener.port, *arguments, folder=tmp_path), side_by_side):
                    assert_silent(output)
    assert_silent((tmp_path / "saved.json").read_text(encoding="utf-8"))


def test_smoke_holds_no_value_of_an_answer() -> None:
    """What customers keep on their Server is theirs: names of fields and types say what is wrong with an answer."""
    answer = [
        {
            "role": "Acme-Clerk",
            "id": 4711001,
            "salary": "98765",
            "Acme merger with Initech": "Hush-Hush",
        },
        {"role": ["Payroll-Clerk"], "id": {"Personal-Key": "Private-Value"}},
        "Loose-Text",
        None,
    ]

    def serve(connection: Connection) -> None:
        request = connection.receive_until(b"\r\n\r\n")
        token = {"access_token": TOKEN, "expires_in": 3600}
        connection.send(http(body=json.dumps(token if b"oauth2/token" in request else answer)))
        connection.finish()

    with Listener(serve) as listener:
        given = {"base_url": f"http://127.0.0.1:{listener.port}", "client_id": KEY, "client_secret": SECRET}
        document = to_json(smoke(Settings.load(given, {}, None, None), DOCUMENT, environ={}))
    values = ("Acme", "4711001", "98765", "merger", "Hush", "Payroll", "Private-Value", "Loose-Text")
    for kind in FORMATS:
        rendered = render(document, kind, **({"verbose": True} if kind == "text" else {}))
        assert [value for value in values if value in rendered] == [], kind
    problems = [seen["evidence"]["problems"] for seen in document["observations"] if seen["operation"] == "smoke"]
    assert problems == [
        [
            "[]/role: holds a value that is none of the documented ones",
            "[]/id: is an integer, the document says string",
            "[]: new here, and not in the document: 'salary', a name of 24 characters",
            "[]/role: is an array, the document says string",
            "[]/id: is an object, the document says string",
        ]
    ]

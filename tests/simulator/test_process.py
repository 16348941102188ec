"""The stand-in Server as a process and as a pytest fixture, and what importing it costs."""

from __future__ import annotations

import json
import os
import signal
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import ayx_simulator as package
import httpx
import pytest
from ayx_simulator import FAULTS, Simulator, run

BUNDLE_AND_ADDRESS = ("ALTERYX_BASE_URL", "ALTERYX_CLIENT_ID", "ALTERYX_CLIENT_SECRET", "ALTERYX_CA_BUNDLE")


@contextmanager
def running(ready: Path, *options: str) -> Iterator[tuple[dict[str, Any], subprocess.Popen[str]]]:
    command = [sys.executable, "-m", "ayx_simulator", "--ready-file", str(ready), *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            deadline = time.monotonic() + 20
            while not ready.exists() and process.poll() is None and time.monotonic() < deadline:
                time.sleep(0.02)
            yield json.loads(ready.read_text(encoding="utf-8")), process
        finally:
            if process.poll() is None:
                process.kill()


@pytest.mark.skipif(sys.platform == "win32", reason="a process cannot be sent SIGTERM there")
@pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGINT])
def test_a_process_says_where_it_is_and_ends_in_order(tmp_path: Path, end: signal.Signals) -> None:
    with running(tmp_path / "ready.json", "--fault", "http.gateway_5xx=503") as (said, process):
        context = ssl.create_default_context(cafile=said["ca_bundle"])
        answer = httpx.get(f"{said['web_api_address']}/swagger/docs/3", verify=context, trust_env=False)
        assert answer.status_code == 503
        process.send_signal(end)
        out, err = process.communicate(timeout=10)
    assert process.returncode == 0
    assert json.loads(out) == said
    assert err == ""
    assert said["faults"] == {"http.gateway_5xx": "503"}
    assert {each["role"] for each in said["users"].values()} == {"Curator", "Artisan", "Viewer"}
    assert not Path(said["ca_bundle"]).exists()


@pytest.mark.skipif(sys.platform == "win32", reason="a process cannot be sent SIGTERM there")
def test_the_options_reach_the_server(tmp_path: Path) -> None:
    options = ("--plain-http", "--bind", "127.0.0.1", "--host", "127.0.0.1", "--base-path", "ayx")
    with running(tmp_path / "ready.json", *options, "--advertised", "https://elsewhere.example.com/webapi/") as (
        said,
        _,
    ):
        assert said["web_api_address"] == f"http://127.0.0.1:{said['port']}/ayx"
        assert said["ca_bundle"] is None
        document = httpx.get(f"{said['web_api_address']}/swagger/docs/3", trust_env=False).json()
    assert document["host"] == "elsewhere.example.com"


def test_the_faults_can_be_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--list-faults"]) == 0
    out = capsys.readouterr().out
    assert len(out.splitlines()) == len(FAULTS)
    assert "token.bad_lifetime [missing|zero|negative|text]" in out


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--fault", "token.nothing"], "no fault is called 'token.nothing'"),
        (["--cert", "only.pem"], "belong together"),
        (["--documents", "."], "no Swagger document"),
    ],
)
def test_options_that_cannot_be_used_end_with_2(
    capsys: pytest.CaptureFixture[str], options: list[str], message: str
) -> None:
    assert run(options) == 2
    captured = capsys.readouterr()
    assert message in captured.err
    assert captured.out == ""


def test_the_fixture_changes_no_environment(ayx_simulator: Simulator) -> None:
    assert os.environ.get("ALTERYX_BASE_URL") != ayx_simulator.web_api_address


def test_the_companion_fixture_sets_the_environment(ayx_simulator_env: Simulator, ayx_simulator: Simulator) -> None:
    assert ayx_simulator_env is ayx_simulator
    assert [os.environ[name] for name in BUNDLE_AND_ADDRESS] == [
        ayx_simulator.web_api_address,
        ayx_simulator.client_id,
        ayx_simulator.client_secret,
        str(ayx_simulator.ca_bundle),
    ]


@pytest.mark.parametrize("turn", ["first", "second"])
def test_every_test_finds_a_fresh_server(ayx_simulator: Simulator, api: httpx.Client, turn: str) -> None:
    assert ayx_simulator.faults.active == {}
    assert [each["name"] for each in api.get("/v3/collections").json()] == ["Reports"]
    api.post("/v3/collections", json={"name": turn})
    ayx_simulator.faults.set("api.not_found")


def test_without_the_extra_the_fixture_skips_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "test_it.py").write_text("def test_it(ayx_simulator): raise SystemError\n", encoding="utf-8")
    hide = (
        "import sys; sys.modules['trustme'] = None; import pytest; sys.exit(pytest.main(['-rs', '-q', 'test_it.py']))"
    )
    done = subprocess.run(
        [sys.executable, "-c", hide], cwd=tmp_path, capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "1 skipped" in done.stdout
    assert "pip install '.[simulator]'" in done.stdout


def test_a_defect_of_the_simulator_fails_the_test(ayx_simulator: Simulator, api: httpx.Client) -> None:
    ayx_simulator.state.users["broken"] = {}
    assert api.get("/v3/users").status_code == 500
    with pytest.raises(KeyError):
        ayx_simulator.check()


def test_importing_the_package_and_the_plugin_imports_nothing_heavy() -> None:
    program = (
        "import sys, pytest; before = set(sys.modules); import ayx_simulator, ayx_simulator.pytest_plugin;"
        "print(sorted({name.partition('.')[0] for name in set(sys.modules) - before}))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.strip() == "['ayx_simulator']"


def test_the_public_names_are_exactly_these() -> None:
    assert {name for name in package.__all__ if getattr(package, name) is None} == set()
    assert set(package.__all__) <= set(dir(package))
    with pytest.raises(AttributeError, match="nothing"):
        package.nothing  # noqa: B018  # looking it up is the test

"""A folder that somebody else made: whatever stands in its ayxctl.toml, no command says a word to its host."""

from __future__ import annotations

import hashlib
import json
import os
import re
import socket
import subprocess
import sys
import threading
import tomllib
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import jsonschema
import pytest
from ayx_connection.settings import DECLARATIONS, SECRET_REFERENCES
from ayx_diagnostics.command_line import demo, tour
from ayx_diagnostics.report.formats import FORMATS
from ayx_diagnostics.report.serialise import SCHEMA_PATH

if TYPE_CHECKING:
    from ayx_simulator import Simulator

CODE = "config.untrusted_file"
KEY_PAIR = {"ALTERYX_CLIENT_ID": "8D-real-key", "ALTERYX_CLIENT_SECRET": "real-secret"}
CONNECT = "from ayx_connection import connect\nwith connect() as server: server.request('GET', '/v3/users')"
COMMANDS: Mapping[str, tuple[str, ...]] = {
    **{f"diagnose {kind}": ("diagnose", "--format", kind) for kind in FORMATS},
    "diagnose quiet": ("diagnose", "--quiet"),
    "diagnose if configured": ("diagnose", "--skip-if-unconfigured"),
    **{f"smoke {kind}": ("smoke", "--format", kind) for kind in FORMATS},
    "smoke if configured": ("smoke", "--skip-if-unconfigured"),
    "api": ("api", "GET", "/v3/users"),
    "spec fetch": ("spec", "fetch", "-o", "fetched.json"),
    "config show": ("config", "show"),
    "config show json": ("config", "show", "--format", "json"),
}
USERS_FOLDER = pytest.mark.skipif(
    sys.platform == "win32", reason="the user's folder there cannot be another for a test"
)

Run = Callable[..., "subprocess.CompletedProcess[str]"]


@dataclass
class Peer:
    """Listens on loopback, and keeps the beginning of what each visitor says."""

    port: int
    came: list[bytes] = field(default_factory=list)

    def heard(self) -> list[bytes]:
        """Return what was said by everybody up to now: a visitor of our own comes after them all."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=10) as last:
            last.sendall(b"the last one")
            last.recv(1)  # until the peer hangs up
        return self.came[:-1]


@pytest.fixture
def peer() -> Iterator[Peer]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        seen, done = Peer(listener.getsockname()[1]), threading.Event()
        listener.settimeout(0.05)

        def serve() -> None:
            while not done.is_set():
                with suppress(TimeoutError):
                    connection, _ = listener.accept()
                    with connection:
                        connection.settimeout(5)
                        seen.came.append(connection.recv(4096))

        thread = threading.Thread(target=serve)
        thread.start()
        yield seen
        done.set()
        thread.join()


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Run a program in a folder of its own, as a user with a home of their own."""
    (tmp_path / "folder").mkdir()
    (tmp_path / "home").mkdir()
    clean = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("ALTERYX_", "XDG_", "SSL_CERT", "REQUESTS_CA")) and not name.lower().endswith("_proxy")
    }

    def in_the_folder(*arguments: str | Path, python: str = "", **env: str) -> subprocess.CompletedProcess[str]:
        what = ["-c", python] if python else ["-m", "ayx_diagnostics", *map(str, arguments)]
        return subprocess.run(
            [sys.executable, *what],
            env={**clean, "HOME": str(tmp_path / "home"), **env},
            cwd=tmp_path / "folder",
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            check=False,
            timeout=60,
        )

    return in_the_folder


@pytest.fixture
def found(tmp_path: Path) -> Path:
    return tmp_path / "folder" / "ayxctl.toml"


def joined(done: subprocess.CompletedProcess[str]) -> str:
    return " ".join((done.stdout + done.stderr).split())


def settings_of(simulator: Simulator) -> str:
    return f"base_url = '{simulator.web_api_address}'\nca_bundle = '{simulator.ca_bundle.as_posix()}'\n"


def key_pair_of(simulator: Simulator) -> dict[str, str]:
    return {"ALTERYX_CLIENT_ID": simulator.client_id, "ALTERYX_CLIENT_SECRET": simulator.client_secret}


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("what", ["address", "proxy"])
def test_no_command_says_a_word_to_the_host_of_a_found_file(
    command: str, what: str, peer: Peer, run: Run, found: Path
) -> None:
    url = f"http://127.0.0.1:{peer.port}"
    lines = {"address": f"base_url = '{url}/webapi'", "proxy": f"proxy = '{url}'"}
    found.write_text(f"{lines[what]}\nallow_http = true\n")
    env = KEY_PAIR if what == "address" else {**KEY_PAIR, "ALTERYX_BASE_URL": "https://mine.example/webapi"}
    done = run(*COMMANDS[command], **env)
    assert done.returncode == 2
    assert peer.heard() == []
    said = joined(done)
    assert "ayxctl.toml" in said
    assert "ayxctl config trust" in said.replace("\\", "")
    assert KEY_PAIR["ALTERYX_CLIENT_SECRET"] not in said
    assert "Traceback" not in said
    assert [path.name for path in found.parent.iterdir()] == [found.name]


@pytest.mark.parametrize("command", ["api", "spec fetch"])
def test_it_is_one_line_with_the_file_the_settings_and_the_command(command: str, run: Run, found: Path) -> None:
    found.write_text("base_url = 'https://evil.example'\nverify = false\nread_timeout = 3\n")
    done = run(*COMMANDS[command], **KEY_PAIR)
    assert (done.returncode, done.stdout) == (2, "")
    assert len(done.stderr.splitlines()) == 1
    assert "sets base_url and verify, " in done.stderr
    assert str(found) in done.stderr


def test_the_report_has_the_code_and_its_exit_code_by_stage_is_10(run: Run, found: Path) -> None:
    found.write_text("base_url = 'https://evil.example'\n")
    report = json.loads(run("diagnose", "--format", "json").stdout)
    jsonschema.validate(report, json.loads(SCHEMA_PATH.read_text(encoding="utf-8")))
    assert (report["verdict"]["code"], report["target"]["web_api_address"]) == ("config.untrusted_file", "")
    assert [finding["code"] for finding in report["findings"]] == [CODE]
    assert any(str(found) in step["step"] for step in report["findings"][0]["fix"])
    assert "evil.example" not in json.dumps(report)
    assert run("diagnose", "--exit-code-by-stage").returncode == 10


def test_config_show_prints_every_setting_all_the_same(run: Run, found: Path) -> None:
    found.write_text("base_url = 'https://evil.example'\nread_timeout = 3\n")
    done = run("config", "show", "--format", "json", **KEY_PAIR)
    shown = json.loads(done.stdout)
    assert done.returncode == 2
    assert shown["settings"]["base_url"] == {"value": None, "origin": "ayxctl.toml (not trusted)"}
    assert shown["settings"]["read_timeout"] == {"value": "3.0", "origin": "ayxctl.toml"}
    assert shown["settings"]["client_id"]["origin"] == "environment ALTERYX_CLIENT_ID"


def test_config_show_takes_nothing_of_a_file_for_markup(run: Run, found: Path) -> None:
    found.write_text('client_id = "[/bold]\\u001b[31m"\n[profiles."[red]"]\nread_timeout = 3\n')
    done = run("config", "show", "--profile", "[red]", ALTERYX_BASE_URL="https://mine.example")
    assert "ayxctl.toml [profiles.[red]]" in done.stdout
    assert "[/bold]\\x1b[31m" in done.stdout
    assert (done.stderr, "\x1b" in done.stdout) == ("", False)


def test_the_demo_takes_nothing_of_the_working_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "ayxctl.toml").write_text("proxy = 'http://evil.example:1'\n")
    monkeypatch.chdir(tmp_path)
    report = demo._diagnose(tour.Case("https://a..b"))
    assert [finding.code for finding in report.findings] == ["config.host_label_invalid"]


def test_connect_in_a_script_raises(peer: Peer, run: Run, found: Path) -> None:
    found.write_text(f"base_url = 'http://127.0.0.1:{peer.port}'\n")
    done = run(python=CONNECT, **KEY_PAIR)
    assert done.returncode == 1
    assert f"[{CODE}]" in done.stderr
    assert "ayxctl config trust" in done.stderr
    assert peer.heard() == []


def test_a_named_file_gets_no_secret_that_is_not_its_own(peer: Peer, run: Run, found: Path, tmp_path: Path) -> None:
    (tmp_path / "home" / ".token").write_text("home-secret")
    address = f"base_url = 'http://127.0.0.1:{peer.port}'\nclient_id = 'x'\nmax_time = 2\n"
    for reference in ("client_secret_env = 'CLOUD_SECRET'", "client_secret_file = '~/.token'"):
        found.write_text(address + reference)
        for command in ("diagnose", "api GET /v3/users"):
            done = run(*command.split(), "--config", found, CLOUD_SECRET="cloud-secret")
            assert done.returncode in (1, 2)
    assert not [seen for seen in peer.heard() if b"secret" in seen]


@USERS_FOLDER
def test_trust_revoke_list_and_what_changed(ayx_simulator: Simulator, run: Run, found: Path, tmp_path: Path) -> None:
    pair = key_pair_of(ayx_simulator)
    found.write_text(settings_of(ayx_simulator) + "proxy = 'http://me:pass-word@127.0.0.1:1'\nno_proxy_at_all = true\n")
    trusted = run("config", "trust")
    digest = hashlib.sha256(found.read_bytes()).hexdigest()
    assert (trusted.returncode, trusted.stderr) == (0, "")
    for part in (str(found), digest, f"base_url = {ayx_simulator.web_api_address}", "proxy = http://***@127.0.0.1:1"):
        assert part in trusted.stdout
    assert "pass-word" not in trusted.stdout
    assert run("config", "trust", "--list").stdout == f"trusted  {digest}  {found}\n"
    called = run("api", "GET", "/v3/users", **pair)
    assert (called.returncode, called.stderr) == (0, "")

    with found.open("a") as file:
        file.write("max_time = 5\n")
    changed = run("api", "GET", "/v3/users", **pair)
    assert (changed.returncode, "changed since it was trusted" in changed.stderr) == (2, True)
    assert run("config", "trust", "--list").stdout.startswith("changed  ")
    assert "changed since" in run("config", "path").stdout

    assert run("config", "trust", found).returncode == 0
    assert run("api", "GET", "/v3/users", **pair).returncode == 0
    revoked = run("config", "trust", "--revoke")
    assert (revoked.returncode, "no longer trusted" in revoked.stdout) == (0, True)
    assert run("api", "GET", "/v3/users", **pair).returncode == 2
    again = run("config", "trust", "--revoke", found)
    assert (again.returncode, len(again.stderr.splitlines())) == (2, 1)
    kept = [path for path in (tmp_path / "home").rglob("*") if path.is_file()]
    assert [path.name for path in kept] == ["trusted.json"]


@USERS_FOLDER
@pytest.mark.parametrize("content", ["base_url = [", "\0", None])
def test_what_cannot_be_read_is_not_trusted(content: str | None, run: Run, found: Path, tmp_path: Path) -> None:
    if content is not None:
        found.write_text(content)
    done = run("config", "trust")
    assert (done.returncode, done.stdout, len(done.stderr.splitlines())) == (2, "", 1)
    assert "ayxctl.toml" in done.stderr
    assert not list((tmp_path / "home").rglob("trusted.json"))


@USERS_FOLDER
def test_a_list_that_is_broken_is_named_and_left_alone(run: Run, found: Path, tmp_path: Path) -> None:
    found.write_text("base_url = 'https://mine.example'\n")
    run("config", "trust")
    kept = next((tmp_path / "home").rglob("trusted.json"))
    kept.write_text("{")
    for arguments in ((), ("--list",), ("--revoke",)):
        done = run("config", "trust", *arguments)
        assert (done.returncode, done.stdout, len(done.stderr.splitlines())) == (2, "", 1)
        assert str(kept) in done.stderr
    assert kept.read_text() == "{"


@pytest.mark.parametrize("arguments", [("--list", "--revoke"), ("--list", "x.toml")])
def test_options_that_exclude_each_other_are_exit_code_2(arguments: tuple[str, ...], run: Run) -> None:
    done = run("config", "trust", *arguments)
    assert (done.returncode, len(done.stderr.splitlines())) == (2, 1)


@USERS_FOLDER
def test_config_path_tells_what_is_looked_for_and_counts(run: Run, found: Path, tmp_path: Path) -> None:
    nothing = run("config", "path")
    assert (nothing.returncode, nothing.stderr) == (0, "")
    assert [line.rpartition(": ")[2] for line in nothing.stdout.splitlines()] == ["missing"] * 3
    found.write_text("base_url = 'https://mine.example'\n")
    assert f"{found}: not trusted, it was never trusted: `ayxctl config trust {found}`" in run("config", "path").stdout
    run("config", "trust")
    assert f"{found}: trusted" in run("config", "path").stdout
    named = tmp_path / "named.toml"
    for lines in (run("config", "path", "--config", named), run("config", "path", ALTERYX_CONFIG=str(named))):
        assert f"{named}: missing" in lines.stdout
        assert f"{found}: does not count, since another is named" in lines.stdout


def test_config_init_writes_every_setting_and_never_over_a_file(run: Run, found: Path) -> None:
    done = run("config", "init", "mine.example/gallery")
    assert (done.returncode, done.stderr) == (0, "")
    text = found.read_text(encoding="utf-8")
    assert tomllib.loads(text) == {"base_url": "https://mine.example/webapi"}
    assert run("api", "GET", "/v3/users", **KEY_PAIR).returncode == 2  # whoever ran it, it has to be trusted
    again = run("config", "init")
    assert (again.returncode, len(again.stderr.splitlines()), found.read_text(encoding="utf-8")) == (2, 1, text)
    every = tomllib.loads(re.sub(r"(?m)^# (?=\w+ = |\[)", "", text))
    assert {*every, "profiles"} == {d.key for d in DECLARATIONS if d.key} | {*SECRET_REFERENCES, "profiles"}
    profile = every.pop("profiles")["test"]
    for declaration in DECLARATIONS:
        if declaration.key:
            declaration.parse(every[declaration.key])
    assert set(profile) == {"base_url"}


@pytest.mark.parametrize("url", ["a..b", "https://a b", "\x1b[31m"])
def test_config_init_writes_nothing_for_what_is_no_address(url: str, run: Run, found: Path) -> None:
    done = run("config", "init", url)
    assert (done.returncode, len(done.stderr.splitlines()), found.exists()) == (2, 1, False)
    assert "\x1b" not in done.stderr


@USERS_FOLDER
def test_the_users_own_file_counts_at_once(run: Run) -> None:
    assert run("config", "init", "--own", "mine.example").returncode == 0
    shown = json.loads(run("config", "show", "--format", "json").stdout)["settings"]["base_url"]
    assert (shown["value"], shown["origin"][:2]) == ("https://mine.example/webapi", "~/")


@pytest.mark.parametrize("command", ["diagnose", "smoke"])
def test_a_report_says_which_file_or_variable_the_address_came_from(
    command: str, ayx_simulator: Simulator, run: Run, tmp_path: Path
) -> None:
    named = tmp_path / "home" / "named.toml"
    named.write_text(settings_of(ayx_simulator))
    pair = key_pair_of(ayx_simulator)
    told = {
        "~/named.toml": run(command, "--format", "json", "--config", named, **pair),
        "environment ALTERYX_BASE_URL": run(
            *(command, "--format", "json", "--config", named), ALTERYX_BASE_URL=ayx_simulator.web_api_address, **pair
        ),
        None: run(command, ayx_simulator.web_api_address, "--format", "json", ALTERYX_CONFIG=str(named), **pair),
    }
    for origin, done in told.items():
        report = json.loads(done.stdout)
        jsonschema.validate(report, json.loads(SCHEMA_PATH.read_text(encoding="utf-8")))
        assert (done.returncode, report["target"]["address_origin"]) == (0, origin)


def test_one_call_and_a_fetch_say_which_file_the_address_came_from(
    ayx_simulator: Simulator, run: Run, tmp_path: Path
) -> None:
    named = tmp_path / "home" / "named.toml"
    named.write_text(settings_of(ayx_simulator))
    pair = key_pair_of(ayx_simulator)
    missing = run("api", "GET", "/v3/no-such-path", "--config", named, **pair)
    assert (missing.returncode, missing.stderr.endswith("(address from ~/named.toml)\n")) == (1, True)
    fetched = run("spec", "fetch", "-o", "server.json", "--config", named)
    assert (fetched.returncode, fetched.stdout.endswith("(address from ~/named.toml)\n")) == (0, True)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        closed = f"http://127.0.0.1:{probe.getsockname()[1]}"
    named.write_text(f"base_url = '{closed}'")
    for command in (("api", "GET", "/v3/users"), ("spec", "fetch", "-o", "server.json")):
        done = run(*command, "--config", named, **pair)
        assert done.returncode in (1, 2)
        assert done.stderr.endswith("(address from ~/named.toml)\n")
    given = run("spec", "fetch", closed, "-o", "server.json", "--config", named)
    assert (given.returncode, "named.toml" in given.stderr) == (done.returncode, False)

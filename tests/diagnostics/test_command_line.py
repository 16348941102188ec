"""The command as CI systems and people see it: exit codes, what goes to which stream, one line for bad input."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

import jsonschema
import pytest
from ayx_diagnostics.report.serialise import SCHEMA_PATH

if TYPE_CHECKING:
    from ayx_simulator import Simulator

SCHEMA = json.loads(SCHEMA_PATH.read_text(encoding="utf-8"))
PROGRAM = (sys.executable, "-m", "ayx_diagnostics")


def run(
    *arguments: str | Path, env: dict[str, str] | None = None, stdin: str = "", cwd: Path | None = None
) -> subprocess.CompletedProcess[str]:
    """Run ayxctl with nothing of this machine's settings."""
    clean = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("ALTERYX_") and not name.lower().endswith("_proxy") and "CA_BUNDLE" not in name
    }
    clean.pop("SSL_CERT_FILE", None)
    return subprocess.run(
        [*PROGRAM, *map(str, arguments)],
        env={**clean, **(env or {})},
        input=stdin,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        cwd=cwd,
    )


def settings_of(simulator: Simulator) -> dict[str, str]:
    return {
        "ALTERYX_BASE_URL": simulator.web_api_address,
        "ALTERYX_CLIENT_ID": simulator.client_id,
        "ALTERYX_CLIENT_SECRET": simulator.client_secret,
        "ALTERYX_CA_BUNDLE": str(simulator.ca_bundle),
    }


def report_of(done: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    """Return the JSON report, having held it against the published schema."""
    report: dict[str, Any] = json.loads(done.stdout)
    jsonschema.validate(report, SCHEMA)
    return report


def closed_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_healthy_is_exit_code_0_and_stdout_is_the_report_alone(ayx_simulator: Simulator) -> None:
    done = run("diagnose", "--format", "json", env=settings_of(ayx_simulator))
    report = report_of(done)
    assert done.returncode == 0
    assert report["verdict"] == {
        "status": "healthy",
        "stage": None,
        "code": None,
        "sentence": report["verdict"]["sentence"],
    }
    assert {check["stage"]: check["status"] for check in report["checks"]} == dict.fromkeys(
        ("config", "local", "proxy", "dns", "tcp", "tls", "http", "token", "api"), "pass"
    )
    assert done.stderr == ""


def test_no_secret_and_no_token_is_in_any_format(ayx_simulator: Simulator, tmp_path: Path) -> None:
    names = [f"report{suffix}" for suffix in (".json", ".xml", ".md", ".html", ".txt")]
    reports = [part for name in names for part in ("--report", str(tmp_path / name))]
    done = run("diagnose", "--verbose", *reports, env=settings_of(ayx_simulator))
    texts = [done.stdout, done.stderr, *((tmp_path / name).read_text(encoding="utf-8") for name in names)]
    assert all(text.strip() for text in texts[2:])
    assert not [text for text in texts if ayx_simulator.client_secret in text]
    tokens = ayx_simulator.issued_tokens if hasattr(ayx_simulator, "issued_tokens") else ()
    assert not [token for token in tokens for text in texts if token in text]


def test_a_healthy_run_makes_one_token_request_and_one_call(ayx_simulator: Simulator) -> None:
    run("diagnose", env=settings_of(ayx_simulator))
    requests = [(logged.method, logged.path) for logged in ayx_simulator.requests]
    requests.remove(("GET", "/webapi/swagger/docs/3"))  # beside the others
    assert requests == [("POST", "/webapi/oauth2/token"), ("GET", "/webapi/v3/users")]


def test_without_credentials_the_endpoint_is_proven_and_the_api_left_out(ayx_simulator: Simulator) -> None:
    env = settings_of(ayx_simulator)
    del env["ALTERYX_CLIENT_ID"], env["ALTERYX_CLIENT_SECRET"]
    done = run("diagnose", "--format", "json", env=env)
    report = report_of(done)
    statuses = {check["stage"]: check["status"] for check in report["checks"]}
    assert (done.returncode, report["verdict"]["status"]) == (0, "healthy")
    assert (statuses["token"], statuses["api"]) == ("pass", "skip")


def test_a_failed_check_is_1_or_the_stages_own_code() -> None:
    url = f"https://127.0.0.1:{closed_port()}"
    done = run("diagnose", url, "--format", "json")
    assert done.returncode == 1
    assert report_of(done)["verdict"]["code"] == "tcp.refused_localhost"
    assert run("diagnose", url, "--exit-code-by-stage").returncode == 14


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("https://ayx server/webapi", "config.whitespace"),
        ("https://a..b/webapi", "config.host_label_invalid"),
        ("https://https://ayx.example", "config.url_as_host"),
        ("https://eu1.alteryxcloud.com", "config.wrong_product"),
        ("https://ayx.example:99999", "config.url_invalid"),
        (None, "config.url_missing"),
    ],
)
def test_a_configuration_error_is_exit_code_2_and_still_a_report(url: str | None, code: str, tmp_path: Path) -> None:
    done = run("diagnose", *([url] if url else []), "--format", "json", cwd=tmp_path)
    report = report_of(done)
    assert (done.returncode, report["verdict"]["code"]) == (2, code)
    assert run("diagnose", *([url] if url else []), "--exit-code-by-stage", cwd=tmp_path).returncode == 10


@pytest.mark.parametrize(
    ("variable", "value", "code"),
    [
        ("ALTERYX_CLIENT_SECRET", "\N{LEFT DOUBLE QUOTATION MARK}pasted-secret", "config.secret_unprintable"),
        ("ALTERYX_CLIENT_SECRET", "pasted-secret\r", "config.whitespace"),
        ("ALTERYX_CONNECT_TIMEOUT", "soon", "config.setting_invalid"),
        ("ALTERYX_CLIENT_AUTH", "both", "config.setting_invalid"),
    ],
)
def test_an_unusable_variable_is_named_and_a_secret_is_not_shown(variable: str, value: str, code: str) -> None:
    env = {"ALTERYX_CLIENT_ID": "the-key", "ALTERYX_CLIENT_SECRET": "usable-secret", variable: value}
    done = run("diagnose", "https://127.0.0.1", "--format", "json", env=env)
    report = report_of(done)
    assert (done.returncode, report["verdict"]["code"]) == (2, code)
    assert variable in json.dumps(report["findings"])
    assert "pasted-secret" not in done.stdout


def test_an_idle_time_has_to_fit_into_the_whole() -> None:
    done = run("diagnose", "https://127.0.0.1", "--idle", "60")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "ayxctl: --idle 60 does not fit into --max-time 60\n"


def test_half_a_key_pair_names_the_half_that_is_missing() -> None:
    done = run("diagnose", "https://127.0.0.1", "--client-id", "abc", "--format", "json")
    report = report_of(done)
    assert (done.returncode, report["verdict"]["code"]) == (2, "config.credentials_missing")
    assert "ALTERYX_CLIENT_SECRET" in json.dumps(report["findings"])


def test_an_unreadable_ca_file_names_the_setting_its_origin_and_the_path(tmp_path: Path) -> None:
    missing = tmp_path / "no-such.pem"
    done = run("diagnose", "https://127.0.0.1", "--format", "json", env={"ALTERYX_CA_BUNDLE": str(missing)})
    report = report_of(done)
    finding = json.dumps(report["findings"][0])
    assert (done.returncode, report["verdict"]["code"]) == (2, "tls.ca_bundle_unreadable")
    assert "ALTERYX_CA_BUNDLE" in finding
    assert missing.name in finding


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("diagnose", "--only", "nonsense"), "'nonsense' is no stage"),
        (("diagnose", "-4", "-6"), "exclude each other"),
        (("diagnose", "--report", "r.docx"), "r.docx: the suffix says no format"),
        (("diagnose", "--report", "no/such/folder/r.json"), "does not exist"),
        (("explain", "--report", "no-such.json"), "no-such.json: cannot be read"),
        (("explain",), "nothing to explain"),
        (("smoke",), "ALTERYX_CLIENT_ID"),
        (("spec", "convert", "no-such.json", "-o", "out.json"), "no-such.json"),
    ],
)
def test_bad_input_is_one_line_and_exit_code_2(arguments: tuple[str, ...], said: str, tmp_path: Path) -> None:
    done = run(*arguments, cwd=tmp_path)
    assert done.returncode == 2
    assert said in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("content", ["<html><title>Sign in</title></html>", '{"swagger": "2.0", "paths": {', "", "[1]"])
def test_a_document_that_is_none_is_refused_with_its_name_and_place(content: str, tmp_path: Path) -> None:
    document = tmp_path / "document.json"
    document.write_text(content, encoding="utf-8")
    done = run("spec", "convert", document, "-o", tmp_path / "out.json")
    assert done.returncode == 2
    assert "document.json" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert "Traceback" not in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["document.json"]


def test_a_folder_stands_for_its_documents_and_an_empty_one_is_refused(tmp_path: Path) -> None:
    documents = Path(__file__).parent.parent.parent / "spec" / "documents"
    out, empty = tmp_path / "out.json", tmp_path / "empty"
    empty.mkdir()
    assert run("spec", "convert", documents, "-o", out).returncode == 0
    paths = json.loads(out.read_text(encoding="utf-8"))["paths"]
    assert {"/v3/users", "/v1/workflows/subscription", "/admin/v2/users"} <= set(paths)
    refused = run("spec", "convert", empty, "-o", tmp_path / "none.json")
    assert refused.returncode == 2
    assert "holds no *.swagger.json" in refused.stderr


def test_a_servers_document_is_stored_byte_for_byte_with_its_provenance(
    ayx_simulator: Simulator, tmp_path: Path
) -> None:
    file = tmp_path / "folder" / "server.json"
    done = run("spec", "fetch", ayx_simulator.web_api_address, "-o", file, env=settings_of(ayx_simulator))
    assert done.returncode == 0, done.stderr
    assert json.loads(file.read_bytes())["info"]["title"] == "Alteryx Server API V3"
    provenance = json.loads((tmp_path / "folder" / "server.json.provenance.json").read_text(encoding="utf-8"))
    assert provenance["sha256"] == hashlib.sha256(file.read_bytes()).hexdigest()
    assert not [logged for logged in ayx_simulator.requests if "oauth2" in logged.path]


def test_a_page_instead_of_the_document_is_refused_and_nothing_is_written(
    ayx_simulator: Simulator, tmp_path: Path
) -> None:
    ayx_simulator.faults.set("http.html_instead_of_json")
    file = tmp_path / "server.json"
    done = run("spec", "fetch", ayx_simulator.web_api_address, "-o", file, env=settings_of(ayx_simulator))
    assert done.returncode == 2
    assert len(done.stderr.strip().splitlines()) == 1
    assert list(tmp_path.iterdir()) == []


def test_an_unknown_option_is_exit_code_2() -> None:
    assert run("diagnose", "--no-such-option").returncode == 2


def test_a_code_prints_its_page_and_an_unknown_one_says_what_is_near() -> None:
    page = run("explain", "tcp.syn_dropped")
    assert page.returncode == 0
    assert "tcp.syn_dropped" in page.stdout
    unknown = run("explain", "tcp.syn_droped")
    assert unknown.returncode == 1
    assert "tcp.syn_dropped" in unknown.stderr


def test_a_saved_report_is_judged_again_offline(tmp_path: Path) -> None:
    saved = tmp_path / "report.json"
    first = run("diagnose", f"https://127.0.0.1:{closed_port()}", "--report", saved)
    again = run("explain", "--report", saved, "--format", "json")
    assert first.returncode == again.returncode == 1
    old, new = json.loads(saved.read_text(encoding="utf-8")), report_of(again)
    assert (new["verdict"], new["findings"], new["checks"]) == (old["verdict"], old["findings"], old["checks"])


def test_the_version_names_python_and_openssl() -> None:
    done = run("--version")
    assert done.stdout.startswith("ayxctl ")
    assert "Python" in done.stdout
    assert "OpenSSL" in done.stdout


def test_config_show_tells_origins_and_no_secret(tmp_path: Path) -> None:
    env = {"ALTERYX_BASE_URL": "ayx.example", "ALTERYX_CLIENT_ID": "key", "ALTERYX_CLIENT_SECRET": "very-secret-value"}
    done = run("config", "show", "--format", "json", env=env, cwd=tmp_path)
    shown = json.loads(done.stdout)
    assert shown["settings"]["base_url"] == {"value": "ayx.example", "origin": "environment ALTERYX_BASE_URL"}
    assert "very-secret-value" not in done.stdout + done.stderr
    assert done.returncode == 0


def test_the_secret_can_come_from_standard_input(ayx_simulator: Simulator) -> None:
    env = settings_of(ayx_simulator)
    secret = env.pop("ALTERYX_CLIENT_SECRET")
    done = run("diagnose", "--client-secret-file", "-", "--format", "json", env=env, stdin=f"{secret}\n")
    assert report_of(done)["verdict"]["status"] == "healthy"


def test_skip_if_unconfigured_is_a_line_and_exit_code_0(tmp_path: Path) -> None:
    for command in ("diagnose", "smoke"):
        done = run(command, "--skip-if-unconfigured", cwd=tmp_path)
        assert (done.returncode, done.stdout) == (0, "")
        assert "skipped" in done.stderr


def test_color_is_there_when_asked_for_and_only_then(ayx_simulator: Simulator) -> None:
    env = settings_of(ayx_simulator)
    assert "\x1b[" not in run("diagnose", env=env).stdout
    assert "\x1b[" in run("diagnose", "--color", "always", env=env).stdout
    assert "\x1b[" in run("diagnose", env={**env, "FORCE_COLOR": "1"}).stdout
    assert "\x1b[" not in run("diagnose", "--color", "never", env={**env, "FORCE_COLOR": "1"}).stdout


def test_quiet_says_nothing_when_healthy(ayx_simulator: Simulator) -> None:
    done = run("diagnose", "--quiet", env=settings_of(ayx_simulator))
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")
def test_an_interrupt_is_exit_code_130_without_a_traceback() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"https://127.0.0.1:{silent.getsockname()[1]}"
        process = subprocess.Popen(
            [*PROGRAM, "diagnose", url, "--connect-timeout", "30"],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            # a shell's background job ignores SIGINT, and children inherit that
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509 -- no threads here
        )
        connection, _ = silent.accept()
        with connection:
            connection.recv(1)
            time.sleep(0.2)
            process.send_signal(signal.SIGINT)
            _, errors = process.communicate(timeout=20)
    assert process.returncode == 130
    assert "Traceback" not in errors


def test_junit_counts_the_failed_check() -> None:
    done = run("diagnose", f"https://127.0.0.1:{closed_port()}", "--format", "junit")
    suites = ET.fromstring(done.stdout)
    assert suites.get("failures") == "1"


def test_smoke_calls_every_readable_operation_and_changes_nothing(ayx_simulator: Simulator, tmp_path: Path) -> None:
    saved = tmp_path / "smoke.xml"
    done = run("smoke", "--format", "json", "--report", saved, env=settings_of(ayx_simulator))
    report = report_of(done)
    smoke = [check for check in report["checks"] if check["id"].startswith("smoke.")]
    assert done.returncode == 0, report["findings"]
    assert len(smoke) >= 25
    assert {check["status"] for check in smoke} <= {"pass", "skip"}, smoke
    assert {logged.method for logged in ayx_simulator.requests if "oauth2" not in logged.path} == {"GET"}
    cases = ET.parse(saved).getroot().findall(".//testcase")
    assert len(cases) == len(report["checks"])


def test_smoke_sees_a_server_that_no_longer_fits_the_document(ayx_simulator: Simulator) -> None:
    ayx_simulator.faults.set("api.schema_drift", "required")
    done = run("smoke", "--format", "json", env=settings_of(ayx_simulator))
    assert (done.returncode, report_of(done)["verdict"]["code"]) == (0, "api.schema_drift")
    assert run("smoke", "--fail-on", "warning", "--quiet", env=settings_of(ayx_simulator)).returncode == 1


def test_smoke_fails_on_a_broken_operation(ayx_simulator: Simulator) -> None:
    ayx_simulator.faults.set("api.server_error", path="/v3/collections")
    done = run("smoke", "--format", "json", env=settings_of(ayx_simulator))
    report = report_of(done)
    assert (done.returncode, report["verdict"]["code"]) == (1, "api.server_error")
    failed = [check["id"] for check in report["checks"] if check["status"] == "fail"]
    assert "smoke.Collections_GetCollections" in failed


def test_api_makes_one_call_and_writes_the_body(ayx_simulator: Simulator) -> None:
    done = run("api", "get", "/v3/workflows", env=settings_of(ayx_simulator))
    assert done.returncode == 0
    assert isinstance(json.loads(done.stdout), list)
    missing = run("api", "GET", "/v3/no-such-path", env=settings_of(ayx_simulator))
    assert missing.returncode == 1
    assert "404" in missing.stderr

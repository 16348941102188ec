"""The walk from one end to the other, over real sockets, in the ways that settings and options ask for."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest
from ayx_diagnostics import diagnose
from ayx_diagnostics.model import Report

if TYPE_CHECKING:
    from ayx_simulator import Simulator


@pytest.fixture
def options(ayx_simulator: Simulator) -> dict[str, Any]:
    return {
        "client_id": ayx_simulator.client_id,
        "client_secret": ayx_simulator.client_secret,
        "ca_bundle": str(ayx_simulator.ca_bundle),
        "environ": {},
    }


@pytest.fixture
def plain_simulator() -> Iterator[Simulator]:
    from ayx_simulator import Simulator

    with Simulator(plain_http=True) as simulator:
        yield simulator


def statuses(report: Report) -> dict[str, str]:
    return {check.stage: check.status for check in report.checks}


def test_only_a_stage_reports_on_it_alone(ayx_simulator: Simulator, options: dict[str, Any]) -> None:
    report = diagnose(ayx_simulator.web_api_address, only="tls", **options)
    assert (report.verdict.status, statuses(report)) == ("healthy", {"tls": "pass"})
    assert not ayx_simulator.requests


def test_only_a_stage_tells_of_an_earlier_one_that_keeps_it_from_being_tested() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        url = f"https://127.0.0.1:{probe.getsockname()[1]}"
        report = diagnose(url, only="tls", environ={})
    assert (report.verdict.status, statuses(report)) == ("broken", {"tcp": "fail", "tls": "skip"})


@pytest.mark.parametrize(("skip", "skipped"), [("api", {"api"}), ("token", {"token", "api"})])
def test_a_skipped_stage_leaves_the_rest_healthy(
    ayx_simulator: Simulator, options: dict[str, Any], skip: Any, skipped: set[str]
) -> None:
    report = diagnose(ayx_simulator.web_api_address, skip=[skip], **options)
    assert report.verdict.status == "healthy"
    assert {stage for stage, status in statuses(report).items() if status != "pass"} == skipped


def test_without_verification_everything_is_observed_and_no_credentials_are_sent(ayx_simulator: Simulator) -> None:
    secret = {"client_id": "the-key", "client_secret": "the-secret-value"}
    report = diagnose(ayx_simulator.web_api_address, verify=False, environ={}, **secret)
    assert (report.verdict.status, report.verdict.code) == ("degraded", "tls.unknown_ca_private")
    assert statuses(report)["api"] == "skip"
    assert [seen.evidence["style"] for seen in report.observations if seen.evidence.get("style")] == ["none"]


def test_plain_http_on_loopback_needs_no_permission(plain_simulator: Simulator) -> None:
    secret = {"client_id": plain_simulator.client_id, "client_secret": plain_simulator.client_secret}
    report = diagnose(plain_simulator.web_api_address, environ={}, **secret)
    assert (report.verdict.status, statuses(report)["tls"], statuses(report)["api"]) == ("healthy", "skip", "pass")


def test_nothing_is_called_healthy_that_was_not_tested(ayx_simulator: Simulator, options: dict[str, Any]) -> None:
    report = diagnose(ayx_simulator.web_api_address, max_time=0.02, **options)
    assert report.verdict.status == "unknown"
    assert "--max-time" in report.verdict.sentence


def test_the_python_api_takes_what_the_environment_gives(
    ayx_simulator_env: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    report = diagnose()
    assert (report.verdict.status, report.target.web_api_address) == ("healthy", ayx_simulator_env.web_api_address)


async def _diagnosed(url: str, options: dict[str, Any]) -> Report:
    from ayx_diagnostics import adiagnose

    return await adiagnose(url, **options)


def test_the_async_twin_gives_the_same_verdict(ayx_simulator: Simulator, options: dict[str, Any]) -> None:
    import asyncio

    assert asyncio.run(_diagnosed(ayx_simulator.web_api_address, options)).verdict.status == "healthy"


def test_a_port_that_speaks_plain_http_is_known_even_when_its_answer_has_no_status_line() -> None:
    """``http.server`` answers a ClientHello with a page alone, as HTTP/0.9 did."""
    import http.server
    import threading

    class Quiet(http.server.BaseHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            return

        def do_GET(self) -> None:
            self.send_error(404)

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Quiet) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        report = diagnose(f"https://127.0.0.1:{server.server_port}", environ={})
        server.shutdown()
    assert report.verdict.code == "tls.plaintext_http"


def test_a_wrong_path_is_known_when_the_usual_one_answers(ayx_simulator: Simulator, options: dict[str, Any]) -> None:
    url = ayx_simulator.web_api_address.replace("/webapi", "/other/webapi")
    report = diagnose(url, **options)
    asked = [seen.evidence["url"] for seen in report.observations if seen.evidence.get("purpose") == "usual_path"]
    assert asked == [f"{ayx_simulator.web_api_address}/swagger/docs/3"]
    assert report.verdict.code == "http.wrong_base_path"
    assert any(ayx_simulator.web_api_address in step.step for step in report.findings[0].fix)

"""The request to the network team: from reports of faulty servers, from what the lab saw, from what is no report."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from ayx_diagnostics.replay import replay
from ayx_diagnostics.report.anonymise import anonymise_report
from ayx_diagnostics.report.formats import RequestFormat
from ayx_diagnostics.report.network_request import NotTheNetwork, Request, prepare, render
from ayx_simulator.peers.proxy import FaultyProxy

GOLDENS = Path(__file__).parent / "goldens"
EVERY_GOLDEN = sorted(path.stem for path in GOLDENS.glob("*.json"))
PASSWORD = "proxy-password-4711"


def golden(name: str) -> dict[str, Any]:
    document: dict[str, Any] = json.loads((GOLDENS / f"{name}.json").read_text(encoding="utf-8"))
    return document


def run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Run ayxctl with nothing of this machine's settings."""
    clean = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("ALTERYX_") and not name.lower().endswith("_proxy")
    }
    command = [sys.executable, "-m", "ayx_diagnostics", *map(str, arguments)]
    return subprocess.run(command, env=clean, capture_output=True, text=True, timeout=60, check=False, encoding="utf-8")


def facts(request: Request) -> dict[str, str]:
    return dict(request.facts)


# --- real reports ----------------------------------------------------------------------------------------------------


def test_refusing_proxy_to_a_request_that_can_be_sent(tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    with FaultyProxy("denied") as proxy:
        with_password = proxy.url.replace("//", f"//robot:{PASSWORD}@")
        url = "https://gallery.example.test/webapi"
        done = run("diagnose", url, "--proxy", with_password, "--report", report)
        port = proxy.port
    assert done.returncode == 1, done.stderr
    made = run("request", report)
    assert (made.returncode, PASSWORD in made.stdout + made.stderr) == (0, False)
    where = f"http://robot@127.0.0.1:{port}"
    assert made.stdout.startswith(f"Subject: Allow CONNECT to gallery.example.test:443 on {where}")
    for line in (
        r"  Source         127\.0\.0\.1",
        r"  Destination    gallery\.example\.test",
        r"  Port           443",
        r"  Protocol       tcp",
        rf"  Through proxy  {re.escape(where)}",
        r"  Time \(UTC\)     \d{4}-\d\d-\d\d \d\d:\d\d:\d\d.*",
        r"  - .* answers CONNECT gallery\.example\.test:443 with 403 .*",
        r"      ayxctl diagnose https://gallery\.example\.test/webapi",
        rf"      curl -v --proxy http://127\.0\.0\.1:{port} https://gallery\.example\.test/webapi",
        r"Found by ayxctl \d+\.\d+.*, proxy\.denied \(certain\)\.",
    ):
        assert re.search(f"(?m)^{line}$", made.stdout), (line, made.stdout)
    ticket = run("request", report, "--format", "markdown")
    assert (ticket.returncode, ticket.stdout.splitlines()[0][:2]) == (0, "# ")
    assert "| Port | 443 |" in ticket.stdout.splitlines()


def test_wrong_port_is_not_for_the_network_team(tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    run("diagnose", "https://127.0.0.1:9/webapi", "--report", report, "--connect-timeout", "2")
    made = run("request", report)
    first, *steps = made.stderr.splitlines()
    assert (made.returncode, made.stdout) == (1, "")
    assert first.startswith("ayxctl: not the network's [tcp.refused")
    assert "; this is for " in first
    assert steps
    assert all(step.startswith(("  you, who run the script: ", "  the Server's administrator: ")) for step in steps)


# --- what the lab saw ------------------------------------------------------------------------------------------------


def test_every_address_is_asked_for_and_every_attempt_has_its_time() -> None:
    document = golden("syn-to-six-addresses-dropped")
    made = prepare(document)
    addresses = {f"10.91.3.{last}" for last in range(31, 37)}
    assert set(facts(made)["Destination"].split(", ")) == addresses
    assert made.asked[-1] == "The same for every destination that is listed below."
    assert (facts(made)["Source"], facts(made)["Port"]) == ("10.91.1.2", "443")
    assert {attempt.split()[3].partition(":")[0] for attempt in made.attempts} == addresses
    assert all(re.match(r"\d\d:\d\d:\d\d\.\d{3} tcp connect \S+: timeout after 5\.\d+ s$", a) for a in made.attempts)
    assert made.evidence == tuple(document["findings"][0]["because"])
    assert made.ruled_out == tuple(document["findings"][0]["ruled_out"])


def test_times_are_utc_and_count_from_the_start() -> None:
    document = golden("syn-dropped-at-router-1")
    connect = next(seen for seen in document["observations"] if seen["operation"] == "connect")
    document["started_at"] = "2026-03-01T00:30:00+02:00"
    connect["started_s"], connect["duration_s"] = 5.25, 2.0
    made = prepare(document)
    assert facts(made)["Time (UTC)"] == "2026-02-28 22:30:05 to 2026-02-28 22:30:07"
    assert made.attempts[0].startswith("22:30:05.250 tcp connect 10.91.3.10:443")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("syn-dropped-by-the-server", {"Destination": "10.91.3.10", "Port": "443", "Protocol": "tcp"}),
        ("ipv6-is-dropped-ipv4-works", {"Source": "fd91:1::2", "Destination": "fd91:3::10"}),
        ("port-53-is-dropped-on-the-way", {"Destination": "10.91.1.53", "Port": "53", "Protocol": "udp and tcp"}),
        ("truncated-answer-and-no-tcp", {"Destination": "10.91.1.59", "Port": "53"}),
        ("the-proxy-fails-tunnel-reset", {"Through proxy": "http://faultyproxy.lab.test:3128", "Source": "10.91.1.2"}),
        ("the-clienthello-is-dropped-by-router-1", {"Destination": "10.91.3.10", "Name": "ayx.lab.test"}),
        ("a-filter-answers-0-0-0-0", {"Source": "this machine", "Destination": "10.91.1.53"}),
        ("the-proxy-is-for-http-only", {"Source": "10.91.1.2", "Destination": "10.91.3.10", "Port": "443"}),
    ],
)
def test_facts_are_those_of_the_fault(name: str, expected: dict[str, str]) -> None:
    found = facts(prepare(golden(name)))
    assert {label: found.get(label) for label in expected} == expected
    assert ("Through proxy" in found) == ("Through proxy" in expected)


def test_a_way_that_opens_and_then_fails_is_checked_with_more_than_a_connect() -> None:
    made = prepare(golden("packets-above-1280-octets-vanish"))
    assert made.subject.startswith("Let ICMP type 3 code 4 (fragmentation needed; ICMPv6 type 2) through")
    assert [command.split()[0] for _, command in made.checks] == ["ayxctl", "curl"]
    assert " tls handshake 10.91.3.20:443: timeout after " in made.attempts[0]


@pytest.mark.parametrize(
    ("name", "whose"),
    [
        ("the-client-s-own-firewall-rejects", "you, who run the script"),
        ("no-default-route", "you, who run the script"),
        ("healthy-direct", "nothing to ask the network team for"),
    ],
)
def test_other_causes_say_whose_they_are(name: str, whose: str) -> None:
    with pytest.raises(NotTheNetwork, match=whose):
        prepare(golden(name))


@pytest.mark.parametrize("name", EVERY_GOLDEN)
def test_every_report_gives_one_or_the_other(name: str) -> None:
    document = golden(name)
    cause = next((item for item in document["findings"] if item["code"] == document["verdict"]["code"]), None)
    theirs = cause is not None and "network" in [step["owner"] for step in cause["fix"]]
    theirs = theirs and document["verdict"]["stage"] not in ("config", "local")
    for version in (document, anonymise_report(document)):
        if not theirs:
            with pytest.raises(NotTheNetwork):
                prepare(version)
            continue
        made = prepare(version)
        assert all(facts(made).values())
        assert made.asked
        assert made.evidence
        kinds: tuple[RequestFormat, ...] = ("text", "markdown")
        for kind in kinds:
            written = render(made, kind)
            assert all(label in written for label in facts(made))
            assert "None" not in written
            assert version is document or not re.search(r"10\.91\.\d|fd91:|lab\.test", written)


def test_anonymised_report_stays_anonymous_and_says_so() -> None:
    made = prepare(anonymise_report(golden("syn-dropped-at-router-2")))
    written = render(made, "text")
    assert re.search(r"(?m)^  Source +address-\d+$", written)
    assert "10.91." not in written
    assert "lab.test" not in written
    assert any("stand-ins" in note for note in made.notes)


def test_unknown_source_is_pointed_out_to_whoever_sends_it() -> None:
    made = prepare(golden("port-53-is-dropped-on-the-way"))
    assert facts(made)["Source"] == "this machine"
    assert any("does not hold this machine's address" in note for note in made.notes)


# --- hostile and broken input ----------------------------------------------------------------------------------------


def test_whoever_sends_it_is_told_which_file_the_address_came_from() -> None:
    document = golden("port-53-is-dropped-on-the-way")
    told = [note for note in prepare(document).notes if "comes from" in note]
    document["target"]["address_origin"] = "ayxctl.toml"
    address = document["target"]["web_api_address"]
    assert (told, prepare(document).notes[-2]) == ([], f"the address {address} comes from ayxctl.toml")


def test_peer_cannot_write_lines_or_markup_and_secrets_are_masked() -> None:
    document = golden("the-proxy-fails-denied")
    document["findings"][0]["because"] = [
        "first\nSubject: forged\x1b[31m",
        "<script>alert(1)</script> Authorization: Bearer abcdefghijk",
        "http://robot:hunter2hunter2@proxy.test:3128",
    ]
    made = prepare(document)
    written, ticket = render(made, "text"), render(made, "markdown")
    assert [line for line in written.splitlines() if line.startswith("Subject:")] == written.splitlines()[:1]
    assert "\x1b" not in written + ticket
    assert "<script>" not in ticket.replace("\\<", "")
    assert not [secret for secret in ("abcdefghijk", "hunter2") if secret in written + ticket]


def test_unknown_keys_are_ignored_by_every_reader(tmp_path: Path) -> None:
    document = golden("syn-dropped-at-router-1")
    plain = render(prepare(document), "text")
    path = tmp_path / "later.json"
    for part in (document, document["target"], document["verdict"], *document["findings"], *document["observations"]):
        part["of_a_later_version"] = {"any": ["thing"]}
    document["observations"].append({**document["observations"][0], "stage": "later", "operation": "unheard_of"})
    path.write_text(json.dumps(document), encoding="utf-8")
    assert run("request", path).stdout == plain
    again = run("explain", "--report", path, "--format", "json")
    assert (again.returncode, json.loads(again.stdout)["verdict"]["code"]) == (1, "tcp.syn_dropped")


@pytest.mark.parametrize("command", ["request", "explain"])
@pytest.mark.parametrize(
    ("place", "told"),
    [
        (("target",), "target is missing"),
        (("target", "port"), "target.port is missing"),
        (("tool",), "tool is missing"),
        (("started_at",), "started_at is missing"),
        (("duration_s",), "duration_s is missing"),
        (("checks",), "checks is missing"),
        (("observations",), "it has no observations"),
        (("observations", 2, "outcome"), "observations[2].outcome is missing"),
        (("observations", 2, "evidence"), "observations[2].evidence is missing"),
        (("schema_version",), "schema_version None"),
    ],
)
def test_missing_key_is_one_line(tmp_path: Path, command: str, place: tuple[str | int, ...], told: str) -> None:
    document = golden("syn-dropped-at-router-1")
    *way, last = place
    part: Any = document
    for step in way:
        part = part[step]
    del part[last]
    path = tmp_path / "cut.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    done = run(*(("request", path) if command == "request" else ("explain", "--report", path)))
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert told in done.stderr
    assert "cut.json" in done.stderr


def test_conclusions_are_only_needed_where_they_are_not_drawn_anew(tmp_path: Path) -> None:
    document = golden("syn-dropped-at-router-1")
    del document["verdict"], document["findings"]
    path = tmp_path / "observed.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    assert "tcp.syn_dropped" in run("explain", "--report", path).stdout
    refused = run("request", path)
    assert (refused.returncode, "verdict is missing" in refused.stderr) == (2, True)


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "null", '"report"', '{"observations": 1}', '{"observations": [], "schema_version": "1"}', "\x00"],
)
def test_no_report_is_one_line(tmp_path: Path, text: str) -> None:
    path = tmp_path / "none.json"
    path.write_text(text, encoding="utf-8")
    done = run("request", path)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)


@pytest.mark.parametrize(("key", "value"), [("duration_s", 1e308), ("started_s", 10**400), ("id", float("nan"))])
def test_absurd_numbers_do_not_end_in_a_traceback(tmp_path: Path, key: str, value: float) -> None:
    document = golden("syn-dropped-at-router-1")
    for seen in document["observations"]:
        seen[key] = value
    path = tmp_path / "absurd.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    assert run("request", path).returncode in (0, 2)


@pytest.mark.parametrize(("operation", "key"), [("system_lookup", "addresses"), ("handshake", "chain")])
@pytest.mark.parametrize("value", [7, "text", None, [None], {"a": 1}])
def test_evidence_of_another_kind_reads_as_absent(tmp_path: Path, operation: str, key: str, value: object) -> None:
    document = golden("healthy-direct")
    next(seen for seen in document["observations"] if seen["operation"] == operation)["evidence"][key] = value
    path = tmp_path / "edited.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    judged, _ = replay(path)
    assert {check["status"] for check in judged["checks"]} <= {"pass", "warn", "fail", "skip"}

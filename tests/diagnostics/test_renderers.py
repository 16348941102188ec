from __future__ import annotations

import io
import json
import re
from dataclasses import replace
from pathlib import Path, PurePath
from typing import Any
from xml.etree import ElementTree as ET

import jsonschema
import pytest
from ayx_diagnostics.model import STAGES, Finding, FixStep, Observation, Report, Target, Tool, Verdict
from ayx_diagnostics.report import renderers
from ayx_diagnostics.report.checks import checks_of
from ayx_diagnostics.report.renderers import FORMATS, Format, format_of, render
from ayx_diagnostics.report.renderers.text import print_report
from ayx_diagnostics.report.serialise import SCHEMA_PATH, to_json
from hypothesis import given
from hypothesis import strategies as st
from outputs import JUDGED
from rich.console import Console

FINDING = Finding(
    code="tcp.syn_dropped",
    severity="error",
    confidence="certain",
    title="10.0.0.7:443 does not answer: <b>SYNs</b> are dropped",
    because=("no answer to 3 SYNs in 5.0 s | pipe", "hop 2 (10.0.0.2) answers, hop 3 does not"),
    ruled_out=("the name resolves",),
    fix=(FixStep("network", "allow 10.0.0.5 to 10.0.0.7:443/tcp"),),
)
REPORT = Report(
    tool=Tool("ayxctl", "0.0", "3.11", "OpenSSL", "Linux"),
    target=Target("h", "https://h/webapi", "https://h/webapi/oauth2/token", "https", "h", 443),
    started_at="2026-01-02T03:04:05.678Z",
    duration_s=5.1,
    verdict=Verdict("broken", "tcp", "tcp.syn_dropped", FINDING.title),
    findings=(FINDING,),
    checks=checks_of(
        (
            Observation("config", "read_settings", "settings", 0, 0, "ok", {}, 1),
            Observation("dns", "system_lookup", "h", 0, 0.002, "ok", {"addresses": ["10.0.0.7"]}, 2),
            Observation("tcp", "connect", "10.0.0.7:443", 0.01, 5, "timeout", {}, 3),
        ),
        (FINDING,),
        {},
    ),
    observations=(Observation("tcp", "connect", "10.0.0.7:443", 0.01, 5, "timeout", {"errno": None}, 3),),
)


def test_a_format_has_its_row_its_module_and_who_judges_its_outputs() -> None:
    modules = {path.stem for path in Path(renderers.__file__).parent.glob("*.py")} - {"__init__", "rendering"}
    assert modules == set(FORMATS), "a module of report/renderers for each row of report/formats.py"
    assert set(FORMATS) == JUDGED, "tests/diagnostics/safety/outputs.py: what would be unsafe in it (_OF_FORM, _FORMS)"


def document(**changes: Any) -> dict[str, Any]:
    return to_json(replace(REPORT, **changes))


@pytest.mark.parametrize("kind", FORMATS)
def test_where_the_address_came_from_is_told_when_it_was_not_given(kind: Format) -> None:
    named = document(target=replace(REPORT.target, address_origin="ayxctl.toml [profiles.a_b]"))
    shown = render(named, kind)
    assert "ayxctl.toml" in shown
    assert kind != "json" or json.loads(shown)["target"] == named["target"]
    given, older = document(), document()
    del older["target"]["address_origin"]
    assert kind == "json" or render(given, kind) == render(older, kind)
    assert "ayxctl.toml" not in render(given, kind)


def test_the_document_validates_against_the_published_schema() -> None:
    schema = json.loads(SCHEMA_PATH.read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(document(), schema)
    broken = document()
    broken["findings"][0]["code"] = "nonsense"
    with pytest.raises(jsonschema.ValidationError, match="nonsense"):
        jsonschema.validate(broken, schema)


def test_json_is_the_document() -> None:
    assert json.loads(render(document(), "json")) == document()


def test_the_checks_say_what_held_what_failed_and_what_was_not_reached() -> None:
    statuses = {check["stage"]: (check["status"], check["summary"]) for check in document()["checks"]}
    assert tuple(statuses) == STAGES
    assert statuses["dns"] == ("pass", "h is 10.0.0.7 (2 ms)")
    assert statuses["tcp"] == ("fail", FINDING.title)
    assert statuses["tls"] == ("skip", "not reached")


def test_text_tells_cause_evidence_and_who_changes_what() -> None:
    text = render(document(), "text")
    assert re.search(r"✗ tcp +10\.0\.0\.7:443 does not answer", text)
    assert re.search(r"Cause \(certain\)  10\.0\.0\.7:443 does not answer", text)
    assert re.search(r"because +no answer to 3 SYNs", text)
    assert re.search(r"ruled out +the name resolves", text)
    assert re.search(r"fix: network team +allow 10\.0\.0\.5 to 10\.0\.0\.7:443/tcp", text)
    assert text.rstrip().splitlines()[-1].startswith("Broken: 10.0.0.7:443 does not answer")
    assert max(map(len, text.splitlines())) <= 100


def test_a_legacy_code_page_gets_ascii_marks() -> None:
    raw = io.BytesIO()
    console = Console(file=io.TextIOWrapper(raw, encoding="cp437", write_through=True), color_system=None, width=100)
    print_report(document(), console)
    assert re.search(rb"x +tcp", raw.getvalue())


def test_quiet_prints_nothing_when_healthy() -> None:
    out = io.StringIO()
    healthy = document(verdict=Verdict("healthy", None, None, "fine"), findings=())
    print_report(healthy, Console(file=out), quiet=True)
    assert out.getvalue() == ""
    print_report(document(), Console(file=out), quiet=True)
    assert "does not answer" in out.getvalue()


def test_junit_has_one_case_a_check_and_failures_only_for_what_failed() -> None:
    suite = ET.fromstring(render(document(), "junit")).find("testsuite")
    assert suite is not None
    cases = suite.findall("testcase")
    assert len(cases) == len(STAGES) == int(suite.get("tests", 0))
    failed = [case for case in cases if case.find("failure") is not None]
    assert [case.get("name") for case in failed] == ["tcp.connect"]
    message = failed[0].find("failure")
    assert message is not None
    assert message.get("message", "").startswith("tcp.syn_dropped: 10.0.0.7:443")
    assert len({case.get("name") for case in cases}) == len(cases)


def test_a_peers_text_stays_text() -> None:
    assert "&lt;b&gt;SYNs&lt;/b&gt;" in render(document(), "html")
    assert r"\<b\>SYNs" in render(document(), "markdown")
    assert r"\| pipe" in render(document(), "markdown")


@given(st.text())
def test_any_text_of_a_peer_can_be_rendered_in_every_format(text: str) -> None:
    odd = document(findings=(replace(FINDING, title=text, because=(text,)),))
    for kind in FORMATS:
        rendered = render(odd, kind)
        if kind == "junit":
            ET.fromstring(rendered)
        if kind == "json":
            assert json.loads(rendered)["findings"][0]["title"] == text


def test_the_suffix_says_the_format() -> None:
    assert [format_of(PurePath(f"r{suffix}")) for suffix in (".json", ".xml", ".md", ".html", ".TXT")] == [
        "json",
        "junit",
        "markdown",
        "html",
        "text",
    ]
    with pytest.raises(ValueError, match=r"r\.docx: the suffix says no format"):
        format_of(PurePath("r.docx"))

"""The report as JUnit XML, for CI systems: one test case a check.

A check that failed is a ``failure``, one that could not be run an ``error``, one that was not reached ``skipped``.
"""

from __future__ import annotations

import re
from typing import Any
from xml.etree import ElementTree as ET

from ayx_diagnostics.report.plain_text import visible

__all__ = ["junit_xml", "render"]

#: What XML 1.0 cannot hold, not even escaped (section 2.2).
_UNPRINTABLE = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def _clean(text: str) -> str:
    return _UNPRINTABLE.sub("\N{REPLACEMENT CHARACTER}", visible(text.replace("\r\n", "\n")))


def _details(finding: dict[str, Any]) -> str:
    lines = [finding["title"]]
    lines += [f"because: {reason}" for reason in finding["because"]]
    lines += [f"ruled out: {reason}" for reason in finding["ruled_out"]]
    lines += [f"fix ({step['owner']}): {step['step']}" for step in finding["fix"]]
    return "\n".join([*lines, finding["docs"]])


def junit_xml(name: str, started_at: str, duration_s: float, cases: list[dict[str, Any]]) -> str:
    """Return one test suite.

    Args:
        name: Name of the suite.
        started_at: RFC 3339 time of its start.
        duration_s: How long it took, in seconds.
        cases: {``classname``, ``name``, ``duration_s``, ``status`` (pass | warn | fail | skip | error), ``message``,
            ``details``}; names must differ within a class, since CI systems drop repeated ones.
    """
    tags = (("failures", "fail"), ("errors", "error"), ("skipped", "skip"))
    counts = {tag: str(sum(case["status"] == status for case in cases)) for tag, status in tags}
    suites = ET.Element("testsuites", {"name": "ayxctl", "tests": str(len(cases)), **counts})
    head = {
        "name": _clean(name),
        "timestamp": _clean(started_at),
        "time": f"{duration_s:.3f}",
        "tests": str(len(cases)),
    }
    suite = ET.SubElement(suites, "testsuite", {**head, **counts})
    for case in cases:
        element = ET.SubElement(
            suite,
            "testcase",
            classname=_clean(case["classname"]),
            name=_clean(case["name"]),
            time=f"{case['duration_s']:.3f}",
        )
        tag = {"fail": "failure", "error": "error", "skip": "skipped"}.get(case["status"])
        if tag:
            ET.SubElement(element, tag, message=_clean(case["message"])).text = _clean(case["details"])
        else:
            ET.SubElement(element, "system-out").text = _clean("\n".join((case["message"], case["details"])).strip())
    ET.indent(suites)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + ET.tostring(suites, encoding="unicode") + "\n"


def render(document: dict[str, Any]) -> str:
    """Return the report as one test suite; the first finding of a stage explains its check."""
    cases = []
    for check in document["checks"]:
        findings = [finding for finding in document["findings"] if finding["stage"] == check["stage"]]
        first = findings[0] if findings else None
        cases.append(
            {
                "classname": f"ayxctl.diagnose.{check['stage']}",
                "name": check["id"],
                "duration_s": check["duration_s"],
                "status": check["status"],
                "message": f"{first['code']}: {first['title']}" if first else check["summary"],
                "details": "\n\n".join(_details(finding) for finding in findings),
            }
        )
    name = f"ayxctl diagnose {document['target']['web_api_address'] or document['target']['given']}"
    origin = document["target"].get("address_origin")
    name += f" (address from {origin})" if origin else ""
    return junit_xml(name, document["started_at"], document["duration_s"], cases)

"""The Markdown report: its order, what a reviewer reads in it, and that nothing in a document becomes markup."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from ayx_spec.diff import RULES, Comparison
from ayx_spec.diff.reports import as_markdown, as_text
from ayx_spec.diff.reports.advice import advice
from ayx_spec.diff.surface import SurfaceChange
from ayx_spec.diff.usage import read_code, with_usage

Data = dict[str, Any]
Diff = Callable[[Data, Data], Comparison]


@pytest.fixture
def upgraded(api: Data) -> Data:
    new = copy.deepcopy(api)
    new["paths"]["/v3/users"]["get"]["parameters"][0]["required"] = True
    new["paths"]["/v3/users"]["get"]["deprecated"] = True
    new["definitions"]["User"]["properties"]["email"] = {"type": "string"}
    new["paths"]["/v3/users/{id}"]["get"]["produces"] = ["application/json", "text/xml"]
    del new["paths"]["/v3/users/{id}"]["delete"]
    return new


def test_the_order_is_that_of_interest(api: Data, upgraded: Data, diff: Diff, tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text(
        "from ayx_client.api.users import get_users\nget_users.sync(client=c)", encoding="utf-8"
    )
    comparison = with_usage(diff(api, upgraded), read_code(tmp_path))
    surface = (SurfaceChange("ayx_client.api.users.get_users", "Parameter kind was changed"),)
    report = as_markdown(comparison, surface, with_code=True)

    headings = re.findall(r"^#+ .*$", report, re.MULTILINE)
    assert headings == [
        "# What the upgrade changes",
        "## Your code",
        "## Breaking",
        "### Users",
        "## Needs attention",
        "## New",
        "## Python names",
        "## Conversion notes",
        "## Unchanged",
    ]
    assert re.search(r"^Made with .*openapi-python-client \d.*, ruff \d", report, re.MULTILINE)
    assert "**2 breaking, 1 needs attention, 2 new**" in report
    assert f"Used at `{tmp_path.as_posix()}/a.py:2`." in report
    assert "  - users.get_users(*, role: enum = …," in report
    assert "  + users.get_users(*, role: enum," in report
    assert "Pass it in every call." in report
    assert "- Add `email` of `User` (`string`)" in report
    assert "Unchanged: 3 operations, 5 models." in report


def test_what_is_not_used_is_not_in_your_code(api: Data, upgraded: Data, diff: Diff, tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("print('hello')", encoding="utf-8")
    comparison = with_usage(diff(api, upgraded), read_code(tmp_path))

    assert "Nothing that your code uses breaks or needs attention." in as_markdown(comparison, with_code=True)
    assert "nothing that it uses breaks or needs attention" in as_text(comparison, with_code=True)


def test_nothing_that_a_document_says_becomes_markup(api: Data, diff: Diff) -> None:
    evil = "x`</td> | <script>alert(1)</script>\n# Heading [a](javascript:b)"
    new = copy.deepcopy(api)
    new["info"]["title"] = evil
    new["definitions"][evil] = {"type": "object", "properties": {"a": {"type": "string"}}}
    new["paths"]["/v3/users"]["get"]["tags"] = [evil]
    new["paths"]["/v3/users"]["get"]["operationId"] = evil
    new["definitions"]["User"]["properties"]["role"]["enum"] = [evil]
    report = as_markdown(diff(api, new))

    for line in report.splitlines():
        outside = re.sub(r"`[^`]*`", "", line)
        assert "<script>" not in outside, line
        assert not re.search(r"(?<!\\)\]\(", outside), line
        assert re.sub(r"\\`", "", line).count("`") % 2 == 0 or "```" in line, line
    assert "# Heading" not in [line.strip() for line in report.splitlines()]


def test_a_report_of_many_changes_fits_a_pull_request(api: Data, diff: Diff) -> None:
    new = copy.deepcopy(api)
    for index in range(800):
        new["definitions"][f"Model{index}"] = {"properties": {"a": {"type": "string"}}}
        api["definitions"][f"Former{index}"] = {"properties": {f"b{index}": {"type": "string"}}}
        api["paths"][f"/v3/gone/{index}"] = {"get": {"operationId": f"Gone_{index}", "responses": {}}}
    report = as_markdown(diff(api, new))

    assert len(report) < 65_536
    assert re.search(r"- … and \d+ more: `ayxctl spec diff --format json` lists them all", report)


def test_every_rule_that_is_not_harmless_says_what_to_do(api: Data, upgraded: Data, diff: Diff) -> None:
    change = diff(api, upgraded).changes[0]
    only = {"parameter": slice(0, 1), "body": slice(0, 1), "response": slice(1, 2)}  # requests, answers
    harmful = [
        rule
        for rule, verdicts in RULES.items()
        if any(one.level != "addition" for one in verdicts[only.get(rule.partition(".")[0], slice(2))])
    ]

    assert [rule for rule in harmful if not advice(replace(change, rule=rule, kind=rule.partition(":")[0]))] == []

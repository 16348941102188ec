"""The report as Markdown, for tickets, chats and CI job summaries."""

from __future__ import annotations

from typing import Any

from ayx_diagnostics.report.markdown_text import code, markdown

__all__ = ["render"]

_MARKS = {"pass": "✅", "warn": "⚠️", "fail": "❌", "skip": "\N{HEAVY MINUS SIGN}", "error": "☠️"}
_OWNERS = {"you": "You", "network": "Network team", "server": "Server administrator"}


def _finding(finding: dict[str, Any]) -> list[str]:
    lines = [f"## {markdown(finding['title'])}", ""]
    lines.append(
        f"{code(finding['code'])}, {finding['severity']}, {finding['confidence']}. More: {code(finding['docs'])}"
    )
    for heading, key in (("Because", "because"), ("Ruled out", "ruled_out")):
        if finding[key]:
            lines += ["", f"**{heading}**", "", *(f"- {markdown(reason)}" for reason in finding[key])]
    if finding["fix"]:
        lines += ["", "**Fix**", ""]
        lines += [f"- {_OWNERS[step['owner']]}: {markdown(step['step'])}" for step in finding["fix"]]
    return [*lines, ""]


def render(document: dict[str, Any]) -> str:
    """Return the report as GitHub-flavoured Markdown: the verdict, the checks as a table, then each finding."""
    verdict, target, tool = document["verdict"], document["target"], document["tool"]
    lines = [
        f"# {markdown(target['web_api_address'] or target['given'])}: {verdict['status']}",
        "",
        markdown(verdict["sentence"]),
        "",
        "| | stage | |",
        "|---|---|---|",
    ]
    lines += [
        f"| {_MARKS[check['status']]} | {check['stage']} | {markdown(check['summary'])} |"
        for check in document["checks"]
    ]
    lines += ["", f"Address from {markdown(target['address_origin'])}.", ""] if target.get("address_origin") else [""]
    for finding in document["findings"]:
        lines += _finding(finding)
    made_by = f"{tool['name']} {tool['version']}, Python {tool['python']}, {tool['openssl']}"
    lines.append(markdown(f"{made_by}; {document['started_at']}, {document['duration_s']:.1f} s"))
    return "\n".join(lines) + "\n"

"""The report as Markdown, for tickets, chats and CI job summaries."""

from __future__ import annotations

import re
from typing import Any

from ayx_diagnostics.plain_text import visible

__all__ = ["render"]

_MARKS = {"pass": "✅", "warn": "⚠️", "fail": "❌", "skip": "\N{HEAVY MINUS SIGN}", "error": "☠️"}
_OWNERS = {"you": "You", "network": "Network team", "server": "Server administrator"}

#: Characters that mean something in Markdown; a peer's text must stay text.
_SPECIAL = re.compile(r"([\\`*_\[\]<>|#])")


def _escape(text: str) -> str:
    return _SPECIAL.sub(r"\\\1", " ".join(visible(text).split()))


def _finding(finding: dict[str, Any]) -> list[str]:
    lines = [f"## {_escape(finding['title'])}", ""]
    lines.append(f"`{finding['code']}`, {finding['severity']}, {finding['confidence']}. More: `{finding['docs']}`")
    for heading, key in (("Because", "because"), ("Ruled out", "ruled_out")):
        if finding[key]:
            lines += ["", f"**{heading}**", "", *(f"- {_escape(reason)}" for reason in finding[key])]
    if finding["fix"]:
        lines += ["", "**Fix**", ""]
        lines += [f"- {_OWNERS[step['owner']]}: {_escape(step['step'])}" for step in finding["fix"]]
    return [*lines, ""]


def render(document: dict[str, Any]) -> str:
    """Return the report as GitHub-flavoured Markdown: the verdict, the checks as a table, then each finding."""
    verdict, target, tool = document["verdict"], document["target"], document["tool"]
    lines = [
        f"# {_escape(target['web_api_address'] or target['given'])}: {verdict['status']}",
        "",
        _escape(verdict["sentence"]),
        "",
        "| | stage | |",
        "|---|---|---|",
    ]
    lines += [
        f"| {_MARKS[check['status']]} | {check['stage']} | {_escape(check['summary'])} |"
        for check in document["checks"]
    ]
    lines += ["", f"Address from {_escape(target['address_origin'])}.", ""] if target.get("address_origin") else [""]
    for finding in document["findings"]:
        lines += _finding(finding)
    lines.append(
        f"{tool['name']} {tool['version']}, Python {tool['python']}, {tool['openssl']}; "
        f"{document['started_at']}, {document['duration_s']:.1f} s"
    )
    return "\n".join(lines) + "\n"

"""The report for people at a terminal: one line a stage, then the cause, its evidence and who changes what."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from typing import IO, Any

from ayx_connection.redaction import map_text
from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

from ayx_diagnostics.report.plain_text import one_line, visible

__all__ = ["print_report", "render"]

#: status -> (mark, its ASCII stand-in, style)
_MARKS = {
    "pass": ("✓", "ok", "green"),
    "warn": ("!", "!", "yellow"),
    "fail": ("✗", "x", "bold red"),
    "skip": ("\N{EN DASH}", "-", "dim"),
    "error": ("☠", "E", "bold red"),
}
_STATUS_STYLE = {"healthy": "bold green", "degraded": "bold yellow", "broken": "bold red", "unknown": "bold yellow"}
_SEVERITY_STYLE = {"error": "bold red", "warning": "bold yellow", "info": "bold"}
_HEADING = {"error": "Cause", "warning": "Warning", "info": "Note"}
_CONFIDENCE = {"certain": "certain", "likely": "very likely", "possible": "possible"}
_OWNERS = {"you": "you", "network": "network team", "server": "Server admin"}
_PLAIN_WIDTH = 100


def _checks(document: dict[str, Any], *, unicode: bool) -> RenderableType:
    grid = Table.grid(padding=(0, 1))
    grid.add_column(no_wrap=True)
    grid.add_column(no_wrap=True)
    grid.add_column(overflow="fold")
    for check in document["checks"]:
        mark, plain, style = _MARKS[check["status"]]
        quiet = "dim" if check["status"] == "skip" else ""
        grid.add_row(
            Text(f"  {mark if unicode else plain}", style), Text(check["stage"], quiet), Text(check["summary"], quiet)
        )
    return grid


def _finding(finding: dict[str, Any]) -> Iterator[RenderableType]:
    head = Text()
    head.append(f"{_HEADING[finding['severity']]}", _SEVERITY_STYLE[finding["severity"]])
    head.append(f" ({_CONFIDENCE[finding['confidence']]})  ", "dim")
    head.append(finding["title"], "bold")
    yield head
    grid = Table.grid(padding=(0, 2))
    grid.add_column(no_wrap=True, style="dim", min_width=14)
    grid.add_column(overflow="fold")
    rows = [("because", reason) for reason in finding["because"]]
    rows += [("ruled out", reason) for reason in finding["ruled_out"]]
    rows += [(f"fix: {_OWNERS[step['owner']]}", step["step"]) for step in finding["fix"]]
    rows.append(("read more", finding["docs"]))
    previous = ""
    for label, sentence in rows:
        grid.add_row(Text("  " + (label if label != previous else "")), Text(sentence))
        previous = label
    yield grid


def _observations(document: dict[str, Any]) -> Iterator[RenderableType]:
    yield Text("Observations", "bold")
    for seen in document["observations"]:
        yield Text(
            f"  {seen['id']:>3}  {seen['started_s']:7.3f} s  +{seen['duration_s']:.3f} s  "
            f"{seen['stage']} {seen['operation']} {seen['target']}: {seen['outcome']}"
        )
        yield Text(f"       {json.dumps(seen['evidence'], ensure_ascii=False)}", "dim")


def print_report(document: dict[str, Any], console: Console, *, verbose: bool = False, quiet: bool = False) -> None:
    """Print the report.

    Args:
        document: A report's JSON document.
        console: Where to; its encoding decides whether marks are Unicode, its settings whether there is colour.
        verbose: Whether to list every observation too.
        quiet: Whether a healthy run prints nothing, and any other only its findings and verdict.
    """
    document = _harmless(document)
    verdict, target = document["verdict"], document["target"]
    if quiet and verdict["status"] == "healthy":
        return
    if not quiet:
        route = "through a proxy" if target["route"] == "proxy" else "directly"
        head = Text(target["web_api_address"] or repr(target["given"]), "bold")
        head.append(f"   {route}   {document['duration_s']:.1f} s", "dim")
        console.print(head)
        if target["web_api_address"] and target["given"] != target["web_api_address"]:
            console.print(Text(f"given as {target['given']}", "dim"))
        if target.get("address_origin"):
            console.print(Text(f"address from {target['address_origin']}", "dim"))
        console.print()
        console.print(_checks(document, unicode=_can_draw(console)))
    for finding in document["findings"]:
        console.print()
        for part in _finding(finding):
            console.print(part)
    if verbose:
        console.print()
        for part in _observations(document):
            console.print(part)
    console.print()
    last = Text(verdict["status"].capitalize(), _STATUS_STYLE[verdict["status"]])
    last.append(f": {verdict['sentence']}" + (f" [{verdict['code']}]" if verdict["code"] else ""))
    console.print(last)


def _harmless(document: dict[str, Any]) -> dict[str, Any]:
    """Return the document as a terminal may show it; a saved report may come from anywhere, so this looks again."""
    sentences = {key: map_text(value, one_line) for key, value in document.items() if key != "observations"}
    return {**sentences, "observations": map_text(document["observations"], visible)}


def _can_draw(console: Console) -> bool:
    """Whether the console's encoding holds the marks; Windows service accounts often have a legacy code page."""
    try:
        "".join(mark for mark, _, _ in _MARKS.values()).encode(console.encoding)
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def render(document: dict[str, Any], *, verbose: bool = False) -> str:
    """Return the report as plain text of at most 100 columns."""
    text = io.StringIO()
    stream: IO[str] = text
    print_report(
        document, Console(file=stream, width=_PLAIN_WIDTH, color_system=None, highlight=False), verbose=verbose
    )
    return "\n".join(line.rstrip() for line in text.getvalue().splitlines()) + "\n"

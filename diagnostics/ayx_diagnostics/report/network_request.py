"""What to write to the network team: a request that can be sent as it is, made from a saved report.

A pure function of the report's JSON document. The people who change a firewall or a proxy ask for the same things
every time: from where, to where, which port, when it was tried (for their log), and how they can see that it works.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ayx_connection.redaction import Redactor

from ayx_diagnostics.report.formats import FORMAT_BY_NAME, RequestFormat
from ayx_diagnostics.report.markdown_text import markdown
from ayx_diagnostics.report.network_request_facts import THIS_MACHINE, Case
from ayx_diagnostics.report.plain_text import one_line
from ayx_diagnostics.report.safe_output import safe_output
from ayx_diagnostics.stand_ins import STAND_IN

__all__ = ["NotTheNetwork", "Request", "prepare", "render"]

#: Faults on the machine itself: whatever they suggest to the network, nobody there can see them.
_OF_THIS_MACHINE = ("config", "local")
_OWNERS = {"you": "you, who run the script", "server": "the Server's administrator"}
_UNKNOWN_SOURCE = 'the report does not hold this machine\'s address: put it in place of "this machine" before sending'
_ANONYMOUS = (
    "names and addresses such as host-1 and address-1 are stand-ins: put the real ones in their place before sending"
)


@dataclass(frozen=True, slots=True)
class Request:
    """A request to the network team.

    Attributes:
        subject: What is asked, in one line.
        situation: What does not work, in a sentence or two.
        asked: What they are asked to do, one step each.
        facts: Label and value: source, destinations, port, protocol, name, proxy, time.
        evidence: What was seen, one sentence each.
        ruled_out: What it is not, one sentence each.
        attempts: What was tried, each with its time in UTC, for a search in a log.
        checks: What it shows, and the command that shows it.
        origin: Which program and which conclusion this rests on.
        notes: What whoever sends it has to know first; not part of the text.
    """

    subject: str
    situation: str
    asked: tuple[str, ...]
    facts: tuple[tuple[str, str], ...]
    evidence: tuple[str, ...]
    ruled_out: tuple[str, ...]
    attempts: tuple[str, ...]
    checks: tuple[tuple[str, str], ...]
    origin: str
    notes: tuple[str, ...] = ()


class NotTheNetwork(Exception):  # noqa: N818  # an answer, not an error: it says whose task it is instead
    """The report's cause is not the network's.

    Args:
        sentence: One line that says so, and for whom it is instead.
        steps: What those have to do, each with its owner.
    """

    def __init__(self, sentence: str, steps: tuple[str, ...] = ()) -> None:
        super().__init__(one_line(sentence))
        self.steps = tuple(one_line(step) for step in steps)


def prepare(document: Mapping[str, Any]) -> Request:
    """Make the request from a report.

    Args:
        document: A report's JSON document as ``serialise.observations_from`` reads it, also an anonymised one.

    Raises:
        NotTheNetwork: Nobody but the script's user or the Server's administrator can mend it, or nothing is broken.
    """
    document = Redactor().json(document)
    finding = _cause(document)
    case = Case(document, finding)
    steps = [_sentence(step["step"]) for step in finding["fix"] if step["owner"] == "network"]
    if len(case.destinations) > 1:
        steps.append("The same for every destination that is listed below.")
    own = [step["step"] for step in finding["fix"] if step["owner"] == "you"]
    notes = [f"you may not need the network team: {step}" for step in own]
    if origin := document["target"].get("address_origin"):
        notes.append(f"the address {case.url} comes from {origin}")
    if case.source == THIS_MACHINE:
        notes.append(_UNKNOWN_SOURCE)
    if any(STAND_IN.search(value) for _, value in case.facts):
        notes.append(_ANONYMOUS)
    return Request(
        subject=_headline(steps[0]) + ("" if case.host in steps[0] else f" ({case.host})"),
        situation=f"A script needs to reach Alteryx Server at {case.url} from {case.source}. "
        + _sentence(finding["title"]),
        asked=tuple(steps),
        facts=tuple(case.facts),
        evidence=tuple(finding["because"]),
        ruled_out=tuple(finding["ruled_out"]),
        attempts=tuple(case.attempts),
        checks=tuple(case.checks),
        origin=f"{document['tool']['name']} {document['tool']['version']}, {finding['code']} ({finding['confidence']})",
        notes=tuple(notes),
    )


def _cause(document: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the finding that the verdict rests on, if the network team can do something about it."""
    code, sentence = document["verdict"]["code"], document["verdict"]["sentence"]
    finding: Mapping[str, Any] | None = next((item for item in document["findings"] if item["code"] == code), None)
    if finding is None:
        raise NotTheNetwork(f"nothing to ask the network team for: {sentence}")
    if finding["stage"] not in _OF_THIS_MACHINE and any(step["owner"] == "network" for step in finding["fix"]):
        return finding
    owners = dict.fromkeys(step["owner"] for step in finding["fix"] if step["owner"] in _OWNERS)
    whose = " and ".join(_OWNERS[owner] for owner in owners) or _OWNERS["you"]
    raise NotTheNetwork(
        f"not the network's [{code}]: {sentence}; this is for {whose}",
        tuple(f"{_OWNERS[step['owner']]}: {step['step']}" for step in finding["fix"] if step["owner"] in _OWNERS),
    )


def _sentence(words: str) -> str:
    """Return a step or a title as a sentence of its own; a step may begin with "or" where it is an alternative."""
    words = words.removeprefix("or ").strip()
    first = words.partition(" ")[0]
    if first.isalpha():  # a URL or a host name keeps its spelling
        words = first.capitalize() + words[len(first) :] if first.islower() else words
    return words + ("" if words.endswith((".", "!", "?")) else ".")


def _headline(step: str) -> str:
    """Return the first half of a step; a semicolon within parentheses parts nothing."""
    head = step.partition("; ")[0]
    return (head if head.count("(") == head.count(")") else step).rstrip(".")


# --- two ways to write it --------------------------------------------------------------------------------------------


def render(request: Request, kind: RequestFormat) -> str:
    """Return the request as text for a mail, or as Markdown for a ticket."""
    return safe_output("\n".join((_markdown if kind == "markdown" else _text)(request)) + "\n", FORMAT_BY_NAME[kind])


def _text(request: Request) -> Iterator[str]:
    yield f"Subject: {one_line(request.subject)}"
    yield ""
    yield one_line(request.situation)
    yield ""
    yield "Please:"
    yield from (f"  {number}. {one_line(step)}" for number, step in enumerate(request.asked, 1))
    yield ""
    width = max(len(label) for label, _ in request.facts)
    yield from (f"  {label:{width}}  {one_line(value)}" for label, value in request.facts)
    for heading, lines in _lists(request):
        yield from ("", f"{heading}:", *(f"  - {one_line(line)}" for line in lines))
    yield from ("", "How to check:")
    for what, command in request.checks:
        yield from (f"  - {what}:", f"      {one_line(command)}")
    yield from ("", f"Found by {one_line(request.origin)}.")


def _markdown(request: Request) -> Iterator[str]:
    yield f"# {markdown(request.subject)}"
    yield ""
    yield markdown(request.situation)
    yield from ("", "**Please**", "")
    yield from (f"{number}. {markdown(step)}" for number, step in enumerate(request.asked, 1))
    yield from ("", "| | |", "|---|---|")
    yield from (f"| {label} | {markdown(value)} |" for label, value in request.facts)
    for heading, lines in _lists(request):
        yield from ("", f"**{heading}**", "", *(f"- {markdown(line)}" for line in lines))
    yield from ("", "**How to check**", "")
    for what, command in request.checks:
        yield from (f"- {what}:", "  ```", f"  {one_line(command)}", "  ```")
    yield from ("", f"Found by {markdown(request.origin)}.")


def _lists(request: Request) -> Iterator[tuple[str, tuple[str, ...]]]:
    for heading, lines in (
        ("What was seen", request.evidence),
        ("What it is not", request.ruled_out),
        ("Attempts, for a search in the log (UTC)", request.attempts),
    ):
        if lines:
            yield heading, lines

"""A page of the catalogue: one entry as sections, whatever is to show them; and how a terminal shows them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from rich.console import Console
from rich.text import Text

from ayx_diagnostics.catalogue import SYSTEMS, WORDS, Entry

__all__ = ["OWNERS", "Item", "Section", "pieces", "sections", "show"]

#: Who has to act, as a page calls them.
OWNERS = {"you": "You", "network": "The network team", "server": "The Server's administrator"}
#: Longer lines are hard to read, however wide the window is.
_WIDEST = 92
_INDENT = 2
_CODE = re.compile(r"`([^`]+)`")
_WORD = re.compile(r"\b[A-Z][A-Z_]*[A-Z]\b")


@dataclass(frozen=True, slots=True)
class Item:
    """One point of a section.

    Attributes:
        text: What it says, with literal things in backticks.
        label: What stands before it: an owner, a system, a code.
        command: A command line to be typed, shown before the text.
        code: The code that the label is, if it is one.
    """

    text: str
    label: str = ""
    command: str = ""
    code: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """One section of a page.

    Attributes:
        heading: Its heading; empty for what begins the page.
        items: Its points, or its one paragraph.
        kind: ``text`` for a paragraph, ``list``, or ``numbered`` where the order counts.
    """

    heading: str
    items: tuple[Item, ...]
    kind: Literal["text", "list", "numbered"] = "list"


def sections(entry: Entry) -> Iterator[Section]:
    """Yield the sections of an entry's page below its title."""
    yield Section("", (Item(entry.meaning),), "text")
    yield Section("How the diagnosis proves it", (Item(entry.evidence),), "text")
    proofs = tuple(Item(proof.shows, SYSTEMS[proof.on], proof.run) for proof in entry.prove)
    yield Section("How to prove it by hand", proofs)
    if legend := _legend(entry):
        yield Section("", (Item(legend),), "text")
    if entry.look_alikes:
        looks = tuple(Item(other.differs, other.code, code=other.code) for other in entry.look_alikes)
        yield Section("What looks alike, and how it differs", looks)
    yield Section("Causes, most likely first", tuple(map(Item, entry.causes)), "numbered")
    yield Section("What to do", tuple(Item(step.step, OWNERS[step.owner]) for step in entry.fix))
    yield Section("How to reproduce it", (Item(entry.reproduce),), "text")
    if entry.docs:
        yield Section("In the vendor's documentation", tuple(map(Item, entry.docs)))
    if entry.see_also:
        yield Section("See also", tuple(Item("", code, code=code) for code in entry.see_also))


def _legend(entry: Entry) -> str:
    """Return what the words in capitals stand for, and what some tools are called elsewhere."""
    commands = " ".join(proof.run for proof in entry.prove)
    used = set(_WORD.findall(f"{entry.sentence} {commands}"))
    parts = [f"{word} is {meaning}" for word, meaning in WORDS.items() if word in used]
    if any("curl" in proof.run for proof in entry.prove if proof.on == "any"):
        parts.append("in PowerShell write `curl.exe` for curl")
    if "openssl" in commands:
        parts.append("openssl is OpenSSL 1.1.1 or later, not the LibreSSL of macOS")
    return "; ".join(parts) + "." if parts else ""


def pieces(text: str) -> Iterator[tuple[bool, str]]:
    """Yield the pieces of a text; the flag says that a piece stood in backticks and is meant literally."""
    for index, piece in enumerate(_CODE.split(text)):
        if piece:
            yield bool(index % 2), piece


def show(entry: Entry, console: Console) -> None:
    """Print the page of an entry. Commands are never broken into lines, so that they can be copied."""
    width = min(console.width, _WIDEST)
    plain = console.color_system is None

    def paragraph(text: Text, indent: int = 0, hanging: str = "") -> None:
        room = max(width - indent - len(hanging), 20)
        for number, line in enumerate(text.wrap(console, room)):
            line.rstrip()
            before = hanging if number == 0 else " " * len(hanging)
            console.print(Text(" " * indent + before) + line, soft_wrap=True)

    console.print(Text(entry.code, "bold"))
    paragraph(_styled(entry.sentence, plain, "bold"))
    console.print(Text(f"Stage {entry.stage}, usually {_A[entry.severity]}", "dim"))
    for section in sections(entry):
        console.print()
        if section.heading:
            console.print(Text(section.heading, "bold underline" if not plain else ""))
            if plain:
                console.print("-" * len(section.heading))
        for number, item in enumerate(section.items, 1):
            if section.kind == "text":
                paragraph(_styled(item.text, plain))
                continue
            bullet = f"{number}. " if section.kind == "numbered" else "- "
            if item.command:
                paragraph(Text(f"{item.label}:"), 0, bullet)
                console.print(Text(" " * 2 * _INDENT) + Text(item.command, "cyan"), soft_wrap=True)
                paragraph(_styled(f"shows: {item.text}", plain), 2 * _INDENT)
            else:
                label = f"{item.label}{': ' if item.text else ''}" if item.label else ""
                paragraph(Text.assemble((label, "bold"), _styled(item.text, plain)), 0, bullet)


_A = {"error": "an error", "warning": "a warning", "info": "only worth knowing"}


def _styled(text: str, plain: bool, style: str = "") -> Text:
    """Return a text whose literal pieces are coloured, or keep their backticks where there is no colour."""
    made = Text(style=style)
    for literal, piece in pieces(text):
        made.append(f"`{piece}`" if literal and plain else piece, "cyan" if literal else "")
    return made

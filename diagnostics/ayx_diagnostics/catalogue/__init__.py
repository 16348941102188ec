"""The catalogue: what every code means, how it is told from its look-alikes, and who can fix it.

The texts lie beside this module, one TOML file a stage, one table a code. A title may hold the placeholders of
``PLACEHOLDERS``; a rule fills in the names of the case, the page shows the words that stand for them.
"""

from __future__ import annotations

import textwrap
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from ayx_diagnostics.model import STAGES, FixStep, Severity, Stage

__all__ = ["PLACEHOLDERS", "Entry", "entries", "entry", "page"]

_HERE = Path(__file__).parent
_WIDTH = 100

#: What a title may name, and the words that stand for it where there is no case.
PLACEHOLDERS: Mapping[str, str] = {
    "host": "the Server's name",  # host name or address of the Server
    "address": "the Server's address",  # IP address and port that was tried
    "proxy": "the proxy",  # proxy URL without password
    "setting": "a setting",  # name of the setting or variable
    "url": "the address",  # a URL that was asked
    "status": "an error status",  # HTTP status code
}


@dataclass(frozen=True, slots=True)
class Entry:
    """One code of the catalogue.

    Attributes:
        code: ``stage.reason``; never renamed.
        title: One short sentence, with ``PLACEHOLDERS``.
        severity: Of a finding with this code, unless the rule knows better.
        meaning: What it is, in plain words.
        evidence: How it is proven, and what tells it from its look-alikes.
        causes: Most likely first.
        fix: What to change, and who has to.
        reproduce: How to bring it about.
        see_also: Codes that look alike or go together.
    """

    code: str
    title: str
    severity: Severity
    meaning: str
    evidence: str
    causes: tuple[str, ...]
    fix: tuple[FixStep, ...]
    reproduce: str
    see_also: tuple[str, ...] = ()

    @property
    def stage(self) -> Stage:
        """The stage that the code belongs to."""
        return self.code.partition(".")[0]  # type: ignore[return-value]  # the loader reads one file a stage

    def title_for(self, names: Mapping[str, str]) -> str:
        """Return the title with the names of a case; words stand in for a name that is not known."""
        known = {name: names.get(name) or words for name, words in PLACEHOLDERS.items()}
        return self.title.format_map(known)


def entries() -> tuple[Entry, ...]:
    """Return every entry, stage by stage in the order of the catalogue."""
    return tuple(found for stage in STAGES for found in _stage(stage).values())


def entry(code: str) -> Entry:
    """Return the entry of a code; only the file of its stage is read.

    Raises:
        KeyError: The catalogue has no such code.
    """
    stage = code.partition(".")[0]
    if stage not in STAGES:
        raise KeyError(code)
    return _stage(stage)[code]


def page(code: str) -> str:
    """Return the page of a code as Markdown that reads well in a terminal.

    Raises:
        KeyError: The catalogue has no such code.
    """
    found = entry(code)
    parts = [
        f"# {found.code}",
        _filled(f"{found.title_for({})[:1].upper()}{found.title_for({})[1:]}."),
        _filled(found.meaning),
        f"## How it is proven\n\n{_filled(found.evidence)}",
        "## Likely causes\n\n" + "\n".join(_item(cause) for cause in found.causes),
        "## What to do\n\n" + "\n".join(_item(f"{step.owner}: {step.step}") for step in found.fix),
        f"## To reproduce\n\n{_filled(found.reproduce)}",
    ]
    if found.see_also:
        parts.append(_filled("See also: " + ", ".join(found.see_also)))
    parts.append(f"Usual severity: {found.severity}")
    return "\n\n".join(parts) + "\n"


@cache
def _stage(stage: str) -> Mapping[str, Entry]:
    tables = tomllib.loads((_HERE / f"{stage}.toml").read_text(encoding="utf-8"))
    return {f"{stage}.{reason}": _read(f"{stage}.{reason}", table) for reason, table in tables.items()}


def _read(code: str, table: Mapping[str, Any]) -> Entry:
    return Entry(
        code=code,
        title=table["title"],
        severity=table["severity"],
        meaning=table["meaning"].strip(),
        evidence=table["evidence"].strip(),
        causes=tuple(table["causes"]),
        fix=tuple(FixStep(step["owner"], step["step"]) for step in table["fix"]),
        reproduce=table["reproduce"],
        see_also=tuple(table.get("see_also", ())),
    )


def _filled(paragraph: str) -> str:
    return textwrap.fill(" ".join(paragraph.split()), _WIDTH, break_long_words=False, break_on_hyphens=False)


def _item(line: str) -> str:
    return textwrap.fill(
        line,
        _WIDTH,
        initial_indent="- ",
        subsequent_indent="  ",
        break_long_words=False,
        break_on_hyphens=False,
    )

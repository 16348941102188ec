"""The nouns of the catalogue: an entry, and what it is made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

from ayx_diagnostics.model import STAGES, FixStep, Severity, Stage

__all__ = ["PLACEHOLDERS", "Entry", "LetsSee", "LookAlike", "Proof", "Visible", "stage_of"]

Visible = Literal["always", "unverified"]
LetsSee = Literal["unverified", "network"]

#: What a title may name, and the words that stand for it where a rule does not know it.
PLACEHOLDERS: Mapping[str, str] = {
    "host": "the Server's name",  # host name or address of the Server
    "address": "the Server's address",  # IP address and port that was tried
    "proxy": "the proxy",  # proxy URL without password
    "setting": "a setting",  # name of the setting or variable
    "url": "the address",  # a URL that was asked
    "status": "an error status",  # HTTP status code
}
#: Stages whose titles are about the host's name, and how titles of others say that theirs are.
_NAMES, _NAMED = ("config", "dns"), "the name {host}"
#: How a page, which has no case, writes them; most of them are ``WORDS``.
_ON_A_PAGE = {
    "host": "HOST",
    "address": "ADDRESS",
    "proxy": "the proxy",
    "setting": "a setting",
    "url": "URL",
    "status": "5xx",
}


def stage_of(code: str) -> Stage:
    """Return the stage that a code belongs to.

    Raises:
        KeyError: There is no such stage.
    """
    for stage in STAGES:
        if code.startswith(f"{stage}."):
            return stage
    raise KeyError(code)


@dataclass(frozen=True, slots=True)
class Proof:
    """A command that shows whether it is this failure.

    Attributes:
        on: A key of ``SYSTEMS``.
        run: The command line.
        shows: What it shows if this is the failure.
    """

    on: str
    run: str
    shows: str


@dataclass(frozen=True, slots=True)
class LookAlike:
    """Another failure that shows the same or much the same.

    Attributes:
        code: Its code.
        differs: What is different about it.
    """

    code: str
    differs: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One code of the catalogue.

    Attributes:
        code: ``stage.reason``; never renamed.
        title: One short sentence, with ``PLACEHOLDERS``.
        severity: Of a finding with this code, unless the rule knows better.
        meaning: What it is, in plain words.
        evidence: What proves it to the diagnosis.
        causes: Most likely first.
        fix: What to change, and who has to.
        reproduce: How to bring it about.
        prove: Commands that a person can run.
        look_alikes: What shows the same, and how it differs.
        see_also: Further codes that go together with this one.
        docs: Titles of the vendor's pages.
        proven_at: How far a request has to get until the diagnosis can tell.
        visible: Where an error is seen although an earlier one is there: ``always``, as it follows from the settings
            or from this machine alone, or over an ``unverified`` connection as well.
        lets_see: What an error with this code leaves to be seen: an ``unverified`` connection, or the ``network``.
        excused_by: Codes of findings beside which this one is none: the client's way does not lead there.
        without_sender: What looks the same on a system that does not tell who sent a refusal.
        unusable_input: Whether it is a mistake in what the user gave, though the stage is not ``config``.
        not_concluded: Why no rule concludes it; empty where one does.
    """

    code: str
    title: str
    severity: Severity
    meaning: str
    evidence: str
    causes: tuple[str, ...]
    fix: tuple[FixStep, ...]
    reproduce: str
    prove: tuple[Proof, ...]
    look_alikes: tuple[LookAlike, ...]
    see_also: tuple[str, ...]
    docs: tuple[str, ...]
    proven_at: Stage
    visible: Visible | None
    lets_see: LetsSee | None
    excused_by: tuple[str, ...]
    without_sender: LookAlike | None
    unusable_input: bool
    not_concluded: str

    @property
    def stage(self) -> Stage:
        """The stage that the code belongs to."""
        return stage_of(self.code)

    @property
    def sentence(self) -> str:
        """The title as a sentence for everybody, with ``WORDS`` for the names of a case."""
        title = self.title_for(_ON_A_PAGE)
        return f"{title[:1].upper()}{title[1:]}."

    @property
    def general_title(self) -> str:
        """The title for a case of which nothing is known: of the Server, or of its name where that matters."""
        about_the_name = self.stage in _NAMES or _NAMED in self.title
        general = replace(self, title=self.title.replace(_NAMED, "{host}").replace(" (status {status})", ""))
        return general.title_for({} if about_the_name else {"host": "the Server"})

    def title_for(self, names: Mapping[str, str]) -> str:
        """Return the title with the names of a case; words stand in for a name that is not known."""
        known = {name: names.get(name) or words for name, words in PLACEHOLDERS.items()}
        return self.title.format_map(known)

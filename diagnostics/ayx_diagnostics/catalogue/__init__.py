"""The catalogue: what every code means, how it is told from its look-alikes, and who can fix it.

The texts lie beside this module, one TOML file a stage, one table a code. It is the one source of the findings' titles,
of ``ayxctl explain CODE`` and of the documentation site (``make docs``). A table has these keys, all of them required
but the last two:

``title``        One short sentence without its full stop. It may hold placeholders (``PLACEHOLDERS``), for which a rule
                 fills in the names of the case.
``severity``     ``error``, ``warning`` or ``info``: of a finding with this code, unless the rule knows better.
``meaning``      What it is, in plain words; at least two sentences.
``evidence``     What proves it to the diagnosis.
``causes``       List of texts, most likely first.
``fix``          List of ``{owner, step}``; ``owner`` is ``you``, ``network`` or ``server``.
``reproduce``    How to bring it about.
``prove``        List of ``{on, run, shows}``: the system (``SYSTEMS``), a command that a person can run there, and what
                 it shows if this is the failure. Words in capitals (``WORDS``) stand for the reader's own;
                 ``run`` may be the name of a command that several entries share.
``look_alikes``  List of ``{code, differs}``: another code that shows the same or much the same, and what is different
                 about it.
``see_also``     List of codes that go together; those among the look-alikes need not be repeated.
``docs``         List of keys of ``VENDOR_PAGES``: where the vendor writes about it.

Texts are ASCII, so that every console can show them; what is to be typed or read literally stands in backticks.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from ayx_diagnostics.model import STAGES, FixStep, Severity, Stage

__all__ = [
    "PLACEHOLDERS",
    "SYSTEMS",
    "VENDOR_PAGES",
    "WORDS",
    "Entry",
    "LookAlike",
    "Proof",
    "entries",
    "entry",
]

_HERE = Path(__file__).parent

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

#: Which systems a command is for, and how a page calls them.
SYSTEMS: Mapping[str, str] = {
    "any": "Anywhere",
    "windows": "Windows, in PowerShell",
    "posix": "Linux and macOS",
    "linux": "Linux",
    "macos": "macOS",
}

#: Words in commands that the reader replaces, and by what.
WORDS: Mapping[str, str] = {
    "HOST": "the Server's name",
    "PORT": "its port, usually 443",
    "ADDRESS": "its IP address",
    "URL": "the whole address in question",
    "PROXY": "host:port of the proxy",
    "PROXY_HOST": "the proxy's host",
    "PROXY_PORT": "the proxy's port",
    "KEY": "the API access key",
    "SECRET": "the API access secret",
    "TOKEN": "an access token",
    "FILE": "the file that the setting names",
    "GATEWAY": "the next router",
    "COMPANY": "a word from the authority's name",
    "PID": "the number of the script's process",
    "SERVERS_OWN_NAME": "the host name of the Server's base address",
    "MY_DOCUMENT": "the document that your client was made from",
    "OLD": "the document that your client was made from",
    "SCRIPTS": "the folder of your scripts",
}

#: Commands that several entries share, for which ``run`` may give the name alone.
_COMMANDS: Mapping[str, str] = {
    "SHOW_CERTIFICATE": (
        "$c = [Net.Sockets.TcpClient]::new('HOST', PORT); "
        "$s = [Net.Security.SslStream]::new($c.GetStream(), $false, {$true}); $s.AuthenticateAsClient('HOST'); "
        "[Security.Cryptography.X509Certificates.X509Certificate2]$s.RemoteCertificate "
        "| Format-List Subject, Issuer, NotBefore, NotAfter, DnsNameList, EnhancedKeyUsageList, Thumbprint"
    ),
}

#: Pages of the vendor's documentation, by title.
VENDOR_PAGES: Mapping[str, str] = {
    "api_overview": "Alteryx Help: Alteryx Server API Overview",
    "api_configuration": "Alteryx Help: Server API Configuration and Authorization",
    "api_v3": "Alteryx Help: Alteryx Server API V3",
    "postman": "Alteryx Help: How to Use Postman",
    "ssl_tls": "Alteryx Help: Configure Server SSL/TLS",
    "best_practices": "Alteryx Help: Security Best Practices, Server Configuration",
    "kb_unauthorized": "Alteryx Community: Knowledge Base article 1002266",
}


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
    see_also: tuple[str, ...] = ()
    docs: tuple[str, ...] = ()

    @property
    def stage(self) -> Stage:
        """The stage that the code belongs to."""
        return self.code.partition(".")[0]  # type: ignore[return-value]  # the loader reads one file a stage

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


@cache
def _stage(stage: str) -> Mapping[str, Entry]:
    tables = tomllib.loads((_HERE / f"{stage}.toml").read_text(encoding="utf-8"))
    return {f"{stage}.{reason}": _read(f"{stage}.{reason}", table) for reason, table in tables.items()}


def _read(code: str, table: Mapping[str, Any]) -> Entry:
    look_alikes = tuple(LookAlike(other["code"], other["differs"]) for other in table["look_alikes"])
    named = {other.code for other in look_alikes}
    return Entry(
        code=code,
        title=table["title"],
        severity=table["severity"],
        meaning=table["meaning"].strip(),
        evidence=table["evidence"].strip(),
        causes=tuple(table["causes"]),
        fix=tuple(FixStep(step["owner"], step["step"]) for step in table["fix"]),
        reproduce=table["reproduce"],
        prove=tuple(
            Proof(proof["on"], _COMMANDS.get(proof["run"], proof["run"]), proof["shows"]) for proof in table["prove"]
        ),
        look_alikes=look_alikes,
        see_also=tuple(other for other in table.get("see_also", ()) if other not in named),
        docs=tuple(VENDOR_PAGES[name] for name in table.get("docs", ())),
    )

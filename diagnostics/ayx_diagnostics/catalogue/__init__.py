"""The catalogue: what every code means, how it is told from its look-alikes, and who can fix it.

The texts lie beside this module, one TOML file a stage, one table a code. It is the one source of the findings' titles,
of ``ayxctl explain CODE`` and of the documentation site (``make docs``). A table has these keys, the last two of
which may be missing:

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

What follows from a code stands with it, where it is not what it mostly is:

``proven_at``       Stage that a request has to get to until the diagnosis can tell; the code's own where it is missing.
``visible``         Where an error is seen although an earlier one is there: ``"always"``, since it follows from the
                    settings or from this machine alone, or ``"unverified"``: over a connection without trust as well.
``lets_see``        What can be seen past an error: ``"unverified"``, where only the certificate was refused, or
                    ``"network"``, where a setting stops a client without hiding what the network does.
``excused_by``      List of codes beside which a finding is none, since the client's way does not lead there.
``without_sender``  ``{code, differs}``: what looks the same where the system does not tell who sent a refusal.
``unusable_input``  true for a mistake in what the user gave (exit code 2), where the stage is not ``config``.
``not_concluded``   Why no rule concludes the code; its page then has the commands that show it.

Texts are ASCII, so that every console can show them; what is to be typed or read literally stands in backticks.
"""

from __future__ import annotations

from ayx_diagnostics.catalogue.entry import PLACEHOLDERS, Entry, LookAlike, Proof, stage_of
from ayx_diagnostics.catalogue.loading import CatalogueError, entries, entry
from ayx_diagnostics.catalogue.words import SYSTEMS, VENDOR_PAGES, WORDS

__all__ = [
    "PLACEHOLDERS",
    "SYSTEMS",
    "VENDOR_PAGES",
    "WORDS",
    "CatalogueError",
    "Entry",
    "LookAlike",
    "Proof",
    "entries",
    "entry",
    "stage_of",
]

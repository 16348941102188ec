"""From chains of exceptions to the symptom and its ranked causes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ayx_diagnostics.explanation.causes import ranked, refined
from ayx_diagnostics.explanation.circumstances import Circumstances
from ayx_diagnostics.explanation.exception_chain import ChainLink
from ayx_diagnostics.explanation.symptom_scanner import Occurrence, Scanner
from ayx_diagnostics.explanation.tables import AMBIGUOUS, SENTENCE, Cause
from ayx_diagnostics.explanation.unrelated import Trade

__all__ = ["Reading", "read"]

_DIGITS = re.compile(r"\d+")


@dataclass(frozen=True, slots=True)
class Reading:
    """What a text says.

    Attributes:
        symptom: What happened to the client.
        causes: What can be behind it, most likely first, one row a code.
        chain: The one that says so.
    """

    symptom: str
    causes: tuple[Cause, ...]
    chain: Sequence[ChainLink]


def read(chains: Sequence[Sequence[ChainLink]]) -> Reading | None:
    """Return what the last chain that says anything says; None if none does.

    Args:
        chains: The last one first, each innermost first.
    """
    scanner = Scanner("\n".join(link.message for chain in chains for link in chain))
    telling = [(chain, shown) for chain in chains if (shown := _shown(chain, scanner))]
    silent: set[tuple[int, tuple[str, ...], str]] = set()
    for least in (SENTENCE, AMBIGUOUS):
        for chain, shown in telling:
            occurrences = [found for found in shown if found[1].level >= least]
            # the entries of a log differ in little but digits: what one of them did not say, the next does not
            words = _DIGITS.sub("", " ".join(link.message for link in chain))
            kind = (least, tuple(found.symptom for _, found in occurrences), words)
            if not occurrences or kind in silent:
                continue
            if (reading := _read(chain, occurrences)) is not None:
                return reading
            silent.add(kind)
    return None


def _read(chain: Sequence[ChainLink], occurrences: Sequence[tuple[int, Occurrence]]) -> Reading | None:
    """Return what the strongest occurrence says that counts and has causes."""
    trade = Trade.of(chain)
    admitted = [found for depth, found in occurrences if trade.admits(chain[depth].message, found.level, found.length)]
    circumstances = Circumstances(chain)
    for found in admitted:
        symptom = refined(found.symptom, circumstances)
        if causes := ranked(symptom, circumstances):
            return Reading(symptom, causes, chain)
    return None


def _shown(chain: Sequence[ChainLink], scanner: Scanner) -> list[tuple[int, Occurrence]]:
    """Return the symptoms that a chain shows, each with the depth of its exception, the strongest first.

    Of equally strong ones, those of the innermost exception come first, its last one before the others.
    """
    occurrences = [(depth, found) for depth, link in enumerate(chain) for found in scanner.occurrences_in(link.message)]
    return sorted(occurrences, key=lambda shown: (-shown[1].level, shown[0], -shown[1].position))

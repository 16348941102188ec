"""From chains of failures to the symptom and its ranked causes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ayx_diagnostics.explanation.causes import ranked, refined
from ayx_diagnostics.explanation.circumstances import Circumstances
from ayx_diagnostics.explanation.exception_chain import Failure
from ayx_diagnostics.explanation.symptom_scanner import Scanner, Sign
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
        chain: The failures that say so.
    """

    symptom: str
    causes: tuple[Cause, ...]
    chain: Sequence[Failure]


def read(chains: Sequence[Sequence[Failure]]) -> Reading | None:
    """Return what the last chain that says anything says; None if none does.

    Args:
        chains: The last one first, each innermost first.
    """
    scanner = Scanner("\n".join(failure.message for chain in chains for failure in chain))
    telling = [(chain, shown) for chain in chains if (shown := _shown(chain, scanner))]
    silent: set[tuple[int, tuple[str, ...], str]] = set()
    for least in (SENTENCE, AMBIGUOUS):
        for chain, shown in telling:
            signs = [sign for sign in shown if sign[1].level >= least]
            # the entries of a log differ in little but digits: what one of them did not say, the next does not
            words = _DIGITS.sub("", " ".join(failure.message for failure in chain))
            kind = (least, tuple(sign.symptom for _, sign in signs), words)
            if not signs or kind in silent:
                continue
            if (reading := _read(chain, signs)) is not None:
                return reading
            silent.add(kind)
    return None


def _read(chain: Sequence[Failure], signs: Sequence[tuple[int, Sign]]) -> Reading | None:
    """Return what the strongest sign says that counts and has causes."""
    trade = Trade.of(chain)
    admitted = [sign for depth, sign in signs if trade.admits(chain[depth].message, sign.level, sign.length)]
    circumstances = Circumstances(chain)
    for sign in admitted:
        symptom = refined(sign.symptom, circumstances)
        if causes := ranked(symptom, circumstances):
            return Reading(symptom, causes, chain)
    return None


def _shown(chain: Sequence[Failure], scanner: Scanner) -> list[tuple[int, Sign]]:
    """Return the signs of a chain, each with the depth of its exception, the strongest first.

    Of equally strong ones, those of the innermost exception come first, its last one before the others.
    """
    signs = [(depth, sign) for depth, failure in enumerate(chain) for sign in scanner.signs_in(failure.message)]
    return sorted(signs, key=lambda shown: (-shown[1].level, shown[0], -shown[1].position))

"""From chains of failures to the symptom and its ranked causes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ayx_diagnostics.explanation.causes import ranked, refined
from ayx_diagnostics.explanation.circumstances import circumstances_of
from ayx_diagnostics.explanation.failures import Failure
from ayx_diagnostics.explanation.signs import Scanner, Sign
from ayx_diagnostics.explanation.tables import AMBIGUOUS, SENTENCE, Cause
from ayx_diagnostics.explanation.unrelated import Trade

__all__ = ["Reading", "read"]


@dataclass(frozen=True, slots=True)
class Reading:
    """What a text says.

    Attributes:
        symptom: What happened to the client.
        causes: What can be behind it, most likely first, one row a code.
    """

    symptom: str
    causes: tuple[Cause, ...]


def read(chains: Sequence[Sequence[Failure]]) -> Reading | None:
    """Return what the last chain that says anything says; None if none does.

    Args:
        chains: The last one first, each innermost first.
    """
    scanner = Scanner("\n".join(failure.message for chain in chains for failure in chain))
    telling = [(chain, shown) for chain in chains if (shown := _shown(chain, scanner))]
    for least in (SENTENCE, AMBIGUOUS):
        for chain, shown in telling:
            symptom = _symptom(chain, [sign for sign in shown if sign[1].level >= least])
            if symptom is not None:
                circumstances = circumstances_of(chain)
                symptom = refined(symptom, circumstances)
                if causes := ranked(symptom, circumstances):
                    return Reading(symptom, causes)
    return None


def _shown(chain: Sequence[Failure], scanner: Scanner) -> list[tuple[int, Sign]]:
    """Return the signs of a chain, each with the depth of its exception, the strongest first.

    Of equally strong ones, those of the innermost exception come first, its last one before the others.
    """
    signs = [(depth, sign) for depth, failure in enumerate(chain) for sign in scanner.signs_in(failure.message)]
    return sorted(signs, key=lambda shown: (-shown[1].level, shown[0], -shown[1].position))


def _symptom(chain: Sequence[Failure], shown: Sequence[tuple[int, Sign]]) -> str | None:
    """Return the symptom of the strongest sign that counts."""
    if not shown:
        return None
    trade = Trade.of(chain)
    admitted = (sign for depth, sign in shown if trade.admits(chain[depth].message, sign.level, sign.length))
    return next((sign.symptom for sign in admitted), None)

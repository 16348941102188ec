"""What an error can mean: its matches in the catalogue, best first, and the library whose words it is in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from ayx_diagnostics.explanation.circumstances import NAMED_LIBRARIES, library_of
from ayx_diagnostics.explanation.exception_chain import ChainLink, of_exception, of_lines
from ayx_diagnostics.explanation.next_steps import steps_for
from ayx_diagnostics.explanation.paste import pieces, plain_lines
from ayx_diagnostics.explanation.ranking import Reading, read
from ayx_diagnostics.model import Confidence

__all__ = ["Explanation", "Match", "explain", "understand"]

#: From these weights on the text proves a cause, or makes it likely.
_CERTAIN, _LIKELY = 97, 60
#: So many of the last entries of a log may name the library.
_NEAR = 100


@dataclass(frozen=True, slots=True)
class Match:
    """One thing that an error can mean.

    Attributes:
        code: Of the catalogue.
        stage: The code's stage.
        confidence: ``certain`` only where the text alone proves it.
        why: What in the text points to it, as a sentence without anything of the text itself.
    """

    code: str
    stage: str
    confidence: Confidence
    why: str

    @property
    def next(self) -> tuple[str, ...]:
        """How to prove it: the command to run, then what tells it from the others."""
        return steps_for(self.code)


@dataclass(frozen=True, slots=True)
class Explanation:
    """What an error says.

    Attributes:
        matches: What it can mean, best first; empty if it is none that we know.
        library: The library whose words it is in, one of the contract's names.
    """

    matches: tuple[Match, ...]
    library: str | None

    def as_document(self) -> dict[str, Any]:
        """Return the JSON document of ``ayxctl explain --format json``."""
        return {
            "matches": [{**asdict(match), "next": list(match.next)} for match in self.matches],
            "library": self.library,
        }


def explain(error: BaseException | str) -> list[Match]:
    """Return what an error can mean, best first; an empty list if it is none that we know.

    Args:
        error: A live exception with whatever chain it has, or a text: a message, a traceback, a log.
    """
    return list(understand(error).matches)


def understand(error: BaseException | str) -> Explanation:
    """Return what an error can mean, and which library wrote it."""
    if isinstance(error, BaseException):
        return _explanation([of_exception(error)])
    last = Explanation((), None)
    for piece in pieces(error):
        found = _explanation(of_lines(plain_lines(piece)))
        if found.matches:
            return found
        last = last if last.library else found
    return last


def _explanation(chains: Sequence[Sequence[ChainLink]]) -> Explanation:
    reading = read(chains)
    nearest = [*([reading.chain] if reading else ()), *chains[:_NEAR]]
    library = next((name for chain in nearest if (name := library_of(chain)) in NAMED_LIBRARIES), None)
    return Explanation(_matches(reading) if reading else (), library)


def _matches(reading: Reading) -> tuple[Match, ...]:
    return tuple(
        Match(cause.code, cause.code.partition(".")[0], _confidence(cause.weight), cause.why)
        for cause in reading.causes
    )


def _confidence(weight: int) -> Confidence:
    return "certain" if weight >= _CERTAIN else "likely" if weight >= _LIKELY else "possible"

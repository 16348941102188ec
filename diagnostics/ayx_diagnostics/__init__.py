"""Why a script cannot reach Alteryx Server: probes, observations, rules, findings, reports.

``diagnose()`` walks the way a request walks and returns a :class:`~ayx_diagnostics.model.Report`; ``explain()`` says
what an exception or a pasted error can mean.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ayx_diagnostics.diagnosis import adiagnose, diagnose
    from ayx_diagnostics.explanation import Match, explain
    from ayx_diagnostics.model import Check, Finding, FixStep, Observation, Report, Target, Verdict

__all__ = [
    "Check",
    "Finding",
    "FixStep",
    "Match",
    "Observation",
    "Report",
    "Target",
    "Verdict",
    "adiagnose",
    "diagnose",
    "explain",
]

#: Public name -> the module that has it. Imported when a name is first used, so that ``ayxctl --version`` stays quick.
_HOMES = {
    **dict.fromkeys(("adiagnose", "diagnose"), "diagnosis"),
    **dict.fromkeys(("Match", "explain"), "explanation"),
    **dict.fromkeys(("Check", "Finding", "FixStep", "Observation", "Report", "Target", "Verdict"), "model"),
}


def __getattr__(name: str) -> object:
    """Import a public name when it is first used (PEP 562)."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})

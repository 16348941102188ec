"""Why a script cannot reach Alteryx Server: probes, observations, rules, findings, reports.

``diagnose()`` walks the way a request walks and returns a :class:`~ayx_diagnostics.model.Report`; ``explain()`` says
what an exception or a pasted error can mean.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

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

_HOMES = {
    **dict.fromkeys(("adiagnose", "diagnose"), "ayx_diagnostics.diagnosis"),
    **dict.fromkeys(("Match", "explain"), "ayx_diagnostics.explanation"),
}


def __getattr__(name: str) -> Any:
    """Import a public name on first use, so that ``ayxctl --version`` stays quick (PEP 562)."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(_HOMES.get(name, "ayx_diagnostics.model")), name)
    globals()[name] = value
    return value

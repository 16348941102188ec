"""The rules: pure functions from what was observed to what it means.

A rule is declared beside its function (``rule``), makes its findings with ``conclude`` (``conclusion``), and has its
place in the precedence of all rules (``order``); ``find`` runs them and keeps the root cause (``root_cause``). Rules
stand in the folder of their stage, beside the modules of evidence that they share. They never touch the network, the
clock or the environment, so a saved report can be judged again.
"""

from ayx_diagnostics.rules.order import RULES
from ayx_diagnostics.rules.root_cause import find

__all__ = ["RULES", "find"]

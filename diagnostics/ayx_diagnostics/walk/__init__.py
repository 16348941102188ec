"""The walk through the stages: which probe next, and what its outcome decides."""

from __future__ import annotations

from ayx_diagnostics.walk.session import OutOfTime, Session
from ayx_diagnostics.walk.stages import walk

__all__ = ["OutOfTime", "Session", "walk"]

"""What all reports say alike."""

from __future__ import annotations

from ayx_spec.diff.documents import Comparison

__all__ = ["headline", "unchanged"]


def headline(comparison: Comparison) -> str:
    """Return the counts as a line: `2 breaking, 5 need attention, 31 new`."""
    counts = comparison.counts
    needs = "needs" if counts["attention"] == 1 else "need"
    return f"{counts['breaking']} breaking, {counts['attention']} {needs} attention, {counts['addition']} new"


def unchanged(comparison: Comparison) -> str:
    """Return how much stays as it is, so that silence is visible, and what was not looked at."""
    operations, models = comparison.unchanged_operations, comparison.unchanged_models
    return (
        f"Unchanged: {operations} operation{'' if operations == 1 else 's'}, "
        f"{models} model{'' if models == 1 else 's'}. "
        "Not compared: descriptions, examples, constraints (lengths, ranges, patterns) and response headers."
    )

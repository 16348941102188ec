"""The command ``ayxctl``: the one place that mounts all the rooms."""

from ayx_diagnostics.command_line.entry_point import main

__all__ = ["main"]

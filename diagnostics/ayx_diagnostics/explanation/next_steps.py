"""What to do about a match: the command that proves it, and what to look for."""

from __future__ import annotations

from ayx_diagnostics import catalogue

__all__ = ["command_for", "steps_for"]


def command_for(code: str) -> str:
    """Return the command line that proves or refutes a code.

    Raises:
        KeyError: The catalogue has no such code.
    """
    entry = catalogue.entry(code)
    if entry.not_concluded:
        return f"ayxctl explain {code}"  # its page has the commands that show what no probe of ours can see
    return f"ayxctl diagnose --only {entry.proven_at}"


def steps_for(code: str) -> tuple[str, ...]:
    """Return the command, then what tells the code from its look-alikes.

    Raises:
        KeyError: The catalogue has no such code.
    """
    return command_for(code), catalogue.entry(code).evidence

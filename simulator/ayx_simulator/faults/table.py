"""All faults of the stand-in Server, their switches, and the two lists of them that people read."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ayx_simulator.server.switches import Fault, Switches

from . import api_faults, http_faults, token_faults

__all__ = ["FAULTS", "Faults", "lines", "markdown"]

#: name -> fault, in the order of the lists. A fault that is put here at run time is one like the others.
FAULTS: dict[str, Fault[Any, Any]] = {
    fault.name: fault for fault in (*token_faults.FAULTS, *api_faults.FAULTS, *http_faults.FAULTS)
}


class Faults(Switches):
    """The switches of all faults, all off."""

    def __init__(self) -> None:
        super().__init__(FAULTS)


def _arguments(fault: Fault[Any, Any]) -> str:
    """Return what the argument can be, the default if that is all that is known of it; empty if there is none."""
    return ("|".join(fault.arguments) or fault.default) if fault.default else ""


def lines() -> Iterator[str]:
    """Give the faults for the command line, one a line."""
    for fault in FAULTS.values():
        choices = f" [{arguments}]" if (arguments := _arguments(fault)) else ""
        yield f"{fault.name + choices:45} {fault.sentence}"


def markdown() -> Iterator[str]:
    """Give the faults for documentation, as the lines of a table."""
    yield "| Fault | Argument (default) | Where it acts | What the Server does |"
    yield "|---|---|---|---|"
    for fault in FAULTS.values():
        argument = ", ".join(fault.arguments or filter(None, [fault.default]))
        known = f"{argument} ({fault.default})" if fault.arguments else argument
        yield f"| `{fault.name}` | {known} | {fault.place.meaning} | {fault.sentence} |"

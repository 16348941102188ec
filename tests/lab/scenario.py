"""The shape of one scenario: a fault, what a plain script sees of it, and what the diagnosis has to say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from lab.faults import Fault

BASE = "https://ayx.lab.test/webapi"
#: The place of what a scenario breaks.
FAULT = "https://fault.lab.test/webapi"
#: How the name of a scenario begins that breaks two things at once, each of which would be a cause by itself.
SEVERAL_FAULTS = "two faults: "


@dataclass(frozen=True)
class Scenario:
    """One row of the table.

    Attributes:
        name: Unique; what the test is called. One with several causes at once begins with ``SEVERAL_FAULTS``.
        code: The verdict's code; ``None`` for a healthy one.
        why: What makes this the right verdict, or what it must not be mistaken for.
        plain: What ``plain_client.py`` prints; several alternatives are separated by ``|``. It proves that the fault
            really shows, before anybody diagnoses it.
        faults: What is done to the lab, in this order.
        url: The Server's address as given to the diagnosis.
        environment: Variables beside the credentials and the CA bundle. An empty value takes a variable away,
            and ``{root of VARIANT}`` stands for the file of the root certificate that a variant leads to.
        user: Whose credentials: ``curator``, ``artisan`` or ``viewer``.
        options: Further options of ``ayxctl diagnose``.
        exits: The exit code, if it is not what the status and the stage say.
        not_yet: Why the diagnosis does not get there yet; the test fails once it does, so that this line goes.
        status: The verdict's status if the code does not tell it.
        within_s: The verdict has to be there after this many seconds, Python's start included.
        finds: A code that is among the findings without being the verdict: what is worth knowing and harms nobody.
        under: The command that starts the program, where the fault is what the program may do: ``prlimit --nofile=8``.
    """

    name: str
    code: str | None
    why: str
    plain: str
    faults: tuple[Fault, ...] = ()
    url: str = BASE
    environment: Mapping[str, str] = field(default_factory=dict)
    user: str = "curator"
    options: tuple[str, ...] = ("--connect-timeout", "2", "--read-timeout", "3", "--max-time", "30")
    status: Literal["healthy", "degraded", "broken"] | None = None
    within_s: float | None = None
    exits: int | None = None
    not_yet: str | None = None
    finds: str | None = None
    under: tuple[str, ...] = ()

    @property
    def stage(self) -> str | None:
        """The stage that the code belongs to."""
        return None if self.code is None else self.code.partition(".")[0]

    @property
    def has_several_faults(self) -> bool:
        """Whether more than one cause is there; the scoreboard counts those apart."""
        return self.name.startswith(SEVERAL_FAULTS)

    @property
    def expected_status(self) -> str:
        """The verdict's status."""
        return self.status or ("healthy" if self.code is None else "broken")

    @property
    def exit_code(self) -> int:
        """What ``ayxctl diagnose`` exits with."""
        if self.exits is not None:
            return self.exits
        if self.expected_status != "broken":
            return 0
        return 2 if self.stage == "config" else 1

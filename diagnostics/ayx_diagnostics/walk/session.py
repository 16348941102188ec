"""What one diagnosis carries along: its network, its settings, its budget and the observations made so far."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from ayx_connection.redaction import Redactor

from ayx_diagnostics.model import STAGES, Observation, Stage, Target
from ayx_diagnostics.report.plain_text import plain

if TYPE_CHECKING:
    from ayx_connection.api_document import Surface
    from ayx_connection.settings import Settings

    from ayx_diagnostics.network.base import Task
    from ayx_diagnostics.network.interface import Network

__all__ = ["Family", "OutOfTime", "Session"]

T = TypeVar("T")

#: Address families to use: both, or only one of them.
Family = int | None

#: Less than this is worth no probe.
_LEAST_S = 0.05


class OutOfTime(Exception):  # noqa: N818  # names what happened; it ends the walk and never reaches a user
    """The budget of the run is used up; the verdict is made from what was seen so far."""


@dataclass
class Session:
    """One walk through the stages.

    Attributes:
        settings: The client's own settings; the walk follows them.
        target: What is examined.
        environ: The environment variables of the run.
        network: What the walk does to the world, and its clock.
        max_time_s: Budget of the whole run, in seconds.
        skip: Stages that the user does not want.
        last: The last stage that is examined.
        family: 4 or 6 to use only addresses of that family.
        reference_host: What the Server's reachability is compared with.
        known: What the Server's document and answers are compared with, if not with the client's own.
        idle_s: How long a connection is left alone and then used again, in seconds; None for not at all.
        progress: Told what is being waited for; ignores it by default.
    """

    settings: Settings
    target: Target
    environ: Mapping[str, str] = field(repr=False)
    network: Network
    max_time_s: float
    skip: frozenset[Stage] = frozenset()
    last: Stage = "api"
    family: Family = None
    reference_host: str | None = None
    idle_s: float | None = None
    known: Surface | None = None
    redactor: Redactor = field(default_factory=Redactor)
    progress: Callable[[str], None] = lambda _: None
    observations: list[Observation] = field(default_factory=list)
    ran_out_of_time: bool = False
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def record(self, observation: Observation) -> Observation:
        """Number an observation and keep it, without any secret that a peer may have echoed, and as plain text."""
        clean = replace(
            observation,
            target=self.redactor.text(observation.target),
            evidence=plain(self.redactor.json(observation.evidence)),
        )
        with self._lock:
            numbered = replace(clean, id=len(self.observations) + 1)
            self.observations.append(numbered)
        return numbered

    def wants(self, stage: Stage) -> bool:
        """Whether this stage is to be examined."""
        return stage not in self.skip and STAGES.index(stage) <= STAGES.index(self.last)

    # --- time ------------------------------------------------------------------------------------------------------

    @property
    def remaining_s(self) -> float:
        """Seconds left of the budget, never less than none."""
        return max(0.0, self.max_time_s - self.network.now())

    def within_budget(self, timeout_s: float) -> float:
        """Return the timeout, cut to what is left of the budget.

        Raises:
            OutOfTime: Nothing worth a probe is left.
        """
        left = self.remaining_s
        if left < min(timeout_s, _LEAST_S):
            self.ran_out_of_time = True
            raise OutOfTime
        return min(timeout_s, left)

    @property
    def connect_timeout_s(self) -> float:
        """The client's connect timeout within the budget."""
        return self.within_budget(self.settings.connect_timeout.value)

    @property
    def read_timeout_s(self) -> float:
        """The client's read timeout within the budget."""
        return self.within_budget(self.settings.read_timeout.value)

    @contextmanager
    def until_out_of_time(self) -> Iterator[None]:
        """End a part of the walk quietly when the budget is used up."""
        try:
            yield
        except OutOfTime:
            self.ran_out_of_time = True

    # --- side by side ----------------------------------------------------------------------------------------------

    def begin(self, part: Callable[[], T]) -> Task[T | None]:
        """Begin a part of the walk beside the rest; a budget that is used up ends it quietly, with None."""
        return self.network.start(partial(self._in_budget, part))

    def _in_budget(self, part: Callable[[], T]) -> T | None:
        with self.until_out_of_time():
            return part()
        return None

    def join(self, tasks: Sequence[Task[T]], within_s: float) -> list[T | None]:
        """Wait for tasks, and return their results in order; None where one has not ended in time.

        Raises:
            Exception: The first unexpected error of a task: it is a defect, and no verdict.
        """
        self.network.wait_for(lambda: all(task.done for task in tasks), within_s)
        return [task.result() if task.done else None for task in tasks]

    def side_by_side(self, parts: Sequence[Callable[[], T]], within_s: float) -> list[T | None]:
        """Do parts of the walk at the same time; see :meth:`begin` and :meth:`join`."""
        return self.join([self.begin(part) for part in parts], within_s)

    # --- what the user wants ---------------------------------------------------------------------------------------

    def matches_family(self, address: str) -> bool:
        """Whether an address is of a family that the user wants."""
        return self.family is None or (":" in address) == (self.family == 6)  # noqa: PLR2004  # IP version

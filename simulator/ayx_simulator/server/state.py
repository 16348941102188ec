"""What the stand-in Server holds, in memory."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from .records import ObjectIds, Record, written_date

__all__ = ["Job", "State", "package"]

#: Status while a job is polled: once it waits, once it runs, then it is through.
_POLLED = ("Queued", "Running", "Completed")
_FINAL = ("Completed", "Cancelled")


@dataclass(slots=True)
class Job:
    """One run of a workflow.

    Attributes:
        id: Its id.
        workflow_id: What it runs.
        owner_id: Who asked for it.
        created: When.
        priority: ``Default`` to ``Critical``.
        worker_tag: Which worker it wants; empty for any.
        questions: Answers for an analytic app.
        ends_in: Disposition once it is through: ``Success`` or ``Error``.
        status: As last worked out.
        polls: How often its status was asked for.
    """

    id: str
    workflow_id: str
    owner_id: str
    created: datetime
    priority: str = "Default"
    worker_tag: str = ""
    questions: list[Record] = field(default_factory=list)
    ends_in: str = "Success"
    status: str = "Queued"
    polls: int = 0

    @property
    def disposition(self) -> str:
        """How it went; ``None`` (the word) until it is through."""
        return self.ends_in if self.status == "Completed" else "None"


class State:
    """Everything that calls read and change, one dictionary of records by id for each kind.

    Args:
        now: The simulator's clock.
        job_duration_s: How long a job takes: a third of it queued, then running. ``None`` lets a job advance one step
            with every question about it.
    """

    def __init__(self, now: Callable[[], datetime], job_duration_s: float | None = None) -> None:
        self.now = now
        self.job_duration_s = job_duration_s
        self.ids = ObjectIds(now)
        self.users: dict[str, Record] = {}
        self.user_groups: dict[str, Record] = {}
        self.subscriptions: dict[str, Record] = {}
        self.workflows: dict[str, Record] = {}
        self.packages: dict[str, tuple[str, bytes]] = {}
        self.collections: dict[str, Record] = {}
        self.schedules: dict[str, Record] = {}
        self.insights: dict[str, Record] = {}
        self.credentials: dict[str, Record] = {}
        self.data_connections: dict[str, Record] = {}
        self.dcm_connections: dict[str, Record] = {}
        self.handling_rules: dict[str, Record] = {}
        self.jobs: dict[str, Job] = {}
        self.input_files: dict[str, bytes] = {}
        self.usage_events = b""

    @property
    def written_now(self) -> str:
        """This moment, as the Server writes it."""
        return written_date(self.now())

    def polled(self, job: Job) -> Job:
        """Let a job advance, because somebody asks for its status."""
        if self.job_duration_s is not None:
            return self.by_time(job)
        if job.status not in _FINAL:
            job.polls += 1
            job.status = _POLLED[min(job.polls, len(_POLLED)) - 1]
        return job

    def by_time(self, job: Job) -> Job:
        """Let a job advance by the clock alone, which listings do."""
        if job.status not in _FINAL and self.job_duration_s is not None:
            elapsed_s = (self.now() - job.created).total_seconds()
            step = int(3 * elapsed_s / self.job_duration_s) if self.job_duration_s > 0 else len(_POLLED)
            job.status = _POLLED[0] if step < 1 else _POLLED[1] if step < len(_POLLED) else _POLLED[2]
        return job

    def versions_of(self, workflow: Record) -> list[Record]:
        """Return the versions of a workflow, oldest first."""
        versions: list[Record] = workflow["versions"]
        return versions

    def published_version(self, workflow: Record) -> Record:
        """Return the version that runs."""
        wanted = workflow["publishedVersionId"]
        return next(version for version in self.versions_of(workflow) if version["versionId"] == wanted)


def package(name: str) -> bytes:
    """Return a minimal workflow package: a zip archive with one workflow."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        entry = zipfile.ZipInfo(f"{name}.yxmd", (2025, 3, 10, 14, 18, 36))
        archive.writestr(
            entry, '<?xml version="1.0"?>\n<AlteryxDocument yxmdVer="2025.1"><Nodes /></AlteryxDocument>\n'
        )
    return buffer.getvalue()

"""Running a workflow and fetching what it made: what takes more than one call.

Single calls are functions of ``ayx_client``. A job's output files can be fetched only through version 1 of the API, in
every Server known; so jobs are followed there as well.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ayx_client import saving
from ayx_client.paths import segment

from ayx_connection.answers import words_of
from ayx_connection.failures import JobError, JobFailedError, JobTimeoutError
from ayx_connection.transport import json_of, raise_for_status
from ayx_connection.transport.exception_contents import errors_alone
from ayx_connection.transport.exceptions import reading

if TYPE_CHECKING:
    from ayx_connection.client import Server

__all__ = ["Job", "JobOutput", "run_workflow", "save_output", "save_package", "wait_for_job"]

#: Documents and answers disagree on the words, so that all of them are known here; compared in lower case.
_ENDED = frozenset({"completed", "complete", "cancelled", "canceled", "error"})
_UNSUCCESSFUL = frozenset({"cancelled", "canceled", "error"})
_FIRST_PAUSE_S = 0.5
#: The last messages of a job tell why it failed.
_MOST_MESSAGES = 3


@dataclass(frozen=True)
class JobOutput:
    """One output of a job.

    Attributes:
        id: Id of the output.
        name: Name of the file, if the Server says so.
        formats: Formats in which it can be fetched.
    """

    id: str
    name: str | None
    formats: tuple[str, ...]


@dataclass(frozen=True)
class Job:
    """A job as the Server described it.

    Attributes:
        id: Id of the job.
        status: ``Queued``, ``Running``, ``Completed`` … A completed job need not be a successful one.
        disposition: ``Success``, ``Warning`` or ``Error`` once it has ended, ``None`` before.
        outputs: Its outputs.
        raw: The whole answer.
    """

    id: str
    status: str | None
    disposition: str | None
    outputs: tuple[JobOutput, ...]
    raw: Mapping[str, Any] = field(repr=False)

    @property
    def has_ended(self) -> bool:
        """Whether its status will not change any more."""
        return (self.status or "").lower() in _ENDED

    @property
    def is_unsuccessful(self) -> bool:
        """Whether it ended without success: cancelled, or with an error."""
        return self.has_ended and bool({(self.status or "").lower(), (self.disposition or "").lower()} & _UNSUCCESSFUL)


@errors_alone
def run_workflow(
    server: Server, workflow_id: str, answers: Mapping[str, str] | None = None, *, priority: str | None = None
) -> Job:
    """Put a workflow in the queue (``POST v1/workflows/{id}/jobs``).

    Args:
        server: What ``connect()`` returned.
        workflow_id: Id of the workflow.
        answers: Answers to its questions, by name of the question.
        priority: ``Low``, ``Medium``, ``High`` or ``Critical``; the Server's default otherwise.

    Returns:
        The job, usually ``Queued``.

    Raises:
        ValueError: The id does not stay one segment of the path.
        StatusError: The Server refused; also an ``httpx.HTTPStatusError``.
    """
    body: dict[str, object] = {"questions": [{"name": n, "value": v} for n, v in (answers or {}).items()]}
    if priority is not None:
        body["priority"] = priority
    response = server.request("POST", f"/v1/workflows/{segment('workflow_id', workflow_id)}/jobs", json=body)
    return _read_job(json_of(response))


@errors_alone
def wait_for_job(
    server: Server,
    job_id: str,
    *,
    deadline_s: float = 3600.0,
    poll_s: float = 10.0,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> Job:
    """Wait until a job has ended (``GET v1/jobs/{id}``).

    Args:
        server: What ``connect()`` returned.
        job_id: Id of the job.
        deadline_s: How long to wait at most, in seconds.
        poll_s: Pause between two questions, in seconds; the first pauses are shorter.
        clock: Monotonic seconds.
        sleep: How to pause.

    Returns:
        The job, ended with success or a warning.

    Raises:
        ValueError: The id does not stay one segment of the path.
        JobFailedError: It was cancelled or ended with an error.
        JobTimeoutError: It has not ended in time; it goes on running.
        StatusError: The Server refused to tell; also an ``httpx.HTTPStatusError``.
    """
    where = f"/v1/jobs/{segment('job_id', job_id)}"
    end = clock() + deadline_s
    pause = min(_FIRST_PAUSE_S, poll_s)
    while True:
        response = server.request("GET", where, params={"includeMessages": "true"})
        job = _read_job(json_of(response))
        if job.is_unsuccessful:
            status, disposition = (words_of(text, server.redactor) for text in (job.status, job.disposition))
            said = (words_of(text, server.redactor) for text in _messages(job)[-_MOST_MESSAGES:])
            message = f"job {job_id} ended as {status}/{disposition}: "
            message += ", ".join(filter(None, said)) or "the Server gave no message"
            raise JobFailedError(message, job_id=job_id, status=status)
        if job.has_ended:
            return job
        left = end - clock()
        if left <= 0:
            status = words_of(job.status, server.redactor)
            message = f"job {job_id} is still {status} after {deadline_s:g} s; it goes on running"
            raise JobTimeoutError(message, job_id=job_id, status=status)
        sleep(min(pause, left))
        pause = min(pause * 2, poll_s)


@errors_alone
def save_output(server: Server, job_id: str, output_id: str, path: Path, *, output_format: str = "Raw") -> Path:
    """Save an output of a job to a file, without holding it in memory.

    Args:
        server: What ``connect()`` returned.
        job_id: Id of the job.
        output_id: Id of the output.
        path: The file, which appears only when it is complete; or a folder, in which it gets the name that the Server
            gives it.
        output_format: One of the output's ``formats``.

    Returns:
        The file.

    Raises:
        ValueError: An id does not stay one segment of the path.
        StatusError: The Server refused; also an ``httpx.HTTPStatusError``.
        ContentError: What came is no output in that format, but a sign-in page for example.
        FileExistsError: The folder has a file of that name.
    """
    where = f"/v1/jobs/{segment('job_id', job_id)}/output/{segment('output_id', output_id)}"
    return _save(server, where, {"format": output_format}, path, "application/octet-stream")


@errors_alone
def save_package(server: Server, workflow_id: str, path: Path) -> Path:
    """Save a workflow's package (.yxzp) to a file (``GET v3/workflows/{id}/package``).

    Args:
        server: What ``connect()`` returned.
        workflow_id: Id of the workflow.
        path: The file; or a folder, in which it gets the name that the Server gives it.

    Returns:
        The file.

    Raises:
        ValueError: The id does not stay one segment of the path.
        StatusError: The Server refused; also an ``httpx.HTTPStatusError``.
        ContentError: What came is no package, but a sign-in page for example.
        FileExistsError: The folder has a file of that name.
    """
    return _save(server, f"/v3/workflows/{segment('workflow_id', workflow_id)}/package", {}, path, "application/zip")


def _save(server: Server, where: str, params: Mapping[str, str], path: Path, accepted: str) -> Path:
    """Stream an answer into a file beside the target, and give it its name when it is complete."""
    with server.get_httpx_client().stream("GET", where, params=dict(params), headers={"Accept": "*/*"}) as response:
        if not response.is_success:
            response.read()
            raise_for_status(response)
        with reading(response.request, server.route, server.redactor):
            return saving.save(response, path, accepted)


def _read_job(answer: object) -> Job:
    if not isinstance(answer, dict) or not isinstance(answer.get("id"), str):
        raise JobError("the Server's answer describes no job", job_id="", status=None)
    outputs = tuple(_read_output(output) for output in _list(answer.get("outputs")) if isinstance(output, dict))
    return Job(answer["id"], _text(answer.get("status")), _text(answer.get("disposition")), outputs, answer)


def _list(value: object) -> list[Any]:
    """Return a list of an answer; one value alone is a list of it, none is an empty one."""
    return value if isinstance(value, list) else [] if value is None else [value]


def _text(value: object) -> str | None:
    return value if value is None or isinstance(value, str) else str(value)


def _read_output(output: Mapping[str, Any]) -> JobOutput:
    """Read an output; its format list and name are called differently in version 3."""
    formats = _list(output.get("formats") or output.get("availableFormats"))
    return JobOutput(
        str(output.get("id")), _text(output.get("name") or output.get("fileName")), tuple(map(str, formats))
    )


def _messages(job: Job) -> list[str]:
    messages = _list(job.raw.get("messages"))
    return [str(message["text"]) for message in messages if isinstance(message, dict) and message.get("text")]

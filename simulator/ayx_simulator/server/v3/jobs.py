"""Running a workflow, and watching the run."""

from __future__ import annotations

from typing import Any

from ayx_simulator.server.http_errors import ApiError, not_found, refused
from ayx_simulator.server.operations import Call, acts_out
from ayx_simulator.server.records import Record, written_date
from ayx_simulator.server.state import Job

from .workflows import visible_workflow

#: Every output of the made-up workflows can be had in these formats.
FORMATS = ("Csv", "Xlsx", "Yxdb")
_LONG_AGO = "0001-01-01T00:00:00Z"


def messages(job: Job) -> list[Record]:
    """What the engine says; ``toolId`` -1 speaks for the workflow as a whole."""
    if job.status != "Completed":
        return []
    if job.ends_in == "Error":
        return [{"status": 3, "text": 'The field "Region" is missing.', "toolId": 7}]
    return [{"status": 1, "text": "Finished in 0.2 seconds", "toolId": -1}]


def output_id(job: Job) -> str:
    """Return the id of a job's only output."""
    return f"{job.id[:-2]}0f"


def enqueue(call: Call) -> Job:
    """Put a run into the queue."""
    workflow = visible_workflow(call)
    if not workflow["othersCanExecute"] and not call.is_curator and workflow["ownerId"] != call.user.user_id:
        raise ApiError(403, None)
    body: Record = call.body or {}
    job = Job(
        call.state.ids.new(),
        workflow["id"],
        call.user.user_id,
        call.state.now(),
        priority=body.get("priority") or "Default",
        worker_tag=body.get("workerTag") or "",
        questions=body.get("questions") or [],
        ends_in=workflow["endsIn"],
    )
    call.state.jobs[job.id] = job
    workflow["runCount"] += 1
    return job


def found_job(call: Call) -> Job:
    """Return the job that the path names, if it is the user's own or the user is a Curator.

    Raises:
        ApiError: 404.
    """
    job = call.state.jobs.get(call.path[0].lower())
    if job is None or not (call.is_curator or job.owner_id == call.user.user_id):
        raise not_found()
    return job


def _view(job: Job, *, with_messages: bool) -> Record:
    done = job.status == "Completed" and job.ends_in != "Error"
    return {
        "id": job.id,
        "appId": job.workflow_id,
        "createDateTime": written_date(job.created),
        "status": job.status,
        "disposition": job.disposition,
        "outputs": [{"id": output_id(job), "availableFormats": list(FORMATS), "fileName": "output"}] if done else [],
        "messages": messages(job) if with_messages else [],
        "priority": job.priority,
        "workerTag": job.worker_tag,
        "runWithE2": True,
    }


@acts_out("POST /v3/workflows/{workflowId}/jobs")
def run_workflow(call: Call) -> Any:
    """Run; the answer says ``Queued``."""
    return _view(enqueue(call), with_messages=True)


@acts_out("GET /v3/jobs/{jobId}")
def get_job(call: Call) -> Any:
    """One job; ``Completed`` does not mean that it went well, ``disposition`` tells."""
    return _view(call.state.polled(found_job(call)), with_messages=call.flag("includeMessages", default=True))


@acts_out("DELETE /v3/jobs/{jobId}")
def cancel_job(call: Call) -> None:
    """Cancel what waits or runs."""
    job = call.state.by_time(found_job(call))
    if job.status in ("Completed", "Cancelled"):
        raise refused("The job is not queued or running.")
    job.status = "Cancelled"


@acts_out("GET /v3/jobs/{jobId}/messages")
def get_messages(call: Call) -> Any:
    """A list, though the document promises one message."""
    found = messages(call.state.by_time(found_job(call)))
    return found if call.quirks else (found or [{}])[0]


def jobs_of_workflow(call: Call) -> list[Job]:
    """Return the jobs of the workflow in the path, in the order and the part that the query asks for."""
    workflow = visible_workflow(call)
    jobs = [call.state.by_time(job) for job in call.state.jobs.values() if job.workflow_id == workflow["id"]]
    if not call.is_curator:
        jobs = [job for job in jobs if job.owner_id == call.user.user_id]
    status, result = call.query("status").lower(), call.query("resultCode").lower()
    # The filter says Complete where the answers say Completed.
    wanted = {"complete": "completed"}.get(status, status)
    jobs = [job for job in jobs if wanted in ("", job.status.lower()) and result in ("", job.disposition.lower())]
    jobs.sort(key=lambda job: (job.created, job.id), reverse=call.query("direction").lower() == "desc")
    return call.page(jobs)


@acts_out("GET /v3/workflows/{workflowId}/jobs")
def list_jobs_of_workflow(call: Call) -> Any:
    """The one V3 list without an envelope that knows ``offset`` and ``limit``."""
    return [
        {
            "id": job.id,
            "createDate": written_date(job.created),
            "status": job.status,
            "priority": job.priority,
            "workerTag": job.worker_tag,
            "runWithE2": True,
        }
        for job in jobs_of_workflow(call)
    ]


def _choices(call: Call, name: str) -> set[str]:
    """Read a comma list; the filter says Complete where the answers say Completed."""
    chosen = {each.strip().lower() for each in call.query(name).split(",")} - {""}
    return chosen | {"completed"} if "complete" in chosen else chosen


@acts_out("GET /v3/jobs")
def list_jobs(call: Call) -> Any:
    """The only V3 list in an envelope with page numbers."""
    jobs = [call.state.by_time(job) for job in call.state.jobs.values()]
    if not call.flag("allUsers"):
        jobs = [job for job in jobs if job.owner_id == call.user.user_id]
    priorities, statuses = _choices(call, "priorities"), _choices(call, "statuses")
    jobs = [
        job
        for job in jobs
        if (not priorities or job.priority.lower() in priorities) and (not statuses or job.status.lower() in statuses)
    ]
    part: list[Job] = call.page(jobs)
    size = int(call.query("limit") or 0) or max(len(jobs), 1)
    pages = max(-(-len(jobs) // size), 1)
    current = int(call.query("offset") or 0) // size + 1
    pagination = {
        "currentPage": current,
        "pageSize": size,
        "totalItems": len(jobs),
        "totalPages": pages,
        "hasNextPage": current < pages,
        "hasPreviousPage": current > 1,
    }
    return {"data": [_summary(call, job) for job in part], "pagination": pagination}


def _summary(call: Call, job: Job) -> Record:
    workflow = call.state.workflows.get(job.workflow_id, {})
    return {
        "jobId": job.id,
        "status": job.status,
        "workflowName": workflow.get("name", ""),
        "workflowId": job.workflow_id,
        "submittedBy": call.state.users.get(job.owner_id, {}).get("email", ""),
        "startTime": _LONG_AGO if job.status == "Queued" else written_date(job.created),
        "queueTime": written_date(job.created),
        "executionTime": "00:00:00.2000000" if job.status == "Completed" else "00:00:00",
        "priority": job.priority,
    }

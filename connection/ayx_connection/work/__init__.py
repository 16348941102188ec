"""What takes more than one call: running a workflow and fetching what it made."""

from __future__ import annotations

from ayx_connection.work.jobs import Job, JobOutput, run_workflow, save_output, save_package, wait_for_job

__all__ = [
    "Job",
    "JobOutput",
    "run_workflow",
    "save_output",
    "save_package",
    "wait_for_job",
]

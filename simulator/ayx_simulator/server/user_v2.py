"""The V2 user and admin APIs, as far as they are more than V1 under another path."""

from __future__ import annotations

from typing import Any

from .http_errors import refused
from .operations import Call, acts_out
from .records import pick
from .v1 import job_view
from .v3.credentials import accessible
from .v3.jobs import enqueue

__all__: list[str] = []


@acts_out("GET /user/v2/credentials")
def shared_credentials(call: Call) -> Any:
    """What is shared with the user."""
    return [pick(each, ("id", "userName")) for each in accessible(call).values()]


@acts_out("POST /user/v2/workflows/{appId}/jobs")
def run_workflow(call: Call) -> Any:
    """Run with a credential."""
    return job_view(enqueue(call))


@acts_out("POST /user/v2/inputfiles")
def upload_input_file(call: Call) -> Any:
    """Take a file for a File Browse question; the answer is what to give as its value."""
    uploaded = call.request.files.get("file")
    if uploaded is None:
        raise refused(model_state={"file": ["The file field is required."]})
    file_id = call.state.ids.new()
    call.state.input_files[file_id] = uploaded.read()
    return file_id


@acts_out("GET /admin/v2/subscriptions")
def subscriptions(call: Call) -> Any:
    """All studios, paged."""
    return call.page(
        [
            {
                "active": True,
                "expirationDate": "",
                "name": each["name"],
                "defaultWorkflowCredentialId": each["credentialId"],
                "id": each["id"],
            }
            for each in call.state.subscriptions.values()
        ]
    )

"""Usage events, exchanged as files with Alteryx One."""

from __future__ import annotations

from typing import Any

from werkzeug.wrappers import Response

from ayx_simulator.server.http_errors import ApiError, refused
from ayx_simulator.server.operations import Call, acts_out


@acts_out("GET /v3/usage")
def get_usage(call: Call) -> Any:
    """The file of events; 404 if there are none."""
    if not call.state.usage_events:
        raise ApiError(404, None)
    headers = {"Content-Disposition": 'attachment; filename="usage.json"'}
    return Response(call.state.usage_events, content_type="application/octet-stream", headers=headers)


@acts_out("POST /v3/usage")
def clean_up(call: Call) -> None:
    """Take the answer of Alteryx One and delete what it has counted."""
    if call.request.files.get("file") is None:
        raise refused(model_state={"file": ["The file field is required."]})
    call.state.usage_events = b""

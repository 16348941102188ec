"""What is wrong behind a good token: with the user, the resources and what they answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ayx_simulator.server import places
from ayx_simulator.server.http_errors import ApiError, http_sys_error, not_authorized
from ayx_simulator.server.pages import foreign_host
from ayx_simulator.server.switches import Fault

from .schema_drift import drifted

if TYPE_CHECKING:
    from werkzeug.wrappers import Request, Response

__all__ = ["FAULTS"]


def _unauthorized(_role: str, _argument: str) -> str:
    raise not_authorized()


def _allowed_host(request: Request, allowed: str) -> Response | None:
    name = request.host.rpartition("]")[0] + "]" if request.host.startswith("[") else request.host.partition(":")[0]
    if name.lower() == allowed.lower():
        return None
    return http_sys_error(400, "Bad Request - Invalid Hostname", "The request hostname is invalid.")


def _no_resource(request: Request, _argument: str) -> Response:
    message = f"No HTTP resource was found that matches the request URI '{request.base_url}'."
    return ApiError(404, {"message": message}).response()


FAULTS: tuple[Fault[Any, Any], ...] = (
    Fault("api.unauthorized", "Every API call is 401, whatever the token.", places.ROLE, _unauthorized),
    Fault(
        "api.role_insufficient",
        "Every user counts as Viewer: what needs a higher role is 401.",
        places.ROLE,
        lambda _role, _: "Viewer",
    ),
    Fault(
        "api.host_not_allowed",
        "Only the given Host is answered, any other is 400 (Allowed Hosts).",
        places.ARRIVAL,
        _allowed_host,
        "alteryx.example.com",
        precedence=5,
    ),
    Fault(
        "api.not_found",
        "Every API path is 404; the token endpoint and the documents work.",
        places.RESOURCE,
        _no_resource,
        precedence=1,
    ),
    Fault(
        "api.not_alteryx",
        "Some other web server answers: nothing on it is Alteryx.",
        places.ARRIVAL,
        lambda request, _: foreign_host(request.path),
        precedence=4,
    ),
    Fault(
        "api.server_error",
        "Every API call is 500.",
        places.RESOURCE,
        lambda _request, _: ApiError(500, {"message": "An error has occurred."}).response(),
    ),
    Fault(
        "api.schema_drift",
        "Answers do not fit the document.",
        places.OPERATION,
        lambda answer, what: drifted(answer.response, answer.operation, what),
        "all",
        ("field", "enum", "required", "all"),
    ),
)

"""The resources below the Web API address: find the operation, check token, role and body, then answer."""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, NoReturn
from urllib.parse import unquote

from werkzeug.wrappers import Request, Response

from . import user_v2, v1, v3
from .documents import Documents, Operation
from .generations import Generation
from .http_errors import ApiError, json_response, not_authorized, refused
from .operations import ACTED_OUT, Call
from .places import AUTHORIZATION, OPERATION, ROLE, OperationAnswer
from .records import ApiUser
from .roles import may_call
from .samples import sample
from .state import State
from .switches import Switches
from .token_endpoint import TokenEndpoint
from .validation import model_state, query_state

__all__ = ["Api"]

#: The modules that act operations out; importing them fills the register.
ROOMS = (v1, v3, user_v2)
_JSON_TYPES = ("application/json", "text/json")
_FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True, slots=True)
class _Route:
    segments: tuple[str, ...]
    operation: Operation

    def matches(self, segments: tuple[str, ...]) -> tuple[str, ...] | None:
        """Return the values of the path's parameters, ``None`` if the path is another."""
        if len(segments) != len(self.segments):
            return None
        values = []
        for wanted, given in zip(self.segments, segments, strict=True):
            if wanted.startswith("{"):
                values.append(given)
            elif wanted != given.lower():
                return None
        return tuple(values)


class Api:
    """The resources.

    Args:
        documents: Which operations there are, and what their bodies and answers look like.
        tokens: Which tokens are good.
        faults: The simulator's switches.
        quirks: Whether answers deviate from the document where those of the real Server do.
    """

    def __init__(self, documents: Documents, tokens: TokenEndpoint, faults: Switches, *, quirks: bool) -> None:
        self._tokens = tokens
        self._faults = faults
        self._quirks = quirks
        operations = {operation.key: operation for operation in documents.operations()}
        elsewhere = documents.keys_elsewhere()
        for key, (method, path, _) in ACTED_OUT.items():
            if key not in elsewhere:
                operations.setdefault(key, Operation(method, path))
        self._generation = Generation.among(documents.definitions, documents.other_definitions)
        routes = [_Route(_segments(operation.path.lower()), operation) for operation in operations.values()]
        # A literal segment goes before a parameter: /connections/lookup before /connections/{Id}.
        self._routes = sorted(routes, key=lambda route: [segment.startswith("{") for segment in route.segments])

    def answer(self, state: State, request: Request, path: str, node: str) -> Response:
        """Answer one call.

        Args:
            state: What the Server holds.
            request: The request.
            path: Its path below the base path, such as ``/v3/users``.
            node: The address of this host that was called.

        Raises:
            ApiError: The Server refuses the call.
        """
        operation, values = self._operation(request, path)
        user = self._user(request, path, node)
        if not may_call(user.role, operation.key):
            raise not_authorized()
        body = _body(request, operation)
        acted = ACTED_OUT.get(operation.key)
        if acted is None:
            response = _sampled(operation)
        else:
            secure = request.scheme == "https"
            call = Call(state, user, request, values, body, self._quirks, secure)
            response = self._generation.answer(acted[2](call), operation, full_view=call.full_view)
        return self._faults.instead(OPERATION, OperationAnswer(response, operation), path) or response

    def _operation(self, request: Request, path: str) -> tuple[Operation, tuple[str, ...]]:
        segments = _segments(path)
        found = [(route, values) for route in self._routes if (values := route.matches(segments)) is not None]
        for route, values in found:
            if route.operation.method == request.method:
                return route.operation, values
        if found:
            message = f"The requested resource does not support http method '{request.method}'."
            allow = ", ".join(sorted({route.operation.method for route, _ in found}))
            raise ApiError(HTTPStatus.METHOD_NOT_ALLOWED, {"message": message}, {"Allow": allow})
        message = f"No HTTP resource was found that matches the request URI '{request.base_url}'."
        raise ApiError(HTTPStatus.NOT_FOUND, {"message": message})

    def _user(self, request: Request, path: str, node: str) -> ApiUser:
        authorization = self._faults.change(AUTHORIZATION, request.headers.get("Authorization", ""), path)
        user = self._tokens.user_of(authorization, node)
        if user is None:
            raise not_authorized()
        return dataclasses.replace(user, role=self._faults.change(ROLE, user.role, path))


def _segments(path: str) -> tuple[str, ...]:
    return tuple(unquote(segment) for segment in path.split("/") if segment)


def _body(request: Request, operation: Operation) -> Any:
    """Decode the body and hold it against the contract.

    Raises:
        ApiError: 415 for a media type without a formatter, 400 for a body or query that does not fit.
    """
    problems = query_state(request.args, operation.parameters("query"))
    body: Any = None
    if operation.uploads:
        if request.mimetype != "multipart/form-data" or "boundary" not in request.mimetype_params:
            _unsupported(request.mimetype)
        for parameter in operation.parameters("formData"):
            if parameter.get("required") and not (request.form.get(parameter["name"]) or parameter["type"] == "file"):
                problems[parameter["name"]] = [f"The {parameter['name']} field is required."]
        body = dict(request.form)
    elif request.get_data():
        body = _decoded(request)
    for parameter in operation.parameters("body"):
        if body is not None or parameter.get("required"):
            problems |= model_state(body, parameter["schema"], operation.definitions, parameter["name"])
    if problems:
        raise refused(model_state=problems)
    return body


def _decoded(request: Request) -> Any:
    if request.mimetype == _FORM:
        return dict(request.form)
    if request.mimetype not in _JSON_TYPES:
        _unsupported(request.mimetype)
    try:
        return json.loads(request.get_data())
    except ValueError:
        raise refused() from None


def _unsupported(media_type: str) -> NoReturn:
    message = f"The request entity's media type '{media_type}' is not supported for this resource."
    raise ApiError(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, {"message": message})


def _sampled(operation: Operation) -> Response:
    status, schema = operation.success
    if schema is None:
        return Response(b"", status)
    if _is_file(operation.definition, schema):
        return Response(b"", status, content_type="application/octet-stream")
    return json_response(sample(schema, operation.definitions), status)


def _is_file(definition: Mapping[str, Any], schema: Mapping[str, Any]) -> bool:
    produced = [re.sub(r"\s", "", each) for each in definition.get("produces", ())]
    return schema.get("type") == "file" or produced == ["application/octet-stream"]

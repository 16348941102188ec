"""Errors in the words of the Server: ASP.NET Web API's HttpError, and plain strings where the Server has those."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import TYPE_CHECKING

from .responses import response

if TYPE_CHECKING:
    from werkzeug.wrappers import Response

__all__ = [
    "NO_STORE",
    "ApiError",
    "http_sys_error",
    "json_response",
    "not_authorized",
    "not_found",
    "oauth2_error",
    "refused",
]

#: What the token endpoint sends with every answer.
NO_STORE: Mapping[str, str] = {"Cache-Control": "no-cache", "Pragma": "no-cache", "Expires": "-1"}

#: What ASP.NET Web API answers for a missing, unknown or expired token and, on this Server, for a missing role.
_DENIED = "Authorization has been denied for this request."
_INVALID = "The request is invalid."


class ApiError(Exception):
    """A call that the Server refuses.

    Args:
        status: HTTP status code.
        body: What is sent as JSON; ``None`` for an empty body.
        headers: Further header fields.
    """

    def __init__(self, status: int, body: object, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(f"HTTP {status}")
        self.status = status
        self.body = body
        self.headers = dict(headers or {})

    def response(self) -> Response:
        """Return the answer."""
        if self.body is None:
            return response(b"", self.status, self.headers)
        return json_response(self.body, self.status, self.headers)


def json_response(body: object, status: int = HTTPStatus.OK, headers: Mapping[str, str] | None = None) -> Response:
    """Return a JSON answer as the Server writes them: UTF-8, no blanks, dates and ids as they are."""
    data = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
    answer = response(data, status, content_type="application/json; charset=utf-8")
    answer.headers.update(headers or {})
    return answer


def not_authorized() -> ApiError:
    """401: the token is missing, unknown or expired, or the user's role is too low."""
    return ApiError(HTTPStatus.UNAUTHORIZED, {"message": _DENIED}, {"WWW-Authenticate": "Bearer"})


def not_found(what: str = "") -> ApiError:
    """404, with a message or, as often on the Server, with an empty body."""
    return ApiError(HTTPStatus.NOT_FOUND, {"message": what} if what else None)


def refused(message: str = _INVALID, model_state: Mapping[str, Sequence[str]] | None = None) -> ApiError:
    """400: ``InvalidRequestResponseBody`` of the document, ``modelState`` only if a field is at fault."""
    body: dict[str, object] = {"message": message}
    if model_state:
        body["modelState"] = {field: list(messages) for field, messages in model_state.items()}
    return ApiError(HTTPStatus.BAD_REQUEST, body)


def oauth2_error(code: str, status: int = HTTPStatus.BAD_REQUEST) -> Response:
    """Return an error of the token endpoint (RFC 6749 5.2)."""
    answer = json_response({"error": code}, status, NO_STORE)
    if status == HTTPStatus.UNAUTHORIZED:
        answer.headers["WWW-Authenticate"] = "Basic"
    return answer


def http_sys_error(status: int, reason: str, text: str) -> Response:
    """Return the page of http.sys, which answers where no program of the machine has claimed the address."""
    page = (
        '<!DOCTYPE HTML PUBLIC "-//W3C//DTD HTML 4.01//EN""http://www.w3.org/TR/html4/strict.dtd">\r\n'
        f"<HTML><HEAD><TITLE>{reason}</TITLE>\r\n"
        '<META HTTP-EQUIV="Content-Type" Content="text/html; charset=us-ascii"></HEAD>\r\n'
        f"<BODY><h2>{reason}</h2>\r\n<hr><p>HTTP Error {status}. {text}</p>\r\n</BODY></HTML>\r\n"
    )
    return response(page, status, content_type="text/html; charset=us-ascii")

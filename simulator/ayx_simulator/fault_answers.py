"""The faults that replace or damage an answer, in the order in which a request meets them."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from email.utils import formatdate

from werkzeug.wrappers import Request, Response

from .faults import Faults
from .server.http_errors import ApiError, http_sys_error, json_response
from .server.http_server import BrokenResponse
from .server.pages import foreign_host, html, sign_in_page

__all__ = ["LOGIN_PATH", "damaged", "instead", "instead_of_resource", "instead_of_token"]

LOGIN_PATH = "/sso/signin"
_GATEWAY_REASONS: Mapping[str, str] = {
    "502": "Bad Gateway",
    "503": "Service Temporarily Unavailable",
    "504": "Gateway Time-out",
}
_HUGE_FIELD_LENGTH = 200_000

_Answer = Callable[[Request, str], Response | None]


def _gateway(_request: Request, status: str) -> Response:
    reason = _GATEWAY_REASONS[status]
    page = html(f"{status} {reason}", f"<center><h1>{status} {reason}</h1></center><hr><center>nginx</center>")
    page.status_code = int(status)
    page.headers.update({"Server": "nginx", "Via": "1.1 gateway.example.com"})
    return page


def _maintenance(_request: Request, _argument: str) -> Response:
    page = html("Scheduled maintenance", "<h1>We will be back soon</h1><p>Scheduled maintenance.</p>", 503)
    page.headers["Retry-After"] = "3600"
    return page


def _foreign_page(_request: Request, _argument: str) -> Response:
    page = html("Company portal", "<h1>Company portal</h1>")
    page.headers["Server"] = "portal"
    return page


def _block_page(_request: Request, _argument: str) -> Response:
    page = html("Access Denied", "<h1>Access Denied</h1><p>Blocked by your organisation's web policy.</p>", 403)
    page.headers.update({"Server": "webfilter", "Via": "1.1 webfilter.example.com"})
    return page


def _to_sign_in(request: Request, _argument: str) -> Response:
    if request.path == LOGIN_PATH:
        return sign_in_page()
    return Response(b"", 302, {"Location": f"{LOGIN_PATH}?returnUrl=%2F", "Set-Cookie": "sso=pending; Path=/"})


def _to_itself(request: Request, _argument: str) -> Response:
    return Response(b"", 302, {"Location": request.path})


def _rate_limited(_request: Request, seconds: str) -> Response:
    page = html("429 Too Many Requests", "<center><h1>429 Too Many Requests</h1></center>", 429)
    page.headers["Retry-After"] = seconds
    return page


def _never(_request: Request, _argument: str) -> Response:
    return BrokenResponse(Response(b""), None, "hold")


def _fin(_request: Request, _argument: str) -> Response:
    return BrokenResponse(Response(b""), None, "close")


def _reset(_request: Request, _argument: str) -> Response:
    return BrokenResponse(Response(b""), None, "reset")


def _other_product(request: Request, _argument: str) -> Response:
    return foreign_host(request.path)


def _allowed_host(request: Request, allowed: str) -> Response | None:
    name = request.host.rpartition("]")[0] + "]" if request.host.startswith("[") else request.host.partition(":")[0]
    if name.lower() == allowed.lower():
        return None
    return http_sys_error(400, "Bad Request - Invalid Hostname", "The request hostname is invalid.")


_INSTEAD: Mapping[str, _Answer] = {
    "http.read_timeout": _never,
    "http.no_response_fin": _fin,
    "http.reset_after_request": _reset,
    "http.gateway_5xx": _gateway,
    "http.maintenance": _maintenance,
    "http.rate_limited": _rate_limited,
    "http.block_page": _block_page,
    "http.redirect_to_login": _to_sign_in,
    "http.redirect_loop": _to_itself,
    "http.html_instead_of_json": _foreign_page,
    "api.not_alteryx": _other_product,
    "api.host_not_allowed": _allowed_host,
}


def _redirected(request: Request, status: str) -> Response | None:
    # A load balancer that wants a slash at the end, where the endpoint then works: only that most clients ask for it
    # with GET, without the form (RFC 9110 15.4.2).
    if request.path.endswith("/"):
        return None
    return Response(b"", int(status), {"Location": f"{request.path}/"})


def _no_token(_request: Request, kind: str) -> Response:
    return sign_in_page() if kind == "html" else json_response({"status": "ok"})


def _exception(_request: Request, _argument: str) -> Response:
    return ApiError(500, {"message": "An error has occurred."}).response()


def _throttled(_request: Request, status: str) -> Response:
    return json_response({"message": "Too many requests."}, int(status), {"Retry-After": "30"})


def _forbidden(_request: Request, _argument: str) -> Response:
    page = html("403 Forbidden", "<center><h1>403 Forbidden</h1></center><hr><center>nginx</center>", 403)
    page.headers["Server"] = "nginx"
    return page


_INSTEAD_OF_TOKEN: Mapping[str, _Answer] = {
    "token.timeout": _never,
    "token.method_changed_by_redirect": _redirected,
    "token.forbidden": _forbidden,
    "token.throttled": _throttled,
    "token.server_error": _exception,
    "token.not_json": _no_token,
}


def _no_resource(request: Request, _argument: str) -> Response:
    message = f"No HTTP resource was found that matches the request URI '{request.base_url}'."
    return ApiError(404, {"message": message}).response()


_INSTEAD_OF_RESOURCE: Mapping[str, _Answer] = {
    "api.server_error": _exception,
    "api.not_found": _no_resource,
}


def _first(table: Mapping[str, _Answer], faults: Faults, request: Request) -> Response | None:
    for name, answer in table.items():
        argument = faults.met(name, request.path)
        if argument is not None and (response := answer(request, argument)) is not None:
            return response
    return None


def instead(faults: Faults, request: Request) -> Response | None:
    """Return what is answered whatever was asked, if such a fault is on."""
    return _first(_INSTEAD, faults, request)


def instead_of_token(faults: Faults, request: Request) -> Response | None:
    """Return what the token endpoint answers instead of working, if such a fault is on."""
    return _first(_INSTEAD_OF_TOKEN, faults, request)


def instead_of_resource(faults: Faults, request: Request) -> Response | None:
    """Return what every resource answers, if such a fault is on."""
    return _first(_INSTEAD_OF_RESOURCE, faults, request)


def damaged(faults: Faults, request: Request, response: Response) -> Response:
    """Damage a finished answer, if such a fault is on."""
    skew_s = faults.met("local.clock_skew", request.path)
    if skew_s is not None:
        response.headers["Date"] = formatdate(time.time() + float(skew_s), usegmt=True)
    if faults.met("http.header_too_large", request.path) is not None:
        response.headers["Set-Cookie"] = f"session={'x' * _HUGE_FIELD_LENGTH}"
    if faults.met("http.bad_encoding", request.path) is not None:
        response.headers["Content-Encoding"] = "gzip"
    half = len(response.get_data()) // 2
    if faults.met("http.body_cut", request.path) is not None:
        return BrokenResponse(response, half, "close")
    if faults.met("http.body_stall", request.path) is not None:
        return BrokenResponse(response, half, "hold")
    return response

"""What stands between client and Server, or breaks off there: gateways, filters, other sites, and a wrong clock."""

from __future__ import annotations

import time
from collections.abc import Mapping
from email.utils import formatdate
from typing import TYPE_CHECKING, Any

from ayx_simulator.server import places
from ayx_simulator.server.pages import html, sign_in_page
from ayx_simulator.server.responses import broken, response
from ayx_simulator.server.switches import Fault

if TYPE_CHECKING:
    from werkzeug.wrappers import Request, Response

__all__ = ["FAULTS"]

_LOGIN_PATH = "/sso/signin"
_GATEWAY_REASONS: Mapping[str, str] = {
    "502": "Bad Gateway",
    "503": "Service Temporarily Unavailable",
    "504": "Gateway Time-out",
}
_HUGE_FIELD_LENGTH = 200_000


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
    if request.path == _LOGIN_PATH:
        return sign_in_page()
    return response(b"", 302, {"Location": f"{_LOGIN_PATH}?returnUrl=%2F", "Set-Cookie": "sso=pending; Path=/"})


def _rate_limited(_request: Request, seconds: str) -> Response:
    page = html("429 Too Many Requests", "<center><h1>429 Too Many Requests</h1></center>", 429)
    page.headers["Retry-After"] = seconds
    return page


def _not_gzip(answer: Response, _argument: str) -> Response:
    answer.headers["Content-Encoding"] = "gzip"
    return answer


def _huge_field(answer: Response, _argument: str) -> Response:
    answer.headers["Set-Cookie"] = f"session={'x' * _HUGE_FIELD_LENGTH}"
    return answer


def _other_clock(answer: Response, skew_s: str) -> Response:
    answer.headers["Date"] = formatdate(time.time() + float(skew_s), usegmt=True)
    return answer


def _half(answer: Response) -> int:
    return len(answer.get_data()) // 2


FAULTS: tuple[Fault[Any, Any], ...] = (
    Fault(
        "http.gateway_5xx",
        "A gateway in front cannot reach the Server.",
        places.ARRIVAL,
        _gateway,
        "502",
        tuple(_GATEWAY_REASONS),
        precedence=1,
    ),
    Fault(
        "http.maintenance",
        "A maintenance page (503, Retry-After) instead of everything.",
        places.ARRIVAL,
        _maintenance,
        precedence=1,
    ),
    Fault(
        "http.html_instead_of_json",
        "A 200 HTML page instead of everything.",
        places.ARRIVAL,
        _foreign_page,
        precedence=3,
    ),
    Fault(
        "http.block_page",
        "A web filter's 403 page instead of everything.",
        places.ARRIVAL,
        _block_page,
        precedence=2,
    ),
    Fault(
        "http.wrong_base_path",
        "The Web API lives under another path; the host's root and /gallery are Alteryx.",
        places.BASE_PATH,
        lambda _base, moved: moved,
        "/alteryx/webapi",
    ),
    Fault(
        "http.redirect_to_login",
        "Everything is redirected to a sign-in page on the same host.",
        places.ARRIVAL,
        _to_sign_in,
        precedence=2,
    ),
    Fault(
        "http.redirect_loop",
        "Everything is redirected to itself.",
        places.ARRIVAL,
        lambda request, _: response(b"", 302, {"Location": request.path}),
        precedence=2,
    ),
    Fault(
        "http.rate_limited",
        "Everything is 429 with Retry-After.",
        places.ARRIVAL,
        _rate_limited,
        "30",
        precedence=1,
    ),
    Fault(
        "http.auth_header_stripped",
        "A gateway drops the Authorization field of every request.",
        places.AUTHORIZATION,
        lambda _authorization, _: "",
    ),
    Fault("http.bad_encoding", "Answers say that they are gzip, and are not.", places.HEADERS, _not_gzip),
    Fault("http.header_too_large", "Answers carry a header field of 200 kB.", places.HEADERS, _huge_field),
    Fault(
        "http.body_cut",
        "Half of the body comes, then the connection ends.",
        places.BODY,
        lambda answer, _: broken(answer, _half(answer), "close"),
    ),
    Fault(
        "http.body_stall",
        "Half of the body comes, then nothing.",
        places.BODY,
        lambda answer, _: broken(answer, _half(answer), "hold"),
    ),
    Fault(
        "http.read_timeout",
        "Requests are read and never answered.",
        places.ARRIVAL,
        lambda _request, _: broken(None, None, "hold"),
    ),
    Fault(
        "http.no_response_fin",
        "Requests are read, then the connection ends without an answer.",
        places.ARRIVAL,
        lambda _request, _: broken(None, None, "close"),
    ),
    Fault(
        "http.reset_after_request",
        "Requests are read, then the connection is reset.",
        places.ARRIVAL,
        lambda _request, _: broken(None, None, "reset"),
    ),
    Fault(
        "local.clock_skew",
        "The Date of every answer is off by the given number of seconds.",
        places.HEADERS,
        _other_clock,
        "900",
    ),
)
